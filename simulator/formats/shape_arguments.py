"""The arguments of layers that change shapes alone, in Keras's order."""

from __future__ import annotations

from simulator.formats.argument_types import Borders, Choice, Lengths, Sizes, Whole
from simulator.formats.layer_arguments import DATA_FORMAT, Arguments


def flatten() -> Arguments:
    """Flatten."""
    return (DATA_FORMAT,)


def reshape() -> Arguments:
    """Reshape."""
    return (
        Lengths(name="target_shape", label="Shape", help="The new shape of a sample.", needed=True,
                start=(-1,), open=True),
    )  # fmt: skip


def permute() -> Arguments:
    """Permute."""
    return (
        Lengths(name="dims", label="Axes", help="The axes, counted from 1, in their new order.",
                needed=True, start=(2, 1)),
    )  # fmt: skip


def repeat() -> Arguments:
    """RepeatVector."""
    return (
        Whole(name="n", label="Times", help="How many steps come out.", needed=True, start=10,
              maximum=100_000),
    )  # fmt: skip


def upsampling() -> Arguments:
    """UpSampling2D."""
    return (
        Sizes(name="size", label="Factor", help="How often rows and columns are repeated.",
              default=2, rank=2, maximum=64),
        DATA_FORMAT,
        Choice(name="interpolation", label="Interpolation", help="How new cells get their values.",
               default="nearest", options=("nearest",), more=True),
    )  # fmt: skip


def zero_padding() -> Arguments:
    """ZeroPadding2D."""
    return (
        Borders(name="padding", label="Zeros", help="How many rows and columns.", default=1),
        DATA_FORMAT,
    )
