"""A whole number between a minus and a plus."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainterPath, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from simulator.gui import fonts, metrics, theme
from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.number_edit import NUMBER_KEYS, IntegerEdit
from simulator.gui.widgets.painting import icon_at, painting, panel, text_width

_BUTTON = 28
_GLYPH = 15
"""Odd, so that its strokes fall on whole pixels and not between two."""
_MIDDLE = 36
_MIDDLE_PADDING = 8
_REPEAT_DELAY_MS = 400
_REPEAT_MS = 60


class _StepButton(QAbstractButton):
    """Minus or plus; held down it repeats."""

    def __init__(self, icon: str, name: str, *, left: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon
        self._left = left
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the number has it, and the arrow keys step
        self.setAutoRepeat(True)
        self.setAutoRepeatDelay(_REPEAT_DELAY_MS)
        self.setAutoRepeatInterval(_REPEAT_MS)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(_BUTTON, metrics.ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        with painting(self) as painter:
            if self.isEnabled() and (self.underMouse() or self.isDown()):
                # Its outer corners follow the frame's, its inner side is straight.
                inner = metrics.RADIUS_CONTROL - metrics.HAIRLINE
                ground = QPainterPath()
                ground.addRoundedRect(rect, inner, inner)
                half = rect.width() / 2
                straight = (
                    rect.adjusted(half, 0, 0, 0) if self._left else rect.adjusted(0, 0, -half, 0)
                )
                ground.addRect(straight)
                ground.setFillRule(Qt.FillRule.WindingFill)
                painter.fillPath(ground, theme.colour("hairline" if self.isDown() else "hover"))
            ink = "ink2" if self.isEnabled() else "ghost"
            icon_at(painter, self._icon, rect, ink=ink, side=_GLYPH)


class Stepper(ControlState, QWidget):
    """A whole number that is stepped with a click, an arrow key or the wheel, or typed.

    The buttons, keys and wheel stop at the bounds. What is typed is taken on Enter or on leaving;
    out of bounds it stays, marked, and ``refused(reason)`` says why, until ``settled()``.
    The wheel counts only while the number has the focus, so that a panel can be scrolled over it.
    """

    value_changed = Signal(int)
    refused = Signal(str)
    settled = Signal()

    def __init__(
        self,
        name: str,
        *,
        value: int = 1,
        low: int = 1,
        high: int = 99,
        step: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        """``name`` is what a screen reader calls it; typed values need not be on a step."""
        super().__init__(parent)
        if not low <= value <= high:
            raise ValueError(f"{value} is not from {low} to {high}")
        if step < 1:
            raise ValueError(f"a step is at least 1, not {step}")
        self._step = step
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._minus = _StepButton(
            "minus", self.tr("{0}: less").format(name), left=True, parent=self
        )
        self._edit = IntegerEdit(value, low, high, self)
        self._plus = _StepButton("plus", self.tr("{0}: more").format(name), left=False, parent=self)
        self._edit.setAccessibleName(name)
        self._edit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFocusProxy(self._edit)
        focus.watch(self._edit, around=self, keys=NUMBER_KEYS, is_text=True)
        self._minus.clicked.connect(lambda: self._step_by(-1))
        self._plus.clicked.connect(lambda: self._step_by(1))
        self._edit.stepped.connect(self._step_by)
        self._edit.committed.connect(self._committed)
        self._edit.refused.connect(self._refused)
        self._edit.settled.connect(self._settled)
        self._show_limits()

    def value(self) -> int:
        """Return the number."""
        return int(self._edit.value())

    def set_value(self, value: int) -> None:
        """Show another number and emit ``value_changed``; do nothing if it is there already.

        Raises ``ValueError`` if it is out of bounds.
        """
        if value != self.value():
            self._edit.set_value(value)
            self._show_limits()
            self.value_changed.emit(value)

    def set_bounds(self, low: int, high: int) -> None:
        """Change the bounds; a value that is now outside stays, and is refused."""
        self._edit.set_bounds(low, high)
        self.updateGeometry()
        self._show_limits()

    def sizeHint(self) -> QSize:
        font = self._number_font()
        widest = max(text_width(font, f"{bound:.0f}") for bound in self._edit.bounds())
        return QSize(2 * _BUTTON + max(_MIDDLE, round(widest) + 2 * _MIDDLE_PADDING), metrics.ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hair = metrics.HAIRLINE
        height = self.height() - 2 * hair
        middle = self.width() - 2 * _BUTTON
        self._minus.setGeometry(hair, hair, _BUTTON - 2 * hair, height)
        self._edit.setGeometry(_BUTTON, hair, middle, height)
        self._plus.setGeometry(self.width() - _BUTTON + hair, hair, _BUTTON - 2 * hair, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        rect = QRectF(self.rect())
        in_error = self.isEnabled() and (self.has_error() or bool(self._edit.problem()))
        with painting(self) as painter:
            panel(painter, rect, fill=self.frame_fill(), border=self.frame_ink())
            divider = theme.colour("hairline")
            for x in (_BUTTON - 1, self.width() - _BUTTON):
                painter.fillRect(QRectF(x, 1, metrics.HAIRLINE, self.height() - 2), divider)
            if in_error:
                panel(painter, rect, border="error", width=metrics.LINK)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._edit.hasFocus():
            self._edit.wheelEvent(event)
        else:
            event.ignore()

    @staticmethod
    def _number_font() -> QFont:
        return fonts.mono(metrics.CONTROL, metrics.MEDIUM)

    def _step_by(self, count: int) -> None:
        self._edit.commit()
        low, high = self._edit.bounds()
        target = int(min(max(self.value() + count * self._step, low), high))
        self._edit.revert()
        self.set_value(target)

    def _committed(self, value: float) -> None:
        self._show_limits()
        self.value_changed.emit(int(value))

    def _refused(self, reason: str) -> None:
        self.update()
        self.refused.emit(reason)

    def _settled(self) -> None:
        self.update()
        self.settled.emit()

    def _show_limits(self) -> None:
        low, high = self._edit.bounds()
        self._minus.setEnabled(self.value() > low)
        self._plus.setEnabled(self.value() < high)
