r"""The equations of SimpleRNN, LSTM and GRU, in the order in which a cell works through them.

Sources: Elman, Finding structure in time (1990); Hochreiter and Schmidhuber, Long short-term memory
(1997), with the forget gate of Gers et al. (2000); Cho et al., Learning phrase representations
using RNN encoder-decoder (2014). Kernels and biases are laid out as in Keras.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cellwise_equations import Cellwise, Operation
from simulator.traces.dot_equation import Bias, Dot, DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Message, Tone
from simulator.traces.recurrence_told import activation_sign

Array = NDArray[Any]

HIDDEN = Source("h", -1, "initial_h")
CELL = Source("c", -1, "initial_c")

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

HELD = {name: f"held_{name}" for name in GATES}
"""The given arrays of values that are held by hand, by the gate."""


def cell_equations(
    layer: Recurrent, values: int, length: int, held: Collection[str] = ()
) -> tuple[Equation, ...]:
    """Return the equations of a layer that reads ``length`` time steps of so many ``values``.

    ``held`` names the gates whose values an array named in ``HELD`` may hold.

    Raises:
        TypeError: the layer is of no kind that is known here.
    """
    build = _Builder(layer, values, length, frozenset(held))
    if isinstance(layer, LSTM):
        return build.lstm(layer)
    if isinstance(layer, GRU):
        return build.gru(layer)
    if isinstance(layer, SimpleRNN):
        return (build.simple(),)
    raise TypeError(f"{type(layer).__name__} is no recurrent layer that can be stepped through.")


class _Builder:
    """Makes the equations of one layer."""

    def __init__(self, layer: Recurrent, values: int, length: int, held: frozenset[str]) -> None:
        self.layer = layer
        self.values = values
        self.length = length
        self.units = layer.units
        self.held = held

    def _biases(self, column: int, *rows: int) -> tuple[Bias, ...]:
        if not self.layer.use_bias:
            return ()
        return tuple(Bias("bias", column, row) for row in rows or (0,))

    def _from_x(self, column: int) -> DotInput:
        return DotInput(Source("x"), "kernel", self.values, column)

    def _from_h(self, column: int, source: Source = HIDDEN) -> DotInput:
        return DotInput(source, "recurrent_kernel", self.units, column)

    def simple(self) -> Dot:
        activation = self.layer.activation
        outer = _latex(activation)
        return Dot(
            name="h",
            units=self.units,
            length=self.length,
            inputs=(self._from_x(0), self._from_h(0)),
            biases=self._biases(0),
            activation=activation,
            wording=Wording(
                name="hidden state",
                letter="h",
                symbols=rf"\writes{{h_t}} = {outer}(\weights{{W}}\reads{{x_t}} + "
                rf"\weights{{U}}\reads{{h_{{t-1}}}} + \weights{{b}})",
                tells=Message("What is remembered, from the input and the state before."),
            ),
        )

    def _gate(self, name: str, number: int, activation: Activation, *rows: int) -> Dot:
        column = number * self.units
        title, tells = GATES[name]
        return Dot(
            name=name,
            units=self.units,
            length=self.length,
            inputs=(self._from_x(column), self._from_h(column)),
            biases=self._biases(column, *rows),
            activation=activation,
            held=HELD[name] if name in self.held else "",
            wording=Wording(
                name=title,
                letter=name,
                symbols=rf"{_coloured(name)} = {_latex(activation)}(\weights{{W_{name}}}"
                rf"\reads{{x_t}} + \weights{{U_{name}}}\reads{{h_{{t-1}}}} + \weights{{b_{name}}})",
                tells=Message(tells),
            ),
        )

    def lstm(self, layer: LSTM) -> tuple[Equation, ...]:
        gate, outer = layer.recurrent_activation, layer.activation
        kept, added = Source("kept"), Source("added")
        f, i, g, _o = (Source(name) for name in "figo")
        memory = Cellwise(
            name="c",
            units=self.units,
            length=self.length,
            operations=(
                Operation("kept", (f, CELL), np.multiply, (f, "·", CELL)),
                Operation("added", (i, g), np.multiply, (i, "·", g)),
                Operation("c", (kept, added), np.add, (kept, "+", added)),
            ),
            told=(f, "·", CELL, "+", i, "·", g),
            wording=Wording(
                name="memory",
                letter="c",
                symbols=r"\writes{c_t} = \gatef{f_t} \odot \reads{c_{t-1}} + "
                r"\gatei{i_t} \odot \gateg{g_t}",
                tells=Message("keep a part of what was stored, and let a part of the new in."),
            ),
        )
        return (
            self._gate("i", 0, gate),
            self._gate("f", 1, gate),
            self._gate("g", 2, outer),
            self._gate("o", 3, gate),
            memory,
            self._shown(outer),
        )

    def _shown(self, outer: Activation) -> Cellwise:
        o, c, activated = Source("o"), Source("c"), Source("activated_c")
        sign = activation_sign(outer.name)
        told_c: tuple[str | Source, ...] = (f"{sign}(", c, ")") if sign else (c,)
        return Cellwise(
            name="h",
            units=self.units,
            length=self.length,
            operations=(
                Operation("activated_c", (c,), outer.value, told_c),
                Operation("h", (o, activated), np.multiply, (o, "·", activated)),
            ),
            told=(o, "·", *told_c),
            wording=Wording(
                name="hidden state",
                letter="h",
                symbols=rf"\writes{{h_t}} = \gateo{{o_t}} \odot {_latex(outer)}(\reads{{c_t}})",
                tells=Message("show as much of the memory as the output gate lets out."),
            ),
        )

    def gru(self, layer: GRU) -> tuple[Equation, ...]:
        gate, outer = layer.recurrent_activation, layer.activation
        rows = (0, 1) if layer.reset_after else ()
        before = (self._gate("z", 0, gate, *rows), self._gate("r", 1, gate, *rows))
        middle = self._reset_after(outer) if layer.reset_after else self._reset_before(outer)
        return (*before, *middle, self._blended())

    def _reset_after(self, outer: Activation) -> tuple[Equation, ...]:
        column = 2 * self.units
        recurrent = self._recurrent(
            HIDDEN,
            self._biases(column, 1),
            symbols=r"\writes{m_t} = \weights{U_g}\reads{h_{t-1}} + \weights{b'_g}",
            tells="What the old state would give to the candidate.",
        )
        candidate = self._candidate(
            outer,
            inputs=(self._from_x(column),),
            biases=self._biases(column, 0),
            gated=(Source("r"), Source("recurrent")),
            inner=r"\gateo{r_t} \odot \reads{m_t}",
        )
        return recurrent, candidate

    def _reset_before(self, outer: Activation) -> tuple[Equation, ...]:
        column = 2 * self.units
        r = Source("r")
        reset = Cellwise(
            name="reset_h",
            units=self.units,
            length=self.length,
            operations=(Operation("reset_h", (r, HIDDEN), np.multiply, (r, "·", HIDDEN)),),
            told=(r, "·", HIDDEN),
            wording=Wording(
                name="state after the reset",
                letter="r ⊙ h",
                symbols=r"\writes{s_t} = \gateo{r_t} \odot \reads{h_{t-1}}",
                tells=Message("the part of the old state that the candidate sees."),
            ),
        )
        recurrent = self._recurrent(
            Source("reset_h"),
            (),
            symbols=r"\writes{m_t} = \weights{U_g}\reads{s_t}",
            tells="What is left of the old state gives this to the candidate.",
        )
        candidate = self._candidate(
            outer,
            inputs=(self._from_x(column),),
            biases=self._biases(column),
            gated=(),
            inner=r"\reads{m_t}",
            added=Source("recurrent"),
        )
        return reset, recurrent, candidate

    def _recurrent(
        self, source: Source, biases: tuple[Bias, ...], *, symbols: str, tells: str
    ) -> Dot:
        return Dot(
            name="recurrent",
            units=self.units,
            length=self.length,
            inputs=(self._from_h(2 * self.units, source),),
            biases=biases,
            wording=Wording(name="old state", letter="m", symbols=symbols, tells=Message(tells)),
        )

    def _candidate(
        self,
        outer: Activation,
        *,
        inputs: tuple[DotInput, ...],
        biases: tuple[Bias, ...],
        gated: tuple[Source, ...],
        inner: str,
        added: Source | None = None,
    ) -> Dot:
        title, tells = GATES["g"]
        return Dot(
            name="g",
            units=self.units,
            length=self.length,
            inputs=inputs,
            biases=biases,
            activation=outer,
            gated=gated or ((added,) if added else ()),
            held=HELD["g"] if "g" in self.held else "",
            wording=Wording(
                name=title,
                letter="g",
                symbols=rf"\gateg{{g_t}} = {_latex(outer)}(\weights{{W_g}}\reads{{x_t}} + "
                rf"\weights{{b_g}} + {inner})",
                tells=Message(tells.replace("memory", "state")),
            ),
        )

    def _blended(self) -> Cellwise:
        z, g = Source("z"), Source("g")
        kept, added = Source("kept"), Source("added")
        return Cellwise(
            name="h",
            units=self.units,
            length=self.length,
            operations=(
                Operation("kept", (z, HIDDEN), np.multiply, (z, "·", HIDDEN)),
                Operation("added", (z, g), _let_in, ("(1 −", z, ")", "·", g)),
                Operation("h", (kept, added), np.add, (kept, "+", added)),
            ),
            told=(z, "·", HIDDEN, "+", "(1 −", z, ")", "·", g),
            wording=Wording(
                name="hidden state",
                letter="h",
                symbols=r"\writes{h_t} = \gatef{z_t} \odot \reads{h_{t-1}} + "
                r"(1 - \gatef{z_t}) \odot \gateg{g_t}",
                tells=Message("keep a part of the old state, and fill the rest with the new."),
            ),
        )


def _let_in(update: Array, candidate: Array) -> Array:
    """Return what the update gate lets in of the candidate."""
    let_in: Array = (1 - update) * candidate
    return let_in


def _coloured(name: str) -> str:
    macro = {"f": "gatef", "i": "gatei", "g": "gateg", "o": "gateo", "z": "gatef", "r": "gateo"}
    return rf"\{macro[name]}{{{name}_t}}"


def _latex(activation: Activation) -> str:
    sign = activation_sign(activation.name)
    if sign in ("σ", ""):
        return r"\sigma" if sign else ""
    return r"\tanh" if sign == "tanh" else rf"\mathrm{{{sign}}}"
