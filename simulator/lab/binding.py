"""How a data set goes into a network: the form of its samples, and of its targets for the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from simulator.data.datasets import DATASETS, Dataset, one_hot
from simulator.engine.data import Port
from simulator.engine.layers.base import Array, Shape
from simulator.formats.made_data import compute
from simulator.formats.network import NetworkSpec
from simulator.formats.program import DataSpec
from simulator.lab import several
from simulator.lab.errors import LabError
from simulator.lab.several import shown


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

    @property
    def validation(self) -> tuple[Any, Any] | None:
        """The part that is held out, if there is one."""
        return None if self.x_val is None else (self.x_val, self.y_val)


def made_up(data: DataSpec, seed: int) -> Arrays:
    """What a program makes for itself. Raises SpecError for what cannot be made."""
    x, y = compute(data.x, seed), compute(data.y, seed)
    if data.x_validation is None or data.y_validation is None:
        return Arrays(x, y)
    return Arrays(x, y, compute(data.x_validation, seed), compute(data.y_validation, seed))


def bind(dataset: Dataset, inputs: Sequence[Port], outputs: Sequence[Port], loss: Any) -> Arrays:
    """The data set's arrays as the network and its loss take them.

    Samples may lack an axis of length 1 or have one too many, and are made flat where the network
    takes flat ones. Classes become rows of zeros and a one, unless the loss takes their numbers.
    Several inputs get an array each, or the columns of a table, or all the same samples; several
    outputs get the same targets, each as its loss takes them.
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
    pairs = [_targets(dataset, port, one, told) for port, one in zip(outputs, losses, strict=True)]
    if len(pairs) == 1:
        return Arrays(x, pairs[0][0], x_val, pairs[0][1], tuple(dict.fromkeys(told)))
    told.append(f"Each of the {len(pairs)} outputs gets the same targets.")
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Arrays(x, first, x_val, second, tuple(dict.fromkeys(told)))


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


def _targets(dataset: Dataset, port: Port, loss: Any, told: list[str]) -> tuple[Array, Array]:
    pair = dataset.y, dataset.y_val
    if dataset.task in ("regression", "autoencoder"):
        first, second = (_numbers(array, dataset, port) for array in pair)
        return first, second
    classes = len(dataset.classes or ()) or int(max(array.max() for array in pair)) + 1
    units = port.shape[-1] if port.shape else None
    if units == 1:
        if classes > 2:
            raise LabError(
                f"{dataset.title} has {classes} classes, but the layer {port.name!r} puts out one "
                f"number: give it {classes} units and the activation softmax."
            )
        first, second = (array.astype(np.float32)[..., np.newaxis] for array in pair)
        return first, second
    if units is not None and units < classes:
        raise LabError(
            f"{dataset.title} has {classes} classes, but the layer {port.name!r} puts out {units} "
            f"numbers: give it {classes} units."
        )
    if len(port.shape) != len(dataset.target_shape) + 1:
        each = "for each time step" if dataset.per_step else "for each sample"
        raise LabError(
            f"{dataset.title} has a class {each}, but the layer {port.name!r} puts out the shape "
            f"{shown(port.shape)}: "
            + (
                "let the recurrent layers return sequences."
                if dataset.per_step
                else "end with one row of numbers (Flatten, a pooling over all places, or a "
                "recurrent layer that does not return sequences)."
            )
        )
    if _takes_numbers(loss):
        return pair
    told.append("Classes are made rows of zeros and a one, as the loss takes them.")
    width = classes if units is None else units
    return one_hot(pair[0], width), one_hot(pair[1], width)


def _numbers(array: Array, dataset: Dataset, port: Port) -> Array:
    have, needed = array.shape[1:], port.shape
    if _fits(have, needed):
        return array
    if all(length is not None for length in needed) and prod(have) == prod(
        length or 0 for length in needed
    ):
        return array.reshape(len(array), *(length or 0 for length in needed))
    raise LabError(
        f"A target of {dataset.title} has the shape {shown(have)}, but the layer {port.name!r} "
        f"puts out {shown(needed)}: make the last layer's output {shown(have)}."
    )


def _takes_numbers(loss: Any) -> bool:
    """Whether the loss takes classes by their numbers."""
    if isinstance(loss, Mapping):
        loss = loss.get("class_name", next(iter(loss.values()), ""))
    return "sparse" in str(loss).lower()


def _fits(have: Sequence[int | None], needed: Sequence[int | None]) -> bool:
    return len(have) == len(needed) and all(
        n is None or n == got for got, n in zip(have, needed, strict=True)
    )
