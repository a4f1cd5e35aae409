"""Dense layers and products of matrices in plain NumPy; see `base` for the conventions.

D is the number of inputs, U the number of units; "…" stands for any leading axes, batch and time.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.backends.windows import ieee_arithmetic


class DenseReference:
    """The dense operations of a backend."""

    @ieee_arithmetic
    def dense(self, x: FloatArray, kernel: FloatArray, bias: FloatArray | None) -> FloatArray:
        """y[…, u] = bias[u] + Σ x[…, d] · kernel[d, u] over d.

        x (…, D), kernel (D, U), bias (U,) or None; gives y (…, U).
        """
        checks.dense(x, kernel, bias)
        # einsum and not matmul: BLAS may sum in another order with another number of threads.
        y: FloatArray = np.einsum("...d,du->...u", x, kernel)
        if bias is not None:
            y += bias
        return y

    @ieee_arithmetic
    def dense_kernel_gradient(self, x: FloatArray, output_gradient: FloatArray) -> FloatArray:
        """∂L/∂kernel[d, u] = Σ x[…, d] · ∂L/∂y[…, u] over the leading axes.

        x (…, D), output_gradient (…, U); gives (D, U).
        """
        checks.dense_kernel_gradient(x, output_gradient)
        gradient: FloatArray = np.einsum("nd,nu->du", _rows(x), _rows(output_gradient))
        return gradient

    @ieee_arithmetic
    def dense_input_gradient(self, output_gradient: FloatArray, kernel: FloatArray) -> FloatArray:
        """∂L/∂x[…, d] = Σ ∂L/∂y[…, u] · kernel[d, u] over u.

        output_gradient (…, U), kernel (D, U); gives (…, D).
        """
        checks.dense_input_gradient(output_gradient, kernel)
        gradient: FloatArray = np.einsum("...u,du->...d", output_gradient, kernel)
        return gradient

    @ieee_arithmetic
    def dense_bias_gradient(self, output_gradient: FloatArray) -> FloatArray:
        """∂L/∂bias[u] = Σ ∂L/∂y[…, u] over the leading axes; (…, U) gives (U,)."""
        checks.vectors("The output gradient", output_gradient)
        gradient: FloatArray = _rows(output_gradient).sum(axis=0)
        return gradient

    @ieee_arithmetic
    def matmul(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """y[…, m, n] = Σ a[…, m, k] · b[…, k, n] over k.

        a (…, M, K), b (…, K, N) with the same leading axes; gives (…, M, N).
        """
        checks.matmul(a, b)
        y: FloatArray = np.einsum("...mk,...kn->...mn", a, b)
        return y


def _rows(x: FloatArray) -> FloatArray:
    return x.reshape(-1, x.shape[-1])
