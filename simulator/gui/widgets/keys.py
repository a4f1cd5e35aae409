"""How the keys of a shortcut are written on this system."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

_SIGNS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "-": "\N{MINUS SIGN}"}


def key_words(keys: str) -> str:
    """Return a shortcut such as ``"Ctrl+Left"`` as the learner's system writes it."""
    words = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
    ends_with_plus = words.endswith("+")
    parts = words.removesuffix("+").removesuffix("+").split("+") if words != "+" else []
    if ends_with_plus:
        parts.append("+")
    return " ".join(_SIGNS.get(part, part) for part in parts)
