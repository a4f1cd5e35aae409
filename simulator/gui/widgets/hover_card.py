"""The card that tells of the cell under the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.painting import painting, panel, text, text_width
from simulator.gui.widgets.text import Part, Text

_WIDTH = 280
_PADDING = 14
_TITLE_HEIGHT = 20
_VALUE_SIZE = 15
_GAP = 6
_HINT_GAP = 8
_HINT_HEIGHT = 17
_AWAY = 14
"""Between the pointer, or what must stay free, and the card."""
_EDGE = 4
"""Between the card and the edge of its parent."""


class HoverCard(QWidget):
    """Title and value, rows with words in role colours, and a hint below a hairline.

    It floats in its parent, inside the parent's bounds and never under the pointer, and lets the
    mouse through.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = ""
        self._value = ""
        self._role = "ink1"
        self._hint = ""
        self._rows = Text("", size=metrics.NOTE, parent=self)
        self.setAccessibleName(self.tr("About this cell"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def set_content(
        self,
        title: str,
        value: str,
        *,
        role: str,
        rows: Sequence[Sequence[Part]] = (),
        hint: str = "",
    ) -> None:
        """Tell of another cell; ``role`` is the token of the value's colour.

        Raises ``ValueError`` if the theme has no such colour.
        """
        theme.colour(role)
        self._title, self._value, self._role, self._hint = title, value, role, hint
        parts: list[Part] = []
        for row in rows:
            if parts:
                parts.append(Part("\u2028"))
            parts.extend(row)
        self._rows.set_content(parts)
        self.setAccessibleName(f"{title}: {value}")
        self.setAccessibleDescription(self._rows.text().replace("\u2028", " "))
        self.resize(self.sizeHint())
        self._rows.setGeometry(self._rows_rect())
        self.update()

    def show_at(self, pointer: QPoint, free: QRect | None = None, *, below: bool = False) -> None:
        """Show the card near ``pointer`` (in the parent's pixels), leaving ``free`` uncovered.

        Of the places right, left, below and above, the first that fits inside the parent is taken
        (with ``below`` those two come first); where none does, the card is moved inside, away from
        the pointer.
        """
        taken = QRect(pointer, QSize(1, 1)).united(free or QRect(pointer, QSize(1, 1)))
        taken = taken.adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY)
        parent = self.parentWidget()
        if parent is None:
            raise RuntimeError("a hover card floats in a parent, and this one has lost its own")
        room = parent.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        card = QRect(QPoint(0, 0), self.size())
        beside = [(taken.right() + 1, pointer.y()), (taken.left() - card.width(), pointer.y())]
        stacked = [(pointer.x(), taken.bottom() + 1), (pointer.x(), taken.top() - card.height())]
        for left, top in [*stacked, *beside] if below else [*beside, *stacked]:
            card.moveTo(left, top)
            _push_inside(card, room)
            if not card.intersects(taken):
                break
        else:
            # What must stay free is too large; only the pointer itself is kept clear then.
            card.moveTo(pointer.x() + _AWAY, pointer.y() + _AWAY)
            if card.right() > room.right():
                card.moveRight(pointer.x() - _AWAY)
            if card.bottom() > room.bottom():
                card.moveBottom(pointer.y() - _AWAY)
            _push_inside(card, room)
        self.move(card.topLeft())
        self.raise_()
        self.show()

    def show_within(self, pointer: QPoint, room: QRect) -> bool:
        """Show the card in a part of the parent, as near to ``pointer`` as can be.

        Return whether it fits in there; else it stays as it was.
        """
        card = QRect(QPoint(0, 0), self.size())
        if card.width() > room.width() or card.height() > room.height():
            return False
        card.moveTo(pointer.x(), room.top())
        _push_inside(card, room)
        self.move(card.topLeft())
        self.raise_()
        self.show()
        return True

    def sizeHint(self) -> QSize:
        height = self._rows_rect().bottom() + 1
        if self._hint:
            height += _HINT_GAP + metrics.HAIRLINE + _HINT_GAP + _HINT_HEIGHT
        return QSize(_WIDTH, height + _PADDING - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        inner = rect.adjusted(_PADDING, _PADDING - 3, -_PADDING, 0)
        with painting(self) as painter:
            panel(painter, rect, fill="card", border="border", radius=metrics.RADIUS_CARD)
            top = QRectF(inner.x(), inner.y(), inner.width(), _TITLE_HEIGHT)
            font = fonts.mono(_VALUE_SIZE, metrics.SEMIBOLD)
            value = text_width(font, self._value)
            right = Qt.AlignmentFlag.AlignRight
            text(painter, top, self._value, font=font, ink=self._role, align=right)
            title = top.adjusted(0, 1, -value - metrics.GUTTER / 2, 1)
            text(painter, title, self._title, font=fonts.ui(metrics.NOTE), ink="ink2")
            if self._hint:
                y = self._rows_rect().bottom() + 1 + _HINT_GAP
                line = QRectF(inner.x(), y, inner.width(), metrics.HAIRLINE)
                painter.fillRect(line, theme.colour("hairline"))
                below = QRectF(inner.x(), y + 1 + _HINT_GAP, inner.width(), _HINT_HEIGHT)
                text(painter, below, self._hint, font=fonts.ui(metrics.CAPTION), ink="ink3")

    def _rows_rect(self) -> QRect:
        width = _WIDTH - 2 * _PADDING
        top = _PADDING - 3 + _TITLE_HEIGHT
        if not self._rows.text():
            return QRect(_PADDING, top, width, 0)
        return QRect(_PADDING, top + _GAP, width, self._rows.heightForWidth(width))


def _push_inside(card: QRect, room: QRect) -> None:
    """Move ``card`` into ``room`` by the shortest way; the upper left corner wins."""
    card.moveRight(min(card.right(), room.right()))
    card.moveBottom(min(card.bottom(), room.bottom()))
    card.moveLeft(max(card.left(), room.left()))
    card.moveTop(max(card.top(), room.top()))
