"""The network as a list of cards: layers are added, removed, dragged to another place, and set."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from simulator.formats.arguments import LAYERS, kind_of
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.gui import metrics, theme
from simulator.gui.lab.input_card import InputCard
from simulator.gui.lab.layer_card import LayerCard
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.painting import icon_at, painting
from simulator.lab.presenting.pictures import CardWords

_GAP = 12
_PLUS = 6.0
"""Radius of the sign between two cards."""


class LayerCards(QScrollArea):
    """What the learner asks for comes as signals; ``set_network`` shows what came of it.

    ``argument_changed(layer, argument, value)``, ``removed(layer)``, ``doubled(layer)``,
    ``moved(layer, to)``, ``added(kind, at)``, ``sources_changed(layer, names)`` and
    ``shape_changed(input, shape)``; ``chosen(layer)`` is the one whose card was unfolded.
    """

    argument_changed = Signal(str, str, object)
    removed = Signal(str)
    moved = Signal(str, int)
    added = Signal(str, int)
    doubled = Signal(str)
    sources_changed = Signal(str, str)
    shape_changed = Signal(str, object)
    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, LayerCard] = {}
        self._inputs: dict[str, InputCard] = {}
        self._target: int | None = None
        self._gap: int | None = None
        self.setAccessibleName(self.tr("Layers"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = _Body(self)
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(metrics.GUTTER, 4, metrics.GUTTER, 12)
        rows.setSpacing(_GAP)
        self._entries, self._rows = QVBoxLayout(), QVBoxLayout()
        for list_of_cards in (self._entries, self._rows):
            list_of_cards.setSpacing(_GAP)
            rows.addLayout(list_of_cards)
        self._add = Button(self.tr("Add a layer"), icon="plus", parent=self._body)
        self._add.setToolTip(
            self.tr("It comes before the last layer. For another place, click between two cards.")
        )
        self._add.clicked.connect(self._offer_at_end)
        rows.addWidget(self._add)
        rows.addStretch(1)
        self.setWidget(self._body)

    def set_network(self, network: NetworkSpec, words: Mapping[str, CardWords]) -> None:
        """Show a network; cards of layers that are still there stay as they are, open or not."""
        wanted = {layer.name: layer for layer in network.layers}
        for name, card in list(self._cards.items()):
            if name not in wanted or _differ(wanted[name], card.spec):
                card.hide()
                card.deleteLater()
                del self._cards[name]
        for at, layer in enumerate(network.layers):
            card = self._cards.get(layer.name) or self._make(layer)
            if self._rows.indexOf(card) != at:
                self._rows.removeWidget(card)
                self._rows.insertWidget(at, card)
            card.set_spec(layer, words.get(layer.name, CardWords()))
        self._cards = {name: self._cards[name] for name in wanted}
        self._set_inputs(network)
        self.point_at(None)

    def card(self, layer: str) -> LayerCard:
        """Return the card of a layer; raise KeyError if there is none."""
        return self._cards[layer]

    def input_card(self, name: str) -> InputCard:
        """Return the card of an input; raise KeyError if there is none."""
        return self._inputs[name]

    def names(self) -> tuple[str, ...]:
        """Return the layers in the order of their cards."""
        return tuple(self._cards)

    def set_current(self, layer: str) -> None:
        """Unfold a layer's card and bring it on view, silently."""
        card = self._cards.get(layer)
        if card is not None and not card.is_open():
            self._unfold(layer, True)
            self.ensureWidgetVisible(card)

    def target(self) -> int | None:
        """Return before which card a dragged one would come, or None while none is dragged."""
        return self._target

    def line_of_target(self) -> QRectF | None:
        """Return where the place of a dragged card is to be marked."""
        return None if self._target is None else self.line_at(self._target)

    def gap(self) -> int | None:
        """Return between which cards the pointer is: before the card of that number."""
        return self._gap

    def line_at(self, place: int) -> QRectF:
        """Return the line before a card, or below the last one."""
        cards = list(self._cards.values())
        if place < len(cards):
            y = cards[place].y() - _GAP / 2
        else:
            y = cards[-1].geometry().bottom() + _GAP / 2
        width = self._body.width() - 2 * metrics.GUTTER
        return QRectF(metrics.GUTTER, y - 1, width, metrics.CURRENT_OUTLINE)

    def point_at(self, y: float | None) -> None:
        """Mark the gap in which the pointer is, or none."""
        found = None
        if y is not None and self._cards:
            places = range(len(self._cards) + 1)
            nearest = min(places, key=lambda place: abs(self.line_at(place).center().y() - y))
            near = abs(self.line_at(nearest).center().y() - y) <= _GAP / 2 + 1
            found = nearest if near else None
        if found != self._gap:
            self._gap = found
            self._body.setCursor(
                Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor
            )
            self._body.update()

    def offer_in_gap(self) -> None:
        """Offer layers to put where the pointer is."""
        if self._gap is not None:
            line = self.line_at(self._gap)
            self._offer(self._gap, self._body.mapToGlobal(line.center().toPoint()))

    def menu(self, at: int) -> QMenu:
        """Return the kinds of layers to add at a place, in their families."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        families: dict[str, QMenu] = {}
        for kind in LAYERS.values():
            if not kind.has_initial:
                continue
            if kind.family not in families:
                families[kind.family] = menu.addMenu(self.tr(kind.family))
                families[kind.family].setToolTipsVisible(True)
            action = families[kind.family].addAction(kind.kind)
            action.setToolTip(kind.summary)
            action.triggered.connect(lambda _=False, name=kind.kind: self.added.emit(name, at))
        return menu

    def _offer_at_end(self) -> None:
        """Offer layers to put before the last: what comes out of the network stays what it was."""
        place = QPoint(0, self._add.height() + metrics.GRID)
        self._offer(max(len(self._cards) - 1, 0), self._add.mapToGlobal(place))

    def _offer_after(self, name: str) -> None:
        card = self._cards[name]
        at = list(self._cards).index(name) + 1
        self._offer(at, card.mapToGlobal(QPoint(0, card.height())))

    def _offer(self, at: int, where: QPoint) -> None:
        menu = self.menu(at)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def _set_inputs(self, network: NetworkSpec) -> None:
        wanted = [each.name for each in network.inputs]
        if wanted != list(self._inputs):
            for old in self._inputs.values():
                old.hide()
                old.deleteLater()
            self._inputs = {name: InputCard(name, self._body) for name in wanted}
            for name, card in self._inputs.items():
                card.shape_changed.connect(
                    lambda shape, name=name: self.shape_changed.emit(name, shape)
                )
                self._entries.addWidget(card)
                card.show()
        for each in network.inputs:
            self._inputs[each.name].set_input(each, several=len(wanted) > 1)

    def _make(self, layer: LayerSpec) -> LayerCard:
        card = LayerCard(layer, kind_of(layer.kind), self._body)
        name = layer.name
        card.argument_changed.connect(
            lambda argument, value: self.argument_changed.emit(name, argument, value)
        )
        card.removed.connect(lambda: self.removed.emit(name), Qt.ConnectionType.QueuedConnection)
        card.doubled.connect(lambda: self.doubled.emit(name), Qt.ConnectionType.QueuedConnection)
        card.sources_changed.connect(lambda names: self.sources_changed.emit(name, names))
        card.insertion_wanted.connect(lambda: self._offer_after(name))
        card.unfolded.connect(lambda unfolded: self._unfold(name, unfolded, tell=True))
        card.dragged.connect(lambda y: self._drag(name, y))
        card.dropped.connect(lambda: self._drop(name))
        card.shifted.connect(lambda by: self._shift(name, by))
        self._cards[name] = card
        card.show()
        return card

    def _unfold(self, name: str, unfolded: bool, *, tell: bool = False) -> None:
        """Unfold one card at a time."""
        for other, card in self._cards.items():
            card.set_open(unfolded and other == name)
        if tell and unfolded:
            self.chosen.emit(name)

    def _shift(self, name: str, by: int) -> None:
        at = list(self._cards).index(name)
        to = min(max(at + by, 0), len(self._cards) - 1)
        if to != at:
            self.moved.emit(name, to)

    def _drag(self, name: str, y: float) -> None:
        place = self._cards[name].y() + y
        target = sum(1 for card in self._cards.values() if card.geometry().center().y() < place)
        if target != self._target:
            self._target = target
            self._body.update()

    def _drop(self, name: str) -> None:
        target, self._target = self._target, None
        self._body.update()
        at = list(self._cards).index(name)
        if target is None:
            return
        to = target - 1 if target > at else target  # its own place becomes free
        if to != at:
            self.moved.emit(name, to)


def _differ(one: LayerSpec, other: LayerSpec) -> bool:
    """Whether the card of one layer could not show the other."""
    return (one.kind, one.shared_with) != (other.kind, other.shared_with)


class _Body(QWidget):
    """The ground of the cards, on which the place of a dragged one is marked."""

    def __init__(self, cards: LayerCards) -> None:
        super().__init__(cards)
        self._list = cards
        self.setAccessibleName(self.tr("Layers"))
        self.setMouseTracking(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._list.point_at(event.position().y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._list.point_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton:
            self._list.offer_in_gap()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._list.point_at(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
            line = self._list.line_of_target()
            if line is not None:
                painter.fillRect(line, theme.colour("reads"))
            elif (gap := self._list.gap()) is not None:
                line = self._list.line_at(gap)
                painter.fillRect(line, theme.colour("ink3"))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("ink2"))
                painter.drawEllipse(line.center(), _PLUS, _PLUS)
                spot = QRectF(0, 0, metrics.ICON_SMALL, metrics.ICON_SMALL)
                spot.moveCenter(line.center())
                icon_at(painter, "plus", spot, ink="panel", side=10)
