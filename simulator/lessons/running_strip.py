"""The strip under the grids: how a cell's value grows, term by term."""

from __future__ import annotations

import numpy as np

from simulator.lessons.frame import Bar, Strip, TermBar
from simulator.traces.formula import Message, Piece
from simulator.traces.numbers import count, number
from simulator.traces.region import Region
from simulator.traces.window import Place, WindowTrace

MOST_BARS = 36


def running_strip(trace: WindowTrace, place: Place, result: Piece) -> Strip:
    """Return the bars of the output cell at ``place``: up to its term, or all of them.

    Of more than ``MOST_BARS`` terms, those around the current one are shown.
    """
    total = trace.terms_per_cell
    whole = trace.level != "product"
    current = total - 1 if whole else place.number
    first = 0
    if total > MOST_BARS:
        first = min(max(0, current - MOST_BARS // 2), total - MOST_BARS)
    last = min(total, first + MOST_BARS)
    start = trace.finest_of((place.map, place.row, place.column))
    cells = [range(at, at + 1) for at in (place.map, place.row, place.column)]
    depth, height, width = trace.term_shape

    def values(name: str) -> list[float]:
        if total <= 4 * MOST_BARS:
            axes = (*cells, range(depth), range(height), range(width))
            kept = trace.read(Region(name, axes)).reshape(-1)
            return [float(value) for value in kept[max(0, first - 1) : last]]
        return [
            trace.read(trace.term(trace.place(start + at), name)).item()
            for at in range(max(0, first - 1), last)
        ]

    running, terms = values(trace.running_array), values(trace.term_array)
    if first:
        before, running, terms = running[0], running[1:], terms[1:]
    else:
        before = running[0] - terms[0]
    bars = []
    labels = trace.told_terms(place, range(first, last))
    for at, (value, term) in enumerate(zip(running, terms, strict=True), start=first):
        state = TermBar.DONE
        if not whole and at == current:
            state = TermBar.CURRENT
        elif not whole and at > current:
            state = TermBar.PENDING
        if trace.scene_words.accumulates:
            bars.append(Bar(before, value, labels[at - first], state))
        else:
            bars.append(Bar(0.0, term if np.isfinite(term) else 0.0, labels[at - first], state))
        before = value
    reached = [edge for bar in bars for edge in (bar.start, bar.end) if np.isfinite(edge)]
    note = Message("all {total} terms, row by row", {"total": total})
    if total > MOST_BARS:
        note = Message(
            "terms {first} to {last} of {total}",
            {"first": first + 1, "last": last, "total": count(total)},
        )
    done = current + 1 == total
    now = running[current - first]
    return Strip(
        title=trace.scene_words.running,
        note=note,
        bars=tuple(bars),
        low=min(reached) if first and trace.scene_words.accumulates else min(0.0, *reached),
        high=max(reached) if first and trace.scene_words.accumulates else max(0.0, *reached),
        now=now,
        result=Piece(number(now), result.tone) if trace.scene_words.finishes else result,
        caption=_caption(trace, done=done),
    )


def _caption(trace: WindowTrace, *, done: bool) -> Message:
    if not done:
        return Message("so far")
    return Message("in all") if trace.scene_words.accumulates else Message("the largest")
