"""Depthwise convolution in plain NumPy; see `base` for the conventions.

M is the depth multiplier: how many outputs each channel has. Kernels are (kh, kw, C, M).
"""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import checks
from simulator.engine.backends.windows import ieee_arithmetic, input_cells, output_cells
from simulator.engine.geometry import WindowGeometry


class DepthwiseReference:
    """The operations of a convolution that keeps its channels apart."""

    @ieee_arithmetic
    def depthwise_convolution2d(
        self,
        x: FloatArray,
        kernel: FloatArray,
        bias: FloatArray | None,
        *,
        geometry: WindowGeometry,
    ) -> FloatArray:
        """y[b, i, j, c·M + m] = bias[c·M + m] + Σ x[b, row, column, c] · kernel[r, q, c, m].

        x (B, H, W, C), kernel (kh, kw, C, M), bias (C·M,) or None; gives (B, OH, OW, C·M).
        """
        checks.depthwise(x, kernel, bias, geometry)
        channels, multiplier = kernel.shape[2:]
        apart = np.zeros((x.shape[0], *geometry.output_size, channels, multiplier), x.dtype)
        for cell in geometry.overlaps():
            weights = kernel[cell.row, cell.column]
            output_cells(apart, cell)[...] += input_cells(x, cell)[..., np.newaxis] * weights
        y: FloatArray = apart.reshape(*apart.shape[:3], channels * multiplier)
        if bias is not None:
            y += bias
        return y

    @ieee_arithmetic
    def depthwise_convolution2d_kernel_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """∂L/∂kernel[r, q, c, m] = Σ x[b, row, column, c] · ∂L/∂y[b, i, j, c·M + m].

        x (B, H, W, C), output_gradient (B, OH, OW, C·M); gives (kh, kw, C, M).
        """
        checks.depthwise_kernel_gradient(x, output_gradient, geometry)
        slopes = _by_channel(output_gradient, x.shape[3])
        gradient = np.zeros((*geometry.kernel_size, *slopes.shape[3:]), x.dtype)
        for cell in geometry.overlaps():
            gradient[cell.row, cell.column] = np.einsum(
                "bijc,bijcm->cm", input_cells(x, cell), output_cells(slopes, cell)
            )
        return gradient

    @ieee_arithmetic
    def depthwise_convolution2d_input_gradient(
        self, output_gradient: FloatArray, kernel: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """∂L/∂x[b, row, column, c] = Σ ∂L/∂y[b, i, j, c·M + m] · kernel[r, q, c, m].

        output_gradient (B, OH, OW, C·M), kernel (kh, kw, C, M); gives (B, H, W, C).
        """
        checks.depthwise_input_gradient(output_gradient, kernel, geometry)
        channels = kernel.shape[2]
        slopes = _by_channel(output_gradient, channels)
        shape = (output_gradient.shape[0], *geometry.input_size, channels)
        gradient = np.zeros(shape, kernel.dtype)
        for cell in geometry.overlaps():
            input_cells(gradient, cell)[...] += np.einsum(
                "bijcm,cm->bijc", output_cells(slopes, cell), kernel[cell.row, cell.column]
            )
        return gradient


def _by_channel(output_gradient: FloatArray, channels: int) -> FloatArray:
    return output_gradient.reshape(*output_gradient.shape[:3], channels, -1)
