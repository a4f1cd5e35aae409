"""Values become colours: maps interpolated in OKLab, symmetric about zero.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.gui.theme import Theme
from simulator.lessons.frame import Scale, ScaleKind

Array = NDArray[Any]

ENTRIES = 511
"""An odd number, so that zero has an entry of its own."""

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(srgb: Array) -> Array:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _srgb(linear: Array) -> Array:
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _rgb(colour: str) -> Array:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255.0


def _argb(rgb: Array) -> NDArray[np.uint32]:
    """Return opaque pixels 0xAARRGGBB of colours (.., 3) from 0 to 255."""
    red, green, blue = (rgb[..., at].astype(np.uint32) for at in range(3))
    opaque = np.uint32(0xFF000000)
    return np.asarray(opaque | red << 16 | green << 8 | blue, dtype=np.uint32)


def interpolate(stops: tuple[str, ...], entries: int) -> NDArray[np.uint32]:
    """Return ``entries`` pixels 0xAARRGGBB evenly from the first stop to the last, in OKLab."""
    lab = np.cbrt(_linear(np.array([_rgb(stop) for stop in stops])) @ _TO_CONE.T) @ _TO_LAB.T
    at = np.linspace(0, len(stops) - 1, entries)
    mixed = np.stack(
        [np.interp(at, np.arange(len(stops)), lab[:, axis]) for axis in range(3)], axis=-1
    )
    cones = (mixed @ np.linalg.inv(_TO_LAB).T) ** 3
    return _argb(np.round(_srgb(cones @ np.linalg.inv(_TO_CONE).T) * 255))


@lru_cache(maxsize=8)
def colour_table(theme: Theme, kind: ScaleKind) -> NDArray[np.uint32]:
    """Return the pixels of a scale from its low end to its limit."""
    if kind is ScaleKind.SIGNED:
        return interpolate(theme.map_signed, ENTRIES)
    if kind is ScaleKind.FROM_ZERO:
        return interpolate(theme.map_nonnegative, ENTRIES)
    grey = np.round(np.linspace(0, 255, ENTRIES))
    return _argb(np.stack([grey] * 3, axis=-1))


def pixels(theme: Theme, scale: Scale, values: Array) -> NDArray[np.uint32]:
    """Return the pixels 0xAARRGGBB (rows, columns) of values; of (rows, columns, 3) a picture.

    Values beyond the limit take the colour of the limit; NaN is transparent.
    """
    limit = np.float32(scale.limit)
    if values.ndim == 3:
        return _argb(np.round(np.clip(values / limit, 0, 1) * 255))
    low = -limit if scale.kind is ScaleKind.SIGNED else np.float32(0)
    at = (values.astype(np.float32) - low) * np.float32((ENTRIES - 1) / (limit - low))
    missing = np.isnan(at)
    # These two leave NaN out of account, and take a tenth of the time of clip and nan_to_num.
    entries = np.fmax(np.fmin(at, ENTRIES - 1), 0).astype(np.int32)
    made = colour_table(theme, scale.kind)[entries]
    if missing.any():
        made = np.where(missing, np.uint32(0), made)
    return made
