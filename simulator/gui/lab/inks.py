"""The colours of the branches of a training. Each is also labelled: no colour stands alone."""

from __future__ import annotations

from PySide6.QtGui import QColor

from simulator.gui import theme


def branch(index: int) -> QColor:
    """Return the colour of a branch; after the last colour comes the first again."""
    colours = theme.current().branches
    return QColor(colours[index % len(colours)])
