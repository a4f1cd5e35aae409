"""Chains as tables for the machine of `cpu_machine`: which operations, in which parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import cpu_data_steps, cpu_loss_steps
from simulator.engine.backends.cpu_build_base import Part, Value, split
from simulator.engine.backends.cpu_build_convolution import (
    ConvolutionPart,
    PoolingPart,
    goes_together,
)
from simulator.engine.backends.cpu_build_dense import ActivityPart, DensePart, MaskPart
from simulator.engine.backends.cpu_build_lanes import LanesPart, goes_by_lanes
from simulator.engine.backends.cpu_build_recurrent import RecurrentPart
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_build_winograd import WinogradPart, goes_by_winograd
from simulator.engine.backends.cpu_machine import Machine, Tape
from simulator.engine.backends.program import (
    ActivityStage,
    Chain,
    ConvolutionStage,
    DenseStage,
    MaskStage,
    NotCompiled,
    PoolingStage,
    RecurrentStage,
    Stage,
)

if TYPE_CHECKING:
    from simulator.engine.backends.cpu_program import CpuProgram

LOSSES = {
    "mean_squared_error": cpu_loss_steps.SQUARED,
    "mean_absolute_error": cpu_loss_steps.ABSOLUTE,
    "binary_crossentropy": cpu_loss_steps.BINARY,
    "categorical_crossentropy": cpu_loss_steps.CATEGORICAL,
    "sparse_categorical_crossentropy": cpu_loss_steps.SPARSE,
}
COPIED_AT_ONCE = 1 << 18
"""Bytes of samples that make a part of a batch's copying."""


@final
class Builder:
    """Goes through a chain forwards and back, and writes the table."""

    def __init__(self, chain: Chain, tape: Tape, program: CpuProgram) -> None:
        self.chain, self.tape, self.program = chain, tape, program
        self.batch = chain.batch
        self.order, self.numbers, self.losses, self.outputs, masks = program.buffers
        self.masks = list(masks)
        self.updates = Updates(chain, tape, self.numbers)

    def build(self) -> Machine:
        """The machine."""
        x = Value(self.tape.empty(self.batch, *self.chain.input_shape))
        self._from_source(x.y)
        parts: list[Part] = []
        stages = [stage for stage, _ in self.chain.stages]
        while stages:
            stage = stages.pop(0)
            pooling = None
            if stages and goes_together(stage, stages[0]):
                pooling = stages.pop(0)
            final = self.chain.loss is None or not any(part.trained for part in parts)
            parts.append(self._part(stage, pooling, x, is_last=not stages, final=final))
            x = parts[-1].y
        if self.chain.loss is None:
            self._record(x)
            return self.tape.finish()
        wanted = False
        to_x = []
        for part in parts:
            to_x.append(wanted)
            if wanted or part.trained or part is parts[-1]:
                part.y.slopes = self.tape.empty(*part.y.y.shape)
            if part.wants_turned and wanted:
                part.y.turned = self.tape.empty(part.y.y[0].size, self.batch)
            wanted = wanted or part.trained
        self._loss(x)
        for part, own in zip(reversed(parts), reversed(to_x), strict=True):
            if own or part.trained:
                part.backward(to_x=own)
        self.updates.finish()
        return self.tape.finish()

    def _part(
        self, stage: Stage, pooling: Stage | None, x: Value, *, is_last: bool, final: bool
    ) -> Part:
        """`final`: nothing before it is trained, so slopes do not go back through it."""
        common = (self.chain, self.tape, self.updates, x)
        match stage:
            case DenseStage():
                return DensePart(*common, stage, is_last=is_last)
            case ConvolutionStage():
                joined = pooling if isinstance(pooling, PoolingStage) else None
                frozen = stage.kernel_parameter is None and stage.bias_parameter is None
                if final and frozen and goes_by_winograd(stage, joined):
                    return WinogradPart(*common, stage, joined, is_last=is_last)
                if final and goes_by_lanes(stage, self.chain):
                    return LanesPart(*common, stage, joined, is_last=is_last)
                return ConvolutionPart(*common, stage, joined, is_last=is_last)
            case PoolingStage():
                return PoolingPart(*common, stage)
            case RecurrentStage():
                return RecurrentPart(*common, stage)
            case ActivityStage():
                return ActivityPart(*common, stage)
            case MaskStage():
                return MaskPart(*common, self.masks.pop(0), is_last=is_last)
        raise NotCompiled(f"the stage {type(stage).__name__}")

    def _from_source(self, target: Array) -> None:
        """Append the copying of a batch's samples, which are next in the source."""
        size = target[0].nbytes
        count = max(1, COPIED_AT_ONCE // size)
        row = self.tape.add(
            cpu_data_steps.gather, -(-self.batch // count), 0, size, self.order, target,
            self.batch, count,
        )  # fmt: skip
        self.program.names_source(row, 2)

    def _record(self, output: Value) -> None:
        """Append what keeps the outputs, after a softmax if they are to have one."""
        stage = self.chain.stages[-1][0]
        softmax = getattr(stage, "activation", "") == "softmax"
        if softmax and output.y.ndim != 2:
            raise NotCompiled("a softmax on several places")
        self.tape.add(
            cpu_loss_steps.record, 1, output.y, self.outputs, self.batch, output.y[0].size,
            int(softmax),
        )  # fmt: skip

    def _loss(self, output: Value) -> None:
        chain, tape, batch = self.chain, self.tape, self.batch
        classes = output.y[0].size
        kind = LOSSES[str(chain.loss)]
        sparse = kind == cpu_loss_steps.SPARSE
        if kind >= cpu_loss_steps.CATEGORICAL and output.y.ndim != 2:
            raise NotCompiled("classes on several places")
        target: Array = np.zeros(batch, np.int64) if sparse else tape.empty(batch, classes)
        self._from_source(target)
        weight: FloatArray | None = None
        if chain.weighted:
            weight = tape.empty(batch)
            self._from_source(weight)
        values = tape.empty(batch)
        # Parts of whole cache lines, where each sample is a column of what is turned.
        parts, count = split(40 * batch * classes, batch, 16)
        tape.add(
            cpu_loss_steps.rows, parts, output.y, target, weight, output.slopes, output.turned,
            values, self.outputs, batch, classes, count, kind, output.activation,
        )  # fmt: skip
        penalty = self.updates.penalty()
        tape.add(cpu_loss_steps.total, 1, values, self.losses, batch, penalty)
