"""When a run stops by itself: after so many epochs, or where a number is good enough."""

from __future__ import annotations

from math import inf

from PySide6.QtWidgets import QWidget

from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.stepper import Stepper
from simulator.lab.presenting import stopping
from simulator.lab.presenting.stopping import Measure

_MOST_EPOCHS = 10_000
_WHOLE = 100.0


class StopSection(Section):
    """Follows a document."""

    def __init__(self, document: LabDocument, parent: QWidget) -> None:
        super().__init__("", last=True, parent=parent)
        self.set_title(self.tr("Stop"))
        self._document = document
        self._measures: tuple[Measure, ...] = ()
        self.epochs = Stepper(
            self.tr("After epochs"), value=1, low=1, high=_MOST_EPOCHS, parent=self
        )
        self.measure = Choice(self.tr("At"), [("", "", None)], parent=self)
        self.target = NumberField(self.tr("Target"), value=0.0, low=0.0, parent=self)
        self.epochs.value_changed.connect(self._set_goal)
        self.measure.value_changed.connect(self._choose_measure)
        self.target.value_changed.connect(self._set_goal)
        self.add_row(self.tr("Epochs"), self.epochs)
        self._measure_row = self.add_row(self.tr("Or at"), self.measure)
        self._target_row = self.add_row(self.tr("at most"), self.target)
        document.opened.connect(self._show)
        document.program_changed.connect(self._show)
        document.snapshot_changed.connect(self._offer)
        self._show()

    def _chosen(self) -> Measure | None:
        return next((each for each in self._measures if each.name == self.measure.value()), None)

    def _choose_measure(self, _: str) -> None:
        self._set_value(0.0)  # a value of one is none of another
        self._set_goal()
        self._tell()

    def _set_goal(self, _: object = None) -> None:
        value, measure = self.target.value(), self._chosen()
        targets = (measure.target(value),) if value and measure is not None else ()
        self._document.set_goal(self.epochs.value(), targets)

    # What is shown

    def _offer(self) -> None:
        """Let the numbers be chosen that this training has."""
        snapshot = self._document.snapshot
        found = () if snapshot is None else stopping.measures(snapshot)
        if found != self._measures:
            self._measures = found
            self._show()

    def _show(self) -> None:
        document, measures = self._document, self._measures
        blocked = self.epochs.blockSignals(True)
        self.epochs.set_value(document.planned_epochs)
        self.epochs.blockSignals(blocked)
        self._measure_row.setVisible(bool(measures))
        self._target_row.setVisible(bool(measures))
        if not measures:
            return
        target = next(iter(document.goal.targets), None)
        names = [each.name for each in measures]
        kept = self.measure.value() if target is None else target.name
        blocked = self.measure.blockSignals(True)
        options = [(each.name, each.title, None) for each in measures]
        self.measure.set_options(options, kept if kept in names else names[0])
        self.measure.blockSignals(blocked)
        measure = self._chosen()
        known = target is not None and measure is not None and target.name == measure.name
        self._set_value(measure.value_of(target) if known and measure and target else 0.0)
        self._tell()

    def _set_value(self, value: float) -> None:
        measure = self._chosen()
        most = _WHOLE if measure is not None and measure.percent else inf
        blocked = self.target.blockSignals(True)
        self.target.set_bounds(0.0, most)
        self.target.set_value(min(value, most))
        self.target.blockSignals(blocked)

    def _tell(self) -> None:
        measure = self._chosen()
        percent = measure is not None and measure.percent
        self._target_row.set_label(self.tr("at least, %") if percent else self.tr("at most"))
        self.target.setToolTip(
            self.tr("It stops where the number is that good after an epoch; 0: it doesn’t.")
        )
