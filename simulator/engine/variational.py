"""A variational autoencoder of dense layers (Kingma and Welling 2014)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.engine import optimizers
from simulator.engine.arrays import FloatArray
from simulator.engine.backends.base import Backend
from simulator.engine.layers import Dense
from simulator.engine.sequential import Sequential
from simulator.engine.training import BatchEnd, EpochEnd, Event, Finished


@dataclass(frozen=True, slots=True, eq=False)
class VariationalPass:
    """One pass of a batch: what was drawn, what came out, and both parts of the loss."""

    mean: FloatArray  # (B, K): of the code
    log_variance: FloatArray  # (B, K)
    noise: FloatArray  # (B, K): normal draws
    code: FloatArray  # (B, K): mean + exp(log_variance / 2) · noise
    output: FloatArray  # (B, D)
    error: float  # mean squared error
    divergence: float  # mean over the batch of the KL divergence from the normal distribution
    gradients: dict[str, FloatArray]  # of error + weight · divergence, by the weights' names


class VariationalAutoencoder:
    """Loss: mean squared error + weight · KL(N(μ, σ²) ‖ N(0, 1)), with z = μ + σ · ε.

    The encoder's last layer, "code", gives μ and log σ² (2 K values). ``weights`` are those of both
    networks, as "layer/kernel".
    """

    def __init__(
        self,
        inputs: int,
        hidden: Sequence[int],
        code: int,
        *,
        activation: str = "tanh",
        weight: float = 0.001,
        optimizer: optimizers.Optimizer | None = None,
        seed: int = 0,
        dtype: str = "float32",
        backend: Backend | str = "auto",
    ) -> None:
        """``hidden`` are the units of the layers before the code; after it they come in reverse.

        Raises ValueError for a negative weight, and for counts that are not 1 or more.
        """
        if not weight >= 0:
            raise ValueError(f"The weight of the KL divergence is {weight}: it must be 0 or more.")
        self.units = int(code)
        self.weight = float(weight)
        self.optimizer = optimizers.Adam() if optimizer is None else optimizer
        beginning, chance = np.random.SeedSequence(seed).spawn(2)
        first, second = (int(each) for each in beginning.generate_state(2))
        self.rng = np.random.default_rng(chance)
        self.encoder = Sequential(
            [
                *(
                    Dense(count, activation, name=f"encoder_{at}", dtype=dtype)
                    for at, count in enumerate(hidden, start=1)
                ),
                Dense(2 * self.units, name="code", dtype=dtype),
            ],
            name="encoder",
            seed=first,
            backend=backend,
        )
        self.decoder = Sequential(
            [
                *(
                    Dense(count, activation, name=f"decoder_{at}", dtype=dtype)
                    for at, count in enumerate(reversed(hidden), start=1)
                ),
                Dense(inputs, "sigmoid", name="picture", dtype=dtype),
            ],
            name="decoder",
            seed=second,
            backend=backend,
        )
        self.encoder.build((None, inputs))
        self.decoder.build((None, self.units))

    @property
    def weights(self) -> dict[str, FloatArray]:
        """The weights of encoder and decoder, by layer and name."""
        return {**self.encoder.weights, **self.decoder.weights}

    def encode(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return μ and log σ² (B, K) of data (B, D)."""
        made, _ = self.encoder.forward(x, self.encoder.context(training=False))
        return made[:, : self.units], made[:, self.units :]

    def decode(self, code: FloatArray) -> FloatArray:
        """Return data (B, D) of codes (B, K)."""
        made, _ = self.decoder.forward(code, self.decoder.context(training=False))
        return np.asarray(made)

    def forward(self, x: FloatArray, noise: FloatArray) -> VariationalPass:
        """Return a pass of data (B, D) with normal draws (B, K), and its gradients."""
        contexts = [
            each.context(training=True, input_gradient=True)
            for each in (self.encoder, self.decoder)
        ]
        made, up = self.encoder.forward(x, contexts[0])
        mean, log_variance = made[:, : self.units], made[:, self.units :]
        deviation = np.exp(log_variance / 2)
        code = sampled(mean, log_variance, noise)
        output, down = self.decoder.forward(np.ascontiguousarray(code), contexts[1])
        apart = np.sum(divergence(mean, log_variance), axis=1, dtype=np.float64)
        slope = 2 * (output - x) / output.dtype.type(output.size)
        code_slope, of_decoder = self.decoder.backward(slope, down, contexts[1])
        share = output.dtype.type(self.weight / len(x))
        mean_slope = code_slope + share * mean
        variance_slope = code_slope * noise * deviation / 2 + share * (deviation**2 - 1) / 2
        slopes = np.ascontiguousarray(np.concatenate([mean_slope, variance_slope], axis=1))
        _, of_encoder = self.encoder.backward(slopes, up, contexts[0])
        return VariationalPass(
            mean,
            log_variance,
            noise,
            code,
            output,
            float(np.mean(np.square(output - x), dtype=np.float64)),
            float(apart.mean()),
            {**of_encoder, **of_decoder},
        )

    def training(self, x: FloatArray, *, epochs: int, batch_size: int) -> Iterator[Event]:
        """Yield the events of a training on data (N, D) from 0 to 1, each update when asked for."""
        batches, step = -(-len(x) // batch_size), 0
        loss = 0.0
        for epoch in range(epochs):
            order = self.rng.permutation(len(x))
            total = 0.0
            for batch in range(batches):
                chosen = x[order[batch * batch_size : (batch + 1) * batch_size]]
                noise = self.rng.standard_normal((len(chosen), self.units)).astype(x.dtype)
                done = self.forward(chosen, noise)
                self.optimizer.step(self.weights, done.gradients)
                step += 1
                loss = done.error + self.weight * done.divergence
                total += loss * len(chosen)
                yield BatchEnd(epoch, step, batch, batches, (loss,), {"loss": loss})
            yield EpochEnd(epoch, step, {"loss": total / len(x)})
        yield Finished(epochs, step, {"loss": loss})


def sampled(mean: FloatArray, log_variance: FloatArray, noise: FloatArray) -> FloatArray:
    """Return z = μ + σ · ε with σ = exp(½ log σ²) (Kingma and Welling 2014, section 2.4)."""
    code: FloatArray = mean + np.exp(log_variance / 2) * noise
    return code


def divergence(mean: FloatArray, log_variance: FloatArray) -> FloatArray:
    """Return ½ (μ² + σ² − 1 − log σ²) of each number of a code (their appendix B, turned)."""
    apart: FloatArray = (mean**2 + np.exp(log_variance) - 1 - log_variance) / 2
    return apart
