"""What all data sets of pictures share: settings, noise, scaling, and what is to be learned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Column, Samples
from simulator.data.datasets.settings import Choice, Real, Setting, Settings, Whole

LARGEST_SIDE = 512

SCALING = Choice(
    name="scaling",
    label="Values from",
    help="What black and white are as numbers.",
    options=(("unit", "0 to 1"), ("symmetric", "−1 to 1"), ("byte", "0 to 255")),
    default="unit",
)
TARGETS = Choice(
    name="targets",
    label="Targets",
    help="What is to be answered: the class, or the picture itself as in an autoencoder.",
    options=(("class", "Class"), ("itself", "Picture itself"), ("clean", "Picture without noise")),
    default="class",
)
NOISE = Real(
    name="noise",
    label="Noise",
    help="Its strength: the deviation of normal noise, or the share of cells that are hit.",
    default=0.0,
    minimum=0.0,
    maximum=1.0,
)
NOISE_KIND = Choice(
    name="noise_kind",
    label="Kind of noise",
    help="Normal noise on every cell, cells set to black or white, or cells wiped out.",
    options=(("normal", "Normal"), ("salt-pepper", "Salt and pepper"), ("blank", "Wiped out")),
    default="normal",
)
FINISHING: tuple[Setting, ...] = (NOISE, NOISE_KIND, SCALING, TARGETS)


def side(default: int, *, minimum: int = 8, maximum: int = LARGEST_SIDE) -> Whole:
    """How many cells a picture has on a side."""
    return Whole(
        name="size",
        label="Size",
        help="Cells on a side.",
        default=default,
        minimum=minimum,
        maximum=maximum,
    )


def finished(
    pictures: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    classes: tuple[str, ...],
    settings: Settings,
    generator: np.random.Generator,
    *,
    notices: tuple[str, ...] = (),
) -> Samples:
    """Return pictures (N, H, W, C) of values from 0 to 1 as samples, as the settings want them.

    The pictures are changed in place: no second copy is taken.
    """
    targets = settings["targets"]
    clean = _scaled(pictures.copy(), settings["scaling"]) if targets == "clean" else None
    _add_noise(pictures, settings["noise"], settings["noise_kind"], generator)
    x = _scaled(pictures, settings["scaling"])
    _, height, width, channels = x.shape
    told = f"{height} × {width}, {'red, green and blue' if channels == 3 else 'grey'}"
    if targets == "class":
        target = Column("class", "class", "target", ", ".join(classes))
    else:
        told_target = "the input itself" if clean is None else "the input without its noise"
        target = Column("picture", "picture", "target", told_target)
    label = SCALING.label_of(settings["scaling"])
    return Samples(
        x=x,
        y=labels if targets == "class" else x if clean is None else clean,
        labels=labels,
        task="autoencoder"
        if targets != "class"
        else "binary"
        if len(classes) == 2
        else "classification",
        view="image",
        classes=classes,
        columns=(Column("picture", "picture", told=told), target),
        scaling=f"values from {label}",
        notices=notices,
    )


def picture_bytes(count: int, shape: tuple[int, ...], settings: Settings) -> int:
    """Return what that many pictures and their targets take."""
    pictures = 2 if settings["targets"] == "clean" else 1
    return count * (4 * pictures * int(np.prod(shape, dtype=object)) + 8)


def _add_noise(
    pictures: npt.NDArray[np.float32], strength: float, kind: str, generator: np.random.Generator
) -> None:
    if strength == 0:
        return
    for picture in pictures:  # one at a time: the random numbers would take as much as all
        shape = picture.shape
        if kind == "normal":
            noise = strength * generator.standard_normal(shape, np.float32)
            np.clip(picture + noise, 0, 1, out=picture)
            continue
        hit = generator.random(shape[:2], np.float32) < strength
        if kind == "blank":
            picture[hit] = 0
        else:
            white = generator.random(shape[:2], np.float32) < 0.5
            picture[hit] = white[hit, np.newaxis]


def _scaled(pictures: npt.NDArray[np.float32], scaling: str) -> npt.NDArray[np.float32]:
    if scaling == "byte":
        pictures *= 255
    elif scaling == "symmetric":
        pictures *= 2
        pictures -= 1
    return pictures
