"""The panel at the left: the lessons in their groups, a way to find one, and the status."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTreeView, QVBoxLayout, QWidget

from simulator.gui import fonts, icons, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.lesson_rows import (
    ID_ROLE,
    LEAST_TO_FOLD,
    Groups,
    LessonRows,
    lesson_model,
)
from simulator.gui.widgets.painting import painting, text
from simulator.gui.widgets.search_field import SearchField
from simulator.gui.widgets.status_line import StatusLine
from simulator.gui.widgets.text import Text

Key = Qt.Key
SEARCH_KEYS = "Ctrl+K"
_MARK = 18
_MARK_LEFT = 14
_NAME_LEFT = 40
_SEARCH_LEFT = 10
_SEARCH_RIGHT = 11
_SEARCH_BELOW = 8
_LIST_KEYS = (
    *(Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right),
    *(Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown),
    *(Key.Key_Return, Key.Key_Enter, Key.Key_Space),
)


class _Name(QWidget):
    """The application's mark, and its name where there is room."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        self.rail = False
        self.setAccessibleName(name)
        self.setFixedHeight(metrics.TOP_BAR)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        left = (self.width() - _MARK) // 2 if self.rail else _MARK_LEFT
        with painting(self) as painter:
            icons.paint_mark(painter, QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK))
            if not self.rail:
                font = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
                room = self.rect().adjusted(_NAME_LEFT, 0, -metrics.GRID, 0)
                text(painter, QRectF(room), self._name, font=font, ink="ink1")


class _Tree(QTreeView):
    """The lessons, with Enter and the space bar doing what a click does."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Qt lets a hidden header keep its column's former width.
        self.header().resizeSection(0, self.viewport().width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Key.Key_Return, Key.Key_Enter, Key.Key_Space}:
            self.clicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class LessonList(QWidget):
    """Lessons in groups; ``chosen(id)`` is the learner's choice, ``expand_requested`` the rail's.

    ``Ctrl+K`` leads to the search field; typing filters; Down and Enter reach what was found.
    """

    chosen = Signal(str)
    expand_requested = Signal()

    def __init__(self, app_name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rail = True
        self.setAccessibleName(self.tr("Lessons"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._name = _Name(app_name, self)
        self._search_holder = QWidget(self)
        self._search = SearchField(self.tr("Find a lesson"), SEARCH_KEYS, parent=self)
        self._search.textChanged.connect(self._filter)
        self._search.left_by.connect(self._answer)
        side = metrics.ICON_TRANSPORT
        self._expand = IconButton(
            "panel-left", self.tr("Show the lessons"), "", side=side, parent=self
        )
        self._expand.clicked.connect(self.expand_requested)
        self._find = IconButton(
            "search", self.tr("Find a lesson"), SEARCH_KEYS, side=side, parent=self
        )
        self._find.clicked.connect(self.focus_search)
        self._rows = LessonRows(lambda: self._watch.visible, self)
        self._folded: set[str] = set()  # titles of the groups that the learner has closed
        self._tree = self._make_tree()
        self._nothing_holder = QWidget(self)
        self._nothing = Text("", ink="ink3", parent=self)
        self._status = StatusLine(parent=self)
        shortcut = QShortcut(QKeySequence(SEARCH_KEYS), self)
        shortcut.activated.connect(self.focus_search)
        self._lay_out()
        self.set_groups([])
        self.set_rail(False)

    def set_groups(self, groups: Groups) -> None:
        """Offer other lessons; raise ValueError if two have one id."""
        former = self._tree.model()
        self._tree.setModel(lesson_model(groups, self))
        self._tree.expandAll()
        self._folded.clear()
        if former is not None:
            former.deleteLater()
        self._filter()

    def current(self) -> str:
        """Return the id of the lesson that is marked, or an empty string."""
        return self._rows.chosen

    def set_current(self, lesson: str) -> None:
        """Mark the lesson that is on the stage, silently.

        Raises ``ValueError`` if it is not in the list.
        """
        index = self._index_of(lesson)
        if not index.isValid():
            raise ValueError(f"there is no lesson {lesson!r} in the list")
        self._rows.chosen = lesson
        self._tree.setCurrentIndex(index)
        self._show_current()

    def set_status(self, words: str, busy: bool) -> None:
        """Tell what the machine is doing, with a spinner if busy."""
        self._status.set_status(words, busy)

    def set_rail(self, rail: bool) -> None:
        """Show a rail of icons, or the whole list."""
        if rail == self._rail:
            return
        self._rail = rail
        self._name.rail = self._rows.rail = rail
        self._status.set_rail(rail)
        if rail:
            self._search.clear()
        self._search_holder.setVisible(not rail)
        self._rail_top.setVisible(rail)
        self.setFixedWidth(metrics.RAIL if rail else metrics.LESSON_LIST)
        bar = Qt.ScrollBarPolicy
        self._tree.setVerticalScrollBarPolicy(
            bar.ScrollBarAlwaysOff if rail else bar.ScrollBarAsNeeded
        )
        mode = QTreeView.ScrollMode
        # Without a scroll bar, half an icon below the buttons would look like a mistake.
        self._tree.setVerticalScrollMode(mode.ScrollPerItem if rail else mode.ScrollPerPixel)
        self._tree.doItemsLayout()
        self._name.update()
        self._filter()
        self._show_current()

    def is_rail(self) -> bool:
        """Return whether it is a rail."""
        return self._rail

    def focus_search(self) -> None:
        """Lead to the search field; as a rail, ask to be expanded first."""
        if self._rail:
            self.expand_requested.emit()
        if not self._rail:
            self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._search.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_current()  # before, there was no height to scroll in

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.colour("window"))
            edge = QRectF(self.width() - 1, 0, metrics.HAIRLINE, self.height())
            painter.fillRect(edge, theme.colour("hairline"))

    def _make_tree(self) -> _Tree:
        tree = _Tree(self)
        tree.setAccessibleName(self.tr("Lessons"))
        tree.setFrameShape(QFrame.Shape.NoFrame)
        tree.setHeaderHidden(True)
        tree.header().setMinimumSectionSize(1)  # a rail is narrower than Qt's least
        tree.header().setStretchLastSection(False)
        tree.setRootIsDecorated(False)
        tree.setIndentation(0)
        tree.setItemDelegate(self._rows)
        tree.setMouseTracking(True)
        tree.setUniformRowHeights(False)
        tree.setExpandsOnDoubleClick(False)
        tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.viewport().setAutoFillBackground(False)
        tree.setSelectionMode(QTreeView.SelectionMode.NoSelection)
        tree.clicked.connect(self._picked)
        tree.expanded.connect(lambda group: self._remember_fold(group, folded=False))
        tree.collapsed.connect(lambda group: self._remember_fold(group, folded=True))
        self._watch = focus.watch(tree, around=None, keys=_LIST_KEYS)
        return tree

    def _lay_out(self) -> None:
        self._rail_top = QWidget(self)
        self._rail_top.setAccessibleName(self.tr("Lessons"))
        buttons = QVBoxLayout(self._rail_top)
        buttons.setContentsMargins(0, 1, 0, 1)
        buttons.setSpacing(2 * metrics.GRID)
        for button in (self._expand, self._find):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        # Holders, because a hidden widget would leave the margins of a mere layout behind.
        search = QHBoxLayout(self._search_holder)
        search.setContentsMargins(_SEARCH_LEFT, metrics.GRID, _SEARCH_RIGHT, _SEARCH_BELOW)
        search.addWidget(self._search)
        nothing = QHBoxLayout(self._nothing_holder)
        nothing.setContentsMargins(_MARK_LEFT, 2 * metrics.GRID, _MARK_LEFT, 0)
        nothing.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, metrics.HAIRLINE, 0)
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._search_holder)
        column.addWidget(self._rail_top)
        column.addWidget(self._nothing_holder)
        column.addWidget(self._tree, 1)
        column.addWidget(self._status)

    def _filter(self) -> None:
        """Show the lessons whose titles have every word that is looked for."""
        sought = self._search.text().casefold().split()
        model = self._tree.model()
        found = None
        for row in range(model.rowCount()):
            group = model.index(row, 0)
            any_in_group = False
            for child in range(model.rowCount(group)):
                lesson = model.index(child, 0, group)
                title = str(lesson.data(Qt.ItemDataRole.DisplayRole)).casefold()
                matches = all(word in title for word in sought)
                self._tree.setRowHidden(child, group, not matches)
                any_in_group |= matches
                found = lesson if matches and found is None else found
            self._tree.setRowHidden(row, QModelIndex(), bool(sought) and not any_in_group)
            folded = str(group.data(Qt.ItemDataRole.DisplayRole)) in self._folded
            self._tree.blockSignals(True)  # no fold of the learner's
            self._tree.setExpanded(group, bool(sought) or self._rail or not folded)
            self._tree.blockSignals(False)
        if sought and found is not None:
            self._tree.setCurrentIndex(found)
        none = bool(sought) and found is None
        words = self.tr("No lesson matches “{0}”.").format(self._search.text().strip())
        self._nothing.set_content(words if none else "")
        self._nothing_holder.setVisible(none)

    def _answer(self, key: int) -> None:
        """Answer a key that left the search field."""
        index = self._tree.currentIndex()
        if key in {Key.Key_Return.value, Key.Key_Enter.value}:
            if index.isValid() and self._nothing_holder.isHidden():
                self._picked(index)
            return
        self._tree.setFocus(Qt.FocusReason.TabFocusReason)

    def _picked(self, index: QModelIndex) -> None:
        lesson = index.data(ID_ROLE)
        if lesson is None:
            foldable = index.isValid() and index.model().rowCount(index) >= LEAST_TO_FOLD
            if foldable and not self._rail:
                self._tree.setExpanded(index, not self._tree.isExpanded(index))
        elif lesson != self.current():
            self.set_current(str(lesson))
            self.chosen.emit(str(lesson))

    def _remember_fold(self, group: QModelIndex, *, folded: bool) -> None:
        title = str(group.data(Qt.ItemDataRole.DisplayRole))
        if folded:
            self._folded.add(title)
        else:
            self._folded.discard(title)

    def _show_current(self) -> None:
        """Scroll to the lesson that is marked, with its group's title if that is next to it."""
        index = self._index_of(self.current())
        if index.isValid():
            if index.row() == 0:
                self._tree.scrollTo(index.parent())
            self._tree.scrollTo(index)
        self._tree.viewport().update()

    def _index_of(self, lesson: str) -> QModelIndex:
        model = self._tree.model()
        for row in range(model.rowCount()):
            group = model.index(row, 0)
            for child in range(model.rowCount(group)):
                index = model.index(child, 0, group)
                if index.data(ID_ROLE) == lesson:
                    return index
        return QModelIndex()
