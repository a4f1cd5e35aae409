"""Whether a network fits in memory, asked before anything large is allocated."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.layers.base import several

if TYPE_CHECKING:
    from simulator.engine.data import Data
    from simulator.engine.graph import Graph
    from simulator.engine.network import Network
    from simulator.engine.steps import Trainer

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
_ON_THE_WAY = 3
"""Arrays of the weights' size that NumPy makes for a formula such as Adam's."""


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


def weights_size(sizes: Sequence[int], dtype: str) -> int:
    """The bytes that new weights take, and the numbers that the largest are drawn as: float64."""
    return sum(sizes) * np.dtype(dtype).itemsize + max(sizes, default=0) * 8


def refuse_training(
    trainer: Trainer, data: Data, batch: int, validation: Data | None, validation_batch: int
) -> None:
    """Raises NetworkTooLarge if a run over these data, so many samples at a time, does not fit."""
    needed = training_size(trainer, len(data), batch, weighted=data.weight[0] is not None)
    if validation is not None:
        needed += outputs_size(trainer.model, len(validation), validation_batch)
    _refuse("Training", trainer.model, needed, min(batch, len(data)))


def refuse_answers(network: Network, batch: int) -> None:
    """Raises NetworkTooLarge if not even the outputs for so many samples fit: before a loss, which
    takes as much, meets the targets.
    """
    shapes = [tensor.sample_shape for tensor in network.graph.outputs]
    values = batch * sum(prod(length or 1 for length in shape) for shape in shapes)
    _refuse("Training", network, values * _itemsize(network), batch)


def refuse_step(trainer: Trainer, batch: int) -> None:
    """Raises NetworkTooLarge if one step, layer by layer, does not fit."""
    _refuse("Training", trainer.model, kept_size(trainer) + step_size(trainer, batch), batch)


def refuse_gradients(network: Network, batch: int) -> None:
    """Raises NetworkTooLarge if the gradients for so many samples do not fit."""
    weights = [each.nbytes for each in network.weights.values()]
    needed = sum(weights) + max(weights, default=0)  # one is turned round on the way back
    needed += 2 * pass_size(network.graph, batch, _itemsize(network))
    _refuse("Finding the gradients of", network, needed, batch)


def refuse_outputs(network: Network, count: int, batch: int) -> None:
    """Raises NetworkTooLarge if the outputs for `count` samples, by batches, do not fit."""
    _refuse("Running", network, outputs_size(network, count, batch), min(batch, count))


def refuse_program(network: Network, size: int, batch: int) -> None:
    """Raises NetworkTooLarge if the program for such batches, of that size, does not fit."""
    _refuse("Running", network, size, batch)


def refuse_pass(network: Network, batch: int) -> None:
    """Raises NetworkTooLarge if a pass that keeps everything, layer by layer, does not fit."""
    _refuse("Running", network, pass_size(network.graph, batch, _itemsize(network)), batch)


def training_size(trainer: Trainer, count: int, batch: int, *, weighted: bool) -> int:
    """The bytes that a run takes beside weights and data, about: what stays from step to step, the
    order of the samples, and the compiled programs for whole batches and for the rest. Where there
    are none, what a step keeps.
    """
    order = count * np.dtype(np.int64).itemsize
    sizes = {min(batch, count), count % batch} - {0}
    programs = [trainer.program_size(size, weighted=weighted) for size in sizes]
    known = [size for size in programs if size is not None]
    if len(known) < len(programs):
        return kept_size(trainer) + order + step_size(trainer, max(sizes))
    return kept_size(trainer) + order + sum(known)


def kept_size(trainer: Trainer) -> int:
    """The bytes of the last good weights and of all that the optimizer keeps."""
    trained = sum(each.nbytes for each in trainer.parameters.values())
    return sum(each.nbytes for each in trainer.changing) + trainer.optimizer.slots * trained


def step_size(trainer: Trainer, batch: int) -> int:
    """The bytes that one step takes layer by layer, about: for every trained weight its gradient,
    for every value of a pass its slope, and what optimizers compute of the largest array.
    """
    trained = [each.nbytes for each in trainer.parameters.values()]
    passes = 2 * pass_size(trainer.model.graph, batch, _itemsize(trainer.model))
    return sum(trained) + _ON_THE_WAY * max(trained, default=0) + passes


def outputs_size(network: Network, count: int, batch: int) -> int:
    """The bytes that the outputs for so many samples take, and the programs that compute them."""
    shapes = [tensor.sample_shape for tensor in network.graph.outputs]
    outputs = _itemsize(network) * count * sum(prod(n or 1 for n in shape) for shape in shapes)
    sizes = {min(batch, count), count % batch} - {0}
    programs = [network.program_size(size) for size in sizes]
    known = [size for size in programs if size is not None]
    if len(known) < len(programs):
        return outputs + pass_size(network.graph, max(sizes), _itemsize(network))
    return outputs + sum(known)


def pass_size(graph: Graph, batch: int, itemsize: int) -> int:
    """The bytes that one pass forwards takes, about: every layer's output, what else is in its
    cache, and the largest output once more while it is made. Lengths that vary count as 1.
    """
    values = largest = 0
    for step in graph.steps:
        shapes = step.output_shape if several(step.output_shape) else (step.output_shape,)
        output = sum(prod(length or 1 for length in shape) for shape in shapes)
        largest = max(largest, output)
        values += output + step.layer.cached_values(step.input_shape)
    return itemsize * batch * (values + largest)


def _itemsize(network: Network) -> int:
    return np.dtype(network.dtype).itemsize


def _refuse(doing: str, network: Network, needed: int, batch: int) -> None:
    refuse_if_too_large(
        needed,
        what=f"{doing} {network.described} with {batch} samples at a time",
        remedy="choose smaller batches or smaller layers",
    )


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
