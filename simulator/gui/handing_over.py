"""Lets threads hand Python's lock over sooner while one of them trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sys import getswitchinterval, setswitchinterval
from threading import Lock
from typing import ClassVar

SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread gives Python's lock to another that waits for it. Usually it is ten
times as long: longer than half a frame."""

_lock = Lock()


class _Asked:
    """What those ask for who want it sooner, in whatever thread, and how long it was before."""

    seconds: ClassVar[list[float]] = []
    usual = SWITCH_INTERVAL


@contextmanager
def sooner(seconds: float = SWITCH_INTERVAL) -> Iterator[None]:
    """Have the lock handed over after so many seconds, in every thread, until the last who asked
    for it is done; the least that is asked for counts. Neither a window that paints nor a training
    between two compiled steps waits long.
    """
    with _lock:
        if not _Asked.seconds:
            _Asked.usual = getswitchinterval()
        _Asked.seconds.append(seconds)
        setswitchinterval(min(_Asked.usual, *_Asked.seconds))
    try:
        yield
    finally:
        with _lock:
            _Asked.seconds.remove(seconds)
            setswitchinterval(min([_Asked.usual, *_Asked.seconds]))
