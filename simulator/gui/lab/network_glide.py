"""Layers on their way from where they stood to where they stand now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer

from simulator.gui.lab.network_layout import Place
from simulator.gui.player import FRAME_MILLISECONDS
from simulator.traces.timeline import GLIDE_SECONDS


class NetworkGlide(QObject):
    """Knows where each layer is now. What had no place before comes when the glide is over."""

    def __init__(
        self, parent: QObject, moved: Callable[[], object], *, clock: Callable[[], float]
    ) -> None:
        """``moved`` is called at every frame of a glide; ``clock`` counts seconds."""
        super().__init__(parent)
        self._moved = moved
        self._clock = clock
        self._from: dict[str, Place] = {}
        self._to: dict[str, Place] = {}
        self._began = 0.0
        self._turned = 0.0  # how far they were when they were led elsewhere
        self.share = 1.0
        """How much of the way lies behind, from 0 to 1."""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.tick)

    @property
    def going(self) -> bool:
        """Return whether layers are on their way."""
        return self.share < 1.0

    @property
    def way(self) -> float:
        """Return how far they are, from 0 to 1: slow at either end."""
        return self.share * self.share * (3 - 2 * self.share)

    def go(self, places: Mapping[str, Place], *, at_once: bool) -> None:
        """Let all layers go to other places, from where they are."""
        before = {name: self.place(name) for name in places if name in self._to}
        self._from, self._to, self._turned = before, dict(places), 0.0
        if at_once or not before:
            self.share = 1.0
            self._timer.stop()
        else:
            self.share, self._began = 0.0, self._clock()
            self._timer.start()

    def lead(self, places: Mapping[str, Place]) -> None:
        """Let those on their way go elsewhere from where they are, in the time that is left."""
        self._from = {name: self.place(name) for name in self._from}
        self._to, self._turned = dict(places), self.way

    def shows(self, name: str) -> bool:
        """Return whether a layer is on view: a new one is once the others have made room for it."""
        return not self.going or name in self._from

    def place(self, name: str) -> Place:
        """Return where a layer is now; raise KeyError if there is none of that name."""
        to = self._to[name]
        start = self._from.get(name)
        if start is None or not self.going:
            return to
        return start.towards(to, (self.way - self._turned) / (1 - self._turned))

    def tick(self) -> None:
        """Let them be where they are by now."""
        self.share = min((self._clock() - self._began) / GLIDE_SECONDS, 1.0)
        if not self.going:
            self._timer.stop()
        self._moved()
