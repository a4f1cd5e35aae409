"""The lesson in which a window shrinks a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.lessons import entries, window_controls
from simulator.lessons.controls import ChoiceControl, Option, RealControl, Settings
from simulator.lessons.image_input import IMAGE_CONTROLS, IMAGE_SETTINGS, image_array
from simulator.lessons.lesson import Lesson, LessonState
from simulator.traces.pooling import POOLING_KINDS, PoolingKind, PoolingTrace, pooling_trace

Array = NDArray[Any]

SECTION = "Pooling"
_KINDS = {kind.id: kind for kind in POOLING_KINDS}

KIND = ChoiceControl(
    name="kind",
    label="Kind",
    section=SECTION,
    options=tuple(Option(kind.id, kind.label) for kind in POOLING_KINDS),
    default="max",
    help="What is kept of each window.",
)


def chosen_kind(settings: Settings) -> PoolingKind:
    """Return the kind of pooling."""
    return _KINDS[KIND.of(settings)]


def slides(settings: Settings) -> bool:
    """Return whether the window is smaller than the picture and moves."""
    return not chosen_kind(settings).covers_all


WINDOW = replace(
    window_controls.SIZE,
    name="window",
    label="Window",
    section=SECTION,
    default=2,
    shown=slides,
)
STRIDE = replace(window_controls.STRIDE, section=SECTION, default=2, shown=slides)
PADDING = replace(
    window_controls.PADDING,
    section=SECTION,
    maximum=WINDOW.maximum - 1,
    shown=slides,
    help="Cells around the picture that are never chosen and never counted.",
)
ORDER = RealControl(
    name="order",
    label="Order p",
    section=SECTION,
    default=2.0,
    minimum=1.0,
    maximum=16.0,
    causes=("order",),
    shown=lambda settings: chosen_kind(settings).takes_order,
    help="1 adds the sizes up; the larger p, the closer to the maximum.",
)
SEED = replace(
    window_controls.SEED,
    section=SECTION,
    shown=lambda settings: chosen_kind(settings).takes_draws,
    help="The draws follow from it: the same seed gives the same choices.",
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (H, W, C) of a state."""
    return {"input": image_array(state)}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> PoolingTrace:
    """Return the trace; raises ``GeometryError`` where the sizes don't fit."""
    x, kind = given["input"], chosen_kind(settings)
    geometry = WindowGeometry.whole(x.shape[:2])
    if slides(settings):
        geometry = WindowGeometry.pooling(
            x.shape[:2],
            window=WINDOW.of(settings),
            stride=STRIDE.of(settings),
            padding=PADDING.of(settings),
        )
    draws = None
    if kind.takes_draws:
        rng = np.random.default_rng(SEED.of(settings))
        draws = rng.random((*geometry.output_size, x.shape[2]), dtype=np.float32)
    order = ORDER.of(settings) if kind.takes_order else None
    return pooling_trace(kind.id, x, geometry=geometry, backend=backend, order=order, draws=draws)


LESSON = Lesson(
    entry=entries.POOLING,
    controls=(*IMAGE_CONTROLS, KIND, WINDOW, STRIDE, PADDING, ORDER, SEED),
    remakes={"input": IMAGE_SETTINGS},
    arrays=arrays,
    build=build,
    scene="window",
    text="pooling",
    noticed=lambda state, _: KIND.of(state.settings),
)
