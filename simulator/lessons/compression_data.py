"""The pictures that the lessons about compression learn from, as rows and columns from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.data import datasets, pictures
from simulator.data.digits import LARGEST_VALUE, digits
from simulator.engine.pca import PCA
from simulator.lessons.controls import Option
from simulator.lessons.lesson import OWN_PICTURE, LessonState, StateError

Pictures = NDArray[np.float32]

DIGITS, TYPED, SHAPES, BARS = "digits", "typed", "shapes", "bars"
SETS = (
    Option(DIGITS, "Handwritten digits, 8 × 8"),
    Option(TYPED, "Typed digits, 28 × 28"),
    Option(SHAPES, "Shapes, 28 × 28"),
)
OWN = Option(OWN_PICTURE, "Your own picture…")
BARS_OPTION = Option(BARS, "Bars and stripes, 4 × 4")
MADE = 1000
"""So many typed digits or shapes are made."""
MOST_SAMPLES = 300
"""So many pictures can be chosen from: no set has fewer."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Pictures (N, R, C) from 0 to 1, what each shows, and the names of that."""

    x: Pictures
    labels: NDArray[np.int64]  # (N,)
    classes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """The rows and columns of a picture."""
        return int(self.x.shape[1]), int(self.x.shape[2])

    @property
    def flat(self) -> Pictures:
        """The pictures as rows (N, R · C)."""
        return self.x.reshape(len(self.x), -1)


@lru_cache(maxsize=8)
def picture_set(name: str) -> PictureSet:
    """Return a set of pictures by its name; its arrays are shared and cannot be written to."""
    if name == BARS:
        made = _bars_and_stripes()
    elif name == TYPED:
        made = _made("typed-digits")
    elif name == SHAPES:
        made = _made("shapes")
    else:
        stored = digits()
        made = PictureSet(
            stored.images.astype(np.float32) / np.float32(LARGEST_VALUE),
            stored.labels.astype(np.int64),
            tuple("0123456789"),
        )
    made.x.setflags(write=False)
    made.labels.setflags(write=False)
    return made


def _made(identity: str) -> PictureSet:
    made = datasets.make(identity, {"samples": MADE, "size": 28, "train_share": 0.95}, seed=0)
    assert made.labels is not None
    assert made.classes is not None
    grey = made.x[..., 0]
    if made.x.shape[-1] > 1:
        # A shape has any colour on any other: what is kept is how far it stands out from that.
        apart = np.abs(made.x - made.x[:, :1, :1]).sum(axis=-1)
        grey = apart / np.maximum(apart.max(axis=(1, 2), keepdims=True), 1e-6)
    return PictureSet(grey.astype(np.float32), made.labels.astype(np.int64), made.classes)


def _bars_and_stripes() -> PictureSet:
    """Return every picture of 4 × 4 cells in which whole rows, or whole columns, are on.

    MacKay 2003, "Information Theory, Inference, and Learning Algorithms", section 43.2. All off
    and all on come once. The order is drawn, so that neighbours differ.
    """
    found: dict[bytes, tuple[NDArray[np.float32], int]] = {}
    for number in range(16):
        line = np.array([number >> at & 1 for at in range(4)], dtype=np.float32)
        for label, picture in enumerate((np.tile(line[:, None], 4), np.tile(line, (4, 1)))):
            found.setdefault(picture.tobytes(), (picture, label))
    values = [found[key] for key in sorted(found)]
    every = np.random.default_rng(0).permutation(
        np.tile(np.arange(len(values)), MOST_SAMPLES // len(values) + 1)
    )
    return PictureSet(
        np.stack([values[at][0] for at in every]),
        np.array([values[at][1] for at in every], dtype=np.int64),
        ("rows", "columns"),
    )


def set_name(chosen: str) -> str:
    """Return the set that is learned from where this one, or one's own picture, is chosen."""
    return DIGITS if chosen == OWN_PICTURE else chosen


def set_of(chosen: str) -> PictureSet:
    """Return the pictures that are learned from where a set, or one's own picture, is chosen."""
    return picture_set(set_name(chosen))


@lru_cache(maxsize=8)
def pca_of(pictures: PictureSet, units: int) -> PCA:
    """Return the principal components of a set's pictures, as many as a code has units."""
    return PCA.of(pictures.flat, units)


def learned_from(chosen: str) -> Pictures:
    """Return what a Boltzmann machine learns from: black and white rows (N, R · C).

    Digits that a lesson lets one choose are held back, so that it fills in what it never saw.
    """
    first = 0 if chosen == BARS else MOST_SAMPLES
    return (set_of(chosen).flat[first:] >= 0.5).astype(np.float32)


def fitted_picture(picture: pictures.LoadedPicture, size: int) -> Pictures:
    """Return a picture as ``size`` rows and columns of grey, from 0 to 1."""
    fitted = pictures.fit(picture, size=size, channels=1)[..., 0]
    return (fitted / np.float32(255)).astype(np.float32)


def chosen_picture(state: LessonState, chosen: str, sample: int) -> Pictures:
    """Return the picture (R, C) of a state: one of a set, or the learner's own, fitted to it."""
    found = set_of(chosen)
    if chosen == OWN_PICTURE and state.own_picture is not None:
        return fitted_picture(state.own_picture, found.shape[0])
    if chosen == OWN_PICTURE:
        return np.zeros(found.shape, dtype=np.float32)
    return np.array(found.x[sample % len(found.x)])


def chosen_pictures(state: LessonState, chosen: str, first: int, count: int) -> Pictures:
    """Return pictures (S, R, C) of a set, from a number on; the learner's own comes before them."""
    if chosen != OWN_PICTURE:
        return np.array(set_of(chosen).x[first : first + count])
    own = chosen_picture(state, chosen, 0)
    return np.concatenate([own[None], set_of(chosen).x[first : first + count - 1]])


def refuse_grey(name: str, values: NDArray[np.floating]) -> None:
    """Refuse pictures (…, R, C) for a Boltzmann machine that aren't of zeros and ones.

    NaN, which stands for what is missing, is let through. Raises ``StateError``.
    """
    odd = np.argwhere((values != 0) & (values != 1) & ~np.isnan(values))
    if len(odd):
        row, column = (int(at) for at in odd[0][-2:])
        raise StateError(
            f"Cell ({row}, {column}) of the {name} is {values[tuple(odd[0])]:g}: a unit of this "
            "machine is on or off. Type 0 or 1.",
            parameter="input",
        )


def told_fitted(state: LessonState, shown: NDArray[np.floating]) -> str:
    """Return what was done to the learner's own picture to become what is shown (R, C)."""
    own = state.own_picture
    if own is None or own.pixels.shape[:2] == shown.shape:
        return ""
    rows, columns = shown.shape
    grey = np.any((shown != 0) & (shown != 1) & ~np.isnan(shown))
    return f"It was fitted to {rows} × {columns} cells{'' if grey else ', black and white'}."
