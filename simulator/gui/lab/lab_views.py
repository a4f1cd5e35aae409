"""The middle of the lab: the network, the charts, samples, and whatever else is to be on view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import is_

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from simulator.gui.lab.chart import Chart
from simulator.gui.lab.heat_views import ConfusionView, MapsView, PlaneView
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_ground import Ground, Line
from simulator.gui.lab.layer_views import HistogramsView, LayerBarsView
from simulator.gui.lab.network_view import NetworkView
from simulator.gui.lab.offered_views import OFFERED, depends_on
from simulator.gui.lab.samples_view import SamplesView
from simulator.gui.lab.titled_view import TitledView
from simulator.gui.lab.turns import Turns
from simulator.gui.widgets.text import Text
from simulator.lab import Snapshot, View
from simulator.lab.presenting import charts, layers, networks, planes, samples
from simulator.lab.presenting.pictures import ChartPicture

_EDGE = 20
_NETWORK = 176
_CHARTS = 208
_TILE = 190
_PLANE = 250
_PLANES = ("plane", "neurons")
_HISTOGRAMS = ("weights", "activations", "gradients")
_BARS = ("norms", "ratios", "dead")
_EMPTY = ChartPicture("", "", (), (0.0, 1.0), (0.0, 1.0))


class LabViews(QScrollArea):
    """Follows a document; ``layer_opened(name)`` asks for the arithmetic of a layer, ``all_shown``
    follows a snapshot once all of it is on view.
    """

    all_shown = Signal()

    layer_opened = Signal(str)
    weight_chosen = Signal(str, object, float)

    def __init__(self, document: LabDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown = {each.key for each in OFFERED if each.at_first}
        self._placed: list[str] = []
        self._drawn: dict[str, tuple[object, ...]] = {}  # what each view was last drawn from
        self._network_drawn: tuple[object, ...] = ()
        self._turns = Turns(self)
        self._turns.done.connect(self.all_shown)
        self.setAccessibleName(self.tr("Views"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.network = NetworkView()
        self.verdict = Text("", ink="ink2", steady=True)
        self.loss_chart = Chart(_EMPTY)
        self.metric_chart = Chart(_EMPTY)
        self.samples = SamplesView()
        self.tiles: dict[str, TitledView] = {
            "plane": PlaneView(self.tr("Decision boundary")),
            "neurons": MapsView(self.tr("Each neuron")),
            "confusion": ConfusionView(self.tr("Confusion")),
            "filters": MapsView(self.tr("Weights")),
            "weights": HistogramsView(self.tr("Weights"), "weights"),
            "activations": HistogramsView(self.tr("Outputs"), "writes"),
            "gradients": HistogramsView(self.tr("Gradients"), "gradient"),
            "norms": LayerBarsView(self.tr("Gradient norm"), "gradient"),
            "ratios": LayerBarsView(self.tr("Update ÷ weights"), "weights"),
            "dead": LayerBarsView(self.tr("Dead units"), "ink2"),
        }
        filters = self.tiles["filters"]
        assert isinstance(filters, MapsView)
        filters.cell_chosen.connect(self._choose_weight)
        self._lay_out()
        self.network.chosen.connect(document.choose_layer)
        self.network.opened.connect(self.layer_opened)
        self.samples.chosen.connect(self._choose_sample)
        self.samples.fitting_changed.connect(
            lambda count: document.show_samples(tuple(range(count)))
        )
        document.program_changed.connect(self._show_network)
        document.opened.connect(self._show_network)
        document.snapshot_changed.connect(self._show_snapshot)
        document.view_changed.connect(self._show_choice)
        self._want()
        self._show_network()
        self._arrange()

    @property
    def showing(self) -> bool:
        """Return whether there is still something of a snapshot to be shown."""
        return self._turns.busy

    def shown(self) -> frozenset[str]:
        """Return the keys of the views that are on."""
        return frozenset(self._shown)

    def costs(self) -> dict[View, float]:
        """Return what showing each view took of the processor, in seconds; each is told once."""
        views = {each.key: each.view for each in OFFERED}
        found: dict[View, float] = {}
        for key, seconds in self._turns.costs().items():
            found[views[key]] = found.get(views[key], 0.0) + seconds
        return found

    def show_view(self, key: str, on: bool) -> None:
        """Switch a view on or off; raise ValueError if there is none of that key."""
        if key not in {each.key for each in OFFERED}:
            raise ValueError(f"there is no view {key!r}")
        if on != (key in self._shown):
            self._shown ^= {key}
            self._want()
            self._arrange()
            self._show_snapshot()
            self._show_network()

    # What is asked for

    def _want(self) -> None:
        views: set[View] = {"standing"}
        for each in OFFERED:
            if each.key in self._shown:
                views |= each.needs
        self._document.show_views(frozenset(views))
        self._want_weights()

    def _want_weights(self) -> None:
        document = self._document
        chosen: tuple[str, ...] = ()
        if "filters" in self._shown and document.training is not None:
            chosen = tuple(
                name
                for name in document.training.weights
                if name.partition("/")[0] == document.layer and name.endswith("kernel")
            )
        document.want_arrays(chosen)

    def _choose_sample(self, number: int) -> None:
        snapshot = self._document.snapshot
        if snapshot is not None and snapshot.predictions is not None:
            self._document.choose_sample(snapshot.predictions.indices[number])

    def _choose_weight(self, number: int, row: int, column: int) -> None:
        snapshot = self._document.snapshot
        if snapshot is not None:
            for name, array in snapshot.arrays.items():
                index = networks.weight_index(array.shape, (number, row, column))
                self.weight_chosen.emit(name, index, float(array[index]))

    # What is shown

    def _show_choice(self) -> None:
        self.network.set_current(self._document.layer)
        self._want_weights()

    def _show_network(self) -> None:
        document = self._document
        training = document.training
        network = training.network if training is not None else None
        known = document.facts
        if network is None and document.program is not None:
            network = document.program.network
        if network is None or known is None or len(known.layers) != len(network.layers):
            return
        snapshot = document.snapshot
        sample = snapshot.sample if snapshot is not None and "network" in self._shown else None
        frozen = snapshot.frozen_layers if snapshot is not None else frozenset()
        classes = self._classes()
        drawn_from = (network, known, sample, classes, frozen)
        if drawn_from == self._network_drawn:
            return
        self._network_drawn = drawn_from
        self.network.set_layers(networks.drawing(network, known, sample, classes, frozen))
        told = networks.verdict(sample, classes)
        hint = self.tr("Click a layer to find it in the program, twice to open its arithmetic.")
        self.verdict.set_content(f"{told} {hint}" if told else hint)

    def _show_snapshot(self) -> None:
        document, snapshot = self._document, self._document.snapshot
        if snapshot is None:
            return
        self._arrange()
        parts: list[tuple[str, Callable[[], object]]] = []
        if "charts" in self._shown and snapshot.curves is not None:
            parts.append(("charts", partial(self._show_charts, snapshot)))
        for key, show in self._shows().items():
            # While it trains, what is costly to compute comes in turn, and is drawn when it comes.
            on = key in self._shown or key == "network"  # which is there without a sample, too
            if on and not self._is_drawn(key, snapshot):
                parts.append((key, partial(show, snapshot)))
        self._turns.take(parts, at_once=not document.playing)

    def _is_drawn(self, key: str, snapshot: Snapshot) -> bool:
        """Return whether a view is as it should be; if not, take it that it will be drawn."""
        document, before = self._document, self._drawn.get(key, ())
        drawn_from = depends_on(key, snapshot, document.layer, document.training)
        self._drawn[key] = drawn_from
        return len(before) == len(drawn_from) and all(map(is_, before, drawn_from))

    def _show_charts(self, snapshot: Snapshot) -> None:
        self.loss_chart.set_picture(charts.loss_chart(snapshot, self._document.planned_epochs))
        names = charts.metric_names(snapshot)
        self.metric_chart.setVisible(bool(names))
        if names:
            epochs = self._document.planned_epochs
            self.metric_chart.set_picture(charts.metric_chart(snapshot, names[0], epochs))

    def _shows(self) -> dict[str, Callable[[Snapshot], None]]:
        return {
            "network": lambda _: self._show_network(),
            "samples": self._show_samples,
            "plane": self._show_plane,
            "neurons": self._show_neurons,
            "confusion": self._show_confusion,
            "filters": self._show_filters,
            **{key: partial(self._show_histograms, key) for key in _HISTOGRAMS},
            **{key: partial(self._show_bars, key) for key in _BARS},
        }

    def _show_samples(self, snapshot: Snapshot) -> None:
        if snapshot.predictions is None or not snapshot.predictions.indices:
            return
        shown = samples.samples(snapshot.predictions, snapshot.standing)
        self.samples.set_samples(
            self.tr("Held-out samples"), shown.caption, shown.pictures, shown.scale, shown.words
        )
        chosen = self._document.wanted.sample
        self.samples.set_current(shown.indices.index(chosen) if chosen in shown.indices else -1)

    def _show_plane(self, snapshot: Snapshot) -> None:
        view, training = self.tiles["plane"], self._document.training
        assert isinstance(view, PlaneView)
        known = snapshot.surface is not None and training is not None
        if known and snapshot.surface is not None and training is not None and training.dataset:
            view.set_picture(planes.plane(snapshot.surface, training.dataset))
            view.set_caption(training.dataset.title)
        else:
            view.set_picture(None)

    def _show_neurons(self, snapshot: Snapshot) -> None:
        view = self.tiles["neurons"]
        assert isinstance(view, MapsView)
        layer = self._document.layer
        if snapshot.surface is not None and layer not in snapshot.surface.units:
            layer = next(iter(snapshot.surface.units), "")
        found = planes.neurons(snapshot.surface, layer) if snapshot.surface is not None else None
        view.set_caption(layer)
        view.set_maps(*(found or (None, None)))

    def _show_confusion(self, snapshot: Snapshot) -> None:
        view = self.tiles["confusion"]
        assert isinstance(view, ConfusionView)
        if snapshot.confusion is not None:
            view.set_counts(snapshot.confusion.matrix, snapshot.confusion.classes)
            view.set_caption(self.tr("rows: true; columns: said"))

    def _show_filters(self, snapshot: Snapshot) -> None:
        view = self.tiles["filters"]
        assert isinstance(view, MapsView)
        name, array = next(iter(snapshot.arrays.items()), ("", None))
        view.set_caption(name or self.tr("choose a layer with weights"))
        found = networks.weight_maps(array) if array is not None else None
        view.set_maps(*(found or (None, None)))

    def _show_histograms(self, key: str, snapshot: Snapshot) -> None:
        view = self.tiles[key]
        assert isinstance(view, HistogramsView)
        if snapshot.histograms is not None:
            counted = getattr(snapshot.histograms, key)
            view.set_histograms(layers.histograms(counted, weights=key != "activations"))

    def _show_bars(self, key: str, snapshot: Snapshot) -> None:
        view = self.tiles[key]
        assert isinstance(view, LayerBarsView)
        if key == "norms":
            view.set_bars(layers.norms(snapshot.gradient_norms or {}))
        elif key == "ratios":
            view.set_bars(layers.ratios(snapshot.update_ratios or {}))
        else:
            view.set_bars(layers.dead(snapshot.dead_units or {}))

    def _classes(self) -> tuple[str, ...]:
        training = self._document.training
        if training is None or training.dataset is None:
            return ()
        return training.dataset.classes or ()

    # Where it is shown

    def _lay_out(self) -> None:
        body = Ground(self)
        network = QScrollArea(body)
        network.setAccessibleName(self.tr("Network"))
        network.setFrameShape(QFrame.Shape.NoFrame)
        network.setWidgetResizable(True)
        network.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        network.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        network.setWidget(self.network)
        network.viewport().setAutoFillBackground(False)
        self.network.setAutoFillBackground(False)
        network.setFixedHeight(_NETWORK)
        self._charts = QWidget(body)
        self._charts.setAccessibleName(self.tr("Charts"))
        self._charts.setFixedHeight(_CHARTS)
        row = QHBoxLayout(self._charts)
        row.setContentsMargins(0, 16, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.loss_chart, 1)
        row.addWidget(self.metric_chart, 1)
        self._grid_holder = QWidget(body)
        self._grid_holder.setAccessibleName(self.tr("More views"))
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(0, 14, 0, 14)
        self._grid.setSpacing(20)
        for key, view in self.tiles.items():
            if key not in _PLANES:
                view.setParent(self._grid_holder)
                view.setMinimumHeight(_TILE)
            view.hide()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(_EDGE - 4, 14, _EDGE, 12)
        rows.setSpacing(0)
        rows.addWidget(network)
        rows.addWidget(self.verdict)
        self._planes = QWidget(body)
        self._planes.setAccessibleName(self.tr("Boundaries"))
        self._planes.setFixedHeight(_PLANE)
        beside = QHBoxLayout(self._planes)
        beside.setContentsMargins(0, 14, 0, 4)
        beside.setSpacing(20)
        for key in _PLANES:
            self.tiles[key].setParent(self._planes)
            beside.addWidget(self.tiles[key], 1)
        self._lines = [Line(body) for _ in range(4)]
        places = (self._planes, self._charts, self.samples, self._grid_holder)
        for line, widget in zip(self._lines, places, strict=True):
            rows.addWidget(line)
            rows.addWidget(widget)
        rows.addStretch(1)
        self.setWidget(body)

    def _arrange(self) -> None:
        """Show those views that are on and have something to show."""
        snapshot = self._document.snapshot
        picture = snapshot is None or snapshot.predictions is None
        has_samples = not picture and not self._is_plane()
        plane = [key for key in _PLANES if key in self._shown and self._is_plane()]
        for key in _PLANES:
            self.tiles[key].setVisible(key in plane)
        shown = {
            self._planes: bool(plane),
            self._charts: "charts" in self._shown,
            self.samples: "samples" in self._shown and has_samples,
        }
        visible = [key for key in self.tiles if key in self._shown and key not in _PLANES]
        shown[self._grid_holder] = bool(visible)
        for line, (widget, on) in zip(self._lines, shown.items(), strict=True):
            widget.setVisible(on)
            line.setVisible(on)
        if visible != self._placed:
            self._placed = visible
            for key, view in self.tiles.items():
                if key not in _PLANES:
                    self._grid.removeWidget(view)
                    view.hide()
            for index, key in enumerate(visible):
                self._grid.addWidget(self.tiles[key], index // 2, index % 2)
                self.tiles[key].show()

    def _is_plane(self) -> bool:
        training = self._document.training
        return (
            training is not None
            and training.dataset is not None
            and training.dataset.view == "points2d"
        )
