"""Whether a network fits in memory, asked before anything large is allocated."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.layers.base import several

if TYPE_CHECKING:
    from simulator.engine.graph import Graph
    from simulator.engine.model import Model
    from simulator.engine.network import Network

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


class NetworkTooLarge(MemoryError):  # noqa: N818 - it says what happened, as MemoryError does
    """A network that would need more memory than the machine has; one line with the estimate."""


def available() -> int | None:
    """The bytes that this process could still get, or None where the system does not tell."""
    if sys.platform == "win32":
        return _available_on_windows()
    amounts = [_from_meminfo() or _physical()]
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        amounts.append(int(_CONTAINER_LIMIT.read_text()))
    known = [amount for amount in amounts if amount]
    return min(known) if known else None


def refuse_if_too_large(needed: int, *, what: str, remedy: str) -> None:
    """Raises NetworkTooLarge if so many bytes are not to be had."""
    there = available()
    if there is not None and needed > there:
        raise NetworkTooLarge(
            f"{what} would need about {readable(needed)} of memory, but only {readable(there)} are "
            f"free: {remedy}."
        )


def refuse_training(model: Model, batch: int) -> None:
    """Raises NetworkTooLarge if the model cannot be trained with so many samples at a time."""
    refuse_if_too_large(
        training_size(model.graph, batch, np.dtype(model.dtype).itemsize),
        what=f"Training {model.described} with {batch} samples at a time",
        remedy="choose smaller batches or smaller layers",
    )


def refuse_pass(model: Network, batch: int) -> None:
    """Raises NetworkTooLarge if the model cannot be run on so many samples at a time."""
    refuse_if_too_large(
        pass_size(model.graph, batch, np.dtype(model.dtype).itemsize),
        what=f"Running {model.described} on {batch} samples at a time",
        remedy="choose smaller batches or smaller layers",
    )


def training_size(graph: Graph, batch: int, itemsize: int) -> int:
    """The bytes that training takes, about: for every trained weight its gradient, the optimizer's
    two moments and the last good copy; for every value of a pass its gradient too. Lengths that
    vary count as 1.
    """
    trained = sum(
        layer.weights[name].size for layer in graph.layers for name in layer.trainable_names
    )
    return itemsize * 4 * int(trained) + 2 * pass_size(graph, batch, itemsize)


def pass_size(graph: Graph, batch: int, itemsize: int) -> int:
    """The bytes that one pass forwards keeps, about: every layer's output, and what else is in its
    cache. Lengths that vary count as 1.
    """
    values = 0
    for step in graph.steps:
        shapes = step.output_shape if several(step.output_shape) else (step.output_shape,)
        values += sum(prod(length or 1 for length in shape) for shape in shapes)
        values += step.layer.cached_values(step.input_shape)
    return itemsize * batch * values


def readable(size: float) -> str:
    """1536 → "1.5 KiB"."""
    for unit in _UNITS[:-1]:
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} {_UNITS[-1]}"


def _from_meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvail"))
    except (OSError, StopIteration, ValueError):
        return None


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _available_on_windows() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "available", "a", "b", "c", "d", "e")),
        )

    status = Status()
    status.length = ctypes.sizeof(status)
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)
