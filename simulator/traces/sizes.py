"""The output's size, as a formula with its numbers."""

from __future__ import annotations

from simulator.engine.geometry import WindowGeometry
from simulator.traces.formula import Fact, Message

TITLE = "Output size"


def output_size_fact(geometry: WindowGeometry) -> Fact:
    """Return O = (I - K + 2P) / S + 1 with the numbers of a geometry's height.

    With dilation D the kernel spans K' = D (K - 1) + 1 cells. Where the padding differs between
    the two sides, their sum stands for 2P. A remainder of the division is dropped. Source:
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), section 2.4.
    """
    rounded = any(_remainder(geometry, axis) for axis in (0, 1))
    dilated = max(geometry.dilation) > 1
    kernel = r"\weights{D(K-1)}-1" if dilated else r"\weights{K}"
    symbols = rf"\frac{{I-{kernel}+2P}}{{S}}"
    rows = _fraction(geometry, 0)
    if rounded:
        symbols, rows = rf"\left\lfloor{symbols}\right\rfloor", rf"\left\lfloor{rows}\right\rfloor"
    remarks: list[Message] = []
    if _fraction(geometry, 0) != _fraction(geometry, 1):
        remarks.append(
            Message(
                "These are the numbers of the height; the width comes to {columns} in the same "
                "way.",
                {"columns": geometry.output_size[1]},
            )
        )
    if dilated:
        remarks.append(_dilation_remark(geometry))
    remarks.extend(_padding_remarks(geometry))
    if rounded:
        remarks.append(
            Message("The division has a remainder and is rounded down: no further window fits.")
        )
    return Fact(
        TITLE,
        rf"O={symbols}+1={rows}+1=\mathbf{{{geometry.output_size[0]}}}",
        Message.joined(remarks),
    )


def global_size_fact(geometry: WindowGeometry) -> Fact:
    """Return why global pooling leaves one cell of each channel."""
    height, width = geometry.input_size
    return Fact(
        TITLE,
        r"O=\mathbf{1}",
        Message(
            "One window covers the whole {height} × {width} input: each channel becomes one "
            "number.",
            {"height": height, "width": width},
        ),
    )


def _remainder(geometry: WindowGeometry, axis: int) -> int:
    span = geometry.padded_size[axis] - geometry.effective_kernel_size[axis]
    return span % geometry.stride[axis]


def _fraction(geometry: WindowGeometry, axis: int) -> str:
    size, kernel = geometry.input_size[axis], geometry.effective_kernel_size[axis]
    return rf"\frac{{{size}-{kernel}+{sum(geometry.padding[axis])}}}{{{geometry.stride[axis]}}}"


def _dilation_remark(geometry: WindowGeometry) -> Message:
    axis = 0 if geometry.dilation[0] > 1 else 1
    return Message(
        "With dilation {dilation}, a kernel of {cells} cells spans {span}.",
        {
            "dilation": geometry.dilation[axis],
            "cells": geometry.kernel_size[axis],
            "span": geometry.effective_kernel_size[axis],
        },
    )


def _padding_remarks(geometry: WindowGeometry) -> list[Message]:
    remarks = []
    (top, bottom), (left, right) = geometry.padding
    if top != bottom:
        remarks.append(
            Message(
                "2P counts both sides: {top} above and {bottom} below.",
                {"top": top, "bottom": bottom},
            )
        )
    elif left != right:
        remarks.append(
            Message(
                "2P counts both sides: {left} on the left and {right} on the right.",
                {"left": left, "right": right},
            )
        )
    if geometry.padding != ((0, 0), (0, 0)) and geometry.padding == _same(geometry).padding:
        remarks.append(
            Message(
                "This is what “same” adds: the output has I / S cells, rounded up."
                if max(geometry.stride) > 1
                else "This is what “same” adds: the output is as large as the input."
            )
        )
    return remarks


def _same(geometry: WindowGeometry) -> WindowGeometry:
    return WindowGeometry.convolution(
        geometry.input_size,
        kernel_size=geometry.kernel_size,
        stride=geometry.stride,
        padding="same",
        dilation=geometry.dilation,
    )
