"""The training of a restricted Boltzmann machine, one batch after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.rbm.draws import coins
from simulator.engine.rbm.parts import Contrast, RBMBatchEnd, RBMPosition
from simulator.engine.training import Diverged, EpochBegin, EpochEnd, Event, Finished

if TYPE_CHECKING:
    from simulator.engine.rbm.machine import BernoulliRBM


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
    ) -> None:
        """Data (N, V); a persistent run has as many chains as a batch has samples."""
        self.machine = machine
        self.data = data
        self.epochs = epochs
        self.batch_size = batch_size
        self.k = k
        self.persistent = persistent
        self.shuffle = shuffle
        self.batches = -(-len(data) // batch_size)
        self._position = RBMPosition()
        self._order: tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]]] | None = None
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
                event = self._batch()
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

    def _batch(self) -> Event:
        machine, position = self.machine, self._position
        first = position.batch * self.batch_size
        batch = self.data[self._chosen(first)]
        contrast = machine.contrast(batch, k=self.k, start=self._particles())
        good = {name: each.copy() for name, each in machine.weights.items()}
        # An optimizer goes downhill, and the likelihood is to rise.
        gradients = {
            name: contrast.negative[name] - contrast.positive[name] for name in machine.weights
        }
        machine.optimizer.step(machine.weights, gradients)
        broken = [name for name, each in machine.weights.items() if not np.isfinite(each).all()]
        if broken:
            for name, each in good.items():
                machine.weights[name][...] = each
            return self._diverged(broken[0])
        if self.persistent:
            machine.particles = contrast.chain[-1].visible
        loss = self._error(batch, contrast)
        self._position = replace(
            position,
            batch=position.batch + 1,
            step=position.step + 1,
            error=position.error + loss * len(batch),
        )
        logs = {"loss": self._position.error / min(first + self.batch_size, len(self.data))}
        return RBMBatchEnd(
            position.epoch, position.step + 1, position.batch, self.batches, loss, logs, contrast
        )

    def _chosen(self, first: int) -> slice | np.ndarray[tuple[int], np.dtype[np.int64]]:
        chosen = slice(first, first + self.batch_size)
        if not self.shuffle:
            return chosen
        seed = self._position.order_seed
        if self._order is None or self._order[0] != seed:
            self._order = seed, np.random.default_rng(seed).permutation(len(self.data))
        return self._order[1][chosen]

    def _particles(self) -> FloatArray | None:
        """Where the chains start; None for the data."""
        if not self.persistent:
            return None
        machine = self.machine
        if machine.particles is None or len(machine.particles) != self.batch_size:
            machine.particles = coins(
                machine.training_rng, (self.batch_size, machine.visible_units), machine.dtype
            )
        return machine.particles

    def _error(self, batch: FloatArray, contrast: Contrast) -> float:
        """The mean squared error of the data's reconstruction: the chain's first step, where it
        starts at the data.
        """
        if self.persistent:
            made = self.machine.visible_probabilities(contrast.hidden_probabilities)
        else:
            made = contrast.chain[0].visible_probabilities
        return float(np.mean(np.square(made - batch), dtype=np.float64))

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
