"""Recurrent layers in the table."""
# ruff: noqa: D102 - What the way back does is written in `Part`.

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends import (
    cpu_data_steps,
    cpu_recurrent_steps,
    cpu_recurrent_steps_gru,
    cpu_recurrent_steps_lstm,
    cpu_recurrent_steps_simple,
)
from simulator.engine.backends.cpu_build_base import Part, Value
from simulator.engine.backends.cpu_build_updates import Updates
from simulator.engine.backends.cpu_machine import Handler, Tape
from simulator.engine.backends.program import Chain, RecurrentStage

SAMPLES = 8
"""Samples of a part are a multiple of this, the rows of a tile."""
ROWS_OF_KERNEL = 32
"""Of a kernel's gradient, in a part."""

CELLS: dict[tuple[str, bool], tuple[Handler, Handler]] = {
    ("simple_rnn", False): (
        cpu_recurrent_steps_simple.forward,
        cpu_recurrent_steps_simple.backward,
    ),
    ("lstm", False): (cpu_recurrent_steps_lstm.forward, cpu_recurrent_steps_lstm.backward),
    ("gru", True): (
        cpu_recurrent_steps_gru.reset_after_forward,
        cpu_recurrent_steps_gru.reset_after_backward,
    ),
    ("gru", False): (
        cpu_recurrent_steps_gru.reset_before_forward,
        cpu_recurrent_steps_gru.reset_before_backward,
    ),
}
"""The way there and the way back, by kind and whether the reset comes after the product."""


@final
class RecurrentPart(Part):
    """A recurrent layer."""

    def __init__(
        self, chain: Chain, tape: Tape, updates: Updates, x: Value, stage: RecurrentStage
    ) -> None:
        super().__init__(chain, tape, updates, x)
        self.stage = stage
        self.trained = any(each is not None for each in stage.parameters)
        B, D = self.batch, stage.kernel.shape[0]
        T = x.y[0].size // D
        U = stage.recurrent_kernel.shape[0]
        G = stage.recurrent_kernel.shape[1] // U
        self.sizes = B, T, D, U
        self.gates = tape.empty(T, G if stage.kind != "gru" else 4, B, U)
        self.h = tape.empty(T + 1, B, U)
        lstm = stage.kind == "lstm"
        self.c = tape.empty(T + 1, B, U) if lstm else None
        self.activated = tape.empty(T, B, U) if lstm else None
        self.turned = tape.empty(G * U, U)
        self.y = Value(tape.empty(B, T, U) if stage.sequences else self.h[-1])
        self.parts, self.samples = self.split(B * T * (D + U) * G * U, B, SAMPLES)
        self.cell = CELLS[stage.kind, stage.kind == "gru" and stage.reset_after]
        activations = [stage.activation]
        if stage.kind != "simple_rnn":
            activations.append(stage.recurrent_activation)
        self.numbers_of = [self.activation(name, is_last=False) for name in activations]
        self._add(self.cell[0], None, None)

    def backward(self, *, to_x: bool) -> None:
        B, _, D, U = self.sizes
        kernel, turned = self.stage.kernel, None
        if to_x:
            turned = self.tape.empty(*kernel.shape[::-1])
            self.tape.add(cpu_data_steps.turn, 1, kernel, turned, *kernel.shape)
        self.tape.needs(3 * self.samples * U)
        self._add(self.cell[1], turned, self.x.slopes if to_x else None)
        if to_x:
            self.turn_slopes()
        blocks = list(self._blocks())
        if blocks:
            self.tape.needs(min(ROWS_OF_KERNEL, max(D, U)) * kernel.shape[1] + 1)
            parts = sum(-(-block[2] // block[3]) for block in blocks)
            self.tape.add(cpu_recurrent_steps.gradient, parts, _table(blocks), len(blocks), B, U)

    def _add(
        self, handler: Handler, kernel_turned: FloatArray | None, to_x: FloatArray | None
    ) -> None:
        stage, x, y = self.stage, self.x, self.y
        self.tape.add(
            handler,
            self.parts,
            x.y,
            stage.kernel,
            stage.recurrent_kernel,
            stage.bias,
            kernel_turned,
            self.turned,
            self.gates,
            self.c,
            self.activated,
            self.h,
            y.y,
            y.slopes,
            to_x,
            *self.sizes,
            self.samples,
            self.numbers_of[0],
            self.numbers_of[-1],
            int(stage.sequences),
            int(stage.backwards),
            x.activation,
        )

    def _blocks(self) -> Iterator[list[int]]:
        """What `cpu_recurrent_steps.gradient` is told of each array of weights."""
        B, T, D, U = self.sizes
        kernel, recurrent_kernel, bias = self.stage.parameters
        gru, after = self.stage.kind == "gru", self.stage.reset_after
        time, number = self.gates[0].size, self.tape.number
        # Each gate's place among what the cell keeps: what the kernel makes, and the recurrent one.
        made = [0, 1, 3] if gru else list(range(self.gates.shape[1]))
        made_again = [0, 1, 2] if gru and after else made
        x = [number(self.x.y), 0, T * D, D]
        if self.stage.backwards:
            x = [x[0], (T - 1) * D, T * D, -D]
        nothing = [0] * 4
        hidden = [number(self.h[1]), 0, U, B * U]
        reset = [number(self.gates[0, 2]), time, U, time] if gru and not after else hidden
        sources = [hidden, hidden, reset] if gru else [hidden] * len(made)

        def lines(places: list[int], sources: list[list[int]], first: int) -> list[int]:
            found = [
                [*source, number(self.gates[0, place]) + first * time * self.gates.itemsize, time]
                for place, source in zip(places, sources, strict=True)
            ]
            return [each for line in found for each in line]

        for parameter, start, rows, steps, own in (
            (kernel, 0, D, T, lines(made, [x] * len(made), 0)),
            (recurrent_kernel, 0, U, T - 1, lines(made_again, sources, 1)),
            (bias, 0, 1, T, lines(made, [nothing] * len(made), 0)),
            (bias, 3 * U, 1, T, lines(made_again, [nothing] * len(made), 0)),
        ):
            update = self.update(parameter)
            if update is not None and (start == 0 or (gru and after)):
                head = [number(update), start, rows, ROWS_OF_KERNEL, steps, len(made)]
                yield [*head, *own]


def _table(blocks: list[list[int]]) -> Array:
    table = np.zeros((len(blocks), cpu_recurrent_steps.BLOCK), np.int64)
    for row, block in zip(table, blocks, strict=True):
        row[: len(block)] = block
    return table
