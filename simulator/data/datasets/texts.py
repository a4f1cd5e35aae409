"""Text, one character at a time or one word: names and reviews that were made up, and what the
learner types.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Column, Samples, one_hot
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.errors import DataError
from simulator.data.datasets.invented_names import STYLES, invented_name
from simulator.data.datasets.invented_reviews import (
    CLASSES,
    LONGEST,
    VOCABULARY,
    invented_review,
    numbers_of,
)
from simulator.data.datasets.settings import (
    TARGETS,
    TRAIN_SHARE,
    Choice,
    Settings,
    Whole,
    Words,
    length,
    samples,
)

ENCODING = Choice(
    name="encoding",
    label="Characters as",
    help="Numbers go into an Embedding, one-hot rows into any layer.",
    options=(("one-hot", "One-hot rows"), ("numbers", "Numbers")),
    default="one-hot",
)
STRIDE = Whole(
    name="stride",
    label="Stride",
    help="Characters from the start of one sample to that of the next.",
    default=3,
    minimum=1,
    maximum=100,
)
END = "\n"
ALPHABET = END + "abcdefghijklmnopqrstuvwxyz"
_LONGEST_NAME = 18


def windows_of(text: str, vocabulary: tuple[str, ...], settings: Settings) -> Samples:
    """Return windows of T characters, and as the target the character that follows.

    The classes are the ``vocabulary``, characters in the order of their code points.

    Raises:
        DataError: the text is too short for two windows, or the vocabulary for a choice.
    """
    steps, stride = settings["length"], settings["stride"]
    if len(text) < steps + stride + 1:
        raise DataError(
            f"The text has {len(text):,} characters: two samples of {steps} need at least "
            f"{steps + stride + 1:,}. Type more, or choose a shorter length.",
            setting="text",
        )
    if len(vocabulary) < 2:
        raise DataError(
            "The text consists of one character alone: there is nothing to learn. Type another.",
            setting="text",
        )
    hot, each = settings["encoding"] == "one-hot", settings["targets"] == "each"
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    order = np.array([ord(character) for character in vocabulary], np.uint32)
    numbers = np.searchsorted(order, points).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, steps + 1)[::stride]
    x: npt.NDArray[np.int64] = np.ascontiguousarray(windows[:, :-1])
    last = np.ascontiguousarray(windows[:, -1])
    return Samples(
        x=one_hot(x, len(vocabulary)) if hot else x,
        y=np.ascontiguousarray(windows[:, 1:]) if each else last,
        labels=None if each else last,
        task="binary" if len(vocabulary) == 2 else "classification",
        view="text",
        classes=vocabulary,
        per_step=each,
        columns=(
            Column(
                "characters",
                "characters",
                told=f"{steps} of them, from {len(vocabulary)} different ones",
            ),
            Column(
                "next character",
                "class",
                "target",
                "at each step, the next" if each else "the one that follows",
            ),
        ),
        scaling="none: one-hot" if hot else "none: characters by number",
        vocabulary=vocabulary,
        in_order=True,
        skipped_between=-(-steps // stride),
    )


def _windows_bytes(count: int, vocabulary: int, settings: Settings) -> int:
    steps: int = settings["length"]
    row = 4 * vocabulary if settings["encoding"] == "one-hot" else 8
    return count * (steps * row + 8 * (steps if settings["targets"] == "each" else 1))


def _own(settings: Settings, _: np.random.Generator) -> Samples:
    text = _one_kind_of_line_end(settings["text"])
    return windows_of(text, tuple(sorted(set(text))), settings)


def _own_bytes(settings: Settings) -> int:
    text = _one_kind_of_line_end(settings["text"])
    count = max(0, len(text) - settings["length"] - 1) // settings["stride"] + 1
    return _windows_bytes(count, len(set(text)), settings)


def _one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _names(settings: Settings, generator: np.random.Generator) -> Samples:
    """Names one under the other, as many as the samples need."""
    needed = (settings["samples"] - 1) * settings["stride"] + settings["length"] + 1
    chosen = [style for style in STYLES if settings["style"] in ("mixed", style.name)]
    names: list[str] = []
    total = 0
    while total < needed:
        style = chosen[generator.integers(len(chosen))]
        names.append(invented_name(style, generator) + END)
        total += len(names[-1])
    return windows_of("".join(names)[:needed], tuple(ALPHABET), settings)


def _names_bytes(settings: Settings) -> int:
    return _windows_bytes(settings["samples"], len(ALPHABET), settings)


def _name_styles(settings: Settings, generator: np.random.Generator) -> Samples:
    """One name a sample, filled up with ends at its start, so that the last step is its last."""
    labels = np.arange(settings["samples"], dtype=np.int64) % len(STYLES)
    numbers = np.zeros((len(labels), _LONGEST_NAME), np.int64)
    for row, label in zip(numbers, labels, strict=True):
        name = invented_name(STYLES[label], generator)
        row[-len(name) :] = [ALPHABET.index(letter) for letter in name]
    hot = settings["encoding"] == "one-hot"
    styles = tuple(style.name for style in STYLES)
    return Samples(
        x=one_hot(numbers, len(ALPHABET)) if hot else numbers,
        y=labels,
        labels=labels,
        task="classification",
        view="text",
        classes=styles,
        columns=(
            Column("name", "characters", told="ends, then a to z; 0 is an end, 1 is a"),
            Column("style", "class", "target", ", ".join(styles)),
        ),
        scaling="none: one-hot" if hot else "none: characters by number",
        vocabulary=tuple(ALPHABET),
    )


def _style_bytes(settings: Settings) -> int:
    row = _LONGEST_NAME * (4 * len(ALPHABET) if settings["encoding"] == "one-hot" else 8)
    return int(settings["samples"]) * (row + 8)


def _reviews(settings: Settings, generator: np.random.Generator) -> Samples:
    """As many good reviews as bad ones, word by word, filled up before their first."""
    labels = np.arange(settings["samples"], dtype=np.int64) % len(CLASSES)
    numbers = np.array(
        [
            numbers_of(invented_review(bool(label), generator), settings["length"])
            for label in labels
        ],
        np.int64,
    )
    hot = settings["encoding"] == "one-hot"
    return Samples(
        x=one_hot(numbers, len(VOCABULARY)) if hot else numbers,
        y=labels,
        labels=labels,
        task="binary",
        view="text",
        classes=CLASSES,
        columns=(
            Column(
                "review",
                "words",
                told=f"{settings['length']} words, from {len(VOCABULARY) - 1} different ones; "
                "0 fills up",
            ),
            Column("verdict", "class", "target", ", ".join(CLASSES)),
        ),
        scaling="none: one-hot" if hot else "none: words by number",
        vocabulary=VOCABULARY,
    )


def _review_bytes(settings: Settings) -> int:
    row: int = settings["length"] * (
        4 * len(VOCABULARY) if settings["encoding"] == "one-hot" else 8
    )
    return int(settings["samples"]) * (row + 8)


SAMPLE_TEXT = (
    "The network reads one character after the other and guesses the next. At first it guesses "
    "badly. Then it learns which letters are common, then which follow each other, then how words "
    "end, and at last it writes words of its own. What it cannot learn is what the words mean.\n"
)

ENTRIES = (
    DatasetEntry(
        "names",
        "Invented names",
        "Text",
        "one under the other; the next character is to be guessed",
        "classification",
        (
            samples(5000, maximum=50_000),
            length(12, maximum=100),
            STRIDE,
            TARGETS,
            ENCODING,
            Choice(
                name="style",
                label="Style",
                help="Which names are made up.",
                options=(
                    ("mixed", "All three"),
                    *((style.name, style.name.capitalize()) for style in STYLES),
                ),
                default="mixed",
            ),
            TRAIN_SHARE,
        ),
        _names_bytes,
        _names,
    ),
    DatasetEntry(
        "name-styles",
        "Styles of names",
        "Text",
        "northern, southern or eastern: which does a name sound like?",
        "classification",
        (samples(1500, maximum=50_000), ENCODING, TRAIN_SHARE),
        _style_bytes,
        _name_styles,
    ),
    DatasetEntry(
        "reviews",
        "Invented film reviews",
        "Text",
        "word by word: good or bad?",
        "binary",
        (
            samples(2000, maximum=50_000),
            length(LONGEST, maximum=500),
            Choice(
                name="encoding",
                label="Words as",
                help="Numbers go into an Embedding, one-hot rows into any layer.",
                options=(("numbers", "Numbers"), ("one-hot", "One-hot rows")),
                default="numbers",
            ),
            TRAIN_SHARE,
        ),
        _review_bytes,
        _reviews,
    ),
    DatasetEntry(
        "own-text",
        "Text of your own",
        "Text",
        "typed or pasted; the next character is to be guessed",
        "classification",
        (
            Words(
                name="text",
                label="Text",
                help="Any characters; line ends count as one.",
                default=SAMPLE_TEXT,
                longest=200_000,
            ),
            length(12, maximum=500),
            STRIDE,
            TARGETS,
            ENCODING,
            TRAIN_SHARE,
        ),
        _own_bytes,
        _own,
    ),
)
