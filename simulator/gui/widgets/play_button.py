"""The one dark button of a screen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.button import BUTTON_KEYS, Pressable
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.keys import key_words
from simulator.gui.widgets.painting import icon_at, painting

DIAMETER = 36
_PLAY_SHIFT = 0.5
"""A triangle looks centred when it stands a little to the right."""


class PlayButton(Pressable, ControlState, QAbstractButton):
    """Round; shows what a click would do: play, or pause."""

    def __init__(self, *, keys: str = "Space", parent: QWidget | None = None) -> None:
        """``keys`` is the shortcut to tell of."""
        super().__init__(parent)
        self._keys = keys
        self._playing = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        focus.watch(self, around=self, radius=DIAMETER / 2, keys=BUTTON_KEYS)
        self.set_playing(False)

    def playing(self) -> bool:
        """Return whether it offers to pause."""
        return self._playing

    def set_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        if playing == self._playing:
            return
        self._playing = playing
        name = self.tr("Pause") if playing else self.tr("Play")
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  ({key_words(self._keys)})")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(DIAMETER, DIAMETER)

    def hitButton(self, position: QPoint) -> bool:
        away = QPointF(position) - QRectF(self.rect()).center()
        return QPointF.dotProduct(away, away) <= (DIAMETER / 2) ** 2

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        enabled = self.isEnabled()
        pressed = enabled and (self.isDown() or self.underMouse())
        with painting(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ink2" if pressed else "ink1" if enabled else "well"))
            painter.drawEllipse(rect)
            shift = 0.0 if self._playing else _PLAY_SHIFT
            icon_at(
                painter,
                "pause" if self._playing else "play",
                rect.translated(shift, 0),
                ink="panel" if enabled else "ghost",
                side=metrics.ICON_TRANSPORT,
            )
