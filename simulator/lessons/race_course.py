"""Recurrent networks that are trained side by side on one task, and what can be seen of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import count as counting
from math import inf
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.layers import GRU, LSTM, Dense, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.engine.model import Model
from simulator.engine.optimizers import Adam
from simulator.engine.sequential import Sequential
from simulator.lessons.race_tasks import TEXT, Task, held_count, task_of
from simulator.lessons.recurrent_input import LETTERS
from simulator.lessons.training_courses import Course
from simulator.traces.recurrent import Sequence
from simulator.traces.through_time import through_time_trace

Array = NDArray[Any]

KINDS: Mapping[str, type[Recurrent]] = {"RNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
BATCH = 32
EVERY = 10
"""Updates from one state to the next."""
EPOCHS = 10_000
"""More than are ever reached: a course ends with its last state."""
MOST_KEPT = 400
MOST_SEEN = 100
"""So many signs before it are read for each sign that is written."""
_serials = counting()


class Lane(Course):
    """States of one network's training, each with its error on the sequences that are held back.

    Whoever trains computes it: the window, which looks at all states at once, would stand still.
    """

    def __init__(self, model: Sequential, task: Task) -> None:
        """Take a compiled network."""
        run = model.training(task.x, task.y, epochs=EPOCHS, batch_size=BATCH)
        super().__init__(model, run, every=EVERY)
        self._model = model
        self._task = task
        self.held_errors = [self._held_error()]

    def _go_on(self) -> bool:
        if not super()._go_on():
            return False
        self.held_errors.append(self._held_error())
        return True

    def _held_error(self) -> float:
        task = self._task
        answers = np.asarray(self._model.predict(task.held_x, verbose=0))
        return task.error(answers, task.held_y)


class RaceCourse(Course):
    """Several courses that go on in turn, a state each."""

    def __init__(self, lanes: tuple[Lane, ...], model: Model) -> None:
        """Take the courses; ``model`` is that of the first."""
        super().__init__(model, iter(()))
        self.lanes = lanes

    @property
    def reached(self) -> int:
        """The last state that every lane has by now, but for those that came to an end."""
        return max(0, min((lane.reached for lane in self.lanes), default=0))

    def attend(self) -> None:
        """Promise to train every lane on, until ``leave``."""
        super().attend()
        for lane in self.lanes:
            lane.attend()

    def leave(self) -> None:
        """Train no lane any more."""
        super().leave()
        for lane in self.lanes:
            lane.leave()

    def reach(self, state: int, *, seconds: float = inf) -> bool:
        """Train on up to a state, or for a while; return whether there is more to do."""
        end = monotonic() + seconds
        while self.reached < state:
            before = self.reached
            for lane in self.lanes:
                lane.reach(min(before + 1, state))
            if self.reached == before:
                return False  # a lane has diverged: the race is over
            if monotonic() > end:
                break
        return self.reached < state

    def loss(self, lane: int, state: int) -> float:
        """Return the training's loss on the way to a state."""
        losses = self.lanes[lane].losses
        return losses[min(state, len(losses)) - 1] if state and losses else float("nan")


class RaceLearner:
    """Networks in training: their states are counted from 0, which is before any update."""

    def __init__(self, names: tuple[str, ...], task: Task, *, units: int, rate: float, seed: int):
        """Make a network for each name, all from the same seed."""
        self.serial = next(_serials)
        self.names = names
        self.task = task
        self._backend = Backend()
        models = [self._network(name, units, seed) for name in names]
        for model in models:
            model.compile(optimizer=Adam(rate, clipnorm=1.0), loss=task.loss)
        self.course = RaceCourse(tuple(Lane(model, task) for model in models), models[0])
        # Others to look with, so that the training is never disturbed.
        self._seen = [self._network(name, units, seed, looks=True) for name in names]
        self._kept: dict[tuple[object, ...], Any] = {}

    def _network(self, name: str, units: int, seed: int, *, looks: bool = False) -> Sequential:
        """Return a network; one to look with reads sequences of any length."""
        task = self.task
        cell = KINDS[name](units, return_sequences=task.each_step, name="cell", seed=seed)
        activation = "softmax" if task.classifies else None
        model = Sequential(
            [cell, Dense(task.answers, activation, name="answer")],
            name=name.lower(),
            seed=seed,
            backend=self._backend,
        )
        model.build((None, None if looks else task.x.shape[1], task.x.shape[2]))
        return model

    def look_with(self, backend: Backend) -> None:
        """Let a backend compute what is looked at; the training stays the reference's."""
        for model in self._seen:
            model.backend = backend

    def model(self, lane: int, state: int) -> Sequential:
        """Return a network with the weights of a state."""
        model = self._seen[lane]
        weights = self.course.lanes[lane].after(state)
        for name, array in model.weights.items():
            array[...] = weights[name]
        return model

    def answers(self, lane: int, state: int, x: Array) -> Array:
        """Return what a network answers to sequences (N, T, C)."""
        return np.asarray(self.model(lane, state).predict(x, verbose=0))

    def error(self, lane: int, state: int, x: Array, truth: Array) -> float:
        """Return the error of a network on sequences."""
        return self.task.error(self.answers(lane, state, x), truth)

    def held_error(self, lane: int, state: int) -> float:
        """Return the error on the sequences that are held back."""
        course = self.course.lanes[lane]
        return course.held_errors[course.shown(state)]

    def norms(self, lane: int, state: int, x: Array) -> Array:
        """Return how much the last answer depends on the state at each time step (T,).

        It is the length of the gradient there, which begins with 1 at the last.
        """
        model = self.model(lane, state)
        cell, answer = model.layers[-2:]
        assert isinstance(cell, Recurrent)
        direction = answer.weights["kernel"].sum(axis=1)
        to_output = np.zeros((len(x), len(direction)), x.dtype)
        to_output[-1] = direction / max(float(np.linalg.norm(direction)), 1e-12)
        trace = through_time_trace(cell, Sequence(x), to_output, backend=model.backend)
        norms = np.asarray(trace.arrays["norm"].values)[:, 0]
        return np.asarray(norms / max(float(norms[-1]), 1e-12))

    def solved_after(self, lane: int, state: int) -> int | None:
        """Return after how many updates a network solved the task; None if not by this state."""
        for at in range(min(state, self.course.reached) + 1):
            if self.held_error(lane, at) < self.task.solved:
                return at * EVERY
        return None

    def forecast(self, lane: int, state: int, x: Array, steps: int) -> Array:
        """Return values (steps,) of a network that goes on from x (T, 1) on its own answers."""
        key = ("forecast", lane, state, steps)
        if key not in self._kept:
            seen, found = x.copy(), []
            for _ in range(steps):
                value = self.answers(lane, state, seen[None])[0, -1]
                found.append(float(value[0]))
                seen = np.concatenate([seen[1:], value[None]]).astype(x.dtype)
            self._keep(key, np.array(found))
        return np.asarray(self._kept[key])

    def written(self, lane: int, state: int, signs: int, temperature: float) -> str:
        """Return a text that a network writes, sign by sign, each drawn by its probability.

        The temperature divides the logarithms of the probabilities before they are drawn from.
        """
        key = ("text", lane, state, signs, temperature)
        if key not in self._kept:
            rng = np.random.default_rng(0)
            seen = self.task.held_x[0][-MOST_SEEN:].copy()
            text = ""
            for _ in range(signs):
                shares = self.answers(lane, state, seen[None])[0, -1].astype(np.float64)
                logits = np.log(np.maximum(shares, 1e-30)) / temperature
                drawn = np.exp(logits - logits.max())
                sign = int(rng.choice(len(drawn), p=drawn / drawn.sum()))
                text += LETTERS[sign]
                seen = np.concatenate([seen[1:], np.eye(len(LETTERS), dtype=seen.dtype)[[sign]]])
            self._keep(key, text)
        return str(self._kept[key])

    def _keep(self, key: tuple[object, ...], value: object) -> None:
        if len(self._kept) > MOST_KEPT * len(self.names):
            self._kept.clear()
        self._kept[key] = value


@lru_cache(maxsize=6)
def race_learner(
    names: tuple[str, ...],
    kind: str,
    length: int,
    text: str,
    units: int,
    rate: float,
    seed: int,
    series: tuple[float, ...] = (),
) -> RaceLearner:
    """Return what races with these settings: the same settings give the same race."""
    held = held_count(length, units)
    task = task_of(kind, length, text if kind == TEXT else "", seed, series, held=held)
    return RaceLearner(names, task, units=units, rate=rate, seed=seed)
