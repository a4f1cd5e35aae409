"""How a data set goes into a network: the form of its samples, and of its targets for the loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from simulator.data.datasets import DATASETS, Dataset
from simulator.engine.data import Port
from simulator.engine.layers.base import Array, Shape
from simulator.formats.made_data import compute_each
from simulator.formats.network import NetworkSpec
from simulator.formats.program import DataSpec
from simulator.lab import several, targets
from simulator.lab.errors import LabError
from simulator.lab.several import shown

NUMBERED = "Each step goes in as the number of what stands there: an Embedding reads numbers."


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """What a network is trained and validated with, in the form that it takes."""

    x: Any  # an array, or one for each input
    y: Any
    x_val: Any = None
    y_val: Any = None
    told: tuple[str, ...] = ()
    """What was done to the data set's arrays to make them fit, for the learner."""
    made_up: bool = False
    """Whether they stand in for a data set that does not fit."""
    classes: tuple[tuple[str, ...], ...] = ()
    """For each output the names of the classes that it tells apart, as far as there are any."""

    @property
    def validation(self) -> tuple[Any, Any] | None:
        """The part that is held out, if there is one."""
        return None if self.x_val is None else (self.x_val, self.y_val)


def made_up(data: DataSpec, seed: int) -> Arrays:
    """What a program makes for itself. Raises SpecError for what cannot be made."""
    x, y = compute_each(data.x, seed), compute_each(data.y, seed)
    if data.x_validation is None or data.y_validation is None:
        return Arrays(x, y)
    held = compute_each(data.x_validation, seed), compute_each(data.y_validation, seed)
    return Arrays(x, y, *held)


def bind(dataset: Dataset, inputs: Sequence[Port], outputs: Sequence[Port], loss: Any) -> Arrays:
    """The data set's arrays as the network and its loss take them.

    Samples may lack an axis of length 1 or have one too many, and are made flat where the network
    takes flat ones. Classes become rows of zeros and a one, unless the loss takes their numbers.
    Several inputs get an array each, or the columns of a table, or all the same samples. Several
    outputs get a target each, by name or as their shapes and losses take them; or the columns of
    one; or the same targets, or what goes in, each as its loss takes them.
    Raises LabError where that does not help; it names what has to be changed.
    """
    told: list[str] = []
    x: Any
    x_val: Any
    if len(inputs) == 1 and not dataset.further:
        x, x_val = _inputs(dataset, inputs[0].shape, told)
    else:
        x, x_val = several.inputs_of(dataset, inputs, _fitted, told)
    losses = several.losses_of(loss, outputs)
    found = targets.targets_of(dataset, outputs, losses, told)
    y, y_val = [each.pair[0] for each in found], [each.pair[1] for each in found]
    words, classes = tuple(dict.fromkeys(told)), tuple(each.classes for each in found)
    if len(outputs) == 1:
        return Arrays(x, y[0], x_val, y_val[0], words, classes=classes)
    return Arrays(x, y, x_val, y_val, words, classes=classes)


def as_read(dataset: Dataset, network: NetworkSpec) -> Dataset:
    """The data set as the network's first layer reads it: where that is an Embedding, rows with a
    single one become the number of its place, and whole numbers in rows of one stand alone.
    """
    readers = network.consumers(network.inputs[0].name) if len(network.inputs) == 1 else ()
    if dataset.further or not readers or any(each.kind != "Embedding" for each in readers):
        return dataset
    x, x_val = _numbered(dataset.x), _numbered(dataset.x_val)
    return dataset if x is None or x_val is None else replace(dataset, x=x, x_val=x_val)


def _numbered(rows: Array) -> Array | None:
    """Rows (N, T, V) as whole numbers (N, T); None for what tells none."""
    if rows.ndim != 3:
        return None
    if rows.shape[2] == 1:
        whole = (rows >= 0) & (rows == np.floor(rows))
        return rows[..., 0].astype(np.int64) if whole.all() else None
    ones = rows == 1
    single = (ones.sum(axis=2) == 1).all() and np.count_nonzero(rows) == np.count_nonzero(ones)
    return ones.argmax(axis=2) if single else None


def as_told(dataset: Dataset, data: DataSpec | None) -> Dataset:
    """The data set as the program means it: with its inputs as targets after `fit(x, x)`."""
    if data is None or not data.itself or dataset.task == "autoencoder":
        return dataset
    return replace(dataset, y=dataset.x, y_val=dataset.x_val, task="autoencoder", per_step=False)


def stand_in(
    dataset: Dataset, inputs: Sequence[Port], outputs: Sequence[Port], loss: Any,
    network: NetworkSpec, seed: int,
) -> Arrays:  # fmt: skip
    """Made-up data for a network that a data set with one input and one target has nothing for.

    Raises LabError where it is the learner's own data that do not fit: then that is to be told.
    """
    try:
        return bind(dataset, inputs, outputs, loss)
    except LabError as error:
        plain = len(inputs) == len(outputs) == 1
        if plain or DATASETS[dataset.recipe.id].group == "Your own":
            raise
        why = str(error)
    x, y = several.standing_in(inputs, outputs, loss, several.vocabularies(network), seed)
    border = several.MADE
    return Arrays(
        [each[:border] for each in x],
        [each[:border] for each in y],
        [each[border:] for each in x],
        [each[border:] for each in y],
        (
            "Random numbers of the network’s shapes stand in for the data, with targets that "
            f"follow from them by a random rule. {why}",
        ),
        made_up=True,
    )


def _inputs(dataset: Dataset, needed: Shape, told: list[str]) -> tuple[Array, Array]:
    have = dataset.input_shape
    fitted = _fitted(dataset.title, (dataset.x, dataset.x_val), needed)
    if fitted is None:
        raise LabError(
            f"A sample of {dataset.title} has the shape {shown(have)}, but the network takes "
            f"{shown(needed)}: choose other data, or give the network the input shape "
            f"{shown(have)}."
        )
    if len(needed) == 1 and len(have) > 1 and needed[0] == prod(have):
        told.append(f"Samples of {shown(have)} are made flat: {shown(needed)}.")
    return fitted


def _fitted(name: str, pair: tuple[Array, Array], needed: Shape) -> tuple[Array, Array] | None:
    """Both parts in the form that an input takes; None where they can't be brought into it."""
    del name
    have = pair[0].shape[1:]
    if _fits(have, needed):
        return pair
    squeezed = tuple(length for length in have if length != 1)
    wanted = tuple(length for length in needed if length != 1)
    flat = len(needed) == 1 and needed[0] == prod(have)
    if not flat and not _fits(squeezed, wanted):
        return None
    lengths = iter(squeezed)
    shape = (prod(have),) if flat else tuple(
        1 if length == 1 else next(lengths) for length in needed
    )  # fmt: skip
    first, second = (array.reshape(len(array), *shape) for array in pair)
    return first, second


def _fits(have: Sequence[int | None], needed: Sequence[int | None]) -> bool:
    return len(have) == len(needed) and all(
        n is None or n == got for got, n in zip(have, needed, strict=True)
    )
