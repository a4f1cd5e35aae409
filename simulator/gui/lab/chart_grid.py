"""Small multiples: a chart of the loss and one of every metric, as many in a row as fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from simulator.gui.lab.chart import Chart
from simulator.lab.presenting.pictures import ChartPicture

_EMPTY = ChartPicture("", "", (), (0.0, 1.0), (0.0, 1.0))
_WIDTH = 200
"""Of a chart at least, where there is more than one in a row."""
_ALONE = 172
"""Height of the only row of charts at least."""
_ROW = 106
"""The same of one row of several."""
_GAPS = (16, 10)


class ChartGrid(QWidget):
    """A chart for each name. ``names_changed`` follows other names, ``arranged`` other rows."""

    names_changed = Signal()
    arranged = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._charts: dict[str, Chart] = {}
        self._names: tuple[str, ...] = ()
        self._curves: dict[str, object] = {}  # those that each chart was drawn from
        self._off: set[str] = set()
        self._upright = False
        self._placed: tuple[tuple[str, ...], int] = ((), 1)
        self.setAccessibleName(self.tr("Charts"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_GAPS[0])
        self._grid.setVerticalSpacing(_GAPS[1])

    def names(self) -> tuple[str, ...]:
        """Return the names that there are charts for, also of those that are off."""
        return self._names

    def set_names(self, names: Sequence[str]) -> None:
        """Have charts for these and no others, in this order."""
        if tuple(names) == self._names:
            return
        for name in self._charts.keys() - set(names):
            chart = self._charts.pop(name)
            self._curves.pop(name, None)
            chart.hide()
            chart.deleteLater()
        for name in names:
            if name not in self._charts:
                self._charts[name] = Chart(_EMPTY, parent=self)
        self._names = tuple(names)
        self._arrange()
        self.names_changed.emit()

    def chart(self, name: str) -> Chart:
        """Return a chart; raise KeyError if there is none of that name."""
        return self._charts[name]

    def on_view(self) -> tuple[str, ...]:
        """Return the names of the charts that are on."""
        return tuple(name for name in self._names if name not in self._off)

    def due(self, curves: object) -> tuple[str, ...]:
        """Return the charts on view that were drawn from others than these curves, and take it that
        they will be.
        """
        names = tuple(each for each in self.on_view() if self._curves.get(each) is not curves)
        self._curves.update(dict.fromkeys(names, curves))
        return names

    def show_chart(self, name: str, on: bool) -> None:
        """Switch a chart on or off; so it stays when there is one of that name again."""
        if on == (name in self._off):
            self._off ^= {name}
            self._arrange()

    def set_upright(self, upright: bool) -> None:
        """Put two charts below one another, not beside each other."""
        if upright != self._upright:
            self._upright = upright
            self._arrange()

    def clear(self) -> None:
        """Show no curves until there are others."""
        self._curves.clear()
        for chart in self._charts.values():
            chart.set_picture(_EMPTY)

    def minimumSizeHint(self) -> QSize:
        shown, columns = self._placed
        rows = ceil(len(shown) / columns)
        height = _ALONE if rows <= 1 else rows * _ROW + (rows - 1) * _GAPS[1]
        return QSize(_WIDTH, height)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _columns(self, count: int) -> int:
        most = max((self.width() + _GAPS[0]) // (_WIDTH + _GAPS[0]), 1)
        wanted = (1 if count <= 2 else 2) if self._upright else count
        # Rows of equal length, or nearly so.
        return ceil(count / ceil(count / min(wanted, most))) if count else 1

    def _arrange(self) -> None:
        shown = self.on_view()
        columns = self._columns(len(shown))
        if (shown, columns) == self._placed:
            return
        before, self._placed = self._placed, (shown, columns)
        for name, chart in self._charts.items():
            self._grid.removeWidget(chart)
            chart.setVisible(name in shown)
        for column in range(max(before[1], columns)):
            self._grid.setColumnStretch(column, int(column < columns))
        for row in range(max(len(before[0]), len(shown))):
            self._grid.setRowStretch(row, int(row * columns < len(shown)))
        for index, name in enumerate(shown):
            self._grid.addWidget(self._charts[name], index // columns, index % columns)
        self.updateGeometry()
        self.arranged.emit()
