"""From a recurrent layer of a trained network to the lesson on its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from simulator.engine.layers.base import Array
from simulator.formats.arguments import LAYERS
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, base_name
from simulator.lab.errors import LabError
from simulator.lessons.back_through_time import LESSON as BACK
from simulator.lessons.back_through_time import sliders_at
from simulator.lessons.cell_state import LESSONS, cell_state, filled_state
from simulator.lessons.lesson import FROM_LAB, LessonState
from simulator.lessons.recurrent_lesson import CELLWISE

CELLS = {"SimpleRNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
RECURRENT = {kind: LESSONS[cell].id for kind, cell in CELLS.items()}
"""The lesson on each kind of cell."""
NESTED = ("Bidirectional", "Sequential", "Model")
"""The kinds of layers that may hold recurrent ones."""


class Way(Enum):
    """What is shown of a recurrent layer.

    How it computes, alone or with the layers that it stands on and that stand on it, or how a loss
    goes back through it.
    """

    THERE = auto()
    STACK = auto()
    BACK = auto()


@dataclass(frozen=True, slots=True)
class RecurrentPart:
    """A recurrent layer, alone or within others.

    ``path`` is its key among a pass's outputs and before its weights' names, ``sources`` are the
    keys of what it reads, initial states after the sequence; ``backwards`` tells that a layer
    around it has it read from the end. Both ``directions`` of a Bidirectional layer are parts too,
    and the whole of it is one before them.
    """

    path: str
    kind: str
    arguments: Mapping[str, Json]
    sources: tuple[str, ...]
    backwards: bool = False
    directions: tuple[RecurrentPart, ...] = ()

    @property
    def turned(self) -> bool:
        """Return whether the layer reads the sequence from its end."""
        return bool(self.value("go_backwards")) != self.backwards

    @property
    def title(self) -> str:
        """Return what the part is called within the layer that holds it."""
        inner = self.path.partition("/")[2]
        if not self.directions:
            return f"{inner or self.path} ({self.kind})"
        both = f"both directions ({self.directions[0].kind})"
        return f"{inner}: {both}" if inner else both

    @property
    def back_title(self) -> str:
        """Return what its way back is called."""
        return f"{self.path.partition('/')[2] or self.path}: back through time"

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
        ways = tuple(_directions(path, arguments, sources))
        return [RecurrentPart(path, kind, arguments, sources, directions=ways), *ways]
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
    x, given = _read(part, inputs, weights)
    settings = cell_settings(part)
    state = cell_state(CELLS[part.kind], x, given, settings, source=FROM_LAB)
    return RECURRENT[part.kind], state


def _read(
    part: RecurrentPart, inputs: tuple[Array, ...], weights: Mapping[str, Array]
) -> tuple[Array, dict[str, Array]]:
    """Return the sequence in the order of reading, and weights with the states before it."""
    x, *states = inputs
    if part.turned:
        x = x[::-1]
    return x, {**weights, **dict(zip(("initial_h", "initial_c"), states, strict=False))}


def back_lesson(
    part: RecurrentPart,
    inputs: tuple[Array, ...],
    weights: Mapping[str, Array],
    above: tuple[Array, ...],
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows a loss go back through the layer.

    ``inputs`` and ``weights`` are as for ``recurrent_lesson``; ``above`` are ∂L/∂h (T, U) as the
    layers above give it in the order of reading, and of an LSTM ∂L/∂c (U,) after the last step.

    Raises:
        LabError: the lesson can't show such a layer.
        ControlError: it is larger than what the lesson shows.
    """
    x, given = _read(part, inputs, weights)
    cell = CELLS[part.kind]
    settings: dict[str, Any] = {
        "cell": cell,
        "beside": "none",
        "loss": FROM_LAB,
        "units": weights["recurrent_kernel"].shape[0],
        **sliders_at(cell, weights),
        **cell_settings(part),
    }
    typed = dict(zip(("to_output", "after_c"), above, strict=False))
    return BACK.id, filled_state(BACK, x, given, settings, source=FROM_LAB, typed=typed)


def cell_settings(part: RecurrentPart) -> dict[str, str]:
    """Return the settings of a lesson that show such a cell.

    Raises:
        LabError: the lessons don't show its activations.
    """
    settings = {"activation": _activation(part, "activation")}
    if part.kind != "SimpleRNN":
        settings["gate_activation"] = _activation(part, "recurrent_activation")
    if part.kind == "GRU":
        settings["reset"] = "after" if part.value("reset_after") else "before"
    return settings


def _activation(part: RecurrentPart, argument: str) -> str:
    value = part.value(argument)
    value = "linear" if value is None else value
    if not isinstance(value, str) or value not in CELLWISE:
        raise LabError(
            f"The lessons on recurrent layers don't show {argument} {value!r}: they show "
            f"{', '.join(CELLWISE)}."
        )
    return value
