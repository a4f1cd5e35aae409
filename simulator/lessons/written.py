"""Which cells of a plane exist at a step: asked again at every frame, so it has to be cheap."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.frame import Plane
from simulator.traces.model import Trace
from simulator.traces.region import Axis, Region

MOST_SPANS = 256
MOST_STEPS = 8
"""Of so many planes it is kept when each cell is written; the others are all there or not yet."""


class WrittenCells:
    """The masks of the planes of one trace."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._spans: OrderedDict[tuple[object, ...], tuple[int, int]] = OrderedDict()
        self._steps: OrderedDict[tuple[object, ...], NDArray[np.int64]] = OrderedDict()

    def mask(self, trace: Trace, plane: Plane, step: int) -> tuple[NDArray[np.bool_] | None, int]:
        """Return which cells (rows, columns) exist once ``step`` is done, and how many.

        The mask is None where all do. Cells come to exist in the order of rows, so planes of as
        many cells have the same mask.
        """
        key = (trace.level, plane.identity)
        first, last = self._span(key, trace, plane)
        rows, columns = plane.values.shape[:2]
        if step >= last:
            return None, rows * columns
        if step < first:
            return np.broadcast_to(np.False_, (rows, columns)), 0
        mask = self._written_at(key, trace, plane) <= step
        return mask, int(np.count_nonzero(mask))

    def _span(self, key: tuple[object, ...], trace: Trace, plane: Plane) -> tuple[int, int]:
        """Return the steps that write the first and the last cell."""
        found = self._spans.get(key)
        if found is None:
            ends = Region(plane.array, tuple(_ends(axis) for axis in plane.region.axes))
            steps = trace.written_at(ends)
            found = self._spans[key] = int(steps.min()), int(steps.max())
            if len(self._spans) > MOST_SPANS:
                self._spans.popitem(last=False)
        return found

    def _written_at(self, key: tuple[object, ...], trace: Trace, plane: Plane) -> NDArray[np.int64]:
        found = self._steps.get(key)
        if found is None:
            found = trace.written_at(plane.region).reshape(plane.values.shape[:2])
            self._steps[key] = found
            if len(self._steps) > MOST_STEPS:
                self._steps.popitem(last=False)
        return found


def _ends(axis: Axis) -> Axis:
    return (axis[0], axis[-1])
