"""A control with its label, and below it what is wrong with its value."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from simulator.gui import metrics
from simulator.gui.widgets.control import ControlState
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.text import Text


class FieldRow(QWidget):
    """A label in its column, the control right of it, and a card for an error.

    With an empty label the control has the row to itself.

    An error comes from the control itself, which refused what was typed, or from ``set_error``;
    the former is told first, as it is what the learner has just done.
    """

    # On the class, because Python's collector empties an object before Qt has stopped asking it.
    _watched: QWidget | None = None

    def __init__(self, label: str, control: QWidget, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = self._watched = control
        self._refusal = ""
        self._error = ""
        self.setAccessibleName(label or control.accessibleName())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._label = Text(label, parent=self)
        self._label.setFixedWidth(metrics.LABEL_COLUMN if label else 0)
        self._card = Notice("error", "", parent=self)
        self._card.hide()
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self._label, 0, Qt.AlignmentFlag.AlignVCenter)
        grows = control.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Fixed
        line.addWidget(control, 1 if grows else 0)
        if not grows:
            line.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(metrics.ROW_GAP)
        rows.addLayout(line)
        rows.addWidget(self._card)
        line.setContentsMargins(0, 0, 0, 0)
        control.setMinimumHeight(metrics.ROW)
        control.installEventFilter(self)
        if hasattr(control, "refused") and hasattr(control, "settled"):
            control.refused.connect(self._control_refused)
            control.settled.connect(lambda: self._control_refused(""))

    def set_label(self, label: str) -> None:
        """Say what the control sets in other words; for a row that has any."""
        self.setAccessibleName(label)
        self._label.set_content(label)

    def error(self) -> str:
        """Return the error on view, or an empty string."""
        return self._refusal or self._error

    def set_error(self, text: str | None) -> None:
        """Tell what is wrong with the value, in the learner's words; None takes it back."""
        if (text or "") != self._error:
            self._error = text or ""
            self._show_error()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._watched and event.type() == QEvent.Type.EnabledChange:
            self._label.setEnabled(self._watched.isEnabled())
        return False

    def _control_refused(self, reason: str) -> None:
        if reason != self._refusal:
            self._refusal = reason
            self._show_error()

    def _show_error(self) -> None:
        text = self.error()
        if isinstance(self.control, ControlState):
            self.control.set_error(bool(self._error))
        if text:
            self._card.set_content(text)
        self._card.setVisible(bool(text))
        self.updateGeometry()
