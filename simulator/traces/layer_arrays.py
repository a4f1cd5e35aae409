"""The arrays of a network's layers in a trace: what is given of them, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from simulator.traces.formula import Message
from simulator.traces.laid_layers import LaidLayer
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.part import Part
from simulator.traces.window_part import WindowPart

Array = NDArray[Any]

KERNEL_AXES = ("input row", "input column", "row", "column")
FILTER_AXES = ("row", "column", "channel", "filter")


def given_arrays(each: LaidLayer, weights: Mapping[str, Array]) -> list[TraceArray]:
    """Return the weights of a layer, which are there before the first step."""
    found = []
    for name in each.names.weights:
        values = weights.get(name)
        if values is None:
            continue
        if name == each.names.statistics:
            axes: tuple[str, ...] = ("statistic", "channel")
        elif name == each.names.bias:
            axes = ("row", "column") if values.ndim == 2 else ("filter",)
        else:
            axes = KERNEL_AXES if len(each.source) == values.ndim - len(each.shape) else FILTER_AXES
        found.append(given(name, axes, Role.WEIGHTS, values))
    return found


def layer_titles(each: LaidLayer, layer: Message, output: Message) -> dict[str, Message]:
    """Return what the arrays of a layer are called."""
    names, values = each.names, {"layer": layer}
    return {
        names.kernel: Message("Weights of {layer}", values),
        names.bias: Message("Bias of {layer}", values),
        names.statistics: Message("Mean, variance, scale, shift"),
        names.products: Message("Product"),
        names.running: Message("Running sum"),
        names.channels: Message("Sum of a channel"),
        names.sums: Message("Sum"),
        names.taken: Message("Value"),
        names.moved: Message("Value"),
        names.spread: Message("Cells apart"),
        names.scores: Message("Scores of {layer}", values),
        names.largest: Message("Largest score"),
        names.exponentials: Message("Exponential"),
        names.so_far: Message("Sum of the exponentials so far"),
        names.total: Message("Sum of the exponentials"),
        names.output: output,
    }


def padded(arrays: Sequence[TraceArray], parts: Sequence[Part]) -> list[TraceArray]:
    """Return the given arrays, and let windows read beyond what they slide over."""
    padding = {part.operands[0]: part.padding for part in parts if isinstance(part, WindowPart)}

    def with_padding(array: TraceArray) -> TraceArray:
        return replace(array, padding=padding.get(array.name))

    for part in parts:
        part.arrays = tuple(map(with_padding, part.arrays))
    return list(map(with_padding, arrays))
