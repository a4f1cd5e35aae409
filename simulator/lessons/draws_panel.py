"""What a variational autoencoder draws: the numbers of a code, and pictures of nothing."""

from __future__ import annotations

import numpy as np

from simulator.lessons.board import Gallery, Words
from simulator.lessons.board_planes import BoardPlanes
from simulator.traces.formula import Message
from simulator.traces.numbers import factor, number
from simulator.traces.region import Region
from simulator.traces.variational import VariationalTrace

MOST_UNITS = 2
"""Of a longer code the first numbers are told."""
ACROSS = 6


def draw_words(trace: VariationalTrace, state: int, sample: int, weight: float) -> Words:
    """Return how each number of a picture's code is drawn, and what its KL terms come to."""

    def values(name: str, *before: int) -> np.ndarray:
        shape = trace.arrays[name].shape[len(before) :]
        at = tuple(range(each, each + 1) for each in before)
        return trace.read(Region(name, (*at, *(range(length) for length in shape)))).ravel()

    mean, spread, drawn, apart = (
        values(name, state, sample) for name in ("code", "log_variance", "sampled", "divergence")
    )
    noise = values("noise", sample)
    lines: list[tuple[Message, str]] = []
    total = float(apart.sum())
    lines.append(
        (Message("β · KL"), f"{number(weight)}·{number(total, 2)} ≈ {number(weight * total)}")
    )
    for at in range(min(len(mean), MOST_UNITS)):
        told = {"number": at + 1}
        lines += [
            (
                Message("z{number} = μ + σ·ε", told),
                f"{number(float(mean[at]), 2)} + {number(float(np.exp(spread[at] / 2)), 2)}·"
                f"{factor(float(noise[at]), 2)} ≈ {number(float(drawn[at]), 2)}",
            ),
            (
                Message("log σ², KL of z{number}", told),
                f"{number(float(spread[at]), 2)}, {number(float(apart[at]), 3)}",
            ),
        ]
    return Words("draws", Message("Drawn for the first picture"), tuple(lines))


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
