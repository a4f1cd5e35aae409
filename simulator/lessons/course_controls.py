"""The controls of lessons that watch an autoencoder learn, or look at what it has learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.autoencoder_layers import (
    CONVOLUTIONAL,
    DEEP,
    DENSE,
    LINEAR,
    TIED,
    VARIATIONAL,
)
from simulator.lessons.compression_data import DIGITS, MOST_SAMPLES, OWN, SETS
from simulator.lessons.controls import (
    ChoiceControl,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.draws_panel import MOST_UNITS
from simulator.traces.staged import layout_of

Array = NDArray[Any]

MOST_CODE = 64
"""A code has up to so many numbers, and a slider for each."""
LARGEST_CODE_VALUE = 12.0
STOPS = tuple(round(at / 20, 2) for at in range(-240, 241))
"""A slider goes from one of these to the next."""

PICTURE = ChoiceControl(
    name="picture",
    label="Pictures",
    section="Pictures",
    options=SETS,
    default=DIGITS,
    help="What the network learns to draw again.",
)
PICTURE_OR_OWN = replace(
    PICTURE,
    options=(*SETS, OWN),
    help="What the network learns to draw again. Your own picture (open, paste) is shown to one "
    "that has learned digits.",
)
SAMPLE = IntegerControl(
    name="sample",
    label="From number",
    section="Pictures",
    default=0,
    minimum=0,
    maximum=MOST_SAMPLES - 8,
    help="Which pictures are shown: this one and those after it.",
)
VARIANT = ChoiceControl(
    name="variant",
    label="Layers",
    section="Network",
    options=(
        Option(DENSE, "Dense"),
        Option(DEEP, "Dense, deeper"),
        Option(TIED, "Tied weights"),
        Option(CONVOLUTIONAL, "Convolutional"),
        Option(LINEAR, "Linear"),
        Option(VARIATIONAL, "Variational"),
    ),
    default=DEEP,
    help="What lies before and after the code.",
)
CODE = IntegerControl(
    name="code",
    label="Code",
    section="Network",
    default=2,
    minimum=1,
    maximum=MOST_CODE,
    help="How many numbers a picture is squeezed into. With two there is a map of them.",
)
ACTIVATION = ChoiceControl(
    name="activation",
    label="Activation",
    section="Network",
    options=tuple(Option(name, name) for name in ("tanh", "relu", "sigmoid")),
    default="tanh",
    segmented=True,
    shown=lambda settings: settings["variant"] != LINEAR,
    help="What the hidden layers make of their sums.",
)
DIVERGENCE = RealControl(
    name="divergence",
    label="KL weight",
    section="Training",
    default=0.002,
    minimum=0.0,
    maximum=1.0,
    shown=lambda settings: settings["variant"] == VARIATIONAL,
    help="How much the code’s distance from the normal distribution counts beside the error.",
)
SPARSITY = RealControl(
    name="sparsity",
    label="Sparsity",
    section="Training",
    default=0.0,
    minimum=0.0,
    maximum=1.0,
    shown=lambda settings: settings["variant"] != VARIATIONAL,
    help="How much the code’s L1 norm counts beside the error: it drives numbers to zero.",
)
EPOCHS = IntegerControl(
    name="epochs",
    label="Epochs",
    section="Training",
    default=30,
    minimum=1,
    maximum=100,
    help="How often the network sees all pictures.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Training",
    default=0,
    minimum=0,
    maximum=9999,
    help="The first weights, the order of the pictures and the noise follow from it.",
)

TOLD_FROM = IntegerControl(
    name="told_from",
    label="Table from z",
    section="Code",
    default=1,
    minimum=1,
    maximum=MOST_CODE,
    shown=lambda settings: settings["variant"] == VARIATIONAL and _units(settings) > MOST_UNITS,
    help="Which numbers of the code the table of draws tells of: this one and those after it.",
)


def _units(settings: Settings) -> int:
    units = settings["code"]
    assert isinstance(units, int)
    return units


def _slider(number: int) -> RealControl:
    return RealControl(
        name=f"z{number}",
        label=f"z{number}",
        section="Code",
        default=0.0,
        minimum=-LARGEST_CODE_VALUE,
        maximum=LARGEST_CODE_VALUE,
        stops=STOPS,
        shown=lambda settings: number <= _units(settings),
        help="One number of the code: the decoder answers at once.",
    )


SLIDERS = tuple(_slider(number) for number in range(1, MOST_CODE + 1))


def point(settings: Settings) -> Array:
    """Return the code (h, w) that the sliders say."""
    code = CODE.of(settings)
    values = [slider.of(settings) for slider in SLIDERS[:code]]
    return np.array(values, dtype=np.float32).reshape(layout_of(code))


def with_point(settings: Settings, values: Array) -> dict[str, Any]:
    """Return settings whose sliders say a code (K,), within their bounds."""
    changed = dict(settings)
    for slider, value in zip(SLIDERS, values, strict=False):
        changed[slider.name] = round(
            min(max(float(value), -LARGEST_CODE_VALUE), LARGEST_CODE_VALUE), 3
        )
    return changed
