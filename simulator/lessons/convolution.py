"""The lesson in which a kernel slides over a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.lessons import entries, window_controls
from simulator.lessons.channels import MOST_MAPS
from simulator.lessons.controls import (
    ChoiceControl,
    Control,
    IntegerControl,
    Option,
    RealControl,
    Settings,
)
from simulator.lessons.image_input import CHANNELS, IMAGE_CONTROLS, IMAGE_SETTINGS, image_array
from simulator.lessons.kernels import KERNEL_OPTIONS, filters
from simulator.lessons.lesson import FROM_LAB, Lesson, LessonState, StateError
from simulator.traces.convolution import ConvolutionTrace
from simulator.traces.formula import Message

Array = NDArray[Any]

SECTION = "Kernel"

PRESET = ChoiceControl(
    name="preset",
    label="Preset",
    section=SECTION,
    options=(*KERNEL_OPTIONS, Option(FROM_LAB, "From the lab", opened=True)),
    default="sobel_x",
    each_of="filters",
    help="The weights of the filter on view. Type over any cell to change it.",
)


def _made_here(settings: Settings) -> bool:
    """Return whether no filter is from the lab: those bring size, channels and biases."""
    return FROM_LAB not in presets(settings)


SIZE = replace(
    window_controls.SIZE,
    section=SECTION,
    shown=_made_here,
    help="Rows and columns of the kernel.",
)
STRIDE = replace(window_controls.STRIDE, section=SECTION)
DILATION = IntegerControl(
    name="dilation",
    label="Dilation",
    section=SECTION,
    default=1,
    minimum=1,
    maximum=8,
    causes=("dilation",),
    help="The distance between the input cells that one window reads.",
)
PADDING = replace(
    window_controls.PADDING,
    section=SECTION,
    help="Zeros around the picture: none (valid), as many as keep its size (same), or P.",
)
FILTERS = IntegerControl(
    name="filters",
    label="Filters",
    section=SECTION,
    default=1,
    minimum=1,
    maximum=MOST_MAPS,
    causes=("filters",),
    help="Each filter has its own kernel and makes its own feature map.",
)
BIAS = RealControl(
    name="bias",
    label="Bias",
    section=SECTION,
    default=0.0,
    minimum=-1000.0,
    maximum=1000.0,
    shown=_made_here,
    help="Added to every output cell.",
)
SEED = replace(
    window_controls.SEED,
    section=SECTION,
    shown=lambda settings: "random" in presets(settings),
    help="The random weights follow from it: the same seed gives the same weights.",
)


def presets(settings: Settings) -> tuple[str, ...]:
    """Return the preset of each filter."""
    return PRESET.each(settings, FILTERS.of(settings))


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the input (H, W, C), kernel (K, K, C, F) and bias (F,) of a state.

    Raises:
        StateError: filters from the lab read more channels than the picture has.
    """
    settings = state.settings
    image = image_array(state)
    chosen = presets(settings)
    kernel_there = state.came("kernel")
    if FROM_LAB in chosen and kernel_there is not None and kernel_there.shape[2] != image.shape[2]:
        raise StateError(
            f"The filters from the lab read {kernel_there.shape[2]} channels, and this picture has "
            f"{image.shape[2]}: choose other filters first, or the picture from the lab.",
            parameter="picture",
        )
    kernel = filters(
        tuple("identity" if preset == FROM_LAB else preset for preset in chosen),
        size=SIZE.of(settings),
        channels=image.shape[2],
        seed=SEED.of(settings),
    )
    bias = np.full(FILTERS.of(settings), BIAS.of(settings), dtype=np.float32)
    for name, made in (("kernel", kernel), ("bias", bias)):
        came = state.came(name)
        for at, preset in enumerate(chosen):
            if preset == FROM_LAB and came is not None and at < came.shape[-1]:
                made[..., at] = came[..., at]
    return {"input": image, "kernel": kernel, "bias": bias}


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> ConvolutionTrace:
    """Return the trace; raises ``GeometryError`` where the sizes don't fit."""
    geometry = WindowGeometry.convolution(
        given["input"].shape[:2],
        kernel_size=SIZE.of(settings),
        stride=STRIDE.of(settings),
        padding=PADDING.of(settings),
        dilation=DILATION.of(settings),
    )
    return ConvolutionTrace(
        given["input"], given["kernel"], given["bias"], geometry=geometry, backend=backend
    )


def noticed(state: LessonState, filter_index: int) -> str:
    """Return the preset that a filter still has: of other weights the text can't know."""
    edited = state.has_edits("kernel", filter_index)
    return "" if edited else presets(state.settings)[filter_index]


def weights_name(state: LessonState, filter_index: int) -> Message:
    """Return what the kernel of a filter is called."""
    preset = noticed(state, filter_index)
    if preset == FROM_LAB:
        return Message("lab")  # stands beside a size and a channel
    return Message(PRESET.label_of(preset).split(",")[0] if preset else "edited")


def _reading_kernel(control: Control) -> Control:
    """Return a control of the picture: its channels are as many as a kernel from the lab reads."""
    if control is not CHANNELS:
        return control
    return replace(CHANNELS, shown=lambda each: CHANNELS.shown(each) and _made_here(each))


LESSON = Lesson(
    entry=entries.CONVOLUTION,
    controls=(
        *(_reading_kernel(control) for control in IMAGE_CONTROLS),
        *(PRESET, SIZE, STRIDE, DILATION, PADDING, FILTERS, BIAS, SEED),
    ),
    # The number of filters is not among them: more filters leave the first as they are.
    remakes={
        "input": IMAGE_SETTINGS,
        "kernel": frozenset({"preset", "kernel_size", "channels", "seed"}),
        "bias": frozenset({"bias"}),
    },
    arrays=arrays,
    build=build,
    scene="window",
    text="convolution",
    noticed=noticed,
    weights_name=weights_name,
)
