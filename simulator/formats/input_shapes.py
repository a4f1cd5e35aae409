"""The shape of a sample as people write it: "28, 28, 1", "28 × 28 × 1", "any, 8", or nothing."""

from __future__ import annotations

import re

from simulator.formats.json_values import SpecError, shown
from simulator.formats.network import Shape

MOST_AXES = 5
LONGEST = 10**7
_VARIES = ("none", "any", "?")


def parsed(text: str) -> Shape | None:
    """Return the shape; None for an empty text: then the data tell it.

    Raises:
        SpecError: a length is no whole number of 1 or more, or there are too many of them.
    """
    plain = text.strip().strip("()[]").strip().rstrip(",")
    if not plain:
        return None
    lengths = [part.strip() for part in re.split(r"[,×x;]|\s+", plain) if part.strip()]
    found: list[int | None] = []
    for each in lengths:
        if each.lower() in _VARIES:
            found.append(None)
        elif re.fullmatch(r"\d{1,8}", each) and 1 <= int(each) <= LONGEST:
            found.append(int(each))
        else:
            raise SpecError(
                f"{shown(each)} is no length: write whole numbers of 1 or more, as 28, 28, 1, and "
                "any for a length that varies.",
                argument="shape",
            )
    if len(found) > MOST_AXES:
        raise SpecError(
            f"A sample has at most {MOST_AXES} axes, and these are {len(found)}.", argument="shape"
        )
    return tuple(found)


def written(shape: Shape | None) -> str:
    """Return what `parsed` reads as this shape."""
    if shape is None:
        return ""
    return ", ".join("any" if length is None else str(length) for length in shape)
