r"""The equations of SimpleRNN, LSTM and GRU, in the order in which a cell works through them.

Sources: Elman, Finding structure in time (1990); Hochreiter and Schmidhuber, Long short-term memory
(1997), with the forget gate of Gers et al. (2000); Cho et al., Learning phrase representations
using RNN encoder-decoder (2014). Kernels and biases are laid out as in Keras.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cell_names import ALONE, GATES, Naming
from simulator.traces.cellwise_equations import Cellwise, Operation
from simulator.traces.dot_equation import Bias, Dot, DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Message
from simulator.traces.recurrence_told import activation_sign

Array = NDArray[Any]
Told = tuple[str | Source, ...]

HIDDEN, CELL = ALONE.before("h"), ALONE.before("c")


def cell_equations(
    layer: Recurrent,
    inputs: tuple[DotInput, ...],
    length: int,
    held: Collection[str] = (),
    naming: Naming = ALONE,
) -> tuple[Equation, ...]:
    """Return the equations of a layer that reads ``length`` time steps.

    ``inputs`` are what it reads at each step and the kernels that weigh it, those of the first
    gate. ``held`` names the gates whose values an array of theirs may hold.

    Raises:
        TypeError: the layer is of no kind that is known here.
    """
    build = _Builder(layer, inputs, length, frozenset(held), naming)
    if isinstance(layer, LSTM):
        return build.lstm(layer)
    if isinstance(layer, GRU):
        return build.gru(layer)
    if isinstance(layer, SimpleRNN):
        return (build.simple(),)
    raise TypeError(f"{type(layer).__name__} is no recurrent layer that can be stepped through.")


class _Builder:
    """Makes the equations of one layer."""

    def __init__(
        self,
        layer: Recurrent,
        inputs: tuple[DotInput, ...],
        length: int,
        held: frozenset[str],
        naming: Naming,
    ) -> None:
        self.layer = layer
        self.inputs = inputs
        self.length = length
        self.units = layer.units
        self.held = held
        self.named = naming

    def _biases(self, column: int, *rows: int) -> tuple[Bias, ...]:
        if not self.layer.use_bias:
            return ()
        return tuple(Bias(self.named.bias, column, row) for row in rows or (0,))

    def _from_x(self, column: int) -> tuple[DotInput, ...]:
        return tuple(replace(part, column=column) for part in self.inputs)

    def _from_h(self, column: int, source: Source | None = None) -> DotInput:
        read = source or self.named.before("h")
        return DotInput(read, self.named.recurrent_kernel, self.units, column)

    def _held(self, gate: str) -> str:
        return self.named.held(gate) if gate in self.held else ""

    def _cellwise(
        self,
        operations: tuple[Operation, ...],
        told: Told,
        wording: Wording,
    ) -> Cellwise:
        """Return operations that are given by the plain names of the arrays that they fill."""
        return Cellwise(
            name=self.named.own(operations[-1].name),
            units=self.units,
            length=self.length,
            operations=tuple(replace(each, name=self.named.own(each.name)) for each in operations),
            told=told,
            wording=wording,
        )

    def _dot(self, name: str, inputs: tuple[DotInput, ...], wording: Wording, **more: Any) -> Dot:
        """Return a sum of products that fills the array of this plain name."""
        return Dot(
            name=self.named.own(name),
            units=self.units,
            length=self.length,
            inputs=inputs,
            wording=wording,
            **more,
        )

    @property
    def _sum(self) -> str:
        """What the input and the state before give, in LaTeX."""
        return rf"\weights{{W}}\reads{{{self.named.read}}} + " + (
            rf"\weights{{U}}\reads{{{self.named.earlier('h')}}}"
        )

    def simple(self) -> Dot:
        named, activation = self.named, self.layer.activation
        tells = "What is remembered, from the input and the state before."
        if named.place:
            side = "before" if named.shift < 0 else "after"
            tells = f"It reads the layer below, and its own state of the step {side}."
        wording = Wording(
            name=named.place or "hidden state",
            letter="h",
            symbols=rf"\writes{{{named.state('h')}}} = {_latex(activation)}({self._sum} + "
            r"\weights{b})",
            tells=Message(tells),
        )
        inputs = (*self._from_x(0), self._from_h(0))
        return self._dot("h", inputs, wording, biases=self._biases(0), activation=activation)

    def _gate(self, name: str, number: int, activation: Activation, *rows: int) -> Dot:
        column = number * self.units
        title, tells = GATES[name]
        wording = Wording(
            name=self.named.titled(title),
            letter=name,
            symbols=rf"{_coloured(name)} = {_latex(activation)}(\weights{{W_{name}}}"
            rf"\reads{{{self.named.read}}} + \weights{{U_{name}}}"
            rf"\reads{{{self.named.earlier('h')}}} + \weights{{b_{name}}})",
            tells=Message(tells),
        )
        return self._dot(
            name,
            (*self._from_x(column), self._from_h(column)),
            wording,
            biases=self._biases(column, *rows),
            activation=activation,
            held=self._held(name),
        )

    def lstm(self, layer: LSTM) -> tuple[Equation, ...]:
        gate, outer = layer.recurrent_activation, layer.activation
        named = self.named
        f, i, g, kept, added = map(named.source, ("f", "i", "g", "kept", "added"))
        cell = named.before("c")
        memory = self._cellwise(
            (
                Operation("kept", (f, cell), np.multiply, (f, "·", cell)),
                Operation("added", (i, g), np.multiply, (i, "·", g)),
                Operation("c", (kept, added), np.add, (kept, "+", added)),
            ),
            (f, "·", cell, "+", i, "·", g),
            Wording(
                name=named.titled("memory"),
                letter="c",
                symbols=rf"\writes{{{named.state('c')}}} = \gatef{{f_t}} \odot "
                rf"\reads{{{named.earlier('c')}}} + \gatei{{i_t}} \odot \gateg{{g_t}}",
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
        named = self.named
        o, c, activated = map(named.source, ("o", "c", "activated_c"))
        sign = activation_sign(outer.name)
        told_c: Told = (f"{sign}(", c, ")") if sign else (c,)
        return self._cellwise(
            (
                Operation("activated_c", (c,), outer.value, told_c),
                Operation("h", (o, activated), np.multiply, (o, "·", activated)),
            ),
            (o, "·", *told_c),
            Wording(
                name=named.titled("hidden state"),
                letter="h",
                symbols=rf"\writes{{{named.state('h')}}} = \gateo{{o_t}} \odot "
                rf"{_latex(outer)}(\reads{{{named.state('c')}}})",
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
        named, column = self.named, 2 * self.units
        recurrent = self._recurrent(
            named.before("h"),
            self._biases(column, 1),
            symbols=rf"\writes{{m_t}} = \weights{{U_g}}\reads{{{named.earlier('h')}}} + "
            r"\weights{b'_g}",
            tells="What the old state would give to the candidate.",
        )
        candidate = self._candidate(
            outer,
            biases=self._biases(column, 0),
            gated=(named.source("r"), named.source("recurrent")),
            inner=r"\gateo{r_t} \odot \reads{m_t}",
        )
        return recurrent, candidate

    def _reset_before(self, outer: Activation) -> tuple[Equation, ...]:
        named, column = self.named, 2 * self.units
        r, hidden = named.source("r"), named.before("h")
        reset = self._cellwise(
            (Operation("reset_h", (r, hidden), np.multiply, (r, "·", hidden)),),
            (r, "·", hidden),
            Wording(
                name=named.titled("state after the reset"),
                letter="r ⊙ h",
                symbols=rf"\writes{{s_t}} = \gateo{{r_t}} \odot \reads{{{named.earlier('h')}}}",
                tells=Message("the part of the old state that the candidate sees."),
            ),
        )
        recurrent = self._recurrent(
            named.source("reset_h"),
            (),
            symbols=r"\writes{m_t} = \weights{U_g}\reads{s_t}",
            tells="What is left of the old state gives this to the candidate.",
        )
        candidate = self._candidate(
            outer,
            biases=self._biases(column),
            gated=(named.source("recurrent"),),
            inner=r"\reads{m_t}",
        )
        return reset, recurrent, candidate

    def _recurrent(
        self, source: Source, biases: tuple[Bias, ...], *, symbols: str, tells: str
    ) -> Dot:
        wording = Wording(
            name=self.named.titled("old state"), letter="m", symbols=symbols, tells=Message(tells)
        )
        inputs = (self._from_h(2 * self.units, source),)
        return self._dot("recurrent", inputs, wording, biases=biases)

    def _candidate(
        self,
        outer: Activation,
        *,
        biases: tuple[Bias, ...],
        gated: tuple[Source, ...],
        inner: str,
    ) -> Dot:
        title, tells = GATES["g"]
        wording = Wording(
            name=self.named.titled(title),
            letter="g",
            symbols=rf"\gateg{{g_t}} = {_latex(outer)}(\weights{{W_g}}"
            rf"\reads{{{self.named.read}}} + \weights{{b_g}} + {inner})",
            tells=Message(tells.replace("memory", "state")),
        )
        return self._dot(
            "g",
            self._from_x(2 * self.units),
            wording,
            biases=biases,
            activation=outer,
            gated=gated,
            held=self._held("g"),
        )

    def _blended(self) -> Cellwise:
        named = self.named
        z, g, kept, added = map(named.source, ("z", "g", "kept", "added"))
        hidden = named.before("h")
        return self._cellwise(
            (
                Operation("kept", (z, hidden), np.multiply, (z, "·", hidden)),
                Operation("added", (z, g), _let_in, ("(1 −", z, ")", "·", g)),
                Operation("h", (kept, added), np.add, (kept, "+", added)),
            ),
            (z, "·", hidden, "+", "(1 −", z, ")", "·", g),
            Wording(
                name=named.titled("hidden state"),
                letter="h",
                symbols=rf"\writes{{{named.state('h')}}} = \gatef{{z_t}} \odot "
                rf"\reads{{{named.earlier('h')}}} + (1 - \gatef{{z_t}}) \odot \gateg{{g_t}}",
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
