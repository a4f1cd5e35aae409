"""What is on view of a training, to be switched on and off."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.lab import offered_views
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.offered_views import OFFERED
from simulator.gui.lab.output_choice import OutputChoice
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.toggle import Toggle
from simulator.lab.presenting import words

_INDENT = 24


class OnView(Section):
    """A switch for each view; those in which there is nothing to see are not offered."""

    def __init__(self, document: LabDocument, views: LabViews, parent: QWidget) -> None:
        super().__init__("", parent=parent)
        self.set_title(self.tr("On view"))
        self._document = document
        self._views = views
        self.output = OutputChoice(document.choose_output, parent=self)
        self._output_row = self.add_row(self.tr("Answers of"), self.output)
        self.toggles: dict[str, Toggle] = {}
        self.curves: dict[str, Toggle] = {}
        """By the names of the loss and the metrics, where there is more than one metric."""
        for each in OFFERED:
            toggle = Toggle(self.tr(each.title), value=each.key in views.shown(), parent=self)
            toggle.value_changed.connect(lambda on, key=each.key: views.show_view(key, on))
            self.toggles[each.key] = toggle
            self.add(toggle)
            if each.key == "charts":
                self._curves = QWidget(self)
                self._curves.setAccessibleName(self.tr("Curves"))
                self._of_curves = QVBoxLayout(self._curves)
                self._of_curves.setContentsMargins(_INDENT, 0, 0, 0)
                self._of_curves.setSpacing(metrics.ROW_GAP)
                self.add(self._curves)
        document.opened.connect(self._offer)
        views.charts.names_changed.connect(self._offer_curves)
        views.shown_again.connect(self._show_switches)
        self._offer()

    def _offer_curves(self) -> None:
        """Have a switch for each curve; of the loss and one metric none is needed."""
        charts = self._views.charts
        names = charts.names() if len(charts.names()) > 2 else ()
        for name in self.curves.keys() - set(names):
            toggle = self.curves.pop(name)
            toggle.hide()
            toggle.deleteLater()
        for name in names:
            if name not in self.curves:
                on = name in charts.on_view()
                self.curves[name] = toggle = Toggle(words.title(name), value=on, parent=self)
                toggle.value_changed.connect(lambda on, name=name: self._views.show_chart(name, on))
            self._of_curves.addWidget(self.curves[name])
        self._curves.setVisible(bool(names))

    def _show_switches(self) -> None:
        """Set the switches to what is on."""
        on = {key: key in self._views.shown() for key in self.toggles}
        curves = {name: name in self._views.charts.on_view() for name in self.curves}
        for toggle, value in (
            *((self.toggles[key], value) for key, value in on.items()),
            *((self.curves[name], value) for name, value in curves.items()),
        ):
            blocked = toggle.blockSignals(True)
            toggle.set_value(value)
            toggle.blockSignals(blocked)

    def _offer(self) -> None:
        training = self._document.training
        names = () if training is None else training.outputs
        self._output_row.setVisible(self.output.offer(names, self._document.wanted.output))
        for key, toggle in self.toggles.items():
            toggle.setVisible(offered_views.fits(key, self._document.training))
