"""One of several options, in a list that opens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width
from simulator.gui.widgets.wheel import Notches

Key = Qt.Key
CHOICE_KEYS = (
    *(Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown),
    *(Key.Key_Home, Key.Key_End, Key.Key_Space, Key.Key_F4),
)
_PADDING = 8
_CHEVRON_MARGIN = 7
_ICON_GAP = 5
_SHOWN_AT_MOST = 14
_ICON_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class _Rows(QStyledItemDelegate):
    """Paints the options of the open list; the one that holds has a check mark."""

    def __init__(self, owner: Choice) -> None:
        super().__init__(owner)
        self._owner = owner

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        del option
        words = str(index.data(Qt.ItemDataRole.DisplayRole))
        width = text_width(self._owner.text_font(words), words) + 3 * metrics.ICON + 4 * _PADDING
        return QSize(round(width), metrics.ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            ground = rect.adjusted(metrics.GRID, 0, -metrics.GRID, 0)
            panel(painter, ground, fill="hover", radius=metrics.RADIUS_HIGHLIGHT)
        left = rect.x() + _PADDING + metrics.GRID
        icon = str(index.data(_ICON_ROLE) or "")
        if icon:
            spot = QRectF(left, rect.y(), metrics.ICON, rect.height())
            icon_at(painter, icon, spot, ink="ink3", side=metrics.ICON_SMALL)
            left += metrics.ICON + _ICON_GAP
        words = str(index.data(Qt.ItemDataRole.DisplayRole))
        holds = index.row() == self._owner.currentIndex()
        right = rect.right() - _PADDING - metrics.ICON - metrics.GRID
        text(
            painter,
            QRectF(left, rect.y(), right - left, rect.height()),
            words,
            font=self._owner.text_font(words),
            ink="ink1",
        )
        if holds:
            spot = QRectF(right, rect.y(), metrics.ICON, rect.height())
            icon_at(painter, "check", spot, ink="ink2", side=metrics.ICON_SMALL)
        painter.restore()


class Choice(ControlState, QComboBox):
    """Exclusive options, too many to stand side by side.

    The wheel changes it only while it has the focus, so that a panel can be scrolled over it.
    """

    value_changed = Signal(str)

    _chevron_gap = 6

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str, str | None]],
        *,
        value: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``options`` are a key, its words and an icon or None; else the first is chosen."""
        super().__init__(parent)
        self._notches = Notches()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(_SHOWN_AT_MOST)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        rows = QListView(self)
        rows.setAccessibleName(name)
        rows.setMouseTracking(True)
        rows.setFrameShape(QListView.Shape.NoFrame)
        self.setView(rows)
        self.setItemDelegate(_Rows(self))
        focus.watch(self, around=self, keys=CHOICE_KEYS)
        self.set_options(options, value)
        self.currentIndexChanged.connect(self._index_changed)

    def set_options(
        self, options: Sequence[tuple[str, str, str | None]], value: str | None = None
    ) -> None:
        """Offer other options, silently; ``value`` or else the first is chosen.

        Raises ``ValueError`` if there are none, two have one key, or ``value`` is not among them.
        """
        keys = [key for key, _, _ in options]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"options need keys of their own, not {keys}")
        if value is not None and value not in keys:
            raise ValueError(f"{value!r} is not among {keys}")
        blocked = self.blockSignals(True)
        self.clear()
        for key, words, icon in options:
            self.addItem(words, key)
            self.setItemData(self.count() - 1, icon, _ICON_ROLE)
        self.setCurrentIndex(0 if value is None else keys.index(value))
        self.blockSignals(blocked)
        self.updateGeometry()
        self.update()

    def value(self) -> str:
        """Return the key of the option that is chosen."""
        return str(self.currentData())

    def set_value(self, value: str) -> None:
        """Choose an option and emit ``value_changed``; do nothing if it is chosen already.

        Raises ``ValueError`` if there is no such option.
        """
        index = self.findData(value)
        if index < 0:
            raise ValueError(f"{value!r} is not among the options of {self.accessibleName()!r}")
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self.update()

    def text_font(self, words: str) -> QFont:
        """Return the font of an option's words."""
        del words
        return fonts.ui(metrics.CONTROL)

    def closed_font(self, room: float) -> QFont:
        """Return the font of the words while the list is closed: a small one for long ones."""
        words = self.currentText()
        font = self.text_font(words)
        return font if text_width(font, words) <= room else fonts.ui(metrics.TEXT_LEAST)

    def closed_icon(self) -> str:
        """Return the icon to show while the list is closed, or an empty string."""
        return str(self.currentData(_ICON_ROLE) or "")

    def icon_side(self) -> int:
        """Return how large the icon is while the list is closed."""
        return metrics.ICON_SMALL

    def sizeHint(self) -> QSize:
        words = [self.itemText(index) for index in range(self.count())]
        widest = max(text_width(self.text_font(word), word) for word in words)
        return QSize(round(widest) + self._around_text(), metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), metrics.RAIL), metrics.ROW)

    def showPopup(self) -> None:
        container = self.view().parentWidget()
        if isinstance(container, QFrame):
            # Fusion frames it in a grey of its own; the list has its border from the style sheet.
            container.setFrameStyle(QFrame.Shape.NoFrame.value)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        index = self.currentIndex() - self._notches.turned(event)
        self.setCurrentIndex(min(max(index, 0), self.count() - 1))
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        enabled = self.isEnabled()
        lit = enabled and self.underMouse()
        with painting(self) as painter:
            fill = "hover" if lit else self.frame_fill()
            panel(painter, rect, fill=fill, border=self.frame_ink())
            if enabled and self.has_error():
                panel(painter, rect, border="error", width=metrics.LINK)
            quiet = "ink3" if enabled else "ghost"
            left = float(_PADDING)
            icon = self.closed_icon()
            if icon:
                spot = QRectF(left, 0, metrics.ICON, rect.height())
                icon_at(painter, icon, spot, ink=quiet, side=self.icon_side())
                left += metrics.ICON + _ICON_GAP
            right = rect.width() - _CHEVRON_MARGIN - metrics.ICON_SMALL
            spot = QRectF(right, 0, metrics.ICON_SMALL, rect.height())
            icon_at(painter, "chevron-down", spot, ink="ghost", side=metrics.ICON_SMALL)
            place = QRectF(left, 0, right - left - 1, rect.height())
            text(
                painter,
                place,
                self.currentText(),
                font=self.closed_font(place.width()),
                ink="ink1" if enabled else "ghost",
            )

    def _around_text(self) -> int:
        icon = metrics.ICON + _ICON_GAP if self.closed_icon() else 0
        return _PADDING + icon + self._chevron_gap + metrics.ICON_SMALL + _CHEVRON_MARGIN

    def _index_changed(self, index: int) -> None:
        if index >= 0:
            self.value_changed.emit(str(self.itemData(index)))
