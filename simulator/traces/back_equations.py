r"""The equations of the way back through one time step of SimpleRNN, LSTM and GRU.

``d_h`` is ∂L/∂h, ``da_i`` ∂L/∂(the sum of gate i), and so on; ``carried`` is what goes on to the
state before. They are the chain rule for the equations of ``recurrent_cells``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.activations import Activation
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cell_names import ALONE
from simulator.traces.cellwise_equations import Cellwise, Operation, RowNorm
from simulator.traces.dot_equation import Dot, DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Message
from simulator.traces.recurrence_told import activation_sign
from simulator.traces.recurrent_cells import CELL, HIDDEN

Array = NDArray[Any]
Part = str | Source

PRIME = "\N{PRIME}"

D_H, D_C = Source("d_h"), Source("d_c")


def back_equations(
    layer: Recurrent, length: int, *, truncated: bool, held: Collection[str] = ()
) -> tuple[Equation, ...]:
    """Return the equations of one step back, in their order.

    ``held`` names the gates whose values may be held by hand: no gradient goes through those.

    Raises:
        TypeError: the layer is of no kind that is known here.
    """
    make = _Back(layer.units, length, frozenset(held))
    arriving = make.arriving(truncated=truncated)
    if isinstance(layer, LSTM):
        memory, *others = make.lstm(layer.activation, layer.recurrent_activation, truncated)
        return (arriving, memory, make.norm(D_C, "c"), *others)
    start = (arriving, make.norm(D_H, "h"))
    if isinstance(layer, GRU):
        gates = make.gru(layer.activation, layer.recurrent_activation, layer.reset_after)
        return (*start, *gates)
    if isinstance(layer, SimpleRNN):
        return (*start, *make.simple(layer.activation))
    raise TypeError(f"{type(layer).__name__} is no recurrent layer that can be stepped through.")


class _Back:
    """Makes the equations for so many units and time steps."""

    def __init__(self, units: int, length: int, held: frozenset[str]) -> None:
        self.units = units
        self.length = length
        self.held = held

    def _cellwise(
        self,
        operations: tuple[Operation, ...],
        told: tuple[Part, ...],
        wording: Wording,
    ) -> Cellwise:
        return Cellwise(
            name=operations[-1].name,
            units=self.units,
            length=self.length,
            operations=operations,
            told=told,
            wording=wording,
        )

    def arriving(self, *, truncated: bool) -> Cellwise:
        """What arrives at h: from the layers above, and from the step after."""
        out, later = Source("to_output"), Source("carried", 1, "after_h")
        operations: tuple[Operation, ...] = ()
        told: tuple[Part, ...] = (out, "+", later)
        if truncated:
            passes, passed = Source("passes"), Source("passed")
            operations = (Operation("passed", (later, passes), np.multiply, (later, "·", passes)),)
            told = (out, "+", later, "·", passes)
            later = passed
        operations += (Operation("d_h", (out, later), np.add, (out, "+", later)),)
        return self._cellwise(
            operations,
            told,
            Wording(
                name="gradient at the state",
                letter="∂L/∂h",
                symbols=rf"{d('h_t')} = \reads{{\delta_t}} + \gradient{{k_{{t+1}}}}",
                tells=Message("what comes from this step's answer, and from the step after."),
            ),
        )

    def norm(self, source: Source, state: str) -> RowNorm:
        """How long the gradient at a state is: at that which goes the furthest back."""
        return RowNorm(
            name="norm",
            units=1,
            length=self.length,
            sources=(source,),
            size=self.units,
            wording=Wording(
                name="length of the gradient",
                letter=f"‖∂L/∂{state}‖",
                symbols=rf"\left\|{d(f'{state}_t')}\right\|",
                tells=Message("how strongly the loss still depends on this step's state."),
            ),
        )

    def _through(
        self,
        gate: str,
        activation: Activation,
        factors: tuple[Part | tuple[Part, ...], ...],
        function: Callable[..., Array],
        symbols: str,
        words: str,
        name: str = "",
    ) -> Cellwise:
        """Back through an activation: the product of the factors, times its slope."""
        before, after = Source(f"a_{gate}"), Source(gate)
        slope, target = Source(f"slope_{gate}"), name or f"da_{gate}"
        sources = tuple(part for part in factors if isinstance(part, Source))
        sign = activation_sign(activation.name) or "1"

        def slopes(a: Array, y: Array, *held: Array) -> Array:
            found = activation.gradient(a, y, np.ones_like(a))
            return np.where(np.isnan(held[0]), found, 0) if held else found

        def product(*operands: Array) -> Array:
            *parts, slope_values = operands
            return np.asarray(function(*parts) * slope_values)

        told = (*(part for part in factors if isinstance(part, str | Source)), "·", slope)
        return self._cellwise(
            (
                Operation(
                    slope.array,
                    (before, after, *self._held(gate)),
                    slopes,
                    (f"{sign}{PRIME}(", before, ")"),
                ),
                Operation(target, (*sources, slope), product, told),
            ),
            told,
            Wording(
                name=f"gradient at the sum of {words}",
                letter=f"∂L/∂a{'' if gate == 'h' else gate}",
                symbols=symbols,
                tells=Message("the slope of the activation lets a part through."),
            ),
        )

    def _held(self, gate: str) -> tuple[Source, ...]:
        return (Source(ALONE.held(gate)),) if gate in self.held else ()

    def _carried(
        self, inputs: tuple[DotInput, ...], gated: tuple[Source, ...], symbols: str
    ) -> Dot:
        return Dot(
            name="carried",
            units=self.units,
            length=self.length,
            inputs=inputs,
            gated=gated,
            wording=Wording(
                name="gradient handed back",
                letter="k",
                symbols=symbols,
                tells=Message("The recurrent weights take it to the state before."),
            ),
        )

    def _into(self, name: str, number: int = 0) -> DotInput:
        column = number * self.units
        return DotInput(Source(name), "recurrent_kernel", self.units, column, transposed=True)

    def simple(self, activation: Activation) -> tuple[Equation, ...]:
        """h = φ(W x + U h₋₁ + b), backwards."""
        slope = self._through(
            "h",
            activation,
            (D_H,),
            _same,
            rf"{d('a_t')} = {d('h_t')} \odot \varphi'(\reads{{a_t}})",
            "the state",
            "d_a",
        )
        symbols = rf"\writes{{k_t}} = \weights{{U}}\,{d('a_t')}"
        return slope, self._carried((self._into("d_a"),), (), symbols)

    def lstm(self, outer: Activation, gate: Activation, truncated: bool) -> tuple[Equation, ...]:
        """c = f ⊙ c₋₁ + i ⊙ g and h = o ⊙ φ(c), backwards."""
        f, i, g, o = (Source(name) for name in "figo")
        activated, slope_c = Source("activated_c"), Source("slope_c")
        shown, later = Source("through_h"), Source("cell_carried", 1, "after_c")

        def slopes(c: Array, y: Array) -> Array:
            return outer.gradient(c, y, np.ones_like(c))

        sign = activation_sign(outer.name) or "1"
        told: tuple[Part, ...] = (D_H, "·", o, "·", slope_c, "+", later)
        cut: tuple[Operation, ...] = ()
        if truncated:  # the memory hands nothing past the window either
            passes = Source("passes")
            cut = (Operation("passed_c", (later, passes), np.multiply, (later, "·", passes)),)
            told, later = (*told, "·", passes), Source("passed_c")
        memory = self._cellwise(
            (
                Operation(
                    "slope_c",
                    (Source("c"), activated),
                    slopes,
                    (f"{sign}{PRIME}(", Source("c"), ")"),
                ),
                Operation("through_h", (D_H, o, slope_c), _product, (D_H, "·", o, "·", slope_c)),
                *cut,
                Operation("d_c", (shown, later), np.add, (shown, "+", later)),
            ),
            told,
            Wording(
                name="gradient at the memory",
                letter="∂L/∂c",
                symbols=rf"{d('c_t')} = {d('h_t')} \odot \gateo{{o_t}} \odot "
                r"\tanh'(\reads{c_t}) + \gradient{m_{t+1}}",
                tells=Message("what comes through the hidden state, and along the memory."),
            ),
        )
        kept = self._cellwise(
            (Operation("cell_carried", (D_C, f), np.multiply, (D_C, "·", f)),),
            (D_C, "·", f),
            Wording(
                name="gradient kept along the memory",
                letter="m",
                symbols=rf"\writes{{m_t}} = {d('c_t')} \odot \gatef{{f_t}}",
                tells=Message("the forget gate alone decides: no weights are in the way."),
            ),
        )

        def one(name: str, activation: Activation, *factors: Part, inner: str) -> Cellwise:
            parts = [factors[0]]
            for factor in factors[1:]:
                parts += ["·", factor]
            symbols = rf"{d(f'a_{name}')} = {inner} \odot "
            symbols += r"\sigma'" if activation is gate else r"\tanh'"
            return self._through(name, activation, tuple(parts), _product, symbols, f"gate {name}")

        return (
            memory,
            one("i", gate, D_C, g, inner=rf"{d('c_t')} \odot \gateg{{g_t}}"),
            one("f", gate, D_C, CELL, inner=rf"{d('c_t')} \odot \reads{{c_{{t-1}}}}"),
            one("g", outer, D_C, i, inner=rf"{d('c_t')} \odot \gatei{{i_t}}"),
            one("o", gate, D_H, activated, inner=rf"{d('h_t')} \odot \tanh(\reads{{c_t}})"),
            kept,
            self._carried(
                tuple(self._into(f"da_{name}", at) for at, name in enumerate("ifgo")),
                (),
                r"\writes{k_t} = \sum_{q\in\{i,f,g,o\}}\weights{U_q}\,"
                r"\gradient{\frac{\partial L}{\partial a_q}}",
            ),
        )

    def gru(self, outer: Activation, gate: Activation, after: bool) -> tuple[Equation, ...]:
        """h = z ⊙ h₋₁ + (1 − z) ⊙ g, backwards, in either form."""
        z, r, g, m = (Source(name) for name in ("z", "r", "g", "recurrent"))
        candidate = self._through(
            "g",
            outer,
            (D_H, "· (1 −", z, ")"),
            _let_in,
            rf"{d('a_g')} = {d('h_t')} \odot (1-\gatef{{z_t}}) \odot \tanh'",
            "the candidate",
        )
        update = self._through(
            "z",
            gate,
            (D_H, "· (", HIDDEN, "−", g, ")"),
            _difference,
            rf"{d('a_z')} = {d('h_t')} \odot (\reads{{h_{{t-1}}}}-\gateg{{g_t}}) \odot \sigma'",
            "the update gate",
        )
        if after:
            reset = self._through(
                "r",
                gate,
                (Source("da_g"), "·", m),
                _product,
                rf"{d('a_r')} = {d('a_g')} \odot \reads{{m_t}} \odot \sigma'",
                "the reset gate",
            )
            inner = self._plain(
                "inner", (Source("da_g"), "·", r), r"\writes{n_t} = ", "gradient at m"
            )
            direct = self._plain("direct", (D_H, "·", z), r"\writes{q_t} = ", "gradient kept")
            inputs: tuple[DotInput, ...] = (
                self._into("da_z"),
                self._into("da_r", 1),
                self._into("inner", 2),
            )
            middle: tuple[Equation, ...] = (reset, inner, direct)
        else:
            middle, inputs = self._gru_before(gate, z, r)
        symbols = r"\writes{k_t} = \weights{U_z}\gradient{\delta_z} + "
        symbols += r"\weights{U_r}\gradient{\delta_r} + \ldots + \gradient{q_t}"
        return (candidate, update, *middle, self._carried(inputs, (Source("direct"),), symbols))

    def _gru_before(
        self, gate: Activation, z: Source, r: Source
    ) -> tuple[tuple[Equation, ...], tuple[DotInput, ...]]:
        to_reset = Dot(
            name="to_reset",
            units=self.units,
            length=self.length,
            inputs=(self._into("da_g", 2),),
            wording=Wording(
                name="gradient at the state after the reset",
                letter="∂L/∂s",
                symbols=rf"{d('s_t')} = \weights{{U_g}}\,{d('a_g')}",
                tells=Message("Back through the candidate's recurrent weights."),
            ),
        )
        reset = self._through(
            "r",
            gate,
            (Source("to_reset"), "·", HIDDEN),
            _product,
            rf"{d('a_r')} = {d('s_t')} \odot \reads{{h_{{t-1}}}} \odot \sigma'",
            "the reset gate",
        )
        kept, through = Source("kept_back"), Source("through_reset")
        direct = self._cellwise(
            (
                Operation("kept_back", (D_H, z), np.multiply, (D_H, "·", z)),
                Operation(
                    "through_reset",
                    (Source("to_reset"), r),
                    np.multiply,
                    (Source("to_reset"), "·", r),
                ),
                Operation("direct", (kept, through), np.add, (kept, "+", through)),
            ),
            (D_H, "·", z, "+", Source("to_reset"), "·", r),
            Wording(
                name="gradient kept",
                letter="q",
                symbols=rf"\writes{{q_t}} = {d('h_t')} \odot \gatef{{z_t}} + "
                rf"{d('s_t')} \odot \gateo{{r_t}}",
                tells=Message("what goes back through gates alone."),
            ),
        )
        return (to_reset, reset, direct), (self._into("da_z"), self._into("da_r", 1))

    def _plain(self, name: str, told: tuple[Part, ...], symbols: str, words: str) -> Cellwise:
        """A product of two arrays."""
        sources = tuple(part for part in told if isinstance(part, Source))
        gate = {"z": r"\gatef{z_t}", "r": r"\gateo{r_t}"}[sources[1].array]
        first = d("h_t") if sources[0] == D_H else d("a_g")
        return self._cellwise(
            (Operation(name, sources, np.multiply, told),),
            told,
            Wording(
                name=words,
                letter={"inner": "n", "direct": "q"}[name],
                symbols=rf"{symbols}{first} \odot {gate}",
                tells=Message("a gate lets a part of it through."),
            ),
        )


def d(name: str) -> str:
    """Return ∂L/∂name as LaTeX."""
    return rf"\gradient{{\frac{{\partial L}}{{\partial {name}}}}}"


def _same(values: Array) -> Array:
    return values


def _product(*factors: Array) -> Array:
    return np.asarray(np.prod(factors, axis=0))


def _let_in(gradient: Array, update: Array) -> Array:
    return np.asarray(gradient * (1 - update))


def _difference(gradient: Array, before: Array, candidate: Array) -> Array:
    return np.asarray(gradient * (before - candidate))
