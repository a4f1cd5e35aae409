"""Drawing on a picture with the mouse: which cells a stroke covers."""

from __future__ import annotations

from math import ceil


def brush_radius(height: int, width: int) -> float:
    """Return the brush's radius in cells: strokes are about a sixteenth of the picture wide."""
    return max(0.5, min(height, width) / 32)


def stroke_cells(
    start: tuple[int, int], end: tuple[int, int], *, height: int, width: int
) -> set[tuple[int, int]]:
    """Return the cells (row, column) that a brush covers on its straight way between two cells.

    The mouse tells its place only now and then; without the way between, a quick stroke would be
    a row of dots.
    """
    radius = brush_radius(height, width)
    reach = ceil(radius)
    stops = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    cells = set()
    for stop in range(stops + 1):
        row = start[0] + (end[0] - start[0]) * stop / stops
        column = start[1] + (end[1] - start[1]) * stop / stops
        for near_row in range(round(row) - reach, round(row) + reach + 1):
            for near_column in range(round(column) - reach, round(column) + reach + 1):
                covered = (near_row - row) ** 2 + (near_column - column) ** 2 <= radius**2
                if covered and 0 <= near_row < height and 0 <= near_column < width:
                    cells.add((near_row, near_column))
    if not cells and 0 <= end[0] < height and 0 <= end[1] < width:
        cells.add(end)
    return cells
