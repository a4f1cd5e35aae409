"""A project: a network with its data, its weights, its history, and what was on view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from simulator.formats import tensors
from simulator.formats.json_values import Json, SpecError, frozen
from simulator.formats.program import ProgramSpec

Arrays = Mapping[str, npt.NDArray[Any]]


class ProjectError(ValueError):
    """A project file that cannot be read or written: one line with its name, the place, and what
    to do. `place` is the part of the file, as "project.json: program.network.layers[2]".
    """

    def __init__(self, message: str, *, path: str = "", place: str = "") -> None:
        super().__init__(" ".join(message.split()))
        self.path = path
        self.place = place


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """What a project file holds.

    `source` is the program as the learner typed it, or "". `recipe` makes the data set again
    (`simulator.data.datasets.Recipe.to_json`), and is None while none is chosen. `weights` are the
    model's, as "layer/kernel". `history` and `history_arrays` are the lab's (branches, commands,
    curves, checkpoints), `twins` and `twins_arrays` those of two runs side by side, and `view` what
    was on view; all are the business of who wrote them.
    """

    program: ProgramSpec
    source: str = ""
    recipe: Mapping[str, Json] | None = None
    weights: Arrays = field(default_factory=dict)
    history: Mapping[str, Json] | None = None
    history_arrays: Arrays = field(default_factory=dict)
    view: Mapping[str, Json] = field(default_factory=dict)
    twins: Mapping[str, Json] | None = None
    twins_arrays: Arrays = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ProjectError for values that JSON cannot hold and arrays of unknown types."""
        try:
            for name in ("recipe", "history", "view", "twins"):
                value = getattr(self, name)
                object.__setattr__(self, name, None if value is None else frozen(value, name))
        except SpecError as error:
            raise ProjectError(f"The project cannot be kept: {error}", place=error.place) from error
        for name in ("weights", "history_arrays", "twins_arrays"):
            arrays: Arrays = getattr(self, name)
            for key, array in arrays.items():
                if array.dtype not in tensors.DTYPES:
                    raise ProjectError(
                        f"The project cannot be kept: {name}[{key!r}] is of the type "
                        f"{array.dtype}.",
                        place=f"{name}.{key}",
                    )
