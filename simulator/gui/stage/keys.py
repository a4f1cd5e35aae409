"""What the keys that are held or pressed mean on the stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent


def is_shifted(event: QWheelEvent) -> bool:
    """Return whether the wheel is turned with Shift held."""
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def begins_number(event: QKeyEvent) -> bool:
    """Return whether a number can begin with the key."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return not plain and event.text() != "" and event.text() in "0123456789.-\N{MINUS SIGN}"
