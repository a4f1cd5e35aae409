"""What differs between two programs, and between two networks that came of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine.model import Model
from simulator.formats import serialization
from simulator.formats.program import ProgramSpec
from simulator.lab.views.probe import Probe

MOST_DISPUTED = 60
"""Held-out samples that are named, of those on which two networks disagree."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two programs do not have in common."""

    place: (
        str  # "compile.optimizer.arguments.learning_rate", "network.layers.dense.arguments.units"
    )
    first: Any  # None where the one has no such thing
    second: Any


@dataclass(frozen=True, slots=True)
class OutputComparison:
    """How far what two networks put out at one of their outputs is apart, on held-out data."""

    name: str
    same: int | None
    """Of `count` answers so many are the same in both; None for numbers."""
    count: int
    apart: float | None
    """The mean of |first − second| of numbers; None where classes are told apart."""

    @property
    def agreement(self) -> float | None:
        """The share of answers that are the same in both; None for numbers."""
        return None if self.same is None else self.same / max(self.count, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """How far two networks are apart; one of their outputs is looked at more closely."""

    weights: Mapping[str, float]
    """By layer, ‖first − second‖ / ‖first‖; layers of unequal shapes left out."""
    outputs: tuple[OutputComparison, ...]
    output: int
    """The number of the output that those in dispute are of."""
    disputed: tuple[int, ...]
    """The first held-out samples of which both say something else."""
    disputes: int
    """How many of them there are, among those that were looked at."""

    @property
    def agreement(self) -> float | None:
        """Of the output that is looked at more closely."""
        return self.outputs[self.output].agreement


def differences(first: ProgramSpec, second: ProgramSpec) -> tuple[Difference, ...]:
    """Everything in which two programs differ, by its place; layers are told by their names."""
    return tuple(_differences(serialization.to_json(first), serialization.to_json(second), ""))


def compare(models: tuple[Model, Model], probes: tuple[Probe, Probe]) -> Comparison:
    """Two networks as they are now, and what they say of the same data."""
    ports = models[0].ports[1]
    outputs = tuple(_output(probes, number, port.name) for number, port in enumerate(ports))
    number = probes[0].output
    disputed: tuple[int, ...] = ()
    disputes = 0
    if outputs[number].same is not None:
        same = probes[0].said_of(number) == probes[1].said_of(number)
        unlike = np.flatnonzero(~same.reshape(len(same), -1).all(axis=1))
        disputes = len(unlike)
        disputed = tuple(unlike[:MOST_DISPUTED].tolist())
    return Comparison(_distances(*models), outputs, number, disputed, disputes)


def _output(probes: tuple[Probe, Probe], number: int, name: str) -> OutputComparison:
    if all(probe.labels_of(number) is not None for probe in probes):
        same = probes[0].said_of(number) == probes[1].said_of(number)
        return OutputComparison(name, int(same.sum()), same.size, None)
    one, other = (probe.outputs[number] for probe in probes)
    apart = float(np.abs(one - other, dtype=np.float64).mean()) if one.size else 0.0
    return OutputComparison(name, None, len(one), apart)


def _distances(first: Model, second: Model) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    other = second.weights
    for name, weight in first.weights.items():
        if name in other and other[name].shape == weight.shape:
            sums = found.setdefault(name.partition("/")[0], [0.0, 0.0])
            sums[0] += float(np.square(weight - other[name], dtype=np.float64).sum())
            sums[1] += float(np.square(weight, dtype=np.float64).sum())
    return {
        layer: float(np.sqrt(apart / size)) if size else 0.0
        for layer, (apart, size) in found.items()
    }


def _differences(first: Any, second: Any, place: str) -> Iterator[Difference]:
    first, second = _by_name(first), _by_name(second)
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for name in dict.fromkeys((*first, *second)):
            inner = f"{place}.{name}" if place else name
            yield from _differences(first.get(name), second.get(name), inner)
    elif _is_list(first) and _is_list(second) and len(first) == len(second):
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif first != second:
        yield Difference(place, first, second)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _by_name(value: Any) -> Any:
    """A list of things that have names, such as layers, as a mapping."""
    if _is_list(value) and value:
        names = [each.get("name") if isinstance(each, Mapping) else None for each in value]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return value
