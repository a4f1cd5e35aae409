"""Stacked and bidirectional recurrent layers as one trace: a grid of cells in order of computation.

Layer after layer, and in each the direction that reads forwards before the one that reads backwards
(Schuster and Paliwal, Bidirectional recurrent neural networks, 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cell_names import GATES, TONES, Naming
from simulator.traces.cellwise_equations import Cellwise, Operation
from simulator.traces.dot_equation import DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Fact, Message
from simulator.traces.model import Role, given
from simulator.traces.numbers import count
from simulator.traces.recurrence import RecurrentTrace, segments_of
from simulator.traces.recurrence_told import Teller
from simulator.traces.recurrent import fill_in, kept_arrays, values_of
from simulator.traces.recurrent_cells import cell_equations

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
    def suffix(self) -> str:
        """Return what stands after the names of its arrays, such as "1" or "1_back"."""
        return f"{self.layer + 1}{'_back' if self.backwards else ''}"

    @property
    def name(self) -> str:
        """Return the name of its hidden states, such as "h1" or "h1_back"."""
        return f"h{self.suffix}"

    def naming(self, below: Sequence[str]) -> Naming:
        """Return what the arrays of its cell are called, which reads the arrays ``below``."""
        number = self.layer + 1
        read = "x_t" if below == ("x",) else rf"y^{{({number - 1})}}_t"
        if len(below) == 2:
            read = rf"[h^{{({number - 1})}}_t,\ \overleftarrow{{h}}^{{({number - 1})}}_t]"
        _, recurrent, bias = weight_names(self, below)
        return Naming(
            suffix=self.suffix,
            recurrent_kernel=recurrent,
            bias=bias,
            shift=1 if self.backwards else -1,
            read=read,
            place=f"layer {number} {'backwards' if self.backwards else 'forwards'}",
            mark=f"({number})",
            arrow=self.backwards,
        )


@dataclass(frozen=True, slots=True)
class Stack:
    """Recurrent layers on each other, the lowest first.

    ``units`` are those of each, in each direction; ``both`` tells which layers read the sequence
    from both ends, and ``merge`` how what they say becomes one.
    """

    units: tuple[int, ...]
    both: tuple[bool, ...]
    merge: str = CONCAT

    @classmethod
    def alike(cls, layers: int, *, units: int, both: bool, merge: str = CONCAT) -> Stack:
        """Return layers of which each is like the others."""
        return cls((units,) * layers, (both,) * layers, merge)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Return the directions in the order that they are computed."""
        return tuple(
            Direction(layer, way)
            for layer, both in enumerate(self.both)
            for way in ((False, True) if both else (False,))
        )

    def outputs(self, layer: int) -> tuple[str, ...]:
        """Return the arrays that a layer hands up: two where directions are set side by side."""
        first = Direction(layer, False).name
        if not self.both[layer]:
            return (first,)
        return (first, Direction(layer, True).name) if self.merge == CONCAT else (f"y{layer + 1}",)

    def sources(self, direction: Direction) -> tuple[str, ...]:
        """Return the arrays that a direction reads: "x", or what the layer below hands up."""
        return self.outputs(direction.layer - 1) if direction.layer else ("x",)

    def sizes(self, direction: Direction, values: int) -> list[int]:
        """Return how many numbers each source has at a time step, "x" so many ``values``."""
        below = self.units[direction.layer - 1] if direction.layer else values
        return [below] * len(self.sources(direction))


def weight_names(direction: Direction, sources: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """Return the names of a direction's kernels, one for each source, recurrent kernel and bias."""
    name = direction.name
    kernels = tuple(f"kernel_{name}_{source}" for source in sources)
    return kernels, f"recurrent_{name}", f"bias_{name}"


def initial_names(direction: Direction, states: Sequence[str] = ("h",)) -> tuple[str, ...]:
    """Return the names of the states (1, U) that a direction begins with: "h", and "c"."""
    return tuple(f"initial_{state}{direction.suffix}" for state in states)


def gate_names(direction: Direction, gates: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the values (T, U) of a direction's gates."""
    return tuple(f"{gate}{direction.suffix}" for gate in gates)


def deep_trace(
    x: Array,
    weights: Mapping[str, Array],
    initial: Mapping[str, Array],
    *,
    cell: Callable[..., Recurrent],
    stack: Stack,
    backend: Backend,
    held: Mapping[str, Array] | None = None,
) -> RecurrentTrace:
    """Return the trace of recurrent layers of one kind, each reading the states of the one below.

    ``cell`` makes the engine's layer of so many units from further options. ``x`` is (T, C);
    ``weights`` are named as ``weight_names`` says, kernels (n, gates · U), recurrent kernels
    (U, gates · U), biases (1 or 2, gates · U); ``initial`` are the states (1, U) before the first
    step of each direction, named as ``initial_names`` says. ``held`` are values of gates (T, U)
    that are held by hand, NaN where they are free, named as ``gate_names`` says.
    """
    length, like = len(x), cell(1)
    arrays = [given("x", ("time", "value"), Role.READS, x)]
    arrays += [
        given(name, ("row", "column"), Role.WEIGHTS, array) for name, array in weights.items()
    ]
    arrays += [given(name, ("time", "unit"), Role.READS, array) for name, array in initial.items()]
    holding = held or {}
    arrays += [
        given(f"held_{name}", ("time", "unit"), Role.READS, array)
        for name, array in holding.items()
    ]
    directions = stack.directions
    parts: list[tuple[list[Equation], int, bool]] = []
    for direction in directions:
        below, units = stack.sources(direction), stack.units[direction.layer]
        naming = direction.naming(below)
        kernels, *_ = weight_names(direction, below)
        sizes = stack.sizes(direction, x.shape[1])
        reads = tuple(map(DotInput, map(Source, below), kernels, sizes))
        gates = [gate for gate in GATES if naming.own(gate) in holding]
        equations = list(cell_equations(cell(units), reads, length, gates, naming))
        if direction.backwards and stack.merge != CONCAT:
            equations.append(_merged(direction.layer, units, length, stack.merge))
        parts.append((equations, length, direction.backwards))
    segments = segments_of(*parts)

    @ieee_arithmetic
    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        found = dict(values)
        for direction, segment in zip(directions, segments, strict=True):
            of = partial(cell, stack.units[direction.layer])
            found |= _kept(direction, stack.sources(direction), found, of, backend)
            fill_in(found, segment)
        return found

    found = run(values_of(arrays))
    names = ("Product", "Unit", "State" if like.gates == 1 else "Equation", "Cell", "Network")
    tones = {
        f"{gate}{direction.suffix}": tone
        for direction in directions
        for gate, tone in TONES.items()
    }
    return RecurrentTrace(
        arrays,
        segments,
        found,
        states=[f"{state}{each.suffix}" for each in directions for state in like.state_names],
        run=run,
        teller=Teller(tones, names),
        fact=_fact(stack, sum(array.size for array in weights.values())),
    )


def _fact(stack: Stack, total: int) -> Fact:
    """Return how many weights there are, and what of."""
    read = stack.units[0] * len(stack.outputs(0))
    layers = len(stack.units)
    words = "{directions} times {units} units"
    if len(set(stack.units)) > 1:
        words = (
            "{directions} directions of layers with {units} units"
            if any(stack.both)
            else ("layers of {units} units")
        )
    words += "; the layer above the first reads {read} values at each step." if layers > 1 else "."
    units = ", ".join(map(str, stack.units if len(set(stack.units)) > 1 else stack.units[:1]))
    return Fact(
        "Weights",
        rf"\mathbf{{{count(total).replace(',', '{,}')}}}",
        Message(
            words[0].upper() + words[1:],
            {"directions": len(stack.directions), "units": units, "read": read},
        ),
    )


def _kept(
    direction: Direction,
    below: Sequence[str],
    found: Mapping[str, Array],
    cell: Callable[..., Recurrent],
    backend: Backend,
) -> dict[str, Array]:
    """Return what one direction's forward pass keeps, as the engine's layer computes it."""
    kernels, recurrent, bias = weight_names(direction, below)
    naming = direction.naming(below)
    x = np.concatenate([found[name] for name in below], axis=-1)
    # Of weights that are put in its place at once, none has to be drawn.
    layer = cell(
        go_backwards=direction.backwards,
        dtype=str(x.dtype),
        kernel_initializer="zeros",
        recurrent_initializer="zeros",
    )
    layer.build((None, x.shape[1]), np.random.default_rng(0))
    for name, value in (
        ("kernel", np.concatenate([found[kernel] for kernel in kernels])),
        ("recurrent_kernel", found[recurrent]),
        ("bias", found[bias]),
    ):
        layer.weights[name][...] = value.reshape(layer.weights[name].shape)
    order = slice(None, None, -1 if direction.backwards else 1)
    initial = {name: found[naming.initial(name)] for name in layer.state_names}
    held = {g: found[naming.held(g)][order] for g in GATES if naming.held(g) in found}
    kept = kept_arrays(layer, x, initial, held, backend)
    return {
        (f"a_{naming.own(name[2:])}" if name.startswith("a_") else naming.own(name)): rows[order]
        for name, rows in kept.items()
    }


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
