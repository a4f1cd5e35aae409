"""Short reviews of films that nobody has made: sentences to be told good from bad.

A review is one clause, or three with "and" or "but" between them; more of its clauses praise than
blame, or the other way round. "not" and "never" turn what follows, so that counting good and bad
words is not enough. All of it was made up for this project.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

FILLING = ""
"""Stands where a review is shorter than a sample; its number is 0."""
SUBJECTS = (
    "film", "story", "plot", "acting", "cast", "music", "ending", "dialogue", "camera", "hero",
    "villain", "pictures", "jokes", "songs", "beginning", "script",
)  # fmt: skip
GOOD = (
    "good", "great", "fine", "funny", "moving", "lovely", "brilliant", "charming", "clever", "warm",
    "exciting",
)  # fmt: skip
BAD = (
    "bad", "poor", "dull", "boring", "weak", "awful", "silly", "slow", "cold", "flat", "annoying",
)  # fmt: skip
LIKED = "liked", "loved", "enjoyed", "admired"
DISLIKED = "disliked", "hated"
DEGREES = "very", "really", "so", "quite", "rather"
PLURAL = ("pictures", "jokes", "songs")
VOCABULARY = (
    *(FILLING, "the", "was", "and", "but", "i", "not", "were", "did", "like", "never"),
    *(*DEGREES, *GOOD, *BAD, *LIKED, *DISLIKED, *SUBJECTS),
)
"""All words in the order of their numbers, the most frequent ones first."""
LONGEST = 3 * 6 + 2
"""Words of the longest review."""
CLASSES = ("bad", "good")
MOST_CLAUSES = 3


def invented_review(good: bool, generator: np.random.Generator) -> tuple[str, ...]:
    """Return the words of a review that praises or blames."""
    clauses = [good]
    if generator.random() < 0.6:
        clauses = [good, good, not good] if generator.random() < 0.6 else [good] * MOST_CLAUSES
    order = [clauses[place] for place in generator.permutation(len(clauses))]
    words: list[str] = []
    for place, praises in enumerate(order):
        if place:
            words.append("and" if praises == order[place - 1] else "but")
        words += _clause(praises, generator)
    return tuple(words)


def _clause(praises: bool, generator: np.random.Generator) -> Iterator[str]:
    """The words of a clause, of six at most."""

    def one_of(words: tuple[str, ...]) -> str:
        return words[generator.integers(len(words))]

    subject = one_of(SUBJECTS)
    turned = generator.random() < 0.3
    if generator.random() < 0.35:
        if praises or not turned:
            yield from ("i", one_of(LIKED if praises else DISLIKED), "the", subject)
        else:
            yield from ("i", "did", "not", "like", "the", subject)
        return
    yield from ("the", subject, "were" if subject in PLURAL else "was")
    if turned:
        yield one_of(("not", "never"))
    if generator.random() < 0.5:
        yield one_of(DEGREES)
    yield one_of(GOOD if praises != turned else BAD)


def numbers_of(words: tuple[str, ...], steps: int) -> list[int]:
    """Return the numbers of so many words: the last ones, with filling before them if they are few.

    As Keras's ``pad_sequences`` does by itself.
    """
    found = [VOCABULARY.index(word) for word in words[-steps:]]
    return [0] * (steps - len(found)) + found
