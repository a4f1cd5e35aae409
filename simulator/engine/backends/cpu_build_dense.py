"""Dense layers, masks and regularizers of what layers give in the table."""
# ruff: noqa: D102 - What `backward` does is written in `Part`.

from __future__ import annotations

from typing import final

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import cpu_data_steps, cpu_dense_steps, cpu_gradient_steps
from simulator.engine.backends.cpu_build_base import PART, Part, Value
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_dense_steps import FEW
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.program import ActivityStage, Chain, DenseStage, NotCompiled

SHARES = 8
"""Into so many a kernel is cut at most where each has sums of its own."""
BLOCK = 12288
"""Numbers of a kernel's rows that the way back works on at once: with theirs they fit the cache."""


@final
class DensePart(Part):
    """A dense layer."""

    wants_turned = True

    def __init__(
        self,
        chain: Chain,
        tape: Tape,
        updates: Updates,
        x: Value,
        stage: DenseStage,
        *,
        is_last: bool,
    ) -> None:
        super().__init__(chain, tape, updates, x)
        self.stage = stage
        self.trained = stage.kernel_parameter is not None or stage.bias_parameter is not None
        depth, units = stage.kernel.shape
        activation = self.activation(stage.activation, is_last=is_last)
        self.y = Value(tape.empty(self.batch, units), activation)
        products = self.batch * depth * units
        if self.batch < FEW or (depth >= units and products >= 2 * PART and chain.loss):
            self._forward_by_rows(depth, units)
            return
        parts, width = self.split(products, units, 32)
        tape.add(
            cpu_dense_steps.forward, parts, x.y, stage.kernel, stage.bias, self.y.y, self.batch,
            depth, units, width, activation,
        )  # fmt: skip

    def _forward_by_rows(self, depth: int, units: int) -> None:
        stage, batch = self.stage, self.batch
        work = depth * units if batch < FEW else batch * depth * units // 2
        rows = -(-depth // max(1, min(SHARES, work // PART)))
        if self.chain.loss:
            there = self._rows_at_once(depth, units)  # on the way back, of which these are several
            rows = -(-rows // there) * there if rows > there else rows
        parts = -(-depth // rows)
        sums = self.tape.empty(parts, batch, units)
        self.tape.add(
            cpu_dense_steps.forward_by_rows, parts, self.x.y, stage.kernel, sums, batch, depth,
            units, rows,
        )  # fmt: skip
        joined, count = self.split(parts * batch * units, batch)
        self.tape.add(
            cpu_dense_steps.join, joined, sums, stage.bias, self.y.y, parts, batch, units, count,
            self.y.activation,
        )  # fmt: skip

    def _rows_at_once(self, depth: int, units: int) -> int:
        """Of a part, on the way back by rows."""
        if self.batch * depth * units < 2 * PART:
            return depth
        return max(8, BLOCK // max(units, self.batch) // 8 * 8)

    def backward(self, *, to_x: bool) -> None:
        stage, x, batch = self.stage, self.x, self.batch
        depth, units = stage.kernel.shape
        rows = self._rows_at_once(depth, units)
        self.tape.needs(min(rows, depth) * max(units, batch) + units)
        self.tape.add(
            cpu_dense_steps.backward, -(-depth // rows), x.y, stage.kernel, self.y.slopes,
            self.y.turned, x.slopes if to_x else None, x.turned if to_x else None,
            self.update(stage.kernel_parameter), self.update(stage.bias_parameter), batch, depth,
            units, rows, x.activation,
        )  # fmt: skip


@final
class MaskPart(Part):
    """Multiplication by a mask."""

    def __init__(
        self,
        chain: Chain,
        tape: Tape,
        updates: Updates,
        x: Value,
        masks: FloatArray,
        *,
        is_last: bool,
    ) -> None:
        super().__init__(chain, tape, updates, x)
        if is_last:
            raise NotCompiled("dropout of the outputs")
        self.masks = masks
        y = tape.empty(*x.y.shape)
        tape.add(cpu_data_steps.mask, 1, x.y, masks, y, y.size)
        self.y = Value(y)

    def backward(self, *, to_x: bool) -> None:
        if to_x:
            x = self.x
            self.tape.add(
                cpu_data_steps.mask_backward, 1, x.y, self.masks, self.y.slopes, x.slopes,
                x.y.size, x.activation,
            )  # fmt: skip
            self.turn_slopes()


@final
class ActivityPart(Part):
    """A regularizer of what the stage before gives."""

    def __init__(
        self, chain: Chain, tape: Tape, updates: Updates, x: Value, stage: ActivityStage
    ) -> None:
        super().__init__(chain, tape, updates, x)
        self.penalty = stage.penalty
        updates.watch(x.y, stage.penalty)
        self.y = Value(x.y)

    def backward(self, *, to_x: bool) -> None:
        if to_x:
            x = self.x
            self.tape.add(
                cpu_gradient_steps.restrain, 1, x.y, self.y.slopes, x.slopes, self.penalty,
                x.y.size, self.batch, x.activation,
            )  # fmt: skip
            self.turn_slopes()
