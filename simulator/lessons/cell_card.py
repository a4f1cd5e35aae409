"""What a hover card says of a cell of a recurrence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.lessons.frame import Card, Pointer
from simulator.lessons.toned import Toned
from simulator.traces.cell_names import GATES, gate_named
from simulator.traces.formula import Message, Tone
from simulator.traces.model import Role
from simulator.traces.numbers import count, number
from simulator.traces.recurrence import RecurrentTrace
from simulator.traces.region import Region

_NAMES = {
    "x": "Input",
    "h": "Hidden state h",
    "c": "Memory c",
    "y": "Answer",
    "initial_h": "Hidden state before the first step",
    "initial_c": "Memory before the first step",
    "kernel": "Weight of the input",
    "recurrent_kernel": "Weight of the state",
    "bias": "Bias",
    "head_kernel": "Weight of the answer",
    "head_bias": "Bias of the answer",
    "recurrent": "Part of the old state m",
    "reset_h": "Old state after the reset",
}
_READ = {
    "x": "{count} of the input",
    "h": "{count} of the hidden state",
    "initial_h": "{count} of the hidden state before",
    "c": "{count} of the memory",
    "initial_c": "{count} of the memory before",
    "kernel": "{count} weights",
    "recurrent_kernel": "{count} weights of the state",
    "head_kernel": "{count} weights",
    "bias": "a bias",
    "head_bias": "a bias",
}


def cell_card(
    trace: RecurrentTrace, pointer: Pointer, arrived: int, *, pinned: bool, can_change: bool
) -> Card:
    """Return the card of a cell once step ``arrived`` is done; ``pinned`` is whether it is.

    ``can_change`` tells that it can be typed over.
    """
    array = trace.arrays[pointer.array]
    region = Region.cell(pointer.array, *pointer.index)
    written = bool(trace.written(region, arrived).all())
    lines = []
    if not array.given:
        lines.append(_origin(trace, pointer))
    lines += _destination(trace, pointer)
    if not written:
        step = int(trace.written_at(region).item())
        lines.append(Message("Not yet written: step {step} writes it.", {"step": count(step + 1)}))
    return Card(
        title=_title(trace, pointer),
        value=number(float(array.read(region).item())) if written else "·",
        role=array.role,
        lines=tuple(lines),
        hint=_hint(can_change=can_change, pinned=pinned),
    )


def _title(trace: RecurrentTrace, pointer: Pointer) -> Message:
    array, name = trace.arrays[pointer.array], pointer.array
    told = _NAMES.get(name) or _named_in_grid(name)
    if not told:
        # On the way back gates are given: no equation there has their name.
        own = GATES[name][0].capitalize() if name in GATES else trace.name_of(name)
        told = f"{own} {gate_named(name)}".strip()
    first, second = (at + 1 for at in pointer.index)
    template = "{name}, row {first}, column {second}"
    if array.axes[0] == "time":
        template = f"{{name}}, time step {{first}}, {array.axes[1]} {{second}}"
    if name.startswith("initial_"):
        template = "{name}, unit {second}"
    elif name.startswith("bias") or name == "head_bias":
        template = "{name}, column {second}"
    return Message(template, {"name": told, "first": first, "second": second})


_IN_GRID = re.compile(r"(kernel|recurrent|bias|initial)_([hc])(\d+)(_back)?(?:_(x|[hy]).*)?")
_KINDS = {
    "kernel": "Weight of the layer below",
    "recurrent": "Weight of the state",
    "bias": "Bias",
}


def _named_in_grid(name: str) -> str:
    """Return what a given array of one of several cells is called; "" for any other."""
    found = _IN_GRID.fullmatch(name)
    if found is None:
        return ""
    kind, state, layer, back, read = found.groups()
    told = _NAMES["kernel"] if read == "x" else _KINDS.get(kind) or _NAMES[f"initial_{state}"]
    return f"{told}, layer {layer} {'backwards' if back else 'forwards'}"


def _read_in_grid(name: str) -> str:
    """Return how cells that are read are counted, of an array of one of several cells."""
    found = _IN_GRID.fullmatch(name)
    if found is None:
        return ""
    kind, state = found.group(1), found.group(2)
    alone = {"recurrent": "recurrent_kernel", "initial": f"initial_{state}"}.get(kind, kind)
    return _READ[alone]


def _origin(trace: RecurrentTrace, pointer: Pointer) -> Message:
    """Return what a cell is made from."""
    counts: dict[str, int] = {}
    for region in trace.sources(pointer.array, pointer.index):
        if not region.array.startswith("held_"):
            counts[region.array] = counts.get(region.array, 0) + region.size
    parts: list[object] = []
    for name, size in counts.items():
        words = _READ.get(name) or _read_in_grid(name) or f"the {trace.name_of(name).lower()}"
        tone = Tone.WEIGHTS if trace.arrays[name].role is Role.WEIGHTS else Tone.READS
        parts.append(Toned(Message(words, {"count": count(size)}), tone))
    return Message("From {parts}.", {"parts": _listed(parts)})


def _destination(trace: RecurrentTrace, pointer: Pointer) -> list[Message]:
    """Return what a cell goes into."""
    names: dict[str, None] = {}
    for region in trace.dependants(pointer.array, pointer.index):
        if region.array != pointer.array:
            names[region.array] = None
        elif region.axes[0] and region.axes[0][0] > pointer.index[0]:
            names["the next time step"] = None
    if not names:
        return []
    parts: Iterable[object] = (
        Toned(Message(name if " " in name else f"the {trace.name_of(name).lower()}"), Tone.WRITES)
        for name in names
    )
    return [Message("Goes into {parts}.", {"parts": _listed(list(parts))})]


def _listed(parts: list[object]) -> Message:
    names = [f"part_{at}" for at in range(len(parts))]
    braced = [f"{{{name}}}" for name in names]
    head, last = braced[:-1], braced[-1:]
    text = " and ".join([", ".join(head), *last]) if head else "".join(last)
    return Message(text, dict(zip(names, parts, strict=True)))


def _hint(*, can_change: bool, pinned: bool) -> Message:
    if can_change:
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
