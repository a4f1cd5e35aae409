"""What lies between input and output: the kernel, and the terms of the output cell on view."""

from __future__ import annotations

from math import ceil, floor

from simulator.lessons.channels import channel_word
from simulator.lessons.frame import Box, Grid, Mark, MarkKind, Plane
from simulator.lessons.planes import any_rounded
from simulator.lessons.sight import Sight
from simulator.traces.formula import Message
from simulator.traces.model import Role
from simulator.traces.numbers import number
from simulator.traces.region import Region, one

MOST_PENDING = 49
"""Up to so many terms to come are told by their factors; more could not be read."""


def weights_grid(sight: Sight, name: Message) -> Grid | None:
    """Return the kernel that is laid over the window, called ``name``; None where none is."""
    if not sight.planes.convolves:
        return None
    plane = sight.planes.weights(sight.place)
    height, width = sight.trace.geometry.kernel_size
    depth = sight.trace.term_shape[0]
    marks = [Mark(MarkKind.WINDOW, Role.WEIGHTS, sight.finder.terms)]
    if sight.single:
        marks.append(Mark(MarkKind.CELL, Role.WEIGHTS, _term(sight)))
    return Grid(
        key="weights",
        plane=plane,
        title=Message("Kernel"),
        note=Message(
            "{height} × {width}, {name}" if depth == 1 else "{height} × {width}, {name}, {channel}",
            {
                "height": height,
                "width": width,
                "name": name,
                "channel": channel_word(
                    sight.place.channel, depth, picture=sight.planes.of_picture
                ),
            },
        ),
        role=Role.WEIGHTS,
        view=sight.finder.terms,
        marks=tuple(marks),
        editable=True,
        edited=sight.planes.edited(plane),
    )


def terms_grid(sight: Sight) -> Grid:
    """Return the terms of the output cell on view: products, values, probabilities."""
    plane = sight.planes.terms(sight.place)
    written, done = sight.written.mask(sight.trace, plane, sight.arrived)
    words = sight.trace.scene_words
    # Figures that are added up may disagree with their sum: then they say that they are rounded.
    rounded = words.accumulates and _any_rounded(plane, sight.views.terms)
    return Grid(
        key="terms",
        plane=plane,
        title=words.terms,
        note=Message("rounded") if rounded else Message(""),
        role=Role.WRITES,
        view=sight.views.terms,
        written=written,
        marks=_term_marks(sight),
        pending=None if written is None else _pending(sight),
        state_key=(done,),
    )


def _term(sight: Sight) -> Box:
    return Box(sight.place.kernel_row, sight.place.kernel_column, 1, 1)


def _any_rounded(plane: Plane, view: Box) -> bool:
    seen = plane.values[
        floor(view.top) : ceil(view.top + view.height),
        floor(view.left) : ceil(view.left + view.width),
    ]
    return any_rounded(seen, plane.decimals)


def _term_marks(sight: Sight) -> tuple[Mark, ...]:
    """Return the outline of the current term, or of the one that an output cell was taken from."""
    if sight.single:
        return (Mark(MarkKind.CELL, Role.WRITES, _term(sight)),)
    place, geometry = sight.place, sight.trace.geometry
    winner = sight.trace.chosen(place.row, place.column, place.map)
    if winner is None:
        return ()
    row = geometry.window_rows(place.row).index(winner[0])
    column = geometry.window_columns(place.column).index(winner[1])
    return (Mark(MarkKind.CELL, Role.WRITES, Box(row, column, 1, 1)),)


def _pending(sight: Sight) -> tuple[tuple[str, ...], ...] | None:
    """Return the products to come as "144×−1", cell by cell; None where they are not told."""
    place, (height, width) = sight.place, sight.trace.geometry.kernel_size
    if not (sight.single and sight.planes.convolves) or height * width > MOST_PENDING:
        return None
    window = sight.trace.window(place.row, place.column, one(place.channel))
    kernel = Region("kernel", (range(height), range(width), one(place.channel), one(place.map)))
    values = sight.trace.read(window)[:, :, 0].tolist()
    weights = sight.trace.read(kernel)[:, :, 0, 0].tolist()
    return tuple(
        tuple(f"{number(x)}×{number(weight)}" for x, weight in zip(*rows, strict=True))
        for rows in zip(values, weights, strict=True)
    )
