"""Whole numbers become vectors, which training moves."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine import initializers, regularizers
from simulator.engine.arguments import count, truth
from simulator.engine.layers.base import Array, Cache, Context, Gradients, Layer, Shape, cache_of


class Embedding(Layer):
    """y[…, u] = embeddings[x[…], u]; x (B, …) of whole numbers gives (B, …, U).

    The weight is "embeddings" (input_dim, U). The cache holds "indices" besides.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        *,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **options: Any,
    ) -> None:
        """`weights` is a table to start from, or a list of that one; `input_length` is Keras's
        older way to give the length of a sequence. With `mask_zero` the index 0 is filling, and no
        word: recurrent layers after this one pass over it (see `Masking`).

        Raises ValueError for a table of another shape.
        """
        if input_length is not None and "input_shape" not in options:
            options["input_shape"] = (input_length,)
        super().__init__(**options)
        self.input_dim = count(input_dim, owner="Embedding", argument="input_dim")
        self.output_dim = count(output_dim, owner="Embedding", argument="output_dim")
        self.mask_zero = truth(mask_zero, owner="Embedding", argument="mask_zero")
        self.initializers["embeddings"] = initializers.get(embeddings_initializer)
        self.table: Array | None = None  # (input_dim, U) to start from, instead of drawing one
        if weights is not None:
            self.table = self._given_table(weights)
        penalty = regularizers.get(embeddings_regularizer)
        if penalty is not None:
            self.regularizers["embeddings"] = penalty

    def _given_table(self, weights: Any) -> Array:
        needed = (self.input_dim, self.output_dim)
        try:
            given = np.array(weights, self.dtype)
        except (TypeError, ValueError):
            raise ValueError(
                f"{self.described}: weights must be an array of numbers of the shape {needed}."
            ) from None
        if given.shape not in (needed, (1, *needed)):
            raise ValueError(
                f"{self.described}: weights have the shape {given.shape}: they must be {needed}."
            )
        return given.reshape(needed)

    def output_shape(self, input_shape: Any) -> Shape:
        """The input's, with an axis of U values added."""
        if not isinstance(input_shape, tuple) or any(isinstance(n, tuple) for n in input_shape):
            raise self.misfit(input_shape, "one array of whole numbers")
        return (*input_shape, self.output_dim)

    def weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        """Embeddings (input_dim, U)."""
        del input_shape  # the table serves any
        return {"embeddings": (self.input_dim, self.output_dim)}

    def initial_weight(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """The given table, or a drawn one."""
        return super().initial_weight(name, shape, rng) if self.table is None else self.table

    def masks_output(self, *, masked: bool) -> bool:
        """With `mask_zero`."""
        del masked
        return self.mask_zero

    def output_mask(self, x: Array, mask: Array | None) -> Array:
        """(B, T): all indices but 0."""
        del mask
        found: Array = x != 0
        return found

    def forward(self, x: Array, context: Context) -> tuple[Array, Cache]:
        """Raises ValueError for numbers that are not whole, or not rows of the table."""
        if x.dtype.kind == "f":
            broken = ~np.isfinite(x) | (np.floor(x) != x)
            if broken.any():
                raise ValueError(f"{self.described} got {x[broken][0]}: it takes whole numbers.")
        indices = x.astype(np.int64)
        if indices.size and not 0 <= indices.min() <= indices.max() < self.input_dim:
            wrong = indices.min() if indices.min() < 0 else indices.max()
            raise ValueError(
                f"{self.described} got the index {wrong}: with input_dim={self.input_dim} it "
                f"takes 0 to {self.input_dim - 1}."
            )
        y = context.backend.embedding(indices, self._weights["embeddings"])
        return y, cache_of(x, y, indices=indices)

    def backward(
        self, output_gradient: Array, cache: Cache, context: Context
    ) -> tuple[Array, Gradients]:
        """A step has no slope: the input's gradient is 0."""
        gradient = context.backend.embedding_gradient(
            cache["indices"], output_gradient, rows=self.input_dim
        )
        return np.zeros(cache["indices"].shape, self.dtype), {"embeddings": gradient}
