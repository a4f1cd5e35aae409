"""A lesson on the screen: stage, transport and right panel around one document."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from simulator.engine.backends.base import Backend
from simulator.gui import metrics
from simulator.gui.document import Document
from simulator.gui.panel.lesson_panel import LessonPanel
from simulator.gui.player import Player
from simulator.gui.stage.stage import Stage
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.transport import Transport
from simulator.lessons.lesson import Lesson, LessonState


class LessonPage(QWidget):
    """One open lesson. It composes; what it composes lives elsewhere."""

    picture_wanted = Signal()
    picture_dropped = Signal(str)

    def __init__(
        self,
        lesson: Lesson,
        backend: Backend,
        state: LessonState | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Open ``lesson`` as it was left."""
        super().__init__(parent)
        self.document = Document(lesson, backend, state, parent=self)
        self.player = Player(self.document, parent=self)
        self.stage = Stage(self.document, self)
        self.transport = Transport(parent=self)
        self.panel = LessonPanel(self.document, self)
        self._levels: list[tuple[str, str]] = []
        self._drawer = False
        self._notice = Notice("info", "", dismissable=True, parent=self)
        self._notice.hide()
        left = QVBoxLayout()
        left.setSpacing(0)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.stage, 1)
        left.addWidget(self.transport)
        columns = QHBoxLayout(self)
        columns.setSpacing(0)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addLayout(left, 1)
        columns.addWidget(self.panel)
        self._connect()
        self._show_play()
        self._show_step()
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, words: str, *, error: bool = False) -> None:
        """Say something over the stage until it is dismissed."""
        self._notice.deleteLater()
        self._notice = Notice("error" if error else "info", words, dismissable=True, parent=self)
        width = min(460, max(240, self.stage.width() - 2 * metrics.GUTTER))
        self._notice.resize(width, self._notice.heightForWidth(width))
        self._notice.move(
            self.stage.x() + (self.stage.width() - width) // 2,
            self.stage.geometry().bottom() - self._notice.height() - 2 * metrics.GRID,
        )
        self._notice.show()
        self._notice.raise_()

    def told(self) -> str:
        """Return what is said over the stage, or an empty string."""
        return self._notice.text() if self._notice.isVisible() else ""

    def hush(self) -> None:
        """Take back what was said."""
        self._notice.hide()

    def set_drawer(self, drawer: bool, *, toggled: bool) -> None:
        """Give the panel a column of its own, or lay it over the stage where there is no room.

        ``toggled`` shows the drawer, or hides the column.
        """
        columns = self.layout()
        if drawer != self._drawer:
            self._drawer = drawer
            if drawer:
                columns.removeWidget(self.panel)
            else:
                columns.addWidget(self.panel)
        self.panel.setVisible(drawer == toggled)
        self._place_drawer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_drawer()

    def _place_drawer(self) -> None:
        if self._drawer and self.panel.isVisible():
            width = self.panel.width()
            height = self.height() - metrics.TRANSPORT
            self.panel.setGeometry(self.width() - width, 0, width, height)
            self.panel.raise_()

    def close_lesson(self) -> None:
        """Stop the clock; the page is about to go."""
        self.player.stop()

    def _connect(self) -> None:
        document, transport = self.document, self.transport
        transport.first.connect(document.first)
        transport.back.connect(document.back)
        transport.toggled.connect(lambda: document.toggle())
        transport.forward.connect(document.forward)
        transport.last.connect(document.last)
        transport.sought.connect(document.seek)
        transport.level_chosen.connect(document.set_level)
        transport.speed_chosen.connect(document.set_speed)
        transport.loop_chosen.connect(document.set_loop)
        document.step_changed.connect(self._show_step)
        document.play_changed.connect(self._show_play)
        document.own_picture_wanted.connect(self.picture_wanted)
        self.stage.picture_dropped.connect(self.picture_dropped)

    def _show_step(self) -> None:
        session, transport = self.document.session, self.transport
        trace = session.trace
        levels = [(level.name, level.label) for level in trace.levels.values()]
        if self._levels != levels:
            self._levels = levels
            transport.set_levels(levels, trace.level)
        transport.set_level(trace.level)
        transport.set_length(session.timeline.length)
        transport.set_step(session.timeline.step)
        told = session.explanation()
        transport.set_pips(*told.progress, str(told.progress_caption))

    def _show_play(self) -> None:
        timeline = self.document.timeline
        self.transport.set_playing(timeline.playing)
        self.transport.set_speed(timeline.speed)
        self.transport.set_loop(timeline.loop)
