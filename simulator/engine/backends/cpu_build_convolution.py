"""Convolutions and poolings in the table."""
# ruff: noqa: D102 - What `backward` does is written in `Part`.

from __future__ import annotations

from typing import final

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import (
    cpu_convolution_steps,
    cpu_data_steps,
    cpu_pooling_steps,
)
from simulator.engine.backends.cpu_build_base import Part, Value, given
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.program import Chain, ConvolutionStage, PoolingStage
from simulator.engine.geometry import WindowGeometry

WEIGHTS_AT_ONCE = 1 << 17
"""Of a kernel: half of a second-level cache."""
FILTER_STEP = 32
"""Filters side by side in a tile."""
MANY_FILTERS = 128
"""From so many on the kernel's rows lie so far apart that panels pay."""
NUMBERS_COPIED = 1 << 16
"""Of a picture into its padded place, by one part."""
SWEEP = 40
"""What a sweep costs besides its products, counted in those of a row."""
LANES = 16
"""Of a vector of float32."""
NUMBERS_AT_ONCE = 4096
"""Of a convolution's output before pooling: they fit the nearest cache."""
LIST_WIDTH = 32
"""Numbers side by side in a window's row from which on lists of slopes are faster than tiles."""


def _rounded(rows: int) -> int:
    """Rows as tiles compute them: eight at a time, and four where no more are left."""
    return -(-rows // 4) * 4 if 0 < rows % 8 <= 4 else -(-rows // 8) * 8


def goes_together(stage: object, following: object) -> bool:
    """Whether a max-pooling can be done along with the convolution before it."""
    return (
        isinstance(stage, ConvolutionStage)
        and stage.activation in ("linear", "relu", "sigmoid", "tanh")
        and isinstance(following, PoolingStage)
        and following.kind == "max"
        and following.geometry.stride == following.geometry.kernel_size
        and following.geometry.padding == ((0, 0), (0, 0))
        and int(np.prod(following.geometry.kernel_size)) < 128
    )


def padded(
    part: Part, geometry: WindowGeometry, channels: int
) -> tuple[FloatArray, tuple[int, ...]]:
    """x with its padding, x itself where there is none; and where in it x lies, for `uncover`."""
    x = part.x.y
    if geometry.padding == ((0, 0), (0, 0)):
        return x.reshape(part.batch, *geometry.input_size, channels), ()
    found = part.tape.empty(part.batch, *geometry.padded_size, channels)
    margins = given(
        geometry.input_size, geometry.padded_size, geometry.padding[0][0], geometry.padding[1][0],
        channels,
    )  # fmt: skip
    rows = part.batch * geometry.input_size[0]
    count = max(1, NUMBERS_COPIED // (geometry.input_size[1] * channels))
    part.tape.add(
        cpu_convolution_steps.surround, -(-rows // count), x, found, *margins, rows, count
    )
    return found, margins


@final
class ConvolutionPart(Part):
    """A convolution, with the max-pooling that follows if there is one."""

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
        self.stage, self.geometry = stage, stage.geometry
        self.trained = stage.kernel_parameter is not None or stage.bias_parameter is not None
        geometry, batch = self.geometry, self.batch
        *kernel_size, channels, filters = stage.kernel.shape
        self.filters, self.taps = filters, int(np.prod(stage.kernel.shape[:3]))
        self.padded, self.margins = padded(self, geometry, channels)
        size = geometry.output_size if pooling is None else pooling.geometry.output_size
        window = (1, 1) if pooling is None else pooling.geometry.kernel_size
        self.cells = window[0] * window[1]
        self.sizes = given(
            batch, self.padded.shape[1:4], tuple(kernel_size), filters, geometry.stride,
            geometry.dilation, size, window,
        )  # fmt: skip
        activation = self.activation(stage.activation, is_last=is_last)
        y = tape.empty(batch, *size, filters)
        self.choice = None if pooling is None else tape.empty(*y.shape, dtype=np.int8)
        self.across = size[1] * window[1]
        in_panels = filters >= MANY_FILTERS
        block = FILTER_STEP if in_panels else self._filters_at_once()
        kernel = self._panels() if in_panels else stage.kernel
        line = window[0] * self.padded.shape[2] * block
        at_once = max(1, min(size[0], NUMBERS_AT_ONCE // line))
        tape.needs(at_once * line)
        rows = batch * size[0]
        products = 2 * rows * size[1] * self.cells * self.taps * (-(-block // LANES) * LANES)
        _, count = self.split(products, rows)
        count = max(count, -(-rows // 64))  # so many parts are enough
        tape.add(
            cpu_convolution_steps.forward, -(-rows // count) * -(-filters // block), *self.sizes,
            self.padded, kernel, stage.bias, y, self.choice, count, activation, at_once, block,
            int(self._joins_rows(at_once * window[0], pooling is not None)), int(in_panels),
        )  # fmt: skip
        self.y = Value(y, activation)

    def _joins_rows(self, rows: int, pooled: bool) -> bool:
        """Whether one sweep over so many rows costs less than one for each."""
        if not pooled or self.geometry.stride != (1, 1):
            return False
        length = (rows - 1) * self.padded.shape[2] + self.across
        one, each = (_rounded(n) * self.taps + SWEEP for n in (length, self.across))
        return bool(one < rows * each)

    def _filters_at_once(self) -> int:
        """Filters whose weights fit the cache together, so that all rows find them there."""
        fitting = WEIGHTS_AT_ONCE // self.taps // FILTER_STEP * FILTER_STEP
        return int(min(self.filters, max(FILTER_STEP, fitting)))

    def _panels(self) -> FloatArray:
        """The kernel, its filters in panels of a tile's width."""
        parts = -(-self.filters // FILTER_STEP)
        panels = self.tape.empty(parts, self.taps, FILTER_STEP)
        count = max(1, NUMBERS_COPIED // self.filters)
        self.tape.add(
            cpu_data_steps.panels, -(-self.taps // count), self.stage.kernel, panels, self.taps,
            self.filters, FILTER_STEP, count,
        )  # fmt: skip
        return panels

    def backward(self, *, to_x: bool) -> None:
        stage, tape = self.stage, self.tape
        if to_x:
            self._backward_to_x()
        if not self.trained:
            return
        gradient = tape.empty(self.taps, self.filters)
        bias_gradient = tape.empty(self.filters)
        itemsize = tape.dtype.itemsize
        width = self.sizes[5] * self.sizes[3]  # kernel width · C, side by side if not dilated
        if self.geometry.dilation[1] > 1:
            width = self.sizes[3]
        at_once, samples = 0, 1
        if self.cells > 1 and width >= LIST_WIDTH:
            handler, count = cpu_convolution_steps.kernel_gradient, cpu_convolution_steps.FILTERS
            columns = self.sizes[12]
            tape.needs(
                (columns + self.cells) * 8 + (columns + count * self.taps) * itemsize, itemsize=1
            )
        else:
            handler = cpu_convolution_steps.tiled_kernel_gradient
            count = 16 if self.filters <= 32 else 32
            line = self.sizes[13] * self.across * count
            rows = self.sizes[11]
            at_once = max(1, min(rows, NUMBERS_AT_ONCE // line))
            if at_once == rows:
                samples = max(1, NUMBERS_AT_ONCE // (rows * line))
            tape.needs(
                self.taps * 8 + (samples * at_once * line + count * self.taps) * itemsize,
                itemsize=1,
            )
        tape.add(
            handler, -(-self.filters // count), *self.sizes, self.padded, self.y.slopes,
            self.choice, gradient, bias_gradient, count, at_once, samples,
        )  # fmt: skip
        self.apply(stage.kernel_parameter, gradient)
        if stage.bias is not None:
            self.apply(stage.bias_parameter, bias_gradient)

    def _backward_to_x(self) -> None:
        tape, x = self.tape, self.x
        turned = tape.empty(self.filters, self.taps)
        tape.add(cpu_data_steps.turn, 1, self.stage.kernel, turned, self.taps, self.filters)
        tape.needs(
            self.cells * (self.filters + 1) * 8 + self.cells * self.filters * tape.dtype.itemsize,
            itemsize=1,
        )
        to_x = tape.empty(*self.padded.shape) if self.margins else x.slopes
        tape.add(
            cpu_convolution_steps.backward, self.batch, *self.sizes, turned, self.y.slopes,
            self.choice, to_x, None if self.margins else x.y, x.activation,
        )  # fmt: skip
        if self.margins:
            tape.add(
                cpu_convolution_steps.uncover, self.batch, x.slopes, to_x, *self.margins, x.y,
                x.activation,
            )  # fmt: skip
        self.turn_slopes()


@final
class PoolingPart(Part):
    """A pooling by itself."""

    def __init__(
        self, chain: Chain, tape: Tape, updates: Updates, x: Value, stage: PoolingStage
    ) -> None:
        super().__init__(chain, tape, updates, x)
        geometry = stage.geometry
        channels = x.y.size // (self.batch * int(np.prod(geometry.input_size)))
        self.sizes = given(
            geometry.input_size, channels, geometry.output_size, geometry.kernel_size,
            geometry.stride, geometry.padding[0][0], geometry.padding[1][0],
        )  # fmt: skip
        y = tape.empty(self.batch, *geometry.output_size, channels)
        self.choice = None
        if stage.kind == "max":
            self.choice = tape.empty(*y.shape, dtype=np.int32)
            arrays: tuple[FloatArray, ...] = (x.y, y, self.choice)
            handler = cpu_pooling_steps.maximum
        else:
            arrays, handler = (x.y, y), cpu_pooling_steps.average
        tape.add(handler, self.batch, *self.sizes, *arrays)
        self.y = Value(y)

    def backward(self, *, to_x: bool) -> None:
        if not to_x:
            return
        x = self.x
        handler, slopes = cpu_pooling_steps.average_backward, [self.y.slopes]
        if self.choice is not None:
            handler, slopes = cpu_pooling_steps.maximum_backward, [*slopes, self.choice]
        self.tape.add(handler, self.batch, *self.sizes, *slopes, x.slopes, x.y, x.activation)
        self.turn_slopes()
