"""From recurrent layers of a trained network that stand on each other to the lesson on stacks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.engine.layers.base import Array
from simulator.formats.network import NetworkSpec
from simulator.lab.errors import LabError
from simulator.lab.recurrent_lessons import CELLS, RecurrentPart, cell_settings, recurrent_parts
from simulator.lessons.cell_state import filled_state
from simulator.lessons.deep_bidirectional import EVERY, MOST_LAYERS, UNITS_ABOVE
from simulator.lessons.deep_bidirectional import LESSON as DEEP
from simulator.lessons.lesson import FROM_LAB, LessonState
from simulator.traces.deep import CONCAT, Stack, initial_names, weight_names

PASSED_ON = ("Dropout", "GaussianNoise")
"""Layers that hand on what they are given when a network is in use."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a layer of a stack has: initial states (U,) of its directions, and its weights.

    Those of a Bidirectional layer are called after its directions' layers.
    """

    states: tuple[Array, ...]
    weights: Mapping[str, Array]


def stack_with(network: NetworkSpec, path: str) -> tuple[RecurrentPart, ...]:
    """Return the recurrent layers that one stands on and that stand on it, the lowest first.

    No more than the lesson shows, and only those that it shows together: of one kind, each reading
    what the one below gives at every step, and the upper ones forwards where not all read both
    ways. Alone, a layer is a stack of one; without a path to a layer there is none.
    """
    handed_on: dict[str, str] = {}
    for layer in network.layers:
        if layer.kind in PASSED_ON:
            handed_on[layer.name] = handed_on.get(layer.inputs[0], layer.inputs[0])
    parts = {part.path: part for layer in network.layers for part in recurrent_parts(layer)}
    for part in tuple(parts.values()):
        for way in part.directions:
            del parts[way.path]
    reads = {part.path: handed_on.get(part.sources[0], part.sources[0]) for part in parts.values()}
    if path not in parts:
        return ()
    run = [parts[path]]
    while (below := parts.get(reads[run[0].path])) is not None and _alike([below, *run]):
        run.insert(0, below)
    at = len(run) - 1
    while True:
        above = [part for part in parts.values() if reads[part.path] == run[-1].path]
        found = next((part for part in above if _alike([*run, part])), None)
        if found is None:
            break
        run.append(found)
    first = max(0, at + 1 - MOST_LAYERS)
    return tuple(run[first : first + MOST_LAYERS])


def stack_title(parts: Sequence[RecurrentPart]) -> str:
    """Return what a stack is called."""
    return f"stack: {', '.join(part.path for part in parts)}"


def _alike(run: Sequence[RecurrentPart]) -> bool:
    """Return whether the lesson shows such layers together."""
    kinds = {_kind(each) for each in run}
    merges = {_merge(each) for each in run if each.directions}
    both = [bool(each.directions) for each in run]
    upper_forwards = sorted(both, reverse=True) == both
    return None not in kinds and len(kinds) == 1 and len(merges) < 2 and upper_forwards


def _kind(part: RecurrentPart) -> Hashable | None:
    """Return what layers of a stack have in common; None where the lesson can't show the layer."""
    readers = part.directions or (part,)
    try:
        kinds = {
            (each.kind, each.value("units"), tuple(cell_settings(each).items())) for each in readers
        }
    except LabError:
        return None
    if len(kinds) > 1 or readers[0].turned:
        return None
    ((kind, _, settings),) = kinds
    return kind, settings


def _merge(part: RecurrentPart) -> str:
    return str(part.arguments.get("merge_mode", CONCAT) or CONCAT)


def stack_lesson(
    parts: Sequence[RecurrentPart], x: Array, given: Sequence[Given]
) -> tuple[str, LessonState]:
    """Return the lesson's id and the state that shows the layers as a grid of cells.

    ``x`` (T, C) is what the lowest reads.

    Raises:
        LabError: the directions of a layer differ, or the lesson can't show their cells.
        ControlError: they are larger than what the lesson shows.
    """
    for part in parts:
        _refuse_unlike(part)
    units = tuple(int((part.directions or (part,))[0].value("units")) for part in parts)
    both = tuple(bool(part.directions) for part in parts)
    merge = next((_merge(part) for part in parts if part.directions), CONCAT)
    stack = Stack(units, both, merge)
    arrays: dict[str, Array] = {"x": x}
    for direction in stack.directions:
        part, own = parts[direction.layer], given[direction.layer]
        below = stack.sources(direction)
        kernels, recurrent, bias = weight_names(direction, below)
        start, states = "", own.states
        if part.directions:
            way = part.directions[direction.backwards]
            start = f"{way.path.removeprefix(f'{part.path}/')}/"
            half = len(states) // 2
            states = states[half:] if direction.backwards else states[:half]
        sizes = stack.sizes(direction, x.shape[1])
        split = np.split(own.weights[f"{start}kernel"], np.cumsum(sizes)[:-1])
        arrays |= dict(zip(kernels, split, strict=True))
        arrays[recurrent] = own.weights[f"{start}recurrent_kernel"]
        if f"{start}bias" in own.weights:
            arrays[bias] = own.weights[f"{start}bias"]
        arrays |= dict(zip(initial_names(direction, "hc"), states, strict=False))
    reader = (parts[0].directions or parts)[0]
    settings = {
        "cell": CELLS[reader.kind],
        "layers": len(parts),
        "directions": "both" if any(both) else "one",
        "both_layers": EVERY if all(both) or not any(both) else str(sum(both)),
        "merge": merge,
        "units": units[0],
        **{control.name: own for control, own in zip(UNITS_ABOVE, units[1:], strict=False)},
        **cell_settings(reader),
    }
    return DEEP.id, filled_state(DEEP, x, arrays, settings, source=FROM_LAB)


def _refuse_unlike(part: RecurrentPart) -> None:
    """Refuse a layer whose directions the lesson can't show together."""
    if not part.directions:
        return
    kinds = [(way.kind, way.value("units"), cell_settings(way)) for way in part.directions]
    if kinds[0] != kinds[1]:
        raise LabError(
            f"The directions of {part.path!r} are different cells, and the lesson on both shows "
            "one kind: open each direction by itself."
        )
    if part.directions[0].turned:
        raise LabError(
            f"The first direction of {part.path!r} reads from the end, which the lesson on both "
            "doesn't show: open each direction by itself."
        )
