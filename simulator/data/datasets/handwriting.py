"""The handwritten digits of the UCI repository, as they are or enlarged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import Samples
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.picture_samples import FINISHING, finished, picture_bytes
from simulator.data.datasets.settings import TRAIN_SHARE, Choice, Settings, samples
from simulator.data.digits import LARGEST_VALUE, digits

TOTAL = 1797
SIZE = Choice(
    name="size",
    label="Size",
    help="As they were published, or enlarged by interpolation to the size of MNIST.",
    options=(("8", "8 × 8"), ("28", "28 × 28")),
    default="8",
)


def enlarged(pictures: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """Return pictures (N, S, S) interpolated to (N, side, side), within 0 to 1.

    Keys' cubic convolution with a = −1/2 (Keys 1981, equation 15), rows and columns apart; beyond
    the border the outermost cell goes on.
    """
    old = pictures.shape[1]
    places = (np.arange(side) + 0.5) * old / side - 0.5
    first = np.floor(places).astype(int) - 1
    weights = np.zeros((side, old))
    for step in range(4):
        t = np.abs(places - (first + step))
        near = 1.5 * t**3 - 2.5 * t**2 + 1
        far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
        np.add.at(
            weights,
            (np.arange(side), np.clip(first + step, 0, old - 1)),
            np.where(t <= 1, near, far),
        )
    spread = weights.astype(np.float32)
    made: npt.NDArray[np.float32] = np.clip(spread @ pictures @ spread.T, 0, 1)
    return made


def _make(settings: Settings, generator: np.random.Generator) -> Samples:
    chosen = np.sort(generator.permutation(TOTAL)[: settings["samples"]])
    stored = digits()
    pictures = stored.images[chosen].astype(np.float32) / np.float32(LARGEST_VALUE)
    if settings["size"] == "28":
        pictures = enlarged(pictures, 28)
    labels = stored.labels[chosen].astype(np.int64)
    names = tuple("0123456789")
    return finished(pictures[..., np.newaxis], labels, names, settings, generator)


def _nbytes(settings: Settings) -> int:
    side = int(settings["size"])
    return picture_bytes(settings["samples"], (side, side), settings)


ENTRIES = (
    DatasetEntry(
        "digits",
        "Handwritten digits",
        "Pictures",
        "1,797 real ones, by 43 people",
        "classification",
        (samples(TOTAL, maximum=TOTAL), SIZE, *FINISHING, TRAIN_SHARE),
        _nbytes,
        _make,
    ),
)
