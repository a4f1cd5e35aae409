"""What is looked at of a training, as the widgets of the lab choose it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from simulator.gui.lab.training_loop import TrainingLoop
from simulator.lab import Experiment, View, Wanted


class Looker(QObject):
    """Keeps what is wanted of the training that ``loop`` drives, and has it looked at.

    ``view_changed`` follows every change of it.
    """

    view_changed = Signal()

    def __init__(self, loop: TrainingLoop[Experiment], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loop = loop
        self.wanted = Wanted()

    def show_views(self, views: frozenset[View]) -> None:
        """Look at these things from now on."""
        self._want(replace(self.wanted, views=views))

    def choose_sample(self, index: int) -> None:
        """Send another sample through the network."""
        self._want(replace(self.wanted, sample=index))

    def show_samples(self, indices: tuple[int, ...]) -> None:
        """Have other samples on view."""
        self._want(replace(self.wanted, samples=indices))

    def choose_output(self, number: int) -> None:
        """Have the answers of another output on view."""
        self._want(replace(self.wanted, output=number))

    def want_arrays(self, names: tuple[str, ...], gradients: tuple[str, ...] = ()) -> None:
        """Have these weights copied out whole, and the gradients of those."""
        self._want(replace(self.wanted, arrays=names, gradients=gradients))

    def want_cell(self, cell: tuple[str, tuple[int, ...]] | None) -> None:
        """Look at this number of a weight, or at none."""
        self._want(replace(self.wanted, cell=cell))

    def _want(self, wanted: Wanted) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.loop.want(wanted)
            self.view_changed.emit()
