"""A trace of a code as it is explored: a walk through it, a point of one's own, and its plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.course import Learner
from simulator.traces.formula import Explanation, Fact, Message, Piece, Term, Tone
from simulator.traces.model import Computed, Role, TraceArray, given
from simulator.traces.numbers import number
from simulator.traces.walk import WalkTrace, told_code

Array = NDArray[Any]


class ExploredTrace(WalkTrace):
    """A walk between the codes of two pictures, with what the decoder draws elsewhere.

    ``point`` (h, w) is a code of the learner's. ``pictures`` (N, R, C) are all that the network
    knows; ``ends`` are the numbers of two of them. A picture of the learner's ``own`` (R, C) comes
    after them, and the walk begins at it. What is decoded besides the walk is there before the
    first step.
    """

    def __init__(
        self,
        learner: Learner,
        state: int,
        pictures: Array,
        point: Array,
        *,
        ends: tuple[int, int],
        plane: tuple[Array, Array],
        steps: int,
        fact: Fact,
        own: Array | None = None,
    ) -> None:
        """Take what has learned and up to which state; ``plane`` holds the values of the first two
        numbers of the code, across and up, at which the plane is drawn.
        """
        self.own = b"" if own is None else own.tobytes()
        if own is not None:
            ends = len(pictures), ends[1]
            pictures = np.concatenate([pictures, own[None].astype(pictures.dtype)])
        first, last = learner.code(state, pictures[list(ends)])
        super().__init__(learner, state, first, last, steps=steps, fact=fact)
        self.ends = ends
        self.point = point
        self.side = len(plane[0])
        drawn = learner.decoded(state, point[None])[0]
        across, up = np.meshgrid(plane[0], plane[1][::-1])
        codes = np.zeros((across.size, point.size), dtype=np.float32)
        codes[:, 0] = across.ravel()
        if point.size > 1:
            codes[:, 1] = up.ravel()
        manifold = learner.decoded(state, codes.reshape(-1, *point.shape))
        shape = pictures.shape[1:]

        def rebuilt(samples: Array, rows: Array, columns: Array) -> Array:
            made: Array = learner.decoded(state, learner.code(state, pictures[np.ravel(samples)]))
            return made[:, np.ravel(rows)][..., np.ravel(columns)]

        def error(samples: Array, rows: Array, columns: Array) -> Array:
            apart: Array = np.square(
                rebuilt(samples, rows, columns) - pictures[samples, rows, columns]
            )
            return apart

        plane_axes = ("up", "across", "row", "column")
        more = (
            given("point", ("row", "column"), Role.READS, point),
            given("drawn", ("row", "column"), Role.WRITES, drawn),
            given("original", ("sample", "row", "column"), Role.READS, pictures),
            TraceArray(
                "rebuilt",
                ("sample", "row", "column"),
                Role.WRITES,
                Computed(pictures.shape, rebuilt),
                given=True,
            ),
            TraceArray(
                "error",
                ("sample", "row", "column"),
                Role.WRITES,
                Computed(pictures.shape, error),
                given=True,
            ),
            given(
                "manifold",
                plane_axes,
                Role.WRITES,
                manifold.reshape(self.side, self.side, *shape),
            ),
        )
        self.arrays = {**self.arrays, **{array.name: array for array in more}}

    def explain_point(self) -> Explanation:
        """Return the learner's own code, and what is made of it."""
        code = self.point.ravel()
        pixels = int(np.prod(self.arrays["drawn"].shape))
        return Explanation(
            headline=told_code(code, pixels),
            sentence=Message("Your own code: drag the point, or move the sliders."),
            symbols=r"\writes{\hat{x}} = \mathrm{decode}(\reads{z})",
            terms=tuple(Term((Piece(number(float(value), 2), Tone.READS),)) for value in code[:9]),
            separator=",",
            elided=(0, max(0, len(code) - 9)),
            caption=Message("the whole code"),
            relation="→",
            result=Piece(f"{pixels} pixels", Tone.WRITES),
            progress=(1, 1),
            progress_caption=Message("your point"),
        )
