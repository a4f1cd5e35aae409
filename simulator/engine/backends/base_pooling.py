"""Maximum, average, Lp and global pooling in plain NumPy; see `base` for the conventions."""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray, IndexArray
from simulator.engine.backends import checks
from simulator.engine.backends.windows import (
    cell_index,
    ieee_arithmetic,
    input_cells,
    output_cells,
    real_cells,
    zeros_like_input,
)
from simulator.engine.geometry import WindowGeometry


class PoolingReference:
    """The deterministic pooling operations of a backend."""

    @ieee_arithmetic
    def max_pooling2d(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> tuple[FloatArray, IndexArray]:
        """The largest value in each window, and where it lies.

        x (B, H, W, C); gives y (B, OH, OW, C) and choice (B, OH, OW, C) int32: the index of the
        first largest value, counted row by row within the window. −0 and 0 are equal, so the first
        of them wins. NaN counts as larger than everything, so a window with NaN gives NaN, and the
        first NaN is its choice (as `numpy.argmax`).
        """
        checks.pooling(x, geometry)
        shape = (x.shape[0], *geometry.output_size, x.shape[3])
        y = np.zeros(shape, x.dtype)
        choice = np.full(shape, -1, np.int32)
        for cell in geometry.overlaps():
            value, best, chosen = (
                input_cells(x, cell),
                output_cells(y, cell),
                output_cells(choice, cell),
            )
            wins = (chosen < 0) | (value > best) | (np.isnan(value) & ~np.isnan(best))
            np.copyto(best, value, where=wins)
            np.copyto(chosen, cell_index(cell, geometry), where=wins)
        return y, choice

    @ieee_arithmetic
    def max_pooling2d_gradient(
        self, output_gradient: FloatArray, choice: IndexArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """Each output's gradient goes to the cell that was chosen, and to no other.

        output_gradient and choice (B, OH, OW, C); gives (B, H, W, C). Where windows overlap, a cell
        chosen several times gets the sum.
        """
        checks.routing(output_gradient, choice, geometry)
        gradient = zeros_like_input(output_gradient, geometry)
        for cell in geometry.overlaps():
            chosen = output_cells(choice, cell) == cell_index(cell, geometry)
            input_cells(gradient, cell)[...] += np.where(
                chosen, output_cells(output_gradient, cell), np.zeros((), gradient.dtype)
            )
        return gradient

    @ieee_arithmetic
    def average_pooling2d(self, x: FloatArray, *, geometry: WindowGeometry) -> FloatArray:
        """The mean of each window's cells; padding is not counted, as in Keras.

        x (B, H, W, C); gives (B, OH, OW, C).
        """
        checks.pooling(x, geometry)
        y = np.zeros((x.shape[0], *geometry.output_size, x.shape[3]), x.dtype)
        for cell in geometry.overlaps():
            output_cells(y, cell)[...] += input_cells(x, cell)
        return y / real_cells(geometry, x.dtype)

    @ieee_arithmetic
    def average_pooling2d_gradient(
        self, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """Each output's gradient is shared out evenly among its window's cells.

        output_gradient (B, OH, OW, C); gives (B, H, W, C).
        """
        checks.pooling_gradient(output_gradient, geometry)
        share = output_gradient / real_cells(geometry, output_gradient.dtype)
        gradient = zeros_like_input(output_gradient, geometry)
        for cell in geometry.overlaps():
            input_cells(gradient, cell)[...] += output_cells(share, cell)
        return gradient

    @ieee_arithmetic
    def lp_pooling2d(self, x: FloatArray, *, order: float, geometry: WindowGeometry) -> FloatArray:
        """y = (Σ |x|^p)^(1/p) over each window, p the order, a finite number of at least 1.

        x (B, H, W, C); gives (B, OH, OW, C). After Sermanet, Chintala & LeCun 2012, "Convolutional
        neural networks applied to house numbers digit classification", with equal
        weights in the window. The absolute value makes it the p-norm, defined for negative inputs
        and fractional orders too. Computed as m · (Σ (|x|/m)^p)^(1/p), m the window's largest |x|,
        so that no power overflows. A window with NaN gives NaN, one with ±∞ gives ∞.

        Raises GeometryError with the parameter "order" for an order below 1.
        """
        checks.pooling(x, geometry)
        power = x.dtype.type(checks.order(order))
        shape = (x.shape[0], *geometry.output_size, x.shape[3])
        largest, total = np.zeros(shape, x.dtype), np.zeros(shape, x.dtype)
        for cell in geometry.overlaps():
            window_largest = output_cells(largest, cell)
            np.maximum(window_largest, np.abs(input_cells(x, cell)), out=window_largest)
        finite = np.where((largest > 0) & (largest < np.inf), largest, x.dtype.type(1))
        for cell in geometry.overlaps():
            ratio = np.abs(input_cells(x, cell)) / output_cells(finite, cell)
            output_cells(total, cell)[...] += ratio**power
        y: FloatArray = finite * total ** (1 / power)
        return y

    @ieee_arithmetic
    def lp_pooling2d_gradient(
        self,
        x: FloatArray,
        y: FloatArray,
        output_gradient: FloatArray,
        *,
        order: float,
        geometry: WindowGeometry,
    ) -> FloatArray:
        """∂y/∂x = sign(x) · (|x| / y)^(p − 1), and 0 for x = 0 (there the norm has a kink where
        y = 0 or p = 1, and 0 is the subgradient halfway).

        x (B, H, W, C); y, the pooled output, and output_gradient (B, OH, OW, C); gives
        (B, H, W, C). Where x is infinite the result is NaN.
        """
        checks.pooling_gradient_at(x, output_gradient, geometry, y=y)
        exponent = x.dtype.type(checks.order(order) - 1)
        gradient = np.zeros_like(x)
        divisor = np.where(y == 0, x.dtype.type(1), y)
        for cell in geometry.overlaps():
            value = input_cells(x, cell)
            with np.errstate(invalid="ignore"):  # ∞ / ∞, documented to be NaN
                slope = np.sign(value) * (np.abs(value) / output_cells(divisor, cell)) ** exponent
            input_cells(gradient, cell)[...] += slope * output_cells(output_gradient, cell)
        return gradient

    @ieee_arithmetic
    def global_max_pooling2d(self, x: FloatArray) -> tuple[FloatArray, IndexArray]:
        """The largest value of each channel, and where it lies: `max_pooling2d` with one window.

        x (B, H, W, C); gives y (B, C) and choice (B, C) int32, counted row by row over the image.
        """
        y, choice = self.max_pooling2d(x, geometry=whole(x))
        return y[:, 0, 0], choice[:, 0, 0]

    @ieee_arithmetic
    def global_max_pooling2d_gradient(
        self, output_gradient: FloatArray, choice: IndexArray, *, input_size: tuple[int, int]
    ) -> FloatArray:
        """Each channel's gradient goes to its chosen cell. (B, C) twice; gives (B, H, W, C)."""
        return self.max_pooling2d_gradient(
            output_gradient[:, np.newaxis, np.newaxis],
            choice[:, np.newaxis, np.newaxis],
            geometry=WindowGeometry.whole(input_size),
        )

    @ieee_arithmetic
    def global_average_pooling2d(self, x: FloatArray) -> FloatArray:
        """The mean of each channel; (B, H, W, C) gives (B, C)."""
        return self.average_pooling2d(x, geometry=whole(x))[:, 0, 0]

    @ieee_arithmetic
    def global_average_pooling2d_gradient(
        self, output_gradient: FloatArray, *, input_size: tuple[int, int]
    ) -> FloatArray:
        """Each channel's gradient is shared out evenly. (B, C) gives (B, H, W, C)."""
        return self.average_pooling2d_gradient(
            output_gradient[:, np.newaxis, np.newaxis], geometry=WindowGeometry.whole(input_size)
        )


def whole(x: FloatArray) -> WindowGeometry:
    """The geometry of pooling an image (B, H, W, C) as one window."""
    checks.image("input", x)
    return WindowGeometry.whole(x.shape[1:3])
