"""What the arrays of a dense layer are called in a trace."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.traces.formula import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseNames:
    """What the arrays of a dense part are called, and how its formula is written.

    ``source`` is read, ``kernel`` weighs, ``bias`` is added, if there is one; ``sums`` and
    ``output`` are written, and ``products`` and ``running`` on the way. ``symbols`` is
    LaTeX, in which ``letters`` count units and inputs.
    """

    source: str
    kernel: str
    bias: str | None
    products: str
    running: str
    sums: str
    output: str
    symbols: str
    letters: tuple[str, str] = ("j", "i")
    source_title: Message
    kernel_title: Message
    output_title: Message
