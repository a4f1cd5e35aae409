"""Digits and letters typed in the bundled fonts, turned, slanted, scaled and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator import resources
from simulator.data.datasets.dataset import Samples
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.picture_samples import FINISHING, finished, picture_bytes, side
from simulator.data.datasets.settings import (
    TRAIN_SHARE,
    Choice,
    Real,
    Setting,
    Settings,
    samples,
)

if TYPE_CHECKING:
    from PIL import Image

FONTS = (
    "Inter-Regular",
    "Inter-SemiBold",
    "JetBrainsMono-Regular",
    "JetBrainsMono-Bold",
    "DejaVuSans",
    "DejaVuSansMono",
    "STIXTwoText-Regular",
    "STIXTwoText-Italic",
)
FONT = Choice(
    name="font",
    label="Font",
    options=(("all", "All of them"), *((name, name.replace("-", " ")) for name in FONTS)),
    default="all",
)
CASE = Choice(
    name="case",
    label="Letters",
    help="With both, a class is a letter in either form.",
    options=(("capital", "Capital"), ("small", "Small"), ("both", "Both")),
    default="capital",
)
TURN = Real(
    name="rotation",
    label="Rotation",
    help="Degrees, at most, to either side.",
    default=12.0,
    minimum=0.0,
    maximum=180.0,
)
SCALE = Real(
    name="scale",
    label="Scale",
    help="How much larger or smaller at most, as a share.",
    default=0.15,
    minimum=0.0,
    maximum=0.5,
)
SHIFT = Real(
    name="shift",
    label="Shift",
    help="At most, as a share of the side.",
    default=0.08,
    minimum=0.0,
    maximum=0.3,
)
SHEAR = Real(
    name="shear",
    label="Slant",
    help="Sideways for each cell upwards, at most.",
    default=0.15,
    minimum=0.0,
    maximum=0.5,
)
CHANGES: tuple[Setting, ...] = (TURN, SCALE, SHEAR, SHIFT)


def random_affine(
    settings: Settings, count: int, generator: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return matrices (N, 2, 2) and shifts (N, 2) in sides: place ↦ matrix · place + shift.

    A matrix is a turn of a slant of a scaling. Places are measured from the middle.
    """

    def even(name: str, columns: int = 1) -> npt.NDArray[np.float64]:
        drawn: npt.NDArray[np.float64] = generator.uniform(-1, 1, (count, columns))
        return drawn * settings[name] if name in settings else np.zeros_like(drawn)

    angle = np.deg2rad(even("rotation")[:, 0])
    scale, shear, shift = 1 + even("scale")[:, 0], even("shear")[:, 0], even("shift", 2)
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)
    slant = np.zeros((count, 2, 2))
    slant[:, 0, 0] = slant[:, 1, 1] = scale
    slant[:, 0, 1] = scale * shear
    return turn @ slant, shift


def finer(size: int) -> int:
    """How many times finer a picture is drawn before it is scaled down, for smooth edges."""
    return max(1, min(4, 112 // size))


def _make(
    characters: tuple[str, ...], settings: Settings, generator: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Draw each of the characters: (N, size, size, 1), ink 1 on paper 0."""
    from PIL import Image  # noqa: PLC0415  (Pillow is not needed to start the app)

    size = settings["size"]
    factor = finer(size)
    fine = size * factor
    fonts = FONTS if settings["font"] == "all" else (settings["font"],)
    chosen = generator.integers(len(fonts), size=len(characters))
    matrices, shifts = random_affine(settings, len(characters), generator)
    backward = np.linalg.inv(matrices)
    # Pillow asks for each place of the result where it comes from, both measured from the corner.
    middle = fine / 2
    origins = middle - (backward @ (middle + shifts * fine)[..., np.newaxis])[..., 0]
    glyphs = dict[tuple[int, str], Image.Image]()
    pictures = np.empty((len(characters), size, size, 1), np.float32)
    for number, (font, character) in enumerate(zip(chosen.tolist(), characters, strict=True)):
        glyph = glyphs.get((font, character))
        if glyph is None:
            glyph = glyphs[font, character] = _glyph(fonts[font], character, fine)
        (a, b), (c, d) = backward[number].tolist()
        x, y = origins[number].tolist()
        changed = glyph.transform(
            (fine, fine), Image.Transform.AFFINE, (a, b, x, c, d, y), Image.Resampling.BILINEAR
        )
        pictures[number, :, :, 0] = np.asarray(changed.reduce(factor) if factor > 1 else changed)
    pictures /= 255
    return pictures


def _glyph(font: str, character: str, side: int) -> Image.Image:
    """Draw a character in the middle of a square, the box around its ink centred.

    Capitals are about two thirds of the square high; what is longer than four fifths of it, either
    way, is set smaller.
    """
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    file = str(resources.path(f"fonts/{font}.ttf"))
    layout = ImageFont.Layout.BASIC
    face = ImageFont.truetype(file, size=0.95 * side, layout_engine=layout)
    left, top, right, bottom = face.getbbox(character)
    longer = max(right - left, bottom - top)
    if longer > 0.8 * side:
        smaller = 0.95 * side * 0.8 * side / longer
        face = ImageFont.truetype(file, size=smaller, layout_engine=layout)
        left, top, right, bottom = face.getbbox(character)
    picture = Image.new("L", (side, side))
    place = ((side - left - right) / 2, (side - top - bottom) / 2)
    ImageDraw.Draw(picture).text(place, character, fill=255, font=face)
    return picture


def _digits(settings: Settings, generator: np.random.Generator) -> Samples:
    names = tuple("0123456789")
    labels = np.arange(settings["samples"], dtype=np.int64) % 10
    pictures = _make(tuple(names[label] for label in labels), settings, generator)
    return finished(pictures, labels, names, settings, generator)


def _letters(settings: Settings, generator: np.random.Generator) -> Samples:
    names = tuple("abcdefghijklmnopqrstuvwxyz" if settings["case"] == "small" else _CAPITALS)
    labels = np.arange(settings["samples"], dtype=np.int64) % 26
    small = generator.random(len(labels)) < 0.5
    if settings["case"] != "both":
        small[:] = False
    characters = tuple(
        names[label].lower() if low else names[label]
        for label, low in zip(labels, small, strict=True)
    )
    return finished(_make(characters, settings, generator), labels, names, settings, generator)


_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _nbytes(settings: Settings) -> int:
    return picture_bytes(settings["samples"], (settings["size"], settings["size"]), settings)


ENTRIES = (
    DatasetEntry(
        "typed-digits",
        "Typed digits",
        "Pictures",
        "in eight fonts, turned, slanted, scaled and moved",
        "classification",
        (samples(2000), side(28), FONT, *CHANGES, *FINISHING, TRAIN_SHARE),
        _nbytes,
        _digits,
    ),
    DatasetEntry(
        "typed-letters",
        "Typed letters",
        "Pictures",
        "A to Z in eight fonts, turned, slanted, scaled and moved",
        "classification",
        (samples(2600), side(28), CASE, FONT, *CHANGES, *FINISHING, TRAIN_SHARE),
        _nbytes,
        _letters,
    ),
)
