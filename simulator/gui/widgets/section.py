"""A part of a panel: a title, what stands under it, and a hairline below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.painting import painting, text, text_width
from simulator.gui.widgets.text import Text

_TITLE_HEIGHT = 18
_TOP = 10
_ABOVE_CONTROL = 8
_ABOVE_TEXT = 4
"""Running text comes nearer to the title than a control's frame."""
_BOTTOM = 12
_CAPTION_GAP = 12


class _Header(QWidget):
    """The title at the left and the caption at the right."""

    def __init__(self, title: str, caption: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self._caption = caption
        self.setAccessibleName(f"{title}, {caption}" if caption else title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def stand_above(self, gap: int) -> None:
        """Keep a distance from what comes next, of which the rows' own gap is a part."""
        self.setFixedHeight(_TITLE_HEIGHT + gap - metrics.ROW_GAP)

    def set_title(self, title: str) -> None:
        """Show another title."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(f"{title}, {self._caption}" if self._caption else title)
            self.update()

    def set_caption(self, caption: str) -> None:
        """Show another caption."""
        if caption != self._caption:
            self._caption = caption
            self.setAccessibleName(f"{self._title}, {caption}" if caption else self._title)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics.LABEL_COLUMN, _TITLE_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(0, 0, self.width(), _TITLE_HEIGHT)
        title = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
        with painting(self) as painter:
            text(painter, rect, self._title, font=title, ink="ink1")
            left = text_width(title, self._title) + _CAPTION_GAP
            text(
                painter,
                rect.adjusted(left, 0, 0, 0),
                self._caption,
                font=fonts.ui(metrics.CAPTION),
                ink="ink3",
                align=Qt.AlignmentFlag.AlignRight,
            )


class Section(QWidget):
    """Title, optional caption, contents; as wide as the panel, with its gutters inside."""

    def __init__(
        self,
        title: str,
        *,
        caption: str = "",
        last: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``last`` leaves the hairline out."""
        super().__init__(parent)
        self._last = last
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._header = _Header(title, caption, self)
        self._rows = QVBoxLayout(self)
        hair = 0 if last else metrics.HAIRLINE
        self._rows.setContentsMargins(metrics.GUTTER, _TOP, metrics.GUTTER, _BOTTOM + hair)
        self._rows.setSpacing(metrics.ROW_GAP)
        self._rows.addWidget(self._header)
        self._header.stand_above(_ABOVE_CONTROL)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self.setAccessibleName(title)
        self._header.set_title(title)

    def set_caption(self, caption: str) -> None:
        """Show another caption at the right of the title."""
        self._header.set_caption(caption)

    def add(self, content: QWidget | QLayout) -> None:
        """Put a widget or a layout below what is there."""
        if self._rows.count() == 1 and isinstance(content, Text):
            self._header.stand_above(_ABOVE_TEXT)
        if isinstance(content, QLayout):
            self._rows.addLayout(content)
        else:
            self._rows.addWidget(content)

    def add_row(self, label: str, control: QWidget) -> FieldRow:
        """Put a control with its label below what is there, and return their row."""
        row = FieldRow(label, control, parent=self)
        self._rows.addWidget(row)
        return row

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._last:
            return
        with painting(self) as painter:
            line = QRectF(0, self.height() - 1, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))
