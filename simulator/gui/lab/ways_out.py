"""What a click does where data and network don't fit each other: other data, or another network."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.lab import data_edits
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.widgets.button import Button


class WaysOut(QWidget):
    """Two buttons, each there where it helps; hidden where neither does."""

    refused = Signal(str)
    """Why what was asked for can't be."""

    def __init__(self, document: LabDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.learn = Button("", icon="chart-scatter", parent=self)
        self.fit = Button(self.tr("Fit the network to these data"), icon="check", parent=self)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(metrics.ROW_GAP)
        for button in (self.learn, self.fit):
            rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.learn.clicked.connect(lambda: data_edits.take_suggested(document))
        self.fit.clicked.connect(self._fit)
        document.program_changed.connect(self.update_ways)
        self.update_ways()

    def _fit(self) -> None:
        if refusal := data_edits.fit_network(self._document):
            self.refused.emit(refusal)

    def update_ways(self) -> None:
        """Offer what helps now."""
        document = self._document
        stuck = document.training is None and document.problem is not None
        stuck = stuck and not document.reading.problems
        known, suggestion = document.data, document.suggestion if stuck else None
        self.learn.setVisible(suggestion is not None)
        if suggestion is not None:
            self.learn.set_words(self.tr("Learn from: {0}").format(suggestion.title))
        self.fit.setVisible(stuck and known is not None and known.dataset is not None)
        self.setVisible(not (self.learn.isHidden() and self.fit.isHidden()))
