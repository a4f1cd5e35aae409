"""Numbers drawn from a name: both sides see the same ones, and only results need to be kept."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

STEPS = 20
"""Of training curves and of optimizers."""

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
    "softsign", "swish", "softmax",
)  # fmt: skip


def numbers(name: str, shape: tuple[int, ...], low: float = -1.0, high: float = 1.0) -> Any:
    """Uniform numbers that depend on the name alone, float64 and exact in float32 too.

    Taken from raw bits, whose sequence NumPy guarantees for all its versions.
    """
    count = int(np.prod(shape, dtype=int))
    bits = np.random.PCG64(zlib.crc32(name.encode())).random_raw(count)
    fractions = (np.asarray(bits).reshape(shape) >> np.uint64(48)).astype(np.float64) / 2**16
    return np.round((low + (high - low) * fractions) * 2**14) / 2**14


def whole_numbers(name: str, shape: tuple[int, ...], below: int) -> Any:
    return np.floor(numbers(name, shape, 0, 1) * below).clip(0, below - 1).astype(np.int64)


def weight(case: str, index: int, name: str, shape: tuple[int, ...]) -> Any:
    """A weight by its place and name: large enough to matter, small enough for stable training."""
    seed = f"{case}/weight/{index}"
    if "variance" in name:
        return numbers(seed, shape, 0.5, 1.5)
    if "gamma" in name:
        return numbers(seed, shape, 0.7, 1.3)
    if len(shape) < 2 or "bias" in name:
        return numbers(seed, shape, -0.3, 0.3)
    fans = int(np.prod(shape[:-2], dtype=int)) * (shape[-2] + shape[-1])
    size = min(1.0, float(np.sqrt(6 / fans)))
    return numbers(seed, shape, -size, size)
