"""From a recurrent layer of a trained network to the lesson on its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine.layers.base import Array
from simulator.formats.arguments import LAYERS
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, base_name
from simulator.lab.errors import LabError
from simulator.lessons.catalogue import lesson
from simulator.lessons.lesson import LessonState
from simulator.lessons.recurrent_input import BLANK
from simulator.lessons.recurrent_lesson import CELLWISE

RECURRENT = {"SimpleRNN": "rnn-unrolled", "LSTM": "lstm-gates", "GRU": "gru-gates"}
"""The lesson on each kind of cell."""
NESTED = ("Bidirectional", "Sequential", "Model")
"""The kinds of layers that may hold recurrent ones."""


@dataclass(frozen=True, slots=True)
class RecurrentPart:
    """A recurrent layer, alone or within others.

    ``path`` is its key among a pass's outputs and before its weights' names, ``sources`` are the
    keys of what it reads, initial states after the sequence; ``backwards`` tells that a layer
    around it has it read from the end.
    """

    path: str
    kind: str
    arguments: Mapping[str, Json]
    sources: tuple[str, ...]
    backwards: bool = False

    def value(self, argument: str) -> Json:
        """Return an argument, or what it is by itself."""
        return self.arguments.get(argument, LAYERS[self.kind].argument(argument).default)


def recurrent_parts(spec: LayerSpec) -> tuple[RecurrentPart, ...]:
    """Return the recurrent layers that a layer is or holds, in the order in which they run."""
    return tuple(_parts(spec.kind, spec.name, spec.arguments, spec.inputs))


def _parts(
    kind: str, path: str, arguments: Mapping[str, Any], sources: tuple[str, ...]
) -> list[RecurrentPart]:
    if kind in RECURRENT:
        return [RecurrentPart(path, kind, arguments, sources)]
    if kind == "Bidirectional":
        return _directions(path, arguments, sources)
    found = []
    network = arguments.get("network")
    if isinstance(network, Mapping):
        outer = dict(zip((each["name"] for each in network["inputs"]), sources, strict=False))
        for layer in network["layers"]:
            read = tuple(
                outer.get(base_name(name), f"{path}/{name}") for name in layer.get("inputs", ())
            )
            inner = layer.get("arguments", {})
            found += _parts(layer["kind"], f"{path}/{layer['name']}", inner, read)
    return found


def _directions(
    path: str, arguments: Mapping[str, Any], sources: tuple[str, ...]
) -> list[RecurrentPart]:
    forward = arguments["layer"]
    backward = arguments.get("backward_layer") or forward
    half = (len(sources) - 1) // 2
    states = sources[1 : 1 + half], sources[1 + half :]
    found = []
    for way, layer, initial in (
        ("forward", forward, states[0]),
        ("backward", backward, states[1]),
    ):
        inner = layer.get("arguments", {})
        name = f"{path}/{way}_{layer['name']}"
        read = (*sources[:1], *initial)
        # A copy is turned round; a backward layer of its own says itself which way it reads.
        turned = way == "backward" and not arguments.get("backward_layer")
        found.append(RecurrentPart(name, layer["kind"], inner, read, turned))
    return found


def recurrent_lesson(
    part: RecurrentPart, inputs: tuple[Array, ...], weights: Mapping[str, Array]
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows a cell with these weights read this sequence.

    ``inputs`` are the sequence (T, C) and the initial states (U,), if any.

    Raises:
        LabError: the lesson can't show such a layer.
        ControlError: it is larger than what the lesson shows.
    """
    x, *states = inputs
    if bool(part.value("go_backwards")) != part.backwards:
        x = x[::-1]
    settings: dict[str, Any] = {
        "source": BLANK,
        "length": len(x),
        "values": x.shape[1],
        "units": weights["recurrent_kernel"].shape[0],
        "activation": _activation(part, "activation"),
    }
    if part.kind != "SimpleRNN":
        settings["gate_activation"] = _activation(part, "recurrent_activation")
    if part.kind == "GRU":
        settings["reset"] = "after" if part.value("reset_after") else "before"
    identity = RECURRENT[part.kind]
    chosen = lesson(identity)
    state = chosen.initial_state()
    for name, value in settings.items():
        state = chosen.change(state, name, value)
    given = {"x": x, **{name: np.atleast_2d(array) for name, array in weights.items()}}
    for name, array in zip(("initial_h", "initial_c"), states, strict=False):
        given[name] = np.atleast_2d(array)
    bias = chosen.arrays(state)["bias"]
    given.setdefault("bias", np.zeros_like(bias))  # a layer without one adds nothing
    for name, array in given.items():
        cells = {tuple(map(int, at)): float(value) for at, value in np.ndenumerate(array)}
        state = state.with_cells(name, cells)
    return identity, state


def _activation(part: RecurrentPart, argument: str) -> str:
    value = part.value(argument)
    value = "linear" if value is None else value
    if not isinstance(value, str) or value not in CELLWISE:
        raise LabError(
            f"The lessons on recurrent layers don't show {argument} {value!r}: they show "
            f"{', '.join(CELLWISE)}."
        )
    return value
