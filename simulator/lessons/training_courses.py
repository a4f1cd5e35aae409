"""Networks that a lesson trains before it shows them, epoch by epoch as far as it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from math import inf
from threading import Lock
from time import monotonic
from typing import Any

from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.model import Model
from simulator.engine.optimizers import SGD, Adam
from simulator.engine.rbm import BernoulliRBM
from simulator.engine.training import BatchEnd, Diverged, EpochEnd, Event, Finished
from simulator.engine.variational import VariationalAutoencoder
from simulator.lessons.compression_data import learned_from, set_of
from simulator.lessons.own_network import network

Array = NDArray[Any]
Weights = dict[str, Array]

MOST_EPOCHS = 50
BATCH = 64
RBM_BATCH = 10
RATE = 0.005
MOST_CELLS = 320_000
"""Convolutions learn from pictures of so many cells together."""


_elsewhere: ContextVar[bool] = ContextVar("elsewhere", default=False)


class UntrainedError(Exception):
    """``course`` has to be trained to ``state`` before the lesson can show what it is to show."""

    def __init__(self, course: Course, state: int) -> None:
        super().__init__(f"state {state} is not trained yet")
        self.course = course
        self.state = state


@contextmanager
def trained_elsewhere() -> Iterator[None]:
    """Where a state is missing in here, raise ``UntrainedError`` in place of training for it, as a
    window would stand still meanwhile.
    """
    token = _elsewhere.set(True)
    try:
        yield
    finally:
        _elsewhere.reset(token)


class Course:
    """States of a training, which goes on only when a later one is wanted.

    The same arguments give the same weights. A
    state is the end of an epoch; with ``every``, it comes after so many updates.
    While somebody else trains it on, it is ``attended``: then whoever looks takes what there is.
    """

    def __init__(
        self,
        holder: Model | BernoulliRBM | VariationalAutoencoder,
        run: Iterator[Event],
        *,
        every: int | None = None,
    ) -> None:
        """Take what is trained, and the events of its training."""
        self._holder = holder
        self._run = run
        self._every = every
        self._weights: list[Weights] = [self._copied()]
        self._losses: list[float] = []
        self._lock = Lock()  # a lesson may be prepared in a thread while another is opened
        self._ended = False
        self._attendants = 0
        self._counting = Lock()

    @property
    def reached(self) -> int:
        """The last state that there is by now."""
        return len(self._weights) - 1

    @property
    def losses(self) -> tuple[float, ...]:
        """The training's loss on the way to each state but the first."""
        return tuple(self._losses)

    @property
    def attended(self) -> bool:
        """Whether somebody trains it on."""
        return self._attendants > 0

    def attend(self) -> None:
        """Promise to train it on, until ``leave``; several may, as lessons share courses."""
        with self._counting:
            self._attendants += 1

    def leave(self) -> None:
        """Train it no more."""
        with self._counting:
            self._attendants -= 1

    def is_over(self, state: int) -> bool:
        """Whether there is nothing to train up to a state."""
        return self.reached >= state or self._ended

    def shown(self, state: int) -> int:
        """Return a state, or the last that could be reached.

        Raises ``UntrainedError`` within ``trained_elsewhere``.
        """
        if _elsewhere.get() and not self.is_over(state):
            raise UntrainedError(self, state)
        if not self.attended:
            self.reach(state)
        return min(state, self.reached)

    def after(self, state: int) -> Weights:
        """Return the weights of a state, or of the last that could be reached."""
        return self._weights[self.shown(state)]

    def reach(self, state: int, *, seconds: float = inf) -> bool:
        """Train on up to a state, or for a while; return whether there is more to do."""
        if self.reached >= state:
            return False  # nothing to wait for
        end = monotonic() + seconds
        with self._lock:
            while self.reached < state and not self._ended:
                if not self._go_on():
                    self._ended = True
                    break
                self._weights.append(self._copied())
                if monotonic() > end:
                    break
        return self.reached < state and not self._ended

    def _go_on(self) -> bool:
        updates, total = 0, 0.0
        for event in self._run:
            if isinstance(event, BatchEnd):
                updates += len(event.losses)
                total += sum(event.losses)
                if updates == self._every:
                    self._losses.append(total / updates)
                    return True
            if isinstance(event, EpochEnd) and self._every is None:
                self._losses.append(total / max(updates, 1))
                return True
            if isinstance(event, Diverged | Finished):
                return False
        return False

    def _copied(self) -> Weights:
        found: Weights = {}
        copies: dict[int, Array] = {}
        for name, weight in self._holder.weights.items():
            # What layers share is one array in the copy, too.
            copies.setdefault(id(weight), weight.copy())
            found[name] = copies[id(weight)]
        if isinstance(self._holder, BernoulliRBM) and self._holder.particles is not None:
            found["particles"] = self._holder.particles.copy()
        return found


@lru_cache(maxsize=12)
def autoencoder_course(
    pictures: str, layers: tuple[str, ...], sample: tuple[int, ...], seed: int
) -> Course:
    """Return the training of an autoencoder on a set of pictures, with Adam on squared errors.

    ``layers`` are told as JSON, and ``sample`` is the shape of what the first of them takes. Where
    that is a picture, windows slide over it, which takes longer: of large pictures there are fewer.
    """
    target = set_of(pictures).flat
    if len(sample) > 1:
        target = target[: MOST_CELLS // target.shape[1]]
    model = network(layers, sample, seed=seed, backend=Backend())
    model.compile(optimizer=Adam(RATE), loss="mse")
    x = target.reshape(len(target), *sample)
    run = model.training(x, target, epochs=MOST_EPOCHS, batch_size=BATCH)
    return Course(model, run)


@lru_cache(maxsize=12)
def rbm_course(
    pictures: str, hidden: int, rate: float, k: int, persistent: bool, seed: int
) -> Course:
    """Return the training of a Boltzmann machine on a set of pictures made black and white."""
    x = learned_from(pictures)
    machine = BernoulliRBM(
        x.shape[1], hidden, optimizer=SGD(rate), stddev=0.1, seed=seed, backend=Backend()
    )
    run = machine.training(x, epochs=MOST_EPOCHS, batch_size=RBM_BATCH, k=k, persistent=persistent)
    return Course(machine, run)
