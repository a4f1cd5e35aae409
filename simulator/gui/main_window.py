"""The main window. It composes the list, the bars and the open lesson, and owns no lesson logic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from simulator.gui import actions, icons, metrics, theme
from simulator.gui.lab_host import GROUP, ICON, LabHost
from simulator.gui.lab_host import RAIL_BELOW as LAB_RAIL_BELOW
from simulator.gui.lab_host import TITLE as LAB_TITLE
from simulator.gui.leads import Leads
from simulator.gui.loader import Loader
from simulator.gui.picture_actions import PictureActions
from simulator.gui.settings import Memory
from simulator.gui.widgets.lesson_list import LessonList
from simulator.gui.widgets.shortcuts_dialog import ShortcutsDialog
from simulator.gui.widgets.top_bar import TopBar
from simulator.gui.widgets.veil import Veil
from simulator.lessons.entries import ENTRIES, LAB

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend
    from simulator.gui.lesson_page import LessonPage
    from simulator.lessons.lesson import LessonState

RAIL_BELOW = 1180
DRAWER_BELOW = 980
EXPOSED_WITHIN = 5
"""Milliseconds between two looks whether the window is on the screen: then it is painted, too."""
NAME = "Deep Learning Simulator"


class MainWindow(QWidget):
    """The window. Lessons open once the loader has brought them in."""

    lesson_opened = Signal(str)

    def __init__(self, memory: Memory, lesson: str | None = None) -> None:
        """Show the frame at once; ``lesson`` is what to open, else the one that was open last."""
        super().__init__()
        self._memory = memory
        ids = [entry.id for entry in ENTRIES]
        known = [*ids, LAB]
        self._wanted = next((one for one in (lesson, memory.lesson) if one in known), ids[0])
        self._backend: Backend | None = None
        self._states: dict[str, LessonState] = {}
        self._panel_toggled = False
        self._drawer = False
        self._narrow = False
        self._closing = False
        self.page: LessonPage | None = None
        self.setWindowTitle(NAME)
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(metrics.RAIL + metrics.STAGE_LEAST[0] + 4, 560)
        self.list = LessonList(NAME, parent=self)
        self.bar = TopBar(parent=self)
        self._opening = QLabel(self.tr("Opening the lesson"), self)
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._opening.setWordWrap(True)
        self._opening.setTextFormat(Qt.TextFormat.PlainText)
        self._right = QVBoxLayout()
        self._right.setSpacing(0)
        self._right.addWidget(self.bar)
        self._right.addWidget(self._opening, 1)
        self._columns = QHBoxLayout(self)
        self._columns.setSpacing(0)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addWidget(self.list)
        self._columns.addLayout(self._right, 1)
        self._veil = Veil(self)
        self._veil.hide()
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for entry in ENTRIES:
            groups.setdefault(entry.group, []).append((entry.id, entry.title, entry.icon))
        groups.setdefault(GROUP, []).append((LAB, LAB_TITLE, ICON))
        self.list.set_groups(list(groups.items()))
        self.lab = LabHost(self)
        self._show_path(self._wanted)
        self.pictures = PictureActions(self)
        self.leads = Leads(self)
        self._actions = actions.table(self)
        actions.connect(self._actions, self)
        self._connect()
        others = [one for one in ids if one != self._wanted]
        first = [self._wanted] if self._wanted in ids else []
        kept = {one: memory.settings_of(one) for one in (*first, *others)}
        self.loader = Loader(kept, parent=self)
        self.loader.lessons_ready.connect(self._lessons_ready)
        self.loader.backend_ready.connect(self._backend_ready)
        self.loader.status.connect(self._show_busy)
        self.loader.failed.connect(self._load_failed)
        self.lab.follow(self.loader)
        self.lab.openable.connect(self._lab_openable)
        self._restore()

    # Opening lessons

    def start(self) -> None:
        """Begin to load, once the window has been painted."""
        QTimer.singleShot(0, self._load)

    def _load(self) -> None:
        if self._closing:
            return
        if not self.isVisible() or not self.windowHandle().isExposed():
            QTimer.singleShot(EXPOSED_WITHIN, self._load)  # the thread would only delay the paint
            return
        self.loader.start()

    def open_lesson(self, lesson_id: str) -> None:
        """Open a lesson as it was left."""
        self._wanted = lesson_id
        self._show_path(lesson_id)
        self._fold_list()
        if lesson_id == LAB:
            self._open_lab()
            return
        self.lab.hide()
        if self._backend is None or (self.page and self.page.document.lesson.id == lesson_id):
            return
        # Both are heavy, and the loader has brought them in by now.
        from simulator.gui.lesson_page import LessonPage  # noqa: PLC0415
        from simulator.lessons.catalogue import lesson as find  # noqa: PLC0415

        self._keep_page()
        self.pictures.forget()
        chosen = find(lesson_id)
        state = self._states.get(lesson_id)
        if state is None:
            state = chosen.restored(self._memory.settings_of(lesson_id))
        page = LessonPage(chosen, self._backend, state, self, trains_ahead=True)
        self._close_page()
        self.page = page
        self.take_page(page)
        # Queued, so that the list in which one's own picture was chosen is closed by then.
        page.picture_wanted.connect(self.pictures.open_file, Qt.ConnectionType.QueuedConnection)
        page.picture_dropped.connect(self.pictures.load)
        page.document.undo_stack.indexChanged.connect(self.show_undo)
        page.show()
        self.show_undo()
        self._arrange()
        page.stage.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setWindowTitle(f"{chosen.entry.title} – {NAME}")
        self.lesson_opened.emit(lesson_id)

    def open_state(self, lesson_id: str, state: LessonState) -> None:
        """Open a lesson in a state that was made elsewhere, in the lab for instance."""
        self._states[lesson_id] = state
        self.open_lesson(lesson_id)

    def _open_lab(self) -> None:
        """Open the lab, once nothing else is being imported any more."""
        if self.lab.shown:
            return
        self._keep_page()
        self._close_page()
        if self._backend is None or not self.lab.may_open():
            words = self.tr("Opening the lab. The first start takes longer: kernels are compiled.")
            self._opening.setText(words)
            self._opening.show()
            return
        self.pictures.forget()
        self._opening.hide()
        self.lab.show(self._backend)
        self.show_undo()
        self._arrange()
        self.setWindowTitle(f"{LAB_TITLE} – {NAME}")
        self.lesson_opened.emit(LAB)

    def take_page(self, page: QWidget) -> None:
        """Put a page where the open one is."""
        self._right.addWidget(page, 1)
        self._opening.hide()

    def _close_page(self) -> None:
        old, self.page = self.page, None
        if old is not None:
            self._right.removeWidget(old)
            old.hide()
            old.close_lesson()
            old.deleteLater()

    def _lab_openable(self) -> None:
        """Open the lab if it was wanted before that could be."""
        if not self._closing and self._wanted == LAB:
            self._open_lab()

    def tell(self, words: str, *, error: bool = False) -> None:
        """Say something over the stage, or where it is going to be."""
        page = self.lab.page if self.lab.shown else self.page
        if page is not None:
            page.tell(words, error=error)
        else:
            self._opening.setText(words)

    def _lessons_ready(self) -> None:
        if self._closing:
            return
        from simulator.engine.backends.base import Backend  # noqa: PLC0415 - by now it is there

        self._backend = Backend()
        self.open_lesson(self._wanted)

    def _backend_ready(self, backend: Backend) -> None:
        if self._closing:
            return
        self._backend = backend
        if self.page is not None:
            self.page.document.use_backend(backend)
        self.list.set_status(self.tr("CPU, Numba, float32"), busy=False)

    def _load_failed(self, reason: str) -> None:
        if self._closing:
            return
        if self._backend is None:
            self.list.set_status(self.tr("No lessons"), busy=False)
            words = self.tr("The lessons can’t be loaded ({0}). Set the app up again.")
        else:
            self.list.set_status(self.tr("CPU, NumPy, float32"), busy=False)
            words = self.tr("The fast kernels can’t be used ({0}). NumPy computes in their place.")
        self.tell(words.format(reason), error=True)

    def _show_busy(self, words: str) -> None:
        self.list.set_status(words, busy=True)

    def _keep_page(self) -> None:
        if self.page is None:
            return
        document = self.page.document
        state = document.shown_state
        self._states[document.lesson.id] = state
        if not document.lesson.is_from_elsewhere(state):  # its sizes are not the learner's choice
            self._memory.keep_lesson(document.lesson.id, document.lesson.kept(state))

    # What is around the lesson

    def _connect(self) -> None:
        self.list.chosen.connect(self.open_lesson)
        self.list.expand_requested.connect(self._unfold_list)
        self._veil.pressed.connect(self._fold_list)
        self.bar.undo.connect(self.undo)
        self.bar.redo.connect(self.redo)
        self.bar.panel_toggled.connect(self.toggle_panel)
        self.bar.picture.connect(self._show_menu)
        self.bar.theme_toggled.connect(self.toggle_theme)
        self.bar.help.connect(self.show_shortcuts)
        self.show_undo()
        self.bar.set_dark(theme.current().dark)

    @property
    def undo_stack(self) -> QUndoStack | None:
        """Return the edits of what is on view."""
        return self.lab.undo_stack if self.page is None else self.page.document.undo_stack

    def undo(self) -> None:
        """Take the last edit back."""
        if self.undo_stack is not None:
            self.undo_stack.undo()

    def redo(self) -> None:
        """Bring the last edit that was taken back again."""
        if self.undo_stack is not None:
            self.undo_stack.redo()

    def show_undo(self) -> None:
        """Name in the bar what undo and redo would do."""
        stack = self.undo_stack
        self.bar.set_undo(stack.undoText() if stack and stack.canUndo() else None)
        self.bar.set_redo(stack.redoText() if stack and stack.canRedo() else None)

    def _show_menu(self) -> None:
        if self.lab.shown:
            self.lab.show_menu()
        else:
            self.pictures.show_menu()

    def _show_path(self, lesson_id: str) -> None:
        self.list.set_current(lesson_id)
        if lesson_id == LAB:
            self.lab.show_name()
            return
        entry = next(entry for entry in ENTRIES if entry.id == lesson_id)
        self.bar.set_breadcrumb(entry.group, entry.title)

    def toggle_theme(self) -> None:
        """Go from light to dark or back."""
        wanted = theme.LIGHT if theme.current().dark else theme.DARK
        self._memory.keep_theme(wanted.name)
        self.take_theme(wanted)

    def take_theme(self, wanted: theme.Theme) -> None:
        """Take a theme on."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, wanted)
        self.bar.set_dark(wanted.dark)

    def show_shortcuts(self) -> None:
        """Show the list of keys."""
        entries = [(action.title, list(action.keys)) for action in self._actions]
        dialog = ShortcutsDialog(entries, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def edit_pinned(self) -> None:
        """Type over the cell that is pinned or pointed at."""
        if self.page is not None:
            self.page.stage.edit_pinned()

    def step_out(self) -> None:
        """Close what lies over the stage, or else free the pinned cell; back to the stage."""
        if self._veil.isVisible():
            self._fold_list()
        elif self.lab.close_twins():
            return
        elif self._drawer and self._panel_toggled:
            self.toggle_panel()
        elif self.page is not None:
            self.page.document.free()
        if self.page is not None:
            self.page.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle_panel(self) -> None:
        """Show or hide the right panel."""
        self._panel_toggled = not self._panel_toggled
        self._arrange()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Give list and panel a column each, or something smaller where there is no room."""
        narrow = self.width() < (LAB_RAIL_BELOW if self.lab.shown else RAIL_BELOW)
        if narrow != self._narrow:
            self._fold_list()
            self._narrow = narrow
            self.list.set_rail(narrow)
        if self._veil.isVisible():
            self._veil.setGeometry(self.rect())
            self.list.setGeometry(0, 0, metrics.LESSON_LIST, self.height())
        drawer = self.width() < DRAWER_BELOW
        if drawer != self._drawer:
            self._drawer, self._panel_toggled = drawer, False
        page = self.lab.page if self.lab.shown else self.page
        if page is not None:
            page.set_drawer(drawer, toggled=self._panel_toggled)
            offered = drawer or self._panel_toggled
            self.bar.set_panel(drawer == self._panel_toggled if offered else None)

    def _unfold_list(self) -> None:
        """Lay the whole list over the page, beside which there is only room for a rail."""
        self._columns.removeWidget(self.list)
        self._columns.setContentsMargins(metrics.RAIL, 0, 0, 0)
        self.list.set_rail(False)
        self._veil.show()
        self._veil.raise_()
        self.list.raise_()
        self._arrange()

    def _fold_list(self) -> None:
        """Make the list a rail again, if it lies over the page."""
        if self._veil.isVisible():
            self._veil.hide()
            self.list.set_rail(True)
            self._columns.setContentsMargins(0, 0, 0, 0)
            self._columns.insertWidget(0, self.list)

    # From one start to the next

    def _restore(self) -> None:
        geometry = self._memory.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize()))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closing:
            self._closing = True
            self._keep_page()
            if self.lab.shown:
                self._memory.keep_lesson(LAB, {})
            self._memory.keep_window(self.saveGeometry())
            self._memory.write()
            if self.page is not None:
                self.page.close_lesson()
            # A compilation can't be cut short: the learner need not watch the window wait for it.
            self.hide()
            QGuiApplication.sync()
            self.lab.close()
            self.pictures.stop()
            self.loader.stop()
        super().closeEvent(event)
