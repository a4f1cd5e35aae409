"""What every picture goes through on its way to an array: grey, and another size."""

import operator
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Pixels: TypeAlias = NDArray[np.uint8]
"""Red, green and blue, 0 to 255, (H, W, 3)."""

LARGEST_SIDE = 1024
"""No picture is kept, or asked for, with more cells than this on a side."""


class PictureError(ValueError):
    """A picture that cannot be had; its text is one line for the learner."""


def grey(pixels: Pixels) -> Pixels:
    """Return the luma (H, W) of ``pixels`` (H, W, 3): 0.299 R + 0.587 G + 0.114 B, rounded.

    The weights are those of ITU-R BT.601. They are applied to the gamma-encoded values as they
    stand, in whole numbers, and a half rounds up: the same picture gives the same numbers on
    every machine, and a picture that is grey already keeps its values.
    """
    weighted = pixels.astype(np.uint32) @ np.array([299, 587, 114], dtype=np.uint32)
    return ((weighted + 500) // 1000).astype(np.uint8)


def checked_size(size: SupportsIndex) -> int:
    """Return ``size``; raise ``PictureError`` if no picture can have that many cells on a side."""
    side = operator.index(size)
    if not 1 <= side <= LARGEST_SIDE:
        raise PictureError(
            f"A picture {side} cells wide cannot be made. Choose a size from 1 to {LARGEST_SIDE}."
        )
    return side


def cells(square: Pixels, *, size: SupportsIndex, channels: int) -> NDArray[np.float32]:
    """Return ``square`` (S, S, 3) as the array that a lesson works on, (size, size, channels).

    The values are whole numbers from 0 to 255. The picture is scaled first and turned grey
    afterwards, so that the grey picture is the luma of the colour one that has the same size.

    A smaller size is made with Lanczos' filter, which takes every pixel into account. A whole
    multiple repeats each pixel, so that no value appears that the picture does not have. Any other
    larger size is interpolated linearly.

    Raises ``PictureError`` if ``size`` is not 1 to 1024 or ``channels`` is neither 1 nor 3.
    """
    side = checked_size(size)
    if channels not in {1, 3}:
        raise PictureError(f"A picture has 1 channel (grey) or 3 (RGB), not {channels}.")
    scaled = resized(square, side)
    values = grey(scaled)[..., np.newaxis] if channels == 1 else scaled
    return values.astype(np.float32)


def resized(square: Pixels, side: int) -> Pixels:
    """Return ``square`` (S, S, 3) with ``side`` pixels on a side; see ``cells`` for how."""
    old = square.shape[0]
    if side == old:
        return square
    if side % old == 0:
        return square.repeat(side // old, axis=0).repeat(side // old, axis=1)
    from PIL import Image  # noqa: PLC0415  (Pillow is not needed to start the app)

    method = Image.Resampling.LANCZOS if side < old else Image.Resampling.BILINEAR
    return rgb_array(Image.fromarray(square).resize((side, side), method))


def rgb_array(image: "Image.Image") -> Pixels:
    """Return the pixels of a Pillow picture of any mode, (H, W, 3)."""
    return np.array(image.convert("RGB"), dtype=np.uint8)


def shown(name: str) -> str:
    """Make a name fit for a message: one line, not too long, every character printable."""
    line = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in name)
    return line if len(line) <= 80 else f"{line[:50]}…{line[-29:]}"
