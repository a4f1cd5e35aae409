"""Controls of a sliding window. A lesson takes them with ``dataclasses.replace``, as its own."""

from __future__ import annotations

from simulator.lessons.controls import IntegerControl, PaddingControl

SIZE = IntegerControl(
    name="kernel_size",
    label="Size",
    section="Window",
    default=3,
    minimum=1,
    maximum=15,
    causes=("kernel_size",),
    help="Rows and columns of the window.",
)
STRIDE = IntegerControl(
    name="stride",
    label="Stride",
    section="Window",
    default=1,
    minimum=1,
    maximum=16,
    causes=("stride",),
    help="How far the window moves from one output cell to the next.",
)
PADDING = PaddingControl(
    name="padding",
    label="Padding",
    section="Window",
    maximum=32,
    causes=("padding",),
    help="Cells around the picture: none (valid), as many as keep its size (same), or P.",
)
SEED = IntegerControl(
    name="seed",
    label="Seed",
    section="Window",
    default=0,
    minimum=0,
    maximum=9999,
    help="What is random follows from it: the same seed gives the same numbers.",
)
