"""Several epochs in one call of compiled programs, with a look at held-out data after each.

A small network computes an epoch in less time than Python takes to ask for it. Where its operations
are so small that one thread does them all, the batches of several epochs and of the held-out data
between them are one list of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator.engine import memory
from simulator.engine.arrays import Array, FloatArray
from simulator.engine.backends.program import NotCompiled, Program, Source
from simulator.engine.data import Data
from simulator.engine.layers.regularizing import Dropout
from simulator.engine.updates import numbers_of

if TYPE_CHECKING:
    from simulator.engine.compiled import Programs
    from simulator.engine.steps import Trainer

_Key: TypeAlias = tuple[bool, int]
"""Whether batches are of the held-out data, and their size: what a program is made for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Batches of one epoch."""

    chosen: Array  # (N,) the samples, in their order
    judged: bool  # whether the network sees the held-out data then


@dataclass(frozen=True, slots=True)
class Trained:
    """What a stretch came to."""

    losses: list[float]  # each batch's own
    outputs: FloatArray  # (N, …)
    answers: FloatArray | None  # for the held-out data, if they were seen


class Ahead:
    """Runs stretches by a trainer's programs, and by others of its own for the held-out data."""

    def __init__(self, trainer: Trainer, programs: Programs) -> None:
        self._trainer = trainer
        self._programs = programs
        self._judges: dict[tuple[int, object], Program | None] = {}
        self._held_out: tuple[Data, Source] | None = None

    def possible(self, data: Data, size: int) -> bool:
        """Whether one thread runs batches of that size, whose steps cost nothing and draw nothing
        beside what their samples say.
        """
        made = self._trained(data, min(size, len(data)))
        if made is None or not made[0].alone:
            return False
        return not any(
            layer.regularizers or layer.activity_regularizer or isinstance(layer, Dropout)
            for outer in self._trainer.model.graph.layers
            for _, layer in outer.walk()
        )

    def run(
        self,
        data: Data,
        stretches: Sequence[Stretch],
        size: int,
        held_out: Data | None,
        held_out_size: int,
    ) -> list[Trained] | None:
        """Train with all stretches in batches of `size`, the last of each smaller where there is a
        rest. None, with nothing changed, where that cannot be or anything broke on the way.
        """
        queue = _Queue()
        places: list[tuple[list[_Place], list[_Place]]] = []
        for stretch in stretches:
            own = queue.add(stretch.chosen, size, judging=False)
            answers = []
            if stretch.judged and held_out is not None:
                answers = queue.add(np.arange(len(held_out)), held_out_size, judging=True)
            places.append((own, answers))
        programs = self._load(queue, data, held_out)
        if programs is None:
            return None
        trainer = self._trainer
        before = [(each, each.copy()) for each in (*trainer.arrays, *self._programs.slots)]
        turns = [(programs[place.key], place.steps) for place in queue.places]
        if not (trainer.model.backend.in_turn(turns) and trainer.finite):
            for array, numbers in before:
                array[...] = numbers
            return None
        trainer.optimizer.count_steps(queue.trained)
        return [
            Trained(
                [each for at in own for each in programs[at.key].found(at.steps)[0].tolist()],
                _outputs(programs, own),
                _outputs(programs, answers) if answers else None,
            )
            for own, answers in places
        ]

    def _load(self, queue: _Queue, data: Data, held_out: Data | None) -> dict[_Key, Program] | None:
        """The programs for what is in the queue, which know its batches then; None where there is
        none, or one with operations for several threads.
        """
        found: dict[_Key, tuple[Program, Source]] = {}
        for key in queue.orders:
            judging, batch = key
            made = self._judge(held_out, batch) if judging else self._trained(data, batch)
            if made is None or not made[0].alone or queue.steps[key] > made[0].capacity:
                return None
            found[key] = made
        numbers = numbers_of(self._trainer.optimizer, queue.trained, self._trainer.model.dtype)
        for key, (program, source) in found.items():
            own = None if key[0] else numbers[queue.numbers[key]]
            program.load(source, np.concatenate(queue.orders[key]), own)
        return {key: program for key, (program, _) in found.items()}

    def _trained(self, data: Data, batch: int) -> tuple[Program, Source] | None:
        made = self._programs.program(data, batch, self._trainer.model.backend)
        return None if made is None else made[1:]

    def _judge(self, held_out: Data | None, batch: int) -> tuple[Program, Source] | None:
        from simulator.engine.chains import forward_chain  # noqa: PLC0415 - layers import backends

        model = self._trainer.model
        if held_out is None or len(held_out.x) != 1 or held_out.x[0].dtype != model.dtype:
            return None
        key = batch, model.backend
        if key not in self._judges:
            try:
                chain = forward_chain(model.graph, model.dtype, batch)
                memory.refuse_program(model, model.backend.program_size(chain), batch)
                self._judges[key] = model.backend.program(chain)
            except NotCompiled:
                self._judges[key] = None
        program = self._judges[key]
        if self._held_out is None or self._held_out[0] is not held_out:
            source = Source(np.ascontiguousarray(held_out.x[0]), None, None)
            self._held_out = held_out, source
        return None if program is None else (program, self._held_out[1])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a program has some steps."""

    key: _Key
    steps: slice


class _Queue:
    """Steps of several programs, in the order in which they are to be done."""

    def __init__(self) -> None:
        self.places: list[_Place] = []
        self.orders: dict[_Key, list[Array]] = {}  # (steps, batch)
        self.steps: dict[_Key, int] = {}
        self.numbers: dict[_Key, list[int]] = {}
        """Of the batches that are trained with, by their program: which of all they are."""
        self.trained = 0

    def add(self, chosen: Array, size: int, *, judging: bool) -> list[_Place]:
        """Append samples in batches, and a smaller one where there is a rest."""
        whole = len(chosen) - len(chosen) % size
        return [
            self._add((judging, batch), part.reshape(-1, batch))
            for part, batch in ((chosen[:whole], size), (chosen[whole:], len(chosen) - whole))
            if len(part)
        ]

    def _add(self, key: _Key, order: Array) -> _Place:
        first = self.steps.get(key, 0)
        self.steps[key] = first + len(order)
        self.orders.setdefault(key, []).append(order)
        if not key[0]:
            self.numbers.setdefault(key, []).extend(range(self.trained, self.trained + len(order)))
            self.trained += len(order)
        place = _Place(key, slice(first, first + len(order)))
        self.places.append(place)
        return place


def _outputs(programs: dict[_Key, Program], places: Sequence[_Place]) -> FloatArray:
    """The outputs of a stretch or for the held-out data, sample by sample."""
    parts = [programs[at.key].found(at.steps)[1] for at in places]
    parts = [each.reshape(-1, *each.shape[2:]) for each in parts]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
