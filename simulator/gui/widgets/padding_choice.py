"""How a convolution pads: not at all, to keep the size, or by a number of cells."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from simulator.gui.widgets import focus
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.number_edit import NUMBER_KEYS, IntegerEdit
from simulator.gui.widgets.segmented import Segmented

Padding = str | int
"""``"valid"``, ``"same"``, or the number of cells on each side."""

_NUMBER = "number"
_FIELD = 24
_FIELD_MARGIN = 3


class PaddingChoice(ControlState, QWidget):
    """``valid | same | P = n``; choosing the last opens a field for the number.

    A number that cannot be is refused as a ``Stepper`` refuses it.
    """

    value_changed = Signal(object)
    refused = Signal(str)
    settled = Signal()

    def __init__(
        self,
        name: str,
        *,
        value: Padding = "valid",
        high: int = 99,
        parent: QWidget | None = None,
    ) -> None:
        """``high`` is the greatest number of cells; the least is 0."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        # These are the words of Keras and of the formula, the same in every language.
        self._segments = Segmented(
            name, [("valid", "valid"), ("same", "same"), (_NUMBER, "P =")], parent=self
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._segments)
        self._edit = IntegerEdit(min(1, high), 0, high, self)
        self._edit.setAccessibleName(self.tr("{0}: cells on each side").format(name))
        self._edit.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._edit.hide()
        self.setFocusProxy(self._segments)
        self._value: Padding = "valid"
        focus.watch(self._edit, around=self, keys=NUMBER_KEYS, is_text=True)
        self._segments.arranged.connect(self._place_edit)
        self._segments.value_changed.connect(self._segment_chosen)
        # A click goes on to the number; the arrow keys stay among the segments.
        self._segments.segment(_NUMBER).clicked.connect(
            lambda: self._edit.setFocus(Qt.FocusReason.OtherFocusReason)
        )
        self._edit.committed.connect(self._take)
        self._edit.stepped.connect(self._step_by)
        self._edit.refused.connect(self._refused)
        self._edit.settled.connect(self._settled)
        self._show(value)

    def value(self) -> Padding:
        """Return ``"valid"``, ``"same"`` or the number of cells."""
        return self._value

    def set_value(self, value: Padding) -> None:
        """Show another padding and emit ``value_changed``; do nothing if it is there already.

        Raises ``ValueError`` for another word, or a number out of bounds.
        """
        if value != self._value:
            self._show(value)
            self.value_changed.emit(value)

    def set_high(self, high: int) -> None:
        """Change the greatest number of cells; a greater one stays, and is refused."""
        self._edit.set_bounds(0, high)

    def set_error(self, error: bool) -> None:
        """Mark the control, or no longer, as the cause of an error."""
        super().set_error(error)
        self._segments.set_error(error or bool(self._edit.problem()))

    def sizeHint(self) -> QSize:
        return self._segments.sizeHint()

    def _place_edit(self) -> None:
        segment = self._segments.segment(_NUMBER).geometry()
        self._edit.setGeometry(
            segment.right() - _FIELD - _FIELD_MARGIN, segment.y(), _FIELD, segment.height() - 2
        )
        self._edit.raise_()

    def _show(self, value: Padding) -> None:
        if isinstance(value, int):
            self._edit.set_value(value)
        elif value not in {"valid", "same"}:
            raise ValueError(f"padding is 'valid', 'same' or a number of cells, not {value!r}")
        else:
            self._edit.revert()
        self._value = value
        is_number = isinstance(value, int)
        self._segments.blockSignals(True)
        self._segments.set_value(_NUMBER if is_number else str(value))
        self._segments.blockSignals(False)
        self._segments.segment(_NUMBER).leave_room(_FIELD if is_number else 0)
        self._edit.setVisible(is_number)

    def _segment_chosen(self, key: str) -> None:
        self.set_value(int(self._edit.value()) if key == _NUMBER else key)

    def _take(self, value: float) -> None:
        self.set_value(int(value))

    def _step_by(self, count: int) -> None:
        self._edit.commit()
        low, high = self._edit.bounds()
        target = int(min(max(self._edit.value() + count, low), high))
        self._edit.revert()
        self.set_value(target)

    def _refused(self, reason: str) -> None:
        self._segments.set_error(True)
        self.refused.emit(reason)

    def _settled(self) -> None:
        self._segments.set_error(self.has_error())
        self.settled.emit()
