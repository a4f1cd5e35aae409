"""A layer called on arrays: its output at once, without a model around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.engine.backends import select
from simulator.engine.layers.base import Array, Context, Layer
from simulator.engine.layers.tensors import Tensor
from simulator.engine.seeds import fresh_seed


def is_called_on_tensors(inputs: Sequence[Any]) -> bool:
    """Whether some of what a layer was called on are tensors, in lists too."""
    return any(isinstance(each, Tensor) for each in inputs) or any(
        # Of a list of rows of numbers, the first row tells.
        is_called_on_tensors(each if any(isinstance(e, Tensor) for e in each) else each[:1])
        for each in inputs
        if isinstance(each, list | tuple)
    )


def output_for(layer: Layer, inputs: Sequence[Any], *, training: bool) -> Any:
    """The layer's output for arrays with a batch axis; a tuple of arrays for several outputs.

    The layer is built first if it is not: its weights are then drawn at random.

    Raises TypeError for what is no array of numbers, ShapeError for one that does not fit.
    """
    arrays = [_array(layer, each) for each in _flat(inputs)]
    if not arrays:
        raise TypeError(f"{layer.described} was called on nothing: give it an array.")
    batches = [str(len(array)) for array in arrays]
    if len(set(batches)) > 1:
        raise ValueError(
            f"{layer.described} was called on arrays of {' and '.join(batches)} samples: all must "
            "hold as many."
        )
    shapes = tuple(array.shape[1:] for array in arrays)
    seed = fresh_seed() if layer.seed is None else layer.seed
    rng = np.random.default_rng(seed)
    shape = shapes[0] if len(shapes) == 1 else shapes
    layer.output_shape(shape)
    layer.build(shape, rng)
    context = Context(select.create("auto"), training, rng)
    with np.errstate(all="ignore"):
        y, _ = layer.forward(arrays[0] if len(arrays) == 1 else tuple(arrays), context)
    return y


def _flat(inputs: Sequence[Any]) -> list[Any]:
    """The arrays, given one by one or in lists. A list of numbers is an array itself."""
    found: list[Any] = []
    for given in inputs:
        listed = isinstance(given, list | tuple) and any(
            isinstance(each, np.ndarray) for each in given
        )
        found += given if listed else [given]
    return found


def _array(layer: Layer, given: Any) -> Array:
    try:
        array = np.asarray(given)
    except ValueError:
        raise TypeError(
            f"{layer.described} was called on a list whose rows differ in length: it takes an "
            "array, an Input, or another layer's output."
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{layer.described} was called on {type(given).__name__}: it takes an array of "
            "numbers, an Input, or another layer's output."
        )
    if array.ndim == 0 or not array.size:
        raise layer.misfit(array.shape[1:], f"samples, and not an array of shape {array.shape}")
    return np.ascontiguousarray(array, layer.dtype)
