"""Pictures to look at: bundled photographs, textures, digits, patterns, and the learner's own.

Everything that the rest of the simulator needs of pictures is named here.
"""

import difflib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from simulator import resources
from simulator.data.digits import LARGEST_VALUE, digits
from simulator.data.picture_files import LoadedPicture, decode_picture, fit, load_picture
from simulator.data.pixels import PictureError, Pixels, cells, checked_size, grey, rgb_array, shown

__all__ = [
    "PICTURES",
    "Kind",
    "LoadedPicture",
    "Picture",
    "PictureError",
    "decode_picture",
    "entry",
    "fit",
    "grey",
    "load_picture",
    "picture",
]


class Kind(Enum):
    """What a picture is, for grouping it in a list."""

    PHOTOGRAPH = "Photograph"
    TEXTURE = "Texture"
    DIGIT = "Digit"
    PATTERN = "Pattern"


@dataclass(frozen=True)
class Picture:
    """One entry of the catalogue.

    ``credit`` is the line to be shown beside the picture. ``peak`` is the value that counts as
    white: 255, except for the impulse, whose one cell holds 1.
    """

    id: str
    title: str
    kind: Kind
    credit: str
    peak: int = 255


_UCI = "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0"
_OURS = "Generated"

# For each digit, the number in the set of a sample that is near the mean of its class and reads
# clearly at 8 × 8.
_DIGIT_SAMPLES = (1039, 466, 310, 859, 377, 1075, 65, 983, 424, 1792)

PICTURES: tuple[Picture, ...] = (
    Picture("flower", "Flower", Kind.PHOTOGRAPH, "vultilion, CC BY 2.0"),
    Picture("pagoda", "Pagoda", Kind.PHOTOGRAPH, "danielbuechele, CC BY 2.0"),
    Picture("cat", "Cat", Kind.PHOTOGRAPH, "Stefan van der Walt, CC0"),
    Picture("cup", "Coffee cup", Kind.PHOTOGRAPH, "Rachel Michetti, CC0"),
    Picture("photographer", "Photographer", Kind.PHOTOGRAPH, "Lav Varshney, CC0"),
    Picture("retina", "Retina of an eye", Kind.PHOTOGRAPH, "Mikael Häggström, CC0"),
    Picture("bricks", "Bricks", Kind.TEXTURE, "CC0 Textures, CC0"),
    Picture("gravel", "Gravel", Kind.TEXTURE, "CC0 Textures, CC0"),
    *(Picture(f"digit_{n}", f"Digit {n}", Kind.DIGIT, _UCI) for n in range(10)),
    Picture("pattern", "Test pattern", Kind.PATTERN, _OURS),
    Picture("impulse", "Impulse", Kind.PATTERN, _OURS, peak=1),
    Picture("blank", "Blank, to draw on", Kind.PATTERN, _OURS),
)
"""Every bundled picture, in the order of the list that a learner chooses from."""

_BY_ID = {entry.id: entry for entry in PICTURES}

# White, yellow, cyan, green, magenta, red, blue, black: their luma falls from left to right.
_BARS = np.array(
    [
        [255, 255, 255],
        [255, 255, 0],
        [0, 255, 255],
        [0, 255, 0],
        [255, 0, 255],
        [255, 0, 0],
        [0, 0, 255],
        [0, 0, 0],
    ],
    dtype=np.uint8,
)
_DISC, _SKY = (255, 160, 0), (0, 40, 120)


def entry(picture_id: str) -> Picture:
    """Return the catalogue's entry of a picture.

    Raises ``PictureError``, which names the id nearest to ``picture_id``, if there is none.
    """
    if picture_id in _BY_ID:
        return _BY_ID[picture_id]
    nearest = difflib.get_close_matches(picture_id.casefold(), _BY_ID, n=1, cutoff=0.0)[0]
    raise PictureError(f"There is no picture “{shown(picture_id)}”. Did you mean “{nearest}”?")


def picture(picture_id: str, *, size: SupportsIndex, channels: int) -> NDArray[np.float32]:
    """Return a bundled picture, (size, size, channels), in whole numbers from 0 to its peak.

    ``channels`` is 1 for grey or 3 for RGB. Photographs, textures and digits are scaled as
    ``pixels.cells`` tells; digits are white on black. The patterns are drawn for ``size`` itself:

    - ``pattern``: at the top a grey ramp, black to white from left to right, and a disc; below,
      eight colour bars, and a black and white checker.
    - ``impulse``: one 1 in the middle, (size // 2, size // 2), of zeros. What a convolution makes
      of it is its own kernel.
    - ``blank``: zeros.

    Raises ``PictureError`` for an unknown id, and for a ``size`` or ``channels`` that cannot be.
    """
    name = entry(picture_id).id
    side = checked_size(size)
    square = _DRAWN[name](side) if name in _DRAWN else _stored(name)
    return cells(square, size=side, channels=channels)


@cache
def _stored(name: str) -> Pixels:
    """The pixels of a photograph, a texture or a digit, (S, S, 3), shared and read-only."""
    if name.startswith("digit_"):
        counts = digits().images[_DIGIT_SAMPLES[int(name.removeprefix("digit_"))]]
        shades = np.rint(counts * (255 / LARGEST_VALUE)).astype(np.uint8)
        square = np.repeat(shades[..., np.newaxis], 3, axis=2)
    else:
        from PIL import Image  # noqa: PLC0415  (Pillow is not needed to start the app)

        with Image.open(resources.path(f"pictures/{name}.png")) as image:
            square = rgb_array(image)
    square.setflags(write=False)
    return square


def _pattern(side: int) -> Pixels:
    half = side // 2
    far = side - half
    square = np.empty((side, side, 3), dtype=np.uint8)
    square[:half, :half] = np.rint(np.linspace(0, 255, half))[:, np.newaxis]
    square[:half, half:] = _disc(half, far)
    square[half:, :half] = _BARS[np.arange(half) * len(_BARS) // max(half, 1)]
    rows, columns = np.indices((far, far)) // max(far // 8, 1)
    square[half:, half:] = np.where((rows + columns) % 2 == 0, 255, 0)[..., np.newaxis]
    return square


def _disc(height: int, width: int) -> Pixels:
    rows, columns = np.indices((height, width))
    from_middle = np.hypot(rows - (height - 1) / 2, columns - (width - 1) / 2)
    inside = from_middle <= 0.35 * height
    return np.where(inside[..., np.newaxis], _DISC, _SKY).astype(np.uint8)


def _impulse(side: int) -> Pixels:
    square = np.zeros((side, side, 3), dtype=np.uint8)
    square[side // 2, side // 2] = 1
    return square


def _blank(side: int) -> Pixels:
    return np.zeros((side, side, 3), dtype=np.uint8)


_DRAWN = {"pattern": _pattern, "impulse": _impulse, "blank": _blank}
