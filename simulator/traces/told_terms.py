"""Which terms of a cell are told at once, and in what state."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.traces.formula import Piece, TermState

MOST_TERMS = 27
"""As many terms of a sum as are told at once; the rest is counted."""

MOST_COLUMNS = 9
"""As many terms as stand in a row; a wider window is told in rows of so many."""

NARROW = 3
"""The terms in a row for a window one cell wide, if there are too many for one column."""


@dataclass(frozen=True, slots=True)
class ToldTerm:
    """A term with its numbers put in, and whether none of them is rounded."""

    pieces: tuple[Piece, ...]
    exact: bool


def terms_around(current: int, total: int, *, width: int) -> tuple[range, int]:
    """Return the terms that are told of one of ``total``, and how many stand in a row.

    ``width`` is that of the window: where it can be, its rows are those of the terms.
    """
    columns = NARROW if width == 1 < total // MOST_COLUMNS else min(width, MOST_COLUMNS)
    most = MOST_TERMS // columns * columns
    before = (current - most // 2) // columns * columns
    last = -(-(total - most) // columns) * columns
    first = max(0, min(before, last))
    return range(first, min(total, first + most)), columns


def state_of(term: int, current: int, *, whole: bool) -> TermState:
    """Return whether a term comes before, with or after the current one; all did in a whole."""
    if whole or term < current:
        return TermState.DONE
    return TermState.CURRENT if term == current else TermState.PENDING
