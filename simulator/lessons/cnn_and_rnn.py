"""The lesson in which a CNN and an RNN read the same small picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import pictures
from simulator.engine.backends.base import Backend
from simulator.engine.layers import SimpleRNN
from simulator.lessons import entries
from simulator.lessons.controls import ChoiceControl, IntegerControl, Option, Settings
from simulator.lessons.kernels import KERNEL_OPTIONS, kernel
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.recurrent_weights import LARGEST_ORTHOGONAL
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.two_readers import two_readers_trace

Array = NDArray[Any]

PICTURE = ChoiceControl(
    name="picture",
    label="Picture",
    section="Picture",
    options=tuple(Option(entry.id, entry.title) for entry in pictures.PICTURES),
    default="digit_3",
    help="What both networks read.",
)
SIZE = IntegerControl(
    name="size",
    label="Size",
    section="Picture",
    default=12,
    minimum=4,
    maximum=64,
    causes=("kernel_size", "input"),
    help="Rows and columns of the picture. The RNN reads as many time steps.",
)
KERNEL = ChoiceControl(
    name="kernel",
    label="Kernel",
    section="Networks",
    options=KERNEL_OPTIONS,
    default="sobel_x",
    help="The weights of the convolution's 3 × 3 window.",
)
UNITS = IntegerControl(
    name="units",
    label="RNN units",
    section="Networks",
    default=8,
    minimum=1,
    maximum=256,
    help="How many numbers the recurrent network remembers. Where not all are on view, the arrows "
    "beside the states turn to others.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Networks",
    default=0,
    minimum=0,
    maximum=9999,
    help="The random weights follow from it: the same seed gives the same weights.",
)


def arrays(state: LessonState) -> dict[str, Array]:
    """Return the picture, the kernel and bias, and what the recurrent network begins with."""
    settings = state.settings
    size = SIZE.of(settings)
    chosen = PICTURE.of(settings)
    peak = float(pictures.entry(chosen).peak)
    picture = pictures.picture(chosen, size=size, channels=1)[:, :, 0] / np.float32(peak)
    rng = np.random.default_rng(SEED.of(settings))
    # Drawn evenly where they are many: orthogonal ones would take longer than all the rest.
    few = UNITS.of(settings) <= LARGEST_ORTHOGONAL
    drawn = "orthogonal" if few else "glorot_uniform"
    layer = SimpleRNN(UNITS.of(settings), recurrent_initializer=drawn)
    layer.build((None, size), rng)
    return {
        "x": picture.astype(np.float32),
        "conv_kernel": kernel(KERNEL.of(settings), 3, rng).astype(np.float32),
        "conv_bias": np.zeros((1, 1), np.float32),
        **{name: np.atleast_2d(array) for name, array in layer.weights.items()},
        "initial_h": np.zeros((1, UNITS.of(settings)), np.float32),
    }


def build(given: Mapping[str, Array], settings: Settings, backend: Backend) -> RecurrentTrace:
    """Return the trace."""
    layer = SimpleRNN(UNITS.of(settings), recurrent_initializer="zeros")
    layer.build((None, given["x"].shape[1]), np.random.default_rng(0))
    for name, weight in layer.weights.items():
        weight[...] = given[name].reshape(weight.shape)
    return two_readers_trace(
        given["x"],
        given["conv_kernel"],
        given["conv_bias"],
        layer,
        given["initial_h"],
        backend=backend,
    )


_RNN = frozenset({"units", "seed", "size"})

LESSON = Lesson(
    entry=entries.CNN_AND_RNN,
    controls=(PICTURE, SIZE, KERNEL, UNITS, SEED),
    remakes={
        "x": frozenset({"picture", "size"}),
        "conv_kernel": frozenset({"kernel", "seed"}),
        "conv_bias": frozenset({"kernel"}),
        "kernel": _RNN,
        "recurrent_kernel": _RNN,
        "bias": _RNN,
        "initial_h": _RNN,
    },
    arrays=arrays,
    build=build,
    scene="two_readers",
    text="cnn_and_rnn",
    noticed=lambda state, _: "",  # noqa: ARG005 - one text suits all
)
