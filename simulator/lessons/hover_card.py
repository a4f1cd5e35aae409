"""What a hover card says: where a cell's value comes from, and where it goes."""

from __future__ import annotations

from simulator.lessons.frame import Card, Pointer
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count, number
from simulator.traces.region import Axis, Region
from simulator.traces.window import WindowTrace

_NAMES = {
    "input": "Input",
    "kernel": "Kernel",
    "bias": "Bias",
    "products": "Product",
    "terms": "Term",
    "channel_maps": "Channel map",
    "output": "Output",
}
_WORDS = {
    "input": ("input cell", "input cells"),
    "kernel": ("weight", "weights"),
    "bias": ("bias", "biases"),
    "output": ("output cell", "output cells"),
}
_TONES = {Role.READS: Tone.READS, Role.WEIGHTS: Tone.WEIGHTS, Role.WRITES: Tone.WRITES}


def card_of(trace: WindowTrace, pointer: Pointer, arrived: int) -> Card:
    """Return the card of a cell at a step: its index, value, sources and dependants."""
    array = trace.arrays[pointer.array]
    region = Region.cell(pointer.array, *pointer.index)
    written = bool(trace.written(region, arrived).all())
    shown = dict(zip(array.axes, pointer.index, strict=True))
    row, column = (shown.get("kernel row", shown.get("row")), shown.get("kernel column", shown.get("column")))
    at = f"cell ({row}, {column})" if row is not None else f"number {pointer.index[-1]}"
    for axis in ("channel", "filter"):
        if axis in shown and array.shape[array.axes.index(axis)] > 1:
            at += f", {axis} {shown[axis] + 1}"
    lines: list[tuple[Piece, ...]] = []
    sources = trace.sources(pointer.array, pointer.index)
    if sources:
        lines.append(_sentence("From ", sources, trace))
    dependants = [found for found in trace.dependants(pointer.array, pointer.index) if found.size]
    if dependants:
        lines.append(_sentence("Part of ", tuple(dependants), trace))
    elif array.given and pointer.array != "draws":
        lines.append((Piece("No window reads this cell."),))
    if not written:
        step = int(trace.written_at(region).reshape(-1)[0])
        lines.append((Piece(f"Not yet written: step {count(step + 1)} writes it."),))
    return Card(
        title=Message(f"{_NAMES.get(pointer.array, pointer.array)}, {at}"),
        value=number(array.read(region).item()) if written else "·",
        role=array.role,
        lines=tuple(lines),
        hint=Message(
            "Click to pin. Type or scroll to change it."
            if array.given
            else "Click to pin. Enter opens the arithmetic."
        ),
    )


def _sentence(opening: str, regions: tuple[Region, ...], trace: WindowTrace) -> tuple[Piece, ...]:
    pieces = [Piece(opening)]
    for number_of, region in enumerate(regions):
        if number_of:
            pieces.append(Piece(" and " if number_of == len(regions) - 1 else ", "))
        array = trace.arrays[region.array]
        inside = region.inside(array.shape)
        one, many = _WORDS.get(region.array, ("cell", "cells"))
        words = one if inside.size == 1 else many
        pieces.append(Piece(f"{count(inside.size)} {words}", _TONES[array.role]))
        if region.array in ("input", "output") and inside.size:
            rows, columns = inside.axes[0], inside.axes[1]
            pieces.append(Piece(f" ({_span('row', rows)}, {_span('column', columns)})"))
        if inside.size < region.size:
            pieces.append(Piece(f", {count(region.size - inside.size)} in the padding"))
    pieces.append(Piece("."))
    return tuple(pieces)


def _span(word: str, axis: Axis) -> str:
    if len(axis) == 1:
        return f"{word} {axis[0]}"
    if axis[-1] - axis[0] + 1 == len(axis):
        return f"{word}s {axis[0]}–{axis[-1]}"
    if len(axis) <= 4:
        return f"{word}s " + ", ".join(str(at) for at in axis)
    return f"{word}s {axis[0]}–{axis[-1]}, {len(axis)} of them"
