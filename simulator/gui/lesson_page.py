"""A lesson on the screen: stage, transport and right panel around one document."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from simulator.engine.backends.base import Backend
from simulator.gui import metrics
from simulator.gui.course_worker import CourseWorker
from simulator.gui.document import Document
from simulator.gui.panel.lesson_panel import LessonPanel
from simulator.gui.player import Player
from simulator.gui.stage.stage import Stage
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.transport import Transport
from simulator.lessons.lesson import Lesson, LessonState

PATIENCE = 300
"""Milliseconds that a picture may be late before anything is said of it."""


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
        *,
        clock: Callable[[], float] = monotonic,
        trains_ahead: bool = False,
    ) -> None:
        """Open ``lesson`` as it was left; ``clock`` counts seconds.

        With ``trains_ahead`` what a lesson watches is trained on a thread until ``close_lesson``.
        """
        super().__init__(parent)
        self.document = Document(lesson, backend, state, parent=self, clock=clock)
        self.player = Player(self.document, parent=self, clock=clock)
        self.stage = Stage(self.document, self)
        self.transport = Transport(parent=self)
        self.panel = LessonPanel(self.document, self)
        self._levels: list[tuple[str, str]] = []
        self._drawer = False
        self._notice: Notice | None = None
        self._complaint = ""
        self._trains_ahead = trains_ahead
        self.document.session.trains_elsewhere = trains_ahead
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self._patience.timeout.connect(lambda: self.tell(self._waiting_words()))
        self._worker: CourseWorker | None = None
        left = QVBoxLayout()
        left.setSpacing(0)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.stage, 1)
        left.addWidget(self.transport)
        self._columns = QHBoxLayout(self)
        self._columns.setSpacing(0)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addLayout(left, 1)
        self._columns.addWidget(self.panel)
        self._connect()
        self._show_play()
        self._show_step()
        self._train_ahead()
        self.stage.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, words: str, *, error: bool = False) -> None:
        """Say something over the stage until it is dismissed."""
        if self.told() == words:
            return
        self.hush()
        self._notice = Notice("error" if error else "info", words, dismissable=True, parent=self)
        self._place_notice()
        self._notice.show()
        self._notice.raise_()

    def told(self) -> str:
        """Return what is said over the stage, or an empty string."""
        return "" if self._notice is None or self._notice.isHidden() else self._notice.text()

    def hush(self) -> None:
        """Take back what was said."""
        if self._notice is not None:
            self._notice.hide()
            self._notice.deleteLater()
            self._notice = None

    def set_drawer(self, drawer: bool, *, toggled: bool) -> None:
        """Give the panel a column of its own, or lay it over the stage where there is no room.

        ``toggled`` shows the drawer, or hides the column.
        """
        if drawer != self._drawer:
            self._drawer = drawer
            if drawer:
                self._columns.removeWidget(self.panel)
            else:
                self._columns.addWidget(self.panel)
        shown = drawer == toggled
        if not shown and any(child.hasFocus() for child in self.panel.findChildren(QWidget)):
            self.stage.setFocus(Qt.FocusReason.OtherFocusReason)
        self.panel.setVisible(shown)
        self._place_drawer()
        self._show_complaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_drawer()
        self._place_notice()

    def _place_drawer(self) -> None:
        if self._drawer and not self.panel.isHidden():
            width = self.panel.width()
            height = self.height() - metrics.TRANSPORT
            self.panel.setGeometry(self.width() - width, 0, width, height)
            self.panel.raise_()

    def _place_notice(self) -> None:
        """Put the notice at the foot of the stage, in the middle."""
        if self._notice is None:
            return
        stage_width = self.width() - (0 if self._drawer or self.panel.isHidden() else metrics.PANEL)
        width = min(460, max(240, stage_width - 2 * metrics.GUTTER))
        height = self._notice.heightForWidth(width)
        bottom = self.height() - metrics.TRANSPORT - 2 * metrics.GRID
        self._notice.setGeometry((stage_width - width) // 2, bottom - height, width, height)

    def close_lesson(self) -> None:
        """Stop the clock and the training; the page is about to go."""
        self.player.stop()
        self._trains_ahead = False
        self._train_ahead()

    def _train_ahead(self) -> None:
        """Train what the lesson watches now, and nothing else."""
        session = self.document.session
        courses = (session.waiting or session.courses) if self._trains_ahead else ()
        if self._worker is not None:
            if courses == self._worker.courses:
                return
            self._worker.stop()
            self._worker.deleteLater()
            self._worker = None
        if courses:
            self._worker = CourseWorker(courses, parent=self)
            self._worker.advanced.connect(self.document.look_again)
            self._worker.begin()

    def _waiting_words(self) -> str:
        return self.tr("A network is trained for these settings. The picture follows.")

    def _show_waiting(self) -> None:
        """Say that the picture waits for a training, if that takes long enough to be read."""
        if not self.document.session.waiting:
            self._patience.stop()
            if self.told() == self._waiting_words():
                self.hush()
        elif not self._patience.isActive():
            self._patience.start()

    def _connect(self) -> None:
        document, transport = self.document, self.transport
        transport.first.connect(document.first)
        transport.back.connect(document.back)
        transport.toggled.connect(document.toggle)
        transport.forward.connect(document.forward)
        transport.last.connect(document.last)
        transport.sought.connect(document.seek)
        transport.level_chosen.connect(document.set_level)
        transport.speed_chosen.connect(document.set_speed)
        transport.loop_chosen.connect(document.set_loop)
        document.step_changed.connect(self._show_step)
        document.play_changed.connect(self._show_play)
        document.state_changed.connect(self._show_complaint)
        document.state_changed.connect(self._train_ahead)
        document.state_changed.connect(self._show_waiting)
        document.step_changed.connect(self._train_ahead)  # another backend trains anew
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
        # The step whose values are on view, so that all that tells of it changes at once.
        transport.set_step(session.timeline.moment.arrived)
        told = session.explanation()
        transport.set_pips(*told.progress, str(told.progress_caption))

    def _show_play(self) -> None:
        timeline = self.document.timeline
        self.transport.set_playing(timeline.playing)
        self.transport.set_speed(timeline.speed)
        self.transport.set_loop(timeline.loop)

    def _show_complaint(self) -> None:
        """Say over the stage what is wrong where the control that caused it can't be seen."""
        complaint = self.document.session.complaint
        words = ""
        if complaint is not None:
            cause = self.panel.bindings.get(complaint.control or "")
            hidden = cause is None or self.panel.isHidden() or cause.row.isHidden()
            words = complaint.message if hidden else ""
        if words == self._complaint:
            return
        if self._complaint and self.told() == self._complaint:
            self.hush()
        self._complaint = words
        if words:
            self.tell(words, error=True)
