"""What a variational autoencoder draws: the numbers of a code, and pictures of nothing."""

from __future__ import annotations

import numpy as np

from simulator.lessons.board import Gallery, Table
from simulator.lessons.board_planes import BoardPlanes
from simulator.traces.formula import Message
from simulator.traces.numbers import number
from simulator.traces.region import Region
from simulator.traces.variational import VariationalTrace

MOST_UNITS = 8
"""Of a longer code so many numbers are told at a time."""
ACROSS = 6
HEADS = ("", "μ", "log σ²", "σ", "ε", "μ+σε", "KL")


def draw_table(
    trace: VariationalTrace, state: int, sample: int, weight: float, *, first: int
) -> Table:
    """Return how each number of a picture's code is drawn, and what its KL term is.

    Of a longer code these are as many numbers as fit, from ``first`` on, counted from 1; the last
    ones, if there are no more.
    """

    def values(name: str, *before: int) -> np.ndarray:
        shape = trace.arrays[name].shape[len(before) :]
        at = tuple(range(each, each + 1) for each in before)
        return trace.read(Region(name, (*at, *(range(length) for length in shape)))).ravel()

    mean, spread, drawn, apart = (
        values(name, state, sample) for name in ("code", "log_variance", "sampled", "divergence")
    )
    noise, units = values("noise", sample), len(mean)
    begin = max(min(first - 1, units - MOST_UNITS), 0)
    shown = range(begin, min(begin + MOST_UNITS, units))
    total = float(apart.sum())
    columns = (mean, spread, np.exp(spread / 2), noise, drawn, apart)
    return Table(
        key="draws",
        title=Message("Drawn for the first picture"),
        note=Message("β·KL ≈ {term}", {"term": number(weight * total)}),
        heads=HEADS,
        rows=tuple(
            (f"z{at + 1}", *(number(float(column[at]), 2) for column in columns)) for at in shown
        ),
    )


def dream_gallery(trace: VariationalTrace, planes: BoardPlanes, state: int) -> Gallery:
    """Return what the decoder draws of codes from the normal distribution."""
    total = trace.arrays["dreams"].shape[0]
    rows = -(-total // ACROSS)
    return Gallery(
        key="dreams",
        title=Message("Drawn from nothing"),
        note=Message("z from N(0, 1)"),
        rows=tuple(
            tuple(
                planes.grid(f"dream {at}", "dreamed", state, at)
                for at in range(row * ACROSS, min((row + 1) * ACROSS, total))
            )
            for row in range(rows)
        ),
        row_names=(Message(""),) * rows,
        captions=(),
    )
