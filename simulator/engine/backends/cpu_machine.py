"""Many training steps in one call: a table of operations, and the loop that goes through it.

A row of the table is an operation: the address of its handler, the number of parts that it can be
cut into, and what the handler takes, sizes and addresses of arrays. A handler computes one part.
What a part computes does not depend on who computes it or when, so any number of threads gives the
same bits.

Threads share the parts of an operation. The leader, who was called, goes through the table. It
publishes an operation of several parts as a ticket, from which all threads claim part after part,
and goes on when all claimed parts are done. Helpers follow the ticket. One that comes late, or
never, costs nothing: the leader claims what nobody else does. The leader claims from the front and
helpers from the back, so that the same samples mostly stay in the same processor's cache.

Who waits just looks again. The instruction that is meant for such loops (x86's `pause`) would tell
a hypervisor to give the processor to somebody else, and it comes back late.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, final

import numpy as np
from numba import cfunc, types

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_intrinsics import (
    array_at,
    atomic_add,
    atomic_load,
    atomic_store,
    call_compiled,
    flush_denormals,
    give_way,
    restore_denormals,
)
from simulator.engine.backends.cpu_team import Team
from simulator.engine.backends.program import NotCompiled

WIDTH = 32
"""Numbers in a row of the table."""
HANDLER, PARTS, FIRST = 0, 1, 2
"""Where a row has its handler's address, its number of parts, and the first of the others."""

TICKET, DONE = 0, 16
"""Places in the array that threads share, on cache lines of their own."""
_SHARED = 32
_PART_BITS = 20
MOST_PARTS = 1 << 18  # far below what the bits hold, as every thread may count one too many
_MASK = (1 << _PART_BITS) - 1
_SERIAL_BIT = 2 * _PART_BITS
_FROM_BACK = 1 << _PART_BITS
"""A ticket is the operation's serial number, the parts claimed from the back, and the others."""
_OVER = -(1 << 62)
_PATIENCE = 20000  # looks at the ticket before a waiting thread gives way to others

WORTH_SHARING = 1e-4
"""Seconds of work from which on it pays to wake helpers."""
_TRIED_AGAIN = 16
"""After so many calls it is seen anew whether helpers help."""
_FORGETTING = 1.03
"""By how much the best time grows with each call, as other programs come and go."""

_compiling = Lock()
_followed: set[np.dtype[Any]] = set()


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
    """A table under construction, and everything whose address it holds."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
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
        row = [operation.address(self.dtype), parts]
        row += [self.number(argument) for argument in arguments]
        self._rows.append(row + [0] * (WIDTH - len(row)))
        return len(self._rows) - 1

    def number(self, argument: Array | int | None) -> int:
        """An argument as the table holds it."""
        if argument is None:
            return 0
        if isinstance(argument, np.ndarray):
            if not argument.flags.c_contiguous:
                raise ValueError("Only contiguous arrays have a place in the table.")
            self.kept.append(argument)
            return int(argument.ctypes.data)
        return int(argument)

    def empty(self, *shape: int, dtype: Any = None) -> Array:
        """A new array, at an address that vectors like."""
        dtype = self.dtype if dtype is None else np.dtype(dtype)
        size = int(np.prod(shape)) * dtype.itemsize
        raw = np.zeros(size + 2 * 64, np.uint8)  # tiles may read a little beyond the end
        start = -raw.ctypes.data % 64
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
        self._shared_rows = np.flatnonzero(table[:, PARTS] > 1).astype(np.int64)
        self._like = tape.dtype.type(0)
        self._scratch: list[Array] = []
        self._seconds: dict[int, float] = {}
        """What a step takes so many threads, as soon as that is known."""
        self._calls = 0

    def run(self, steps: int, threads: int = 1) -> int:
        """Do so many steps, and return how many were done before one said stop."""
        team = self._team(threads, steps)
        while len(self._scratch) < team:
            self._scratch.append(self._tape.empty(self._tape.scratch + 64, dtype=np.uint8))
        shared = np.zeros(_SHARED, np.int64)
        shared[TICKET] = _MASK
        addresses = [int(scratch.ctypes.data) for scratch in self._scratch]
        if team > 1:
            if self._like.dtype not in _followed:
                # Compiled here and not by a helper, who would be at it long after the work is done.
                nothing = np.full(_SHARED, _OVER, np.int64)
                follow(self.table, self._shared_rows, nothing, 0, self._like)
                _followed.add(self._like.dtype)

            def help_out(number: int) -> None:
                follow(self.table, self._shared_rows, shared, addresses[number], self._like)

            Team.shared().ask(team - 1, help_out)
        start = time.perf_counter()
        done: int = work(self.table, shared, addresses[0], steps, team, self._like)
        found = (time.perf_counter() - start) / max(done, 1)
        self._seconds[team] = min(found, self._seconds.get(team, math.inf) * _FORGETTING)
        return done

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
        return slower if self._calls % _TRIED_AGAIN == 0 else faster


@inlined
def _claimed(ticket: int) -> int:
    """The parts that were claimed when this was the ticket."""
    return (ticket & _MASK) + ((ticket >> _PART_BITS) & _MASK)


@kernel
def work(
    table: Array,
    shared: Array,
    scratch: int,
    steps: int,
    team: int,
    like: float,
) -> int:
    """The leader's way through the table; returns the steps that were done."""
    before = flush_denormals()
    first = table.ctypes.data
    published = 0
    done = steps
    for step in range(steps):
        stop = 0
        for row in range(table.shape[0]):
            handler_at, parts = table[row, HANDLER], table[row, PARTS]
            operation = first + row * (WIDTH * 8)
            if team == 1 or parts == 1:
                for part in range(parts):
                    stop |= call_compiled(handler_at, (operation, part, step, scratch), like)
            else:
                atomic_store(shared, DONE, 0)
                atomic_store(shared, TICKET, published << _SERIAL_BIT)
                published += 1
                ticket = atomic_add(shared, TICKET, 1)
                while _claimed(ticket) < parts:
                    part = ticket & _MASK
                    call_compiled(handler_at, (operation, part, step, scratch), like)
                    atomic_add(shared, DONE, 1)
                    ticket = atomic_add(shared, TICKET, 1)
                looks = 0
                while atomic_load(shared, DONE) < parts:
                    looks += 1
                    if looks % _PATIENCE == 0:
                        give_way()
            if stop:
                break
        if stop:
            done = step
            break
    atomic_store(shared, TICKET, _OVER)
    restore_denormals(before)
    return done


@kernel
def follow(table: Array, shared_rows: Array, shared: Array, scratch: int, like: float) -> None:
    """A helper's way: the parts that it claims, until the leader says that it is over."""
    before = flush_denormals()
    first = table.ctypes.data
    count = shared_rows.size
    looks = 0
    ticket = atomic_load(shared, TICKET)
    while ticket >= 0:
        row = shared_rows[(ticket >> _SERIAL_BIT) % count]
        if _claimed(ticket) < table[row, PARTS]:
            ticket = atomic_add(shared, TICKET, _FROM_BACK)
            if ticket < 0:
                break
            # Between the look and the claim the leader may have gone on.
            serial = ticket >> _SERIAL_BIT
            row = shared_rows[serial % count]
            if _claimed(ticket) < table[row, PARTS]:
                part = table[row, PARTS] - 1 - ((ticket >> _PART_BITS) & _MASK)
                operation = first + row * (WIDTH * 8)
                step = serial // count
                call_compiled(table[row, HANDLER], (operation, part, step, scratch), like)
                atomic_add(shared, DONE, 1)
            looks = 0
        else:
            looks += 1
            if looks % _PATIENCE == 0:
                give_way()
        ticket = atomic_load(shared, TICKET)
    restore_denormals(before)


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
