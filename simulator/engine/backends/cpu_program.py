"""Chains as tables for the machine of `cpu_machine`: which operations, in which parts."""
# ruff: noqa: D102 - What a program does is written in `program`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import (
    cpu_data_steps,
    cpu_dense_steps,
    cpu_loss_steps,
    cpu_update_steps,
)
from simulator.engine.backends.cpu_cells import LINEAR, RELU, SIGMOID, TANH
from simulator.engine.backends.cpu_machine import Machine, Tape
from simulator.engine.backends.program import (
    Chain,
    DenseStage,
    MaskStage,
    NotCompiled,
    Parameter,
    Program,
    Source,
)

ACTIVATIONS = {"linear": LINEAR, "relu": RELU, "sigmoid": SIGMOID, "tanh": TANH}
LOSSES = {
    "mean_squared_error": cpu_loss_steps.SQUARED,
    "mean_absolute_error": cpu_loss_steps.ABSOLUTE,
    "binary_crossentropy": cpu_loss_steps.BINARY,
    "categorical_crossentropy": cpu_loss_steps.CATEGORICAL,
    "sparse_categorical_crossentropy": cpu_loss_steps.SPARSE,
}
OVER_CLASSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
"""The losses that come with softmax."""

PART = 100_000
"""Products that make a part worth the handing over: some microseconds."""
BLOCK = 4096
"""Numbers of a kernel's rows that the way back works on at once: with theirs they fit the cache."""
MOST_BYTES = 1 << 25
"""Of what is kept for the steps of one call: outputs and masks."""
MOST_STEPS = 1024


@final
class CpuProgram(Program):
    """A chain's table, and the arrays that it works on."""

    columns = cpu_update_steps.COLUMNS

    def __init__(self, chain: Chain) -> None:
        """Raises NotCompiled for what is not there."""
        self._chain = chain
        self._tape = tape = Tape(chain.dtype)
        masks = chain.mask_shapes
        output_shape = chain.stages[-1][1]
        bytes_each = tape.dtype.itemsize * chain.batch
        bytes_each *= sum(int(np.prod(shape)) for shape in [*masks, output_shape])
        self.capacity = max(1, min(MOST_STEPS, MOST_BYTES // bytes_each))
        self._order = np.zeros((self.capacity, chain.batch), np.int64)
        self._numbers = tape.empty(self.capacity, self.columns)
        self._losses = np.zeros(self.capacity)
        self._outputs = tape.empty(self.capacity, chain.batch, *output_shape)
        self._masks = [tape.empty(self.capacity, chain.batch, *shape) for shape in masks]
        self._sources: list[tuple[int, int]] = []  # the rows and columns that name the data
        self._machine = _Builder(chain, tape, self).build()
        self._source: Source | None = None

    def run(
        self,
        source: Source,
        order: Array,
        numbers: FloatArray,
        masks: Sequence[FloatArray],
        *,
        threads: int,
    ) -> tuple[Array, FloatArray]:
        steps = len(order)
        if source is not self._source:
            self._attach(source)
        self._order[:steps] = order
        self._numbers[:steps] = numbers
        for own, given in zip(self._masks, masks, strict=True):
            own[:steps] = given
        done = self._machine.run(steps, threads)
        found = min(done + 1, steps)
        return self._losses[:found], self._outputs[:done]

    def _attach(self, source: Source) -> None:
        arrays = [source.x, source.y, *(() if source.weight is None else (source.weight,))]
        for (row, column), array in zip(self._sources, arrays, strict=True):
            if not array.flags.c_contiguous:
                raise ValueError("The samples have to lie one after another.")
            self._machine.table[row, column] = array.ctypes.data
        self._source = source

    # What the builder asks for while the table is made.

    @property
    def buffers(self) -> tuple[Array, FloatArray, Array, FloatArray, list[FloatArray]]:
        """Order, numbers, losses, outputs, masks; a row for each step."""
        return self._order, self._numbers, self._losses, self._outputs, self._masks

    def names_source(self, row: int, column: int) -> None:
        """Say where the table wants the address of the next array of a `Source`."""
        self._sources.append((row, column))


class _Value:
    """What a stage gives: its numbers, and where the slopes by them go."""

    def __init__(self, y: FloatArray, activation: int = LINEAR) -> None:
        self.y = y  # (B, …)
        self.activation = activation  # what made y, to be undone by whoever writes the slopes
        self.slopes: FloatArray | None = None  # before that activation, (B, …)
        self.turned: FloatArray | None = None  # the same, (…, B)


@final
class _Builder:
    """Goes through a chain forwards and back, and writes the table."""

    def __init__(self, chain: Chain, tape: Tape, program: CpuProgram) -> None:
        self.chain, self.tape, self.program = chain, tape, program
        self.batch = chain.batch
        self.order, self.numbers, self.losses, self.outputs, masks = program.buffers
        self.free_masks = list(masks)
        self.masks: dict[MaskStage, FloatArray] = {}

    def build(self) -> Machine:
        """The machine."""
        chain, tape = self.chain, self.tape
        last = len(chain.stages) - 1
        trained = [_parameters(stage) for stage, _ in chain.stages]
        x = tape.empty(self.batch, *chain.input_shape)
        self._gather(x)
        values = [_Value(x)]
        for number, (stage, shape) in enumerate(chain.stages):
            forward = getattr(self, f"_{_name(stage)}_forward")
            y = tape.empty(self.batch, *shape)
            values.append(forward(stage, values[-1], y, is_last=number == last))
        wanted = [any(trained[:number]) for number in range(len(trained) + 1)]
        for number, (stage, _) in enumerate(chain.stages):
            value = values[number + 1]
            value.slopes = tape.empty(*value.y.shape)
            if isinstance(stage, DenseStage) and wanted[number]:
                value.turned = tape.empty(value.y[0].size, self.batch)
        self._loss(values[-1])
        for number in range(last, -1, -1):
            stage, _ = chain.stages[number]
            if wanted[number] or trained[number]:
                backward = getattr(self, f"_{_name(stage)}_backward")
                backward(stage, values[number], values[number + 1], to_x=wanted[number])
        return tape.finish()

    def _gather(self, x: FloatArray) -> None:
        size = x[0].nbytes
        count = max(1, -(-(1 << 18) // size))
        self._from_source(x, size, count)

    def _from_source(self, target: Array, size: int, count: int) -> None:
        row = self.tape.add(
            cpu_data_steps.gather, -(-self.batch // count), 0, size, self.order, target,
            self.batch, count,
        )  # fmt: skip
        self.program.names_source(row, 2)

    def _parts(self, products: int, count: int, step: int = 1) -> tuple[int, int]:
        """How many parts, and of how many of `count` things each, a multiple of `step`."""
        parts = max(1, min(-(-count // step), products // PART))
        each = -(-count // parts)
        each = -(-each // step) * step
        return -(-count // each), each

    def _update(self, parameter: Parameter | None) -> Array | None:
        if parameter is None:
            return None
        function = cpu_update_steps.FUNCTIONS.get(self.chain.optimizer)
        if function is None:
            raise NotCompiled(f"the optimizer {self.chain.optimizer}")
        tape = self.tape
        slots = [*parameter.slots, None, None][:2]
        return np.array(
            [
                function.address(tape.dtype),
                *map(tape.number, (parameter.weights, parameter.kept, *slots, self.numbers)),
                int(parameter.decays),
                0,
            ],
            np.int64,
        )

    def _dense_forward(
        self, stage: DenseStage, x: _Value, y: FloatArray, *, is_last: bool
    ) -> _Value:
        depth, units = stage.kernel.shape
        activation = _activation(stage.activation, self.chain, is_last=is_last)
        parts, width = self._parts(self.batch * depth * units, units, 32)
        self.tape.add(
            cpu_dense_steps.forward, parts, x.y, stage.kernel, stage.bias, y, self.batch, depth,
            units, width, activation,
        )  # fmt: skip
        return _Value(y, activation)

    def _dense_backward(self, stage: DenseStage, x: _Value, y: _Value, *, to_x: bool) -> None:
        depth, units = stage.kernel.shape
        rows = max(12, BLOCK // max(units, self.batch) // 12 * 12)
        if self.batch * depth * units < 2 * PART:
            rows = depth
        self.tape.needs(min(rows, depth) * max(units, self.batch) + units)
        self.tape.add(
            cpu_dense_steps.backward, -(-depth // rows), x.y, stage.kernel, y.slopes, y.turned,
            x.slopes if to_x else None, x.turned if to_x else None,
            self._update(stage.kernel_parameter), self._update(stage.bias_parameter),
            self.batch, depth, units, rows, x.activation,
        )  # fmt: skip

    def _mask_forward(self, stage: MaskStage, x: _Value, y: FloatArray, *, is_last: bool) -> _Value:
        if is_last:
            raise NotCompiled("dropout of the outputs")
        masks = self.masks[stage] = self.free_masks.pop(0)
        self.tape.add(cpu_data_steps.mask, 1, x.y, masks, y, y.size)
        return _Value(y)

    def _mask_backward(self, stage: MaskStage, x: _Value, y: _Value, *, to_x: bool) -> None:
        if to_x:
            self.tape.add(
                cpu_data_steps.mask_backward, 1, x.y, self.masks[stage], y.slopes, x.slopes,
                x.turned, self.batch, y.y[0].size, x.activation,
            )  # fmt: skip

    def _loss(self, output: _Value) -> None:
        chain, tape, batch = self.chain, self.tape, self.batch
        classes = output.y[0].size
        kind = LOSSES.get(chain.loss)
        if kind is None:
            raise NotCompiled(f"the loss {chain.loss}")
        sparse = chain.loss == "sparse_categorical_crossentropy"
        target = np.zeros(batch, np.int64) if sparse else tape.empty(batch, classes)
        self._from_source(target, target[0].nbytes, batch)
        weight = None
        if chain.weighted:
            weight = tape.empty(batch)
            self._from_source(weight, weight.itemsize, batch)
        values = tape.empty(batch)
        # Parts of whole cache lines, where each sample is a column of what is turned.
        parts, count = self._parts(40 * batch * classes, batch, 16)
        tape.add(
            cpu_loss_steps.rows, parts, output.y, target, weight, output.slopes, output.turned,
            values, self.outputs, batch, classes, count, kind, output.activation,
        )  # fmt: skip
        tape.add(cpu_loss_steps.total, 1, values, self.losses, batch)


def _name(stage: Any) -> str:
    return type(stage).__name__.removesuffix("Stage").lower()


def _parameters(stage: Any) -> bool:
    found = [getattr(stage, name, None) for name in ("kernel_parameter", "bias_parameter")]
    return any(each is not None for each in found)


def _activation(name: str, chain: Chain, *, is_last: bool) -> int:
    """The kernels' number for an activation; softmax is the loss's."""
    if name == "softmax" and is_last and chain.loss in OVER_CLASSES:
        return LINEAR
    if name not in ACTIVATIONS or (is_last and chain.loss in OVER_CLASSES):
        raise NotCompiled(f"the activation {name} there")
    return ACTIVATIONS[name]
