"""Something that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width

_BOX = 15
_BOX_RADIUS = 4
_CHECK = 12
_GAP = 8
_HEIGHT = 18


class Toggle(ControlState, QCheckBox):
    """A box with a check mark, and what it stands for."""

    value_changed = Signal(bool)

    def __init__(self, words: str, *, value: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setAccessibleName(words)
        self.setFont(fonts.ui(metrics.CONTROL))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setChecked(value)
        focus.watch(self, around=self, keys=(Qt.Key.Key_Space,))
        self.toggled.connect(self.value_changed)

    def value(self) -> bool:
        """Return whether it is on."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Turn it on or off and emit ``value_changed``; do nothing if it is so already."""
        self.setChecked(value)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def sizeHint(self) -> QSize:
        words = round(text_width(fonts.ui(metrics.CONTROL), self.text()))
        return QSize(_BOX + _GAP + words + 2, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(_BOX, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        enabled = self.isEnabled()
        box = QRectF(0, (rect.height() - _BOX) // 2, _BOX, _BOX)
        lit = enabled and self.underMouse()
        with painting(self) as painter:
            if enabled and self.isChecked():
                panel(painter, box, fill="ink1", radius=_BOX_RADIUS)
            else:
                border = "ink3" if lit else self.frame_ink()
                panel(painter, box, fill=self.frame_fill(), border=border, radius=_BOX_RADIUS)
            if enabled and self.has_error():
                panel(painter, box, border="error", radius=_BOX_RADIUS, width=metrics.LINK)
            if self.isChecked():
                icon_at(painter, "check", box, ink="panel" if enabled else "ghost", side=_CHECK)
            ink = "ink1" if lit else "ink2" if enabled else "ghost"
            words = rect.adjusted(_BOX + _GAP, 0, 0, 0)
            text(painter, words, self.text(), font=fonts.ui(metrics.CONTROL), ink=ink)
