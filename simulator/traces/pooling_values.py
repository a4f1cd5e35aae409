"""The values on the way to a pooling's output, computed where they are looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry
from simulator.traces.pooling_rules import Expectation, Probability, TermRule
from simulator.traces.windows import TermValues

Array = NDArray[Any]


class PoolingValues(TermValues):
    """The terms of a pooling whose every term needs one input cell alone."""

    def __init__(self, x: Array, geometry: WindowGeometry, rule: TermRule) -> None:
        """Take the input (H, W, C) and the rule that makes terms of it."""
        super().__init__(x, geometry, maps=x.shape[2], depth=1)
        self._rule = rule

    def terms(
        self,
        maps: Array,
        rows: Array,
        columns: Array,
        channels: Array,
        down: Array,
        across: Array,
    ) -> Array:
        """Return the terms; map m pools channel m, so its windows have one channel, 0."""
        values, real = self.input.read(rows, columns, maps + channels, down, across)
        return self._rule.terms(values, real)

    def accumulate(self, terms: Array, maps: Array) -> Array:  # noqa: ARG002
        """Return the terms combined one after the other."""
        running: Array = self._rule.combine.accumulate(terms, axis=-1)
        return running


class ProbabilityValues(PoolingValues):
    """The terms of stochastic pooling: the probabilities, or the values weighted with them.

    A probability needs its whole window. Those of the window looked at last are kept.
    """

    def __init__(
        self,
        x: Array,
        geometry: WindowGeometry,
        *,
        backend: Backend,
        weighted: bool,
    ) -> None:
        """Take the input (H, W, C), and whether the terms are values or just probabilities."""
        super().__init__(x, geometry, Expectation() if weighted else Probability())
        self._backend = backend
        self._weighted = weighted
        self._window: tuple[tuple[int, int, int], Array] | None = None

    def terms(
        self,
        maps: Array,
        rows: Array,
        columns: Array,
        channels: Array,
        down: Array,
        across: Array,
    ) -> Array:
        """Return the probabilities, or the values times their probabilities."""
        probabilities = self.probabilities(maps, rows, columns, channels, down, across)
        if not self._weighted:
            return probabilities
        values, _ = self.input.read(rows, columns, maps + channels, down, across)
        weighted: Array = values * probabilities
        return weighted

    def probabilities(
        self,
        maps: Array,
        rows: Array,
        columns: Array,
        channels: Array,
        down: Array,
        across: Array,
    ) -> Array:
        """Return the engine's probabilities where the index arrays, broadcast together, point."""
        places = np.broadcast_arrays(maps + channels, rows, columns, down, across)
        found = np.empty(places[0].shape)
        for index in np.ndindex(found.shape):
            channel, row, column, i, j = (int(place[index]) for place in places)
            found[index] = self.of_window(channel, row, column)[i, j]
        return found

    def of_window(self, channel: int, row: int, column: int) -> Array:
        """Return the probabilities (kh, kw) of one window, 0 for padding."""
        key = (channel, row, column)
        if self._window is None or self._window[0] != key:
            self._window = (key, self._compute(channel, row, column))
        return self._window[1]

    def _compute(self, channel: int, row: int, column: int) -> Array:
        geometry = self.input.geometry
        height, width = geometry.input_size
        rows, columns = geometry.window_rows(row), geometry.window_columns(column)
        down = [number for number, position in enumerate(rows) if 0 <= position < height]
        across = [number for number, position in enumerate(columns) if 0 <= position < width]
        real = np.ix_([rows[number] for number in down], [columns[number] for number in across])
        window = np.ascontiguousarray(self.input.x[..., channel][real])[None, ..., None]
        found = self._backend.stochastic_pooling2d_probabilities(
            window, geometry=WindowGeometry.whole(window.shape[1:3])
        )
        probabilities = np.zeros(geometry.kernel_size)
        probabilities[np.ix_(down, across)] = found.reshape(len(down), len(across))
        return probabilities
