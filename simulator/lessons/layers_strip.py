"""The strip under the grids of a network's part: how a unit's sum grows, term by term."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from simulator.lessons.frame import Bar, Strip
from simulator.lessons.running_strip import MOST_BARS
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.numbers import count, exact, number
from simulator.traces.part import PartView
from simulator.traces.region import Region
from simulator.traces.staged import Spot, StagedTrace
from simulator.traces.told_terms import state_of

LONG = 7
"""Numbers of so many signs are rounded further: beside the bars there is room for fewer."""


def layers_strip(trace: StagedTrace, spot: Spot, view: PartView) -> Strip | None:
    """Return the bars of the unit at ``spot``: up to its term, or all; None if it adds nothing up.

    Of more than ``MOST_BARS`` terms, those around the current one are shown.
    """
    if view.terms is None or not view.running:
        return None
    part = trace.parts[spot.part]
    whole = trace.level != "product"
    total = part.steps_per_unit - 1
    ends = whole or spot.at == total
    current = total - 1 if ends else spot.at
    first = min(max(0, current - MOST_BARS // 2), max(0, total - MOST_BARS))
    numbers = range(first, min(total, first + MOST_BARS))
    terms = _values(trace, view.terms.array, view.terms.fixed, numbers)
    running = _values(trace, view.running, view.terms.fixed, numbers)
    starts = [running[0] - terms[0], *running]
    bars = tuple(
        Bar(start=before, end=after, label=label, state=state_of(at, current, whole=ends))
        for at, (before, after), label in zip(
            numbers, pairwise(starts), part.told_terms(spot.unit, numbers), strict=True
        )
    )
    limits = [end for end in starts if isfinite(end)] or [0.0]
    limits += [0.0] if first == 0 else []
    low, high = min(limits), max(limits)
    now = starts[current - first + 1]
    text = number(now) if len(number(now)) < LONG else number(now, 2)
    return Strip(
        title=Message("Running sum"),
        note=_note(numbers, total),
        bars=bars,
        low=low,
        high=high,
        now=min(max(now, low), high),
        result=Piece(text if exact(now, text) else f"≈{text}", Tone.WRITES),
        caption=Message("in all") if current + 1 == total else Message("so far"),
    )


def _values(trace: StagedTrace, name: str, fixed: tuple[int, ...], numbers: range) -> list[float]:
    """Return some of a unit's terms, in their order."""
    width = trace.arrays[name].shape[-1]
    rows = range(numbers.start // width, (numbers.stop - 1) // width + 1)
    region = Region(name, (*(range(at, at + 1) for at in fixed), rows, range(width)))
    skipped = rows.start * width
    values = trace.read(region).reshape(-1)[numbers.start - skipped : numbers.stop - skipped]
    return [float(value) for value in values]


def _note(numbers: range, total: int) -> Message:
    if len(numbers) == total:
        return Message("all {total} terms, row by row", {"total": count(total)})
    return Message(
        "terms {first} to {last} of {total}",
        {"first": count(numbers.start + 1), "last": count(numbers.stop), "total": count(total)},
    )
