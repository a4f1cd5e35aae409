"""What training does with a batch, or with many in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends.base_boltzmann import Chains, Descent, Order, Parameters
from simulator.engine.backends.program import NotCompiled
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.optimizers import SGD, Optimizer
from simulator.engine.rbm.parts import Contrast, GibbsStep
from simulator.engine.updates import kind_of, slots_of

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend
    from simulator.engine.rbm.machine import BernoulliRBM


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of some batches."""

    losses: tuple[float, ...]  # of those that left the weights finite: one or more, unless broken
    broken: str | None  # weights that the batch after these would have broken
    contrast: Contrast | None  # of the last batch, if it was asked for


def train(
    machine: BernoulliRBM,
    data: FloatArray,
    order: Order,
    *,
    batch_size: int,
    k: int,
    particles: FloatArray | None,
    look: bool,
) -> Trained:
    """Train with rows of the data in that order, all batches or as many as one call can do.

    Particles are changed in place. Weights that break are put back to the last good ones.
    """
    optimizer = machine.optimizer
    batches = -(-len(order) // batch_size)
    descent = _descent(optimizer, machine.weights, batches)
    if descent is None:
        return _step(machine, data[order[:batch_size]], k, particles)
    order = order[: len(descent.rates) * batch_size]
    chains = len(order) if particles is None else len(descent.rates) * batch_size
    units = machine.visible_units + machine.hidden_units
    rng = machine.training_rng
    before = rng.bit_generator.state
    draws = machine.backend.uniform(rng, chains * k * units, machine.dtype)
    losses, broken, last = machine.backend.contrastive_divergence(
        data, order, draws, machine.weights, particles, batch_size=batch_size, k=k, descent=descent
    )
    if broken:
        # What was drawn without effect is put back.
        rng.bit_generator.state = before
        machine.backend.uniform(rng, len(losses) * batch_size * k * units, machine.dtype)
    optimizer.count_steps(len(losses))
    contrast = None
    if look and not broken:
        batch = data[order[(len(losses) - 1) * batch_size :]]
        contrast = _contrast(machine.backend, batch, last, draws)
    return Trained(tuple(losses.tolist()), broken, contrast)


@ieee_arithmetic
def _descent(optimizer: Optimizer, weights: Parameters, batches: int) -> Descent | None:
    """What so many batches do to the weights, where a backend can do them in one call; what one
    does, where the learning rate is asked for at each.

    None for another optimizer than SGD, for options that a ``Descent`` doesn't have, and for weight
    decay that spares some of the weights.
    """
    if not isinstance(optimizer, SGD):
        return None
    if optimizer.clipnorm or optimizer.clipvalue or optimizer.global_clipnorm:
        return None
    try:
        kind = kind_of(optimizer)
    except NotCompiled:
        return None
    decayed = {optimizer.decays(name) for name in weights}
    if len(decayed) > 1:
        return None
    slots = {name: slots_of(optimizer, name, each) for name, each in weights.items()}
    return Descent(
        optimizer.learning_rates(1 if optimizer.asks_at_each_step else batches).astype(
            next(iter(weights.values())).dtype
        ),
        optimizer.momentum,
        kind == "nesterov",
        (optimizer.weight_decay or 0.0) if decayed == {True} else 0.0,
        None if kind == "sgd" else {name: momentum for name, (momentum,) in slots.items()},
    )


def statistics(backend: Backend, visible: FloatArray, hidden: FloatArray) -> dict[str, FloatArray]:
    """Means over the samples: ⟨v h⟩ (V, H), ⟨v⟩ (V,), ⟨h⟩ (H,)."""
    together = backend.dense_kernel_gradient(visible, hidden)
    return {
        "kernel": together / visible.dtype.type(len(visible)),
        "visible_bias": visible.mean(0),
        "hidden_bias": hidden.mean(0),
    }


def _contrast(backend: Backend, data: FloatArray, chains: Chains, draws: FloatArray) -> Contrast:
    """What the backend has done with a batch, whose draws are the last ones."""
    k, count, hidden_units = chains.hidden.shape
    own = draws[-chains.hidden.size - chains.visible.size :].reshape(k, -1)
    start, chain = chains.start, []
    for step in range(k):
        hidden_draws, visible_draws = np.split(own[step], [count * hidden_units])
        chain.append(
            GibbsStep(
                start,
                chains.hidden_probabilities[step],
                hidden_draws.reshape(count, -1),
                chains.hidden[step],
                chains.visible_probabilities[step],
                visible_draws.reshape(count, -1),
                chains.visible[step],
            )
        )
        start = chains.visible[step]
    return Contrast(
        tuple(chain),
        chains.of_data,
        chains.of_end,
        statistics(backend, data, chains.of_data),
        statistics(backend, start, chains.of_end),
    )


def _step(
    machine: BernoulliRBM, batch: FloatArray, k: int, particles: FloatArray | None
) -> Trained:
    """One batch, with any optimizer."""
    contrast = machine.contrast(batch, k=k, start=particles)
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
        return Trained((), broken[0], None)
    if particles is None:
        made = contrast.chain[0].visible_probabilities
    else:
        made = machine.visible_probabilities(contrast.hidden_probabilities)
        particles[...] = contrast.chain[-1].visible
    loss = float(np.mean(np.square(made - batch), dtype=np.float64))
    return Trained((loss,), None, contrast)
