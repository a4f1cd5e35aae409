"""Tasks that ask for a memory: adding two marked numbers, parity, and copying after a delay."""

from __future__ import annotations

import numpy as np

from simulator.data.datasets.dataset import Column, Samples, one_hot
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.settings import (
    TRAIN_SHARE,
    Choice,
    Settings,
    Whole,
    length,
    samples,
)


def _adding(settings: Settings, generator: np.random.Generator) -> Samples:
    """The adding problem: a number and a mark at each step; the target is the sum of the marked.

    Hochreiter & Schmidhuber 1997, section 5.4, in the form of Le, Jaitly & Hinton 2015: numbers
    even in 0 to 1, one mark in each half. Always answering 1 has the mean squared error 1/6.
    """
    count, steps = settings["samples"], settings["length"]
    numbers = generator.random((count, steps), np.float32)
    marks = np.zeros((count, steps), np.float32)
    rows = np.arange(count)
    first = generator.integers(0, steps // 2, count)
    second = generator.integers(steps // 2, steps, count)
    marks[rows, first] = marks[rows, second] = 1
    return Samples(
        x=np.stack([numbers, marks], axis=2),
        y=(numbers[rows, first] + numbers[rows, second])[:, np.newaxis],
        task="regression",
        view="sequence",
        columns=(
            Column("number", "series", told="0 to 1"),
            Column("mark", "series", told="1 at two steps, one in each half, else 0"),
            Column("sum", "number", "target", "of the two marked numbers, 0 to 2"),
        ),
        scaling="none: numbers from 0 to 1",
    )


PARITY_TARGETS = Choice(
    name="targets",
    label="Targets",
    help="The parity of the whole sequence, or at each step that of all bits so far.",
    options=(("last", "Of the whole sequence"), ("each", "At each step, so far")),
    default="last",
)


def _parity(settings: Settings, generator: np.random.Generator) -> Samples:
    """Bits at random; class 1 if the number of ones is odd."""
    bits = generator.integers(0, 2, (settings["samples"], settings["length"]))
    parity = bits.cumsum(axis=1, dtype=np.int64) % 2
    each = settings["targets"] == "each"
    return Samples(
        x=bits[..., np.newaxis].astype(np.float32),
        y=parity if each else np.ascontiguousarray(parity[:, -1]),
        labels=None if each else np.ascontiguousarray(parity[:, -1]),
        task="binary",
        view="sequence",
        classes=("even", "odd"),
        per_step=each,
        columns=(
            Column("bit", "series", told="0 or 1"),
            Column("number of ones", "class", "target", "even, odd"),
        ),
        scaling="none: bits 0 and 1",
    )


def _copy(settings: Settings, generator: np.random.Generator) -> Samples:
    """Symbols at random; the target at each step is the symbol of ``delay`` steps before."""
    count, steps = settings["samples"], settings["length"]
    symbols, delay = settings["symbols"], settings["delay"]
    shown = generator.integers(0, symbols, (count, steps))
    target = np.zeros((count, steps), np.int64)  # class 0: nothing has been heard yet
    if delay < steps:
        target[:, delay:] = shown[:, : steps - delay] + 1
    names = tuple("abcdefghij"[:symbols])
    return Samples(
        x=one_hot(shown, symbols),
        y=target,
        task="classification",
        view="sequence",
        classes=("blank", *names),
        per_step=True,
        columns=(
            *(Column(name, "series", told=f"1 where the symbol is {name}") for name in names),
            Column("symbol", "class", "target", f"that of {delay} steps before; blank until then"),
        ),
        scaling="none: one-hot",
    )


def _adding_bytes(settings: Settings) -> int:
    count, steps = int(settings["samples"]), int(settings["length"])
    return count * 4 * (2 * steps + 1)


def _parity_bytes(settings: Settings) -> int:
    count, steps = int(settings["samples"]), int(settings["length"])
    return count * (4 * steps + 8 * (steps if settings["targets"] == "each" else 1))


def _copy_bytes(settings: Settings) -> int:
    count, steps = int(settings["samples"]), int(settings["length"])
    return count * steps * (4 * int(settings["symbols"]) + 8)


ENTRIES = (
    DatasetEntry(
        "adding",
        "Adding problem",
        "Sequences",
        "the sum of two marked numbers, far apart",
        "regression",
        (samples(5000, maximum=100_000), length(50), TRAIN_SHARE),
        _adding_bytes,
        _adding,
    ),
    DatasetEntry(
        "parity",
        "Parity",
        "Sequences",
        "whether the number of ones is odd",
        "binary",
        (samples(2000, maximum=100_000), length(10), PARITY_TARGETS, TRAIN_SHARE),
        _parity_bytes,
        _parity,
    ),
    DatasetEntry(
        "delayed-copy",
        "Delayed copy",
        "Sequences",
        "at each step, the symbol of some steps before",
        "classification",
        (
            samples(2000, maximum=100_000),
            length(20),
            Whole(
                name="delay",
                label="Delay",
                help="Steps between a symbol and its copy.",
                default=5,
                minimum=0,
                maximum=499,
            ),
            Whole(
                name="symbols",
                label="Symbols",
                help="So many different ones.",
                default=4,
                minimum=2,
                maximum=10,
            ),
            TRAIN_SHARE,
        ),
        _copy_bytes,
        _copy,
    ),
)
