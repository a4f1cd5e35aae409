"""Keeps Python's collector of garbage from running where it would do harm, and gives free memory
back to the system.

A collection goes through all that was ever loaded, holding Python's lock: with a compiler among it
the window stands still for a tenth of a second. And it may delete objects of Qt, which must not
happen while Qt goes through a list of all widgets, nor in another thread than the window's.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Lock

_lock = Lock()


class _Holding:
    """How many want it kept, in whatever thread, and whether it was collected before."""

    count = 0
    collected = True


@contextmanager
def kept() -> Iterator[None]:
    """Keep all garbage, in every thread, until the last who asked for it is done."""
    with _lock:
        if not _Holding.count:
            _Holding.collected = gc.isenabled()
            gc.disable()
        _Holding.count += 1
    try:
        yield
    finally:
        with _lock:
            _Holding.count -= 1
            if not _Holding.count and _Holding.collected:
                gc.enable()


def give_back() -> bool:
    """Have the allocator of the C library give the memory that it holds free back to the system;
    whether it had any.

    Checkpoints come and go among small things that stay: what lies free between those glibc keeps,
    so that a process grows although what it holds does not. Other libraries give it back by
    themselves: there nothing is done.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # as with musl
            found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
            return found
    return None
