"""The middle of the lab: the network, the charts, samples, and whatever else is to be on view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import is_
from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from simulator.formats.json_values import Json
from simulator.gui.lab import offered_views, view_tiles
from simulator.gui.lab.chart_grid import ChartGrid
from simulator.gui.lab.heat_views import ConfusionView, MapsView, PlaneView
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.layer_views import HistogramsView, LayerBarsView
from simulator.gui.lab.network_view import NetworkView
from simulator.gui.lab.offered_views import OFFERED, depends_on
from simulator.gui.lab.samples_view import SamplesView
from simulator.gui.lab.states_view import StatesView
from simulator.gui.lab.turns import Turns
from simulator.gui.lab.views_body import ViewsBody
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.text import Text
from simulator.lab import Snapshot, View
from simulator.lab.presenting import charts, layers, networks, planes, samples, standing, states

_HISTOGRAMS = ("weights", "activations", "gradients", "activation_gradients")
_OF_LAYERS = ("activations", "activation_gradients")
"""Those of them that stand under the names of layers, not of weights."""
_BARS = ("norms", "ratios", "dead")


class LabViews(QScrollArea):
    """Follows a document; ``layer_opened(name)`` asks for the arithmetic of a layer, ``all_shown``
    follows a snapshot once all of it is on view.
    """

    all_shown = Signal()
    shown_again = Signal()
    """Other views are on, as they were kept."""
    layer_opened = Signal(str)
    weight_chosen = Signal(str, object, float)

    def __init__(
        self,
        document: LabDocument,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """``clock`` counts seconds."""
        super().__init__(parent)
        self._document = document
        self._shown = {each.key for each in OFFERED if each.at_first}
        self._drawn: dict[str, tuple[object, ...]] = {}  # what each view was last drawn from
        self._network_drawn: tuple[tuple[object, ...], object] = ((), None)
        self._turns = Turns(self)
        self._turns.done.connect(self.all_shown)
        self.setAccessibleName(self.tr("Views"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.network = NetworkView(clock=clock)
        self.verdict = Text("", ink="ink2", steady=True)
        self.values = Segmented(
            self.tr("Values of the layers"),
            [("outputs", self.tr("Outputs")), ("gradients", self.tr("Gradients"))],
        )
        self.values.setToolTip(
            self.tr(
                "What is drawn of each layer for the sample on view: what it gives, or ∂L/∂output, "
                "the slope of the sample’s loss by it."
            )
        )
        self.charts = ChartGrid()
        self.samples = SamplesView()
        self.plane = PlaneView(self.tr("Decision boundary"))
        self.states = StatesView(self.tr("Hidden states over time"))
        self.tiles = view_tiles.tiles()
        filters = self.tiles["filters"]
        assert isinstance(filters, MapsView)
        filters.cell_chosen.connect(self._choose_weight)
        self._body = ViewsBody(
            network=self.network,
            verdict=self.verdict,
            choice=self.values,
            plane=self.plane,
            states=self.states,
            charts=self.charts,
            samples=self.samples,
            tiles=self.tiles,
            parent=self,
        )
        self.setWidget(self._body)
        self.values.value_changed.connect(lambda _: self._choose_values())
        self.network.chosen.connect(document.choose_layer)
        self.network.opened.connect(self.layer_opened)
        self.samples.chosen.connect(self._choose_sample)
        self.samples.fitting_changed.connect(lambda n: document.show_samples(tuple(range(n))))
        document.program_changed.connect(self._show_network)
        document.opened.connect(self._show_network)
        document.snapshot_changed.connect(self._show_snapshot)
        document.view_changed.connect(self._show_choice)
        document.view_kept.connect(self.show_again)
        self._want()
        self._show_network()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._body.set_window(self.viewport().height())

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

    def what_is_on_view(self) -> dict[str, Json]:
        """Return which views and charts are on, to be kept with a project."""
        off = [name for name in self.charts.names() if name not in self.charts.on_view()]
        return {
            "shown": sorted(self._shown), "charts_off": off, "values": self.values.value()
        }  # fmt: skip

    def show_again(self, kept: Mapping[str, Json]) -> None:
        """Put on view what was so when a project was kept; what there isn't is passed over."""
        shown = kept.get("shown")
        if isinstance(shown, tuple | list):
            for each in OFFERED:
                self.show_view(each.key, each.key in shown)
        off = kept.get("charts_off")
        if isinstance(off, tuple | list):
            for name in off:
                self.charts.show_chart(str(name), False)
        if kept.get("values") in ("outputs", "gradients"):
            self.values.set_value(str(kept["values"]))
        self.shown_again.emit()

    # What is asked for

    def _choose_values(self) -> None:
        self._want()
        self._show_network()

    def _want(self) -> None:
        views: set[View] = {"standing"}
        if self._goes_back:
            views.add("sample_gradients")
        for each in OFFERED:
            if each.key in self._shown:
                views |= each.needs
        self._document.show_views(frozenset(views))
        self._want_weights()

    def _want_weights(self) -> None:
        document = self._document
        chosen: tuple[str, ...] = ()
        if document.training is not None:
            cell = document.wanted.cell
            if cell is not None and cell[0] in document.training.weights:
                chosen = (cell[0],)
        document.want_arrays(
            *(chosen if key in self._shown else () for key in ("filters", "slopes"))
        )

    def _choose_sample(self, number: int) -> None:
        snapshot = self._document.snapshot
        if snapshot is not None and snapshot.predictions is not None:
            self._document.choose_sample(snapshot.predictions.indices[number])

    def _choose_weight(self, number: int, row: int, column: int) -> None:
        snapshot = self._document.snapshot
        if snapshot is not None:
            for name, array in snapshot.arrays.items():
                place = (number, row, column)
                index = networks.weight_index(array.shape, place, self._place_in(name))
                self.weight_chosen.emit(name, index, float(array[index]))

    @property
    def _goes_back(self) -> bool:
        """Return whether layers show the gradients by their outputs."""
        return "network" in self._shown and self.values.value() == "gradients"

    def _place_in(self, name: str) -> tuple[int, ...]:
        """Return the place in a weight that was chosen, or an empty one."""
        cell = self._document.wanted.cell
        return cell[1] if cell is not None and cell[0] == name else ()

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
        surface = snapshot.surface if snapshot is not None and "neurons" in self._shown else None
        gradients = snapshot.sample_gradients if snapshot and self._goes_back else None
        stuck = training is None and document.problem is not None
        drawn_from = (network, known, sample, classes, frozen, surface, stuck)
        before, slopes_before = self._network_drawn
        if drawn_from == before and gradients is slopes_before:  # arrays, not to be compared
            return
        self._network_drawn = drawn_from, gradients
        drawn = networks.drawing(
            *drawn_from[:5],
            units=None if surface is None else planes.units(surface),
            coloured=offered_views.is_plane(training),
            gradients=gradients,
            output=document.wanted.output,
        )
        self.network.set_layers(drawn)
        told = networks.verdict(sample, classes)
        if stuck:  # there is nothing yet whose arithmetic could be opened
            hint = self.tr("It can’t be trained yet; below is still what the run before gave.")
        elif gradients is not None:
            hint = self.tr("∂L/∂output: where it is warm, a larger value makes the loss grow.")
        else:
            hint = self.tr("Double-click a layer for its arithmetic.")
        self.verdict.set_content(f"{told} {hint}" if told else hint)

    def _show_snapshot(self) -> None:
        document, snapshot = self._document, self._document.snapshot
        if snapshot is None:
            return
        self._arrange()
        parts: list[tuple[str, Callable[[], object]]] = []
        if "charts" in self._shown and snapshot.curves is not None:
            self.charts.set_names(charts.chart_names(snapshot))
            names = self.charts.due(snapshot.curves)
            parts += [("charts", partial(self._show_chart, name, snapshot)) for name in names]
        for key, show in self._shows().items():
            # While it trains, what is costly to compute comes in turn, and is drawn when it comes.
            on = key in self._shown and offered_views.fits(key, document.training)
            on = on or key == "network"  # which is there without a sample, too
            if on and not self._is_drawn(key, snapshot):
                parts.append((key, partial(show, snapshot)))
        self._turns.take(parts, at_once=not document.playing)

    def _is_drawn(self, key: str, snapshot: Snapshot) -> bool:
        """Return whether a view is as it should be; if not, take it that it will be drawn."""
        document, before = self._document, self._drawn.get(key, ())
        drawn_from = depends_on(key, snapshot, document.layer, document.training)
        self._drawn[key] = drawn_from
        return len(before) == len(drawn_from) and all(map(is_, before, drawn_from))

    def _show_chart(self, name: str, snapshot: Snapshot) -> None:
        if name in self.charts.names():  # else another training is on view by now
            picture = charts.chart(snapshot, name, self._document.planned_epochs)
            self.charts.chart(name).set_picture(picture)

    def show_chart(self, name: str, on: bool) -> None:
        """Switch the chart of the loss or of a metric on or off."""
        self.charts.show_chart(name, on)
        self._show_snapshot()

    def _shows(self) -> dict[str, Callable[[Snapshot], None]]:
        return {
            "network": lambda _: self._show_network(),
            "samples": self._show_samples,
            "plane": self._show_plane,
            "states": self._show_states,
            "confusion": self._show_confusion,
            "filters": partial(self._show_maps, "filters"),
            "slopes": partial(self._show_maps, "slopes"),
            **{key: partial(self._show_histograms, key) for key in _HISTOGRAMS},
            **{key: partial(self._show_bars, key) for key in _BARS},
        }

    def _show_samples(self, snapshot: Snapshot) -> None:
        if snapshot.predictions is None or not snapshot.predictions.indices:
            return
        training = self._document.training
        dataset = None if training is None else training.dataset
        of = samples.ANY if dataset is None else samples.Source(dataset.view, dataset.vocabulary)
        shown = samples.samples(snapshot.predictions, snapshot.standing, of)
        self.samples.set_samples(
            *(samples.title(snapshot.standing), shown.caption, shown.pictures, shown.scale),
            *(shown.words, shown.answers, shown.sequences),
        )
        chosen = self._document.wanted.sample
        self.samples.set_current(shown.indices.index(chosen) if chosen in shown.indices else -1)

    def _show_plane(self, snapshot: Snapshot) -> None:
        training = self._document.training
        dataset = None if training is None else training.dataset
        if snapshot.surface is None or dataset is None:
            self.plane.set_picture(None)
            return
        known = snapshot.surface.decision is not None
        self.plane.set_title(self.tr("Decision boundary") if known else self.tr("Surface"))
        self.plane.set_picture(planes.plane(snapshot.surface))
        self.plane.set_caption(planes.caption(snapshot.surface, dataset))

    def _show_states(self, snapshot: Snapshot) -> None:
        view, sample, layer = self.states, snapshot.sample, self._document.layer
        known = () if sample is None else states.layers(sample)
        if layer not in known:
            layer = next(iter(known), "")
        view.set_states(() if sample is None else states.states(sample, layer))
        number = "" if sample is None else self.tr("sample {0}").format(sample.index + 1)
        view.set_caption(f"{layer}, {number}" if layer else self.tr("no recurrent layer"))

    def _show_confusion(self, snapshot: Snapshot) -> None:
        view = self.tiles["confusion"]
        assert isinstance(view, ConfusionView)
        coloured = offered_views.is_plane(self._document.training)
        view.set_counts(*standing.confusion_counts(snapshot.confusion), coloured=coloured)
        view.set_caption(standing.confusion_caption(snapshot.confusion))

    def _show_maps(self, key: str, snapshot: Snapshot) -> None:
        view = self.tiles[key]
        assert isinstance(view, MapsView)
        found_arrays = snapshot.arrays if key == "filters" else snapshot.gradients
        name, array = next(iter(found_arrays.items()), ("", None))
        view.set_caption(name or self.tr("click a layer that has weights"))
        found = networks.weight_maps(array, self._place_in(name)) if array is not None else None
        view.set_maps(*(found or (None, None)))

    def _show_histograms(self, key: str, snapshot: Snapshot) -> None:
        view = self.tiles[key]
        assert isinstance(view, HistogramsView)
        if snapshot.histograms is not None:
            counted = getattr(snapshot.histograms, key)
            view.set_histograms(layers.histograms(counted, weights=key not in _OF_LAYERS))

    def _show_bars(self, key: str, snapshot: Snapshot) -> None:
        view = self.tiles[key]
        assert isinstance(view, LayerBarsView)
        if key == "norms":
            bars = layers.norms(snapshot.gradient_norms or {})
        elif key == "ratios":
            bars = layers.ratios(snapshot.update_ratios or {})
        else:
            bars = layers.dead(snapshot.dead_units or {})
        view.set_bars(bars)

    def _classes(self) -> tuple[str, ...]:
        training = self._document.training
        return () if training is None else training.classes[self._document.wanted.output]

    # Where it is shown

    def _arrange(self) -> None:
        """Show those views that are on and have something to show."""
        snapshot, training = self._document.snapshot, self._document.training
        on = {key for key in self._shown if offered_views.fits(key, training)}
        known = snapshot is not None and snapshot.predictions is not None
        self._body.arrange(
            leading=self.plane if "plane" in on else self.states if "states" in on else None,
            charts="charts" in on,
            samples="samples" in on and known,
            tiles=[key for key in self.tiles if key in on],
        )
