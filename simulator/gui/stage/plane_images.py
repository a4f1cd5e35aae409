"""Planes as images of one pixel a cell, kept while they are on view."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtGui import QImage

from simulator.gui.stage.colours import pixels
from simulator.gui.theme import Theme
from simulator.lessons.frame import Grid

MOST_IMAGES = 96


class PlaneImages:
    """The coloured images of grids. Cells that are not yet written are transparent."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._whole: OrderedDict[tuple[object, ...], np.ndarray] = OrderedDict()
        self._masked: OrderedDict[tuple[object, ...], tuple[np.ndarray, QImage]] = OrderedDict()

    def clear(self) -> None:
        """Forget every image."""
        self._whole.clear()
        self._masked.clear()

    def image(self, theme: Theme, grid: Grid) -> QImage:
        """Return the image of a grid, one pixel a cell of its plane."""
        whole_key = (theme.name, grid.plane.identity)
        key = (*whole_key, grid.state_key)
        if (kept := self._masked.get(key)) is not None:
            self._masked.move_to_end(key)
            return kept[1]
        whole = self._whole.get(whole_key)
        if whole is None:
            whole = pixels(theme, grid.plane.scale, grid.plane.values)
            _keep(self._whole, whole_key, whole)
        shown = whole if grid.written is None else np.where(grid.written, whole, np.uint32(0))
        shown = np.ascontiguousarray(shown)
        height, width = shown.shape
        image = QImage(shown.data, width, height, width * 4, QImage.Format.Format_ARGB32)
        # The image only borrows the array's memory, so both are kept together.
        _keep(self._masked, key, (shown, image))
        return image


def _keep(kept: OrderedDict, key: tuple[object, ...], value: object) -> None:
    kept[key] = value
    if len(kept) > MOST_IMAGES:
        kept.popitem(last=False)
