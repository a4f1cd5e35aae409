"""Keeps Python's collector of garbage from running where it would do harm.

A collection goes through all that was ever loaded, holding Python's lock: with a compiler among it
the window stands still for a tenth of a second. And it may delete objects of Qt, which must not
happen while Qt goes through a list of all widgets, nor in another thread than the window's.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
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
