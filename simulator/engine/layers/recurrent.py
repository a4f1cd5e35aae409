"""What the recurrent layers share: states, directions, dropout, and what they give."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from simulator.engine import activations, arguments, initializers, regularizers
from simulator.engine.backends.base import Backend
from simulator.engine.backends.base_recurrent import Held
from simulator.engine.layers import passing_over
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, cache_of, several
from simulator.engine.layers.tensors import Tensor


class Recurrent(Layer):
    """Reads a sequence (B, T, C) step by step, and hands a state from each step to the next.

    Gives the last h (B, U), or every h (B, T, U) with `return_sequences`; with `return_state` the
    end states (B, U) besides. `go_backwards` reads from the end, and gives the steps in the order
    in which they were read. States start as zeros, or as `layer(sequence, initial_state=[…])` says.

    Steps that a mask calls filling are passed over: states stay as they were, and a sequence
    repeats its last output (zeros before the first), or has zeros there with
    `zero_output_for_mask`.

    Dropout is the same at every step of a sequence, as in Keras (Gal & Ghahramani 2016):
    `dropout` leaves out inputs, `recurrent_dropout` parts of the previous h. Gates share the
    inputs' mask; with `recurrent_dropout` each gate has masks of its own.

    The cache holds what the cell computed at each step, (B, T, U) each, in the order of reading,
    and the "mask" (B, T) in that order, if some steps are filling.
    """

    gates: ClassVar[int]
    state_names: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        *,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **options: Any,
    ) -> None:
        """`unroll` changes nothing here. Raises ValueError for `stateful`: a layer keeps nothing
        between calls; `return_state` and `initial_state` carry a state on.
        """
        super().__init__(**options)
        kind = type(self).__name__
        if arguments.truth(stateful, owner=kind, argument="stateful"):
            raise ValueError(
                f"{kind}: stateful is True, but layers keep nothing between batches: carry the "
                "state on with return_state and initial_state."
            )
        self.units = arguments.count(units, owner=kind, argument="units")
        self.activation = activations.get(activation)
        self.use_bias = arguments.truth(use_bias, owner=kind, argument="use_bias")
        # Keras clips these two rather than refuse them.
        self.dropout, self.recurrent_dropout = (
            min(1.0, max(0.0, arguments.number(rate, owner=kind, argument=argument)))
            for argument, rate in (
                ("dropout", dropout),
                ("recurrent_dropout", recurrent_dropout),
            )
        )
        self.seed = arguments.seed(seed, owner=kind)
        (
            self.return_sequences,
            self.return_state,
            self.go_backwards,
            self.unroll,
            self.zero_output_for_mask,
        ) = (
            arguments.truth(value, owner=kind, argument=argument)
            for argument, value in (
                ("return_sequences", return_sequences),
                ("return_state", return_state),
                ("go_backwards", go_backwards),
                ("unroll", unroll),
                ("zero_output_for_mask", zero_output_for_mask),
            )
        )
        for name, initializer, regularizer in (
            ("kernel", kernel_initializer, kernel_regularizer),
            ("recurrent_kernel", recurrent_initializer, recurrent_regularizer),
            ("bias", bias_initializer, bias_regularizer),
        ):
            if name != "bias" or self.use_bias:
                self.initializers[name] = initializers.get(initializer)
                penalty = regularizers.get(regularizer)
                if penalty is not None:
                    self.regularizers[name] = penalty

    def masks_output(self, *, masked: bool) -> bool:
        """Every output of a sequence does."""
        return masked and self.return_sequences

    @abstractmethod
    def run_cell(
        self,
        backend: Backend,
        projected: Array,
        states: list[Array],
        masks: Array | None,
        held: Held | None,
    ) -> dict[str, Array]:
        """The cell, step by step: named (B, T, U), among them those of `state_names`."""

    @abstractmethod
    def run_cell_back(
        self, backend: Backend, to_hidden: Array, to_states: list[Array], cache: Cache
    ) -> tuple[Array, list[Array], Gradients]:
        """∂L/∂projected, ∂L/∂(initial states) and the gradients of the recurrent weights.

        to_hidden (B, T, U) is ∂L/∂h of every step, to_states ∂L/∂(end states) but that of h, which
        to_hidden includes.
        """

    def output_shape(self, input_shape: Any) -> Any:
        """(U,) or (T, U), and (U,) for each state with `return_state`."""
        shape, *states = input_shape if several(input_shape) else (input_shape,)
        if not isinstance(shape, tuple) or len(shape) != 2:
            raise self.misfit(shape, "steps × values: a sequence of vectors")
        if shape[1] is None:
            raise self.misfit(shape, "a known number of values at each step")
        if self.built and shape[1] != self._weights["kernel"].shape[0]:
            raise self.misfit(
                shape,
                f"{self._weights['kernel'].shape[0]} values at each step, for which its kernel "
                "was made",
            )
        if states and states != [(self.units,)] * len(self.state_names):
            raise self.misfit(
                tuple(states), f"initial states of {len(self.state_names)} × ({self.units},)"
            )
        output = (shape[0], self.units) if self.return_sequences else (self.units,)
        if self.return_state:
            return (output, *[(self.units,)] * len(self.state_names))
        return output

    def cached_values(self, input_shape: Any) -> int:
        """Gates and states at each step, and what the inputs give to each gate."""
        steps = (input_shape[0] if several(input_shape) else input_shape)[0] or 1
        return int(steps) * self.units * (2 * self.gates + len(self.state_names))

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernel (C, gates · U), recurrent kernel (U, gates · U), bias (gates · U,)."""
        values = (input_shape[0] if several(input_shape) else input_shape)[-1]
        columns = self.gates * self.units
        shapes = {"kernel": (values, columns), "recurrent_kernel": (self.units, columns)}
        return shapes | ({"bias": self._bias_shape} if self.use_bias else {})

    @property
    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def __call__(
        self,
        *inputs: Any,
        initial_state: Tensor | Sequence[Tensor] | None = None,
        training: bool | None = None,
    ) -> Any:
        """Connect the layer, with the states to start from as further inputs, if given."""
        states = () if initial_state is None else (initial_state,)
        return super().__call__(*inputs, *states, training=training)

    def forward(self, x: Any, context: Context) -> tuple[Any, Cache]:
        """x (B, T, C), or a tuple of it and the initial states (B, U)."""
        return self.forward_held(x, {}, context)

    def forward_held(self, x: Any, held: Held, context: Context) -> tuple[Any, Cache]:
        """As `forward`, with some gates held by hand: their values (B, T, U) by the gate's name.

        Steps count in the order of reading; NaN leaves a gate free there. Raises GeometryError for
        values of another shape, and for a gate that the layer hasn't.
        """
        sequence, *states = x if isinstance(x, tuple) else (x,)
        if not states:
            zeros = np.zeros((sequence.shape[0], self.units), sequence.dtype)
            states = [zeros] * len(self.state_names)
        masks = self._masks(sequence, context) if context.training else {}
        steps = sequence[:, ::-1] if self.go_backwards else sequence
        projected = self._projected(steps, masks, context.backend)
        mask = context.mask
        if mask is None or mask.all():
            recurrent_mask = masks.get("recurrent_mask")
            sequences = self.run_cell(
                context.backend, projected, states, recurrent_mask, held or None
            )
            h = sequences["h"]
        else:
            masks["mask"] = mask = mask[:, ::-1] if self.go_backwards else mask
            sequences = passing_over.run(self, context.backend, projected, states, masks, held)
            shown = passing_over.shown(mask, zeros=self.zero_output_for_mask)
            h = np.where(shown, sequences["h"], sequences["h"].dtype.type(0))
        y: Any = h if self.return_sequences else h[:, -1]
        if self.return_state:
            y = (y, *(sequences[name][:, -1] for name in self.state_names))
        initial = {
            f"initial_{name}": state for name, state in zip(self.state_names, states, strict=True)
        }
        return y, cache_of(x, y, **sequences, **initial, **masks)

    def backward(
        self, output_gradient: Any, cache: Cache, context: Context
    ) -> tuple[Any, Gradients]:
        """Through all steps, without truncation. With initial states the gradients are a tuple."""
        backend, h = context.backend, cache["h"]
        to_y, *to_states = (
            output_gradient if isinstance(output_gradient, tuple) else (output_gradient,)
        )
        mask = cache.get("mask")
        if self.return_sequences:
            to_hidden = to_y.copy() if to_states else to_y
        else:
            to_hidden = np.zeros_like(h)
            to_hidden[:, -1] = to_y
        if mask is not None:
            shown = passing_over.shown(mask, zeros=self.zero_output_for_mask)
            to_hidden = np.where(shown, to_hidden, to_hidden.dtype.type(0))
        if to_states:
            to_hidden[:, -1] += to_states[0]
        else:
            to_states = [np.zeros_like(h[:, 0])] * len(self.state_names)
        if context.arriving is not None:
            context.arriving[context.path] = (to_hidden, *to_states[1:])
        run_back = self.run_cell_back if mask is None else passing_over.back_of(self, mask)
        slopes, to_initial, gradients = run_back(backend, to_hidden, to_states[1:], cache)

        sequence = cache["input:0"] if "input:0" in cache else cache["input"]
        steps = sequence[:, ::-1] if self.go_backwards else sequence
        parts = self._parts(steps, slopes, self._weights["kernel"], cache.get("input_mask"))
        kernels = [backend.dense_kernel_gradient(seen, part) for seen, part, _, _ in parts]
        gradients["kernel"] = np.concatenate(kernels, axis=-1)
        if self.use_bias and "bias" not in gradients:
            gradients["bias"] = backend.dense_bias_gradient(slopes)
        ordered = {name: gradients[name] for name in self._weights}

        to_steps = np.zeros_like(steps)
        if context.input_gradient:
            for _, part, kernel, mask in parts:
                gradient = backend.dense_input_gradient(part, kernel)
                to_steps += gradient if mask is None else gradient * mask
        to_sequence = to_steps[:, ::-1] if self.go_backwards else to_steps
        if "input:0" in cache:
            return (to_sequence, *to_initial), ordered
        return to_sequence, ordered

    def _projected(self, steps: Array, masks: dict[str, Array], backend: Backend) -> Array:
        """What the inputs give to each gate at each step, with the bias: (B, T, gates · U)."""
        bias = None
        if self.use_bias:  # where a cell has two biases, the inputs' is the first
            bias = self._weights["bias"].reshape(-1, self.gates * self.units)[0]
        kernel, mask = self._weights["kernel"], masks.get("input_mask")
        if mask is None:
            return backend.dense(steps, kernel, bias)
        parts = [
            backend.dense(steps * each[:, None], columns, None)
            for each, columns in zip(mask, np.split(kernel, len(mask), axis=-1), strict=True)
        ]
        total: Array = np.concatenate(parts, axis=-1)
        return total if bias is None else total + bias

    @staticmethod
    def _parts(
        steps: Array, slopes: Array, kernel: Array, mask: Array | None
    ) -> list[tuple[Array, Array, Array, Array | None]]:
        """Inputs as the gates see them, with those gates' slopes, kernel and mask (B, 1, C)."""
        if mask is None:
            return [(steps, slopes, kernel, None)]
        return [
            (steps * each[:, None], part, columns, each[:, None])
            for each, part, columns in zip(
                mask,
                np.split(slopes, len(mask), axis=-1),
                np.split(kernel, len(mask), axis=-1),
                strict=True,
            )
        ]

    def _masks(self, sequence: Array, context: Context) -> dict[str, Array]:
        """Dropout's draws: "input_mask" (1 or gates, B, C), "recurrent_mask" (gates, B, U)."""
        batch, _, values = sequence.shape
        rng = context.rng
        masks = {}
        # Keras takes a rate of 1 for none, in a cell.
        if 0 < self.dropout < 1:
            different = self.gates if self.recurrent_dropout > 0 else 1
            shape = (different, batch, values)
            masks["input_mask"] = _kept(rng, shape, self.dropout, sequence.dtype)
        if 0 < self.recurrent_dropout < 1:
            shape = (self.gates, batch, self.units)
            masks["recurrent_mask"] = _kept(rng, shape, self.recurrent_dropout, sequence.dtype)
        return masks


def previous(h: Array, initial: Array) -> Array:
    """The state before each step (B, T, U), from that after each step and that before the first."""
    return np.concatenate([initial[:, None], h[:, :-1]], axis=1)


def recurrent_kernel_gradient(
    backend: Backend, before: Array, slopes: Array, masks: Array | None
) -> Array:
    """∂L/∂(recurrent kernel) (U, gates · U), from h before each step and the products' slopes."""
    if masks is None:
        return backend.dense_kernel_gradient(before, slopes)
    parts = [
        backend.dense_kernel_gradient(before * mask[:, None], part)
        for mask, part in zip(masks, np.split(slopes, len(masks), axis=-1), strict=True)
    ]
    return np.concatenate(parts, axis=-1)


def _kept(rng: np.random.Generator, shape: tuple[int, ...], rate: float, dtype: Any) -> Array:
    """0 with the rate's probability, otherwise 1 / (1 − rate), so that the mean stays 1."""
    kept: Array = (rng.random(shape) >= rate).astype(dtype) / dtype.type(1 - rate)
    return kept
