"""The line in which a number is typed: what cannot be is refused with a reason, never clamped."""

from __future__ import annotations

from abc import abstractmethod
from math import inf, isfinite

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from simulator.gui import fonts, metrics
from simulator.gui.widgets.wheel import Notches

Key = Qt.Key
PAGE = 10
"""How many steps the page keys go."""
_STEPS = {Key.Key_Up: 1, Key.Key_Down: -1, Key.Key_PageUp: PAGE, Key.Key_PageDown: -PAGE}
NUMBER_KEYS = (*_STEPS, Key.Key_Return, Key.Key_Enter)
"""The keys that such a line keeps from the window's shortcuts, besides those of any line."""
_CHORDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_LONGEST = 24
MINUS = "\N{MINUS SIGN}"
"""How a minus is written; a hyphen may be typed for it."""


class NumberEdit(QLineEdit):
    """A bare line edit for a number between two bounds.

    ``committed(value)`` is a number typed, possible and new; Enter or leaving the line commits.
    ``refused(reason)`` tells why what stands there cannot be, ``settled()`` that it no longer
    stands there. ``stepped(count)`` asks for that many steps, by the arrows or the wheel.
    Keys that cannot be part of a number are left to the window's shortcuts.
    """

    committed = Signal(object)
    refused = Signal(str)
    settled = Signal()
    stepped = Signal(int)

    _signs = ""
    """The characters that may be typed."""
    _typing = False
    """Whether what stands there is not (yet) the value; on the class, because Qt takes the focus
    from a line that Python's collector has already emptied."""

    def __init__(
        self, value: float, low: float, high: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._value = value
        self._low = low
        self._high = high
        self._problem = ""
        self._notches = Notches()
        self.setProperty("bare", "true")
        self.setFrame(False)
        self.setMaxLength(_LONGEST)
        self.setFont(fonts.mono(metrics.CONTROL, metrics.MEDIUM))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.textEdited.connect(self._typed)
        self._show_value()

    def value(self) -> float:
        """Return the last number that was possible."""
        return self._value

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest number possible."""
        return self._low, self._high

    def problem(self) -> str:
        """Return why what stands there was refused, or an empty string."""
        return self._problem

    def set_value(self, value: float) -> None:
        """Show a number; typing under way is left alone if it is the number already there.

        Raises ``ValueError`` if it is out of bounds.
        """
        if not self._low <= value <= self._high:
            raise ValueError(f"{value:g} is not from {self._low:g} to {self._high:g}")
        if value != self._value:
            self._value = value
            self._show_value()

    def set_bounds(self, low: float, high: float) -> None:
        """Change the bounds; a value that is now outside stays, and is refused.

        Raises ``ValueError`` if nothing lies between them.
        """
        if not low <= high:
            raise ValueError(f"there is no number from {low:g} to {high:g}")
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self._judge(final=not self.hasFocus())

    def revert(self) -> None:
        """Forget what was typed."""
        self._show_value()

    def commit(self) -> None:
        """Take what was typed, if it is possible."""
        if not self._typing:
            return
        value = self._judge(final=True)
        if value is None:
            return
        new = value != self._value
        self._value = value
        self._show_value()
        if new:
            self.committed.emit(value)

    @abstractmethod
    def _parse(self, text: str) -> float:
        """Return the number written, with a hyphen as its sign; raise ValueError if none is."""

    @abstractmethod
    def _written(self, value: float) -> str:
        """Return how a number is written."""

    @abstractmethod
    def _not_a_number(self, text: str) -> str:
        """Return the reason why ``text`` is refused."""

    @abstractmethod
    def _out_of_bounds(self, value: float) -> str:
        """Return the reason why ``value`` is refused."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo)
            redo = event.matches(QKeySequence.StandardKey.Redo)
            if self._foreign(event) or ((undo or redo) and not self._typing):
                event.ignore()
                return False
            if event.key() == Key.Key_Escape and self._typing:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Key(event.key())
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in {Key.Key_Return, Key.Key_Enter}:
            self.commit()
            self.selectAll()
        elif key == Key.Key_Escape and self._typing:
            self.revert()
            self.selectAll()
        elif key == Key.Key_Escape or self._foreign(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # the panel scrolls, and no value changes unasked
            return
        count = self._notches.turned(event)
        if count:
            self.stepped.emit(count)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()
        super().focusOutEvent(event)

    def _foreign(self, event: QKeyEvent) -> bool:
        """Return whether a key would type something that is in no number."""
        if event.modifiers() & _CHORDS:
            return False
        text = event.text()
        return bool(text) and text.isprintable() and text not in self._signs

    def _typed(self) -> None:
        self._typing = True
        self._judge(final=False)

    def _unfinished(self, text: str) -> bool:
        """Return whether more typing may still make it possible, so that it is no error yet."""
        if text in {"", "-", "+", ".", "-."}:
            return True
        try:
            value = self._parse(text)
        except ValueError:
            return False
        return 0 <= value < self._low or self._high < value <= 0

    def _judge(self, *, final: bool) -> float | None:
        text = self.text().strip().replace(MINUS, "-")
        if not final and self._unfinished(text):
            self._settle()
            return None
        try:
            value = self._parse(text)
        except ValueError:
            self._refuse(self._not_a_number(text))
            return None
        if not self._low <= value <= self._high:
            self._refuse(self._out_of_bounds(value))
            return None
        self._settle()
        return value

    def _refuse(self, reason: str) -> None:
        if reason != self._problem:
            self._problem = reason
            self.refused.emit(reason)

    def _settle(self) -> None:
        if self._problem:
            self._problem = ""
            self.settled.emit()

    def _show_value(self) -> None:
        self._typing = False
        self.setText(self._written(self._value))
        self._settle()


class IntegerEdit(NumberEdit):
    """Takes whole numbers."""

    _signs = "0123456789-" + MINUS

    def _parse(self, text: str) -> float:
        return int(text)

    def _written(self, value: float) -> str:
        return str(int(value)).replace("-", MINUS)

    def _not_a_number(self, text: str) -> str:
        low, high = self._written(self._low), self._written(self._high)
        if not text:
            reason = self.tr("Nothing is entered. Enter a whole number from {low} to {high}.")
            return reason.format(low=low, high=high)
        reason = self.tr("“{text}” is not a whole number. Enter one from {low} to {high}.")
        return reason.format(text=text, low=low, high=high)

    def _out_of_bounds(self, value: float) -> str:
        if value < self._low:
            reason = self.tr("{value} is too small. Enter a whole number from {low} to {high}.")
        else:
            reason = self.tr("{value} is too large. Enter a whole number from {low} to {high}.")
        return reason.format(
            value=self._written(value), low=self._written(self._low), high=self._written(self._high)
        )


class RealEdit(NumberEdit):
    """Takes numbers with a fraction; a bound may be infinite."""

    _signs = "0123456789.,+-eE" + MINUS

    def _parse(self, text: str) -> float:
        value = float(text.replace(",", "."))
        if not isfinite(value):
            raise ValueError(text)
        return value

    def _unfinished(self, text: str) -> bool:
        return text.lower().endswith(("e", "e-", "e+")) or super()._unfinished(text)

    def _written(self, value: float) -> str:
        return f"{value:.6g}".replace("-", MINUS)

    def _not_a_number(self, text: str) -> str:
        if not text:
            return self.tr("Nothing is entered. {range}").format(range=self._range())
        return self.tr("“{text}” is not a number. {range}").format(text=text, range=self._range())

    def _out_of_bounds(self, value: float) -> str:
        if value < self._low:
            reason = self.tr("{value} is too small. {range}")
        else:
            reason = self.tr("{value} is too large. {range}")
        return reason.format(value=self._written(value), range=self._range())

    def _range(self) -> str:
        low, high = self._written(self._low), self._written(self._high)
        if self._low == -inf and self._high == inf:
            return self.tr("Enter a number such as 0.5.")
        if self._high == inf:
            return self.tr("Enter a number of {low} or more.").format(low=low)
        if self._low == -inf:
            return self.tr("Enter a number of {high} or less.").format(high=high)
        return self.tr("Enter a number from {low} to {high}.").format(low=low, high=high)
