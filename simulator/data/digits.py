"""The handwritten digits of the UCI repository: 1797 pictures of 8 × 8 cells."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator import resources

LARGEST_VALUE = 16
"""A cell counts the inked points of a 4 × 4 block, so it holds 0 to 16."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures and the digit that each one shows, in the order of the published test set."""

    images: NDArray[np.uint8]  # (1797, 8, 8), 0 (paper) to 16 (ink)
    labels: NDArray[np.uint8]  # (1797,), 0 to 9


@cache
def digits() -> Digits:
    """Return the whole set; its arrays are shared and cannot be written to.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998. The licence stands in ``resources/LICENSES.md``.
    """
    with np.load(resources.path("pictures/digits.npz"), allow_pickle=False) as stored:
        images, labels = stored["images"], stored["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return Digits(images=images, labels=labels)
