"""The lesson in which a window shrinks a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.lessons import entries
from simulator.lessons.controls import (
    ChoiceControl,
    IntegerControl,
    Option,
    PaddingControl,
    RealControl,
    Settings,
)
from simulator.lessons.image_input import IMAGE_SETTINGS, image_array, image_controls
from simulator.lessons.lesson import Lesson, LessonState, integer
from simulator.traces.pooling import POOLING_KINDS, PoolingKind, PoolingTrace, pooling_trace

Array = NDArray[Any]

_KINDS = {kind.id: kind for kind in POOLING_KINDS}


def _kind(settings: Settings) -> PoolingKind:
    return _KINDS[str(settings["kind"])]


def _slides(settings: Settings) -> bool:
    return not _kind(settings).covers_all


CONTROLS = (
    *image_controls(picture="flower", size=64),
    ChoiceControl(
        name="kind",
        label="Kind",
        section="Pooling",
        options=tuple(Option(kind.id, kind.label) for kind in POOLING_KINDS),
        default="max",
        help="What is kept of each window.",
    ),
    IntegerControl(
        name="window",
        label="Window",
        section="Pooling",
        default=2,
        minimum=1,
        maximum=15,
        causes=("kernel_size",),
        shown=_slides,
        help="Rows and columns of the window.",
    ),
    IntegerControl(
        name="stride",
        label="Stride",
        section="Pooling",
        default=2,
        minimum=1,
        maximum=16,
        causes=("stride",),
        shown=_slides,
        help="How far the window moves from one output cell to the next.",
    ),
    PaddingControl(
        name="padding",
        label="Padding",
        section="Pooling",
        maximum=14,
        causes=("padding",),
        shown=_slides,
        help="Cells around the picture that are never chosen and never counted.",
    ),
    RealControl(
        name="order",
        label="Order p",
        section="Pooling",
        default=2.0,
        minimum=1.0,
        maximum=16.0,
        causes=("order",),
        shown=lambda settings: _kind(settings).takes_order,
        help="1 adds the sizes up; the larger p, the closer to the maximum.",
    ),
    IntegerControl(
        name="seed",
        label="Seed",
        section="Pooling",
        default=0,
        minimum=0,
        maximum=9999,
        shown=lambda settings: _kind(settings).takes_draws,
        help="The draws follow from it: the same seed gives the same choices.",
    ),
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (H, W, C) of a state."""
    return {"input": image_array(state)}


def build(given: dict[str, Array], settings: Settings, backend: Backend) -> PoolingTrace:
    """Return the trace; raises ``GeometryError`` where the sizes don't fit."""
    x, kind = given["input"], _kind(settings)
    if _slides(settings):
        geometry = WindowGeometry.pooling(
            x.shape[:2],
            window=integer(settings, "window"),
            stride=integer(settings, "stride"),
            padding=settings["padding"],  # type: ignore[arg-type]  # the control has checked it
        )
    else:
        geometry = WindowGeometry.whole(x.shape[:2])
    draws = None
    if kind.takes_draws:
        rng = np.random.default_rng(integer(settings, "seed"))
        draws = rng.random((*geometry.output_size, x.shape[2]), dtype=np.float32)
    return pooling_trace(
        kind.id,
        x,
        geometry=geometry,
        backend=backend,
        order=float(settings["order"]) if kind.takes_order else None,  # type: ignore[arg-type]
        draws=draws,
    )


POOLING = Lesson(
    entry=entries.POOLING,
    controls=CONTROLS,
    remakes={"input": IMAGE_SETTINGS},
    arrays=arrays,
    build=build,
    scene="window",
    text="pooling",
    noticed=lambda settings: str(settings["kind"]),
)
