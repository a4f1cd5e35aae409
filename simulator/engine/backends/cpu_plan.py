"""Where each line of a convolution reads, worked out once for each geometry.

A convolution and its input gradient are the same walk: every target cell is a sum over taps, each
tap a source cell times a weight. They differ in which is the target and which the source, and so in
the steps. A line plan holds these steps along one axis; neighbouring targets with the same taps
form a run, which the kernel walks in tiles.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.geometry import WindowGeometry


class LinePlan(NamedTuple):
    """One axis of a convolution or of its input gradient."""

    target_step: int  # from a target to the next one of its run
    source_step: int  # what that moves the source by
    tap_step: int  # from a tap to the next that some source cell answers
    source_tap_step: int  # what that moves the source by
    lines: npt.NDArray[np.int64]  # (targets, 3): first tap, number of taps, source of the first
    runs: npt.NDArray[np.int64]  # (runs, 5): first target, length, then as in lines


class TapPlan(NamedTuple):
    """One axis of a kernel gradient: which outputs have each tap on the input."""

    stride: int
    taps: npt.NDArray[np.int64]  # (k, 3): first output, number of outputs, input cell of the first


@lru_cache(maxsize=256)
def forward_plan(geometry: WindowGeometry, axis: int) -> LinePlan:
    """Targets are the output cells, sources the input cells."""
    stride, dilation = geometry.stride[axis], geometry.dilation[axis]
    taps = geometry.kernel_size[axis]
    start = np.arange(geometry.output_size[axis]) * stride - geometry.padding[axis][0]
    first = np.clip(-(start // dilation), 0, taps)
    stop = np.clip((geometry.input_size[axis] - 1 - start) // dilation + 1, first, taps)
    return _plan(1, stride, 1, dilation, first, stop - first, start + first * dilation)


@lru_cache(maxsize=256)
def backward_plan(geometry: WindowGeometry, axis: int) -> LinePlan:
    """Targets are the input cells, sources the output cells; taps count from the kernel's end.

    The kernel turned round makes the sources ascend with the taps. Tap t stands for the kernel's
    cell k − 1 − t, which takes input cell i to output cell (i + p − (k − 1 − t)·d) / s. Only each
    s / gcd(s, d)-th tap gives a whole number.
    """
    stride, dilation = geometry.stride[axis], geometry.dilation[axis]
    taps, outputs = geometry.kernel_size[axis], geometry.output_size[axis]
    tap_step = stride // gcd(stride, dilation)
    # The source of tap t is (zeroth + t·d) / s.
    zeroth = (
        np.arange(geometry.input_size[axis]) + geometry.padding[axis][0] - (taps - 1) * dilation
    )
    first = np.full(zeroth.shape, taps)
    for tap in reversed(range(min(tap_step, taps))):
        first[(zeroth + tap * dilation) % stride == 0] = tap
    below = np.maximum(0, -(zeroth + first * dilation))  # the first tap lies before output 0
    first += -(-below // (dilation * tap_step)) * tap_step
    last = np.minimum(taps - 1, ((outputs - 1) * stride - zeroth) // dilation)
    count = np.maximum(0, (last - first) // tap_step + 1)
    source = (zeroth + first * dilation) // stride
    return _plan(stride, 1, tap_step, tap_step * dilation // stride, first, count, source)


@lru_cache(maxsize=256)
def tap_plan(geometry: WindowGeometry, axis: int) -> TapPlan:
    """For each tap the outputs whose window has it on the input, not on padding."""
    lines = [geometry.overlap(axis, tap) for tap in range(geometry.kernel_size[axis])]
    taps = [
        (outputs.start, outputs.stop - outputs.start, inputs.start) for outputs, inputs in lines
    ]
    return TapPlan(geometry.stride[axis], _table(taps))


def _plan(
    target_step: int,
    source_step: int,
    tap_step: int,
    source_tap_step: int,
    first: npt.NDArray[Any],
    count: npt.NDArray[Any],
    source: npt.NDArray[Any],
) -> LinePlan:
    nothing = count == 0
    lines = np.stack([np.where(nothing, 0, first), count, np.where(nothing, 0, source)], axis=1)
    runs = []
    for phase in range(min(target_step, len(lines))):
        own = lines[phase::target_step]
        changes = np.flatnonzero(np.any(own[1:, :2] != own[:-1, :2], axis=1)) + 1
        borders = [0, *changes.tolist(), len(own)]
        runs += [
            (phase + begin * target_step, end - begin, *own[begin])
            for begin, end in pairwise(borders)
        ]
    return LinePlan(
        target_step,
        source_step,
        tap_step,
        source_tap_step,
        _table(lines),
        _table(runs),
    )


def _table(rows: Any) -> npt.NDArray[np.int64]:
    table = np.array(rows, np.int64)
    table.flags.writeable = False
    return table
