"""How the CPU kernels are compiled: import this before Numba.

No kernel relaxes IEEE arithmetic (Numba's fastmath): NaN and infinities behave as in the reference,
and sums keep their written order. Kernels are serial and hold no GIL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

# First, so that Numba knows where to keep machine code, and for which processor.
from simulator.engine.backends import cpu_target  # noqa: F401 # isort: skip
from numba import njit as numba_njit

Array: TypeAlias = npt.NDArray[Any]
P = ParamSpec("P")
R = TypeVar("R")

_njit: Any = numba_njit  # its annotations leave out that wrappers can be left out


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """A function that Python calls: its machine code is kept between runs."""
    compiled: Callable[P, R] = _njit(
        cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True
    )(function)
    return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A function that kernels call: it becomes a part of them, and Python cannot call it."""
    compiled: Callable[P, R] = _njit(
        nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return compiled


def given(array: Array) -> Array:
    """An input as every kernel takes it: contiguous, aligned and read-only.

    Numba compiles anew for each kind of array; with one kind there is one compilation.
    """
    flags = array.flags
    if not (flags.c_contiguous and flags.aligned):
        array = np.require(array, requirements=("C", "A"))
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
