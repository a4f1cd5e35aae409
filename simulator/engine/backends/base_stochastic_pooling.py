"""Stochastic pooling in plain NumPy; see `base` for the conventions."""

from __future__ import annotations

import numpy as np

from simulator.engine.arrays import FloatArray, IndexArray
from simulator.engine.backends import checks
from simulator.engine.backends.base_pooling import PoolingReference
from simulator.engine.backends.windows import (
    cell_index,
    ieee_arithmetic,
    input_cells,
    output_cells,
    window_cell,
    window_cells,
)
from simulator.engine.geometry import WindowGeometry


class StochasticPoolingReference(PoolingReference):
    """The stochastic pooling operations of a backend, beside the deterministic ones."""

    @ieee_arithmetic
    def stochastic_pooling2d(
        self, x: FloatArray, uniform: FloatArray, *, geometry: WindowGeometry
    ) -> tuple[FloatArray, IndexArray]:
        """One cell of each window, drawn with the probabilities below: stochastic pooling while
        training (Zeiler & Fergus 2013, "Stochastic pooling for regularization of deep convolutional
        neural networks", equations 4 and 5).

        x (B, H, W, C), uniform (B, OH, OW, C) draws from [0, 1); gives y and choice as
        `max_pooling2d` does. Chosen is the first cell, row by row, at which the probabilities added
        up so far exceed the draw. A window with NaN gives its first NaN.
        """
        checks.draws(x, uniform, geometry)
        weights, total, _ = weights_of(x, geometry)
        y = np.zeros(uniform.shape, x.dtype)
        choice = np.full(uniform.shape, -1, np.int32)
        added, threshold = np.zeros(uniform.shape, x.dtype), uniform * total
        found = np.zeros(uniform.shape, bool)
        for cell in geometry.overlaps():
            value, window_added = input_cells(x, cell), output_cells(added, cell)
            window_added += window_cell(weights, cell, geometry)
            # A draw below 1 times the total stays below the total, in floating point too, so that
            # every window finds a cell. Only NaN is never exceeded.
            drawn = (window_added > output_cells(threshold, cell)) | np.isnan(value)
            drawn &= ~output_cells(found, cell)
            np.copyto(output_cells(y, cell), value, where=drawn)
            np.copyto(output_cells(choice, cell), cell_index(cell, geometry), where=drawn)
            output_cells(found, cell)[...] |= drawn
        return y, choice

    @ieee_arithmetic
    def stochastic_pooling2d_gradient(
        self, output_gradient: FloatArray, choice: IndexArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """The gradient of a drawn sample goes to the cell that was drawn, as in `max_pooling2d`."""
        return self.max_pooling2d_gradient(output_gradient, choice, geometry=geometry)

    @ieee_arithmetic
    def stochastic_pooling2d_probabilities(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """p = max(x, 0) / Σ max(x, 0) for each cell of each window (Zeiler & Fergus 2013, eq. 4).

        x (B, H, W, C); gives (B, OH, OW, C, kh·kw), cells row by row. Padding has probability 0.
        With no positive cell in the window, its real cells are equally likely. With +∞ in it, the
        infinite cells share the probability; with NaN, the probabilities of all its real
        cells are NaN.
        """
        checks.pooling(x, geometry)
        weights, total, _ = weights_of(x, geometry)
        for cell in geometry.overlaps():
            window_cell(weights, cell, geometry)[...] /= output_cells(total, cell)
        return weights

    @ieee_arithmetic
    def stochastic_pooling2d_expected(
        self, x: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """y = Σ p · x over each window: stochastic pooling in inference (Zeiler & Fergus 2013,
        equation 6). Cells with probability 0 add nothing.

        x (B, H, W, C); gives (B, OH, OW, C).
        """
        checks.pooling(x, geometry)
        probabilities = self.stochastic_pooling2d_probabilities(x, geometry=geometry)
        y = np.zeros(probabilities.shape[:-1], x.dtype)
        for cell in geometry.overlaps():
            p = window_cell(probabilities, cell, geometry)
            output_cells(y, cell)[...] += np.multiply(
                p, input_cells(x, cell), where=p != 0, out=np.zeros_like(p)
            )
        return y

    @ieee_arithmetic
    def stochastic_pooling2d_expected_gradient(
        self, x: FloatArray, output_gradient: FloatArray, *, geometry: WindowGeometry
    ) -> FloatArray:
        """The exact derivative of `stochastic_pooling2d_expected`, through the probabilities too.

        With S = Σ max(x, 0) > 0 the output is Σ max(x, 0)² / S, so ∂y/∂x = (2x − y) / S for x > 0
        and 0 otherwise. With no positive cell, y is the mean and ∂y/∂x = 1 / (number of cells).
        x (B, H, W, C), output_gradient (B, OH, OW, C); gives (B, H, W, C). Windows with NaN, and
        the positive cells of windows with +∞, get NaN.
        """
        checks.pooling_gradient_at(x, output_gradient, geometry)
        weights, total, largest = weights_of(x, geometry)
        y = self.stochastic_pooling2d_expected(x, geometry=geometry) / np.where(
            largest == 0, x.dtype.type(1), largest
        )
        gradient = np.zeros_like(x)
        for cell in geometry.overlaps():
            weight, value = window_cell(weights, cell, geometry), input_cells(x, cell)
            slope = np.where(value <= 0, x.dtype.type(0), 2 * weight - output_cells(y, cell))
            slope[output_cells(largest, cell) == 0] = 1
            slope /= output_cells(total, cell)
            input_cells(gradient, cell)[...] += slope * output_cells(output_gradient, cell)
        return gradient


def weights_of(
    x: FloatArray, geometry: WindowGeometry
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probabilities before they are divided by their total, so scaled that nothing overflows.

    Gives weights (B, OH, OW, C, kh·kw), their sums (B, OH, OW, C), and the windows' largest
    positive values (B, OH, OW, C), 0 where there is none.
    """
    shape = (x.shape[0], *geometry.output_size, x.shape[3])
    largest, total = np.zeros(shape, x.dtype), np.zeros(shape, x.dtype)
    weights = np.zeros((*shape, window_cells(geometry)), x.dtype)
    for cell in geometry.overlaps():
        window_largest = output_cells(largest, cell)
        np.maximum(window_largest, input_cells(x, cell), out=window_largest)
    for cell in geometry.overlaps():
        value, window_largest = input_cells(x, cell), output_cells(largest, cell)
        weight = np.maximum(value, 0) / np.where(window_largest == 0, 1, window_largest)
        weight[window_largest == 0] = 1
        infinite = window_largest == np.inf
        weight[infinite] = value[infinite] == np.inf
        window_cell(weights, cell, geometry)[...] = weight
        output_cells(total, cell)[...] += weight
    return weights, total, largest
