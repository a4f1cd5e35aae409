r"""Back through time: the gradient of a recurrent layer as a trace of its own.

It goes from the last time step to the first, and at each through the local derivatives and the
recurrent weights. Sources: Werbos, Backpropagation through time (1990); for vanishing and exploding
gradients Bengio et al. (1994), and for clipping Pascanu et al., On the difficulty of training
recurrent neural networks (2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.back_equations import back_equations
from simulator.traces.cellwise_equations import Cellwise, Operation, RowNorm
from simulator.traces.equations import Equation, Source, Wording
from simulator.traces.formula import Fact, Message, Tone
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.recurrence import RecurrentTrace, Segment, segments_of
from simulator.traces.recurrence_told import Teller
from simulator.traces.recurrent import Sequence, forward_arrays
from simulator.traces.recurrent_cells import HIDDEN
from simulator.traces.time_sum import TimeSum

Array = NDArray[Any]

GRADIENTS = ("d_h", "d_a", "carried", "d_c", "cell_carried", "norm", "d_U", "clipped")


@dataclass(frozen=True, slots=True)
class Clipping:
    """What is done to the gradient of the recurrent weights: ``kind`` is "none", "norm" or "value".

    By norm: all of it is scaled down where its length is more than ``limit``. By value: each number
    is cut off at ±``limit``.
    """

    kind: str = "none"
    limit: float = 1.0


def through_time_trace(
    layer: Recurrent,
    sequence: Sequence,
    to_output: Array,
    *,
    backend: Backend,
    window: int = 0,
    clipping: Clipping = Clipping(),
) -> RecurrentTrace:
    """Return the trace of the gradient of a layer that has been built and reads one sequence.

    ``to_output`` (T, U) is ∂L/∂h as the layers above give it at each step. With a ``window`` the
    gradient is handed on through so many steps and then cut off: truncated BPTT.

    Raises:
        TypeError: the layer is of no kind that is known here.
        GeometryError: the sequence or the states don't fit the layer.
    """
    forward = forward_arrays(layer, sequence, backend)
    length, units = to_output.shape
    equations = back_equations(layer, length, truncated=bool(window))
    arrays = _given_arrays(layer, forward, to_output, window)
    closing = _closing(layer, units, length, clipping)
    segments = segments_of((equations, length, True), *closing)

    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        return _computed(values, segments)

    values = dict(run({array.name: _values_of(array) for array in arrays}))
    if not window:
        values |= _slopes(layer, forward, to_output, backend)
    states = ("carried", "cell_carried") if isinstance(layer, LSTM) else ("carried",)
    tones = dict.fromkeys(GRADIENTS, Tone.GRADIENT)
    tones |= {name: Tone.GRADIENT for name in values if name.startswith("da_")}
    return RecurrentTrace(
        arrays,
        segments,
        values,
        states=states,
        run=run,
        teller=Teller(tones, ("Product", "Unit", "Equation", "Time step", "Sequence")),
        fact=_fact(layer),
    )


def spectral_radius(kernel: Array) -> float:
    """Return the size of the largest eigenvalue of a recurrent kernel (U, U)."""
    return float(np.abs(np.linalg.eigvals(kernel)).max())


def _fact(layer: Recurrent) -> Fact:
    kernel = layer.weights["recurrent_kernel"]
    if not isinstance(layer, SimpleRNN):
        return Fact(
            "One step back",
            r"\frac{\partial c_t}{\partial c_{t-1}} = f_t"
            if isinstance(layer, LSTM)
            else r"\frac{\partial h_t}{\partial h_{t-1}} = z_t + \ldots",
            Message("Along the memory the gradient is multiplied by a gate, and by no weights."),
        )
    radius = spectral_radius(kernel)
    return Fact(
        "One step back",
        r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(\varphi'(a_t))\,U",
        Message(
            "The spectral radius of U is {radius}: so many times as long, at most in the long "
            "run, does a step back make the gradient if every slope is 1.",
            {"radius": f"{radius:.3g}"},
        ),
    )


def _given_arrays(
    layer: Recurrent, forward: Mapping[str, Array], to_output: Array, window: int
) -> list[TraceArray]:
    length, units = to_output.shape
    made = [given("to_output", ("time", "unit"), Role.READS, to_output)]
    kernel = layer.weights["recurrent_kernel"]
    made.append(given("recurrent_kernel", ("unit", "column"), Role.WEIGHTS, kernel))
    made += [given(name, ("time", "unit"), Role.READS, values) for name, values in forward.items()]
    zeros = np.zeros((1, units), to_output.dtype)
    made.append(given("after_h", ("time", "unit"), Role.READS, zeros))
    if isinstance(layer, LSTM):
        made.append(given("after_c", ("time", "unit"), Role.READS, zeros))
    if window:
        # Counted from the end, as the gradient goes.
        handed = (np.arange(length)[::-1] % window != 0).astype(to_output.dtype)
        handed[-1] = 1
        rows = np.repeat(handed[:, None], units, axis=1)
        made.append(given("passes", ("time", "unit"), Role.READS, rows))
    return made


def _closing(
    layer: Recurrent, units: int, length: int, clipping: Clipping
) -> list[tuple[list[Equation], int, bool]]:
    """Return the equations after the first time step: of a simple layer, its weights' gradient."""
    if not isinstance(layer, SimpleRNN):
        return []
    total = units * units
    weights = TimeSum(
        name="d_U",
        units=total,
        length=length,
        states=HIDDEN,
        slopes=Source("d_a"),
        columns=units,
        wording=Wording(
            name="gradient of the weights",
            letter="∂L/∂U",
            symbols=r"\gradient{\frac{\partial L}{\partial U}} = "
            r"\sum_t \reads{h_{t-1}}\,\gradient{\frac{\partial L}{\partial a_t}}^{T}",
            tells=Message("every time step adds its part."),
        ),
    )
    norm = RowNorm(
        name="U_norm",
        units=1,
        length=1,
        source=Source("d_U"),
        size=total,
        wording=Wording(
            name="length of the gradient",
            letter="‖∂L/∂U‖",
            symbols=r"n = \left\|\gradient{\frac{\partial L}{\partial U}}\right\|",
            tells=Message("the root of the sum of all squares."),
        ),
    )
    equations: list[Equation] = [weights, norm]
    if clipping.kind != "none":
        equations.append(_clipped(total, clipping))
    return [(equations, 1, False)]


def _clipped(total: int, clipping: Clipping) -> Cellwise:
    gradient, limit = Source("d_U"), clipping.limit
    if clipping.kind == "value":

        def cut(values: Array) -> Array:
            return np.clip(values, -limit, limit)

        told: tuple[str | Source, ...] = ("clip(", gradient, ")")
        operation = Operation("clipped", (gradient,), cut, told)
        symbols = rf"\writes{{g}} = \min(\max(\gradient{{g}}, -{limit:g}), {limit:g})"
        tells = "what lies beyond the limit is cut off, number by number."
    else:

        def scaled(values: Array, norm: Array) -> Array:
            return np.asarray(values * np.minimum(1, limit / np.maximum(norm, 1e-30)))

        norm_source = Source("U_norm", single=True)
        told = (gradient, f"· min(1, {limit:g} / n)")
        operation = Operation("clipped", (gradient, norm_source), scaled, told)
        symbols = rf"\writes{{g}} = \gradient{{g}}\cdot\min\left(1, \frac{{{limit:g}}}{{n}}\right)"
        tells = "all of it is scaled down to the limit, and its direction stays."
    return Cellwise(
        name="clipped",
        units=total,
        length=1,
        operations=(operation,),
        told=told,
        wording=Wording(name="clipped gradient", letter="g", symbols=symbols, tells=Message(tells)),
    )


def _values_of(array: TraceArray) -> Array:
    assert isinstance(array.values, np.ndarray)
    return array.values


@ieee_arithmetic
def _computed(values: Mapping[str, Array], segments: tuple[Segment, ...]) -> Mapping[str, Array]:
    """Return every array, from those that are given, by the equations."""
    found = dict(values)
    kind = found["to_output"].dtype
    for segment in segments:
        for equation in segment.equations:
            for name in equation.filled:
                found[name] = np.empty((segment.times, equation.units), kind)
        for order in range(segment.times):
            for equation in segment.equations:
                equation.compute(found, segment.time(order))
    return found


def _slopes(
    layer: Recurrent, forward: Mapping[str, Array], to_output: Array, backend: Backend
) -> dict[str, Array]:
    """Return the gradients at the sums, as the engine's backward pass computes them."""
    cache = {name: array[None] for name, array in forward.items()}
    order = {1: ("a_h",), 3: ("a_z", "a_r", "a_g"), 4: ("a_i", "a_f", "a_g", "a_o")}[layer.gates]
    cache["pre_activation"] = np.concatenate([cache[name] for name in order], axis=-1)
    kernel, outer = layer.weights["recurrent_kernel"], layer.activation
    to_hidden, zeros = to_output[None], np.zeros_like(to_output[:1])
    if isinstance(layer, LSTM):
        slopes, *_ = backend.lstm_gradient(
            to_hidden,
            zeros,
            cache,
            forward["initial_c"],
            kernel,
            activation=outer,
            recurrent_activation=layer.recurrent_activation,
        )
    elif isinstance(layer, GRU):
        slopes, *_ = backend.gru_gradient(
            to_hidden,
            cache,
            forward["initial_h"],
            kernel,
            reset_after=layer.reset_after,
            activation=outer,
            recurrent_activation=layer.recurrent_activation,
        )
    else:
        slopes, _ = backend.simple_rnn_gradient(to_hidden, cache, kernel, activation=outer)
    names = ("d_a",) if layer.gates == 1 else tuple(f"d{name}" for name in order)
    return dict(zip(names, np.split(slopes[0], layer.gates, axis=-1), strict=True))
