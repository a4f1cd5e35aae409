"""Updates of weights in the table: rows for the optimizer, and what happens to gradients before."""

from __future__ import annotations

from typing import final

import numpy as np

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import cpu_gradient_steps, cpu_update_steps
from simulator.engine.backends.cpu_machine import Tape
from simulator.engine.backends.program import Chain, NotCompiled, Parameter

BLOCK = 1024
"""Numbers that are added up one after another: few enough for float32."""


@final
class Updates:
    """The rows of all updates of a chain, and the operations that regularizers and limits need."""

    def __init__(self, chain: Chain, tape: Tape, numbers: FloatArray) -> None:
        self._chain, self._tape, self._numbers = chain, tape, numbers
        self._by_norm = chain.clipping in ("norm", "global_norm")
        self._gathered: dict[int, tuple[FloatArray, Array]] = {}
        self._activities: list[tuple[FloatArray, FloatArray, int]] = []

    def row(self, parameter: Parameter) -> Array:
        """How these weights follow their gradient. Raises NotCompiled for unknown optimizers."""
        steps = cpu_update_steps
        optimizer = steps.FUNCTIONS.get(self._chain.optimizer)
        if optimizer is None:
            raise NotCompiled(f"the optimizer {self._chain.optimizer}")
        tape = self._tape
        row = np.zeros(steps.WIDTH, np.int64)
        row[steps.FUNCTION] = row[steps.OPTIMIZER] = tape.address(optimizer)
        slots = [*parameter.slots, None, None][:2]
        arrays = (parameter.weights, parameter.kept, *slots, self._numbers)
        row[steps.WEIGHTS : steps.DECAYS] = [tape.number(array) for array in arrays]
        row[steps.DECAYS] = parameter.decays
        if parameter.penalty is not None or self._chain.clipping:
            row[steps.FUNCTION] = tape.address(cpu_gradient_steps.prepare)
            row[steps.PENALTY] = tape.number(parameter.penalty)
            row[steps.LIMITED] = self._chain.clipping == "value"
            if self._by_norm:
                row[steps.GATHERED] = tape.number(self._gathering(parameter, row))
        return row

    def finish(self) -> None:
        """Append what is done when all gradients are there."""
        if not self._gathered:
            return
        tape, together = self._tape, self._chain.clipping == "global_norm"
        blocks = [-(-gradient.size // BLOCK) for gradient, _ in self._gathered.values()]
        sums = tape.empty(sum(blocks))
        tape.needs(BLOCK)
        starts = np.cumsum([0, *blocks])
        for (gradient, _), start, count in zip(
            self._gathered.values(), starts, blocks, strict=False
        ):
            own = sums[start : start + count]
            tape.add(cpu_gradient_steps.add_squares, count, gradient, own, gradient.size, BLOCK)
        for (gradient, row), start, count in zip(
            self._gathered.values(), starts, blocks, strict=False
        ):
            own = sums if together else sums[start : start + count]
            tape.add(
                cpu_gradient_steps.scale, count, gradient, row, gradient.size, BLOCK, own,
                own.size, int(together),
            )  # fmt: skip

    def watch(self, y: FloatArray, penalty: FloatArray) -> None:
        """Let what a layer gives (B, …) cost something."""
        self._activities.append((y, penalty, len(y)))

    def penalty(self) -> Array | None:
        """Append what regularizers add to the loss, and return where that will be."""
        tape = self._tape
        terms: list[list[int]] = []
        weights = [
            (parameter.weights, parameter.penalty, 1)
            for parameter in self._chain.parameters
            if parameter.penalty is not None
        ]
        for array, penalty, share in [*weights, *self._activities]:
            count = -(-array.size // BLOCK)
            sums = tape.empty(count, cpu_gradient_steps.SUMS)
            tape.add(cpu_gradient_steps.weigh, count, array, sums, array.size, BLOCK)
            terms.append([tape.number(sums), count, tape.number(penalty), share])
        if not terms:
            return None
        tape.needs(BLOCK)
        target = tape.empty(1, dtype=np.float64)
        table = np.array(terms, np.int64)
        tape.add(cpu_gradient_steps.penalize, 1, table, len(terms), target)
        return target

    def _gathering(self, parameter: Parameter, row: Array) -> FloatArray:
        """Where the whole gradient of these weights is gathered."""
        key = id(parameter.weights)
        if key not in self._gathered:
            self._gathered[key] = self._tape.empty(parameter.weights.size), row
        return self._gathered[key][0]
