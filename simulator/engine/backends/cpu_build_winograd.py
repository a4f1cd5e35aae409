"""Convolutions by Winograd's way in the table; see `cpu_winograd_steps`."""

from __future__ import annotations

from typing import final

import numpy as np

from simulator.engine.backends import cpu_winograd_steps
from simulator.engine.backends.cpu_build_base import Part, Value
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.cpu_winograd_steps import PANEL, PRODUCTS
from simulator.engine.backends.program import Chain, ConvolutionStage, PoolingStage

WEIGHTS_TURNED = 1 << 15
"""Of a kernel, by one part."""
TILES_AT_ONCE = 112
"""With so many a weight is read often enough that the cache can bring the next ones meanwhile."""
PARTS = 8
"""So many at least, that threads share the work evenly."""
FEWEST_CHANNELS, FEWEST_TILES = 16, 8
"""With less the turns take as long as the products that they save."""
MOST_WEIGHTS = 1 << 25
"""Of a kernel: turned they take almost twice the memory."""


def goes_by_winograd(stage: ConvolutionStage, pooling: PoolingStage | None) -> bool:
    """Whether the convolution is one of 3 × 3 that gains by it."""
    geometry = stage.geometry
    *size, channels, filters = stage.kernel.shape
    height, width = geometry.output_size
    return (
        size == [3, 3]
        and geometry.stride == geometry.dilation == (1, 1)
        and max(max(each) for each in geometry.padding) <= 2
        and (pooling is None or pooling.geometry.kernel_size == (2, 2))
        and channels >= FEWEST_CHANNELS
        and filters % PANEL == 0
        and (height // 2) * (width // 2) >= FEWEST_TILES
        and stage.kernel.size <= MOST_WEIGHTS
    )


@final
class WinogradPart(Part):
    """A convolution of 3 × 3 that nothing goes back through, with the max-pooling that follows."""

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
        geometry = stage.geometry
        channels, filters = stage.kernel.shape[2:]
        panels = filters // PANEL
        turned = tape.empty(panels, PRODUCTS, channels, PANEL)
        count = max(1, WEIGHTS_TURNED // (9 * filters))
        parts = -(-channels // count)
        known = np.zeros(parts, np.int64)  # as no weights are
        tape.add(
            cpu_winograd_steps.prepare, parts, stage.kernel, turned, known, channels, filters,
            count,
        )  # fmt: skip
        size = geometry.output_size if pooling is None else pooling.geometry.output_size
        down, across = size if pooling is not None else (-(-size[0] // 2), -(-size[1] // 2))
        groups = -(-down // max(1, TILES_AT_ONCE // across))
        rows = -(-down // groups)
        places = self.batch * groups
        of_range = -(-panels // min(panels, -(-PARTS // places)))
        ranges = -(-panels // of_range)
        tape.needs(
            (2 * rows + 2) * (2 * across + 2) * channels
            + PRODUCTS * (rows * across * (channels + of_range * PANEL) + 2 * PANEL)
        )
        activation = self.activation(stage.activation, is_last=is_last)
        self.y = Value(tape.empty(self.batch, *size, filters), activation)
        tape.add(
            cpu_winograd_steps.forward, places * ranges, x.y, turned, stage.bias, self.y.y,
            self.batch, *geometry.input_size, channels, geometry.padding[0][0],
            geometry.padding[1][0],
            *geometry.output_size, filters, int(pooling is not None), groups, of_range,
            activation,
        )  # fmt: skip

    def backward(self, *, to_x: bool) -> None:
        """Nothing: no weights before or in it are trained."""
