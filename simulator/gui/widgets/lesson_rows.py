"""The rows of the lesson list: its model, and how a row is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets.painting import icon_at, panel, text

Index = QModelIndex | QPersistentModelIndex
Groups = Sequence[tuple[str, Sequence[tuple[str, str, str]]]]
"""Groups of lessons: a title, and for each lesson its id, title and icon."""

ID_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ICON_ROLE = ID_ROLE + 1

LEAST_TO_FOLD = 2
"""A group of one lesson is not folded."""

_LESSON_HEIGHT = 25
_GROUP_HEIGHT = 24
_GROUP_BASE = 3
"""How much lower than the middle of its row a group's title stands."""
_EDGE = 8
_TITLE_LEFT = 14
_ICON_LEFT = 16
_TEXT_LEFT = 40
_CHEVRON = 14
_RAIL_HEIGHT = 40
_RAIL_SIDE = 36
_RAIL_DIVIDER = 17


def lesson_model(groups: Groups, owner: QObject) -> QStandardItemModel:
    """Return groups with their lessons below them.

    Raises ``ValueError`` if two lessons have one id.
    """
    model = QStandardItemModel(owner)
    seen: set[str] = set()
    for title, lessons in groups:
        group = QStandardItem(title)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for lesson, words, icon in lessons:
            if lesson in seen:
                raise ValueError(f"there are two lessons {lesson!r}")
            seen.add(lesson)
            item = QStandardItem(words)
            item.setData(lesson, ID_ROLE)
            item.setData(icon, ICON_ROLE)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setToolTip(words)
            group.appendRow(item)
        model.appendRow(group)
    return model


class LessonRows(QStyledItemDelegate):
    """Paints groups and lessons; in a rail, a divider for a group and an icon for a lesson."""

    def __init__(self, focus_visible: Callable[[], bool], owner: QObject) -> None:
        super().__init__(owner)
        self._focus_visible = focus_visible
        self.rail = False
        self.chosen = ""  # the id of the lesson on the stage

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option
        if index.data(ID_ROLE) is None:
            if self.rail:
                return QSize(metrics.RAIL, _RAIL_DIVIDER)
            return QSize(metrics.LESSON_LIST, _GROUP_HEIGHT)
        return QSize(metrics.RAIL, _RAIL_HEIGHT if self.rail else _LESSON_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if index.data(ID_ROLE) is None:
            self._paint_group(painter, rect, option.state, index)
        else:
            self._paint_lesson(painter, rect, option.state, index)
        painter.restore()

    def _paint_group(
        self, painter: QPainter, rect: QRectF, state: QStyle.StateFlag, index: Index
    ) -> None:
        if self.rail:
            middle = int(rect.center().y())
            line = QRectF(_TITLE_LEFT, middle, rect.width() - 2 * _TITLE_LEFT, metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))
            return
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        right = rect.right() - _EDGE - _CHEVRON - 6
        line = rect.translated(0, _GROUP_BASE)
        if self._shows_focus(state):
            ring = rect.adjusted(_EDGE, 2 * _GROUP_BASE, -_EDGE, 0)
            panel(painter, ring, border="reads", width=metrics.FOCUS_RING)
        text(
            painter,
            QRectF(_TITLE_LEFT, line.y(), right - _TITLE_LEFT, line.height()),
            title,
            font=fonts.ui(metrics.GROUP, metrics.SEMIBOLD),
            ink="ink3",
        )
        if index.model().rowCount(index) < LEAST_TO_FOLD:
            return
        chevron = "chevron-down" if state & QStyle.StateFlag.State_Open else "chevron-right"
        spot = QRectF(right, line.y(), _CHEVRON, line.height())
        icon_at(painter, chevron, spot, ink="ghost", side=_CHEVRON)

    def _paint_lesson(
        self, painter: QPainter, rect: QRectF, state: QStyle.StateFlag, index: Index
    ) -> None:
        chosen = index.data(ID_ROLE) == self.chosen
        lit = bool(state & QStyle.StateFlag.State_MouseOver)
        if self.rail:
            card = QRectF(0, 0, _RAIL_SIDE, _RAIL_SIDE)
            card.moveCenter(rect.center())
        else:
            card = rect.adjusted(_EDGE, 0, -_EDGE, 0)
        if chosen:
            panel(painter, card, fill="panel", border="hairline")
        elif lit:
            panel(painter, card, fill="hover")
        if self._shows_focus(state):
            panel(painter, card, border="reads", width=metrics.FOCUS_RING)
        ink = "ink1" if chosen else "ink2"
        icon = str(index.data(ICON_ROLE))
        if self.rail:
            icon_at(painter, icon, card, ink=ink, side=metrics.ICON_TRANSPORT)
            return
        spot = QRectF(_ICON_LEFT, rect.y(), metrics.ICON, rect.height())
        icon_at(painter, icon, spot, ink="ink1" if chosen else "ink3", side=metrics.ICON)
        text(
            painter,
            QRectF(_TEXT_LEFT, rect.y(), card.right() - _TEXT_LEFT - metrics.GRID, rect.height()),
            str(index.data(Qt.ItemDataRole.DisplayRole)),
            font=fonts.ui(metrics.CONTROL, metrics.SEMIBOLD if chosen else metrics.REGULAR),
            ink=ink,
        )

    def _shows_focus(self, state: QStyle.StateFlag) -> bool:
        return self._focus_visible() and bool(state & QStyle.StateFlag.State_HasFocus)
