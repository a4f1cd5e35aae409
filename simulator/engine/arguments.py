"""Arguments of constructors and methods: taken in their own type, or refused in one line."""

from __future__ import annotations

import dataclasses
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.engine import names

DTYPES = ("float32", "float64")
LARGEST = 2**31 - 1
"""No size is larger."""


def count(
    value: Any, *, owner: str, argument: str, minimum: int = 1, maximum: int = LARGEST
) -> int:
    """A whole number from the minimum on; 2.0 is one too. Raises ValueError for anything else."""
    number = _plain(value)
    whole = number is not None and isfinite(number) and number == int(number)
    if number is None or not whole or not minimum <= number <= maximum:
        most = f" and at most {maximum}" if whole and number is not None and number > 0 else ""
        raise ValueError(
            f"{owner}: {argument} is {shown(value)}: it must be a whole number of {minimum} or "
            f"more{most}."
        )
    return int(number)


def counts(value: Any, rank: int, *, owner: str, argument: str) -> tuple[int, ...]:
    """A number for each of `rank` axes, from one number or as many. Raises ValueError else."""
    parts = tuple(value) if isinstance(value, tuple | list) else (value,) * rank
    if len(parts) != rank:
        raise ValueError(
            f"{owner}: {argument} is {shown(value)}: it must be one number"
            f"{'' if rank == 1 else f' or {rank} of them'}."
        )
    return tuple(count(part, owner=owner, argument=argument) for part in parts)


def number(
    value: Any,
    *,
    owner: str,
    argument: str,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> float:
    """A finite number within the bounds. Raises ValueError for anything else."""
    found = _plain(value)
    if (
        found is None
        or not isfinite(found)
        or (minimum is not None and found < minimum)
        or (maximum is not None and found > maximum)
        or (above is not None and found <= above)
        or (below is not None and found >= below)
    ):
        if above is not None and below is not None:
            needed = f"be a number between {above:g} and {below:g}"
        elif minimum is not None and below is not None:
            needed = f"be a number of {minimum:g} or more and below {below:g}"
        elif above is not None:
            needed = f"be a number above {above:g}"
        elif minimum is not None and maximum is not None:
            needed = f"be a number between {minimum:g} and {maximum:g}"
        elif minimum is not None:
            needed = f"be a number of {minimum:g} or more"
        else:
            needed = "be a finite number"
        raise ValueError(f"{owner}: {argument} is {shown(value)}: it must {needed}.")
    return float(found)


def truth(value: Any, *, owner: str, argument: str) -> bool:
    """True or False; None and 0 are False, and 1 is True. Raises ValueError for anything else."""
    plain = _item(value)
    if plain is None or (isinstance(plain, bool | int) and plain in (0, 1)):
        return bool(plain)
    raise ValueError(f"{owner}: {argument} is {shown(value)}: it must be True or False.")


def seed(value: Any, *, owner: str) -> int | None:
    """A seed, or None for chance. Raises ValueError for anything but whole numbers from 0 on."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise ValueError(
            f"{owner}: seed is {shown(value)}: it must be a whole number of 0 or more, or None."
        )
    return int(value)


def shape(value: Any, *, owner: str) -> tuple[int | None, ...]:
    """A sample's shape from a number or a sequence. Raises ValueError for anything else."""
    parts = tuple(value) if isinstance(value, list | tuple) else (value,)
    try:
        return tuple(
            None if part is None else count(part, owner=owner, argument="shape") for part in parts
        )
    except ValueError:
        raise ValueError(
            f"{owner}: the shape {shown(value)} must hold whole numbers of 1 or more, or None."
        ) from None


def sample_shape(value: Any, *, owner: str) -> Any:
    """One sample's shape, or a tuple of them, from those with a batch axis before. Raises
    ValueError for anything else.
    """
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(
            f"{owner}: build got {shown(value)}: it takes a shape with None for the batch, such as "
            "(None, 4)."
        )
    if isinstance(value[0], list | tuple):
        return tuple(shape(tuple(each)[1:], owner=owner) for each in value)
    return shape(tuple(value)[1:], owner=owner)


def name(value: Any, *, owner: str) -> str:
    """A layer's name. Raises ValueError for what is no text, and for one with a "/"."""
    if not isinstance(value, str) or not value or "/" in value:
        raise ValueError(f"{owner}: name is {shown(value)}: it must be a text without '/'.")
    return value


def dtype(value: Any, *, owner: str) -> str:
    """The type's name, "float32" for None. Raises ValueError for all but the two of `DTYPES`."""
    try:
        found = "float32" if value is None else str(np.dtype(value).name)
    except TypeError:
        found = shown(value).strip("'")
    return names.one_of(owner, "dtype", found, DTYPES)


def text(value: Any, *, owner: str, argument: str) -> str:
    """A text. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"{owner}: {argument} is {shown(value)}: it must be a text.")
    return value


def array(value: Any, *, owner: str, what: str) -> npt.NDArray[Any]:
    """Anything that holds numbers as an array. Raises ValueError for anything else."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return value
    try:
        found: npt.NDArray[Any] = np.asarray(value)
    except ValueError:
        raise ValueError(f"{owner}: {what} are no array: their rows differ in length.") from None
    if found.dtype.kind not in "fiub":
        raise ValueError(f"{owner}: {what} are {shown(value)}: they must be numbers.")
    return found


def axis(value: Any, *, owner: str, argument: str = "axis") -> int:
    """The number of an axis. Raises ValueError for anything but a whole number."""
    if isinstance(value, bool) or not isinstance(value, Integral) or abs(int(value)) > LARGEST:
        raise ValueError(f"{owner}: {argument} is {shown(value)}: it must be a whole number.")
    return int(value)


def channels_last(data_format: Any, *, owner: str) -> None:
    """Raises ValueError for a data format other than "channels_last"."""
    if data_format is not None and not (
        isinstance(data_format, str) and data_format == "channels_last"
    ):
        raise ValueError(
            f'{owner}: data_format is {shown(data_format)}: only "channels_last" is there, as in '
            "Keras's default."
        )


def check_fields(owner: Any) -> None:
    """Refuse what is no number in those fields of a dataclass that are declared as numbers."""
    kind = type(owner).__name__
    for field in dataclasses.fields(owner):
        value = getattr(owner, field.name)
        declared = str(field.type)
        if field.name == "seed":
            seed(value, owner=kind)
        elif field.name == "axis":
            axis(value, owner=kind)
        elif field.name == "dtype":
            dtype(value, owner=kind)
        elif field.name == "name":
            text(value, owner=kind, argument="name")
        elif declared in ("float", "int") or (declared == "float | None" and value is not None):
            number(value, owner=kind, argument=field.name)
        elif declared == "bool":
            truth(value, owner=kind, argument=field.name)


def shown(value: object) -> str:
    """A value as it may stand in a message; NumPy's numbers as plain ones."""
    item = _item(value)
    return names.shown(item if isinstance(item, Real) else value)


def _plain(value: Any) -> float | int | None:
    """The number that this is, or None."""
    item = _item(value)
    if isinstance(item, bool) or not isinstance(item, Real):
        return None
    if isinstance(item, Integral):
        return int(item) if abs(int(item)) < 2**1000 else inf
    return float(item)


def _item(value: Any) -> Any:
    """What one of NumPy's numbers is in Python."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value
