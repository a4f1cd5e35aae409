"""What the foot of the lab says of a training: where it stands, and what its past takes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.training_controls import TrainingControls
from simulator.lab.presenting import lanes, standing

EACH = 1 / 15
"""Seconds between two moments on the bar while it trains: what is painted for them is taken from
the training. Where it stands and how fast it goes, in words beside the bar, comes with each look.
"""


class LabFoot(QObject):
    """Follows a document, on the controls of a page."""

    def __init__(
        self,
        document: LabDocument,
        views: LabViews,
        controls: TrainingControls,
        *,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(controls)
        self._document = document
        self._views = views
        self._controls = controls
        self._clock = clock
        self._preparing = ""
        self._ended = ""  # how the run came to its end
        self._next = 0.0  # when another moment may be shown while it trains
        self.numbers: tuple[int, ...] = ()
        """Of the branches, in the order of the bar's lanes."""
        document.snapshot_changed.connect(self._follow)
        document.view_changed.connect(self.show)
        document.play_changed.connect(self._take_play)
        document.ended.connect(self._take_end)
        document.opened.connect(self._take_play)
        document.program_changed.connect(self.show)

    @property
    def preparing(self) -> str:
        """Return which kernels are being prepared."""
        return self._preparing

    def set_preparing(self, what: str) -> None:
        """Say which kernels are being prepared; nothing once all are there."""
        self._preparing = what
        self.show()

    def _follow(self) -> None:
        """Show the moment: in words alone, if it trains and the bar has shown one just now."""
        if not self._document.playing or self._clock() >= self._next:
            self.show()
        else:
            self._show_words()

    def _show_words(self) -> None:
        document, snapshot = self._document, self._document.snapshot
        if snapshot is None or document.training is None:
            return
        epochs, batches = document.planned_epochs, document.training.batches_per_epoch
        self._controls.set_position(lanes.told(snapshot, epochs, batches), self._hint())

    def show(self) -> None:
        """Show the moment."""
        document, snapshot = self._document, self._document.snapshot
        if snapshot is None or document.training is None:
            return
        self._next = self._clock() + EACH
        self._show_words()
        epochs, batches = document.planned_epochs, document.training.batches_per_epoch
        shown = lanes.bar(snapshot, epochs, batches)
        self.numbers = shown.numbers
        controls = self._controls
        controls.bar.set_lanes(shown.lanes, shown.lane, shown.batch, shown.moment)
        controls.bar.set_axis(shown.batches, shown.marks, shown.unit)
        controls.set_memory(*standing.memory(snapshot))
        controls.set_best(lanes.best(snapshot))

    def _hint(self) -> str:
        document, snapshot = self._document, self._document.snapshot
        if snapshot is None:
            return ""
        if self._preparing:
            words = self.tr("Preparing the fast kernels: {0}… NumPy computes until then.")
            return words.format(self._preparing)
        if document.playing:
            return standing.pace(snapshot) if "pace" in self._views.shown() else ""
        return lanes.hint(snapshot, self._ended)

    def _take_play(self) -> None:
        """Take back how the last run ended when another begins."""
        if self._document.playing or self._document.snapshot is None:
            self._ended = ""
        self.show()

    def _take_end(self, words: str, *_: object) -> None:
        self._ended = words
        self.show()
