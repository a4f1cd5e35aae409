"""A sign that something is being worked on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimerEvent
from PySide6.QtGui import QHideEvent, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets.painting import painting

_PERIOD_MS = 80
_STEPS = 12
_ARC = 250
_STROKE = 1.3
_RADIUS = 6


class Spinner(QWidget):
    """An open circle that turns while ``busy``; its timer runs only while it can be seen."""

    # On the class, because Qt hides a widget that Python's collector has already emptied.
    _busy = False
    _timer = 0
    _turn = 0

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Working"))

    def busy(self) -> bool:
        """Return whether it turns."""
        return self._busy

    def turning(self) -> bool:
        """Return whether its timer runs."""
        return bool(self._timer)

    def set_busy(self, busy: bool) -> None:
        """Let it turn, or stop it."""
        if busy != self._busy:
            self._busy = busy
            self._run_or_rest()

    def sizeHint(self) -> QSize:
        return QSize(metrics.ICON, metrics.ICON)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run_or_rest()

    def timerEvent(self, event: QTimerEvent) -> None:
        if event.timerId() == self._timer:
            self._turn = (self._turn + 1) % _STEPS
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._run_or_rest()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        centre = QRectF(self.rect()).center()
        circle = QRectF(0, 0, 2 * _RADIUS, 2 * _RADIUS)
        circle.moveCenter(centre)
        with painting(self) as painter:
            painter.setPen(
                QPen(
                    theme.colour("ink3"),
                    _STROKE,
                    Qt.PenStyle.SolidLine,
                    Qt.PenCapStyle.RoundCap,
                )
            )
            start = 90 - 360 * self._turn / _STEPS
            painter.drawArc(circle, round(16 * start), round(16 * _ARC))

    def _run_or_rest(self) -> None:
        run = self._busy and self.isVisible() and self.isEnabled()
        if run and not self._timer:
            self._timer = self.startTimer(_PERIOD_MS)
        elif not run and self._timer:
            self.killTimer(self._timer)
            self._timer = 0
