"""Points in the plane: classes with borders of several shapes, and surfaces to regress.

The arrangements and their sizes follow TensorFlow Playground (dataset.ts): all of them lie within
6 of the origin. The moons are those of scikit-learn's ``make_moons``, three times as large.
Noise is the same in each: a normal displacement of every point after its class or value is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Column, Samples
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.settings import (
    TRAIN_SHARE,
    Points,
    Real,
    Setting,
    Settings,
    Whole,
    samples,
)

Places: TypeAlias = npt.NDArray[np.float64]
Placing: TypeAlias = Callable[
    [npt.NDArray[np.int64], int, np.random.Generator], Places
]  # class of each point, number of classes → (N, 2)

RADIUS = 5.0
"""How far from the origin the circle, the exclusive or and the spiral reach."""
FURTHEST = 6.0
"""A view from −6 to 6 shows every point without noise."""
NAMES = ("blue", "orange", "green", "violet", "red", "brown")

NOISE = Real(
    name="noise",
    label="Noise",
    help="Standard deviation of the displacement of each point, as a share of the radius 5.",
    default=0.0,
    minimum=0.0,
    maximum=0.5,
)


def _circle(labels: npt.NDArray[np.int64], _: int, generator: np.random.Generator) -> Places:
    """Class 0 within half the radius, class 1 in the ring beyond seven tenths of it."""
    low = np.where(labels == 0, 0.0, 0.7)
    high = np.where(labels == 0, 0.5, 1.0)
    radius = RADIUS * generator.uniform(low, high)
    angle = generator.uniform(0, 2 * np.pi, len(labels))
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


def _blobs(labels: npt.NDArray[np.int64], classes: int, generator: np.random.Generator) -> Places:
    """Normal clouds of deviation 0.7, their centres evenly on a circle through (2, 2)."""
    angle = np.pi / 4 + 2 * np.pi * labels / classes
    distance = 2 * np.sqrt(2) if classes < 4 else 4.0
    centres = distance * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centres + 0.7 * generator.standard_normal((len(labels), 2))


def _exclusive_or(labels: npt.NDArray[np.int64], _: int, generator: np.random.Generator) -> Places:
    """Class 1 where x and y have unlike signs, with a gap of 0.3 along both axes."""
    places = generator.uniform(0.3, RADIUS, (len(labels), 2))
    places[:, 0] *= np.where(generator.random(len(labels)) < 0.5, -1, 1)
    places[:, 1] *= np.sign(places[:, 0]) * np.where(labels == 1, -1, 1)
    return places


def _spiral(labels: npt.NDArray[np.int64], classes: int, _: np.random.Generator) -> Places:
    """One arm for each class: 1.75 turns while the radius grows evenly to 5.

    The arms begin 0.2 from the centre, so that no place belongs to two classes.
    """
    count = len(labels)
    # The place of a point among those of its class, from 0 to 1.
    along = (np.arange(count) // classes) / max(1, -(-count // classes) - 1)
    along = 0.04 + 0.96 * along
    angle = 1.75 * 2 * np.pi * along + 2 * np.pi * labels / classes
    places: Places = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    places *= RADIUS * along[:, np.newaxis]
    return places


def _moons(labels: npt.NDArray[np.int64], _: int, generator: np.random.Generator) -> Places:
    """Two half circles of radius 3 that reach into each other."""
    angle = generator.uniform(0, np.pi, len(labels))
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inner = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    places: Places = 3 * (np.where(labels[:, np.newaxis] == 0, outer, inner) - [0.5, 0.25])
    return places


def _plane(places: Places) -> Places:
    """(x + y) / 10, from −1.2 to 1.2."""
    value: Places = places.sum(axis=1) / 10
    return value


HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))
"""Centre and sign of the cones of the gaussian regression; each has radius 2 and height 1."""


def _gaussian(places: Places) -> Places:
    """Six hills and hollows; the value is that of the nearest one, 1 − d / 2 within 2 of it."""
    value = np.zeros(len(places))
    for x, y, sign in HILLS:
        distance = np.hypot(places[:, 0] - x, places[:, 1] - y)
        here = sign * np.clip(1 - distance / 2, 0, 1)
        value = np.where(np.abs(here) > np.abs(value), here, value)
    return value


_COLUMNS = (
    Column("x", "number", told="across, about −6 to 6"),
    Column("y", "number", told="upwards, about −6 to 6"),
)
_SCALING = "none: coordinates as they are, from −6 to 6 without noise"


def _classified(places: Places, labels: npt.NDArray[np.int64], classes: int) -> Samples:
    names = NAMES[:classes]
    return Samples(
        x=places.astype(np.float32),
        y=labels,
        labels=labels,
        task="binary" if classes == 2 else "classification",
        view="points2d",
        classes=names,
        columns=(*_COLUMNS, Column("colour", "class", "target", ", ".join(names))),
        scaling=_SCALING,
    )


def _noisy(places: Places, settings: Settings, generator: np.random.Generator) -> Places:
    # Drawn whatever the noise is, so that turning it up moves the same points further.
    deviation = RADIUS * float(settings["noise"])
    return places + deviation * generator.standard_normal(places.shape)


def _classes(
    identity: str,
    title: str,
    summary: str,
    placing: Placing,
    *,
    classes: Whole | None = None,
    noise: Real = NOISE,
) -> DatasetEntry:
    def make(settings: Settings, generator: np.random.Generator) -> Samples:
        several = settings.get("classes", 2)
        labels = np.arange(settings["samples"], dtype=np.int64) % several
        places = placing(labels, several, generator)
        return _classified(_noisy(places, settings, generator), labels, several)

    more: tuple[Setting, ...] = () if classes is None else (classes,)
    return DatasetEntry(
        identity,
        title,
        "Points",
        summary,
        "binary",
        (samples(500), noise, *more, TRAIN_SHARE),
        _nbytes,
        make,
    )


def _surface(
    identity: str, title: str, summary: str, value: Callable[[Places], Places]
) -> DatasetEntry:
    def make(settings: Settings, generator: np.random.Generator) -> Samples:
        places = generator.uniform(-FURTHEST, FURTHEST, (settings["samples"], 2))
        heights = value(places)
        return Samples(
            x=_noisy(places, settings, generator).astype(np.float32),
            y=heights[:, np.newaxis].astype(np.float32),
            task="regression",
            view="points2d",
            columns=(*_COLUMNS, Column("height", "number", "target", "about −1 to 1")),
            scaling=_SCALING,
        )

    return DatasetEntry(
        identity,
        title,
        "Points",
        summary,
        "regression",
        (samples(500), NOISE, TRAIN_SHARE),
        _nbytes,
        make,
    )


def _nbytes(settings: Settings) -> int:
    return int(settings["samples"]) * (2 * 4 + 8)


def _several(default: int) -> Whole:
    return Whole(name="classes", label="Classes", default=default, minimum=2, maximum=len(NAMES))


DRAWN_ID = "drawn-points"
DRAWN = Points(
    name="points",
    label="Points",
    help="Each is x, y and the number of its class.",
    default=(
        (-3.0, 2.0, 0),
        (-2.0, 3.0, 0),
        (-3.0, 3.5, 0),
        (-1.5, 1.5, 0),
        (3.0, -2.0, 1),
        (2.0, -3.0, 1),
        (3.0, -3.5, 1),
        (1.5, -1.5, 1),
    ),
    furthest=FURTHEST,
    most=5_000,
    classes=len(NAMES),
)


def _drawn(settings: Settings, _: np.random.Generator) -> Samples:
    table = np.asarray(settings["points"], np.float64).reshape(-1, 3)
    labels = table[:, 2].astype(np.int64)
    classes = int(max(2, labels.max(initial=0) + 1))
    return _classified(table[:, :2], labels, classes)


ENTRIES = (
    _classes("circle", "Circle", "a disc inside a ring", _circle),
    _classes(
        "blobs", "Blobs", "two or more clouds apart from each other", _blobs, classes=_several(2)
    ),
    _classes(
        "exclusive-or",
        "Exclusive or",
        "opposite quarters have the same class: no line parts them",
        _exclusive_or,
    ),
    _classes("spiral", "Spiral", "arms wound into each other", _spiral, classes=_several(2)),
    _classes("moons", "Moons", "two half moons that reach into each other", _moons),
    _surface("plane", "Plane", "a slope, to be regressed", _plane),
    _surface("gaussian", "Hills and hollows", "six of them, to be regressed", _gaussian),
    DatasetEntry(
        DRAWN_ID,
        "Points of your own",
        "Points",
        "drawn by hand, up to six classes",
        "binary",
        (DRAWN, TRAIN_SHARE),
        lambda settings: len(settings["points"]) * 16,
        _drawn,
    ),
)
