"""What a restricted Boltzmann machine refuses: each in one line that says what it needs."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine import arguments
from simulator.engine.arrays import FloatArray


def count(name: str, value: Any) -> int:
    """A whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"BernoulliRBM: {name} is {value!r}: it must be a whole number from 1.")
    return int(value)


def units(name: str, states: npt.ArrayLike, expected: int, dtype: str) -> FloatArray:
    """States or probabilities (B, expected) from 0 to 1, in that type."""
    given = arguments.array(states, owner="BernoulliRBM", what=name)
    array = given.astype(dtype, copy=False)
    if array.ndim != 2 or array.shape[1] != expected:
        raise ValueError(
            f"BernoulliRBM: {name} has the shape {array.shape}: it must be samples × {expected} "
            "units."
        )
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"BernoulliRBM: {name} runs from {array.min()} to {array.max()}: units are from 0 to 1."
        )
    return np.ascontiguousarray(array)


def mask(missing: npt.ArrayLike, visible: FloatArray) -> npt.NDArray[np.bool_]:
    """Which visible units are missing, of the shape of all: (B, V)."""
    gaps = np.asarray(missing)
    if gaps.dtype != np.bool_:
        raise TypeError(f"BernoulliRBM: missing holds {gaps.dtype}: it must be true or false.")
    try:
        return np.broadcast_to(gaps, visible.shape)
    except ValueError:
        raise ValueError(
            f"BernoulliRBM: missing has the shape {gaps.shape}, but the visible units "
            f"{visible.shape}: give one mask for all, or one for each sample."
        ) from None
