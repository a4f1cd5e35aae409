"""What a recurrent layer keeps while the sample goes by, a map for each kind of state."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab.mosaic import outline
from simulator.gui.lab.titled_view import TitledView, paint_values
from simulator.gui.widgets.painting import text
from simulator.lab.presenting.pictures import StateMap

_COLUMNS, _MORE_COLUMNS = 2, 3
_FEW = 8
"""So many maps stand in the fewer columns."""
_GAP = 10
_NAME = 15
_FOOT = 18
"""Height of the line that tells how to read the maps."""


class StatesView(TitledView):
    """Maps with units from the top down and time to the right, each below its name."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._states: tuple[StateMap, ...] = ()

    def set_states(self, states: Sequence[StateMap]) -> None:
        """Show other states, or none."""
        self._states = tuple(states)
        self.update()

    def states(self) -> tuple[StateMap, ...]:
        """Return what is on view."""
        return self._states

    def place_of(self, number: int) -> QRectF:
        """Return where a map is drawn."""
        many = len(self._states) > _FEW
        columns = min(_MORE_COLUMNS if many else _COLUMNS, max(len(self._states), 1))
        rows = ceil(len(self._states) / columns)
        room = self.room()
        width = (room.width() - _GAP * (columns - 1)) / columns
        height = (room.height() - _FOOT - _GAP * (rows - 1)) / max(rows, 1)
        row, column = divmod(number, columns)
        left, top = room.x() + column * (width + _GAP), room.y() + row * (height + _GAP)
        return QRectF(left, top + _NAME, width, max(height - _NAME, 1))

    def paint_content(self, painter: QPainter) -> None:
        font = fonts.ui(metrics.TEXT_LEAST)
        if self._states:
            foot = QRectF(self.room().x(), self.room().bottom() - _FOOT + 3, self.width(), 15)
            words = self.tr("A row is a unit, a column a time step.")
            text(painter, foot, words, font=font, ink="ink3")
        for number, state in enumerate(self._states):
            place = self.place_of(number)
            name = QRectF(place.x(), place.y() - _NAME, place.width(), _NAME)
            text(painter, name, state.name, font=font, ink="ink2")
            paint_values(painter, place, state.values, state.scale)
            painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
            outline(painter, place)
