"""The strip under the grids: how a cell's value grows, term by term."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from simulator.lessons.frame import Bar, Strip
from simulator.traces.formula import Message, Piece, Tone
from simulator.traces.numbers import count, exact, number
from simulator.traces.places import Place
from simulator.traces.region import Region, one
from simulator.traces.told_terms import state_of
from simulator.traces.window import WindowTrace

MOST_BARS = 36


def running_strip(trace: WindowTrace, place: Place) -> Strip:
    """Return the bars of the output cell at ``place``: up to its term, or all of them.

    Of more than ``MOST_BARS`` terms, those around the current one are shown.
    """
    total, words = trace.terms_per_cell, trace.scene_words
    whole = trace.level != "product"
    current = total - 1 if whole else place.number
    first = min(max(0, current - MOST_BARS // 2), max(0, total - MOST_BARS))
    numbers = range(first, min(total, first + MOST_BARS))
    terms = _values(trace, trace.term_array, place, numbers)
    running = _running(trace, place, numbers, terms[0])
    labels = trace.told_terms(place, numbers)
    bars = tuple(
        Bar(
            start=before if words.accumulates else 0.0,
            end=after if words.accumulates else _height(term),
            label=label,
            state=state_of(at, current, whole=whole),
        )
        for at, term, (before, after), label in zip(
            numbers, terms, pairwise(running), labels, strict=True
        )
    )
    ends = [end for bar in bars for end in (bar.start, bar.end)]
    if first == 0 or not words.accumulates:
        ends.append(0.0)
    low, high = min(ends), max(ends)
    # The output is what the terms come to, unless one more step makes the output of that.
    now = running[current - first + 1] if words.finishes else trace.value_at(place)
    text = number(now)
    return Strip(
        title=words.running,
        note=_note(numbers, total),
        bars=bars,
        low=low,
        high=high,
        now=min(max(now, low), high),
        result=Piece(text if exact(now, text) else f"≈{text}", Tone.WRITES),
        caption=_caption(done=current + 1 == total, accumulates=words.accumulates),
    )


def _values(trace: WindowTrace, name: str, place: Place, numbers: range) -> list[float]:
    """Return the values of some terms of a cell, read in runs of whole rows of each channel."""
    _, height, width = trace.term_shape
    cell = (one(place.map), one(place.row), one(place.column))
    found: list[float] = []
    for channel in range(
        numbers.start // (height * width), (numbers.stop - 1) // (height * width) + 1
    ):
        before = channel * height * width
        start, stop = max(numbers.start - before, 0), min(numbers.stop - before, height * width)
        rows = range(start // width, (stop - 1) // width + 1)
        region = Region(name, (*cell, one(channel), rows, range(width)))
        skipped = rows.start * width
        found += trace.read(region).reshape(-1)[start - skipped : stop - skipped].tolist()
    return found


def _running(trace: WindowTrace, place: Place, numbers: range, first_term: float) -> list[float]:
    """Return what the terms come to before the first of some and after each of them."""
    if numbers.start:
        earlier = range(numbers.start - 1, numbers.stop)
        return _values(trace, trace.running_array, place, earlier)
    running = _values(trace, trace.running_array, place, numbers)
    return [running[0] - first_term, *running]


def _height(term: float) -> float:
    return term if isfinite(term) else 0.0


def _note(numbers: range, total: int) -> Message:
    if total == 1:
        return Message("the only term")
    if len(numbers) == total:
        return Message("all {total} terms, row by row", {"total": total})
    return Message(
        "terms {first} to {last} of {total}",
        {"first": count(numbers.start + 1), "last": count(numbers.stop), "total": count(total)},
    )


def _caption(*, done: bool, accumulates: bool) -> Message:
    if not done:
        return Message("so far")
    return Message("in all") if accumulates else Message("the largest")
