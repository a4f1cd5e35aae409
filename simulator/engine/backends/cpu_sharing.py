"""How threads share the parts of the operations that a table holds; see `cpu_machine`.

The leader, who was called, goes through the
table. It
publishes an operation of several parts as a ticket, from which all threads claim part after part,
and goes on when all claimed parts are done. Helpers follow the ticket. One that comes late, or
never, costs nothing: the leader claims what nobody else does. The leader claims from the front and
helpers from the back, so that the same samples mostly stay in the same processor's cache.

A helper that has nothing left to do stands by for a moment, for a call that comes at once: to wake
a sleeping thread takes longer than a small network computes. It does so only where a core is free
for it: one that was late for a call finds that another was woken, and would take the time of both.

Who waits just looks again. The instruction that is meant for such loops (x86's `pause`) would tell
a hypervisor to give the processor to somebody else, and it comes back late.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar, final

import numpy as np

from simulator.engine.backends.cpu_compile import Array, inlined, kernel
from simulator.engine.backends.cpu_intrinsics import (
    array_at,
    atomic_add,
    atomic_exchange,
    atomic_load,
    atomic_store,
    call_compiled,
    flush_denormals,
    give_way,
    restore_denormals,
    size_of,
)
from simulator.engine.backends.cpu_team import Team, processors

WIDTH = 32
"""Numbers in a row of the table."""
HANDLER, PARTS = 0, 1
"""Where a row has its handler's address and its number of parts; then comes what that takes."""

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

STATE, JOB = 0, 16
"""Places in the array through which a helper that stands by is called."""
_AWAY, _CALLING, _CALLED = 0, 1, 2
_STANDING = 2
"""A helper's state; standing, it is this plus the size of the numbers that it is made for."""
_STANDING_LOOKS = 3_000_000
"""Some milliseconds: what a caller does between two calls, such as looking at the network, is over
by then, and whoever is woken has to wait for Python's lock first.
"""

_working: Array = np.zeros(_SHARED, np.int64)
"""How many helpers do a job just now, whoever called them."""
_MOST = max(processors() - 1, 1)
"""So many of them at once have a core of their own, beside the one who calls."""

_compiled: set[np.dtype[Any]] = set()


def what_threads_share() -> Array:
    """The array through which the threads of one call share its parts."""
    shared = np.zeros(_SHARED, np.int64)
    shared[TICKET] = _MASK
    return shared


@dataclass(frozen=True, slots=True)
class Job:
    """What a helper is called for."""

    table: Array
    shared_rows: Array
    shared: Array
    scratch: int
    like: Any
    kept: tuple[object, ...]  # whatever else the helper's work has addresses of

    def follow(self) -> None:
        """Do what there is to be done of it."""
        follow(self.table, self.shared_rows, self.shared, self.scratch, self.like, _working)


@final
class StandBy:
    """A helper that waits for its next call, looking again and again."""

    _all: ClassVar[list[StandBy]] = []

    def __init__(self, like: Any) -> None:
        self._mail = np.zeros(2 * JOB, np.int64)
        self._like = like
        self._lock = Lock()  # of those who call
        self._job: Job | None = None  # holds what its helper has addresses of

    @classmethod
    def take(cls, job: Job) -> bool:
        """Give a job to a helper who stands by, if there is one."""
        return any(each._call(job) for each in tuple(cls._all))

    def _call(self, job: Job) -> bool:
        standing = _STANDING + job.like.itemsize
        if self._mail[STATE] != standing or not self._lock.acquire(blocking=False):
            return False
        try:
            if self._mail[STATE] != standing:
                return False
            self._job = job  # the last one is done, or nobody would stand here
            called: bool = call(
                self._mail, job.table, job.shared_rows, job.shared, job.scratch, standing
            )
            return called
        finally:
            self._lock.release()

    def wait(self, looks: int = _STANDING_LOOKS) -> None:
        """Do every job that comes, until none has come for so many looks, or others have the cores;
        at once if as many stand by as there is room for.
        """
        if len(self._all) >= _MOST:
            return
        self._all.append(self)
        try:
            stand_by(self._mail, looks, self._like, _working, _MOST)
        finally:
            self._all.remove(self)


def call_helper(job: Job) -> None:
    """Have one more thread follow: one that stands by if there is one, else one to be woken."""
    if StandBy.take(job):
        return
    like = job.like
    if like.dtype not in _compiled:
        # Here and not by a helper, who would be at it long after the work is done.
        follow(job.table, job.shared_rows, np.full(_SHARED, _OVER), 0, like, _working)
        stand_by(np.zeros(2 * JOB, np.int64), 0, like, _working, _MOST)
        _compiled.add(like.dtype)
    Team.shared().ask(1, lambda _: _help(job))


def _help(job: Job) -> None:
    """A helper's way from one waking up to the next."""
    job.follow()
    like = job.like
    del job  # it holds arrays
    StandBy(like).wait()


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
def work_in_turn(turns: Array, like: float) -> bool:
    """The way of one thread through several tables, none of which has operations of several parts;
    false if a step said stop.

    turns (N, 5): a table's address and its rows, the address of scratch memory, the first step, and
    the one after the last.
    """
    before = flush_denormals()
    stop = 0
    for turn in range(turns.shape[0]):
        first, rows, scratch = turns[turn, 0], turns[turn, 1], turns[turn, 2]
        table = array_at(first, rows * WIDTH, np.int64(0)).reshape(rows, WIDTH)
        for step in range(turns[turn, 3], turns[turn, 4]):
            for row in range(rows):
                operation = first + row * (WIDTH * 8)
                stop = call_compiled(table[row, HANDLER], (operation, 0, step, scratch), like)
                if stop:
                    break
            if stop:
                break
        if stop:
            break
    restore_denormals(before)
    return stop == 0


@kernel
def follow(
    table: Array, shared_rows: Array, shared: Array, scratch: int, like: float, working: Array
) -> None:
    """A helper's way: the parts that it claims, until the leader says that it is over."""
    atomic_add(working, 0, 1)
    _follow(table, shared_rows, shared, scratch, like)
    atomic_add(working, 0, -1)


@inlined
def _follow(table: Array, shared_rows: Array, shared: Array, scratch: int, like: float) -> None:
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
def call(
    mail: Array, table: Array, shared_rows: Array, shared: Array, scratch: int, standing: int
) -> bool:
    """Call a helper who stands by; false if it has just gone."""
    if atomic_exchange(mail, STATE, standing, _CALLING) != standing:
        return False
    mail[JOB] = table.ctypes.data
    mail[JOB + 1] = table.shape[0]
    mail[JOB + 2] = shared_rows.ctypes.data
    mail[JOB + 3] = shared_rows.size
    mail[JOB + 4] = shared.ctypes.data
    mail[JOB + 5] = scratch
    atomic_store(mail, STATE, _CALLED)
    return True


@kernel
def stand_by(mail: Array, looks: int, like: float, working: Array, most: int) -> None:
    """Follow whoever calls, until nobody has called for so many looks, or others are at work with
    whom it would be more than `most`.
    """
    standing = _STANDING + size_of(like)
    atomic_store(mail, STATE, standing)
    left = looks
    while True:
        state = atomic_load(mail, STATE)
        if state == _CALLED:
            rows = mail[JOB + 1]
            table = array_at(mail[JOB], rows * WIDTH, np.int64(0)).reshape(rows, WIDTH)
            shared_rows = array_at(mail[JOB + 2], mail[JOB + 3], np.int64(0))
            atomic_add(working, 0, 1)
            _follow(table, shared_rows, array_at(mail[JOB + 4], _SHARED, np.int64(0)),
                    mail[JOB + 5], like)  # fmt: skip
            atomic_add(working, 0, -1)
            atomic_store(mail, STATE, standing)
            left = looks
        elif state == standing:
            left -= 1
            if atomic_load(working, 0) >= most:
                left = -1
            if left < 0 and atomic_exchange(mail, STATE, standing, _AWAY) == standing:
                return
            if left % _PATIENCE == 0:
                give_way()
