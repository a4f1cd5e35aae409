"""Stacked and bidirectional recurrent layers as one trace: a grid of cells in order of computation.

Layer after layer, and in each the direction that reads forwards before the one that reads backwards
(Schuster and Paliwal, Bidirectional recurrent neural networks, 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.layers import SimpleRNN
from simulator.engine.layers.base import Context
from simulator.traces.cellwise_equations import Cellwise, Operation
from simulator.traces.dot_equation import Bias, Dot, DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Fact, Message
from simulator.traces.model import Role, given
from simulator.traces.numbers import count
from simulator.traces.recurrence import RecurrentTrace, segments_of
from simulator.traces.recurrence_told import Teller

Array = NDArray[Any]

CONCAT, SUM, MULTIPLY, AVERAGE = "concat", "sum", "mul", "ave"
_MERGES: Mapping[str, tuple[Callable[..., Array], str]] = {
    SUM: (np.add, "+"),
    MULTIPLY: (np.multiply, r"\odot"),
    AVERAGE: (lambda first, second: np.asarray((first + second) / 2), "+"),
}


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of one layer, both counted from 0; ``backwards`` reads from the end."""

    layer: int
    backwards: bool

    @property
    def name(self) -> str:
        """Return the name of its states, such as "h1" or "h1_back"."""
        return f"h{self.layer + 1}{'_back' if self.backwards else ''}"


def directions_of(layers: int, *, both: bool) -> tuple[Direction, ...]:
    """Return the directions in the order that they are computed."""
    ways = (False, True) if both else (False,)
    return tuple(Direction(layer, way) for layer in range(layers) for way in ways)


def outputs_of(layer: int, *, both: bool, merge: str) -> tuple[str, ...]:
    """Return the arrays that a layer hands up: two where the directions are set side by side."""
    first = Direction(layer, False).name
    if not both:
        return (first,)
    return (first, Direction(layer, True).name) if merge == CONCAT else (f"y{layer + 1}",)


def weight_names(direction: Direction, sources: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """Return the names of a direction's kernels, one for each source, recurrent kernel and bias."""
    name = direction.name
    kernels = tuple(f"kernel_{name}_{source}" for source in sources)
    return kernels, f"recurrent_{name}", f"bias_{name}"


def initial_name(direction: Direction) -> str:
    """Return the name of the state (1, U) that a direction begins with."""
    return f"initial_{direction.name}"


def sources_of(direction: Direction, *, both: bool, merge: str) -> tuple[str, ...]:
    """Return the arrays that a direction reads at each step: "x", or what the layer below gives."""
    if not direction.layer:
        return ("x",)
    return outputs_of(direction.layer - 1, both=both, merge=merge)


def deep_trace(
    x: Array,
    weights: Mapping[str, Array],
    initial: Mapping[str, Array],
    *,
    units: int,
    layers: int,
    both: bool,
    merge: str,
    backend: Backend,
) -> RecurrentTrace:
    """Return the trace of simple recurrent layers, each reading the states of the one below.

    ``x`` is (T, C); ``weights`` are named as ``weight_names`` says, kernels (n, U), recurrent
    kernels (U, U), biases (1, U); ``initial`` are the states (1, U) before the first step of each
    direction, named as ``initial_name`` says.
    """
    length = len(x)
    arrays = [given("x", ("time", "value"), Role.READS, x)]
    arrays += [
        given(name, ("row", "column"), Role.WEIGHTS, array) for name, array in weights.items()
    ]
    arrays += [given(name, ("time", "unit"), Role.READS, array) for name, array in initial.items()]
    directions = directions_of(layers, both=both)

    def below(direction: Direction) -> tuple[str, ...]:
        return sources_of(direction, both=both, merge=merge)

    parts: list[tuple[list[Equation], int, bool]] = []
    for direction in directions:
        sizes = [x.shape[1] if name == "x" else units for name in below(direction)]
        equations: list[Equation] = [_cell(direction, below(direction), sizes, units, length)]
        if direction.backwards and merge != CONCAT:
            equations.append(_merged(direction.layer, units, length, merge))
        parts.append((equations, length, direction.backwards))
    segments = segments_of(*parts)

    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        found = dict(values)
        for direction, (equations, _, _) in zip(directions, parts, strict=True):
            found |= _states(direction, below(direction), found, units, backend)
            for equation in equations[1:]:
                assert isinstance(equation, Cellwise)
                operation = equation.operations[0]
                rows = (found[source.array] for source in operation.sources)
                found[operation.name] = operation.function(*rows)
        return found

    found = run({"x": x, **initial, **weights})
    states = [direction.name for direction in directions]
    total = sum(array.size for array in weights.values())
    return RecurrentTrace(
        arrays,
        segments,
        found,
        states=states,
        run=run,
        teller=Teller({}, ("Product", "Unit", "State", "Cell", "Network")),
        fact=Fact(
            "Weights",
            rf"\mathbf{{{count(total).replace(',', '{,}')}}}",
            Message(
                "{directions} times {units} units; a layer above reads {read} values at each step.",
                {
                    "directions": len(parts),
                    "units": units,
                    "read": sum(found[n].shape[1] for n in outputs_of(0, both=both, merge=merge)),
                },
            ),
        ),
    )


def _cell(
    direction: Direction, below: Sequence[str], sizes: Sequence[int], units: int, length: int
) -> Dot:
    kernels, recurrent, bias = weight_names(direction, below)
    shift = 1 if direction.backwards else -1
    number, way = direction.layer + 1, "+" if direction.backwards else "-"
    lower = r"\reads{x_t}" if below == ("x",) else rf"\reads{{y^{{({number - 1})}}_t}}"
    if len(below) == 2:
        lower = rf"\reads{{[h^{{({number - 1})}}_t,\ \overleftarrow{{h}}^{{({number - 1})}}_t]}}"
    letter = r"\overleftarrow{h}" if direction.backwards else "h"
    return Dot(
        name=direction.name,
        units=units,
        length=length,
        inputs=(
            *(
                DotInput(Source(source), kernel, size)
                for source, kernel, size in zip(below, kernels, sizes, strict=True)
            ),
            DotInput(Source(direction.name, shift, initial_name(direction)), recurrent, units),
        ),
        biases=(Bias(bias),),
        activation=SimpleRNN(1).activation,
        wording=Wording(
            name=f"layer {number}, {'backwards' if direction.backwards else 'forwards'}",
            letter="h",
            symbols=rf"\writes{{{letter}^{{({number})}}_t}} = \tanh(\weights{{W}}{lower} + "
            rf"\weights{{U}}\reads{{{letter}^{{({number})}}_{{t{way}1}}}} + \weights{{b}})",
            tells=Message(
                "It reads the layer below, and its own state of the step "
                f"{'after' if direction.backwards else 'before'}."
            ),
        ),
    )


def _merged(layer: int, units: int, length: int, merge: str) -> Cellwise:
    function, sign = _MERGES[merge]
    first, second = (Source(Direction(layer, way).name) for way in (False, True))
    shown = {SUM: "+", MULTIPLY: "·", AVERAGE: "+"}[merge]
    told: tuple[str | Source, ...] = (first, shown, second)
    if merge == AVERAGE:
        told = ("½ · (", first, "+", second, ")")
    number = layer + 1
    half = r"\frac{1}{2}" if merge == AVERAGE else ""
    return Cellwise(
        name=f"y{number}",
        units=units,
        length=length,
        operations=(Operation(f"y{number}", (first, second), function, told),),
        told=told,
        wording=Wording(
            name=f"both directions of layer {number}",
            letter="y",
            symbols=rf"\writes{{y^{{({number})}}_t}} = {half}(\reads{{h^{{({number})}}_t}} {sign} "
            rf"\reads{{\overleftarrow{{h}}^{{({number})}}_t}})",
            tells=Message("the two directions become one row."),
        ),
    )


@ieee_arithmetic
def _states(
    direction: Direction,
    below: Sequence[str],
    found: Mapping[str, Array],
    units: int,
    backend: Backend,
) -> dict[str, Array]:
    """Return the states and sums of one direction, as the engine's layer computes them."""
    kernels, recurrent, bias = weight_names(direction, below)
    x = np.concatenate([found[name] for name in below], axis=-1)
    layer = SimpleRNN(units, go_backwards=direction.backwards, dtype=str(x.dtype))
    layer.build((None, x.shape[1]), np.random.default_rng(0))
    for name, value in (
        ("kernel", np.concatenate([found[kernel] for kernel in kernels])),
        ("recurrent_kernel", found[recurrent]),
        ("bias", found[bias][0]),
    ):
        layer.weights[name][...] = value
    context = Context(backend, False, np.random.default_rng(0))
    given_ = np.ascontiguousarray(x[None]), found[initial_name(direction)]
    _, cache = layer.forward(given_, context)
    order = slice(None, None, -1 if direction.backwards else 1)
    name = direction.name
    return {name: cache["h"][0][order], f"a_{name}": cache["pre_activation"][0][order]}
