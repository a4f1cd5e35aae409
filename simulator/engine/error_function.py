"""The error function, which NumPy does not have and the exact GELU needs."""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray

# Rational approximations by Cody 1969, "Rational Chebyshev approximations for the error function",
# Mathematics of Computation 23: highest power first.
_SMALL_NUMERATOR = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_SMALL_DENOMINATOR = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
_MIDDLE_NUMERATOR = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_MIDDLE_DENOMINATOR = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
_LARGE_NUMERATOR = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_LARGE_DENOMINATOR = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)


def error_function(x: FloatArray) -> FloatArray:
    """erf(x) = 2/√π ∫₀ˣ exp(−t²) dt, of any shape and of x's type; in float64 within
    2.3e-16.
    """
    exact = np.asarray(x, np.float64)
    size = np.abs(exact)
    small = np.minimum(size, 0.46875)
    # Beyond 6, erf is 1 in float64.
    middle = np.clip(size, 0.46875, 4.0)
    large = np.clip(size, 4.0, 6.0)
    near = small * _ratio(_SMALL_NUMERATOR, _SMALL_DENOMINATOR, small * small)
    between = 1 - np.exp(-middle * middle) * _ratio(_MIDDLE_NUMERATOR, _MIDDLE_DENOMINATOR, middle)
    inverse = 1 / (large * large)
    tail = 1 / np.sqrt(np.pi) - inverse * _ratio(_LARGE_NUMERATOR, _LARGE_DENOMINATOR, inverse)
    far = 1 - np.exp(-large * large) * tail / large
    y = np.where(size <= 0.46875, near, np.where(size <= 4, between, far))
    # NaN compares false above, and comes through here.
    signed: FloatArray = np.where(np.isnan(exact), exact, np.copysign(y, exact)).astype(x.dtype)
    return signed


def _ratio(
    numerator: tuple[float, ...], denominator: tuple[float, ...], x: FloatArray
) -> FloatArray:
    above: FloatArray = np.polyval(numerator, x)
    return above / np.polyval(denominator, x)
