"""What a file says of a timeline, read place by place: every error names the place."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine.layers.base import Array
from simulator.formats.json_values import Json, SpecError, Stored, shown
from simulator.lab.timeline import Timeline

LARGEST_STEP = 2**40


def whole(stored: Stored, key: str, most: int = LARGEST_STEP, least: int = 0) -> int:
    """A whole number between these. Raises SpecError."""
    value = stored.whole(key, None)
    if not least <= value <= most:
        raise stored.error(key, value, f"a whole number from {least:,} to {most:,}")
    return value


def real(stored: Stored, key: str, value: Json) -> float:
    """What stands at a key, if it is a number. Raises SpecError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise stored.error(key, value, "a number")
    return float(value)


class Reader:
    """Reads what `save` wrote, for a timeline of this model and data."""

    def __init__(self, timeline: Timeline, arrays: Mapping[str, Array]) -> None:
        self.timeline = timeline
        self.arrays = arrays
        first = timeline.checkpoints.before(0, 0, 0)
        assert first is not None  # it was made just now
        self.first = first
        """The state that the timeline began with."""

    # Parts of several

    def inner(self, stored: Stored, key: str) -> Stored:
        """An object that has to be there."""
        value = stored.get(key)
        if not isinstance(value, dict):
            raise stored.error(key, value, "an object")
        return Stored(value, stored.at(key), known=True)

    def listed(self, stored: Stored, key: str) -> list[Stored]:
        """The objects of a list."""
        found = []
        for number, each in enumerate(stored.listed(key)):
            if not isinstance(each, dict):
                raise stored.error(f"{key}[{number}]", each, "an object")
            found.append(Stored(each, stored.at(f"{key}[{number}]"), known=True))
        return found

    def array(self, stored: Stored, key: str) -> Array:
        """The array whose name stands there."""
        name = stored.text(key)
        if name not in self.arrays:
            raise SpecError(
                f"{stored.at(key)} is {shown(name)}, but there is no array of that name."
            )
        return self.arrays[name]

    def arrays_of(self, stored: Stored, key: str) -> dict[str, Array]:
        """Those of an object, by their own names."""
        inner = self.inner(stored, key)
        return {name: self.array(inner, name) for name in stored.mapping(key)}
