"""What a hover card says: where a cell's value comes from, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.lessons.channels import channel_word
from simulator.lessons.frame import Card, Pointer
from simulator.lessons.toned import Toned
from simulator.traces.formula import Message, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count, number
from simulator.traces.region import Axis, Region
from simulator.traces.window import WindowTrace

_NAMES = {
    "input": Message("Input"),
    "kernel": Message("Kernel"),
    "bias": Message("Bias"),
    "draws": Message("Draw"),
    "products": Message("Product"),
    "terms": Message("Term"),
    "probabilities": Message("Probability"),
    "running_sum": Message("Running sum"),
    "running": Message("Running value"),
    "channel_maps": Message("Channel map"),
    "output": Message("Output"),
}
_ONE = {
    "input": "1 input cell",
    "kernel": "1 weight",
    "bias": "the bias",
    "draws": "the draw",
    "output": "1 output cell",
}
_MANY = {
    "input": "{count} input cells",
    "kernel": "{count} weights",
    "output": "{count} output cells",
}
_PLACED = ("input", "output")
"""Arrays whose cells are told by their rows and columns."""
_TONES = {Role.READS: Tone.READS, Role.WEIGHTS: Tone.WEIGHTS, Role.WRITES: Tone.WRITES}

MOST_LISTED = 4
"""So many rows or columns that lie apart are all named."""


def card_of(
    trace: WindowTrace, pointer: Pointer, arrived: int, *, pinned: bool, picture: bool = True
) -> Card:
    """Return the card of a cell once step ``arrived`` is done; ``pinned`` is whether it is, and
    ``picture`` whether the input is one, and no maps that another layer made.
    """
    array = trace.arrays[pointer.array]
    region = Region.cell(pointer.array, *pointer.index)
    written = bool(trace.written(region, arrived).all())
    lines = _origin(trace, pointer) + _destination(trace, pointer)
    if not written:
        step = int(trace.written_at(region).item())
        lines.append(Message("Not yet written: step {step} writes it.", {"step": count(step + 1)}))
    return Card(
        title=_title(trace, pointer, picture=picture),
        value=number(array.read(region).item()) if written else "·",
        role=array.role,
        lines=tuple(lines),
        hint=_hint(given=array.given, pinned=pinned),
    )


def _hint(*, given: bool, pinned: bool) -> Message:
    if given:
        return Message(
            "Esc frees it. Type or scroll to change it."
            if pinned
            else "Click to pin. Type or scroll to change it."
        )
    return Message(
        "Esc frees it. Enter opens the arithmetic."
        if pinned
        else "Click to pin. Enter opens the arithmetic."
    )


def _title(trace: WindowTrace, pointer: Pointer, *, picture: bool) -> Message:
    """Return the array, the cell and, where there are several, its channel and filter."""
    array = trace.arrays[pointer.array]
    at = dict(zip(array.axes, pointer.index, strict=True))
    lengths = dict(zip(array.axes, array.shape, strict=True))
    parts = [_NAMES[pointer.array]]
    if pointer.array == "output" and "kernel" in trace.arrays:
        parts = [Message("Feature map")]
    prefix = "kernel " if "kernel row" in at else ""
    if f"{prefix}row" in at:
        cell = {"row": at[f"{prefix}row"], "column": at[f"{prefix}column"]}
        parts.append(Message("cell ({row}, {column})", cell))
    for axis in ("channel", "map"):
        if lengths.get(axis, 1) > 1:
            parts.append(channel_word(at[axis], lengths[axis], picture=picture))
    if lengths.get("filter", 1) > 1:
        parts.append(Message("filter {number}", {"number": at["filter"] + 1}))
    return _joined(parts, ", ", ", ")


def _origin(trace: WindowTrace, pointer: Pointer) -> list[Message]:
    """Return what a cell was computed from."""
    sources = trace.sources(pointer.array, pointer.index)
    if not sources:
        return []
    names = dict.fromkeys(region.array for region in sources)
    told = [_cells(trace, [region for region in sources if region.array == name]) for name in names]
    lines = [Message("From {sources}.", {"sources": _joined(told, ", ", " and ")})]
    if pointer.array == "output":
        winner = trace.chosen(*pointer.index)
        if winner is not None:
            at = {"row": winner[0], "column": winner[1]}
            lines.append(Message("Its value is that of input cell ({row}, {column}).", at))
    return lines


def _destination(trace: WindowTrace, pointer: Pointer) -> list[Message]:
    """Return what a cell has a part in."""
    dependants = [
        region for region in trace.dependants(pointer.array, pointer.index) if region.size
    ]
    if dependants:
        lines = [Message("Part of {cells}.", {"cells": _cells(trace, dependants)})]
        return lines + _wins(trace, pointer, dependants)
    return [Message("No window reads this cell.")] if trace.arrays[pointer.array].given else []


def _wins(trace: WindowTrace, pointer: Pointer, dependants: list[Region]) -> list[Message]:
    """Return in how many output cells an input cell is the one whose value goes on."""
    if pointer.array != "input":
        return []
    winners = [trace.chosen(*cell) for region in dependants for cell in region.cells()]
    if None in winners:
        return []
    won = winners.count((pointer.index[0], pointer.index[1], pointer.index[2]))
    if len(winners) == 1:
        return [Message("Its value goes on.") if won else Message("Another value goes on.")]
    if not won:
        return [Message("Its value goes on to none of them.")]
    return [Message("Its value goes on to {count} of them.", {"count": count(won)})]


def _cells(trace: WindowTrace, regions: list[Region]) -> Message:
    """Return how many cells of one array there are, and where."""
    array = trace.arrays[regions[0].array]
    inside = [region.inside(array.shape) for region in regions]
    total = sum(region.size for region in inside)
    padding = sum(region.size for region in regions) - total
    if not total:
        return Message(
            "1 cell of padding" if padding == 1 else "{count} cells of padding",
            {"count": count(padding)},
        )
    template = _ONE[array.name] if total == 1 else _MANY[array.name]
    cells = Toned(Message(template, {"count": count(total)}), _TONES[array.role])
    places = _places(inside[0]) if array.name in _PLACED and len(regions) == 1 else []
    if padding:
        more = "1 more is padding" if padding == 1 else "{count} more are padding"
        remark = Message(more, {"count": count(padding)})
        places = [_joined([*places, remark], ", ", "; ")]
    if not places:
        return Message("{cells}", {"cells": cells})
    where = _joined(places, ", ", ", ")
    return Message("{cells} ({where})", {"cells": cells, "where": where})


def _places(region: Region) -> list[Message]:
    """Return the rows and columns of a region of the input or output, and its maps if several."""
    rows, columns, maps = region.axes
    places = [
        _span(rows, one="row {at}", many="rows {at}"),
        _span(columns, one="column {at}", many="columns {at}"),
    ]
    if len(maps) > 1:
        template = "{count} channels" if region.array == "input" else "{count} filters"
        places.append(Message(template, {"count": count(len(maps))}))
    return places


def _span(axis: Axis, *, one: str, many: str) -> Message:
    if len(axis) == 1:
        return Message(one, {"at": axis[0]})
    if axis[-1] - axis[0] + 1 == len(axis):
        return Message(many, {"at": f"{axis[0]}–{axis[-1]}"})
    listed = [str(at) for at in axis]
    if len(axis) > MOST_LISTED:
        listed[2:-1] = ["…"]
    return Message(many, {"at": ", ".join(listed)})


def _joined(messages: Sequence[Message], separator: str, last: str) -> Message:
    """Return several messages as one, with ``last`` between the last two."""
    names = [f"part_{index}" for index in range(len(messages))]
    fields = [f"{{{name}}}" for name in names]
    head = separator.join(fields[:-1])
    template = f"{head}{last}{fields[-1]}" if head else fields[-1]
    return Message(template, dict(zip(names, messages, strict=True)))
