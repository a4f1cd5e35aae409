"""The network as a list of cards: layers are added, removed, dragged to another place, and set."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from simulator.formats.arguments import LAYERS, kind_of
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.gui import metrics, theme
from simulator.gui.lab.layer_card import LayerCard
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.painting import painting
from simulator.lab.presenting.pictures import CardWords

_GAP = 6


class LayerCards(QScrollArea):
    """What the learner asks for comes as signals; ``set_network`` shows what came of it.

    ``argument_changed(layer, argument, value)``, ``removed(layer)``, ``moved(layer, to)`` and
    ``added(kind, at)``; ``chosen(layer)`` is the one whose card was unfolded.
    """

    argument_changed = Signal(str, str, object)
    removed = Signal(str)
    moved = Signal(str, int)
    added = Signal(str, int)
    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, LayerCard] = {}
        self._target: int | None = None
        self.setAccessibleName(self.tr("Layers"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = _Body(self)
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(metrics.GUTTER, 4, metrics.GUTTER, 12)
        self._rows.setSpacing(_GAP)
        self._add = Button(self.tr("Add a layer"), icon="plus", parent=self._body)
        self._add.clicked.connect(self._offer)
        self._rows.addWidget(self._add)
        self._rows.addStretch(1)
        self.setWidget(self._body)

    def set_network(self, network: NetworkSpec, words: Mapping[str, CardWords]) -> None:
        """Show a network; cards of layers that are still there stay as they are, open or not."""
        wanted = {layer.name: layer for layer in network.layers}
        for name, card in list(self._cards.items()):
            if name not in wanted or wanted[name].kind != card.spec.kind:
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

    def card(self, layer: str) -> LayerCard:
        """Return the card of a layer; raise KeyError if there is none."""
        return self._cards[layer]

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
        if self._target is None:
            return None
        cards = list(self._cards.values())
        if self._target < len(cards):
            y = cards[self._target].y() - _GAP / 2
        else:
            y = cards[-1].geometry().bottom() + _GAP / 2
        width = self._body.width() - 2 * metrics.GUTTER
        return QRectF(metrics.GUTTER, y - 1, width, metrics.CURRENT_OUTLINE)

    def menu(self) -> QMenu:
        """Return the kinds of layers to add, in their families."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        families: dict[str, QMenu] = {}
        for kind in LAYERS.values():
            if kind.family not in families:
                families[kind.family] = menu.addMenu(self.tr(kind.family))
                families[kind.family].setToolTipsVisible(True)
            action = families[kind.family].addAction(kind.kind)
            action.setToolTip(kind.summary)
            action.triggered.connect(
                lambda _=False, name=kind.kind: self.added.emit(name, len(self._cards))
            )
        return menu

    def _offer(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._add.mapToGlobal(QPoint(0, self._add.height() + metrics.GRID)))

    def _make(self, layer: LayerSpec) -> LayerCard:
        card = LayerCard(layer, kind_of(layer.kind), self._body)
        name = layer.name
        card.argument_changed.connect(
            lambda argument, value: self.argument_changed.emit(name, argument, value)
        )
        card.removed.connect(lambda: self.removed.emit(name), Qt.ConnectionType.QueuedConnection)
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


class _Body(QWidget):
    """The ground of the cards, on which the place of a dragged one is marked."""

    def __init__(self, cards: LayerCards) -> None:
        super().__init__(cards)
        self._list = cards
        self.setAccessibleName(self.tr("Layers"))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
            line = self._list.line_of_target()
            if line is not None:
                painter.fillRect(line, theme.colour("reads"))
