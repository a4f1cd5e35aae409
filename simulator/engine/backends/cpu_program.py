"""Chains as programs: a table for the machine, and the arrays that a call fills."""
# ruff: noqa: D102 - What a program does is written in `program`.

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import cpu_update_steps
from simulator.engine.backends.cpu_builder import Builder
from simulator.engine.backends.cpu_machine import Tape, Turn, address_of, take_turns
from simulator.engine.backends.program import Chain, Program, Source

MOST_BYTES = 1 << 25
"""Of what is kept for the steps of one call: outputs and masks."""
MOST_STEPS = 1024


@final
class CpuProgram(Program):
    """A chain's table, and the arrays that it works on."""

    columns = cpu_update_steps.COLUMNS

    def __init__(self, chain: Chain, *, measured: bool = False) -> None:
        """Raises NotCompiled for what is not there. One that is `measured` has only its size."""
        self._chain = chain
        self._tape = tape = Tape(chain.dtype, measured=measured)
        masks = chain.mask_shapes
        output_shape = chain.stages[-1][1]
        bytes_each = tape.dtype.itemsize * chain.batch
        bytes_each *= sum(int(np.prod(shape)) for shape in [*masks, output_shape])
        self.capacity = max(1, min(MOST_STEPS, MOST_BYTES // bytes_each))
        self._order = tape.empty(self.capacity, chain.batch, dtype=np.int64)
        if not measured:  # predictions take the samples as they come
            self._order[...] = np.arange(self._order.size).reshape(self._order.shape)
        self._numbers = tape.empty(self.capacity, self.columns)
        self._losses = tape.empty(self.capacity, dtype=np.float64)
        self._outputs = tape.empty(self.capacity, chain.batch, *output_shape)
        self._masks = [tape.empty(self.capacity, chain.batch, *shape) for shape in masks]
        self._sources: list[tuple[int, int]] = []  # the rows and columns that name the data
        self._machine = Builder(chain, tape, self).build()
        self.alone = self._machine.alone
        self._source: Source | None = None

    def size(self, threads: int) -> int:
        """The bytes that it takes with so many threads."""
        return self._machine.size_for(threads)

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
        self.load(source, order, numbers)
        for own, given in zip(self._masks, masks, strict=True):
            own[:steps] = given
        done = self._machine.run(steps, threads)
        found = min(done + 1, steps)
        return self._losses[:found], self._outputs[:done]

    def load(self, source: Source, order: Array, numbers: FloatArray | None) -> None:
        if source is not self._source:
            self._attach(source)
        self._order[: len(order)] = order
        if numbers is not None:
            self._numbers[: len(order)] = numbers

    def found(self, steps: slice) -> tuple[Array, FloatArray]:
        return self._losses[steps], self._outputs[steps]

    def turn(self, steps: slice) -> Turn:
        """These steps, as the machine takes them in turn with those of others."""
        return self._machine.turn(steps)

    def outputs(self, x: Array, *, threads: int) -> FloatArray:
        batch, x = self._chain.batch, np.ascontiguousarray(x)
        found: list[FloatArray] = []
        ((row, column),) = self._sources
        for start in range(0, len(x) // batch, self.capacity):
            # The order of the samples is the one that the table was made with.
            steps = min(self.capacity, len(x) // batch - start)
            self._machine.table[row, column] = address_of(x) + start * batch * x[0].nbytes
            self._machine.run(steps, threads)
            found.append(self._outputs[:steps].reshape(-1, *self._outputs.shape[2:]).copy())
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _attach(self, source: Source) -> None:
        arrays = [each for each in (source.x, source.y, source.weight) if each is not None]
        for (row, column), array in zip(self._sources, arrays, strict=True):
            if not array.flags.c_contiguous:
                raise ValueError("The samples have to lie one after another.")
            self._machine.table[row, column] = address_of(array)
        self._source = source

    # What the builder asks for while the table is made.

    @property
    def buffers(self) -> tuple[Array, FloatArray, Array, FloatArray, list[FloatArray]]:
        """Order, numbers, losses, outputs, masks; a row for each step."""
        return self._order, self._numbers, self._losses, self._outputs, self._masks

    def names_source(self, row: int, column: int) -> None:
        """Say where the table wants the address of the next array of a `Source`."""
        self._sources.append((row, column))


def run_in_turn(turns: Sequence[tuple[Program, slice]]) -> bool:
    """`Backend.in_turn`."""
    return take_turns([_own(program).turn(steps) for program, steps in turns])


def _own(program: Program) -> CpuProgram:
    if not isinstance(program, CpuProgram):
        raise TypeError(f"{type(program).__name__} is no program of this backend.")
    return program
