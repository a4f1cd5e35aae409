"""Every edit as an undo command: a state before and a state after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand

MERGE_ID = 1


class ChangeState(QUndoCommand):
    """Go from one state to another. States are immutable, so both are just kept.

    Commands with the same ``merge_key`` one after another become one: turning a wheel over a cell
    is undone at once, and turning it back leaves nothing to undo. An empty key merges with nothing.
    """

    def __init__(
        self,
        text: str,
        before: object,
        after: object,
        apply: Callable[[Any], None],
        merge_key: tuple[object, ...] = (),
    ) -> None:
        """``apply`` makes a state the current one."""
        super().__init__(text)
        self._before = before
        self._after = after
        self._apply = apply
        self._merge_key = merge_key

    def id(self) -> int:
        return MERGE_ID if self._merge_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChangeState) or other._merge_key != self._merge_key:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)
