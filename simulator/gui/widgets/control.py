"""What every control can be besides its value: in error, or disabled for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    _Widget = QWidget
else:
    # Mixed into different classes of Qt; deriving from two of those is not possible.
    _Widget = object


class ControlState(_Widget):
    """Error and disabled states, to be mixed in before a class of Qt."""

    _error = False
    _reason: str | None = None
    _tip_when_enabled = ""

    def has_error(self) -> bool:
        """Return whether the control is marked as the cause of an error."""
        return self._error

    def set_error(self, error: bool) -> None:
        """Mark the control, or no longer, as the cause of an error."""
        if error != self._error:
            self._error = error
            self.update()

    def disabled_reason(self) -> str | None:
        """Return why the control is disabled, or None."""
        return self._reason

    def set_disabled_reason(self, reason: str | None) -> None:
        """Disable the control and say why as its tooltip; None enables it again.

        Raises ``ValueError`` for an empty reason: a learner is always told why.
        """
        if reason is not None and not reason.strip():
            raise ValueError("say why the control is disabled")
        if reason == self._reason:
            return
        if self._reason is None:
            self._tip_when_enabled = self.toolTip()
        self._reason = reason
        self.setToolTip(self._tip_when_enabled if reason is None else reason)
        self.setEnabled(reason is None)

    def frame_ink(self) -> str:
        """Return the colour of the control's border in its present state."""
        if not self.isEnabled():
            return "hairline"
        return "error" if self._error else "border"

    def frame_fill(self) -> str:
        """Return the colour of the control's ground in its present state."""
        return "panel" if self.isEnabled() else "well"
