"""Lets threads hand Python's lock over sooner while one of them trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sys import getswitchinterval, setswitchinterval
from threading import Lock

SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread gives Python's lock to another that waits for it. Usually it is ten
times as long: longer than half a frame."""

_lock = Lock()


class _Asked:
    """How many want it sooner, in whatever thread, and how long it was before."""

    count = 0
    usual = SWITCH_INTERVAL


@contextmanager
def sooner() -> Iterator[None]:
    """Have the lock handed over sooner, in every thread, until the last who asked for it is done:
    neither a window that paints nor a training between two compiled steps waits long.
    """
    with _lock:
        if not _Asked.count:
            _Asked.usual = getswitchinterval()
            setswitchinterval(min(_Asked.usual, SWITCH_INTERVAL))
        _Asked.count += 1
    try:
        yield
    finally:
        with _lock:
            _Asked.count -= 1
            if not _Asked.count:
                setswitchinterval(_Asked.usual)
