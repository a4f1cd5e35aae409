"""The input on the stage: its enlarged part, and all of it where that is too large for numbers."""

from __future__ import annotations

from simulator.lessons.channels import channel_word
from simulator.lessons.frame import Box, Grid, Mark, MarkKind
from simulator.lessons.sight import Sight
from simulator.traces.formula import Message
from simulator.traces.model import Role

TITLE = Message("Input")


def input_grid(sight: Sight) -> Grid:
    """Return the part of the input around the window, or all of it if it is small."""
    plane = sight.planes.input(sight.channel)
    marks = [] if sight.enlarges_input and not sight.fine else _window_marks(sight)
    if sight.single:
        marks.append(Mark(MarkKind.CELL, Role.READS, sight.views.term))
    elif sight.fine:
        marks += _winner_marks(sight)
    return Grid(
        key="input",
        plane=plane,
        title=TITLE,
        note=_note(sight, _channel(sight)),
        role=Role.READS,
        view=sight.views.input,
        marks=tuple(marks),
        padding=sight.finder.padding,
        padding_text="0" if sight.planes.convolves else "",
        editable=True,
        edited=sight.planes.edited(plane),
    )


def input_overview(sight: Sight) -> Grid | None:
    """Return the whole input where ``input_grid`` shows a part of it."""
    if not sight.enlarges_input:
        return None
    channel = Message("RGB") if sight.planes.coloured else _channel(sight)
    return Grid(
        key="input_overview",
        plane=sight.planes.picture(sight.channel),
        title=TITLE,
        note=_note(sight, channel),
        role=Role.READS,
        view=sight.finder.extent,
        marks=(
            Mark(MarkKind.VIEW, Role.READS, sight.views.input),
            Mark(MarkKind.WINDOW, Role.READS, _window(sight)),
        ),
        padding=sight.finder.padding,
    )


def _channel(sight: Sight) -> Message:
    planes = sight.planes
    return channel_word(sight.channel, planes.depth, picture=planes.of_picture)


def _note(sight: Sight, channel: Message) -> Message:
    height, width = sight.trace.geometry.input_size
    return Message(
        "{height} × {width}, {channel}", {"height": height, "width": width, "channel": channel}
    )


def _window(sight: Sight) -> Box:
    return sight.views.window if sight.fine else sight.finder.covered


def _window_marks(sight: Sight) -> list[Mark]:
    """Return the outline of the window, and of each of its cells where they lie apart."""
    marks = [Mark(MarkKind.WINDOW, Role.READS, _window(sight))]
    down, across = sight.trace.geometry.dilation
    if sight.fine and max(down, across) > 1:
        height, width = sight.trace.geometry.kernel_size
        window, view = sight.views.window, sight.views.input
        cells = (
            Box(window.top + row * down, window.left + column * across, 1, 1)
            for row in range(height)
            for column in range(width)
        )
        marks += [Mark(MarkKind.SOURCE, Role.READS, cell) for cell in cells if cell.overlaps(view)]
    return marks


def _winner_marks(sight: Sight) -> list[Mark]:
    place = sight.place
    winner = sight.trace.chosen(place.row, place.column, place.map)
    return [] if winner is None else [Mark(MarkKind.CELL, Role.READS, Box(*winner[:2], 1, 1))]
