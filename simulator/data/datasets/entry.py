"""One line of the catalogue: what can be set, what it will take, and what makes the samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simulator.data.datasets.dataset import Samples, Task
from simulator.data.datasets.settings import Setting, Settings

Group: TypeAlias = Literal["Points", "Pictures", "Sequences", "Text", "Your own"]
Maker: TypeAlias = Callable[[Settings, np.random.Generator], Samples]


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A family of data sets.

    ``settings`` are all that can be set but the seed. ``task`` is what is learned with the
    defaults. ``nbytes`` foretells from checked settings what the arrays will take, or 0 where only
    the maker can know; ``make`` is called with checked settings and never above the limit.
    """

    id: str
    title: str
    group: Group
    summary: str
    task: Task
    settings: tuple[Setting, ...]
    nbytes: Callable[[Settings], int]
    make: Maker
