"""One line of the catalogue: what can be set, what it will take, and what makes the samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simulator.data.datasets.dataset import Samples, Task
from simulator.data.datasets.settings import Setting, Settings

Group: TypeAlias = Literal["Points", "Pictures", "Sequences", "Text", "Your own"]
Maker: TypeAlias = Callable[[Settings, np.random.Generator], Samples]

Role: TypeAlias = Literal["input", "target", "further target", "left out"]
"""A further target stands beside the first one; only parts of a table have such a role."""


@dataclass(frozen=True, slots=True)
class Part:
    """A column or an array in a file of the learner's: what is in it, and what it is used for."""

    name: str
    told: str
    role: Role
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """How the parts of a file are listed, and what can be done with them.

    ``listed`` reads the file, whatever else of the settings is wrong, or raises DataError.
    ``assigned`` gives the settings with which a part has another role, or raises DataError.
    """

    listed: Callable[[Settings], tuple[Part, ...]]
    assigned: Callable[[Settings, Sequence[Part], str, Role], Settings]


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A family of data sets.

    ``settings`` are all that can be set but the seed. ``task`` is what is learned with the
    defaults. ``nbytes`` foretells from checked settings what the arrays will take, or 0 where only
    the maker can know; ``make`` is called with checked settings and never above the limit.
    ``parts`` are those of a file of the learner's whose use can be chosen.
    """

    id: str
    title: str
    group: Group
    summary: str
    task: Task
    settings: tuple[Setting, ...]
    nbytes: Callable[[Settings], int]
    make: Maker
    parts: Parts | None = None
