"""Which target goes to which output of a network, in the form that its loss takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Any

import numpy as np

from simulator.data.datasets import Dataset, one_hot
from simulator.engine.data import Port
from simulator.engine.layers.base import Array
from simulator.lab.errors import LabError
from simulator.lab.several import MOST_PERMUTED, shown

Pair = tuple[Array, Array]
"""To train and to validate with."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What a data set has to be learned. `classes` is their number, and None for numbers."""

    title: str  # of the data set
    name: str
    pair: Pair
    classes: int | None = None
    per_step: bool = False
    names: tuple[str, ...] = ()  # of the classes, as far as they have any

    @property
    def shape(self) -> tuple[int, ...]:
        """One sample's."""
        return self.pair[0].shape[1:]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What an output is to learn, in the form that its loss takes."""

    pair: Pair
    classes: tuple[str, ...] = ()  # the names of what it tells apart, as far as there are any


def targets_of(
    dataset: Dataset, outputs: Sequence[Port], losses: Sequence[Any], told: list[str]
) -> list[Bound]:
    """The targets of each output; ``told`` is added to.

    Raises LabError where none fits an output; it says what has to be changed.
    """
    have = targets_in(dataset)
    if len(outputs) == 1:
        port, loss = outputs[0], losses[0]
        chosen = next((each for each in have if each.name == port.name), have[0])
        left = [each.name for each in have if each is not chosen]
        if left:
            told.append(f"The output learns {chosen.name}; {', '.join(left)} is left out.")
        return [_bound(chosen, port, loss, told)]
    found = _matched(have, outputs, losses, told) or _divided(have, dataset, outputs, told)
    return found or _one_by_one(have, dataset, outputs, losses, told)


def targets_in(dataset: Dataset) -> list[Target]:
    """Return all targets of a data set, the first one first."""
    columns = [each.name for each in dataset.columns if each.role == "target"]
    name = columns[0] if columns else "the target"
    pair = dataset.y, dataset.y_val
    classes = None
    if dataset.task not in ("regression", "autoencoder"):
        classes = len(dataset.classes or ()) or int(max(array.max() for array in pair)) + 1
    names = () if classes is None else tuple(dataset.classes or ())
    first = Target(dataset.title, name, pair, classes, dataset.per_step, names)
    return [
        first,
        *(
            Target(
                dataset.title, one.name, (one.y, held.y),
                None if one.classes is None else len(one.classes),
                one.classes is not None and one.y.ndim > 1,
                one.classes or (),
            )
            for one, held in zip(dataset.further_y, dataset.further_y_val, strict=True)
        ),
    ]  # fmt: skip


def _matched(
    have: Sequence[Target], outputs: Sequence[Port], losses: Sequence[Any], told: list[str]
) -> list[Bound] | None:
    """As many targets as outputs: by name, or in that order in which they fit best."""
    if len(have) != len(outputs):
        return None
    by_name = {each.name: each for each in have}
    orders: list[Sequence[Target]] = []
    if set(by_name) == {port.name for port in outputs}:
        orders.append([by_name[port.name] for port in outputs])
    else:
        orders += permutations(have) if len(have) <= MOST_PERMUTED else [have]
        orders.sort(key=lambda order: sum(map(_is_unlike, order, losses)))
    for order in orders:
        words: list[str] = []
        try:
            pairs = [
                _bound(each, port, loss, words)
                for each, port, loss in zip(order, outputs, losses, strict=True)
            ]
        except LabError:
            continue
        into = ", ".join(
            f"{each.name} by {port.name}" for each, port in zip(order, outputs, strict=True)
        )
        told += [f"What is learned: {into}.", *words]
        return pairs
    return None


def _is_unlike(target: Target, loss: Any) -> bool:
    """Whether a loss for classes meets numbers, or the other way round."""
    return ("crossentropy" in str(loss).lower()) != (target.classes is not None)


def _divided(
    have: Sequence[Target], dataset: Dataset, outputs: Sequence[Port], told: list[str]
) -> list[Bound] | None:
    """The numbers of one target, one after another, where they are as many as all outputs put out
    together.
    """
    first, held = have[0].pair
    widths = [port.shape[0] if len(port.shape) == 1 else None for port in outputs]
    if len(have) > 1 or have[0].classes is not None or first.ndim != 2 or None in widths:
        return None
    if sum(width or 0 for width in widths) != first.shape[1]:
        return None
    names = [each.name for each in dataset.columns if each.role == "target"]
    if sorted(names) == sorted(port.name for port in outputs):
        told.append(f"Each output learns the column of its name: {', '.join(names)}.")
        places = [names.index(port.name) for port in outputs]
        spans = [(at, at + 1) for at in places]
        return [Bound((first[:, a:b].copy(), held[:, a:b].copy())) for a, b in spans]
    ends = np.cumsum([width or 0 for width in widths]).tolist()
    spans = list(zip([0, *ends[:-1]], ends, strict=True))
    into = ", ".join(
        f"{start + 1} to {end} by {port.name}"
        for (start, end), port in zip(spans, outputs, strict=True)
    )
    told.append(f"The numbers of {have[0].name} are divided among the outputs: {into}.")
    return [Bound((first[:, a:b].copy(), held[:, a:b].copy())) for a, b in spans]


def _one_by_one(
    have: Sequence[Target],
    dataset: Dataset,
    outputs: Sequence[Port],
    losses: Sequence[Any],
    told: list[str],
) -> list[Bound]:
    """For each output what fits it: what bears its name, or is used by none yet, first; the input
    itself last.
    """
    itself = Target(dataset.title, "the input itself", (dataset.x, dataset.x_val))
    chosen: list[Target] = []
    pairs: list[Bound] = []
    for port, loss in zip(outputs, losses, strict=True):
        offered = sorted(
            have, key=lambda each: (each.name != port.name, each in chosen, _is_unlike(each, loss))
        )
        refused: LabError | None = None
        for each in [*offered, itself]:
            try:
                pairs.append(_bound(each, port, loss, told))
            except LabError as error:
                refused = refused or error
                continue
            chosen.append(each)
            break
        else:
            assert refused is not None
            raise refused
    if len({each.name for each in chosen}) == 1:
        told.append(f"Each of the {len(outputs)} outputs gets the same targets.")
    else:
        into = ", ".join(
            f"{each.name} by {port.name}" for each, port in zip(chosen, outputs, strict=True)
        )
        told.append(f"What is learned: {into}.")
    return pairs


def _bound(target: Target, port: Port, loss: Any, told: list[str]) -> Bound:
    """A target in the form that an output's loss takes. Raises LabError where there is none."""
    return Bound(_formed(target, port, loss, told), target.names)


def _formed(target: Target, port: Port, loss: Any, told: list[str]) -> Pair:
    if target.classes is None:
        first, second = (_numbers(array, target, port) for array in target.pair)
        return first, second
    units = port.shape[-1] if port.shape else None
    if units == 1:
        if target.classes > 2:
            raise LabError(
                f"{target.title} has {target.classes} classes, but the layer {port.name!r} puts "
                f"out one number: give it {target.classes} units and the activation softmax."
            )
        first, second = (array.astype(np.float32)[..., np.newaxis] for array in target.pair)
        return first, second
    if units is not None and units < target.classes:
        raise LabError(
            f"{target.title} has {target.classes} classes, but the layer {port.name!r} puts out "
            f"{units} numbers: give it {target.classes} units."
        )
    if len(port.shape) != len(target.shape) + 1:
        each = "for each time step" if target.per_step else "for each sample"
        raise LabError(
            f"{target.title} has a class {each}, but the layer {port.name!r} puts out the shape "
            f"{shown(port.shape)}: "
            + (
                "let the recurrent layers return sequences."
                if target.per_step
                else "end with one row of numbers (Flatten, a pooling over all places, or a "
                "recurrent layer that does not return sequences)."
            )
        )
    if _takes_numbers(loss):
        return target.pair
    told.append("Classes are made rows of zeros and a one, as the loss takes them.")
    width = target.classes if units is None else units
    return one_hot(target.pair[0], width), one_hot(target.pair[1], width)


def _numbers(array: Array, target: Target, port: Port) -> Array:
    have, needed = array.shape[1:], port.shape
    fits = len(have) == len(needed) and all(
        n is None or n == got for got, n in zip(have, needed, strict=True)
    )
    if fits:
        return array
    if all(length is not None for length in needed) and prod(have) == prod(
        length or 0 for length in needed
    ):
        return array.reshape(len(array), *(length or 0 for length in needed))
    raise LabError(
        f"A target of {target.title} has the shape {shown(have)}, but the layer {port.name!r} "
        f"puts out {shown(needed)}: make the last layer's output {shown(have)}."
    )


def _takes_numbers(loss: Any) -> bool:
    """Whether the loss takes classes by their numbers."""
    if isinstance(loss, Mapping):
        loss = loss.get("class_name", "")
    return "sparse" in str(loss).lower()
