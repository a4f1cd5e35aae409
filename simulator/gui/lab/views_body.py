"""Where each view of the lab stands: the main ones share the height, further ones come below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from simulator.gui.lab.chart_grid import ChartGrid
from simulator.gui.lab.heat_views import PlaneView
from simulator.gui.lab.lab_ground import Ground, Line
from simulator.gui.lab.layer_views import LayerBarsView
from simulator.gui.lab.network_area import NetworkArea
from simulator.gui.lab.network_view import NetworkView
from simulator.gui.lab.titled_view import TitledView

_EDGE = 20
_NETWORK = (168, 330)
"""Height of the drawing of the network, at least and at most."""
_NETWORK_LOW = 152
"""The least above the states of a recurrent network: its layers are columns."""
_NETWORK_MORE = 60
"""Pixels more than it needs that a drawing of more rows may have."""
_PLANE = (318, 0.4, 470)
"""Least height of a boundary, beside which the charts stand below one another: a part of the width,
but no less and no more than these.
"""
_STATES = (216, 0.25, 290)
"""The same of the states of a recurrent network."""
_ABOVE = 14
"""Above the boundary and the charts."""
_TILE_HEIGHT = 190
_TILE_WIDTH = 270
_GAP = 20


class ViewsBody(Ground):
    """It gives the views that are on their places; what doesn't fit is scrolled to.

    The network is always at the top. Below it stands the plane, or the states of a recurrent
    network, with the charts at its side, or the charts beside each other; then the samples; then
    the tiles, as many in a row as fit.
    """

    def __init__(
        self,
        *,
        network: NetworkView,
        verdict: QWidget,
        choice: QWidget,
        plane: PlaneView,
        states: QWidget,
        charts: ChartGrid,
        samples: QWidget,
        tiles: Mapping[str, TitledView],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._tiles = dict(tiles)
        self._placed: tuple[tuple[str, ...], int] = ((), 0)
        self._arranged: tuple[object, ...] = ()
        self._leading = (plane, states)
        self._leads: tuple[int, float, int] | None = None
        self._network = network
        self._area = NetworkArea(network, self)
        self._window = 0  # height of what is in view of all this
        network.height_changed.connect(self._follow_network)
        self._charts = charts
        charts.setParent(self)
        charts.arranged.connect(self._give_height)
        self._main = _Modest(self)
        self._main.setAccessibleName(self.tr("Boundary and charts"))
        main = QHBoxLayout(self._main)
        main.setContentsMargins(0, _ABOVE, 0, 0)
        main.setSpacing(_GAP)
        for view in self._leading:
            main.addWidget(view, 1)
        main.addWidget(self._charts, 1)
        self._main.square = plane
        self._samples = QWidget(self)
        self._samples.setAccessibleName(self.tr("Samples"))
        below = QVBoxLayout(self._samples)
        below.setContentsMargins(0, 12, 0, 0)
        below.addWidget(samples)
        self._grid_holder = _Modest(self)
        self._grid_holder.setAccessibleName(self.tr("More views"))
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(0, 14, 0, 14)
        self._grid.setSpacing(_GAP)
        for view in self._tiles.values():
            view.setParent(self._grid_holder)
            view.hide()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(_EDGE - 4, 14, _EDGE, 12)
        rows.setSpacing(0)
        rows.addWidget(self._area, 2)
        self._told = told = QHBoxLayout()
        told.setSpacing(_GAP)
        told.addWidget(verdict, 1)
        told.addWidget(choice, 0, Qt.AlignmentFlag.AlignVCenter)
        rows.addLayout(told)
        self._lines: dict[QWidget, QWidget] = {}
        for widget, share in ((self._main, 5), (self._samples, 0), (self._grid_holder, 3)):
            self._lines[widget] = Line(self)
            rows.addWidget(self._lines[widget])
            rows.addWidget(widget, share)
        rows.addStretch(1)
        self._rows = rows
        self._give_network()

    def arrange(
        self, *, leading: QWidget | None, charts: bool, samples: bool, tiles: Sequence[str]
    ) -> None:
        """Show these, with one that leads beside the charts, and put the others away."""
        arranged = leading, charts, samples, tuple(tiles)
        if arranged == self._arranged:  # with each look at a training it is asked for again
            return
        self._arranged = arranged
        for view in self._leading:
            view.setVisible(view is leading)
        self._charts.setVisible(charts)
        plane = leading is not None and leading is self._leading[0]
        self._charts.set_upright(leading is not None)
        self._leads = _PLANE if plane else _STATES if leading else None
        self._give_height()
        shown = {
            self._main: bool(leading) or charts,
            self._samples: samples,
            self._grid_holder: bool(tiles),
        }
        for widget, on in shown.items():
            widget.setVisible(on)
            self._lines[widget].setVisible(on)
        self._give_network()
        # With nothing that grows, what there is stands at the top.
        self._rows.setStretch(self._rows.count() - 1, 0 if leading or charts or tiles else 1)
        self._place_tiles(tuple(tiles))

    def _give_height(self) -> None:
        """See to it that what leads and all charts have the room that they need."""
        charts = 0 if self._charts.isHidden() else self._charts.minimumSizeHint().height() + _ABOVE
        least = 0
        if self._leads is not None:
            low, share, high = self._leads
            least = round(min(max(share * self.width(), low), high))
        self._main.setMinimumHeight(max(least, charts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_network()
        self._give_height()
        self._place_tiles(self._placed[0])

    def set_window(self, height: int) -> None:
        """Have the network and the charts in view together in so much height."""
        if height != self._window:
            self._window = height
            self._give_network()

    def _give_network(self) -> None:
        """See to it that every layer has a place in its column, and every row of them."""
        margins = self._rows.contentsMargins()
        width = self.width() - margins.left() - margins.right()
        least = _NETWORK_LOW if self._leads == _STATES else _NETWORK[0]
        needed, whole = self._area.least_height(width, self._bounds(least))
        most = max(needed + _NETWORK_MORE, _NETWORK[1]) if whole else needed
        self._area.limit(max(needed, least), most)

    def _bounds(self, least: int) -> list[int]:
        """Return how high the network may be with all that comes next in view, and without the
        samples.
        """
        margins = self._rows.contentsMargins()
        rest = self._window - margins.top() - margins.bottom() - self._told.sizeHint().height()
        found: list[int] = []
        for widget in (self._main, self._samples):
            if not widget.isHidden():
                high = max(widget.minimumHeight(), widget.minimumSizeHint().height())
                rest -= high + self._lines[widget].height()
            found.append(max(rest, least))
        return found[::-1]

    def _follow_network(self) -> None:
        """Have the height that other layers need: at once, or as they glide to their places."""
        before = self._area.height()
        self._area.stop()
        self._give_network()
        if self._network.gliding:
            self._rows.activate()
            after = max(self._area.height(), self._area.minimumHeight())
            if after != before:
                self._area.glide(before, after)

    def _place_tiles(self, shown: tuple[str, ...]) -> None:
        columns = max((self.width() - 2 * _EDGE + _GAP) // (_TILE_WIDTH + _GAP), 1)
        columns = min(columns, max(len(shown), 1))
        if (shown, columns) == self._placed:
            return
        before, self._placed = self._placed, (shown, columns)
        for key, view in self._tiles.items():
            self._grid.removeWidget(view)
            if key not in shown:
                view.hide()
        for index in range(before[1]):
            self._grid.setColumnStretch(index, 0)
        for row in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(row, 0)
            self._grid.setRowStretch(row, 0)
        for index, key in enumerate(shown):
            self._grid.addWidget(self._tiles[key], index // columns, index % columns)
            self._grid.setColumnStretch(index % columns, 1)
            if not isinstance(self._tiles[key], LayerBarsView):  # bars ask for what they need
                self._grid.setRowMinimumHeight(index // columns, _TILE_HEIGHT)
                self._grid.setRowStretch(index // columns, 1)
            self._tiles[key].show()


class _Modest(QWidget):
    """It asks for no more than the least that its content needs, and takes what there is.

    A square one of its views is no wider than it can use.
    """

    square: PlaneView | None = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.square is not None:
            self.square.setMaximumWidth(self.square.useful_width(self.height() - _ABOVE))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()
