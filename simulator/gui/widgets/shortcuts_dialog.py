"""The list of keys, opened with ``?``."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.keys import key_words
from simulator.gui.widgets.painting import (
    CHIP_HEIGHT,
    chip,
    chip_width,
    painting,
    text,
    text_width,
)
from simulator.gui.widgets.text import Text

_COLUMN = 268
_COLUMN_GAP = 36
_ROW_HEIGHT = 28
_CHIP_GAP = 4


class _Entry(QWidget):
    """An action, and at the right the keys for it."""

    def __init__(self, action: str, keys: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._action = action
        self._keys = [key_words(key) for key in keys]
        self.setAccessibleName(f"{action}: {', '.join(self._keys)}")
        self.setFixedHeight(_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        chips = sum(chip_width(fonts.ui(metrics.CAPTION), keys) + _CHIP_GAP for keys in self._keys)
        action = text_width(fonts.ui(metrics.BODY), self._action)
        return QSize(max(_COLUMN, round(action + metrics.GUTTER + chips)), _ROW_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        font = fonts.ui(metrics.CAPTION)
        with painting(self) as painter:
            right = rect.right()
            top = (rect.height() - CHIP_HEIGHT) // 2
            for keys in reversed(self._keys):
                width = chip_width(font, keys)
                right -= width
                chip(painter, QRectF(right, top, width, CHIP_HEIGHT), keys, font=font)
                right -= _CHIP_GAP
            words = QRectF(0, 0, right - metrics.GRID, rect.height())
            text(painter, words, self._action, font=fonts.ui(metrics.BODY), ink="ink2")
            line = QRectF(0, rect.height() - 1, rect.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))


class ShortcutsDialog(QDialog):
    """Actions and their keys, in two columns; Escape closes it."""

    def __init__(
        self,
        entries: Sequence[tuple[str, Sequence[str]]],
        *,
        parent: QWidget | None = None,
    ) -> None:
        """``entries`` are an action and its keys, written like ``"Ctrl+Z"``, in reading order."""
        super().__init__(parent)
        title = self.tr("Keyboard shortcuts")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        heading = Text(title, size=metrics.BODY, ink="ink1", weight=metrics.SEMIBOLD, parent=self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(_COLUMN_GAP)
        grid.setVerticalSpacing(0)
        half = (len(entries) + 1) // 2
        for index, (action, keys) in enumerate(entries):
            column, row = divmod(index, half)
            grid.addWidget(_Entry(action, keys, self), row, column)
        close = Button(self.tr("Close"), parent=self)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        column_of_parts = QVBoxLayout(self)
        edge = metrics.GUTTER + 2 * metrics.GRID
        column_of_parts.setContentsMargins(edge, metrics.GUTTER, edge, metrics.GUTTER)
        column_of_parts.setSpacing(metrics.GUTTER - metrics.GRID)
        column_of_parts.addWidget(heading)
        column_of_parts.addLayout(grid)
        column_of_parts.addSpacing(metrics.GRID)
        column_of_parts.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        column_of_parts.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
