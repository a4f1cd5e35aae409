"""Which part of each array a picture enlarges, and where its window is, at a moment of a glide."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.frame import Box, Room
from simulator.traces.places import Place
from simulator.traces.region import one
from simulator.traces.window import WindowTrace

LARGEST_TERMS = (15, 15)
"""Windows up to this size are shown whole; of larger ones, the part around the current term."""
PART_OF_TERMS = (5, 5)


@dataclass(frozen=True, slots=True)
class Views:
    """Boxes in cells: of the input (view, window, current term), the terms and the output."""

    input: Box
    window: Box
    term: Box
    terms: Box
    output: Box
    cell: Box

    def towards(self, other: Views, blend: float) -> Views:
        """Return the boxes that are ``blend`` (0 to 1) of the way to those of ``other``."""
        return Views(
            input=self.input.towards(other.input, blend),
            window=self.window.towards(other.window, blend),
            term=self.term.towards(other.term, blend),
            terms=self.terms.towards(other.terms, blend),
            output=self.output.towards(other.output, blend),
            cell=self.cell.towards(other.cell, blend),
        )


class ViewFinder:
    """Finds the views of one trace. They depend on places and on the room there is.

    ``covered`` is every input cell that a window reaches and ``extent`` that with all of the input,
    padding included; ``padding`` counts the cells (top, left, bottom, right) around the input.
    ``terms`` and ``output`` are all terms of a window and all cells of the output.
    """

    def __init__(self, trace: WindowTrace) -> None:
        """Take a trace; its level makes no difference."""
        self._geometry = trace.geometry
        rows, columns, _ = trace.covered_input(one(0)).axes
        height, width = trace.geometry.input_size
        top, left = max(0, -rows[0]), max(0, -columns[0])
        bottom, right = max(0, rows[-1] + 1 - height), max(0, columns[-1] + 1 - width)
        self.covered = Box(rows[0], columns[0], len(rows), len(columns))
        self.extent = Box(-top, -left, height + top + bottom, width + left + right)
        self.padding = (top, left, bottom, right)
        self.output = Box(0, 0, *trace.geometry.output_size)
        self.terms = Box(0, 0, *trace.geometry.kernel_size)

    def enlarges_input(self, room: Room) -> bool:
        """Return whether the input is too large to be seen whole."""
        return not fits(self.extent, room.input)

    def enlarges_output(self, room: Room) -> bool:
        """Return whether the output is too large to be seen whole."""
        return not fits(self.output, room.output)

    def views(self, before: Place, after: Place, blend: float, room: Room) -> Views:
        """Return every box ``blend`` of the way from one place to the next."""
        there = self._at(after, room)
        return there if blend == 1 else self._at(before, room).towards(there, blend)

    def _at(self, place: Place, room: Room) -> Views:
        rows = self._geometry.window_rows(place.row)
        columns = self._geometry.window_columns(place.column)
        window = Box(rows.start, columns.start, *self._geometry.effective_kernel_size)
        term = Box(rows[place.kernel_row], columns[place.kernel_column], 1, 1)
        term_in_window = Box(place.kernel_row, place.kernel_column, 1, 1)
        cell = Box(place.row, place.column, 1, 1)
        return Views(
            input=view_of(window if fits(window, room.input) else term, self.extent, room.input),
            window=window,
            term=term,
            terms=self.terms
            if fits(self.terms, LARGEST_TERMS)
            else view_of(term_in_window, self.terms, PART_OF_TERMS),
            output=view_of(cell, self.output, room.output),
            cell=cell,
        )


def terms_on_view(terms: tuple[int, int]) -> tuple[int, int]:
    """Return how many rows and columns of a window's terms are on view."""
    if fits(Box(0, 0, *terms), LARGEST_TERMS):
        return terms
    return min(terms[0], PART_OF_TERMS[0]), min(terms[1], PART_OF_TERMS[1])


def fits(box: Box, room: tuple[int, int]) -> bool:
    """Return whether a box has no more rows and columns than there is room for."""
    return box.height <= room[0] and box.width <= room[1]


def view_of(subject: Box, extent: Box, room: tuple[int, int]) -> Box:
    """Return the part of an extent, no larger than the room, that shows a subject."""
    height, width = min(room[0], extent.height), min(room[1], extent.width)
    return Box(
        _page(subject.top, subject.height, extent.top, extent.height, height),
        _page(subject.left, subject.width, extent.left, extent.width, width),
        height,
        width,
    )


def _page(start: float, length: float, low: float, total: float, room: float) -> float:
    """Return where a view of ``room`` cells starts that shows ``length`` cells from ``start``.

    The view stands still while its subject crosses it, and turns a page when the subject would
    come to within a cell of its edge: so a learner sees the window slide, not the numbers.
    """
    slack = room - length
    page = slack - 1
    view = start - 1 - (start - low - 1) % page if page >= 1 else start - slack // 2
    return min(max(view, low), low + total - room)
