"""What a hover card says of a cell of a board."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.lessons.frame import Card, Pointer
from simulator.traces.formula import Message
from simulator.traces.model import Trace
from simulator.traces.numbers import count, number
from simulator.traces.region import Region


def plain_card(
    trace: Trace, pointer: Pointer, titles: Mapping[str, Message], arrived: int, *, pinned: bool
) -> Card:
    """Return the card of a cell once step ``arrived`` is done."""
    array = trace.arrays[pointer.array]
    region = Region.cell(pointer.array, *pointer.index)
    written = bool(trace.written(region, arrived).all())
    lines = []
    if not written:
        step = int(trace.written_at(region).item())
        lines.append(Message("Not yet written: step {step} writes it.", {"step": count(step + 1)}))
    sources = trace.sources(pointer.array, pointer.index)
    if sources:
        told = {"count": count(sum(region.size for region in sources))}
        lines.append(Message("Made from {count} numbers.", told))
    return Card(
        title=Message(
            "{array}, cell ({index})",
            {
                "array": titles[pointer.array],
                "index": ", ".join(str(at) for at in pointer.index[-2:]),
            },
        ),
        value=number(array.read(region).item()) if written else "·",
        role=array.role,
        lines=tuple(lines),
        hint=Message("Esc frees it." if pinned else "Click to pin."),
    )
