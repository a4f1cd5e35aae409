"""Attention: each place of one sequence takes a weighted mean of the places of another."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import arguments, initializers, regularizers
from simulator.engine.activations import softmax
from simulator.engine.arguments import count
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, cache_of, several
from simulator.engine.layers.tensors import Tensor

_PROJECTIONS = ("query", "key", "value")


class MultiHeadAttention(Layer):
    """Scaled dot products of several heads (Vaswani et al. 2017, section 3.2).

    With the query projected to Q (B, N, T, K), the key to K (B, N, S, K) and the value to
    V (B, N, S, V) for N heads: attention = softmax(Q · Kᵀ / √key_dim) (B, N, T, S), and the output
    is the projection of attention · V, (B, T, output_shape).

    Called as `layer(query, value)` or `layer(query, value, key)`; the key is the value unless
    given. `return_attention_scores` gives the attention besides; with `use_causal_mask` no place
    sees those after it. Both hold for all calls of a layer.

    Weights, in Keras's order: kernel and bias of "query", "key", "value" and "attention_output".
    The cache holds "query", "key", "value" (projected, as above), "scores" (before softmax),
    "attention" (B, N, T, S) and "heads" (B, N, T, V).
    """

    masking = "refused"

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        *,
        use_bias: bool = True,
        output_shape: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        """Raises ValueError for numbers below 1 and for a dropout outside [0, 1]."""
        super().__init__(**options)
        kind = type(self).__name__
        self.num_heads = count(num_heads, owner=kind, argument="num_heads")
        self.key_dim = count(key_dim, owner=kind, argument="key_dim")
        self.value_dim = count(
            key_dim if value_dim is None else value_dim, owner=kind, argument="value_dim"
        )
        self.output_dim = (
            None
            if output_shape is None
            else count(output_shape, owner=kind, argument="output_shape")
        )
        self.dropout = arguments.number(
            dropout, owner=kind, argument="dropout", minimum=0, maximum=1
        )
        self.use_bias = arguments.truth(use_bias, owner=kind, argument="use_bias")
        self.seed = arguments.seed(seed, owner=kind)
        self.return_attention_scores = False
        self.use_causal_mask = False
        self._called = False
        kinds = {"kernel": (kernel_initializer, kernel_regularizer)}
        if self.use_bias:
            kinds["bias"] = (bias_initializer, bias_regularizer)
        for name in (*_PROJECTIONS, "attention_output"):
            for weight, (initializer, regularizer) in kinds.items():
                self.initializers[f"{name}/{weight}"] = initializers.get(initializer)
                penalty = regularizers.get(regularizer)
                if penalty is not None:
                    self.regularizers[f"{name}/{weight}"] = penalty

    def __call__(
        self,
        *inputs: Any,
        key: Tensor | None = None,
        value: Tensor | None = None,
        query: Tensor | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
        training: bool | None = None,
    ) -> Any:
        """Connect the layer: `layer(query, value, key, …)`.

        Raises ValueError where a shared layer is called with other options than before.
        """
        chosen = (bool(return_attention_scores), bool(use_causal_mask))
        if self._called and chosen != (self.return_attention_scores, self.use_causal_mask):
            raise ValueError(
                f"{self.described} is shared, and all its calls need the same "
                "return_attention_scores and use_causal_mask."
            )
        self.return_attention_scores, self.use_causal_mask = chosen
        named = (query, value, key)
        given = [*inputs, *(each for each in named[len(inputs) :] if each is not None)]
        result = super().__call__(*given, training=training)
        self._called = True
        return result

    def output_shape(self, input_shape: Any) -> Any:
        """(T, output), and (N, T, S) for the attention where it is returned."""
        query, key, value = self._shapes_of(input_shape)
        for shape in (query, key, value):
            if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] is None:
                raise self.misfit(shape, "sequences of vectors, of known lengths")
        if key[0] != value[0]:
            raise self.misfit(input_shape, "a key and a value with the same number of places")
        output = (query[0], self.output_dim or query[1])
        if self.return_attention_scores:
            return output, (self.num_heads, query[0], key[0])
        return output

    def cached_values(self, input_shape: Any) -> int:
        """Scores and attention of each head, the projections, and the heads' results."""
        query, key, _ = self._shapes_of(input_shape)
        places, seen = query[0] or 1, key[0] or 1
        projected = (places + seen) * (self.key_dim + self.value_dim)
        return self.num_heads * (2 * places * seen + projected)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Kernels (D, N, K) and biases (N, K) of the projections, (N, V, output) and (output,)."""
        query, key, value = self._shapes_of(input_shape)
        N = self.num_heads
        output = self.output_dim or query[1]
        shapes: dict[str, tuple[int, ...]] = {}
        for name, shape, size in zip(
            _PROJECTIONS,
            (query, key, value),
            (self.key_dim, self.key_dim, self.value_dim),
            strict=True,
        ):
            shapes[f"{name}/kernel"] = (shape[1], N, size)
            shapes[f"{name}/bias"] = (N, size)
        shapes["attention_output/kernel"] = (N, self.value_dim, output)
        shapes["attention_output/bias"] = (output,)
        return {
            name: shape for name, shape in shapes.items() if self.use_bias or "bias" not in name
        }

    def forward(self, x: Any, context: Context) -> tuple[Any, Cache]:
        """x: query (B, T, D), value (B, S, E), and key (B, S, F) if it is not the value."""
        backend = context.backend
        projected = {
            name: _to_heads(self._project(name, array, backend), self.num_heads)
            for name, array in zip(_PROJECTIONS, self._arrays_of(x), strict=True)
        }
        scale = projected["query"].dtype.type(1 / np.sqrt(self.key_dim))
        scores = backend.matmul(projected["query"] * scale, _turned(projected["key"]))
        if self.use_causal_mask:
            later = np.triu(np.ones(scores.shape[-2:], np.bool_), 1)
            scores = np.where(later, scores.dtype.type(-np.inf), scores)
        attention = softmax.value(scores)
        used, own = attention, {}
        if context.training and self.dropout > 0:
            own["dropout_mask"] = self._mask(attention, context)
            used = attention * own["dropout_mask"]
        heads = backend.matmul(used, projected["value"])
        output = self._project("attention_output", _from_heads(heads), backend)
        y = (output, attention) if self.return_attention_scores else output
        own |= {"scores": scores, "attention": attention, "heads": heads}
        return y, cache_of(x, y, **projected, **own)

    def backward(
        self, output_gradient: Any, cache: Cache, context: Context
    ) -> tuple[Any, Gradients]:
        """Gradients of query, value and, if given, key; and of all kernels and biases."""
        backend = context.backend
        to_output, *to_scores = (
            output_gradient if isinstance(output_gradient, tuple) else (output_gradient,)
        )
        gradients: Gradients = {}
        to_heads = self._project_back(
            "attention_output", _from_heads(cache["heads"]), to_output, gradients, backend
        )
        to_heads = _to_heads(to_heads, self.num_heads)
        attention, mask = cache["attention"], cache.get("dropout_mask")
        used = attention if mask is None else attention * mask
        to_attention = backend.matmul(to_heads, _turned(cache["value"]))
        if mask is not None:
            to_attention = to_attention * mask
        if to_scores:
            to_attention = to_attention + to_scores[0]
        scale = attention.dtype.type(1 / np.sqrt(self.key_dim))
        slopes = softmax.gradient(cache["scores"], attention, to_attention) * scale
        to_projected = {
            "query": backend.matmul(slopes, cache["key"]),
            "key": backend.matmul(_turned(slopes), cache["query"]),
            "value": backend.matmul(_turned(used), to_heads),
        }
        inputs = [cache[f"input:{n}"] for n in range(3) if f"input:{n}" in cache]
        arrays = self._arrays_of(tuple(inputs))
        to_query, to_key, to_value = (
            self._project_back(name, array, _from_heads(to_projected[name]), gradients, backend)
            for name, array in zip(_PROJECTIONS, arrays, strict=True)
        )
        to_inputs = (
            (to_query, to_value, to_key) if len(inputs) == 3 else (to_query, to_value + to_key)
        )
        return to_inputs, {name: gradients[name] for name in self._weights}

    def _shapes_of(self, input_shape: Any) -> tuple[Any, Any, Any]:
        """The shapes of query, key and value."""
        if not several(input_shape) or len(input_shape) not in (2, 3):
            raise self.misfit(input_shape, "two or three inputs: query, value and perhaps key")
        query, value, *key = input_shape
        return query, (key[0] if key else value), value

    @staticmethod
    def _arrays_of(x: tuple[Array, ...]) -> tuple[Array, Array, Array]:
        """Query, key and value."""
        query, value, *key = x
        return query, (key[0] if key else value), value

    def _matrix(self, name: str) -> Array:
        """The kernel as one matrix."""
        kernel = self._weights[f"{name}/kernel"]
        if name == "attention_output":
            return kernel.reshape(-1, kernel.shape[-1])
        return kernel.reshape(kernel.shape[0], -1)

    def _project(self, name: str, x: Array, backend: Any) -> Array:
        bias = self._weights[f"{name}/bias"].ravel() if self.use_bias else None
        y: Array = backend.dense(x, self._matrix(name), bias)
        return y

    def _project_back(
        self, name: str, x: Array, slopes: Array, gradients: Gradients, backend: Any
    ) -> Array:
        """∂L/∂x; the gradients of kernel and bias join `gradients`."""
        kernel = backend.dense_kernel_gradient(x, slopes)
        gradients[f"{name}/kernel"] = kernel.reshape(self._weights[f"{name}/kernel"].shape)
        if self.use_bias:
            bias = self._weights[f"{name}/bias"]
            gradients[f"{name}/bias"] = backend.dense_bias_gradient(slopes).reshape(bias.shape)
        gradient: Array = backend.dense_input_gradient(slopes, self._matrix(name))
        return gradient

    def _mask(self, attention: Array, context: Context) -> Array:
        if self.dropout == 1:
            return np.zeros_like(attention)
        kept = (context.rng.random(attention.shape) >= self.dropout).astype(attention.dtype)
        mask: Array = kept / attention.dtype.type(1 - self.dropout)
        return mask


def _to_heads(x: Array, heads: int) -> Array:
    """(B, T, N · K) as (B, N, T, K)."""
    return np.ascontiguousarray(x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3))


def _from_heads(x: Array) -> Array:
    """(B, N, T, K) as (B, T, N · K)."""
    turned = x.transpose(0, 2, 1, 3)
    return np.ascontiguousarray(turned.reshape(*turned.shape[:2], -1))


def _turned(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)
