"""Networks with several inputs or outputs: which array goes where, or data made up for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import prod, sqrt
from typing import Any

import numpy as np

from simulator.data.datasets import Dataset
from simulator.engine.data import Port
from simulator.engine.layers.base import Array
from simulator.formats.network import NetworkSpec
from simulator.lab.errors import LabError

MADE, HELD = 320, 64
"""So many samples are made up to train with, and to hold out."""
STEPS = 10
"""The length of what may have any."""
MOST_PERMUTED = 5
Named = tuple[str, Array, Array]
"""An input's name, and its values to train and to validate with."""


def inputs_of(
    dataset: Dataset, ports: Sequence[Port], fit: Any, told: list[str]
) -> tuple[list[Array], list[Array]]:
    """The arrays for each input: by name, by shape, the columns of a table divided, or the same
    for all. ``fit(name, pair, shape)`` gives a pair in the form of an input, or None.

    Raises LabError where none of these can be; it says what the network needs.
    """
    first = dataset.columns[0].name if dataset.columns else "input"
    given: list[Named] = [(first, dataset.x, dataset.x_val)]
    given += [
        (each.name, each.x, held.x)
        for each, held in zip(dataset.further, dataset.further_val, strict=True)
    ]
    if len(given) == len(ports):
        found = _matched(given, ports, fit)
        if found is not None:
            order, pairs = found
            if len(ports) > 1:
                names = zip(order, ports, strict=True)
                into = ", ".join(f"{name} into {port.name}" for name, port in names)
                told.append(f"Inputs: {into}.")
            return [x for x, _ in pairs], [held for _, held in pairs]
    elif len(given) == 1:
        found_parts = _divided(given[0], ports) or _repeated(given[0], ports, fit)
        if found_parts is not None:
            words, parts = found_parts
            told.append(words)
            return [x for x, _ in parts], [held for _, held in parts]
    raise LabError(
        f"{dataset.title} has {_listed((name, x.shape[1:]) for name, x, _ in given)}, but the "
        f"network takes {_listed((port.name, port.shape) for port in ports)}: choose data with as "
        "many inputs of these shapes, such as an NPZ file with an array for each, by these names."
    )


def _matched(
    given: Sequence[Named], ports: Sequence[Port], fit: Any
) -> tuple[list[str], list[tuple[Array, Array]]] | None:
    """By name where the names are the same, or else in the first order in which the shapes fit."""
    by_name = {name: (name, x, held) for name, x, held in given}
    orders: list[Sequence[Named]] = []
    if set(by_name) == {port.name for port in ports}:
        orders.append([by_name[port.name] for port in ports])
    orders += list(permutations(given)) if len(given) <= MOST_PERMUTED else [given]
    for order in orders:
        pairs = [
            fit(name, (x, held), port.shape)
            for (name, x, held), port in zip(order, ports, strict=True)
        ]
        if all(pair is not None for pair in pairs):
            return [name for name, _, _ in order], pairs
    return None


def _divided(given: Named, ports: Sequence[Port]) -> tuple[str, list[tuple[Array, Array]]] | None:
    """The columns of a table, one after another, where their number is that of all inputs."""
    _, x, held = given
    widths = [port.shape[0] if len(port.shape) == 1 else None for port in ports]
    if x.ndim != 2 or None in widths or sum(width or 0 for width in widths) != x.shape[1]:
        return None
    ends = np.cumsum([width or 0 for width in widths])
    starts = [0, *ends[:-1].tolist()]
    spans = list(zip(starts, ends.tolist(), strict=True))
    into = ", ".join(
        f"{first + 1} to {last} into {port.name}"
        for (first, last), port in zip(spans, ports, strict=True)
    )
    parts = [(x[:, first:last].copy(), held[:, first:last].copy()) for first, last in spans]
    return f"The columns are divided among the inputs: {into}.", parts


def _repeated(
    given: Named, ports: Sequence[Port], fit: Any
) -> tuple[str, list[tuple[Array, Array]]] | None:
    name, x, held = given
    pairs = [fit(name, (x, held), port.shape) for port in ports]
    if any(pair is None for pair in pairs):
        return None
    return f"Each of the {len(ports)} inputs gets the same samples.", pairs


def _listed(shapes: Any) -> str:
    found = [f"{name} ({shown(shape)})" for name, shape in shapes]
    count = len(found)
    return f"{count} input{'s' if count > 1 else ''}, {', '.join(found)}"


def shown(shape: Sequence[int | None]) -> str:
    """A shape in words."""
    if not shape:
        return "one number"
    return " × ".join("any" if length is None else str(length) for length in shape)


def losses_of(loss: Any, outputs: Sequence[Port]) -> list[Any]:
    """The loss of each output: one for all, one for each in order, or one by each name (None
    where there is none).
    """
    if isinstance(loss, list | tuple) and len(loss) == len(outputs):
        return list(loss)
    if isinstance(loss, Mapping) and "class_name" not in loss:
        return [loss.get(port.name) for port in outputs]
    return [loss] * len(outputs)


def vocabularies(network: NetworkSpec) -> dict[str, int]:
    """How many different whole numbers each input takes that an Embedding reads."""
    found = {}
    for each in network.inputs:
        for layer in network.consumers(each.name):
            if layer.kind == "Embedding" and isinstance(layer.arguments.get("input_dim"), int):
                found[each.name] = layer.arguments["input_dim"]
    return found


def standing_in(
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    loss: Any,
    whole: Mapping[str, int],
    seed: int,
) -> tuple[list[Array], list[Array]]:
    """Random inputs of the network's shapes, and targets that follow from them by a random rule:
    something that can be learned. ``whole`` tells which inputs are whole numbers, and below what.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,)))
    x = [_drawn(port, whole.get(port.name), rng) for port in inputs]
    flat = np.concatenate([_flat(each, whole.get(port.name)) for each, port in
                           zip(x, inputs, strict=True)], axis=1)  # fmt: skip
    y = []
    for port, one in zip(outputs, losses_of(loss, outputs), strict=True):
        shape = _filled(port.shape)
        rule = rng.standard_normal((flat.shape[1], prod(shape))) / sqrt(flat.shape[1])
        y.append(_target((flat @ rule).reshape(len(flat), *shape), str(one).lower()))
    return x, y


def _drawn(port: Port, below: int | None, rng: np.random.Generator) -> Array:
    shape = (MADE + HELD, *_filled(port.shape))
    if below is not None:
        return rng.integers(0, below, shape).astype(np.float32)
    return rng.standard_normal(shape).astype(np.float32)


def _flat(x: Array, below: int | None) -> Array:
    flat = x.reshape(len(x), -1).astype(np.float64)
    return flat if below is None else flat / max(below - 1, 1) - 0.5


def _target(score: Array, loss: str) -> Array:
    made: Array = score.astype(np.float32)
    if "sparse" in loss:
        made = score.argmax(axis=-1).astype(np.int64)
    elif "categorical" in loss:
        made = np.eye(score.shape[-1], dtype=np.float32)[score.argmax(axis=-1)]
    elif "crossentropy" in loss or "hinge" in loss:
        made = (score > 0).astype(np.float32)
    return made


def _filled(shape: Sequence[int | None]) -> tuple[int, ...]:
    return tuple(STEPS if length is None else length for length in shape)
