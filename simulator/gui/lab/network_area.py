"""The drawing of the network in what height there is: what is beyond that is scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from simulator.gui.lab.network_layout import CLOSE, ROOMY
from simulator.gui.lab.network_view import NetworkView


class NetworkArea(QScrollArea):
    """Holds a drawing. Where layers glide because some came or went, its height goes with them."""

    def __init__(self, network: NetworkView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network = network
        self._limits = (0, 0)
        self._way: tuple[int, int] | None = None  # heights from which and to which it goes
        self.setAccessibleName(self.tr("Drawing of the network"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(network.sizePolicy())
        self.setWidget(network)
        network.glided.connect(self._go_on)
        network.current_changed.connect(self._bring)

    def least_height(self, width: int, bounds: Sequence[int]) -> tuple[int, bool]:
        """Return how high the drawing is at least in so much width, and whether that is all of it.

        Of heights that it may have, the one that is liked best first, it takes the first in which
        it is in view whole, and none less than the last.
        """
        for bound in bounds:
            for spacing in (ROOMY, CLOSE):
                needed = self._network.needed_height(width, spacing)
                if needed <= bound:
                    return needed, True
        return bounds[-1], False

    def limit(self, least: int, most: int) -> None:
        """Be no less high and no higher than this, once it has come to where it goes."""
        self._limits = least, most
        if self._way is None:
            self.setMinimumHeight(least)
            self.setMaximumHeight(most)

    def stop(self) -> None:
        """Go nowhere any more."""
        self._way = None
        self.limit(*self._limits)

    def glide(self, start: int, end: int) -> None:
        """Go from a height to another while the layers go to their places."""
        self._way = start, end
        self._fit(end)
        self._go_on()

    def sizeHint(self) -> QSize:
        return self._network.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._network.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(self.height() if self._way is None else self._way[1])

    def _fit(self, height: int) -> None:
        """Give the drawing as much room as there is in so much height, or more than can be seen."""
        needed = self._network.needed_height(self.width(), CLOSE)
        whole = needed <= height
        shown = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if not whole:
            shown = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(shown)
        width = self.width() - (0 if whole else self.verticalScrollBar().sizeHint().width())
        self._network.resize(width, height if whole else self._network.needed_height(width, CLOSE))

    def _go_on(self) -> None:
        if self._way is None:
            return
        start, end = self._way
        if self._network.gliding:
            self.setFixedHeight(round(start + (end - start) * self._network.way))
        else:
            self.stop()

    def _bring(self) -> None:
        """Scroll to the layer that is chosen."""
        if self.verticalScrollBar().maximum() and self._network.current():
            place = self._network.place_of(self._network.current())
            middle = place.center()
            self.ensureVisible(round(middle.x()), round(middle.y()), 0, ceil(place.height() / 2))
