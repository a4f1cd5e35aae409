r"""Back through time: the gradient of a recurrent layer as a trace of its own.

It goes from the last time step to the first, and at each through the local derivatives and the
recurrent weights. Sources: Werbos, Backpropagation through time (1990); for vanishing and exploding
gradients Bengio et al., Learning long-term dependencies with gradient descent is difficult (1994).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backends.base import Backend
from simulator.engine.backends.windows import ieee_arithmetic
from simulator.engine.layers import GRU, LSTM, SimpleRNN
from simulator.engine.layers.recurrent import Recurrent
from simulator.traces.back_equations import back_equations
from simulator.traces.equations import Equation
from simulator.traces.formula import Fact, Message, Tone
from simulator.traces.model import Role, TraceArray, given
from simulator.traces.recurrence import RecurrentTrace, Segment, segments_of
from simulator.traces.recurrence_told import Teller
from simulator.traces.recurrent import Sequence, forward_arrays, made_from, values_of
from simulator.traces.weight_gradient import NO_CLIPPING, Clipping, weight_equations

Array = NDArray[Any]

GRADIENTS = (
    *("d_h", "d_a", "carried", "d_c", "cell_carried", "norm", "inner", "to_reset", "direct"),
    *(f"{name}{gate}" for name in ("d_U", "clipped") for gate in ("", "_i", "_f", "_g", "_o")),
    *(f"{name}_{gate}" for name in ("d_U", "clipped") for gate in "zr"),
)
"""The arrays whose values are gradients, besides those at the sums of gates."""


def through_time_trace(
    layer: Recurrent,
    sequence: Sequence,
    to_output: Array,
    *,
    backend: Backend,
    to_memory: Array | None = None,
    window: int = 0,
    clipping: Clipping = NO_CLIPPING,
    compared: bool = False,
) -> RecurrentTrace:
    """Return the trace of the gradient of a layer that has been built and reads one sequence.

    ``to_output`` (T, U) is ∂L/∂h as the layers above give it at each step, ``to_memory`` (1, U)
    what they give for an LSTM's memory after the last, zeros where it is left out. With a
    ``window`` the gradient is handed on through so many steps and then cut off: truncated BPTT. No
    gradient goes through the sum of a gate whose value is held by hand. A trace that another one
    is ``compared`` with ends at the first time step: the gradient of the weights is left out.

    Raises:
        TypeError: the layer is of no kind that is known here.
        GeometryError: the sequence or the states don't fit the layer.
    """
    forward = forward_arrays(layer, sequence, backend)
    if isinstance(layer, GRU) and not layer.reset_after:
        before = np.concatenate([forward["initial_h"], forward["h"][:-1]])
        forward["reset_h"] = forward["r"] * before
    length = len(to_output)
    equations = back_equations(layer, length, truncated=bool(window), held=sequence.held)
    if to_memory is None:
        to_memory = np.zeros_like(to_output[:1])
    arrays = _given_arrays(layer, sequence, forward, (to_output, to_memory), window)
    closing = () if compared else ((weight_equations(layer, length, clipping), 1, False),)
    segments = segments_of((equations, length, True), *closing)

    known: Mapping[str, Array] = {}
    if not sequence.held:  # the engine's backward pass knows of no gates held by hand
        known = _slopes(layer, forward, (to_output, to_memory), backend, window)

    def run(values: Mapping[str, Array]) -> Mapping[str, Array]:
        return _computed(values, segments, {})

    values = _computed(values_of(arrays), segments, known)
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
        fact=_fact(layer, compared=compared),
    )


def spectral_radius(kernel: Array) -> float:
    """Return the size of the largest eigenvalue of a recurrent kernel (U, U)."""
    return float(np.abs(np.linalg.eigvals(kernel)).max())


def _fact(layer: Recurrent, *, compared: bool) -> Fact:
    """Return what a step back does; the radius, which takes its time, where it is told."""
    if not isinstance(layer, SimpleRNN):
        return _along_memory(layer)
    derivative = r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(\varphi'(a_t))\,U"
    if compared:
        return Fact("One step back", derivative, Message(""))
    radius = spectral_radius(layer.weights["recurrent_kernel"])
    return Fact(
        "One step back",
        derivative,
        Message(
            "The spectral radius of U is {radius}: so many times as long, at most in the long "
            "run, does a step back make the gradient if every slope is 1.",
            {"radius": f"{radius:.3g}"},
        ),
    )


def _along_memory(layer: Recurrent) -> Fact:
    derivative = r"\frac{\partial h_t}{\partial h_{t-1}} = z_t + \ldots"
    if isinstance(layer, LSTM):
        derivative = r"\frac{\partial c_t}{\partial c_{t-1}} = f_t"
    words = "Along the memory the gradient is multiplied by a gate, and by no weights."
    return Fact("One step back", derivative, Message(words))


def _given_arrays(
    layer: Recurrent,
    sequence: Sequence,
    forward: Mapping[str, Array],
    above: tuple[Array, Array],
    window: int,
) -> list[TraceArray]:
    to_output, to_memory = above
    length, units = to_output.shape
    made = [given("to_output", ("time", "unit"), Role.READS, to_output)]
    # What the forward pass was made from: nothing on the way back reads it.
    made += made_from(layer, sequence.x, sequence.held)
    made += [given(name, ("time", "unit"), Role.READS, values) for name, values in forward.items()]
    made.append(given("after_h", ("time", "unit"), Role.READS, np.zeros_like(to_output[:1])))
    if isinstance(layer, LSTM):
        made.append(given("after_c", ("time", "unit"), Role.READS, to_memory))
    if window:
        # Counted from the end, as the gradient goes.
        handed = (np.arange(length)[::-1] % window != 0).astype(to_output.dtype)
        handed[-1] = 1
        rows = np.repeat(handed[:, None], units, axis=1)
        made.append(given("passes", ("time", "unit"), Role.READS, rows))
    return made


@ieee_arithmetic
def _computed(
    values: Mapping[str, Array], segments: tuple[Segment, ...], known: Mapping[str, Array]
) -> Mapping[str, Array]:
    """Return every array, from those that are given, by the equations.

    Those that are ``known`` besides are what the others are computed from. Where no array depends
    on itself at another time step, all time steps are computed at once.
    """
    found = {**values, **known}
    kind = found["to_output"].dtype
    for segment in segments:
        pending = list(segment.equations)
        while pending:
            missing = {name for each in pending for name in each.filled} - set(known)
            ready = [each for each in pending if missing.isdisjoint(each.reads)]
            times: Iterable[int | None] = (None,)
            if not ready:
                ready = _depending_on_themselves(pending)
                times = (segment.time(order) for order in range(segment.times))
            for each in ready:
                for name in each.filled:
                    found[name] = np.empty((segment.times, each.units), kind)
            for time in times:
                for each in ready:
                    each.compute(found, time)
            found |= known
            pending = [each for each in pending if each not in ready]
    return found


def _depending_on_themselves(equations: Listed[Equation]) -> list[Equation]:
    """Return the equations whose arrays depend on themselves by way of others, in their order."""
    fills = {name: each for each in equations for name in each.filled}

    def reached(start: Equation) -> set[str]:
        names, left = set(), list(start.reads)
        while left:
            name = left.pop()
            if name not in names:
                names.add(name)
                left += fills[name].reads if name in fills else ()
        return names

    return [each for each in equations if reached(each) & set(each.filled)]


def _slopes(
    layer: Recurrent,
    forward: Mapping[str, Array],
    above: tuple[Array, Array],
    backend: Backend,
    window: int,
) -> dict[str, Array]:
    """Return the gradients at the sums, as the engine's backward pass computes them.

    Of a truncated gradient each window is a backward pass of its own.
    """
    to_output, to_memory = above
    length = len(to_output)
    order = {1: ("a_h",), 3: ("a_z", "a_r", "a_g"), 4: ("a_i", "a_f", "a_g", "a_o")}[layer.gates]
    ends = range(length, 0, -window) if window else (length,)
    found = []
    for end in ends:
        steps = slice(max(end - window, 0) if window else 0, end)
        cache = {name: array[None, steps] for name, array in forward.items() if len(array) > 1}
        cache |= {name: array[None] for name, array in forward.items() if len(array) == 1}
        cache["pre_activation"] = np.concatenate([cache[name] for name in order], axis=-1)
        for state in layer.state_names:
            start = forward[state][steps.start - 1] if steps.start else forward[f"initial_{state}"]
            cache[f"initial_{state}"] = np.atleast_2d(start)
        # Past the end of another window the memory hands nothing back.
        arriving = to_output[None, steps], to_memory if end == length else np.zeros_like(to_memory)
        found.append(_window_slopes(layer, cache, arriving, backend)[0])
    slopes = np.concatenate(found[::-1])
    names = ("d_a",) if layer.gates == 1 else tuple(f"d{name}" for name in order)
    return dict(zip(names, np.split(slopes, layer.gates, axis=-1), strict=True))


def _window_slopes(
    layer: Recurrent, cache: Mapping[str, Array], arriving: tuple[Array, Array], backend: Backend
) -> Array:
    """Return ∂L/∂(sums) (1, T, gates · U) of one backward pass of the engine."""
    to_hidden, to_memory = arriving
    kernel, outer = layer.weights["recurrent_kernel"], layer.activation
    if isinstance(layer, LSTM):
        slopes, *_ = backend.lstm_gradient(
            to_hidden,
            to_memory,
            dict(cache),
            cache["initial_c"],
            kernel,
            activation=outer,
            recurrent_activation=layer.recurrent_activation,
        )
    elif isinstance(layer, GRU):
        slopes, *_ = backend.gru_gradient(
            to_hidden,
            dict(cache),
            cache["initial_h"],
            kernel,
            reset_after=layer.reset_after,
            activation=outer,
            recurrent_activation=layer.recurrent_activation,
        )
    else:
        slopes, _ = backend.simple_rnn_gradient(to_hidden, dict(cache), kernel, activation=outer)
    return slopes
