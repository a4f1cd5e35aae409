"""Restricted Boltzmann machines on the CPU: all batches of a call in one kernel."""
# ruff: noqa: D102 - What each operation computes is written in the reference, and only there.

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import cpu_contrast
from simulator.engine.backends.base_boltzmann import (
    BoltzmannReference,
    Chains,
    Descent,
    Order,
    Parameters,
    check_batches,
)
from simulator.engine.backends.cpu_compile import given
from simulator.engine.backends.cpu_draws import single_uniform

_NAMES = ("kernel", "hidden_bias", "visible_bias")
"""The parameters in the order in which the kernel has them."""


class CpuBoltzmann(BoltzmannReference):
    """How `CpuBackend` trains restricted Boltzmann machines."""

    def uniform(self, rng: np.random.Generator, count: int, dtype: str) -> FloatArray:
        if dtype == "float32":
            return single_uniform(rng, count)
        return super().uniform(rng, count, dtype)

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
        check_batches(data, order, draws, parameters, particles, batch_size, k, descent)
        V, H = parameters["kernel"].shape
        dtype: Any = data.dtype
        losses = np.empty(len(descent.rates))
        last = len(order) - (len(losses) - 1) * batch_size
        P = last if particles is None else batch_size
        nothing = np.empty(0, dtype)
        weights = _joined(parameters)
        velocity = nothing if descent.velocity is None else _joined(descent.velocity)
        walking = nothing if particles is None else particles.ravel()
        start, of_data, of_end = (np.empty((batch_size, units), dtype) for units in (V, H, H))
        p, hidden, q, visible = (np.empty((k, batch_size, units), dtype) for units in (H, H, V, V))
        done, place = cpu_contrast.descend(
            given(data.ravel()),
            given(order),
            given(draws),
            given(descent.rates),
            dtype.type(descent.momentum),
            descent.nesterov,
            dtype.type(descent.weight_decay),
            (V, H, batch_size, k),
            weights,
            velocity,
            walking,
            start.ravel(),
            p.ravel(),
            hidden.ravel(),
            q.ravel(),
            visible.ravel(),
            of_data.ravel(),
            of_end.ravel(),
            losses,
        )
        _spread(weights, parameters)
        if descent.velocity is not None:
            _spread(velocity, descent.velocity)
        if particles is not None:
            particles[...] = walking.reshape(particles.shape)
        broken = None if place < 0 else _name_at(place, parameters)
        steps = p[:, :P], hidden[:, :P], q[:, :P], visible[:, :P]
        return losses[:done], broken, Chains(start[:P], *steps, of_data[:last], of_end[:P])


def _joined(parameters: Parameters) -> FloatArray:
    return np.concatenate([parameters[name].ravel() for name in _NAMES])


def _spread(joined: FloatArray, parameters: Parameters) -> None:
    first = 0
    for name in _NAMES:
        array = parameters[name]
        array[...] = joined[first : first + array.size].reshape(array.shape)
        first += array.size


def _name_at(place: int, parameters: Parameters) -> str:
    ends = np.cumsum([parameters[name].size for name in _NAMES])
    return _NAMES[int(np.searchsorted(ends, place, side="right"))]
