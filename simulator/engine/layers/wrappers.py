"""Layers around layers: both directions of a sequence, and the same layer at every step."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from simulator.engine import names
from simulator.engine.layers.base import (
    Array,
    Cache,
    Context,
    Gradients,
    Layer,
    cache_of,
    prefixed,
    several,
)
from simulator.engine.layers.recurrent import Recurrent
from simulator.engine.layers.tensors import Tensor

MERGE_MODES = ("concat", "sum", "ave", "mul")
_UPDATES = "updates:"


class Bidirectional(Layer):
    """Reads a sequence forwards and backwards, with two copies of a recurrent layer.

    `merge_mode` says what becomes of the two outputs: "concat" (side by side), "sum", "ave" (mean),
    "mul" (product) or None (both are given). Sequences from the backward layer are turned round
    first, so that both speak of the same step. With `return_state` the end states follow, those of
    the forward layer first; `initial_state` takes them in the same order.

    The cache holds the layers' own caches under "forward_<name>/" and "backward_<name>/".
    """

    def __init__(
        self,
        layer: Recurrent,
        merge_mode: str | None = "concat",
        *,
        backward_layer: Recurrent | None = None,
        **options: Any,
    ) -> None:
        """Raises TypeError for layers that are not recurrent, and ValueError for two that differ in
        what they give or read in the same direction.
        """
        for each in (layer, backward_layer or layer):
            if not isinstance(each, Recurrent):
                raise TypeError(
                    f"Bidirectional got {names.shown(each)}: it takes a recurrent layer "
                    "(SimpleRNN, LSTM, GRU), such as LSTM(32)."
                )
        options.setdefault("dtype", layer.dtype)
        if layer.given_input_shape is not None and "input_dim" not in options:
            options.setdefault("input_shape", layer.given_input_shape)
        super().__init__(**options)
        if merge_mode is not None:
            names.one_of("Bidirectional", "merge_mode", merge_mode, MERGE_MODES)
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, f"forward_{layer.name}")
        if backward_layer is None:
            self.backward_layer = _copy(layer, f"backward_{layer.name}")
            self.backward_layer.go_backwards = not layer.go_backwards
        else:
            self.backward_layer = _copy(backward_layer, f"backward_{backward_layer.name}")
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Bidirectional: both layers read in the same direction: give one of them "
                "go_backwards=True."
            )
        for what in ("return_sequences", "return_state", "state_names"):
            if getattr(forward, what) != getattr(backward, what):
                raise ValueError(
                    f"Bidirectional: {what} is {getattr(forward, what)} for one layer and "
                    f"{getattr(backward, what)} for the other: they must be the same."
                )
        if merge_mode in ("sum", "ave", "mul") and forward.units != backward.units:
            raise ValueError(
                f"Bidirectional: the layers have {forward.units} and {backward.units} units: "
                f'merge_mode "{merge_mode}" needs the same number.'
            )
        self.return_sequences, self.return_state = forward.return_sequences, forward.return_state
        for each in (forward, backward):  # what one repeats, the other would not know of
            each.zero_output_for_mask = each.return_sequences

    @property
    def sublayers(self) -> tuple[Layer, ...]:
        """The forward layer and the backward layer."""
        return self.forward_layer, self.backward_layer

    def output_shape(self, input_shape: Any) -> Any:
        """That of the layer, merged; the states' after it."""
        first, second = self._split(input_shape if several(input_shape) else (input_shape,))
        shapes = [
            layer.output_shape(given if len(given) > 1 else given[0])
            for layer, given in zip(self.sublayers, (first, second), strict=True)
        ]
        outputs = [shape[0] if self.return_state else shape for shape in shapes]
        states = [state for shape in shapes for state in shape[1:]] if self.return_state else []
        if self.merge_mode is None:
            return (*outputs, *states)
        merged = outputs[0]
        if self.merge_mode == "concat":
            merged = (*merged[:-1], outputs[0][-1] + outputs[1][-1])
        return (merged, *states) if self.return_state else merged

    def masks_output(self, *, masked: bool) -> bool:
        """Every output of a sequence does. Raises ValueError where there are two of them."""
        if masked and self.return_sequences and self.merge_mode is None:
            raise ValueError(
                f"{self.described} got a sequence with a mask, which it hands on for one output "
                'alone: choose a merge_mode, such as "concat".'
            )
        return masked and self.return_sequences

    def cached_values(self, input_shape: Any) -> int:
        """Those of both layers."""
        return sum(layer.cached_values(input_shape) for layer in self.sublayers)

    def _make(self, input_shape: Any, rng: np.random.Generator) -> None:
        first, second = self._split(input_shape if several(input_shape) else (input_shape,))
        self.forward_layer.build(first if len(first) > 1 else first[0], rng)
        self.backward_layer.build(second if len(second) > 1 else second[0], rng)

    def __call__(
        self,
        *inputs: Any,
        initial_state: Sequence[Tensor] | None = None,
        training: bool | None = None,
    ) -> Any:
        """Connect the layer, with the states to start from as further inputs, if given."""
        states = () if initial_state is None else (initial_state,)
        return super().__call__(*inputs, *states, training=training)

    def forward(self, x: Any, context: Context) -> tuple[Any, Cache]:
        """x (B, T, C), or a tuple of it and the initial states, the forward layer's first."""
        results: list[tuple[Array, ...]] = []
        inner: Cache = {}
        for layer, given in zip(
            self.sublayers, self._split(x if isinstance(x, tuple) else (x,)), strict=True
        ):
            x_of = given if len(given) > 1 else given[0]
            y, cache = layer.forward(x_of, context.for_layer(layer))
            results.append(y if isinstance(y, tuple) else (y,))
            if layer.activity_regularizer is not None:
                each = [layer.activity_regularizer.value(part) / len(part) for part in results[-1]]
                cache["activity_loss"] = np.asarray(sum(each))
            inner |= under(layer.name, cache)
        (one, *one_states), (other, *other_states) = results
        if self.return_sequences:
            other = other[:, ::-1]
        if self.merge_mode is None:
            y = (one, other, *one_states, *other_states)
        else:
            merged = self._merged(one, other)
            y = (merged, *one_states, *other_states) if self.return_state else merged
        return y, cache_of(x, y, **inner)

    def backward(
        self, output_gradient: Any, cache: Cache, context: Context
    ) -> tuple[Any, Gradients]:
        """The gradients of both layers; their input gradients add up."""
        given = output_gradient if isinstance(output_gradient, tuple) else (output_gradient,)
        caches = [within(layer.name, cache) for layer in self.sublayers]
        if self.merge_mode is None:
            to_one, to_other, *to_states = given
        else:
            to_merged, *to_states = given
            one, other = (each.get("output", each.get("output:0")) for each in caches)
            to_one, to_other = self._unmerged(to_merged, one, other)
        if self.return_sequences:
            to_other = to_other[:, ::-1]
        half = len(to_states) // 2
        to_inputs: list[tuple[Array, ...]] = []
        gradients: Gradients = {}
        for layer, own, to_output, states in zip(
            self.sublayers,
            caches,
            (to_one, to_other),
            (to_states[:half], to_states[half:]),
            strict=True,
        ):
            to_outputs = [to_output, *states]
            if layer.activity_regularizer is not None:
                for place, to_part in enumerate(to_outputs):
                    part = own[f"output:{place}"] if states else own["output"]
                    slope = layer.activity_regularizer.gradient(part) / part.dtype.type(len(part))
                    to_outputs[place] = to_part + slope
            to_input, found = layer.backward(
                tuple(to_outputs) if states else to_outputs[0], own, context.within(layer.name)
            )
            to_inputs.append(to_input if isinstance(to_input, tuple) else (to_input,))
            gradients |= prefixed(layer.name, found)
        (to_x, *first), (to_x_too, *second) = to_inputs
        total = to_x + to_x_too
        return ((total, *first, *second) if first else total), gradients

    def _split(self, inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What each layer gets: the sequence, and its half of the states."""
        sequence, *states = inputs
        half = len(states) // 2
        return (sequence, *states[:half]), (sequence, *states[half:])

    def _merged(self, one: Array, other: Array) -> Array:
        if self.merge_mode == "concat":
            return np.concatenate([one, other], axis=-1)
        if self.merge_mode == "mul":
            return one * other
        total: Array = one + other
        return total / 2 if self.merge_mode == "ave" else total

    def _unmerged(self, to_merged: Array, one: Any, other: Any) -> tuple[Array, Array]:
        if self.merge_mode == "concat":
            units = self.forward_layer.units
            return to_merged[..., :units], to_merged[..., units:]
        if self.merge_mode == "mul":
            turned = other[:, ::-1] if self.return_sequences else other
            return to_merged * turned, to_merged * one
        shared = to_merged / 2 if self.merge_mode == "ave" else to_merged
        return shared, shared


class TimeDistributed(Layer):
    """The same layer at every step: x (B, T, …) gives (B, T, …).

    The steps are computed together, as a batch of B · T, and the layer's own cache, under its name,
    has that batch. A layer that looks at the whole batch (BatchNormalization in training) sees all
    steps at once, where Keras shows it one after the other.
    """

    masking = "kept"

    def __init__(self, layer: Layer, **options: Any) -> None:
        """Raises TypeError for anything that is no layer."""
        if not isinstance(layer, Layer):
            raise TypeError(f"TimeDistributed got {layer!r}: it takes a layer.")
        options.setdefault("dtype", layer.dtype)
        super().__init__(**options)
        self.layer = layer

    @property
    def sublayers(self) -> tuple[Layer, ...]:
        """The layer."""
        return (self.layer,)

    def output_shape(self, input_shape: Any) -> Any:
        """(T, …): the layer's, with the time before it."""
        if not isinstance(input_shape, tuple) or several(input_shape) or len(input_shape) < 2:
            raise self.misfit(input_shape, "steps, and at least one axis at each of them")
        inner = self.layer.output_shape(input_shape[1:])
        if several(inner):
            raise self.misfit(input_shape, "a layer with one output")
        return (input_shape[0], *inner)

    def cached_values(self, input_shape: Any) -> int:
        """The layer's at each step."""
        return (input_shape[0] or 1) * self.layer.cached_values(input_shape[1:])

    def _make(self, input_shape: Any, rng: np.random.Generator) -> None:
        self.layer.build(input_shape[1:], rng)

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """x (B, T, …)."""
        together = x.reshape(-1, *x.shape[2:])
        y, cache = self.layer.forward(together, context.for_layer(self.layer).masked(None))
        y = y.reshape(*x.shape[:2], *y.shape[1:])
        return y, cache_of(x, y, **under(self.layer.name, cache))

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """The weights' gradients are sums over all steps."""
        slopes = output_gradient.reshape(-1, *output_gradient.shape[2:])
        gradient, found = self.layer.backward(slopes, within(self.layer.name, cache), context)
        return gradient.reshape(cache["input"].shape), prefixed(self.layer.name, found)


def under(name: str, cache: Cache) -> Cache:
    """An inner layer's cache as a part of the outer one's; updates stay recognizable as such."""
    moved: Cache = {}
    for key, array in cache.items():
        if key.startswith(_UPDATES):
            moved[f"{_UPDATES}{name}/{key.removeprefix(_UPDATES)}"] = array
        else:
            moved[f"{name}/{key}"] = array
    return moved


def within(name: str, cache: Cache) -> Cache:
    """The inner layer's cache again."""
    start = f"{name}/"
    return {key.removeprefix(start): array for key, array in cache.items() if key.startswith(start)}


def _copy(layer: Recurrent, name: str) -> Recurrent:
    if layer.built:
        raise ValueError(
            f"Bidirectional copies its layer, and {layer.name} has weights already: give a new one."
        )
    copied = deepcopy(layer)
    copied.name = name
    return copied
