"""Numbers by step in bounded memory: exact while they are few, then in ever wider bins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.engine.steps import quiet

Steps: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = npt.NDArray[np.float64]

CAPACITY = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of a curve; each stands for the steps after the one before, up to its own."""

    steps: Steps  # (N,)
    mean: Values  # (N,)
    low: Values  # (N,) the least of its steps
    high: Values  # (N,)

    def __len__(self) -> int:
        return len(self.steps)


class Series:
    """A number for each of some rising steps.

    Of at most `capacity` numbers each is kept. When more come, neighbours are put together two by
    two (their mean, least and largest), and so on: memory stays the same however long a run is.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Raises ValueError for a capacity that is odd or below 2."""
        if capacity < 2 or capacity % 2:
            raise ValueError(f"The capacity is {capacity}: it must be even, and 2 or more.")
        self.capacity = capacity
        self._per_bin = 1
        self._length = 0
        self._steps = np.zeros(min(capacity, 256), np.int64)
        self._counts = np.zeros_like(self._steps)
        self._numbers = np.zeros((3, len(self._steps)))  # mean, low, high
        self._thin = (0, 0, joined(()))  # numbers in a point, in a bin, and points that stay

    def __len__(self) -> int:
        return self._length

    @property
    def per_point(self) -> int:
        """How many numbers are put together in one point; 1 while all are kept."""
        return self._per_bin

    @property
    def nbytes(self) -> int:
        """What the arrays take."""
        return self._steps.nbytes + self._counts.nbytes + self._numbers.nbytes

    @property
    def first(self) -> float:
        """The mean of the first point. There must be one."""
        return float(self._numbers[0, 0])

    def last(self, count: int) -> Values:
        """The means of the last points, up to so many."""
        return self._numbers[0, max(self._length - count, 0) : self._length].copy()

    def add(self, step: int, value: float) -> None:
        """Take in the next step's number."""
        last = self._length - 1
        if last >= 0 and self._counts[last] < self._per_bin:
            count = self._counts[last] = int(self._counts[last]) + 1
            self._steps[last] = step
            mean, low, high = map(float, self._numbers[:, last])
            self._numbers[:, last] = (
                mean + (value - mean) / count, min(low, value), max(high, value),
            )  # fmt: skip
            return
        if self._length == self.capacity:
            self._merge()
        if self._length == len(self._steps):
            self._grow()
        self._steps[self._length] = step
        self._counts[self._length] = 1
        self._numbers[:, self._length] = value
        self._length += 1

    @quiet
    def extend(self, first: int, values: Iterable[float]) -> None:
        """Take in the numbers of `first` and the steps after it: the same bits as one by one."""
        numbers = np.fromiter(values, np.float64)
        done = 0
        while done < len(numbers):
            last = self._length - 1
            whole = last < 0 or self._counts[last] == self._per_bin
            bins = min((len(numbers) - done) // self._per_bin, self.capacity - self._length)
            if not whole or bins < 2:
                self.add(first + done, float(numbers[done]))
                done += 1
                continue
            until = done + bins * self._per_bin
            self._add_bins(first + done, numbers[done:until].reshape(bins, self._per_bin))
            done = until

    def _add_bins(self, first: int, values: Values) -> None:
        """Add whole bins (N, numbers in a bin), for which there is room."""
        bins, width = values.shape
        while len(self._steps) < self._length + bins:
            self._grow()
        new = slice(self._length, self._length + bins)
        mean = values[:, 0].copy()
        for place in range(1, width):  # in the order in which `add` does it
            mean += (values[:, place] - mean) / (place + 1)
        self._steps[new] = first - 1 + width * np.arange(1, bins + 1)
        self._counts[new] = width
        self._numbers[:, new] = mean, values.min(axis=1), values.max(axis=1)
        self._length += bins

    def at(self, step: int) -> float | None:
        """The number of this step, or the last one before it; None if there is none yet."""
        place = int(np.searchsorted(self._steps[: self._length], step, side="right")) - 1
        if place < 0:
            return None
        return float(self._numbers[0, place])

    def lowest(self, stop: int) -> tuple[int, float] | None:
        """The least finite number up to a step, and its step, the first of several; None without
        any. Where numbers are put together it is the last step of those.
        """
        length = int(np.searchsorted(self._steps[: self._length], stop, side="right"))
        low = self._numbers[1, :length]
        if not np.isfinite(low).any():
            return None
        place = int(np.argmin(np.where(np.isfinite(low), low, np.inf)))
        return int(self._steps[place]), float(low[place])

    def curve(
        self, *, start: int | None = None, stop: int | None = None, points: int | None = None
    ) -> Curve:
        """A copy of the steps from `start` to `stop`, both included, in at most so many points.

        A point stands for 1, 2, 4, 8… numbers: so a curve that grows seldom becomes another one.
        """
        steps = self._steps[: self._length]
        if (
            start is None
            and points is not None
            and (stop is None or stop >= steps[-1:].max(initial=0))
        ):
            return self._growing(points)
        first = 0 if start is None else int(np.searchsorted(steps, start, side="left"))
        last = len(steps) if stop is None else int(np.searchsorted(steps, stop, side="right"))
        chosen = slice(first, max(first, last))
        mean, low, high = self._numbers[:, : self._length][:, chosen]
        width = 1 if points is None else _width(len(mean), points)
        return _thinned(steps[chosen], self._counts[: self._length][chosen], mean, low, high, width)

    def _growing(self, points: int) -> Curve:
        """All of it; points that will stay as they are were put together once."""
        width, length = _width(self._length, points), self._length
        known_width, per_bin, stays = self._thin
        if (known_width, per_bin) != (width, self._per_bin):
            stays = joined(())
        first, closed = len(stays) * width, max(length - 1, 0) // width * width
        stays = joined((stays, self._part(first, closed, width)))
        self._thin = width, self._per_bin, stays
        return joined((stays, self._part(closed, length, width)))

    def _part(self, first: int, last: int, width: int) -> Curve:
        chosen = slice(first, last)
        mean, low, high = self._numbers[:, chosen]
        return _thinned(self._steps[chosen], self._counts[chosen], mean, low, high, width)

    def saved(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of all arrays, for a file."""
        length = self._length
        return {
            "steps": self._steps[:length].copy(),
            "counts": self._counts[:length].copy(),
            "numbers": self._numbers[:, :length].copy(),
        }

    @classmethod
    def restored(
        cls,
        saved: Mapping[str, npt.NDArray[Any]],
        capacity: int = CAPACITY,
        *,
        head: int | None = None,
    ) -> Series:
        """The series of which `saved` gave the arrays, of steps up to `head` if that is told.
        Raises ValueError if they do not fit.
        """
        series = cls(capacity)
        for name in ("steps", "counts", "numbers"):
            if name not in saved:
                raise ValueError(f"It has no {name}.")
        steps, counts, numbers = saved["steps"], saved["counts"], saved["numbers"]
        length = steps.size
        shapes = steps.shape, counts.shape, numbers.shape
        if shapes != ((length,), (length,), (3, length)) or length > capacity:
            raise ValueError("The arrays of a curve do not belong together.")
        if [each.dtype.kind for each in (steps, counts, numbers)] != ["i", "i", "f"]:
            raise ValueError("The arrays of a curve are of other types.")
        if length and (steps[0] < 0 or (np.diff(steps) <= 0).any() or (counts < 1).any()):
            raise ValueError("Its steps do not rise, or a point stands for none.")
        if length and head is not None and steps[-1] > head:
            raise ValueError(f"It goes on to step {steps[-1]:,}, but {head:,} is the last.")
        series._steps = np.array(steps, np.int64)
        series._counts = np.array(counts, np.int64)
        series._numbers = np.array(numbers, np.float64)
        series._length = length
        series._per_bin = int(series._counts.max(initial=1))
        return series

    @quiet
    def _merge(self) -> None:
        half = self._length // 2
        used = slice(self._length)
        steps, counts, numbers = self._steps[used], self._counts[used], self._numbers[:, used]
        first, second = counts[0::2], counts[1::2]
        mean = (numbers[0, 0::2] * first + numbers[0, 1::2] * second) / (first + second)
        low = np.minimum(numbers[1, 0::2], numbers[1, 1::2])
        high = np.maximum(numbers[2, 0::2], numbers[2, 1::2])
        numbers[:, :half] = mean, low, high
        steps[:half] = steps[1::2]
        counts[:half] = first + second
        self._length = half
        self._per_bin *= 2

    def _grow(self) -> None:
        length = min(max(256, 2 * len(self._steps)), self.capacity)
        self._steps = _longer(self._steps, length)
        self._counts = _longer(self._counts, length)
        self._numbers = np.stack([_longer(row, length) for row in self._numbers])


def joined(curves: Iterable[Curve]) -> Curve:
    """Curves one after the other as one."""
    parts = [curve for curve in curves if len(curve)]
    if not parts:
        empty = np.zeros(0)
        return Curve(np.zeros(0, np.int64), empty, empty, empty)
    return Curve(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.mean for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
    )


def _longer(array: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    result = np.zeros(length, array.dtype)
    result[: len(array)] = array
    return result


def _width(length: int, points: int) -> int:
    """How many of `length` numbers are put together in a point, for so many points at most."""
    return 1 << max(-(-length // points) - 1, 0).bit_length()


@quiet
def _thinned(
    steps: Steps, counts: Steps, mean: Values, low: Values, high: Values, width: int
) -> Curve:
    if width == 1 or not len(steps):
        return Curve(steps.copy(), mean.copy(), low.copy(), high.copy())
    starts = np.arange(0, len(steps), width)
    ends = np.append(starts[1:], len(steps)) - 1
    total = np.add.reduceat(counts, starts)
    return Curve(
        steps[ends],
        np.add.reduceat(mean * counts, starts) / total,
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
    )
