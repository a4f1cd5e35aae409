"""A sliding window as the CUDA kernels take it: numbers that every thread can index with."""

from __future__ import annotations

from typing import NamedTuple

from simulator.engine.geometry import WindowGeometry


class Line(NamedTuple):
    """The window along one axis.

    Output o reads with its tap t the input o·stride − padding + t·dilation. Input i is read by the
    outputs from ⌈(i + padding − reach) / stride⌉ to ⌊(i + padding) / stride⌋ whose distance from
    it is a multiple of the dilation.
    """

    inputs: int
    outputs: int
    taps: int
    stride: int
    dilation: int
    padding: int  # before the input
    reach: int  # from the first tap to the last


def lines(geometry: WindowGeometry) -> tuple[Line, Line]:
    """The window's rows and its columns."""
    rows, columns = (
        Line(
            inputs=geometry.input_size[axis],
            outputs=geometry.output_size[axis],
            taps=geometry.kernel_size[axis],
            stride=geometry.stride[axis],
            dilation=geometry.dilation[axis],
            padding=geometry.padding[axis][0],
            reach=geometry.effective_kernel_size[axis] - 1,
        )
        for axis in (0, 1)
    )
    return rows, columns
