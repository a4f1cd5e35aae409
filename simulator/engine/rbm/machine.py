"""A restricted Boltzmann machine of units that are on or off (Smolensky 1986, Hinton 2002)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulator.engine import memory, names, optimizers, registry
from simulator.engine.activations import log_one_plus_exp, logistic
from simulator.engine.arrays import FloatArray
from simulator.engine.backends import select
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.rbm import checks
from simulator.engine.rbm.draws import coins, on, uniform
from simulator.engine.rbm.parts import Contrast, GibbsStep, RBMSnapshot
from simulator.engine.rbm.steps import statistics
from simulator.engine.rbm.training import RBMRun

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend

_WEIGHTS = ("kernel", "visible_bias", "hidden_bias")
_MANY = 10**9
"""Steps for an event that nobody waits for."""
_MOST_UNITS = 16
"""So many units in the smaller layer have 65,536 states, which can still be gone through."""


class BernoulliRBM(registry.Configurable):
    """P(v, h) = exp(−E(v, h)) / Z with E(v, h) = −v·b − h·c − v W h, for units of 0 and 1.

    `weights` are "kernel" W (V, H), "visible_bias" b (V,) and "hidden_bias" c (H,). Two generators
    come from the seed, one for training and one for everything that only looks, so that looking
    does not change how training goes on.
    """

    def __init__(
        self,
        visible_units: int,
        hidden_units: int,
        *,
        optimizer: optimizers.Optimizer | str | None = None,
        stddev: float = 0.01,
        seed: int = 0,
        dtype: str = "float32",
        backend: Backend | str = "auto",
    ) -> None:
        """Weights begin normally distributed with that deviation, biases at 0. Without an optimizer
        it is SGD(0.1).

        Raises ValueError for counts of units that are not 1 or more and for unknown names, and
        NetworkTooLarge.
        """
        self.visible_units = checks.count("visible_units", visible_units)
        self.hidden_units = checks.count("hidden_units", hidden_units)
        self.dtype = names.one_of("BernoulliRBM", "dtype", dtype, ("float32", "float64"))
        self.optimizer = optimizers.SGD(0.1) if optimizer is None else optimizers.get(optimizer)
        self.seed = seed
        beginning, training, sampling = np.random.SeedSequence(seed).spawn(3)
        shape = (self.visible_units, self.hidden_units)
        memory.refuse_if_too_large(
            memory.weights_size([prod(shape), *shape], dtype),
            what=f"The {prod(shape) + sum(shape):,} weights of the Boltzmann machine",
            remedy="give it fewer units",
        )
        kernel = np.random.default_rng(beginning).normal(0, stddev, shape)
        self.weights: dict[str, FloatArray] = {
            "kernel": kernel.astype(dtype),
            "visible_bias": np.zeros(visible_units, dtype),
            "hidden_bias": np.zeros(hidden_units, dtype),
        }
        self.particles: FloatArray | None = None  # (batch_size, V): where persistent chains stand
        self.training_rng = np.random.default_rng(training)
        self.sampling_rng = np.random.default_rng(sampling)
        self._backend: Backend | str = backend
        self._run: RBMRun | None = None

    @property
    def backend(self) -> Backend:
        """What multiplies the matrices."""
        if isinstance(self._backend, str):
            self._backend = select.create(self._backend)
        return self._backend

    # Probabilities and energies

    @ieee_arithmetic
    def hidden_probabilities(self, visible: npt.ArrayLike) -> FloatArray:
        """P(h = 1 | v) = σ(c + v W): (B, V) gives (B, H)."""
        return logistic(self._hidden_input(self._visible(visible)))

    @ieee_arithmetic
    def visible_probabilities(self, hidden: npt.ArrayLike) -> FloatArray:
        """P(v = 1 | h) = σ(b + h Wᵀ): (B, H) gives (B, V)."""
        states = checks.units("hidden", hidden, self.hidden_units, self.dtype)
        summed = self.backend.dense_input_gradient(states, self.weights["kernel"])
        return logistic(summed + self.weights["visible_bias"])

    @ieee_arithmetic
    def energy(self, visible: npt.ArrayLike, hidden: npt.ArrayLike) -> FloatArray:
        """E(v, h) = −v·b − h·c − v W h: (B, V) and (B, H) give (B,)."""
        v = self._visible(visible)
        h = checks.units("hidden", hidden, self.hidden_units, self.dtype)
        each: FloatArray = -(v @ self.weights["visible_bias"])
        each -= np.sum(self._hidden_input(v) * h, -1)
        return each

    @ieee_arithmetic
    def free_energy(self, visible: npt.ArrayLike) -> FloatArray:
        """F(v) = −log Σₕ exp(−E(v, h)) = −v·b − Σ log(1 + exp(c + v W)): (B, V) gives (B,)."""
        v = self._visible(visible)
        softplus = log_one_plus_exp(self._hidden_input(v))
        each: FloatArray = -(v @ self.weights["visible_bias"]) - np.sum(softplus, -1)
        return each

    def log_partition(self) -> float:
        """log Z, by going through all states of the smaller layer.

        Raises ValueError if even that layer has more than 16 units.
        """
        if min(self.visible_units, self.hidden_units) > _MOST_UNITS:
            raise ValueError(
                f"There are {self.visible_units} visible and {self.hidden_units} hidden units: "
                f"only with {_MOST_UNITS} or fewer in one of the layers can all states be counted."
            )
        kernel, b, c = (self.weights[name].astype(np.float64) for name in _WEIGHTS)
        if self.hidden_units < self.visible_units:
            kernel, b, c = kernel.T, c, b
        states = all_states(len(b))
        exponents = states @ b + log_one_plus_exp(states @ kernel + c).sum(-1)
        return float(np.logaddexp.reduce(exponents))

    def log_likelihood(self, visible: npt.ArrayLike) -> FloatArray:
        """log P(v) = −F(v) − log Z, exactly: (B, V) gives (B,). For small machines only."""
        return -(self.free_energy(visible) + self.log_partition())

    # Gibbs sampling

    @ieee_arithmetic
    def gibbs_step(
        self,
        visible: npt.ArrayLike,
        *,
        missing: npt.ArrayLike | None = None,
        rng: np.random.Generator | None = None,
    ) -> GibbsStep:
        """Draw the hidden units from the visible ones (B, V), and these from those.

        With a mask of what is `missing` (B, V) or (V,), all other visible units stay as they are.
        """
        start = self._visible(visible)
        rng = self.sampling_rng if rng is None else rng
        hidden_probabilities = self.hidden_probabilities(start)
        hidden_draws = uniform(rng, hidden_probabilities.shape, self.dtype)
        hidden = on(hidden_draws, hidden_probabilities)
        visible_probabilities = self.visible_probabilities(hidden)
        visible_draws = uniform(rng, visible_probabilities.shape, self.dtype)
        drawn = on(visible_draws, visible_probabilities)
        if missing is not None:
            drawn = np.where(checks.mask(missing, start), drawn, start)
        return GibbsStep(
            start,
            hidden_probabilities,
            hidden_draws,
            hidden,
            visible_probabilities,
            visible_draws,
            drawn,
        )

    def gibbs(
        self,
        visible: npt.ArrayLike,
        *,
        missing: npt.ArrayLike | None = None,
        rng: np.random.Generator | None = None,
    ) -> Iterator[GibbsStep]:
        """Steps without end, each from where the last one ended."""
        while True:
            step = self.gibbs_step(visible, missing=missing, rng=rng)
            yield step
            visible = step.visible

    def sample(
        self,
        count: int = 1,
        *,
        steps: int = 1000,
        start: npt.ArrayLike | None = None,
        rng: np.random.Generator | None = None,
    ) -> FloatArray:
        """Visible units (count, V) after so many steps of as many chains, from `start` (count, V)
        or from units that are on by the toss of a coin.
        """
        rng = self.sampling_rng if rng is None else rng
        visible = self._coins(checks.count("count", count), rng) if start is None else start
        for step in islice(self.gibbs(visible, rng=rng), checks.count("steps", steps)):
            visible = step.visible
        return self._visible(visible)

    def reconstruct(self, visible: npt.ArrayLike) -> FloatArray:
        """What the machine makes of visible units (B, V), probabilities (B, V): through the hidden
        units' probabilities and back, without a draw.
        """
        return self.visible_probabilities(self.hidden_probabilities(visible))

    def complete(
        self,
        visible: npt.ArrayLike,
        missing: npt.ArrayLike | None = None,
        *,
        steps: int = 1000,
        rng: np.random.Generator | None = None,
    ) -> FloatArray:
        """Visible units (B, V) where what is missing is replaced by its probability, given the
        rest: the mean over the second half of so many Gibbs steps that leave the rest alone.

        `missing` is a mask (B, V) or (V,); without it, NaN is missing.
        """
        given = np.array(visible, self.dtype)
        gaps = checks.mask(np.isnan(given) if missing is None else missing, given)
        rng = self.sampling_rng if rng is None else rng
        state = np.where(gaps, 0, given)
        state = np.where(gaps, self._coins(len(self._visible(state)), rng), state)
        total, kept = np.zeros(state.shape), 0
        chain = islice(self.gibbs(state, missing=gaps, rng=rng), checks.count("steps", steps))
        for number, step in enumerate(chain):
            if number >= steps // 2:
                total += step.visible_probabilities
                kept += 1
        return np.where(gaps, total / kept, given).astype(self.dtype)

    # Learning

    @ieee_arithmetic
    def contrast(
        self,
        visible: npt.ArrayLike,
        *,
        k: int = 1,
        start: npt.ArrayLike | None = None,
        rng: np.random.Generator | None = None,
    ) -> Contrast:
        """Contrastive divergence (Hinton 2002) of data (B, V) against a chain of k Gibbs steps that
        starts at the data, or elsewhere (persistent: Tieleman 2008). What the hidden units are at
        both ends enters by its probabilities, which only takes noise away.
        """
        data = self._visible(visible)
        rng = self.training_rng if rng is None else rng
        chain = tuple(islice(self.gibbs(data if start is None else start, rng=rng), k))
        # A chain that starts at the data has drawn from these probabilities already.
        hidden = chain[0].hidden_probabilities if start is None else self.hidden_probabilities(data)
        fantasy = chain[-1].visible
        chain_hidden = self.hidden_probabilities(fantasy)
        return Contrast(
            chain,
            hidden,
            chain_hidden,
            statistics(self.backend, data, hidden),
            statistics(self.backend, fantasy, chain_hidden),
        )

    def training(
        self,
        x: npt.ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 10,
        k: int = 1,
        persistent: bool = False,
        shuffle: bool = True,
        steps_per_event: int = 1,
    ) -> RBMRun:
        """Events of a training that can be stopped between any two, with data (N, V) from 0 to 1.

        Each batch is an `RBMBatchEnd`, or up to so many batches are one, which takes less time. If
        weights break, the last event is `Diverged`, and the machine has its last good weights; else
        it is `Finished`.
        """
        data = checks.units("data", x, self.visible_units, self.dtype)
        if not len(data):
            raise ValueError("There is no data: give one sample or more.")
        self._run = RBMRun(
            self,
            data,
            epochs=checks.count("epochs", epochs),
            batch_size=checks.count("batch_size", batch_size),
            k=checks.count("k", k),
            persistent=persistent,
            shuffle=shuffle,
            steps_per_event=checks.count("steps_per_event", steps_per_event),
        )
        return self._run

    def fit(self, x: npt.ArrayLike, **arguments: Any) -> dict[str, list[float]]:
        """Train to the end, with arguments as `training` takes them: the history of the epochs'
        mean squared errors of reconstruction, as "loss".
        """
        run = self.training(x, **{"steps_per_event": _MANY, **arguments})
        for _ in run:
            pass
        return {"loss": list(run.position.losses)}

    def snapshot(self) -> RBMSnapshot:
        """All that training and sampling change, copied."""
        return RBMSnapshot(
            {name: each.copy() for name, each in self.weights.items()},
            None if self.particles is None else self.particles.copy(),
            copy.deepcopy(self.optimizer.state),
            self.training_rng.bit_generator.state,
            self.sampling_rng.bit_generator.state,
            None if self._run is None else self._run.position,
        )

    def restore(self, snapshot: RBMSnapshot) -> None:
        """Put a snapshot back. A run that was begun, by this machine or with the same arguments by
        another of the same size, goes on from where the snapshot was made, bit for bit the same.
        """
        for name, each in snapshot.weights.items():
            self.weights[name][...] = each
        self.particles = None if snapshot.particles is None else snapshot.particles.copy()
        self.optimizer.state = copy.deepcopy(snapshot.optimizer)
        self.training_rng.bit_generator.state = snapshot.training_rng
        self.sampling_rng.bit_generator.state = snapshot.sampling_rng
        if self._run is not None and snapshot.position is not None:
            self._run.position = snapshot.position

    def _visible(self, visible: npt.ArrayLike) -> FloatArray:
        return checks.units("visible", visible, self.visible_units, self.dtype)

    def _hidden_input(self, visible: FloatArray) -> FloatArray:
        return self.backend.dense(visible, self.weights["kernel"], self.weights["hidden_bias"])

    def _coins(self, count: int, rng: np.random.Generator) -> FloatArray:
        return coins(rng, (count, self.visible_units), self.dtype)


def all_states(units: int) -> npt.NDArray[np.float64]:
    """Every state of so many units, one a row: (2^units, units)."""
    numbers = np.arange(2**units)[:, np.newaxis]
    return ((numbers >> np.arange(units)) & 1).astype(np.float64)
