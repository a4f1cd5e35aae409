"""A button that shows an icon, and tells what it does and by which key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from simulator.gui import metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.button import BUTTON_KEYS, Pressable
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.keys import key_words
from simulator.gui.widgets.painting import icon_at, painting, panel


class IconButton(Pressable, ControlState, QAbstractButton):
    """An icon without a frame, or with one; its tooltip gives its name and its key."""

    def __init__(
        self,
        icon: str,
        name: str,
        keys: str,
        *,
        side: int = metrics.ICON,
        framed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``keys`` is the shortcut to tell of, such as ``"Ctrl+Z"``, empty if it has none."""
        super().__init__(parent)
        self._icon = icon
        self._side = side
        self._framed = framed
        self._keys = keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_name(name)
        focus.watch(self, around=self, keys=BUTTON_KEYS)

    def set_name(self, name: str) -> None:
        """Say what the button does now."""
        if not name:
            raise ValueError("an icon is never without a name")
        self.setAccessibleName(name)
        tip = f"{name}  ({key_words(self._keys)})" if self._keys else name
        if self.disabled_reason() is None:
            self.setToolTip(tip)
        else:
            self._tip_when_enabled = tip

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self.update()

    def icon_name(self) -> str:
        """Return the name of the icon on view."""
        return self._icon

    def sizeHint(self) -> QSize:
        return QSize(metrics.ROW, metrics.ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        enabled = self.isEnabled()
        lit = enabled and self.underMouse()
        on = self.isChecked()
        with painting(self) as painter:
            fill = "well" if on or self.isDown() else "hover" if lit else None
            if self._framed:
                border = "ink2" if on and enabled else self.frame_ink()
                panel(painter, rect, fill=fill or self.frame_fill(), border=border)
            elif fill:
                panel(painter, rect, fill=fill)
            ink = "ghost" if not enabled else "ink1" if on or lit else "ink2"
            icon_at(painter, self._icon, rect, ink=ink, side=self._side)
