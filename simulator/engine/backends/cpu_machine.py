"""Many training steps in one call: a table of operations, and the loop that goes through it.

A row of the table is an operation: the address of its handler, the number of parts that it can be
cut into, and what the handler takes, sizes and addresses of arrays. A handler computes one part.
What a part computes does not depend on who computes it or when, so any number of threads gives the
same bits.

How threads share them stands in `cpu_sharing`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, final

import numpy as np
from numba import cfunc, types

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_intrinsics import (
    array_at,
    flush_denormals,
    restore_denormals,
)
from simulator.engine.backends.cpu_sharing import (
    MOST_PARTS,
    PARTS,
    WIDTH,
    Job,
    call_helper,
    what_threads_share,
    work,
    work_in_turn,
)
from simulator.engine.backends.program import NotCompiled

FIRST = 2
"""Where a row has the first of what its handler takes."""

WORTH_SHARING = 4e-5
"""Seconds of work from which on it may pay to call helpers."""
_TRIED_AGAIN, _TRIALS = 128, 3
"""After so many calls it is seen anew whether helpers help, in so many: in the first they have to
wake up. At the start after 1, 2, 4, 8 and so on, as little is known yet.
"""
_LONG = 5e-3
"""Seconds of a call of which waking up is no part worth mentioning: one trial does."""
_FORGETTING = 1.03
"""By how much the best time grows with each call, as other programs come and go."""

_MARGIN = 64
"""Bytes before and after each array: tiles may read a little beyond the end."""

_compiling = Lock()


@final
class Handler:
    """A function that is called through its address, compiled for a type of number when needed.

    It takes whole numbers, addresses among them, then a number that tells the type of all others,
    and returns a whole number: for an operation 0 to go on, 1 to stop at this step.
    """

    def __init__(self, function: Callable[..., int]) -> None:
        self.function = function
        self._compiled: dict[np.dtype[Any], Any] = {}

    def address(self, dtype: Any) -> int:
        """Where its machine code is; compiles it the first time."""
        dtype = np.dtype(dtype)
        with _compiling:
            if dtype not in self._compiled:
                number = types.float32 if dtype == np.float32 else types.float64
                count = self.function.__code__.co_argcount - 1
                signature = types.int64(*(types.int64,) * count, number)
                self._compiled[dtype] = cfunc(signature, cache=True, error_model="numpy")(
                    self.function
                )
            return int(self._compiled[dtype].address)


def handler(function: Callable[..., int]) -> Handler:
    """Decorates a handler."""
    return Handler(function)


@final
class Tape:
    """A table under construction, and everything whose address it holds.

    One that is only `measured` takes no memory, compiles nothing and cannot run: it tells how many
    bytes another takes.
    """

    def __init__(self, dtype: Any, *, measured: bool = False) -> None:
        self.dtype = np.dtype(dtype)
        self.size = 0
        """Bytes of all its arrays."""
        self.measured = measured
        self.kept: list[Array] = []
        self.scratch = 0
        """Bytes that each thread needs for itself."""
        self._rows: list[list[int]] = []

    def add(self, operation: Handler, parts: int, *arguments: Array | int | None) -> int:
        """Append an operation and return its row. Arrays are given by their address, 0 where there
        is none.

        Raises NotCompiled for more parts than a ticket counts.
        """
        if parts > MOST_PARTS:
            raise NotCompiled(f"an operation of {parts} parts")
        row = [self.address(operation), parts]
        row += [self.number(argument) for argument in arguments]
        self._rows.append(row + [0] * (WIDTH - len(row)))
        return len(self._rows) - 1

    def address(self, operation: Handler) -> int:
        """A handler as the table holds it."""
        return 0 if self.measured else operation.address(self.dtype)

    def number(self, argument: Array | int | None) -> int:
        """An argument as the table holds it."""
        if argument is None:
            return 0
        if isinstance(argument, np.ndarray):
            if self.measured:
                return 0
            if not argument.flags.c_contiguous:
                raise ValueError("Only contiguous arrays have a place in the table.")
            self.kept.append(argument)
            return address_of(argument)
        return int(argument)

    def empty(self, *shape: int, dtype: Any = None) -> Array:
        """A new array, at an address that vectors like."""
        dtype = self.dtype if dtype is None else np.dtype(dtype)
        size = int(np.prod(shape)) * dtype.itemsize
        whole = size + 2 * _MARGIN
        self.size += whole
        if self.measured:
            return np.broadcast_to(np.zeros((), dtype), shape)
        raw = np.zeros(whole, np.uint8)
        start = -address_of(raw) % 64
        array: Array = raw[start : start + size].view(dtype).reshape(shape)
        return array

    def needs(self, *shape: int, itemsize: int | None = None) -> None:
        """Ask for scratch memory of at least that many numbers."""
        size = int(np.prod(shape)) * (itemsize or self.dtype.itemsize)
        self.scratch = max(self.scratch, size)

    def finish(self) -> Machine:
        """The machine that goes through the table."""
        return Machine(np.array(self._rows, np.int64), self)


@final
class Machine:
    """Runs a table."""

    def __init__(self, table: Array, tape: Tape) -> None:
        self.table = table
        self._tape = tape  # holds what the table has addresses of
        self._size = table.nbytes + tape.size
        self._shared_rows = np.flatnonzero(table[:, PARTS] > 1).astype(np.int64)
        self._like = tape.dtype.type(0)
        self._scratch: list[tuple[Array, int]] = []  # each with its address
        self._seconds: dict[int, float] = {}
        """What a step takes so many threads, as soon as that is known."""
        self._calls = 0

    def size_for(self, threads: int) -> int:
        """Bytes of all that it works on with so many threads."""
        return self._size + max(1, threads) * (self._tape.scratch + 3 * _MARGIN)

    def run(self, steps: int, threads: int = 1) -> int:
        """Do so many steps, and return how many were done before one said stop."""
        team = self._team(threads, steps)
        while len(self._scratch) < team:
            self._add_scratch()
        shared = what_threads_share()
        start = time.perf_counter()
        for number in range(1, team):
            scratch_at = self._scratch[number][1]
            kept = (self._tape, self)
            call_helper(Job(self.table, self._shared_rows, shared, scratch_at, self._like, kept))
        done: int = work(self.table, shared, self._scratch[0][1], steps, team, self._like)
        found = (time.perf_counter() - start) / max(done, 1)
        self._seconds[team] = min(found, self._seconds.get(team, math.inf) * _FORGETTING)
        return done

    @property
    def alone(self) -> bool:
        """Whether no operation has several parts."""
        return not self._shared_rows.size

    def turn(self, steps: slice) -> Turn:
        """These steps of a machine that is `alone`."""
        if not self._scratch:
            self._add_scratch()
        return Turn(self.table, self._scratch[0][1], steps, self._like)

    def _add_scratch(self) -> None:
        scratch = self._tape.empty(self._tape.scratch + _MARGIN, dtype=np.uint8)
        self._scratch.append((scratch, address_of(scratch)))

    def _team(self, threads: int, steps: int) -> int:
        """How many threads do these steps: all of them, unless one alone is faster.

        It is where their caches lie so far apart that exchanging weights takes longer than
        computing with them.
        """
        team = max(1, threads) if self._shared_rows.size else 1
        alone, together = self._seconds.get(1), self._seconds.get(team)
        if alone is None or alone * steps < WORTH_SHARING:
            return 1
        self._calls += 1
        if together is None:
            return team
        faster, slower = (1, team) if alone < together else (team, 1)
        pause = min(_TRIED_AGAIN, 1 << (self._calls.bit_length() - 1))
        trials = 1 if min(alone, together) * steps > _LONG else _TRIALS
        return slower if self._calls % pause < trials else faster


@dataclass(frozen=True, slots=True)
class Turn:
    """Some steps of a machine, between those of others."""

    table: Array
    scratch: int  # its address
    steps: slice
    like: Any


def take_turns(turns: Sequence[Turn]) -> bool:
    """Do all their steps, one turn after another; false if a step said stop."""
    rows = [
        (address_of(each.table), len(each.table), each.scratch, each.steps.start, each.steps.stop)
        for each in turns
    ]
    done: bool = work_in_turn(np.array(rows, np.int64), turns[0].like)
    return done


def address_of(array: Array) -> int:
    """Where an array's numbers begin."""
    return int(array.__array_interface__["data"][0])


@kernel
def begin_flushing() -> int:
    """`flush_denormals`, for callers in Python."""
    return flush_denormals()


@kernel
def end_flushing(before: int) -> None:
    """`restore_denormals`, for callers in Python."""
    restore_denormals(before)


@inlined
def arguments_of(operation: int) -> Any:
    """The row of an operation, in handlers."""
    return array_at(operation, WIDTH, np.int64(0))
