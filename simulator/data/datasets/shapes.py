"""Ten shapes in any colour on any other: small pictures in red, green and blue."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Samples
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.picture_samples import FINISHING, finished, picture_bytes, side
from simulator.data.datasets.settings import TRAIN_SHARE, Real, Settings, Whole, samples
from simulator.data.datasets.typed import SCALE, SHIFT, finer, random_affine

Outline = npt.NDArray[np.float64]
"""Corners (N, 2) as x to the right and y downwards, within a circle of radius 1."""


def _polar(radii: npt.ArrayLike, turn: float = 0.0) -> Outline:
    """Corners at even angles, clockwise from the top."""
    radius = np.asarray(radii, np.float64)
    angle = turn + 2 * np.pi * np.arange(len(radius)) / len(radius)
    return np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=1)


def _heart() -> Outline:
    """x = sin³ t, y as 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t, scaled into the circle."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([0.9 * np.sin(t) ** 3, -0.9 * (y + 2.5) / 16], axis=1)


def _crescent() -> Outline:
    """A disc less another one that covers most of its right half."""
    outer = np.deg2rad(np.linspace(60, 300, 40))
    from_right = np.stack([np.cos(outer), np.sin(outer)], axis=1)
    inner = np.deg2rad(np.linspace(270, 90, 40))
    height = np.sin(np.deg2rad(60))
    back = np.stack([0.5 + 0.85 * np.cos(inner), height * np.sin(inner)], axis=1)
    corners: Outline = np.concatenate([from_right, back])
    corners[:, 0] += 0.15
    return corners


_CIRCLE = _polar(np.ones(60))
_ARM = np.array([(-1, -1), (-1, -3), (1, -3)]) / np.sqrt(10)
_CROSS = np.concatenate(
    [
        _ARM @ turn
        for turn in ([[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[-1, 0], [0, -1]], [[0, -1], [1, 0]])
    ]
)
_ARROW = np.array(
    [(0, -1), (0.75, -0.1), (0.3, -0.1), (0.3, 0.9), (-0.3, 0.9), (-0.3, -0.1), (-0.75, -0.1)]
)

# The outline of each shape, and of the hole in it.
SHAPES: dict[str, tuple[Outline, ...]] = {
    "disc": (_CIRCLE,),
    "ring": (_CIRCLE, 0.55 * _CIRCLE),
    "square": (_polar(np.ones(4), np.pi / 4),),
    "triangle": (_polar(np.ones(3)),),
    "pentagon": (_polar(np.ones(5)),),
    "star": (_polar([1, 0.42] * 5),),
    "cross": (_CROSS,),
    "heart": (_heart(),),
    "crescent": (_crescent(),),
    "arrow": (_ARROW,),
}

RADIUS = 0.32
"""Of the circle around a shape, in sides, before it is scaled."""
LEAST_CONTRAST = 0.35
"""Between the luma of a shape and that of its background."""

TURN = Real(
    name="rotation",
    label="Rotation",
    help="Degrees, at most, to either side.",
    default=25.0,
    minimum=0.0,
    maximum=180.0,
)
CLASSES = Whole(
    name="classes",
    label="Classes",
    help="How many of the shapes there are: disc, ring, square and so on.",
    default=len(SHAPES),
    minimum=2,
    maximum=len(SHAPES),
)


def _make(settings: Settings, generator: np.random.Generator) -> Samples:
    from PIL import Image, ImageDraw  # noqa: PLC0415  (Pillow is not needed to start the app)

    count, size = settings["samples"], settings["size"]
    names = tuple(SHAPES)[: settings["classes"]]
    labels = np.arange(count, dtype=np.int64) % len(names)
    outlines = [SHAPES[name] for name in names]
    matrices, shifts = random_affine(settings, count, generator)
    colours = _colours(count, generator)
    factor = finer(size)
    fine = size * factor
    pictures = np.empty((count, size, size, 3), np.float32)
    for number, label in enumerate(labels):
        mask = Image.new("L", (fine, fine))
        draw = ImageDraw.Draw(mask)
        for ink, outline in zip((255, 0), outlines[label], strict=False):
            places = RADIUS * outline @ matrices[number].T + shifts[number] + 0.5
            draw.polygon([(x * fine, y * fine) for x, y in places.tolist()], fill=ink)
        cover = np.asarray(mask.reduce(factor) if factor > 1 else mask, np.float32) / 255
        ground, ink_colour = colours[number]
        pictures[number] = ground + cover[..., np.newaxis] * (ink_colour - ground)
    return finished(pictures, labels, names, settings, generator)


def _colours(count: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return backgrounds and inks (N, 2, 3), drawn again until they stand out from each other."""
    colours = generator.random((count, 2, 3), np.float32)
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    while True:
        brightness = colours @ luma
        dull = np.abs(brightness[:, 0] - brightness[:, 1]) < LEAST_CONTRAST
        if not dull.any():
            return colours
        colours[dull] = generator.random((int(dull.sum()), 2, 3), np.float32)


ENTRIES = (
    DatasetEntry(
        "shapes",
        "Coloured shapes",
        "Pictures",
        "disc, ring, star and seven more, in any colour on any other",
        "classification",
        (samples(2000), side(32), CLASSES, TURN, SCALE, SHIFT, *FINISHING, TRAIN_SHARE),
        lambda settings: picture_bytes(
            settings["samples"], (settings["size"], settings["size"], 3), settings
        ),
        _make,
    ),
)
