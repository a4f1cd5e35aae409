"""What a hover card says of a cell of a network: what it was made of, and what it goes into."""

from __future__ import annotations

from simulator.lessons.frame import Card, Pointer
from simulator.lessons.toned import Toned
from simulator.traces.formula import Message, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count, number
from simulator.traces.region import Region
from simulator.traces.staged import StagedTrace

_TONES = {Role.READS: Tone.READS, Role.WEIGHTS: Tone.WEIGHTS, Role.WRITES: Tone.WRITES}


def layers_card(
    trace: StagedTrace, pointer: Pointer, arrived: int, *, pinned: bool, editable: bool
) -> Card:
    """Return the card of a cell once step ``arrived`` is done; ``pinned`` is whether it is."""
    array = trace.arrays[pointer.array]
    region = Region.cell(pointer.array, *pointer.index)
    written = bool(trace.written(region, arrived).all())
    lines: list[Message] = []
    sources = trace.sources(pointer.array, pointer.index)
    if sources:
        lines.append(Message("From {cells}.", {"cells": _listed(trace, sources)}))
    dependants = trace.dependants(pointer.array, pointer.index)
    if dependants:
        lines.append(Message("Part of {cells}.", {"cells": _listed(trace, dependants)}))
    if not written:
        step = int(trace.written_at(region).item())
        lines.append(Message("Not yet written: step {step} writes it.", {"step": count(step + 1)}))
    return Card(
        title=Message(
            "{array}, cell ({index})",
            {
                "array": trace.titles[pointer.array],
                "index": ", ".join(str(at) for at in pointer.index[-2:]),
            },
        ),
        value=number(array.read(region).item()) if written else "·",
        role=array.role,
        lines=tuple(lines),
        hint=_hint(editable=editable, pinned=pinned),
    )


def _hint(*, editable: bool, pinned: bool) -> Message:
    begin = "Esc frees it." if pinned else "Click to pin."
    end = "Type or scroll to change it." if editable else "Enter opens the arithmetic."
    return Message(f"{begin} {end}")


def _listed(trace: StagedTrace, regions: tuple[Region, ...]) -> Message:
    """Return how many cells of which arrays there are."""
    parts = []
    for region in regions:
        array = trace.arrays[region.array]
        told = Message(
            "{title}" if region.size == 1 else "{count} of {title}",
            {"title": trace.titles[region.array], "count": count(region.size)},
        )
        parts.append(Toned(told, _TONES[array.role]))
    names = [f"part_{at}" for at in range(len(parts))]
    fields = [f"{{{name}}}" for name in names]
    head = ", ".join(fields[:-1])
    template = f"{head} and {fields[-1]}" if head else fields[-1]
    return Message(template, dict(zip(names, parts, strict=True)))
