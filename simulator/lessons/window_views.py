"""Which part of each array a picture enlarges, and where its window is, at a moment of a glide."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lessons.frame import Box, Room
from simulator.traces.window import Place, WindowTrace

LARGEST_TERMS = (15, 15)
"""Windows up to this size are shown whole; of larger ones, the part around the current term."""
PART_OF_TERMS = (5, 5)


@dataclass(frozen=True, slots=True)
class Views:
    """Boxes in cells: of the input (window, its current term, the view), terms and output."""

    input: Box
    input_enlarged: bool
    window: Box
    term: Box
    covered: Box
    terms: Box
    output: Box
    output_enlarged: bool
    cell: Box


def views(trace: WindowTrace, before: Place, after: Place, blend: float, room: Room) -> Views:
    """Return every box ``blend`` of the way from one place to the next."""
    here, there = _views(trace, before, room), _views(trace, after, room)
    return Views(
        input=here.input.towards(there.input, blend),
        input_enlarged=there.input_enlarged,
        window=here.window.towards(there.window, blend),
        term=here.term.towards(there.term, blend),
        covered=there.covered,
        terms=here.terms.towards(there.terms, blend),
        output=here.output.towards(there.output, blend),
        output_enlarged=there.output_enlarged,
        cell=here.cell.towards(there.cell, blend),
    )


def _views(trace: WindowTrace, place: Place, room: Room) -> Views:
    geometry = trace.geometry
    window = Box(
        geometry.window_rows(place.row).start,
        geometry.window_columns(place.column).start,
        *geometry.effective_kernel_size,
    )
    term = Box(
        geometry.window_rows(place.row)[place.kernel_row],
        geometry.window_columns(place.column)[place.kernel_column],
        1,
        1,
    )
    reached = trace.covered_input(range(1))
    rows, columns = reached.axes[0], reached.axes[1]
    covered = Box(rows[0], columns[0], rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0])
    height, width = geometry.input_size
    top, left = min(0, rows[0]), min(0, columns[0])
    extent = Box(
        top, left, max(height, rows[-1] + 1) - top, max(width, columns[-1] + 1) - left
    )
    subject = window if _fits(window, room.input) else term
    whole_terms = Box(0, 0, *geometry.kernel_size)
    term_cell = Box(place.kernel_row, place.kernel_column, 1, 1)
    terms = whole_terms
    if not _fits(whole_terms, LARGEST_TERMS):
        terms = _around(term_cell, whole_terms, PART_OF_TERMS)
    output = Box(0, 0, *geometry.output_size)
    cell = Box(place.row, place.column, 1, 1)
    return Views(
        input=extent if _fits(extent, room.input) else _around(subject, extent, room.input),
        input_enlarged=not _fits(extent, room.input),
        window=window,
        term=term,
        covered=covered,
        terms=terms,
        output=output if _fits(output, room.output) else _around(cell, output, room.output),
        output_enlarged=not _fits(output, room.output),
        cell=cell,
    )


def terms_on_view(terms: tuple[int, int]) -> tuple[int, int]:
    """Return how many rows and columns of a window's terms are on view."""
    return terms if _fits(Box(0, 0, *terms), LARGEST_TERMS) else PART_OF_TERMS


def _fits(box: Box, room: tuple[int, int]) -> bool:
    return box.height <= room[0] and box.width <= room[1]


def _around(subject: Box, extent: Box, room: tuple[int, int]) -> Box:
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
