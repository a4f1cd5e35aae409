"""The training lab on the screen: program, views, knobs and the bar of time around a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, thread_time

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from simulator.engine.backends.base import Backend
from simulator.formats.presets import PRESETS, Preset
from simulator.formats.program import ProgramSpec
from simulator.formats.project_file import SUFFIX
from simulator.gui.lab import branch_edits, data_edits
from simulator.gui.lab.drop_target import DropTarget
from simulator.gui.lab.knobs import Knobs
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_files import LabFiles
from simulator.gui.lab.lab_foot import LabFoot
from simulator.gui.lab.lab_notice import LabNotice
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.program_panel import ProgramPanel
from simulator.gui.lab.training_controls import HEIGHT, TrainingControls
from simulator.gui.lab.training_thread import TrainingThread
from simulator.gui.lab.twin_document import TwinDocument
from simulator.gui.lab.twin_page import TwinPage
from simulator.lab import KeptTwins

FIRST_PRESET = "digits-cnn"


class LabPage(QWidget):
    """It composes; what it composes lives elsewhere. ``status_changed(words, colour)`` tells what
    the training does, and the number of its branch's colour.
    """

    status_changed = Signal(str, int)
    twins_changed = Signal()
    """The twins were put on view, or away."""

    def __init__(
        self,
        backend: Backend,
        parent: QWidget | None = None,
        *,
        threaded: bool = True,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with a preset. Without a thread, whoever made the page drives the loop."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Training lab"))
        self.thread_of_training = TrainingThread(self)
        loop = self.thread_of_training.loop
        self.document = LabDocument(first_preset(), backend, loop, self, clock=clock)
        # Queued: the loop tells of news in its own thread.
        self.thread_of_training.news.connect(self._take_news, Qt.ConnectionType.QueuedConnection)
        self.views = LabViews(self.document, self, clock=clock)
        self.files = LabFiles(self.document, self, self, self.views)
        self.program = ProgramPanel(self.document, self)
        self.knobs = Knobs(self.document, self.views, self)
        self.controls = TrainingControls(parent=self)
        self.foot = LabFoot(self.document, self.views, self.controls, clock=clock)
        self._notice = LabNotice(self)
        self._drop = DropTarget(self)
        self._drawer, self._toggled = False, False
        self._threaded = threaded
        self._on_branch: tuple[object, ...] = ()
        self.twins: TwinPage | None = None
        self._good = -1
        self._began = thread_time()
        self._columns = QHBoxLayout()
        self._columns.setSpacing(0)
        for widget, share in ((self.program, 0), (self.views, 1), (self.knobs, 0)):
            self._columns.addWidget(widget, share)
        self._rows = rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(self._columns, 1)
        rows.addWidget(self.controls)
        self._connect()
        self._show_play()
        if threaded:
            self.thread_of_training.begin()

    def use_backend(self, backend: Backend) -> None:
        """Compute on another backend; a run that has learned something ends as it began."""
        if backend is not self.document.backend and not self.document.use_backend(backend):
            self.tell(
                self.tr(
                    "The fast kernels are ready. This run goes on without them, so that it repeats "
                    "exactly; start over, and they compute."
                )
            )

    def set_preparing(self, what: str) -> None:
        """Say which kernels are being prepared; nothing once all are there."""
        self.foot.set_preparing(what)
        self.show_status()

    def tell(self, words: str, *, error: bool = False) -> None:
        """Say something over the views until it is dismissed."""
        self._notice.tell(words, error=error)
        self._place_notice()

    def told(self) -> str:
        """Return what is said over the views."""
        return self._notice.told()

    # Twins

    @property
    def driven(self) -> LabDocument | TwinDocument:
        """Return what play and the other keys drive: the twins while they are on view."""
        return self.document if self.twins is None else self.twins.document

    def open_twins(self) -> None:
        """Put two runs of the program, as it begins, in the place of everything else."""
        document = self.document
        if self.twins is not None or document.training is None or document.program is None:
            return
        document.pause()
        self._notice.hush()
        known = document.data  # where numbers stand in for the data, they will again
        dataset = document.training.dataset or (None if known is None else known.dataset)
        twins = TwinPage(
            document.program,
            dataset,
            document.backend,
            epochs=document.planned_epochs,
            kept=document.twins,
            threaded=self._threaded,
            parent=self,
        )
        self.twins = twins
        for widget in (self.program, self.views, self.knobs, self.controls):
            widget.hide()
        self._rows.setStretch(0, 0)
        self._rows.addWidget(twins, 1)
        twins.closed.connect(self.close_twins)
        twins.taken.connect(self._take_twin)
        twins.status_changed.connect(lambda words: self.status_changed.emit(words, 0))
        twins.show()
        twins.controls.play.setFocus(Qt.FocusReason.OtherFocusReason)
        self.twins_changed.emit()

    def close_twins(self) -> None:
        """Put the twins away, and the lab on view again; they are kept until others are made."""
        twins, self.twins = self.twins, None
        if twins is None:
            return
        self.document.twins = twins.close_twins() or self.document.twins
        self._rows.removeWidget(twins)
        twins.hide()
        twins.deleteLater()
        self._rows.setStretch(0, 1)
        for widget in (self.program, self.views, self.controls):
            widget.show()
        self.knobs.setVisible(self._drawer == self._toggled)
        self._place_drawer()
        self.knobs.twin.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_status()
        self.twins_changed.emit()

    def with_twins(self, use: Callable[[KeptTwins | None], object]) -> None:
        """Have something done with the twins on view, or those that were kept; in any thread."""
        if self.twins is None or self.twins.document.training is None:
            use(self.document.twins)
        else:
            self.twins.document.hand_over(use)

    def twins_step(self) -> int:
        """Return how far the twins on view were trained, or those that were kept."""
        if self.twins is not None:
            return self.twins.document.head
        return 0 if self.document.twins is None else self.document.twins.head

    def _take_twin(self, program: ProgramSpec) -> None:
        """Go on in the lab with the second twin's setting."""
        title = "" if self.twins is None else self.twins.document.knob.title
        self.close_twins()
        fit = self.document.program.fit if self.document.program is not None else program.fit
        program = replace(program, fit=replace(program.fit, epochs=fit.epochs))
        self.document.change_program(self.tr("{0} of the twin").format(title), program)

    def pause(self) -> None:
        """Train no further, whatever is on view."""
        self.driven.pause()

    def set_drawer(self, drawer: bool, *, toggled: bool) -> None:
        """Give the knobs a column of their own, or lay them over the views."""
        self._toggled = toggled
        if drawer != self._drawer:
            self._drawer = drawer
            if drawer:
                self._columns.removeWidget(self.knobs)
            else:
                self._columns.addWidget(self.knobs)
        if self.twins is None:
            self.knobs.setVisible(drawer == toggled)
        self._place_drawer()

    def open_dropped(self, path: str) -> None:
        """Open a project, a program or data, by the end of the name; say why where it can't be."""
        self.close_twins()
        if path.endswith(SUFFIX):
            self.files.read(Path(path))
            return
        program = path.endswith(".py")
        edit = data_edits.read_program if program else data_edits.open_file
        refusal = edit(self.document, path)
        if refusal:
            self.tell(refusal, error=True)
        else:
            self.program.tabs.set_value("keras" if program else "data")

    def close_lab(self) -> None:
        """Stop the training's thread and wait for it; the page is about to go."""
        self.close_twins()
        self.files.copies.forget()
        self.thread_of_training.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_drawer()
        self._place_notice()

    def _connect(self) -> None:
        document, controls = self.document, self.controls
        controls.toggled.connect(document.toggle)
        controls.one_batch.connect(document.one_batch)
        controls.one_epoch.connect(document.one_epoch)
        controls.begun_anew.connect(document.begin_anew)
        controls.branched.connect(document.branch_off)
        controls.speed_chosen.connect(document.loop.set_speed)
        controls.bar.sought.connect(self._seek)
        controls.bar.branch_sought.connect(lambda _: self._seek(controls.bar.step()))
        controls.best.clicked.connect(lambda _=False: self.go_to_best())
        controls.menu.clicked.connect(lambda _=False: self._show_own_menu())
        controls.bar.renamed.connect(self._rename)
        controls.bar.menu_wanted.connect(self._show_branch_menu)
        for changed in (document.play_changed, document.program_changed, document.opened):
            changed.connect(self._show_play)
        document.snapshot_changed.connect(self._follow_branch)
        document.told.connect(self._tell)
        document.opened.connect(self._hush)
        document.undo_stack.indexChanged.connect(self._notice.hush_remark)
        self._notice.back_wanted.connect(self._back_to_good)
        self._notice.rest_wanted.connect(self.files.open_what_is_whole)
        self.files.damaged.connect(self._tell_damage)
        self._notice.changed.connect(self._place_notice)
        self.views.layer_opened.connect(document.open_layer)
        self.knobs.twins_wanted.connect(self.open_twins)
        self.views.all_shown.connect(self._tell_shown)
        document.play_changed.connect(self._hush)
        self._drop.dropped.connect(self.open_dropped)

    def _seek(self, batch: int) -> None:
        lane = self.controls.bar.lane()
        if lane < len(self.foot.numbers):
            self.document.seek(self.foot.numbers[lane], batch)

    def go_to_best(self) -> None:
        """Go to where the run was best on held-out data; play there, and a branch begins."""
        snapshot = self.document.snapshot
        if snapshot is not None and snapshot.best is not None:
            self.document.seek(snapshot.best.branch, snapshot.best.step)

    def _rename(self, lane: int, name: str) -> None:
        branch_edits.rename(self.document, self.foot.numbers[lane], name)

    def _show_own_menu(self) -> None:
        button = self.controls.menu
        self._show_branch_menu(self.controls.bar.lane(), button.mapToGlobal(QPoint(0, 0)))

    def _show_branch_menu(self, lane: int, spot: QPoint) -> None:
        """Offer to rename or to remove a branch."""
        if lane >= len(self.foot.numbers):
            return
        number = self.foot.numbers[lane]
        bar = self.controls.bar
        name = bar.lanes()[lane].name
        menu = branch_edits.menu(self.document, number, name, lambda: bar.edit_name(lane), self)
        height = menu.sizeHint().height()
        menu.popup(QPoint(spot.x(), spot.y() - height))

    def _back_to_good(self) -> None:
        snapshot = self.document.snapshot
        if snapshot is not None:
            self.document.seek(snapshot.branch, self._good)

    def _tell(self, words: str, error: bool, good: int) -> None:
        self._good = good
        self._notice.tell(words, error=error, way_back=good >= 0)
        self._place_notice()

    def _tell_damage(self, words: str) -> None:
        self._notice.tell(words, error=True, rest=True)
        self._place_notice()

    def _take_news(self) -> None:
        """Show what is new, once the last is wholly on view."""
        if not self.views.showing:
            self._began = thread_time()
            self.document.take_news()

    def _tell_shown(self) -> None:
        # A timer of no time at all comes after what was to be laid out and painted.
        QTimer.singleShot(0, self._end_showing)

    def _end_showing(self) -> None:
        """Tell the training how long the window was at work to show it, painting included."""
        self.document.loop.shown(thread_time() - self._began, self.views.costs())
        if self.document.loop.waiting:
            self._take_news()

    def _hush(self) -> None:
        """Take back what was said of the last run when another begins."""
        anew = self.document.snapshot is None
        if self._good >= 0 and (anew or self.document.playing):
            self._notice.hush()
        if self.document.playing:
            self._notice.hush_remark()

    def _show_play(self) -> None:
        document = self.document
        reason = None
        if document.training is None:
            problem = document.problem is not None or document.program is None
            reason = (
                self.tr("The program can’t be trained yet: see what is marked at the left.")
                if problem
                else self.tr("The network is being made.")
            )
        self.controls.set_disabled_reason(reason)
        self.controls.set_playing(document.playing)
        self.show_status()

    def show_status(self) -> None:
        """Tell anew what the training does."""
        if self.twins is not None:
            return
        document, snapshot = self.document, self.document.snapshot
        branch = None
        if snapshot is not None:
            branch = next(each for each in snapshot.branches if each.number == snapshot.branch)
        if document.training is None:
            words = self.tr("Not ready")
        elif document.playing:
            words = self.tr("Training")
        elif snapshot is not None and snapshot.standing is None:  # of a deep one that takes a while
            words = self.tr("Measuring its loss…")
        elif self.foot.preparing:
            words = self.tr("Preparing the fast kernels…")
        else:
            words = self.tr("Paused")
        if branch is not None and len(snapshot.branches if snapshot else ()) > 1:
            words = self.tr("{0}, branch {1}").format(words, branch.name)
        self.status_changed.emit(words, 0 if branch is None else branch.colour)

    def _follow_branch(self) -> None:
        """Tell anew what the training does where a snapshot is of another branch, or the first."""
        snapshot = self.document.snapshot
        if snapshot is not None:
            names = tuple(each.name for each in snapshot.branches)
            on = snapshot.branch, names, snapshot.standing is None
            if on != self._on_branch:
                self._on_branch = on
                self.show_status()

    def _place_drawer(self) -> None:
        if self._drawer and not self.knobs.isHidden():
            width = self.knobs.width()
            self.knobs.setGeometry(self.width() - width, 0, width, self.height() - HEIGHT)
            self.knobs.raise_()

    def _place_notice(self) -> None:
        self._notice.stand_on(self.views.geometry())


def first_preset() -> Preset:
    """Return what the lab begins with."""
    return PRESETS.get(FIRST_PRESET) or next(iter(PRESETS.values()))
