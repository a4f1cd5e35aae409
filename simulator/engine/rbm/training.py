"""The training of a restricted Boltzmann machine, one batch after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends.base_boltzmann import Order
from simulator.engine.rbm.draws import coins
from simulator.engine.rbm.parts import RBMBatchEnd, RBMPosition
from simulator.engine.rbm.steps import train
from simulator.engine.training import Diverged, EpochBegin, EpochEnd, Event, Finished

if TYPE_CHECKING:
    from simulator.engine.rbm.machine import BernoulliRBM


_DRAWS = 2**17


class RBMRun(Iterator[Event]):
    """The events of one call of `BernoulliRBM.training`, each made when it is asked for."""

    def __init__(
        self,
        machine: BernoulliRBM,
        data: FloatArray,
        *,
        epochs: int,
        batch_size: int,
        k: int,
        persistent: bool,
        shuffle: bool,
        steps_per_event: int,
    ) -> None:
        """Data (N, V); a persistent run has as many chains as a batch has samples."""
        self.machine = machine
        self.data = data
        self.epochs = epochs
        self.batch_size = batch_size
        self.k = k
        self.persistent = persistent
        self.shuffle = shuffle
        self.steps_per_event = steps_per_event
        self.batches = -(-len(data) // batch_size)
        self._position = RBMPosition()
        # Many more steps in one call would only take more memory, for the draws.
        draws = batch_size * k * (machine.visible_units + machine.hidden_units)
        self._most_steps = -(-_DRAWS // draws)
        self._order: tuple[int, Order] | None = None
        self._events = self._run()

    def __next__(self) -> Event:
        return next(self._events)

    @property
    def position(self) -> RBMPosition:
        """Where it stands; setting it lets the run go on from there."""
        return self._position

    @position.setter
    def position(self, position: RBMPosition) -> None:
        self._position = position
        self._events = self._run()

    def _run(self) -> Iterator[Event]:
        while self._position.epoch < self.epochs:
            if not self._position.begun:
                seed = int(self.machine.training_rng.integers(2**63)) if self.shuffle else 0
                self._position = replace(
                    self._position, begun=True, batch=0, order_seed=seed, error=0.0
                )
                yield EpochBegin(self._position.epoch, self._position.step, self.batches)
            while self._position.batch < self.batches:
                event = self._train()
                yield event
                if isinstance(event, Diverged):
                    return
            position = self._position
            loss = position.error / len(self.data)
            self._position = replace(
                position,
                epoch=position.epoch + 1,
                batch=0,
                begun=False,
                losses=(*position.losses, loss),
            )
            yield EpochEnd(position.epoch, position.step, {"loss": loss})
        position = self._position
        yield Finished(position.epoch, position.step, {"loss": position.losses[-1]})

    def _train(self) -> Event:
        """Train with as many batches as an event covers."""
        position, machine = self._position, self.machine
        first = position.batch * self.batch_size
        count = min(self.steps_per_event, self._most_steps)
        particles = self._particles()
        trained = train(
            machine,
            self.data,
            self._chosen(first, count),
            batch_size=self.batch_size,
            k=self.k,
            particles=particles,
            look=self.steps_per_event == 1,
        )
        if not trained.losses:
            return self._diverged(str(trained.broken))
        machine.particles = particles
        losses = trained.losses
        after = min(first + len(losses) * self.batch_size, len(self.data))
        last = after - first - (len(losses) - 1) * self.batch_size
        error = sum(losses[:-1]) * self.batch_size + losses[-1] * last
        self._position = replace(
            position,
            batch=position.batch + len(losses),
            step=position.step + len(losses),
            error=position.error + error,
        )
        return RBMBatchEnd(
            position.epoch,
            self._position.step,
            self._position.batch - 1,
            self.batches,
            losses,
            {"loss": self._position.error / after},
            trained.contrast,
        )

    def _chosen(self, first: int, count: int) -> Order:
        """The samples of so many batches."""
        seed = self._position.order_seed
        if self._order is None or self._order[0] != seed:
            samples = len(self.data)
            order = np.arange(samples)
            if self.shuffle:
                order = np.random.default_rng(seed).permutation(samples)
            self._order = seed, order
        return self._order[1][first : first + count * self.batch_size]

    def _particles(self) -> FloatArray | None:
        """Where the chains start; None for the data."""
        if not self.persistent:
            return None
        machine = self.machine
        if machine.particles is None or len(machine.particles) != self.batch_size:
            return coins(
                machine.training_rng, (self.batch_size, machine.visible_units), machine.dtype
            )
        return machine.particles

    def _diverged(self, name: str) -> Diverged:
        position = self._position
        return Diverged(
            position.epoch,
            position.step,
            position.batch,
            name,
            "weights",
            f"Training diverged at step {position.step + 1} (epoch {position.epoch + 1}): the "
            f"{name.replace('_', ' ')} is no longer finite. The machine has its last good weights: "
            "try a smaller learning rate.",
        )
