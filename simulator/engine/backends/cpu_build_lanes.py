"""Convolutions of few filters in the table; see `cpu_lane_steps`."""
# ruff: noqa: D102 - What `backward` does is written in `Part`.

from __future__ import annotations

from typing import final

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import cpu_lane_steps
from simulator.engine.backends.cpu_build_base import Part, Value, given
from simulator.engine.backends.cpu_build_convolution import padded
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.cpu_vectors import VECTOR_BYTES
from simulator.engine.backends.program import Chain, ConvolutionStage, PoolingStage

NUMBERS_AT_ONCE = 8192
"""Of the output before pooling: they fit the nearest cache."""


def goes_by_lanes(stage: ConvolutionStage, chain: Chain) -> bool:
    """Whether vectors are full of samples, where filters would fill but a part of one."""
    lanes = VECTOR_BYTES // np.dtype(chain.dtype).itemsize
    return (
        chain.batch % lanes == 0
        and stage.kernel.shape[-1] < lanes
        and stage.geometry.stride[1] == 1
    )


@final
class LanesPart(Part):
    """A convolution of few filters that nothing goes back through, with the max-pooling that
    follows if there is one.
    """

    def __init__(
        self,
        chain: Chain,
        tape: Tape,
        updates: Updates,
        x: Value,
        stage: ConvolutionStage,
        pooling: PoolingStage | None,
        *,
        is_last: bool,
    ) -> None:
        super().__init__(chain, tape, updates, x)
        self.stage = stage
        self.trained = stage.kernel_parameter is not None or stage.bias_parameter is not None
        geometry, batch = stage.geometry, self.batch
        *kernel_size, channels, self.filters = stage.kernel.shape
        self.taps = int(np.prod(kernel_size)) * channels
        self.lanes = VECTOR_BYTES // tape.dtype.itemsize
        self.groups = batch // self.lanes
        source, _ = padded(self, geometry, channels)
        size = geometry.output_size if pooling is None else pooling.geometry.output_size
        window = (1, 1) if pooling is None else pooling.geometry.kernel_size
        self.cells = window[0] * window[1]
        self.sizes = given(
            batch, source.shape[1:4], tuple(kernel_size), self.filters, geometry.stride,
            geometry.dilation, size, window,
        )  # fmt: skip
        self.places = size[0] * size[1]
        activation = self.activation(stage.activation, is_last=is_last)
        self.turned = self._turned(source, *source.shape[1:4])
        y = tape.empty(batch, *size, self.filters)
        self.choice = tape.empty(self.groups, *size, self.filters, self.lanes, dtype=np.int8)
        line = size[1] * self.cells * self.filters * self.lanes
        most = max(1, min(size[0], NUMBERS_AT_ONCE // line))
        tape.needs(self.filters * size[1] * window[1] * self.lanes + 2 * most * line)
        tape.add(
            cpu_lane_steps.forward, self.groups, *self.sizes, self.turned, stage.kernel,
            stage.bias, y, self.choice, most, activation,
        )  # fmt: skip
        self.y = Value(y, activation)

    def _turned(
        self, source: FloatArray | None, rows: int, columns: int, channels: int
    ) -> FloatArray:
        tape = self.tape
        turned = tape.empty(self.groups, rows, channels, columns, self.lanes)
        tape.needs(turned[0].size)
        tape.add(cpu_lane_steps.turn, self.groups, source, turned, rows, columns, channels)
        return turned

    def backward(self, *, to_x: bool) -> None:  # noqa: ARG002 - nothing before it is trained
        if not self.trained:
            return
        tape, stage, taps = self.tape, self.stage, self.taps
        slopes = self._turned(self.y.slopes, self.places, self.filters, 1)
        gradient, bias_gradient = tape.empty(taps, self.filters), tape.empty(self.filters)
        products = self.batch * self.places * self.cells * taps * self.filters
        parts, count = self.split(products, self.filters, 2)
        tape.needs((taps + self.cells) * 8 + 2 * (taps + 1) * count * VECTOR_BYTES, itemsize=1)
        tape.add(
            cpu_lane_steps.kernel_gradient, parts, *self.sizes, self.turned, slopes, self.choice,
            gradient, bias_gradient, count,
        )  # fmt: skip
        self.apply(stage.kernel_parameter, gradient)
        if stage.bias is not None:
            self.apply(stage.bias_parameter, bias_gradient)
