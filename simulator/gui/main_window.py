"""The main window. It composes the list, the bars and the open lesson, and owns no lesson logic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from simulator.gui import actions, icons, metrics, theme
from simulator.gui.loader import Loader
from simulator.gui.picture_actions import PictureActions
from simulator.gui.settings import Memory
from simulator.gui.widgets.lesson_list import LessonList
from simulator.gui.widgets.shortcuts_dialog import ShortcutsDialog
from simulator.gui.widgets.top_bar import TopBar
from simulator.lessons.entries import ENTRIES

if TYPE_CHECKING:
    from simulator.engine.backends.base import Backend
    from simulator.gui.lesson_page import LessonPage
    from simulator.lessons.lesson import LessonState

RAIL_BELOW = 1180
DRAWER_BELOW = 980
NAME = "Deep Learning Simulator"


class MainWindow(QWidget):
    """The window. Lessons open once the loader has brought them in."""

    lesson_opened = Signal(str)

    def __init__(self, memory: Memory, lesson: str | None = None) -> None:
        """Show the frame at once; ``lesson`` is what to open, else the one that was open last."""
        super().__init__()
        self._memory = memory
        ids = [entry.id for entry in ENTRIES]
        self._wanted = next((one for one in (lesson, memory.lesson) if one in ids), ids[0])
        self._backend: Backend | None = None
        self._states: dict[str, LessonState] = {}
        self._drawer_open = False
        self.page: LessonPage | None = None
        self.setWindowTitle(NAME)
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(metrics.RAIL + metrics.STAGE_LEAST[0] + 4, 560)
        self.list = LessonList(NAME, parent=self)
        self.bar = TopBar(parent=self)
        self._opening = QLabel(self.tr("Opening the lesson"), self)
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._right = QVBoxLayout()
        self._right.setSpacing(0)
        self._right.addWidget(self.bar)
        self._right.addWidget(self._opening, 1)
        columns = QHBoxLayout(self)
        columns.setSpacing(0)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(self.list)
        columns.addLayout(self._right, 1)
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for entry in ENTRIES:
            groups.setdefault(entry.group, []).append((entry.id, entry.title, entry.icon))
        self.list.set_groups(list(groups.items()))
        self._show_path(self._wanted)
        self.pictures = PictureActions(self)
        self._actions = actions.table(self._doings())
        actions.connect(self._actions, self)
        self._connect()
        self.loader = Loader(self)
        self.loader.lessons_ready.connect(self._lessons_ready)
        self.loader.backend_ready.connect(self._backend_ready)
        self.loader.status.connect(lambda words: self.list.set_status(words, busy=True))
        self.loader.failed.connect(self._load_failed)
        self._restore()

    # Opening lessons

    def start(self) -> None:
        """Begin to load, once the window has been painted."""
        QTimer.singleShot(0, self.loader.start)

    def open_lesson(self, lesson_id: str) -> None:
        """Open a lesson as it was left."""
        self._wanted = lesson_id
        self._show_path(lesson_id)
        if self._backend is None or (self.page and self.page.document.lesson.id == lesson_id):
            return
        from simulator.gui.lesson_page import LessonPage
        from simulator.lessons.catalogue import lesson as find

        self._keep_page()
        chosen = find(lesson_id)
        state = self._states.get(lesson_id)
        if state is None:
            state = chosen.restored(self._memory.settings_of(lesson_id))
        page = LessonPage(chosen, self._backend, state, self)
        old, self.page = self.page, page
        self._right.replaceWidget(old or self._opening, page)
        self._opening.hide()
        if old is not None:
            old.close_lesson()
            old.deleteLater()
        page.picture_wanted.connect(self.pictures.open_file)
        page.picture_dropped.connect(self.pictures.load)
        stack = page.document.undo_stack
        stack.canUndoChanged.connect(self._show_undo)
        stack.canRedoChanged.connect(self._show_undo)
        stack.indexChanged.connect(self._show_undo)
        page.show()
        self._show_undo()
        self._arrange()
        page.stage.setFocus(Qt.FocusReason.OtherFocusReason)
        self.lesson_opened.emit(lesson_id)

    def _lessons_ready(self) -> None:
        from simulator.engine.backends.base import Backend

        self._backend = Backend()
        self.open_lesson(self._wanted)

    def _backend_ready(self, backend: Backend) -> None:
        self._backend = backend
        if self.page is not None:
            self.page.document.use_backend(backend)
        self.list.set_status(self.tr("CPU, Numba, float32"), busy=False)

    def _load_failed(self, reason: str) -> None:
        if self._backend is None:
            self._opening.setText(
                self.tr("The lessons can't be loaded: {0}. Set the app up again.").format(reason)
            )
        self.list.set_status(self.tr("CPU, NumPy, float32"), busy=False)
        self.list.setToolTip(self.tr("The fast kernels can't be used: {0}").format(reason))

    def _keep_page(self) -> None:
        if self.page is None:
            return
        document = self.page.document
        self._states[document.lesson.id] = document.state
        kept = document.lesson.kept(document.state)
        self._memory.keep_lesson(document.lesson.id, kept)

    # What is around the lesson

    def _connect(self) -> None:
        self.list.chosen.connect(self.open_lesson)
        self.list.expand_requested.connect(self._expand_list)
        self.bar.undo.connect(self._undo)
        self.bar.redo.connect(self._redo)
        self.bar.picture.connect(self.pictures.show_menu)
        self.bar.theme_toggled.connect(self.toggle_theme)
        self.bar.help.connect(self.show_shortcuts)
        self._show_undo()
        self.bar.set_dark(theme.current().dark)

    def _doings(self) -> actions.Doings:
        def on_document(name: str, *values: object) -> object:
            return lambda: self.page and getattr(self.page.document, name)(*values)

        document = on_document
        return actions.Doings(
            toggle=document("toggle"),
            toggle_backwards=document("toggle", -1),
            forward=document("forward"),
            back=document("back"),
            first=document("first"),
            last=document("last"),
            faster=document("change_speed", 1),
            slower=document("change_speed", -1),
            loop=document("toggle_loop"),
            finer=document("change_level", -1),
            coarser=document("change_level", 1),
            next_map=document("pick_next", "map", 1),
            previous_map=document("pick_next", "map", -1),
            next_channel=document("pick_next", "channel", 1),
            previous_channel=document("pick_next", "channel", -1),
            pin_up=document("move_pin", -1, 0),
            pin_down=document("move_pin", 1, 0),
            pin_left=document("move_pin", 0, -1),
            pin_right=document("move_pin", 0, 1),
            pin_next=document("pin_next_array"),
            open_pinned=document("open_pinned"),
            edit=lambda: self.page and self.page.stage.edit_pinned(),
            free=document("free"),
            draw=self.pictures.toggle_drawing,
            open_picture=self.pictures.open_file,
            paste_picture=self.pictures.paste,
            save_picture=self.pictures.save_stage,
            undo=self._undo,
            redo=self._redo,
            reset=document("reset"),
            theme=self.toggle_theme,
            panel=self.toggle_panel,
            help=self.show_shortcuts,
            full_screen=self._toggle_full_screen,
            close=self.close,
        )

    def _undo(self) -> None:
        if self.page is not None:
            self.page.document.undo_stack.undo()

    def _redo(self) -> None:
        if self.page is not None:
            self.page.document.undo_stack.redo()

    def _show_undo(self) -> None:
        stack = self.page.document.undo_stack if self.page else None
        self.bar.set_undo(stack.undoText() if stack and stack.canUndo() else None)
        self.bar.set_redo(stack.redoText() if stack and stack.canRedo() else None)

    def _show_path(self, lesson_id: str) -> None:
        entry = next(entry for entry in ENTRIES if entry.id == lesson_id)
        self.bar.set_breadcrumb(entry.group, entry.title)
        self.list.set_current(lesson_id)

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

    def toggle_panel(self) -> None:
        """Show or hide the right panel."""
        self._drawer_open = not self._drawer_open
        self._arrange()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _expand_list(self) -> None:
        self.list.set_rail(not self.list.is_rail())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.list.set_rail(self.width() < RAIL_BELOW)
        self._arrange()

    def _arrange(self) -> None:
        """Give the panel a column, or make it a drawer where there is no room for one."""
        if self.page is not None:
            self.page.set_drawer(self.width() < DRAWER_BELOW, toggled=self._drawer_open)

    # From one start to the next

    def _restore(self) -> None:
        geometry = self._memory.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 800)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep_page()
        self._memory.keep_window(self.saveGeometry())
        if self.page is not None:
            self.page.close_lesson()
        self.pictures.stop()
        self.loader.stop()
        super().closeEvent(event)
