"""The lesson in which a kernel slides over a picture."""

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
    PaddingControl,
    RealControl,
    Settings,
)
from simulator.lessons.image_input import IMAGE_SETTINGS, image_array, image_controls
from simulator.lessons.kernels import KERNEL_OPTIONS, filters
from simulator.lessons.lesson import Lesson, LessonState, integer
from simulator.traces.convolution import ConvolutionTrace

Array = NDArray[Any]

PRESET = ChoiceControl(
    name="preset",
    label="Preset",
    section="Kernel",
    options=KERNEL_OPTIONS,
    default="sobel_x",
    each_of="filters",
    help="The weights of the filter on view. Type over any cell to change it.",
)

CONTROLS = (
    *image_controls(picture="flower", size=64),
    PRESET,
    IntegerControl(
        name="kernel_size",
        label="Size",
        section="Kernel",
        default=3,
        minimum=1,
        maximum=15,
        causes=("kernel_size",),
        help="Rows and columns of the kernel.",
    ),
    IntegerControl(
        name="stride",
        label="Stride",
        section="Kernel",
        default=1,
        minimum=1,
        maximum=16,
        causes=("stride",),
        help="How far the window moves from one output cell to the next.",
    ),
    IntegerControl(
        name="dilation",
        label="Dilation",
        section="Kernel",
        default=1,
        minimum=1,
        maximum=8,
        causes=("dilation",),
        help="The distance between the input cells that one window reads.",
    ),
    PaddingControl(
        name="padding",
        label="Padding",
        section="Kernel",
        maximum=32,
        causes=("padding",),
        help="Zeros around the picture: none (valid), as many as keep its size (same), or P.",
    ),
    IntegerControl(
        name="filters",
        label="Filters",
        section="Kernel",
        default=1,
        minimum=1,
        maximum=32,
        causes=("filters",),
        help="Each filter has its own kernel and makes its own feature map.",
    ),
    RealControl(
        name="bias",
        label="Bias",
        section="Kernel",
        default=0.0,
        minimum=-1000.0,
        maximum=1000.0,
        help="Added to every output cell.",
    ),
    IntegerControl(
        name="seed",
        label="Seed",
        section="Kernel",
        default=0,
        minimum=0,
        maximum=9999,
        shown=lambda settings: "random" in presets(settings),
        help="The random weights follow from it: the same seed gives the same weights.",
    ),
)


def presets(settings: Settings) -> tuple[str, ...]:
    """Return the preset of each filter."""
    chosen = settings["preset"]
    return PRESET.following(
        chosen if isinstance(chosen, tuple) else (str(chosen),), integer(settings, "filters")
    )


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (H, W, C), kernel (K, K, C, F) and bias (F,) of a state."""
    settings = state.settings
    image = image_array(state)
    count = integer(settings, "filters")
    return {
        "input": image,
        "kernel": filters(
            presets(settings),
            size=integer(settings, "kernel_size"),
            channels=image.shape[2],
            seed=integer(settings, "seed"),
        ),
        "bias": np.full(count, settings["bias"], dtype=np.float32),
    }


def build(given: dict[str, Array], settings: Settings, backend: Backend) -> ConvolutionTrace:
    """Return the trace; raises ``GeometryError`` where the sizes don't fit."""
    geometry = WindowGeometry.convolution(
        given["input"].shape[:2],
        kernel_size=integer(settings, "kernel_size"),
        stride=integer(settings, "stride"),
        padding=settings["padding"],  # type: ignore[arg-type]  # the control has checked it
        dilation=integer(settings, "dilation"),
    )
    return ConvolutionTrace(
        given["input"], given["kernel"], given["bias"], geometry=geometry, backend=backend
    )


CONVOLUTION = Lesson(
    entry=entries.CONVOLUTION,
    controls=CONTROLS,
    remakes={
        "input": IMAGE_SETTINGS,
        "kernel": frozenset({"preset", "kernel_size", "channels", "filters", "seed"}),
        "bias": frozenset({"bias", "filters"}),
    },
    arrays=arrays,
    build=build,
    scene="window",
    text="convolution",
    noticed=lambda settings: presets(settings)[0],
    weights_name=lambda settings, index: PRESET.label_of(presets(settings)[index]).split(",")[0],
)
