"""The colours of the branches of a training, and of the classes that a network tells apart. Each is
also labelled: no colour stands alone.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from simulator.gui import theme
from simulator.gui.stage.colours import interpolate
from simulator.lab.presenting.pictures import Array

_SHADES = 128
_STRONGEST = 0.78
"""How much of a class's colour the ground takes at most: points of that class stand out on it."""
SWATCH = 9.0


def branch(index: int) -> QColor:
    """Return the colour of a branch; after the last colour comes the first again."""
    colours = theme.current().branches
    return QColor(colours[index % len(colours)])


def of_class(index: int) -> QColor:
    """Return the colour of a class; after the last colour comes the first again."""
    colours = theme.current().classes
    return QColor(colours[index % len(colours)])


def class_pixels(classes: Array, strength: Array) -> npt.NDArray[np.uint32]:
    """Return pixels of classes, each as strong as a number from 0 to 1 says, which have one shape;
    NaN is transparent.
    """
    tables = _tables(theme.current())
    shade = np.nan_to_num(np.clip(strength, 0, 1)) * (_SHADES - 1)
    made = tables[classes % len(tables), shade.astype(np.intp)]
    missing = np.isnan(strength)
    return np.where(missing, np.uint32(0), made) if missing.any() else made


@lru_cache(maxsize=2)
def _tables(now: theme.Theme) -> npt.NDArray[np.uint32]:
    """Return the shades of each class, from the middle of the colour maps on."""
    ground = now.map_signed[2]
    count = round(_SHADES / _STRONGEST)
    return np.stack([interpolate((ground, each), count)[:_SHADES] for each in now.classes])


def swatch(painter: QPainter, left: float, middle: float, index: int) -> None:
    """Draw the mark of a class, with its middle at a height."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(of_class(index))
    painter.drawRoundedRect(QRectF(left, middle - SWATCH / 2, SWATCH, SWATCH), 2, 2)
