"""Beside two twins: the one knob that differs, and what came of it, in tables."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from simulator.gui import metrics, theme
from simulator.gui.lab.difference_table import DifferenceTable
from simulator.gui.lab.layer_views import LayerBarsView
from simulator.gui.lab.output_choice import OutputChoice
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.twin_document import TwinDocument
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.text import Text
from simulator.lab.presenting import twins

WIDTH = 316
_BAR = 22


class TwinSide(QScrollArea):
    """Follows a document; its controls choose the knob and the value of the second twin."""

    def __init__(self, document: TwinDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setAccessibleName(self.tr("What differs"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = _Ground(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(metrics.HAIRLINE, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._choosing(body))
        self.settings = DifferenceTable(self.tr("Set"), twins.COLOURS)
        self.results = DifferenceTable(self.tr("So far"), twins.COLOURS)
        differs = Section(self.tr("What differs"), parent=body)
        self.output = OutputChoice(document.choose_output, parent=differs)
        self._output_row = differs.add_row(self.tr("Answers of"), self.output)
        differs.add(self.settings)
        differs.add(self.results)
        rows.addWidget(differs)
        self.distances = LayerBarsView("", "weights")
        self._apart = Section(self.tr("How far apart the weights are"), last=True, parent=body)
        self._apart.add(self.distances)
        rows.addWidget(self._apart)
        rows.addStretch(1)
        self.setWidget(body)
        document.knob_changed.connect(self._show_knob)
        document.snapshot_changed.connect(self._show_snapshot)
        document.opened.connect(self._show_knob)
        document.opened.connect(self._offer_outputs)
        self._offer_outputs()
        self._show_knob()

    def _choosing(self, body: QWidget) -> Section:
        section = Section(self.tr("One knob"), parent=body)
        options = [(each.key, each.title, None) for each in self._document.knobs]
        self.knob = Choice(self.tr("Knob"), options, parent=section)
        self.knob.value_changed.connect(self._document.choose_knob)
        section.add(self.knob)
        self._slider: Slider | None = None
        self._choice: Choice | None = None
        self._shown_knob = ""
        self._choosing_section = section
        self._told = Text("", size=metrics.CAPTION, ink="ink3", parent=section)
        self._values = QVBoxLayout()
        self._values.setContentsMargins(0, 0, 0, 0)
        section.add(self._values)
        section.add(self._told)
        return section

    def control(self) -> Slider | Choice:
        """Return what sets the value of the second twin."""
        found = self._slider or self._choice
        assert found is not None
        return found

    def _offer_outputs(self) -> None:
        training = self._document.training
        names = () if training is None else training.outputs
        self._output_row.setVisible(self.output.offer(names, self._document.wanted.output))

    def _show_knob(self) -> None:
        document = self._document
        knob, value = document.knob, document.value
        if knob.key != self._shown_knob:
            self._shown_knob = knob.key
            self._make_control()
        self.knob.set_value(knob.key)
        if self._slider is not None and isinstance(value, float):
            self._slider.set_number(value)
        if self._choice is not None:
            self._choice.set_value(str(value))
        same = value == knob.value
        self._told.set_content(
            self.tr("That is A’s own value: choose another one.")
            if same
            else self.tr("A keeps {0}. Another value begins both anew.").format(
                knob.written(knob.value)
            )
        )
        self.settings.set_rows(twins.settings(document.program, document.second))
        self.results.set_rows(())
        self.distances.set_bars(())

    def _make_control(self) -> None:
        for old in (self._slider, self._choice):
            if old is not None:
                self._values.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._slider, self._choice = None, None
        knob, name = self._document.knob, self.tr("B’s value")
        if knob.is_number:
            stops = [float(each) for each in knob.values]
            self._slider = Slider(name, stops, value=stops[0], parent=self._choosing_section)
            # When it is let go: each value on the way would begin both anew.
            self._slider.let_go.connect(self._document.choose_value)
            self._values.addWidget(self._slider)
        else:
            options = [(str(each), str(each), None) for each in knob.values]
            self._choice = Choice(name, options, parent=self._choosing_section)
            self._choice.set_value(str(self._document.value))
            self._choice.value_changed.connect(self._document.choose_value)
            self._values.addWidget(self._choice)

    def _show_snapshot(self) -> None:
        shown = self._document.snapshot
        if shown is None:
            return
        self.results.set_rows(twins.results(shown))
        bars = twins.distances(shown.comparison.weights)
        self.distances.set_bars(bars)
        self.distances.setFixedHeight(round(self.distances.room().y()) + _BAR * len(bars))
        self._apart.setVisible(bool(bars))


class _Ground(QWidget):
    """The ground of the panel."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
            edge = QRectF(0, 0, metrics.HAIRLINE, self.height())
            painter.fillRect(edge, theme.colour("hairline"))
