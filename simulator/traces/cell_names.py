"""What the arrays of recurrent cells are called, and what their gates are good for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.traces.equations import Source
from simulator.traces.formula import Tone

TONES = {
    "f": Tone.GATE_F,
    "i": Tone.GATE_I,
    "g": Tone.GATE_G,
    "o": Tone.GATE_O,
    "z": Tone.GATE_F,
    "r": Tone.GATE_O,
}
"""The colours of gates. A GRU's update gate does what the forget gate does; its reset gate has the
colour that is left."""

GATES = {
    "f": ("forget gate", "How much of the memory is kept."),
    "i": ("input gate", "How much of the candidate is let in."),
    "g": ("candidate", "What could be added to the memory."),
    "o": ("output gate", "How much of the memory is shown."),
    "z": ("update gate", "How much of the old state is kept."),
    "r": ("reset gate", "How much of the old state the candidate sees."),
}
"""What a gate is called, and what it is good for."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What a cell's arrays are called, where several cells stand in one trace.

    ``suffix`` stands after the name of each array that the cell fills, and of those before its
    first step. ``shift`` is −1 for a cell that hands its states on to the next time step, 1 for one
    that reads from the end. ``place`` goes on after the name of an equation, such as "layer 1";
    ``mark`` and ``arrow`` are written above the letters of its states in LaTeX.
    """

    suffix: str = ""
    recurrent_kernel: str = "recurrent_kernel"
    bias: str = "bias"
    shift: int = -1
    read: str = "x_t"
    place: str = ""
    mark: str = ""
    arrow: bool = False

    def own(self, name: str) -> str:
        """Return what an array of the cell is called."""
        return f"{name}{self.suffix}"

    def initial(self, name: str) -> str:
        """Return what the state (1, U) before the cell's first step is called."""
        return f"initial_{self.own(name)}"

    def held(self, name: str) -> str:
        """Return what the given array of a gate's values that are held by hand is called."""
        return f"held_{self.own(name)}"

    def source(self, name: str) -> Source:
        """Return an array of the cell at the same time step."""
        return Source(self.own(name))

    def before(self, name: str) -> Source:
        """Return a state as the step before has left it."""
        return Source(self.own(name), self.shift, self.initial(name))

    def state(self, letter: str) -> str:
        """Return a state in LaTeX."""
        return self._symbol(letter, "t")

    def earlier(self, letter: str) -> str:
        """Return a state of the step before in LaTeX."""
        return self._symbol(letter, "t-1" if self.shift < 0 else "t+1")

    def _symbol(self, letter: str, time: str) -> str:
        over = rf"\overleftarrow{{{letter}}}" if self.arrow else letter
        return f"{over}{f'^{{{self.mark}}}' if self.mark else ''}_{_grouped(time)}"

    def titled(self, name: str) -> str:
        """Return what an equation is called."""
        return f"{name} of {self.place}" if self.place else name


ALONE = Naming()
"""The names of a cell that is alone in its trace."""


def gate_named(array: str) -> str:
    """Return the letter of the gate whose values an array holds, in whichever cell; "" if none."""
    return array[:1] if _GATE.fullmatch(array) else ""


_GATE = re.compile(rf"[{''.join(GATES)}](\d+(_back)?)?")


def _grouped(time: str) -> str:
    return f"{{{time}}}" if len(time) > 1 else time
