"""One layer as a card: what it is, what comes out of it, and a control for each argument."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from simulator.formats.arguments import LayerKind
from simulator.formats.network import LayerSpec
from simulator.gui import fonts, metrics
from simulator.gui.lab.argument_control import ArgumentControl
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets import focus
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width
from simulator.gui.widgets.toggle import Toggle
from simulator.lab.presenting.pictures import CardWords

Key = Qt.Key
_HEAD = 38
_SECOND = 15
"""Pixels more for a line that tells what a layer of a graph reads."""
_GRIP = 24
_DRAG_FROM = 5.0
"""Pixels that the pointer goes before a press on the grip becomes a drag."""


class LayerCard(QWidget):
    """A card that unfolds. Its signals are what the learner asks for; it changes nothing itself."""

    argument_changed = Signal(str, object)
    removed = Signal()
    doubled = Signal()
    sources_changed = Signal(str)
    """The names of what it is to read, with commas between them."""
    insertion_wanted = Signal()
    unfolded = Signal(bool)
    dragged = Signal(float)
    """How far below the card's upper edge the pointer has come."""
    dropped = Signal()
    shifted = Signal(int)
    """By how many places, with Alt and an arrow key."""

    def __init__(self, spec: LayerSpec, kind: LayerKind, parent: QWidget) -> None:
        super().__init__(parent)
        self.spec = spec
        self._kind = kind
        self._words = CardWords()
        self._press: QPointF | None = None
        self._dragging = False
        self.setAccessibleName(f"{spec.kind} {spec.name}")
        self.setToolTip(kind.summary)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._remove = IconButton("trash-2", self.tr("Remove the layer"), "", parent=self)
        self._remove.clicked.connect(self.removed)
        self._double = IconButton("copy", self.tr("Duplicate the layer"), "Ctrl+D", parent=self)
        self._double.clicked.connect(self.doubled)
        self._sources = TextField(self.tr("Reads"), parent=self)
        self._sources.setToolTip(
            self.tr("The names of inputs and layers above, with commas between them.")
        )
        self._sources.value_changed.connect(self.sources_changed)
        self._sources_row = FieldRow(self.tr("Reads"), self._sources, parent=self)
        self._controls: dict[str, ArgumentControl] = {}
        self._more = Toggle(self.tr("More arguments"), parent=self)
        self._card = Notice("error", "", parent=self)
        self._body = self._make_body(kind)
        rows = self._rows = QVBoxLayout(self)
        rows.setContentsMargins(12, _HEAD, 12, 0)
        rows.setSpacing(metrics.ROW_GAP)
        rows.addWidget(self._card)
        rows.addWidget(self._body)
        self._watch = focus.watch(self, around=self, radius=metrics.RADIUS_CARD)
        self._card.hide()
        self.set_open(False)
        self._show_more(False)

    def set_spec(self, spec: LayerSpec, words: CardWords) -> None:
        """Show the same kind of layer with other arguments, silently."""
        self.spec = spec
        self._words = words
        for name, control in self._controls.items():
            control.show(spec.arguments.get(name, control.argument.initial))
            control.set_error(words.error if name == words.blamed else "")
        unplaced = words.error if words.blamed not in self._controls else ""
        if unplaced:
            self._card.set_content(unplaced)
        self._card.setVisible(bool(unplaced))
        self._sources.set_value(words.reads)
        self._sources_row.set_error(None)
        self._sources_row.setVisible(bool(words.reads))
        self._rows.setContentsMargins(12, self._head(), 12, 0)
        self._fit()
        self.update()

    def words(self) -> CardWords:
        """Return what is said of the layer."""
        return self._words

    def sources(self) -> FieldRow:
        """Return the row that tells what the layer reads; it is hidden in a Sequential."""
        return self._sources_row

    def control(self, argument: str) -> ArgumentControl:
        """Return the control of an argument; raise KeyError if there is none of that name."""
        return self._controls[argument]

    def is_open(self) -> bool:
        """Return whether its arguments are on view."""
        return not self._body.isHidden()

    def set_open(self, unfold: bool) -> None:
        """Show the arguments or hide them, silently."""
        self._body.setVisible(unfold)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(316, super().sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().y() <= self._head():
            self._press = event.position()
            event.accept()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        away = event.position() - self._press
        if not self._dragging and abs(away.y()) > _DRAG_FROM:
            self._dragging = True
        if self._dragging:
            self.dragged.emit(event.position().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        self._press = None
        if self._dragging:
            self._dragging = False
            self.dropped.emit()
        else:
            self._toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        turn = {Key.Key_Up: -1, Key.Key_Down: 1}.get(key)
        if turn is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.shifted.emit(turn)
        elif key in {Key.Key_Return, Key.Key_Enter, Key.Key_Space}:
            self._toggle()
        elif key in {Key.Key_Delete, Key.Key_Backspace}:
            self.removed.emit()
        elif key == Key.Key_Insert:
            self.insertion_wanted.emit()
        elif key == Key.Key_D and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.doubled.emit()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        wrong = bool(self._words.error)
        whole = QRectF(self.rect())
        with painting(self) as painter:
            border = "error" if wrong else "border"
            panel(painter, whole, fill="card", border=border, radius=metrics.RADIUS_CONTROL)
            grip = QRectF(4, 0, _GRIP - 4, _HEAD)
            icon_at(painter, "grip-vertical", grip, ink="ghost", side=metrics.ICON_SMALL)
            strong = fonts.ui(metrics.CONTROL, metrics.SEMIBOLD)
            mono = fonts.mono(metrics.TEXT_LEAST)
            right = self._double.x() - 6
            shape = text_width(mono, self._words.shape)
            kind = QRectF(_GRIP + 4, 0, max(right - shape - _GRIP - 12, 10), _HEAD)
            text(painter, kind, self.spec.kind, font=strong, ink="ink1")
            spot = QRectF(right - shape, 0, shape, _HEAD)
            text(painter, spot, self._words.shape, font=mono, ink="ink3")
            if self._words.reads:
                line = QRectF(_GRIP + 4, _HEAD - 9, self.width() - _GRIP - 16, _SECOND)
                told = f"{self.spec.name} ← {self._words.reads}"
                text(painter, line, told, font=mono, ink="ink3")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = metrics.ROW
        top = (_HEAD - side) // 2
        self._remove.setGeometry(self.width() - side - 6, top, side, side)
        self._double.setGeometry(self.width() - 2 * side - 6, top, side, side)

    def _head(self) -> int:
        return _HEAD + _SECOND if self._words.reads else _HEAD

    def _make_body(self, kind: LayerKind) -> QWidget:
        body = QWidget(self)
        body.setAccessibleName(self.tr("Arguments"))
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 12)
        rows.setSpacing(metrics.ROW_GAP)
        rows.addWidget(self._sources_row)
        if self.spec.shared_with:
            told = self.tr("Its weights and arguments are those of {0}.")
            rows.addWidget(Notice("info", told.format(self.spec.shared_with), parent=body))
        seldom: list[QWidget] = []
        own = () if self.spec.shared_with else kind.arguments
        for argument in sorted(own, key=lambda one: one.more):
            control = ArgumentControl(argument, argument.initial, body)
            control.value_changed.connect(
                lambda value, name=argument.name: self.argument_changed.emit(name, value)
            )
            self._controls[argument.name] = control
            if argument.more and not seldom:
                self._more.setParent(body)
                rows.addWidget(self._more)
            if argument.more:
                seldom.append(control.row)
            rows.addWidget(control.row)
        self._seldom = seldom
        rows.addStretch(1)
        self._more.setVisible(bool(seldom))
        self._more.value_changed.connect(self._show_more)
        return body

    def _show_more(self, more: bool) -> None:
        for row in self._seldom:
            row.setVisible(more)
        self._fit()

    def _toggle(self) -> None:
        self.set_open(not self.is_open())
        self.unfolded.emit(self.is_open())

    def _fit(self) -> None:
        self.updateGeometry()
