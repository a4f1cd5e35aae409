r"""The gradient of a layer's recurrent weights: added up over time, its length, and clipping.

Source for clipping: Pascanu et al., On the difficulty of training recurrent neural networks (2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.layers import GRU, LSTM
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cellwise_equations import Cellwise, Operation, RowNorm
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Message
from simulator.traces.recurrent_cells import HIDDEN
from simulator.traces.time_sum import TimeSum

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Clipping:
    """What is done to the gradient of the recurrent weights: ``kind`` is "none", "norm" or "value".

    By norm: all of it is scaled down where its length is more than ``limit``. By value: each number
    is cut off at ±``limit``.
    """

    kind: str = "none"
    limit: float = 1.0


NO_CLIPPING = Clipping()


@dataclass(frozen=True, slots=True)
class WeightPart:
    """The recurrent weights of one gate: which states they weigh, and the slopes at their sums.

    ``gate`` is the gate's letter, "" for a simple cell's only part.
    """

    gate: str
    states: Source
    slopes: Source

    @property
    def gradient(self) -> str:
        """Return the name of the array of its gradient (1, U · U)."""
        return f"d_U_{self.gate}" if self.gate else "d_U"

    @property
    def clipped(self) -> str:
        """Return the name of the array of its gradient after clipping (1, U · U)."""
        return f"clipped_{self.gate}" if self.gate else "clipped"


def weight_parts(layer: Recurrent) -> tuple[WeightPart, ...]:
    """Return the parts of a layer's recurrent kernel, in the order of its columns."""
    if isinstance(layer, LSTM):
        return tuple(WeightPart(gate, HIDDEN, Source(f"da_{gate}")) for gate in "ifgo")
    if isinstance(layer, GRU):
        # After the reset gate the weights see the old state; before it what is left of that.
        candidate = (HIDDEN, Source("inner")) if layer.reset_after else _RESET
        return (
            *(WeightPart(gate, HIDDEN, Source(f"da_{gate}")) for gate in "zr"),
            WeightPart("g", *candidate),
        )
    return (WeightPart("", HIDDEN, Source("d_a")),)


_RESET = (Source("reset_h"), Source("da_g"))


def weight_equations(layer: Recurrent, length: int, clipping: Clipping) -> list[Equation]:
    """Return what comes after the first time step: gradients, their common length, and clipping."""
    parts, units = weight_parts(layer), layer.units
    norm = RowNorm(
        name="U_norm",
        units=1,
        length=1,
        sources=tuple(Source(part.gradient) for part in parts),
        size=units * units,
        wording=Wording(
            name="length of the gradient",
            letter="‖∂L/∂U‖",
            symbols=r"n = \left\|\gradient{\frac{\partial L}{\partial U}}\right\|",
            tells=Message("the root of the sum of all squares."),
        ),
    )
    made: list[Equation] = [_summed(part, units, length) for part in parts]
    made.append(norm)
    if clipping.kind != "none":
        made += [_clipped(part, units * units, clipping) for part in parts]
    return made


def _summed(part: WeightPart, units: int, length: int) -> TimeSum:
    of = rf"U_{part.gate}" if part.gate else "U"
    at = rf"a_{{{part.gate},t}}" if part.gate else "a_t"
    state = r"\reads{s_t}" if part.states.array == "reset_h" else r"\reads{h_{t-1}}"
    if part.slopes.array == "inner":
        at = "m_t"
    return TimeSum(
        name=part.gradient,
        units=units * units,
        length=length,
        states=part.states,
        slopes=part.slopes,
        columns=units,
        wording=Wording(
            name=f"gradient of the weights{f' of {part.gate}' if part.gate else ''}",
            letter=f"∂L/∂U{part.gate}",
            symbols=rf"\gradient{{\frac{{\partial L}}{{\partial {of}}}}} = "
            rf"\sum_t {state}\,\gradient{{\frac{{\partial L}}{{\partial {at}}}}}^{{T}}",
            tells=Message("every time step adds its part."),
            cell="weight",
        ),
    )


def _clipped(part: WeightPart, total: int, clipping: Clipping) -> Cellwise:
    gradient, limit = Source(part.gradient), clipping.limit
    if clipping.kind == "value":

        def cut(values: Array) -> Array:
            return np.clip(values, -limit, limit)

        told: tuple[str | Source, ...] = ("clip(", gradient, ")")
        operation = Operation(part.clipped, (gradient,), cut, told)
        symbols = rf"\writes{{g}} = \min(\max(\gradient{{g}}, -{limit:g}), {limit:g})"
        tells = "what lies beyond the limit is cut off, number by number."
    else:

        def scaled(values: Array, norm: Array) -> Array:
            return np.asarray(values * np.minimum(1, limit / np.maximum(norm, 1e-30)))

        norm_source = Source("U_norm", single=True)
        told = (gradient, f"· min(1, {limit:g} / n)")
        operation = Operation(part.clipped, (gradient, norm_source), scaled, told)
        symbols = rf"\writes{{g}} = \gradient{{g}}\cdot\min\left(1, \frac{{{limit:g}}}{{n}}\right)"
        tells = "all of it is scaled down to the limit, and its direction stays."
    return Cellwise(
        name=part.clipped,
        units=total,
        length=1,
        operations=(operation,),
        told=told,
        wording=Wording(
            name=f"clipped gradient{f' of {part.gate}' if part.gate else ''}",
            letter="g",
            symbols=symbols,
            tells=Message(tells),
            cell="weight",
        ),
    )
