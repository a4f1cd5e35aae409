"""A trace of a walk along a straight line through the code of an autoencoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.course import DECODE, PICTURES, Decoded, Learner
from simulator.traces.formula import Explanation, Fact, Formula, Message, Piece, Term, Tone
from simulator.traces.model import Level, Role, Step, Trace, TraceArray, Write, given
from simulator.traces.numbers import count, factor, number
from simulator.traces.region import Region

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Between(Formula):
    """A point on the straight line between two codes."""

    share: float

    def value(self, *operands: Array) -> Array:
        """Return a + share · (b − a), (1, h, w)."""
        first, last = operands
        share = first.dtype.type(self.share)
        point: Array = (1 - share) * first + share * last
        return point[None]


class WalkTrace(Trace):
    """A walk from one code to another, and what the decoder draws on the way.

    ``first`` and ``last`` are codes (h, w); of ``steps`` + 1 points the first and the last are
    these.
    """

    def __init__(
        self,
        learner: Learner,
        state: int,
        first: Array,
        last: Array,
        *,
        steps: int,
        fact: Fact,
    ) -> None:
        """Take what has learned, up to which state, and where the walk begins and ends."""
        self.learner = learner
        self.state = state
        self.shares = [at / steps for at in range(steps + 1)]
        self._fact = fact
        self._ends = first, last
        self._line = r"\writes{z} = (1 - t)\,\reads{z_A} + t\,\weights{z_B}"
        codes = np.concatenate(
            [Between(self._line, share).value(first, last) for share in self.shares]
        )
        decoded = learner.decoded(state, codes)
        self.codes = codes
        arrays = (
            given("first", ("row", "column"), Role.READS, first),
            given("last", ("row", "column"), Role.WEIGHTS, last),
            TraceArray("codes", PICTURES, Role.WRITES, codes),
            TraceArray("decoded", PICTURES, Role.WRITES, decoded),
        )
        super().__init__(arrays, (Level("point", "Point", 1),), steps + 1)

    def _step(self, index: int) -> Step:
        at = range(index, index + 1)
        code = Region("codes", (at, *(range(length) for length in self.codes.shape[1:])))
        shape = self.arrays["decoded"].shape
        return Step(
            index,
            Message("Point {number}", {"number": index}),
            (
                Write(
                    code,
                    tuple(Region.whole(name, self.codes.shape[1:]) for name in ("first", "last")),
                    Between(self._line, self.shares[index]),
                ),
                Write(
                    Region("decoded", (at, *(range(length) for length in shape[1:]))),
                    (code,),
                    Decoded(DECODE, self.learner, self.state),
                ),
            ),
        )

    def _finest_writing(self, name: str, *positions: Array) -> NDArray[np.int64]:
        del name
        shape = np.broadcast_shapes(*(position.shape for position in positions))
        return np.broadcast_to(positions[0], shape).astype(np.int64)

    def told_cell(self, index: int) -> Region:
        """Return the first number of the code at a point."""
        return Region.cell("codes", index, 0, 0)

    def sources(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return both ends of a code, and the code of a picture."""
        if name == "codes":
            return Region.cell("first", *index[1:]), Region.cell("last", *index[1:])
        if name == "decoded":
            at = range(index[0], index[0] + 1)
            return (Region("codes", (at, *(range(length) for length in self.codes.shape[1:]))),)
        return ()

    def dependants(self, name: str, index: tuple[int, ...]) -> tuple[Region, ...]:
        """Return the codes that an end has a part in, and the picture of a code."""
        if name in ("first", "last"):
            cell = (range(at, at + 1) for at in index)
            return (Region("codes", (range(len(self.shares)), *cell)),)
        if name == "codes":
            shape = self.arrays["decoded"].shape[1:]
            at = range(index[0], index[0] + 1)
            return (Region("decoded", (at, *(range(length) for length in shape))),)
        return ()

    def explain(self, index: int) -> Explanation:
        """Return the code of a point, and what is made of it."""
        share, code = self.shares[index], self.codes[index].ravel()
        pixels = int(np.prod(self.arrays["decoded"].shape[1:]))
        first, last = (float(end.ravel()[0]) for end in self._ends)
        return Explanation(
            headline=told_code(code, pixels),
            sentence=Message(
                "The {number} numbers are the whole code. Drag the point, and the decoder draws "
                "what lies there.",
                {"number": len(code)},
            ),
            symbols=self._line,
            where=(Piece(f"t = {number(share)}", Tone.WRITES),),
            terms=(
                Term(
                    (
                        Piece(number(1 - share)),
                        Piece("·", Tone.QUIET, glued=True),
                        Piece(factor(first), Tone.READS, glued=True),
                    )
                ),
                Term(
                    (
                        Piece(number(share)),
                        Piece("·", Tone.QUIET, glued=True),
                        Piece(factor(last), Tone.WEIGHTS, glued=True),
                    )
                ),
            ),
            columns=2,
            caption=Message("the first number of the code"),
            relation="≈",
            result=Piece(number(float(code[0])), Tone.WRITES),
            progress=(index + 1, len(self.shares)),
            progress_caption=Message("A to B"),
        )

    def size_fact(self) -> Fact:
        """Return how much smaller the code is than the picture."""
        return self._fact


def told_code(code: Array, pixels: int) -> tuple[Piece, ...]:
    """Return a code, up to four numbers of it, and how many pixels are drawn from it."""
    shown = ", ".join(number(float(value), 2) for value in code[:4])
    rest = ", …" if len(code) > 4 else ""
    return (
        Piece("("),
        Piece(f"{shown}{rest}", Tone.READS, glued=True),
        Piece(")", glued=True),
        Piece("→"),
        Piece(f"{count(pixels)} pixels", Tone.WRITES),
    )
