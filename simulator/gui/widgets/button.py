"""A button with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.painting import icon_at, painting, panel, text, text_width

if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object

BUTTON_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PADDING = 11
_ICON_GAP = 6


class Pressable(_Button):
    """Pressed by Enter as by the space bar; to be mixed in before a button of Qt."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


class Button(Pressable, ControlState, QPushButton):
    """Words in a frame, with an icon before them if there is one."""

    def __init__(
        self,
        words: str,
        *,
        icon: str | None = None,
        dark: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``dark`` fills it with ink: at most one such button on a screen."""
        super().__init__(words, parent)
        self._icon = icon
        self._dark = dark
        self.setAccessibleName(words)
        self.setFont(fonts.ui(metrics.CONTROL))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        focus.watch(self, around=self, keys=BUTTON_KEYS)

    def set_words(self, words: str) -> None:
        """Say something else."""
        self.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        words = round(text_width(fonts.ui(metrics.CONTROL), self.text()))
        icon = metrics.ICON_SMALL + _ICON_GAP if self._icon else 0
        return QSize(words + icon + 2 * _PADDING, metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        enabled = self.isEnabled()
        lit = enabled and self.underMouse()
        dark = self._dark and enabled
        ink = "panel" if dark else "ink1" if enabled else "ghost"
        with painting(self) as painter:
            if dark:
                panel(painter, rect, fill="ink2" if lit or self.isDown() else "ink1")
            else:
                down = "well" if self.isDown() else "hover"
                fill = down if lit or self.isDown() else "panel"
                panel(painter, rect, fill=fill, border=self.frame_ink())
                if enabled and self.has_error():
                    panel(painter, rect, border="error", width=metrics.LINK)
            font = fonts.ui(metrics.CONTROL)
            icon = metrics.ICON_SMALL + _ICON_GAP if self._icon else 0
            left = (rect.width() - icon - text_width(font, self.text())) / 2
            if self._icon:
                spot = QRectF(round(left), 0, metrics.ICON_SMALL, rect.height())
                icon_at(painter, self._icon, spot, ink=ink, side=metrics.ICON_SMALL)
            words = QRectF(left + icon, 0, rect.width() - left - icon, rect.height())
            text(painter, words, self.text(), font=font, ink=ink)
