"""What is on view of a training, to be switched on and off."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from simulator.gui.lab import offered_views
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.offered_views import OFFERED
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.toggle import Toggle


class OnView(Section):
    """A switch for each view; those in which there is nothing to see are not offered."""

    def __init__(self, document: LabDocument, views: LabViews, parent: QWidget) -> None:
        super().__init__("", parent=parent)
        self.set_title(self.tr("On view"))
        self._document = document
        self.toggles: dict[str, Toggle] = {}
        for each in OFFERED:
            toggle = Toggle(self.tr(each.title), value=each.key in views.shown(), parent=self)
            toggle.value_changed.connect(lambda on, key=each.key: views.show_view(key, on))
            self.toggles[each.key] = toggle
            self.add(toggle)
        document.opened.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        for key, toggle in self.toggles.items():
            toggle.setVisible(offered_views.fits(key, self._document.training))
