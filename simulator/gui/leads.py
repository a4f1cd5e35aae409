"""From a place of one lesson to the lesson that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

if TYPE_CHECKING:
    from simulator.gui.main_window import MainWindow
    from simulator.lessons.session import Lead


class Leads(QObject):
    """Opens what a place of the open lesson leads to."""

    def __init__(self, window: MainWindow) -> None:
        """Open lessons in ``window``."""
        super().__init__(window)
        self._window = window
        window.lesson_opened.connect(self._listen)

    def _listen(self) -> None:
        if self._window.page is not None:
            # Queued, so that the page that asks for it is done with the click before it goes.
            wanted = self._window.page.document.lesson_wanted
            wanted.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    def _follow(self, lead: Lead) -> None:
        self._window.open_state(lead.lesson, lead.state)
        if self._window.page is not None:
            self._window.page.document.set_level("unit")
            self._window.page.document.open(lead.at)
