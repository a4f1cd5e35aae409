"""Kernels that are worth a look, at any size.

At 3 × 3 they are the kernels of every image-processing course; the other sizes follow the same
rule. Sobel: a binomial smoothing across a binomial derivative (Danielsson and Seger 1990).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.lessons.controls import Option

Kernel = NDArray[np.float64]


def _binomial(size: int) -> Kernel:
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [1.0, 1.0])
    return row


def _derivative(size: int) -> Kernel:
    if size == 1:
        return np.zeros(1)  # a single cell has no slope
    if size == 2:
        return np.array([-1.0, 1.0])
    return np.convolve(_binomial(size - 2), [-1.0, 0.0, 1.0])


def _centre(size: int) -> Kernel:
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1.0
    return kernel


def _sobel_x(size: int) -> Kernel:
    return np.outer(_binomial(size), _derivative(size))


def _sobel_y(size: int) -> Kernel:
    return np.outer(_derivative(size), _binomial(size))


def _laplacian(size: int) -> Kernel:
    return np.ones((size, size)) - size * size * _centre(size)


def _sharpen(size: int) -> Kernel:
    return _centre(size) - _laplacian(size)


def _blur(size: int) -> Kernel:
    return np.full((size, size), 1.0 / (size * size))


def _emboss(size: int) -> Kernel:
    positions = np.arange(size) - (size - 1) / 2
    return positions[:, None] + positions[None, :] + _centre(size)


_RULES: dict[str, Callable[[int], Kernel]] = {
    "sobel_x": _sobel_x,
    "sobel_y": _sobel_y,
    "laplacian": _laplacian,
    "blur": _blur,
    "sharpen": _sharpen,
    "emboss": _emboss,
    "identity": _centre,
}

KERNEL_OPTIONS = (
    Option("sobel_x", "Sobel x, vertical edges"),
    Option("sobel_y", "Sobel y, horizontal edges"),
    Option("laplacian", "Laplacian, all edges"),
    Option("blur", "Blur, the mean"),
    Option("sharpen", "Sharpen"),
    Option("emboss", "Emboss"),
    Option("identity", "Identity"),
    Option("random", "Random"),
)


def kernel(preset: str, size: int, rng: np.random.Generator) -> Kernel:
    """Return a kernel (size, size) of weights; ``rng`` is drawn from only for "random"."""
    if preset == "random":
        return np.round(rng.normal(0.0, 0.5, (size, size)), 2)
    return _RULES[preset](size)


def filters(
    presets: tuple[str, ...], *, size: int, channels: int, seed: int
) -> NDArray[np.float32]:
    """Return filters (size, size, channels, len(presets)).

    Each channel of a filter has the same weights, but for random ones, which are all drawn anew.
    """
    planes = [
        [
            kernel(preset, size, np.random.default_rng((seed, filter_index, channel)))
            for channel in range(channels)
        ]
        for filter_index, preset in enumerate(presets)
    ]
    return np.ascontiguousarray(np.array(planes).transpose(2, 3, 1, 0), dtype=np.float32)
