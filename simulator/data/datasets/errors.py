"""What goes wrong with data, told in one line."""

from __future__ import annotations

MOST_SHOWN = 60
"""So many signs of a refused value are repeated."""


class DataError(ValueError):
    """Data that cannot be had or used: one line that says what, where, and what to do.

    ``setting`` is the name of the setting that is to blame, where it is one.
    """

    def __init__(self, message: str, *, setting: str | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.setting = setting


def shown(value: object) -> str:
    """Return a value from outside as it may stand in a message: short, one line, printable."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists without end
        return "beyond all bounds"
    line = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text)
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 20]}…{line[-19:]}"
