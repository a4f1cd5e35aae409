"""The recurrent layers: SimpleRNN, LSTM and GRU, each with its cell's arithmetic both ways."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import activations, arguments
from simulator.engine.backends.base import Backend
from simulator.engine.backends.base_recurrent import Held, holding
from simulator.engine.layers.base import Array, Cache, Gradients
from simulator.engine.layers.recurrent import Recurrent, previous, recurrent_kernel_gradient


class SimpleRNN(Recurrent):
    """h_t = activation(x_t · kernel + h_{t−1} · recurrent_kernel + bias).

    The cache holds "pre_activation" and "h".
    """

    gates = 1

    def run_cell(
        self,
        backend: Backend,
        projected: Array,
        states: list[Array],
        masks: Array | None,
        held: Held | None,
    ) -> dict[str, Array]:
        """One call of the backend."""
        holding(held, "", ())  # it has no gates
        return backend.simple_rnn(
            projected,
            states[0],
            self._weights["recurrent_kernel"],
            activation=self.activation,
            masks=masks,
        )

    def run_cell_back(
        self, backend: Backend, to_hidden: Array, to_states: list[Array], cache: Cache
    ) -> tuple[Array, list[Array], Gradients]:
        """The backend's slopes, and the products that give the weights' gradients."""
        del to_states  # h is the only state
        masks = cache.get("recurrent_mask")
        slopes, to_initial = backend.simple_rnn_gradient(
            to_hidden,
            cache,
            self._weights["recurrent_kernel"],
            activation=self.activation,
            masks=masks,
        )
        before = previous(cache["h"], cache["initial_h"])
        kernel = recurrent_kernel_gradient(backend, before, slopes, masks)
        return slopes, [to_initial], {"recurrent_kernel": kernel}


class _Gated(Recurrent):
    """A cell whose gates have an activation of their own."""

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        **options: Any,
    ) -> None:
        super().__init__(units, activation, **options)
        self.recurrent_activation = activations.get(recurrent_activation)

    @property
    def _activations(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "recurrent_activation": self.recurrent_activation,
        }


class LSTM(_Gated):
    """Long short-term memory: gates i, f, o, candidate g, cell state c and output h.

    The parts of kernels and bias stand in Keras's order i, f, g, o. `unit_forget_bias` starts the
    bias of f at 1 (Jozefowicz et al. 2015). The cache holds "i", "f", "g", "o", "c",
    "activated_c", "h" and "pre_activation" (B, T, 4U).
    """

    gates = 4
    state_names = ("h", "c")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        *,
        unit_forget_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(units, activation, recurrent_activation, **options)
        self.unit_forget_bias = arguments.truth(
            unit_forget_bias, owner="LSTM", argument="unit_forget_bias"
        )

    def initial_weight(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """From the initializer, but for the bias of the forget gate."""
        if name != "bias" or not self.unit_forget_bias:
            return super().initial_weight(name, shape, rng)
        U, draw = self.units, self.initializers[name]
        parts = [draw((U,), rng, self.dtype), np.ones(U), draw((2 * U,), rng, self.dtype)]
        return np.concatenate(parts).astype(self.dtype)

    def run_cell(
        self,
        backend: Backend,
        projected: Array,
        states: list[Array],
        masks: Array | None,
        held: Held | None,
    ) -> dict[str, Array]:
        """One call of the backend."""
        hidden, cell = states
        kernel = self._weights["recurrent_kernel"]
        return backend.lstm(
            projected, hidden, cell, kernel, masks=masks, held=held, **self._activations
        )

    def run_cell_back(
        self, backend: Backend, to_hidden: Array, to_states: list[Array], cache: Cache
    ) -> tuple[Array, list[Array], Gradients]:
        """The backend's slopes, and the products that give the weights' gradients."""
        masks = cache.get("recurrent_mask")
        slopes, to_initial_h, to_initial_c = backend.lstm_gradient(
            to_hidden,
            to_states[0],
            cache,
            cache["initial_c"],
            self._weights["recurrent_kernel"],
            masks=masks,
            **self._activations,
        )
        before = previous(cache["h"], cache["initial_h"])
        kernel = recurrent_kernel_gradient(backend, before, slopes, masks)
        return slopes, [to_initial_h, to_initial_c], {"recurrent_kernel": kernel}


class GRU(_Gated):
    """The gated recurrent unit: gates z and r, candidate g and output h.

    The parts of kernels and bias stand in Keras's order z, r, g. `reset_after` (Keras's default)
    applies r after the product with the recurrent kernel, and then has two biases: (2, 3U), the
    inputs' and the recurrent one. The cache holds "z", "r", "g", "h", "recurrent" (what the
    previous h gives to the candidate; with `reset_after` before r is applied) and
    "pre_activation" (B, T, 3U).
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        *,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(units, activation, recurrent_activation, **options)
        self.reset_after = arguments.truth(reset_after, owner="GRU", argument="reset_after")

    @property
    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def run_cell(
        self,
        backend: Backend,
        projected: Array,
        states: list[Array],
        masks: Array | None,
        held: Held | None,
    ) -> dict[str, Array]:
        """One call of the backend."""
        return backend.gru(
            projected,
            states[0],
            self._weights["recurrent_kernel"],
            self._weights["bias"][1] if self.use_bias and self.reset_after else None,
            reset_after=self.reset_after,
            masks=masks,
            held=held,
            **self._activations,
        )

    def run_cell_back(
        self, backend: Backend, to_hidden: Array, to_states: list[Array], cache: Cache
    ) -> tuple[Array, list[Array], Gradients]:
        """The backend's slopes, and the products that give the weights' gradients."""
        del to_states  # h is the only state
        masks = cache.get("recurrent_mask")
        slopes, inner, to_initial = backend.gru_gradient(
            to_hidden,
            cache,
            cache["initial_h"],
            self._weights["recurrent_kernel"],
            reset_after=self.reset_after,
            masks=masks,
            **self._activations,
        )
        before = previous(cache["h"], cache["initial_h"])
        gradients = {}
        if self.reset_after:
            kernel = recurrent_kernel_gradient(backend, before, inner, masks)
            if self.use_bias:
                biases = [backend.dense_bias_gradient(each) for each in (slopes, inner)]
                gradients["bias"] = np.stack(biases)
        else:
            gates, candidate = np.split(inner, [2 * self.units], axis=-1)
            first, last = (None, None) if masks is None else (masks[:2], masks[2:])
            kernel = np.concatenate(
                [
                    recurrent_kernel_gradient(backend, before, gates, first),
                    recurrent_kernel_gradient(backend, cache["r"] * before, candidate, last),
                ],
                axis=-1,
            )
        return slopes, [to_initial], gradients | {"recurrent_kernel": kernel}
