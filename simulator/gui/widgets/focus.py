"""Keyboard focus: a ring around the control that has it, and the keys that are then its own.

The ring lies outside the control, where the control cannot paint; it is a widget of its own on the
nearest surface that leaves room for it. It shows when focus came by keyboard, and always for text.

A control that was merely clicked keeps the focus but shows no ring, and leaves the arrows and the
space bar to the window's shortcuts: after a click on a level, the right arrow still steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

from simulator.gui import metrics
from simulator.gui.widgets.painting import painting, panel

Key = Qt.Key
_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_RETURNS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_MODIFIERS = (Key.Key_Shift, Key.Key_Control, Key.Key_Alt, Key.Key_Meta, Key.Key_AltGr)
_OUTSET = metrics.FOCUS_GAP + metrics.FOCUS_RING


class _Ring(QWidget):
    """The ring itself, above its neighbours and invisible to the mouse."""

    def __init__(self, surface: QWidget, radius: float) -> None:
        super().__init__(surface)
        self._radius = radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Keyboard focus"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        with painting(self) as painter:
            panel(
                painter,
                QRectF(self.rect()),
                border="reads",
                radius=self._radius + _OUTSET,
                width=metrics.FOCUS_RING,
            )


class FocusWatch(QObject):
    """Watches one widget; ``visible`` tells whether its focus is to be shown."""

    # On the class, because Python's collector empties an object before Qt has stopped asking it.
    _source: QWidget | None = None
    _around: QWidget | None = None
    _ring: _Ring | None = None
    _followed: tuple[QWidget, ...] = ()
    visible = False

    def __init__(
        self,
        source: QWidget,
        *,
        around: QWidget | None,
        radius: float,
        keys: Iterable[Qt.Key],
        is_text: bool,
    ) -> None:
        super().__init__(source)
        self._source = source
        self._around = around
        self._radius = radius
        self._keys = frozenset(keys)
        self._is_text = is_text
        source.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        source = self._source
        if source is None or not isValid(source):
            self._drop_ring()  # the control is being taken down, and takes leave of its focus
            return False
        if watched is not source or kind in {QEvent.Type.Move, QEvent.Type.Resize}:
            if self._ring is not None and kind in {QEvent.Type.Move, QEvent.Type.Resize}:
                self._place()
        elif kind == QEvent.Type.FocusIn:
            reason = cast(QFocusEvent, event).reason()
            returns = reason in _RETURNS and self.visible
            self._set_visible(self._is_text or returns or reason in _REASONS)
        elif kind == QEvent.Type.FocusOut:
            self._set_visible(False, again=cast(QFocusEvent, event).reason() in _RETURNS)
        elif kind == QEvent.Type.Hide:
            self._set_visible(False, again=source.hasFocus())
        elif kind == QEvent.Type.Show and source.hasFocus():
            self._set_visible(self.visible)
        elif kind == QEvent.Type.KeyPress:
            if cast(QKeyEvent, event).key() not in _MODIFIERS and source.hasFocus():
                self._set_visible(True)
        elif kind == QEvent.Type.ShortcutOverride and self.visible:
            key = cast(QKeyEvent, event)
            plain = key.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if key.key() in self._keys and not plain:
                event.accept()
                return True
        return False

    def _set_visible(self, visible: bool, *, again: bool = False) -> None:
        """Show the focus or hide it; ``again`` remembers it for when it comes back."""
        source = self._source
        if source is None:
            return
        self.visible = visible or (again and self.visible)
        (source.viewport() if isinstance(source, QAbstractScrollArea) else source).update()
        if self._around is None:
            return
        if visible and self._ring is None:
            surface = _surface(self._around)
            if surface is not None:
                self._ring = _Ring(surface, self._radius)
                self._follow(self._around, surface)
                self._place()
                self._ring.show()
        elif not visible and self._ring is not None:
            for widget in self._followed:
                if widget is not source and isValid(widget):
                    widget.removeEventFilter(self)
            self._drop_ring()

    def _drop_ring(self) -> None:
        ring, self._ring, self._followed = self._ring, None, ()
        if ring is not None and isValid(ring):
            ring.hide()
            ring.deleteLater()

    def _follow(self, widget: QWidget, surface: QWidget) -> None:
        """Learn of every move of the control, be it by an ancestor below the surface."""
        step: QWidget | None = widget
        while step is not None and step is not surface:
            self._followed = (*self._followed, step)
            if step is not self._source:
                step.installEventFilter(self)
            step = step.parentWidget()

    def _place(self) -> None:
        if self._ring is None or self._around is None:
            return
        # Not kept: the last reference to a window must not be let go in the midst of an event.
        surface = self._ring.parentWidget()
        if surface is None:
            return
        corner = self._around.mapTo(surface, QPoint(0, 0))
        rect = self._around.rect().translated(corner)
        self._ring.setGeometry(rect.adjusted(-_OUTSET, -_OUTSET, _OUTSET, _OUTSET))
        self._ring.raise_()


def watch(
    source: QWidget,
    *,
    around: QWidget | None,
    radius: float = metrics.RADIUS_CONTROL,
    keys: Iterable[Qt.Key] = (),
    is_text: bool = False,
) -> FocusWatch:
    """Show the focus of ``source`` as a ring around the widget ``around``.

    ``radius`` is the control's own. ``keys`` are kept from the window's shortcuts while the focus
    shows. With ``around=None`` no ring is made: the widget paints one where ``visible`` says so.
    """
    return FocusWatch(source, around=around, radius=radius, keys=keys, is_text=is_text)


def _surface(widget: QWidget) -> QWidget | None:
    """Return the content of the scroll area that ``widget`` is in, or else its window."""
    if widget.isWindow():
        return None
    surface = widget.parentWidget()
    while surface is not None and not surface.isWindow():
        holder = surface.parentWidget()
        area = holder.parentWidget() if holder is not None else None
        if isinstance(area, QAbstractScrollArea) and area.viewport() is holder:
            break
        surface = holder
    return surface
