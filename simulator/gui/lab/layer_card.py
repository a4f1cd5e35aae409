"""One layer as a card: what it is, what comes out of it, and a control for each argument."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from simulator.formats.arguments import LayerKind
from simulator.formats.network import LayerSpec
from simulator.gui import fonts, metrics
from simulator.gui.lab.argument_control import ArgumentControl
from simulator.gui.widgets import focus
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width
from simulator.gui.widgets.toggle import Toggle
from simulator.lab.presenting.pictures import CardWords

Key = Qt.Key
_HEAD = 38
_GRIP = 24
_DRAG_FROM = 5.0
"""Pixels that the pointer goes before a press on the grip becomes a drag."""


class LayerCard(QWidget):
    """A card that unfolds. Its signals are what the learner asks for; it changes nothing itself."""

    argument_changed = Signal(str, object)
    removed = Signal()
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
        self._controls: dict[str, ArgumentControl] = {}
        self._more = Toggle(self.tr("More arguments"), parent=self)
        self._card = Notice("error", "", parent=self)
        self._body = self._make_body(kind)
        rows = QVBoxLayout(self)
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
        self._fit()
        self.update()

    def words(self) -> CardWords:
        """Return what is said of the layer."""
        return self._words

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
        if event.button() == Qt.MouseButton.LeftButton and event.position().y() <= _HEAD:
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
            right = self._remove.x() - 6
            shape = text_width(mono, self._words.shape)
            kind = QRectF(_GRIP + 4, 0, max(right - shape - _GRIP - 12, 10), _HEAD)
            text(painter, kind, self.spec.kind, font=strong, ink="ink1")
            spot = QRectF(right - shape, 0, shape, _HEAD)
            text(painter, spot, self._words.shape, font=mono, ink="ink3")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = metrics.ROW
        self._remove.setGeometry(self.width() - side - 6, (_HEAD - side) // 2, side, side)

    def _make_body(self, kind: LayerKind) -> QWidget:
        body = QWidget(self)
        body.setAccessibleName(self.tr("Arguments"))
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 12)
        rows.setSpacing(metrics.ROW_GAP)
        seldom: list[QWidget] = []
        for argument in sorted(kind.arguments, key=lambda one: one.more):
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
