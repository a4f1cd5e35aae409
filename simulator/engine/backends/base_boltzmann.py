"""Contrastive divergence in plain NumPy; see `base` for the conventions.

N samples, V visible units, H hidden units; B samples in a batch; P chains, B of them where each
starts at a sample. A machine's parameters are "kernel" W (V, H), "visible_bias" b (V,) and
"hidden_bias" c (H,).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.engine.activations import logistic
from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.backends.base_dense import DenseReference
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.geometry import GeometryError

Parameters = Mapping[str, FloatArray]
"""Arrays under the names of the machine's parameters."""
Order = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Descent:
    """How the parameters w follow their gradient g: a rate for each batch, and the rest for all.

    A batch first takes the share rate · weight_decay off w. Then w ← w − rate · g; or, if there is
    a `velocity` m, m ← momentum · m − rate · g and w ← w + m, or w ← w + momentum · m − rate · g
    (Nesterov).
    """

    rates: FloatArray  # (batches,)
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    velocity: Parameters | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """How the last of some batches was computed."""

    start: FloatArray  # (P, V)
    hidden_probabilities: FloatArray  # (k, P, H)
    hidden: FloatArray  # (k, P, H): 0 or 1
    visible_probabilities: FloatArray  # (k, P, V)
    visible: FloatArray  # (k, P, V): 0 or 1
    of_data: FloatArray  # (B, H): the hidden units' probabilities, given the data
    of_end: FloatArray  # (P, H): given what the chains end with


class BoltzmannReference(DenseReference):
    """How a backend trains restricted Boltzmann machines."""

    def uniform(self, rng: np.random.Generator, count: int, dtype: str) -> FloatArray:
        """So many draws from [0, 1): the bits, and the generator's state after, are NumPy's own."""
        kind = np.float32 if dtype == "float32" else np.float64
        draws: FloatArray = rng.random(count, kind)
        return draws

    @ieee_arithmetic
    def contrastive_divergence(
        self,
        data: FloatArray,
        order: Order,
        draws: FloatArray,
        parameters: Parameters,
        particles: FloatArray | None,
        *,
        batch_size: int,
        k: int,
        descent: Descent,
    ) -> tuple[npt.NDArray[np.float64], str | None, Chains]:
        """Gradient descent by contrastive divergence (Hinton 2002), a batch for each learning rate.

        From samples v and the ends v' of chains of k Gibbs steps come the gradients ⟨v' h'⟩ − ⟨v h⟩
        of W, ⟨v'⟩ − ⟨v⟩ of b and ⟨h'⟩ − ⟨h⟩ of c, where h = σ(c + v W) are probabilities and ⟨ ⟩ is
        the mean. Chains start at the batch's samples, or at `particles` (P, V), which follow them
        (Tieleman 2008). A unit is on where its draw is less than its probability.

        data (N, V). order (samples,) holds rows of it, batch_size for each batch but the last. The
        draws from [0, 1) are used up in order, at each step for all hidden units and then for all
        visible ones, chain by chain.

        Changes parameters, velocity and particles in place, up to the first batch that would leave
        a parameter infinite or NaN. Gives the mean squared errors of the reconstruction for the
        batches before that one, the name of the parameter or None, and the chains of the last
        batch. A reconstruction is the first step of a chain from the data, else σ(b + h Wᵀ).
        """
        check_batches(data, order, draws, parameters, particles, batch_size, k, descent)
        kernel, b, c = (parameters[name] for name in ("kernel", "visible_bias", "hidden_bias"))
        losses, used, broken = list[float](), 0, None
        for batch, rate in enumerate(descent.rates):
            v = data[order[batch * batch_size : (batch + 1) * batch_size]]
            h = logistic(self.dense(v, kernel, c))
            start = visible = v if particles is None else particles.copy()
            chain = []
            for _ in range(k):
                p = logistic(self.dense(visible, kernel, c))
                hidden = _on(draws[used : used + p.size], p)
                used += p.size
                q = logistic(self.dense_input_gradient(hidden, kernel) + b)
                visible = _on(draws[used : used + q.size], q)
                used += q.size
                chain.append((p, hidden, q, visible))
            end = logistic(self.dense(visible, kernel, c))
            made = chain[0][2]
            if particles is not None:
                made = logistic(self.dense_input_gradient(h, kernel) + b)
            loss = float(np.mean(np.square(made - v), dtype=np.float64))
            gradients = {
                "kernel": self.dense_kernel_gradient(visible, end) / data.dtype.type(len(visible))
                - self.dense_kernel_gradient(v, h) / data.dtype.type(len(v)),
                "visible_bias": visible.mean(0) - v.mean(0),
                "hidden_bias": end.mean(0) - h.mean(0),
            }
            changed = [parameters, descent.velocity or {}]
            good = [{name: each.copy() for name, each in arrays.items()} for arrays in changed]
            _step(parameters, gradients, rate, descent)
            broken = first_broken(parameters)
            if broken:
                for arrays, before in zip(changed, good, strict=True):
                    for name, each in before.items():
                        arrays[name][...] = each
                break
            if particles is not None:
                particles[...] = visible
            losses.append(loss)
        p, hidden, q, visible = (np.stack(each) for each in zip(*chain, strict=True))
        return np.array(losses), broken, Chains(start, p, hidden, q, visible, h, end)


def _on(draws: FloatArray, probabilities: FloatArray) -> FloatArray:
    units: FloatArray = np.less(draws.reshape(probabilities.shape), probabilities)
    return units.astype(probabilities.dtype)


def _step(parameters: Parameters, gradients: Parameters, rate: float, descent: Descent) -> None:
    for name, gradient in gradients.items():
        weights, number = parameters[name], gradient.dtype.type
        weights -= weights * number(descent.weight_decay) * rate
        step = -rate * gradient
        if descent.velocity is not None:
            velocity = descent.velocity[name]
            velocity *= number(descent.momentum)
            velocity += step
            step = step + number(descent.momentum) * velocity if descent.nesterov else velocity
        weights += step


def first_broken(parameters: Parameters) -> str | None:
    """The first array that holds infinity or NaN."""
    return next((name for name, each in parameters.items() if not np.isfinite(each).all()), None)


def check_batches(
    data: FloatArray,
    order: Order,
    draws: FloatArray,
    parameters: Parameters,
    particles: FloatArray | None,
    batch_size: int,
    k: int,
    descent: Descent,
) -> None:
    """Refuse what does not fit `contrastive_divergence`.

    Raises GeometryError for shapes, TypeError for types, ValueError for rows that are not there.
    """
    kernel = parameters["kernel"]
    checks.dense(data, kernel, parameters["hidden_bias"])
    checks.dense_input_gradient(parameters["hidden_bias"], kernel)
    checks.dense(parameters["visible_bias"], kernel, None)
    batches = len(descent.rates)
    if data.ndim != 2 or not batches or -(-len(order) // batch_size) != batches:
        raise GeometryError(
            f"There are {len(order)} samples in batches of {batch_size} and {batches} learning "
            "rates: it takes one or more batches, and a rate for each.",
            parameter="input",
        )
    if order.min() < 0 or order.max() >= len(data):
        raise ValueError(
            f"The order runs from {order.min()} to {order.max()}: the data has the rows 0 to "
            f"{len(data) - 1}."
        )
    chains = len(order)
    if particles is not None:
        checks.dense(particles, kernel, None)
        chains = batches * batch_size
        if particles.shape != (batch_size, kernel.shape[0]):
            raise GeometryError(
                f"There are {len(particles)} particles: batches of {batch_size} need as many.",
                parameter="input",
            )
    if descent.rates.dtype != data.dtype:
        raise TypeError(f"The rates are {descent.rates.dtype}, the data {data.dtype}.")
    needed = chains * k * sum(kernel.shape)
    if draws.dtype != data.dtype or draws.shape != (needed,):
        raise GeometryError(
            f"There are {draws.size} draws of {draws.dtype}: {batches} batches of {batch_size} "
            f"with {k} steps each need {needed} of {data.dtype}.",
            parameter="input",
        )
