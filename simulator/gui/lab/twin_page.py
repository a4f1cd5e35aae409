"""Two runs of one network side by side: what one knob changes, for a class to watch."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.data.datasets import Dataset
from simulator.engine.backends.base import Backend
from simulator.formats.program import ProgramSpec
from simulator.gui import metrics, theme
from simulator.gui.lab.chart_grid import ChartGrid
from simulator.gui.lab.figures import Figure
from simulator.gui.lab.heat_views import PlaneView
from simulator.gui.lab.training_controls import TrainingControls
from simulator.gui.lab.training_thread import TrainingThread
from simulator.gui.lab.twin_document import TwinDocument
from simulator.gui.lab.twin_head import TwinHead
from simulator.gui.lab.twin_samples_view import TwinSamplesView
from simulator.gui.lab.twin_side import TwinSide
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.text import Part, Text
from simulator.gui.widgets.toggle import Toggle
from simulator.lab import KeptTwins, TwinsSnapshot
from simulator.lab.presenting import planes, samples, standing, twins
from simulator.lab.presenting.samples import ANY, Source

_HEADER = 52
_EDGE = 20


class TwinPage(QWidget):
    """It owns the twins' thread. ``closed`` asks to be put away; ``taken(program)`` is the second
    twin's program, to go on with in the lab.
    """

    closed = Signal()
    taken = Signal(object)
    status_changed = Signal(str)

    def __init__(
        self,
        program: ProgramSpec,
        dataset: Dataset | None,
        backend: Backend,
        *,
        epochs: int,
        kept: KeptTwins | None = None,
        threaded: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Begin anew, or where twins that were kept stood. Without a thread, whoever made the page
        drives the loop.
        """
        super().__init__(parent)
        self.setAccessibleName(self.tr("Twins"))
        self.thread_of_twins = TrainingThread(self)
        self.thread_of_twins.news.connect(self._take_news, Qt.ConnectionType.QueuedConnection)
        self.document = document = TwinDocument(
            *(program, dataset, backend, self.thread_of_twins.loop),
            epochs=epochs,
            kept=kept,
            parent=self,
        )
        self._told = ""
        self.sentence = Text("", size=metrics.BODY, parent=self)
        self.heads = (
            TwinHead("A", twins.COLOURS[0], parent=self),
            TwinHead("B", twins.COLOURS[1], parent=self),
        )
        self.planes = (
            PlaneView(self.tr("What A says")),
            PlaneView(self.tr("What B says")),
            PlaneView(self.tr("B − A")),
        )
        self.disputed = Toggle(self.tr("Only those on which they disagree"), parent=self)
        self.samples = TwinSamplesView(parent=self)
        self._caption = Text("", size=metrics.CAPTION, ink="ink3", parent=self)
        self.charts = ChartGrid(parent=self)
        self.side = TwinSide(document, self)
        self.controls = TrainingControls(has_past=False, parent=self)
        self.take = Button(self.tr("Go on with B"), icon="git-branch", parent=self)
        self.take.setToolTip(
            self.tr("Put B’s setting into the lab’s program. Undo brings A’s back.")
        )
        self.close_button = Button(self.tr("Back to the lab"), icon="undo-2", parent=self)
        self._lay_out()
        self._connect()
        self._show_knob()
        self._show_play()
        if threaded:
            self.thread_of_twins.begin()

    def told(self) -> str:
        """Return what is said below the buttons of the last run's end."""
        return self._told

    def close_twins(self) -> KeptTwins | None:
        """Stop the thread and wait for it, for the page is about to go; return what is kept of the
        twins.
        """
        self.thread_of_twins.end()
        return self.document.kept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("stage"))
            head = QRectF(0, 0, self.width(), _HEADER)
            painter.fillRect(head, theme.colour("panel"))
            line = QRectF(0, _HEADER - 1, self.width(), metrics.HAIRLINE)
            painter.fillRect(line, theme.colour("hairline"))

    def _lay_out(self) -> None:
        header = QWidget(self)
        header.setAccessibleName(self.tr("Twins"))
        header.setFixedHeight(_HEADER)
        row = QHBoxLayout(header)
        row.setContentsMargins(_EDGE, 0, metrics.GUTTER, 0)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.take)
        row.addWidget(self.close_button)
        middle = QVBoxLayout()
        middle.setContentsMargins(_EDGE, 14, _EDGE, 10)
        middle.setSpacing(10)
        heads = QHBoxLayout()
        heads.setSpacing(2 * _EDGE)
        for head in self.heads:
            heads.addWidget(head, 1)
        self._beside = QWidget(self)
        self._beside.setAccessibleName(self.tr("Boundaries"))
        beside = QHBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(_EDGE)
        for plane in self.planes:
            beside.addWidget(plane, 1)
        self._said = QWidget(self)
        self._said.setAccessibleName(self.tr("Samples"))
        above = QHBoxLayout()
        above.addWidget(self._caption, 1, Qt.AlignmentFlag.AlignVCenter)
        above.addWidget(self.disputed)
        said = QVBoxLayout(self._said)
        said.setContentsMargins(0, 0, 0, 0)
        said.setSpacing(8)
        said.addLayout(above)
        said.addWidget(self.samples, 1)
        middle.addLayout(heads)
        for widget in (self._beside, self._said):
            middle.addWidget(widget, 1)
            widget.hide()
        self._space = QWidget(self)
        self._space.setAccessibleName(self.tr("Nothing yet"))
        self._space.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        middle.addWidget(self._space, 1)
        self.charts.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        middle.addWidget(self.charts)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addLayout(middle, 1)
        columns.addWidget(self.side)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(header)
        rows.addLayout(columns, 1)
        rows.addWidget(self.controls)

    def _connect(self) -> None:
        document, controls = self.document, self.controls
        controls.toggled.connect(document.toggle)
        controls.one_batch.connect(document.one_batch)
        controls.one_epoch.connect(document.one_epoch)
        controls.begun_anew.connect(document.begin_anew)
        controls.speed_chosen.connect(document.loop.set_speed)
        controls.bar.sought.connect(document.seek)
        document.knob_changed.connect(self._show_knob)
        document.opened.connect(self._show_play)
        document.play_changed.connect(self._show_play)
        document.snapshot_changed.connect(self._show_snapshot)
        document.told.connect(self._tell)
        self.samples.fitting_changed.connect(lambda _: self._choose_samples())
        self.disputed.value_changed.connect(lambda _: self._choose_samples())
        self.take.clicked.connect(lambda _=False: self.taken.emit(document.second))
        self.close_button.clicked.connect(lambda _=False: self.closed.emit())

    # News

    def _take_news(self) -> None:
        """Show what is new, and tell the training how long that took, painting included."""
        began = perf_counter()
        self.document.take_news()
        loop = self.document.loop
        QTimer.singleShot(0, lambda: loop.shown(perf_counter() - began))

    def _tell(self, words: str) -> None:
        self._told = words
        self._show_position()

    # What is shown

    def _show_knob(self) -> None:
        document = self.document
        knob = document.knob
        self._told = ""
        parts = [
            Part(self.tr("One network, one seed, the same data. Only this differs: ")),
            Part(f"{knob.title} ", "ink1", bold=True),
            Part(knob.written(knob.value), "reads", bold=True),
            Part(self.tr(" against ")),
            Part(knob.written(document.value), "writes", bold=True),
        ]
        self.sentence.set_content(parts)
        for head, value in zip(self.heads, (knob.value, document.value), strict=True):
            head.set_twin(knob.title, knob.written(value), (), "")
        self.charts.clear()
        self._show_play()

    def _show_play(self) -> None:
        document = self.document
        reason = None
        if document.problem is not None:
            reason = str(document.problem)
        elif document.training is None:
            reason = self.tr("Both networks are being made.")
        self.controls.set_disabled_reason(reason)
        self.controls.set_playing(document.playing)
        self.take.set_disabled_reason(
            self.tr("Both are the same.") if document.value == document.knob.value else None
        )
        if document.playing:
            self._told = ""
        if reason is not None:
            self.controls.set_position(self.tr("Not yet"), reason)
        else:
            self._show_position()
        self.status_changed.emit(
            self.tr("Twins are training") if document.playing else self.tr("Twins")
        )

    def _show_position(self) -> None:
        document, shown = self.document, self.document.snapshot
        if shown is None or document.training is None:
            return
        batches = document.training.batches
        hint = self._told
        if document.playing:
            hint = self._pace(shown)
        elif not hint:
            hint = self.tr("Play, and both learn in step. Drag the handle to go back.")
        self.controls.set_position(twins.told(shown, document.epochs, batches), hint)

    def _pace(self, shown: TwinsSnapshot) -> str:
        one, other = standing.pace(shown.first), standing.pace(shown.second)
        if one and other:
            return self.tr("A {0}, B {1}").format(one, other)
        return ""

    def _show_snapshot(self) -> None:
        document, shown = self.document, self.document.snapshot
        if shown is None or document.training is None:
            return
        batches, names = document.training.batches, document.names
        pair = (shown.first, shown.second)
        knob = document.knob
        for index, (head, one) in enumerate(zip(self.heads, pair, strict=True)):
            value = knob.written((knob.value, document.value)[index])
            figures = tuple(Figure(*each) for each in standing.of_the_output(one))
            head.set_twin(knob.title, value, figures, twins.end(shown.ended[index], one.step))
        self.charts.set_names(twins.chart_names(shown, names))
        for name in self.charts.on_view():
            picture = twins.chart(shown, names, name, document.epochs)
            self.charts.chart(name).set_picture(picture)
        self._show_planes(shown)
        self._show_samples(shown)
        self._show_position()
        bar = twins.bar(shown, names, document.epochs, batches)
        self.controls.bar.set_lanes(bar.lanes, bar.lane, bar.batch, bar.moment)
        self.controls.bar.set_axis(bar.batches, bar.marks, bar.unit)

    def _show_planes(self, shown: TwinsSnapshot) -> None:
        dataset = self.document.dataset
        first, second = shown.first.surface, shown.second.surface
        on = first is not None and second is not None and dataset is not None
        self._beside.setVisible(on)
        if first is not None and second is not None and dataset is not None:
            self.planes[0].set_picture(planes.plane(first))
            self.planes[1].set_picture(planes.plane(second))
            self.planes[2].set_picture(planes.difference(first, second))

    def _show_samples(self, shown: TwinsSnapshot) -> None:
        data = self.document.dataset
        of = ANY if data is None else Source(data.view, data.vocabulary)
        found = twins.samples(shown, of) if shown.first.surface is None else None
        self._said.setVisible(found is not None)
        self._space.setVisible(found is None and shown.first.surface is None)
        self.disputed.setVisible(shown.comparison.agreement is not None)
        if found is not None:
            self.samples.set_samples(found)
            title = samples.title(shown.first.standing)
            self._caption.set_content(f"{title}: {found.caption}" if found.caption else title)
            if not self.document.playing:
                self._choose_samples()

    def _choose_samples(self) -> None:
        """Ask for as many samples as there is room for: the first, or those in dispute."""
        count, shown = self.samples.fitting(), self.document.snapshot
        wanted = tuple(range(count))
        if self.disputed.value() and shown is not None and shown.comparison.disputed:
            wanted = shown.comparison.disputed[:count]
        self.document.show_samples(wanted)
