"""Data as a model takes it: arrays of the right type and shape, without NaN or infinity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from simulator.engine import arguments
from simulator.engine.layers.base import Array, Shape, ShapeError


class DataError(ValueError):
    """Data that cannot be used; one line that says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a model: where data and targets are plugged in."""

    name: str  # the layer's
    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Data:
    """Samples side by side: inputs, targets and sample weights, by the model's ports."""

    x: tuple[Array, ...]
    y: tuple[Array, ...] = ()
    weight: tuple[Array | None, ...] = ()

    def __len__(self) -> int:
        return len(self.x[0])

    def __getitem__(self, chosen: slice | Array) -> Data:
        """Some of the samples."""
        return Data(
            tuple(array[chosen] for array in self.x),
            tuple(array[chosen] for array in self.y),
            tuple(None if array is None else array[chosen] for array in self.weight),
        )

    def targets(self, chosen: Array) -> Data:
        """Some of the samples, without their inputs."""
        return Data(
            (),
            tuple(array[chosen] for array in self.y),
            tuple(None if array is None else array[chosen] for array in self.weight),
        )


def inputs_of(x: Any, ports: Sequence[Port], *, model: str) -> tuple[Array, ...]:
    """One array for each input port, in its type. Raises DataError and ShapeError."""
    arrays = []
    for port, given in zip(ports, _split(x, ports, "input", model), strict=True):
        array = numbers(given, f"the data for {port.name!r}")
        if array.dtype != port.dtype:
            with np.errstate(over="ignore"):  # what float32 cannot hold is found below
                array = array.astype(port.dtype)
        rank = len(port.shape) + 1
        # Keras's help: a last axis of length 1 may be left out, or be too many.
        if array.ndim == rank - 1 and port.shape[-1:] == (1,):
            array = array[..., np.newaxis]
        elif array.ndim == rank + 1 and array.shape[-1] == 1:
            array = array[..., 0]
        fits = array.ndim == rank and all(
            needed in (None, got) for needed, got in zip(port.shape, array.shape[1:], strict=True)
        )
        if not fits:
            raise ShapeError(
                f"{model}: the input {port.name!r} got data of shape {np.shape(given)}, but needs "
                f"{(None, *port.shape)}, with None for the number of samples."
            )
        _refuse_unusable(array, f"The data for the input {port.name!r}")
        arrays.append(np.ascontiguousarray(array))
    _same_count(arrays, "inputs")
    return tuple(arrays)


def with_batch(x: Any, ports: Sequence[Port]) -> Any:
    """A single sample with a batch axis before it; anything else as it is."""
    if len(ports) != 1 or isinstance(x, Mapping):
        return x
    array, needed = numbers(x, "the sample"), ports[0].shape
    pairs = zip(array.shape, needed, strict=False)
    fits = array.ndim == len(needed) and all(size in (None, own) for own, size in pairs)
    return array[np.newaxis] if fits else x


def targets_of(y: Any, ports: Sequence[Port], count: int, *, model: str) -> tuple[Array, ...]:
    """One array for each output port. Raises DataError."""
    arrays = []
    for port, given in zip(ports, _split(y, ports, "output", model), strict=True):
        array = numbers(given, f"the targets of {port.name!r}")
        if array.ndim == 0 or len(array) != count:
            raise DataError(
                f"{model}: there are {count} samples, but "
                f"{len(array) if array.ndim else 'a single number'} targets for {port.name!r}: "
                "give one target for each sample."
            )
        _refuse_unusable(array, f"The targets of the output {port.name!r}")
        arrays.append(array)
    return tuple(arrays)


def weights_of(sample_weight: Any, y: Sequence[Array], dtype: str) -> tuple[Array | None, ...]:
    """A weight for each sample, or None, for each output. Raises DataError."""
    if sample_weight is None:
        return (None,) * len(y)
    several = isinstance(sample_weight, list | tuple) and len(y) > 1
    given = list(sample_weight) if several else [sample_weight] * len(y)
    arrays: list[Array | None] = []
    for each, target in zip(given, y, strict=True):
        array = numbers(each, "sample_weight").astype(dtype)
        if array.ndim == 0 or len(array) != len(target):
            raise DataError(
                f"sample_weight has the shape {array.shape}, but there are {len(target)} samples: "
                "give one weight for each."
            )
        _refuse_unusable(array, "sample_weight")
        arrays.append(array)
    return tuple(arrays)


def class_weights(class_weight: Any, y: Sequence[Array], dtype: str) -> Array:
    """A weight for each sample, by its class. Raises DataError for several outputs."""
    if len(y) != 1:
        raise DataError("class_weight works for models with one output: use sample_weight.")
    target = y[0]
    if not isinstance(class_weight, Mapping):
        raise DataError(
            f"class_weight is {arguments.shown(class_weight)}: it must be a dictionary from class "
            "numbers to weights, such as {0: 1.0, 1: 2.5}."
        )
    one_hot = target.ndim > 1 and target.shape[-1] > 1
    classes = target.argmax(axis=-1) if one_hot else target.reshape(len(target), -1)[:, 0]
    weights = np.ones(len(target), dtype)
    for label, weight in class_weight.items():
        if isinstance(label, bool) or not isinstance(label, Real):
            raise DataError(
                f"class_weight names the class {arguments.shown(label)}: classes are whole "
                "numbers, 0 for the first."
            )
        try:
            weights[classes == label] = arguments.number(
                weight, owner="class_weight", argument=f"the weight of class {label}"
            )
        except ValueError as error:
            raise DataError(str(error)) from None
    return weights


def split(data: Data, fraction: float) -> tuple[Data, Data]:
    """The first samples to train with and the last ones to validate with, as in Keras."""
    try:
        arguments.number(fraction, owner="fit", argument="validation_split", above=0, below=1)
    except ValueError as error:
        raise DataError(str(error)) from None
    border = int(len(data) * (1 - fraction))
    if border in (0, len(data)):
        raise DataError(
            f"validation_split {fraction} of {len(data)} samples leaves none to "
            f"{'train' if border == 0 else 'validate'} with."
        )
    return data[:border], data[border:]


def _split(given: Any, ports: Sequence[Port], noun: str, model: str) -> list[Any]:
    if isinstance(given, Mapping):
        missing = [port.name for port in ports if port.name not in given]
        if missing:
            raise DataError(
                f"{model}: nothing is given for the {noun} {missing[0]!r}; the names are "
                f"{', '.join(map(str, given))}."
            )
        return [given[port.name] for port in ports]
    if len(ports) == 1:
        whole = isinstance(given, tuple | list) and len(given) == 1 and np.ndim(given[0]) > 1
        return [given[0] if whole and np.ndim(given[0]) > len(ports[0].shape) else given]
    if not isinstance(given, tuple | list) or len(given) != len(ports):
        raise DataError(
            f"{model} has {len(ports)} {noun}s ({', '.join(port.name for port in ports)}): give a "
            "list with an array for each."
        )
    return list(given)


def numbers(given: Any, what: str) -> Array:
    """What is given as an array of numbers. Raises DataError for anything else."""
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise DataError(f"{what} is no array: its rows differ in length.") from error
    if array.dtype == object and array.size and all(isinstance(e, Real) for e in array.flat):
        with suppress(OverflowError):  # whole numbers that no float holds
            array = array.astype(np.float64)
    if array.dtype.kind not in "fiub":
        hint = "."
        if array.ndim == 0 and hasattr(given, "__next__"):
            hint = ": join its batches to arrays before, with np.concatenate."
        raise DataError(f"{what} must hold numbers, not {_described(given, array)}{hint}")
    return array


def _described(given: Any, array: Array) -> str:
    """What stands where numbers should."""
    if array.ndim == 0:
        return "None" if given is None else f"a {type(given).__name__}"
    kind = {"U": "texts", "S": "texts", "c": "complex numbers", "M": "dates", "m": "durations"}
    if array.dtype.kind in kind:
        return kind[array.dtype.kind]
    odd = next((each for each in array.flat if not isinstance(each, Real)), None)
    return f"{type(odd).__name__} objects" if odd is not None else str(array.dtype)


def _refuse_unusable(array: Array, what: str) -> None:
    if array.size == 0:
        raise DataError(f"{what} holds no samples: its shape is {array.shape}.")
    if array.dtype.kind != "f":
        return
    finite = np.isfinite(array)
    if not finite.all():
        places = np.argwhere(~finite)
        first = tuple(int(index) for index in places[0])
        place = f", position {first[1:]}" if len(first) > 1 else ""
        raise DataError(
            f"{what} holds {_counted(len(places))}: {'it' if len(places) == 1 else 'the first'} is "
            f"{array[first]} at sample {first[0]}{place}. Replace them, or leave those samples out."
        )


def _counted(count: int) -> str:
    if count == 1:
        return "a value that is no finite number"
    return f"{count} values that are no finite numbers"


def _same_count(arrays: Sequence[Array], noun: str) -> None:
    counts = [len(array) for array in arrays]
    if len(set(counts)) > 1:
        raise DataError(
            f"The {noun} hold {', '.join(map(str, counts))} samples: all must hold as many."
        )
