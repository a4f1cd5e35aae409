"""Convolution in plain NumPy; see `base` for the conventions."""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.backends.windows import ieee_arithmetic, input_cells, output_cells
from simulator.engine.geometry import WindowGeometry


class ConvolutionReference:
    """The convolution operations of a backend."""

    @ieee_arithmetic
    def convolution2d(
        self,
        x: FloatArray,
        kernel: FloatArray,
        bias: FloatArray | None,
        *,
        geometry: WindowGeometry,
    ) -> FloatArray:
        """y[b, i, j, f] = bias[f] + Σ x[b, row, column, c] · kernel[r, q, c, f] over r, q and c.

        x (B, H, W, C), kernel (kh, kw, C, F), bias (F,) or None; gives y (B, OH, OW, F). The kernel
        is not flipped (cross-correlation, as in every deep-learning library).
        """
        checks.convolution(x, kernel, bias, geometry)
        y = np.zeros((x.shape[0], *geometry.output_size, kernel.shape[3]), x.dtype)
        for cell in geometry.overlaps():
            weights = kernel[cell.row, cell.column]
            # einsum and not matmul: BLAS may sum in another order with another number of threads.
            output_cells(y, cell)[...] += np.einsum("bijc,cf->bijf", input_cells(x, cell), weights)
        if bias is not None:
            y += bias
        return y

    @ieee_arithmetic
    def convolution2d_kernel_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """∂L/∂kernel[r, q, c, f] = Σ x[b, row, column, c] · ∂L/∂y[b, i, j, f] over b, i and j.

        x (B, H, W, C), output_gradient (B, OH, OW, F); gives (kh, kw, C, F).
        """
        checks.kernel_gradient(x, output_gradient, geometry)
        gradient = np.zeros((*geometry.kernel_size, x.shape[3], output_gradient.shape[3]), x.dtype)
        for cell in geometry.overlaps():
            gradient[cell.row, cell.column] = np.einsum(
                "bijc,bijf->cf", input_cells(x, cell), output_cells(output_gradient, cell)
            )
        return gradient

    @ieee_arithmetic
    def convolution2d_input_gradient(
        self, output_gradient: FloatArray, kernel: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """∂L/∂x[b, row, column, c] = Σ ∂L/∂y[b, i, j, f] · kernel[r, q, c, f] over the windows that
        read the cell.

        output_gradient (B, OH, OW, F), kernel (kh, kw, C, F); gives (B, H, W, C).
        """
        checks.input_gradient(output_gradient, kernel, geometry)
        shape = (output_gradient.shape[0], *geometry.input_size, kernel.shape[2])
        gradient = np.zeros(shape, kernel.dtype)
        for cell in geometry.overlaps():
            input_cells(gradient, cell)[...] += np.einsum(
                "bijf,cf->bijc",
                output_cells(output_gradient, cell),
                kernel[cell.row, cell.column],
            )
        return gradient

    @ieee_arithmetic
    def convolution2d_bias_gradient(self, output_gradient: FloatArray) -> FloatArray:
        """∂L/∂bias[f] = Σ ∂L/∂y[b, i, j, f] over b, i and j; (B, OH, OW, F) gives (F,)."""
        checks.image("output_gradient", output_gradient)
        # Column by column first: short sums lose fewer bits than one long sum.
        gradient: FloatArray = output_gradient.sum(axis=2).sum(axis=1).sum(axis=0)
        return gradient
