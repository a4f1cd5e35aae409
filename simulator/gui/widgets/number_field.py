"""A number with a fraction, typed or stepped."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import metrics
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.number_edit import NUMBER_KEYS, RealEdit
from simulator.gui.widgets.painting import painting, panel

_WIDTH = 92
_PADDING = 8


class NumberField(ControlState, QWidget):
    """A number between two bounds; what is refused stays, marked, and ``refused`` says why."""

    value_changed = Signal(float)
    refused = Signal(str)
    settled = Signal()

    def __init__(
        self,
        name: str,
        *,
        value: float = 0.0,
        low: float = -inf,
        high: float = inf,
        step: float = 0.1,
        parent: QWidget | None = None,
    ) -> None:
        """``name`` is what a screen reader calls it; ``step`` is what an arrow key adds."""
        super().__init__(parent)
        if not low <= value <= high:
            raise ValueError(f"{value:g} is not from {low:g} to {high:g}")
        if not step > 0:
            raise ValueError(f"a step is positive, not {step:g}")
        self._step = step
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._edit = RealEdit(value, low, high, self)
        self._edit.setAccessibleName(name)
        self.setFocusProxy(self._edit)
        focus.watch(self._edit, around=self, keys=NUMBER_KEYS, is_text=True)
        self._edit.committed.connect(self.value_changed.emit)
        self._edit.stepped.connect(self._step_by)
        self._edit.refused.connect(self._refused)
        self._edit.settled.connect(self._settled)

    def value(self) -> float:
        """Return the number."""
        return self._edit.value()

    def set_value(self, value: float) -> None:
        """Show another number and emit ``value_changed``; do nothing if it is there already.

        Raises ``ValueError`` if it is out of bounds.
        """
        if value != self.value():
            self._edit.set_value(value)
            self.value_changed.emit(value)

    def set_bounds(self, low: float, high: float) -> None:
        """Change the bounds; a value that is now outside stays, and is refused."""
        self._edit.set_bounds(low, high)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, metrics.ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(_WIDTH // 2, metrics.ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._edit.setGeometry(_PADDING, 1, self.width() - 2 * _PADDING, self.height() - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        with painting(self) as painter:
            panel(painter, rect, fill=self.frame_fill(), border=self.frame_ink())
            if self.isEnabled() and (self.has_error() or self._edit.problem()):
                panel(painter, rect, border="error", width=metrics.LINK)

    def _step_by(self, count: int) -> None:
        self._edit.commit()
        low, high = self._edit.bounds()
        # A sum of decimal steps is rounded where binary fractions would show: 0.1 + 0.2 is 0.3.
        target = float(f"{self.value() + count * self._step:.12g}")
        self._edit.revert()
        self.set_value(min(max(target, low), high))

    def _refused(self, reason: str) -> None:
        self.update()
        self.refused.emit(reason)

    def _settled(self) -> None:
        self.update()
        self.settled.emit()
