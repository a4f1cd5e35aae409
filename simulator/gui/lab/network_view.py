"""The network as it is now, drawn with one sample on its way through: a click opens a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from time import monotonic

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.lab import network_folding, network_layout
from simulator.gui.lab.class_bars import paint_bars
from simulator.gui.lab.mosaic import Mosaic, best_columns, outline
from simulator.gui.lab.network_folding import Drawing, Wire
from simulator.gui.lab.network_glide import NetworkGlide
from simulator.gui.lab.network_layout import ROOMY, TITLE, Place, Spacing
from simulator.gui.widgets import focus
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width
from simulator.lab.presenting.pictures import Drawn, LayerPicture
from simulator.traces.numbers import written

Key = Qt.Key
_MOVES = {Key.Key_Left: -1, Key.Key_Right: 1}
_HEIGHT = 148
_OUTLINE_GAP = 4
_LOCK = 12
_TIP = 6
"""Length of an arrow's tip."""
_DOT = 2.0
"""Radius of the dot where a line leaves an edge."""
_SAME = 0.6
"""The share of the layers that stay, from which on it is the same network with a change."""
_MOST_WRITTEN = 4
"""Values of a layer that are written beside their cells."""


class NetworkView(QWidget):
    """Layers from left to right, in as many rows as it takes, with wedges between neighbours that
    read from one another, lines to the others, and on each edge the shape of what goes along it.

    ``chosen(name)`` follows a click or an arrow key, ``opened(name)`` a second click or Enter.
    """

    chosen = Signal(str)
    opened = Signal(str)
    height_changed = Signal()
    """Another height is needed now."""
    current_changed = Signal()
    """Another layer is marked as chosen."""
    glided = Signal()
    """Layers that glide have come further, or to their places."""

    def __init__(
        self, *, parent: QWidget | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        """``clock`` counts seconds."""
        super().__init__(parent)
        self._layers: tuple[LayerPicture, ...] = ()
        self._standing: list[tuple[object, ...]] = []  # what the layers' places depend on
        self._mosaics: dict[str, Mosaic] = {}
        self._drawing = Drawing({}, (), ())
        self._glide = NetworkGlide(self, self._go_on, clock=clock)
        self._current = ""
        self._hovered = ""
        self._arranged = 0  # how often the layers were given their places
        self._kept_ground: tuple[tuple[object, ...], QPixmap] | None = None
        self.setAccessibleName(self.tr("Network"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._watch = focus.watch(self, around=None, keys=(*_MOVES, Key.Key_Return, Key.Key_Enter))

    def layers(self) -> tuple[LayerPicture, ...]:
        """Return the layers on view."""
        return self._layers

    def set_layers(self, layers: Sequence[LayerPicture]) -> None:
        """Show other layers, or the same with new values; each comes after what it reads from."""
        before, self._layers = self._layers, tuple(layers)
        self._mosaics = {}
        for layer in self._layers:
            if layer.values is not None and layer.scale is not None:
                mosaic = _mosaic(layer)
                if mosaic is not None:
                    self._mosaics[layer.name] = mosaic
        arranged, self._standing = self._standing, list(map(_standing, self._layers))
        if arranged != self._standing:
            names, old = ({layer.name for layer in each} for each in (self._layers, before))
            # Of another network some names are the same, but nothing went anywhere.
            same = len(names & old) >= _SAME * max(len(names), len(old), 1)
            self._place_layers()
            self._glide.go(self._drawing.places, at_once=not (same and self.isVisible()))
            self.updateGeometry()
            self.height_changed.emit()
        self.update()

    def current(self) -> str:
        """Return the name of the layer that is chosen, or an empty string."""
        return self._current

    def set_current(self, name: str) -> None:
        """Mark a layer as chosen, silently; an empty string marks none."""
        if name != self._current:
            self._current = name
            self.current_changed.emit()
            self.update()

    def edge_of(self, name: str) -> QRectF:
        """Return where the edge that leaves a layer is drawn; raise KeyError if there is none."""
        return self._drawing.places[name].edge

    def place_of(self, name: str) -> QRectF:
        """Return where a layer stands; raise KeyError if there is none of that name."""
        return self._drawing.places[name].whole

    def wires(self) -> tuple[Wire, ...]:
        """Return the lines between layers that don't stand beside each other."""
        return self._drawing.wires

    def needed_height(self, width: float, spacing: Spacing = ROOMY) -> int:
        """Return how high the drawing is at least in so much width."""
        inside = network_folding.needed_height(self._layers, width - 2 * _OUTLINE_GAP, spacing)
        return max(ceil(inside) + 2 * _OUTLINE_GAP, _HEIGHT)

    def drawn_at(self, name: str) -> QRectF:
        """Return where a layer is drawn now: while it glides, on its way to its place."""
        return self._glide.place(name).whole

    def tick(self) -> None:
        """Let layers that glide be where they are by now."""
        self._glide.tick()

    @property
    def gliding(self) -> bool:
        """Return whether layers are on their way to other places."""
        return self._glide.going

    @property
    def way(self) -> float:
        """Return how far on their way they are, from 0 to 1."""
        return self._glide.way

    def sizeHint(self) -> QSize:
        width = network_folding.needed_width(self._layers) + 2 * _OUTLINE_GAP
        return QSize(ceil(width), self.needed_height(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(ceil(network_folding.least_width(self._layers)) + 2 * _OUTLINE_GAP, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_layers()
        if self._glide.going:  # for other layers, which need another height
            self._glide.lead(self._drawing.places)
        else:
            self._glide.go(self._drawing.places, at_once=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        name = self._at(event.position())
        if name != self._hovered:
            self._hovered = name
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.ArrowCursor
            )
            layer = next((each for each in self._layers if each.name == name), None)
            self.setToolTip(_told(layer) if layer is not None else "")
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and name:
            self._choose(name)
            event.accept()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        name = self._at(event.position())
        if name:
            self.opened.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        names = [layer.name for layer in self._layers]
        key = Key(event.key())
        if key in _MOVES and names:
            at = names.index(self._current) + _MOVES[key] if self._current in names else 0
            self._choose(names[min(max(at, 0), len(names) - 1)])
        elif key in {Key.Key_Return, Key.Key_Enter} and self._current in names:
            self.opened.emit(self._current)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            painter.drawPixmap(QPointF(0, 0), self._ground())
            for layer in filter(self._shows, self._layers):
                self._paint_layer(painter, layer, self._glide.place(layer.name))

    def _ground(self) -> QPixmap:
        """Return the wedges and the names, which stay while a network learns."""
        ratio = self.devicePixelRatioF()
        heads = tuple(
            (each.name, each.kind, each.shape, each.activation, each.frozen)
            for each in self._layers
        )
        moment = self._arranged, self._glide.share
        key = (theme.current().name, ratio, self.size().toTuple(), heads, moment)
        if self._kept_ground is None or self._kept_ground[0] != key:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(theme.colour("stage"))
            with painting(picture) as painter:
                for start, end in self._drawing.wedges:
                    if self._glide.shows(start) and self._glide.shows(end):
                        self._paint_wedge(painter, self._glide.place(start), self._glide.place(end))
                if not self._glide.going:  # their ways are other ways then
                    for wire in self._drawing.wires:
                        self._paint_wire(painter, wire)
                for layer in filter(self._shows, self._layers):
                    self._paint_head(painter, layer, self._glide.place(layer.name))
            self._kept_ground = key, picture
        return self._kept_ground[1]

    def _shows(self, layer: LayerPicture) -> bool:
        return self._glide.shows(layer.name)

    def _paint_wedge(self, painter: QPainter, start: Place, end: Place) -> None:
        """Draw that all of one layer goes into the other."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("well"))
        left, right = start.body.right() + _OUTLINE_GAP, end.body.left() - _OUTLINE_GAP
        corners = (
            QPointF(left, start.body.top()),
            QPointF(right, end.body.top()),
            QPointF(right, end.body.bottom()),
            QPointF(left, start.body.bottom()),
        )
        painter.drawPolygon(QPolygonF(corners))

    def _paint_wire(self, painter: QPainter, wire: Wire) -> None:
        """Draw a line from a layer's edge to a layer that is no neighbour, with an arrow's tip."""
        colour = theme.colour("ghost")
        painter.setPen(QPen(colour, metrics.HAIRLINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(wire.points))
        _paint_tip(painter, wire.points[-1])
        if wire.dotted:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(wire.points[0], _DOT, _DOT)

    def _paint_head(self, painter: QPainter, layer: LayerPicture, place: Place) -> None:
        head = QRectF(place.head.x(), place.head.y(), place.head.width() + 8, TITLE)
        strong = fonts.ui(metrics.TITLE, metrics.SEMIBOLD)
        text(painter, head, layer.kind, font=strong, ink="ink1")
        if layer.frozen:
            spot = QRectF(head.x() + text_width(strong, layer.kind) + 4, head.y(), _LOCK, TITLE)
            icon_at(painter, "lock", spot, ink="ink3", side=_LOCK)
        below = QRectF(head.x(), place.edge.y(), head.width(), place.edge.height())
        text(painter, below, layer.activation, font=fonts.mono(metrics.CAPTION), ink="ink3")
        self._paint_edge(painter, place.edge, layer.shape)

    def _paint_edge(self, painter: QPainter, edge: QRectF, shape: str) -> None:
        """Draw an arrow to the next layer, with the shape of what goes along it upon it."""
        mono = fonts.mono(metrics.CAPTION)
        wide = text_width(mono, shape)
        middle, tip = round(edge.center().y()) + 0.5, edge.right()
        left = edge.x() + max((edge.width() - _TIP - wide) / 2, 0.0)
        painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
        painter.drawLine(QPointF(edge.x(), middle), QPointF(left - 3, middle))
        painter.drawLine(QPointF(left + wide + 3, middle), QPointF(tip, middle))
        _paint_tip(painter, QPointF(tip, middle))
        spot = QRectF(left, edge.y(), wide + 1, edge.height())
        text(painter, spot, shape, font=mono, ink="ink2")

    def _paint_layer(self, painter: QPainter, layer: LayerPicture, place: Place) -> None:
        self._paint_values(painter, layer, place.body)
        if layer.gradient:
            self._paint_dashes(painter, place.body)
        small = fonts.mono(metrics.TEXT_LEAST)
        text(painter, place.foot, layer.parameters, font=small, ink="ink3")
        chosen, lit = layer.name == self._current, layer.name == self._hovered
        if chosen or lit:
            edge = place.body.adjusted(-_OUTLINE_GAP, -_OUTLINE_GAP, _OUTLINE_GAP, _OUTLINE_GAP)
            shows = chosen and self._watch.visible
            ink = "reads" if shows else "ink1" if chosen else "border"
            width = metrics.CURRENT_OUTLINE if chosen else metrics.HAIRLINE
            panel(painter, edge, border=ink, radius=metrics.RADIUS_HIGHLIGHT, width=width)

    def _paint_dashes(self, painter: QPainter, body: QRectF) -> None:
        """Mark values as gradients."""
        painter.setPen(QPen(theme.colour("gradient"), metrics.HAIRLINE, Qt.PenStyle.DashLine))
        outline(painter, body)

    def _paint_values(self, painter: QPainter, layer: LayerPicture, body: QRectF) -> None:
        mosaic = self._mosaics.get(layer.name)
        if layer.drawn is Drawn.BARS and layer.values is not None:
            paint_bars(painter, body, layer)
        elif mosaic is None:
            panel(painter, body, fill="well", border="hairline", radius=metrics.RADIUS_HIGHLIGHT)
        elif layer.drawn is Drawn.MAPS and len(mosaic) > 1:
            columns = best_columns(len(mosaic), body.size(), mosaic.shape)
            mosaic.paint(painter, body, columns)
        else:
            painter.drawImage(body, mosaic.image())
            painter.setPen(QPen(theme.colour("border"), metrics.HAIRLINE))
            outline(painter, body)
            if layer.drawn is Drawn.COLUMN and network_layout.len_of(layer) <= _MOST_WRITTEN:
                self._paint_numbers(painter, layer, body)

    def _paint_numbers(self, painter: QPainter, layer: LayerPicture, body: QRectF) -> None:
        """Write the values of a few cells beside them."""
        assert layer.values is not None
        height = body.height() / len(layer.values)
        for index, value in enumerate(layer.values):
            spot = QRectF(body.right() + 5, body.y() + index * height, 60, height)
            words = written(float(value), 2)
            text(painter, spot, words, font=fonts.mono(metrics.TEXT_LEAST), ink="ink2")

    def _go_on(self) -> None:
        self.glided.emit()
        self.update()

    def _choose(self, name: str) -> None:
        if name != self._current:
            self.set_current(name)
            self.chosen.emit(name)

    def _at(self, position: QPointF) -> str:
        inside = (
            name for name, place in self._drawing.places.items() if place.whole.contains(position)
        )
        return next(inside, "")

    def _place_layers(self) -> None:
        self._arranged += 1
        # The outline of what is chosen stands out on every side.
        room = QSizeF(self.width() - 2 * _OUTLINE_GAP, self.height() - 2 * _OUTLINE_GAP)
        self._drawing = network_folding.arrange(self._layers, room).moved(_OUTLINE_GAP)


def _standing(layer: LayerPicture) -> tuple[object, ...]:
    """Return what a layer's place depends on."""
    words = layer.kind, layer.shape, layer.activation, layer.parameters
    return layer.name, *words, layer.inputs, layer.drawn, layer.labels


def _mosaic(layer: LayerPicture) -> Mosaic | None:
    assert layer.values is not None
    assert layer.scale is not None
    if layer.drawn is Drawn.MAPS:
        return Mosaic(layer.values, layer.scale, layer.classes)
    if layer.drawn is Drawn.PICTURE:
        return Mosaic(layer.values[None], layer.scale)
    if layer.drawn is Drawn.COLUMN:
        return Mosaic(layer.values[None, :, None], layer.scale)
    return None


def _told(layer: LayerPicture) -> str:
    parts = (layer.name, layer.shape, layer.parameters)
    return "\n".join(part for part in parts if part)


def _paint_tip(painter: QPainter, end: QPointF) -> None:
    """Draw an arrow's tip, to the right, in the painter's pen."""
    for side in (-_TIP / 2, _TIP / 2):
        painter.drawLine(end + QPointF(-_TIP, side), end)
