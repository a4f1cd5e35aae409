"""Seeds for whatever was given none."""

from __future__ import annotations

import random

import numpy as np

from simulator.engine import arguments

_source: list[np.random.SeedSequence] = [np.random.SeedSequence()]


def fresh_seed() -> int:
    """A seed that nobody has foreseen, unless `set_random_seed` was called."""
    return int(_source[0].spawn(1)[0].generate_state(1)[0])


def set_random_seed(seed: int) -> None:
    """Let all seeds that are drawn from now on follow from this one.

    As in Keras, Python's own random numbers and NumPy's start from it too, for the data that
    programs make with them. Raises ValueError for anything but a whole number of 0 or more.
    """
    checked = arguments.count(seed, owner="set_random_seed", argument="seed", minimum=0)
    _source[0] = np.random.SeedSequence(checked)
    random.seed(checked)
    np.random.seed(checked)  # noqa: NPY002 - what programs draw their data from
