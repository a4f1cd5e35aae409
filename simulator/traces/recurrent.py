"""Traces of recurrent layers: one sequence, read step by step.

The values are those that the layer's own forward pass kept, also where the learner holds gates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.layers import GRU
from simulator.engine.layers.base import Context
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.cell_names import ALONE, GATES, TONES
from simulator.traces.cellwise_equations import Cellwise
from simulator.traces.dot_equation import Bias, Dot, DotInput
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Fact, Message
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.numbers import count
from simulator.traces.recurrence import RecurrentTrace, Segment, segments_of
from simulator.traces.recurrence_told import LEVEL_LABELS, Teller
from simulator.traces.recurrent_cells import cell_equations

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Head:
    """A dense layer that answers from the hidden state: y = V h + d.

    ``weights`` is (U, K) and ``bias`` (K,); ``each_step`` tells whether it answers at every time
    step, or after the last alone.
    """

    weights: Array
    bias: Array
    each_step: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a recurrent layer is given besides its weights.

    ``x`` is (T, C); ``initial`` are the states (U,) before the first step, "h" and "c", zeros where
    they are left out; ``held`` are the values of gates (T, U) that are held, NaN where they are
    free, by the names of ``GATES``.
    """

    x: Array
    initial: Mapping[str, Array] = field(default_factory=dict)
    held: Mapping[str, Array] = field(default_factory=dict)


def recurrent_trace(
    layer: Recurrent, sequence: Sequence, *, backend: Backend, head: Head | None = None
) -> RecurrentTrace:
    """Return the trace of a layer that has been built, reading one sequence.

    A layer that goes backwards reads ``sequence.x`` from its end: the trace's time counts steps in
    the order of reading.

    Raises:
        TypeError: the layer is of no kind that is known here.
        GeometryError: the sequence or the states don't fit the layer.
    """
    x = sequence.x[::-1] if layer.go_backwards else sequence.x
    length = len(x)
    reads = DotInput(Source("x"), "kernel", x.shape[1])
    equations = list(cell_equations(layer, (reads,), length, sequence.held))
    arrays = _given_arrays(layer, x, sequence, head)
    segments = _segments(equations, layer.units, length, head)

    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        return _computed(layer, values, segments, backend)

    values = run(values_of(arrays))
    return RecurrentTrace(
        arrays,
        segments,
        values,
        states=layer.state_names,
        run=run,
        teller=_teller(layer),
        fact=parameter_fact(layer, x.shape[1]),
    )


def _teller(layer: Recurrent) -> Teller:
    """Return what tells the steps; a simple cell has no gates."""
    finest, unit, gate, step, sequence = LEVEL_LABELS
    middle = gate if layer.gates > 1 else "State"
    return Teller(TONES, (finest, unit, middle, step, sequence))


def forward_arrays(layer: Recurrent, sequence: Sequence, backend: Backend) -> dict[str, Array]:
    """Return what a layer's forward pass keeps of a sequence, and the states before it (1, U)."""
    x = sequence.x[::-1] if layer.go_backwards else sequence.x
    given_ = values_of(_given_arrays(layer, x, sequence, None))
    initial = {f"initial_{name}": given_[f"initial_{name}"] for name in layer.state_names}
    return {**_read(layer, given_, backend), **initial}


def parameter_fact(layer: Recurrent, values: int) -> Fact:
    """Return how many weights a layer has that reads so many values at each step."""
    units, gates = layer.units, layer.gates
    biases = 0
    if layer.use_bias:
        biases = 2 if isinstance(layer, GRU) and layer.reset_after else 1
    total = gates * units * (values + units + biases)
    times = rf"{gates}\cdot" if gates > 1 else ""
    bias = {0: "", 1: "+1", 2: "+2"}[biases]
    beside = ""
    if isinstance(layer, GRU):
        other = 4 * units * (values + units + (1 if layer.use_bias else 0))
        beside = f" An LSTM of as many units has {count(other)}."
    return Fact(
        "Weights",
        rf"{times}{units}\cdot({values}+{units}{bias})=\mathbf{{{total}}}",
        Message(
            "{gates} times {units} units, each with {values} weights of the input, {units} of the "
            "state and {biases}.{beside}"
            if gates > 1
            else "{units} units, each with {values} weights of the input, {units} of the state and "
            "{biases}.",
            {
                "gates": gates,
                "units": count(units),
                "values": count(values),
                "biases": ("no bias", "a bias", "two biases")[biases],
                "beside": beside,
            },
        ),
    )


def _given_arrays(
    layer: Recurrent, x: Array, sequence: Sequence, head: Head | None
) -> list[TraceArray]:
    made = made_from(layer, x, sequence.held)
    for name in layer.state_names:
        start = sequence.initial.get(name, np.zeros(layer.units, x.dtype))
        made.append(given(f"initial_{name}", ("time", "unit"), Role.READS, start[None]))
    if head is not None:
        made.append(given("head_kernel", ("unit", "output"), Role.WEIGHTS, head.weights))
        rows = head.bias[None]
        made.append(given("head_bias", ("bias", "output"), Role.WEIGHTS, rows))
    return made


def made_from(layer: Recurrent, x: Array, held: Mapping[str, Array]) -> list[TraceArray]:
    """Return what a layer computes from besides its states: sequence, weights, values held."""
    axes = {"kernel": ("value", "column"), "recurrent_kernel": ("unit", "column")}
    made = [given("x", ("time", "value"), Role.READS, x)]
    for name, weight in layer.weights.items():
        rows = np.atleast_2d(weight)
        made.append(given(name, axes.get(name, ("bias", "column")), Role.WEIGHTS, rows))
    for name, values in held.items():
        made.append(given(ALONE.held(name), ("time", "unit"), Role.READS, values))
    return made


def _segments(
    equations: list[Equation], units: int, length: int, head: Head | None
) -> tuple[Segment, ...]:
    if head is None:
        return segments_of((equations, length, False))
    source = Source("h") if head.each_step else Source("h", length - 1)
    answer = Dot(
        name="y",
        units=head.weights.shape[1],
        length=length,
        inputs=(DotInput(source, "head_kernel", units),),
        biases=(Bias("head_bias"),),
        wording=Wording(
            name="answer",
            letter="y",
            symbols=r"\writes{y_t} = \weights{V}\reads{h_t} + \weights{d}"
            if head.each_step
            else r"\writes{y} = \weights{V}\reads{h_T} + \weights{d}",
            tells=Message("What the network says, from the hidden state."),
        ),
    )
    if head.each_step:
        return segments_of(([*equations, answer], length, False))
    return segments_of((equations, length, False), ([answer], 1, False))


def values_of(arrays: Iterable[TraceArray]) -> dict[str, Array]:
    """Return the values of given arrays by their names."""
    return {array.name: np.asarray(array.values) for array in arrays}


@ieee_arithmetic
def _computed(
    layer: Recurrent, values: Mapping[str, Array], segments: tuple[Segment, ...], backend: Backend
) -> Mapping[str, Array]:
    """Return every array, from those that are given."""
    found = {**values, **_read(layer, values, backend)}
    fill_in(found, segments[0])
    for segment in segments:
        for equation in segment.equations:
            if equation.name == "y":
                rows = found["h"] if segment.times > 1 or len(segments) == 1 else found["h"][-1:]
                found["y"] = rows @ found["head_kernel"] + found["head_bias"][0]
    return found


def _read(layer: Recurrent, values: Mapping[str, Array], backend: Backend) -> dict[str, Array]:
    """Return what the layer's forward pass keeps of ``values["x"]``, in the order of reading."""
    x = values["x"][::-1] if layer.go_backwards else values["x"]
    initial = {name: values[ALONE.initial(name)] for name in layer.state_names}
    held = {name: values[ALONE.held(name)] for name in GATES if ALONE.held(name) in values}
    return kept_arrays(layer, x, initial, held, backend)


def kept_arrays(
    layer: Recurrent,
    x: Array,
    initial: Mapping[str, Array],
    held: Mapping[str, Array],
    backend: Backend,
) -> dict[str, Array]:
    """Return what a layer's forward pass keeps of a sequence, without the batch: (T, U) each.

    ``x`` (T, C) is as the layer is given it, ``initial`` are the states (1, U); ``held`` and what
    is returned count time in the order of reading. Sums are called "a_" and the gate's letter.
    """
    states = tuple(initial[name] for name in layer.state_names)
    context = Context(backend, False, np.random.default_rng(0))
    batch = {name: values[None] for name, values in held.items()}
    _, cache = layer.forward_held((np.ascontiguousarray(x[None]), *states), batch, context)
    names = ("i", "f", "g", "o", "c", "activated_c", "z", "r", "recurrent", "h", "pre_activation")
    found = {name: cache[name][0] for name in names if name in cache}
    before = found.pop("pre_activation")
    order = {1: ("h",), 3: ("z", "r", "g"), 4: ("i", "f", "g", "o")}[layer.gates]
    for name, part in zip(order, np.split(before, layer.gates, axis=-1), strict=True):
        found[f"a_{name}"] = part
    return found


def fill_in(values: dict[str, Array], segment: Segment) -> None:
    """Compute what the engine doesn't keep: the parts of a sum of two products."""
    times = np.arange(segment.times)
    for equation in segment.equations:
        if not isinstance(equation, Cellwise):
            continue
        for operation in equation.operations:
            if operation.name not in values:
                rows = (s.rows(values, times, equation.length) for s in operation.sources)
                values[operation.name] = operation.function(*rows)
