"""Twins as plain values and named arrays, for a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.engine.training import Diverged
from simulator.formats import serialization
from simulator.formats.argument_types import is_number
from simulator.formats.json_values import Json, frozen
from simulator.formats.program import ProgramSpec
from simulator.lab.errors import LabError
from simulator.lab.goals import Stopped
from simulator.lab.saving import Saved, save
from simulator.lab.timeline import ENDLESS
from simulator.lab.twin_knobs import Knob, Value, knobs
from simulator.lab.twins import Ended, Twins

VERSION = 1
MOST_BYTES = 32 * 2**20
"""Checkpoints of both take at most so much in a file."""
PARTS = ("first", "second")


@dataclass(frozen=True, slots=True, eq=False)
class KeptTwins:
    """Twins that are not on view: which knob they differ by, and how they were left."""

    knob: str
    value: Value
    second: ProgramSpec
    data: Json
    """The recipe of the data, as `Recipe.to_json` has it; None for those of the program itself."""
    saved: Saved

    def found_in(self, program: ProgramSpec, data: Json) -> Knob | None:
        """The knob of a program on such data by which these are its twins; None where they are
        another's.
        """
        if frozen(data) != frozen(self.data):
            return None
        for knob in knobs(program):
            if knob.key == self.knob and (knob.is_number == (not isinstance(self.value, str))):
                try:
                    changed = knob.change(self.value)
                except (ArithmeticError, LookupError, TypeError, ValueError):
                    return None
                return knob if _of_one_length(changed) == _of_one_length(self.second) else None
        return None

    @property
    def head(self) -> int:
        """How far they were trained."""
        return _whole(self.saved.values.get("head"))

    def to_json(self) -> dict[str, Any]:
        """What `kept_from_json` reads; the arrays are kept beside it."""
        return {
            "version": VERSION,
            "knob": self.knob,
            "value": self.value,
            "second": serialization.to_json(self.second),
            "data": self.data,
            "runs": self.saved.values,
        }


def kept_from_json(stored: Mapping[str, Any], arrays: Mapping[str, Any]) -> KeptTwins:
    """The twins of a project; how they were left is looked at when they are put on view.

    Raises LabError for what no `to_json` gave, SpecError for a program that none is.
    """
    version, knob, value = (stored.get(name) for name in ("version", "knob", "value"))
    if version != VERSION:
        raise LabError(
            f"The twins have the version {version!r}, but this program reads {VERSION}: a newer "
            "program may have written them."
        )
    chosen: Value | None = value if isinstance(value, str) else None
    if isinstance(value, int | float) and is_number(value):
        chosen = float(value)
    runs = stored.get("runs")
    if not isinstance(knob, str) or chosen is None or not isinstance(runs, Mapping):
        raise LabError("The twins are damaged: their knob, its value, or their runs are missing.")
    _whole(runs.get("head"))
    second = serialization.from_json(stored.get("second"), "twins.second")
    return KeptTwins(knob, chosen, second, stored.get("data"), Saved(dict(runs), dict(arrays)))


def _of_one_length(program: ProgramSpec) -> ProgramSpec:
    """For comparing: how long twins train is the lab's to say at any time."""
    return replace(program, fit=replace(program.fit, epochs=1))


def save_twins(twins: Twins, *, most_bytes: int = MOST_BYTES) -> Saved:
    """Everything about twins: where they stand, why each ended, and both histories."""
    halves = [save(each.timeline, most_bytes=most_bytes // 2) for each in twins]
    return Saved(
        {
            "step": twins.step,
            "head": twins.head,
            "ended": [_ended(each) for each in twins.ended],
            **{part: half.values for part, half in zip(PARTS, halves, strict=True)},
        },
        {
            f"{part}/{name}": array
            for part, half in zip(PARTS, halves, strict=True)
            for name, array in half.arrays.items()
        },
    )


def _ended(ended: Ended) -> dict[str, Any] | None:
    if ended is None:
        return None
    if isinstance(ended, Diverged):
        return {"diverged": True}
    return {
        "epoch": ended.epoch,
        "step": ended.step,
        "text": ended.text,
        "best_step": ended.best_step,
    }


def restore_twins(twins: Twins, saved: Saved) -> None:
    """Make twins, fresh from the same programs and data, those that were saved.

    Raises LabError for values that no `save_twins` gave; then the twins are to be thrown away.
    """
    step, head = (_whole(saved.values.get(name)) for name in ("step", "head"))
    ended = saved.values.get("ended")
    if step > head or not isinstance(ended, list | tuple) or len(ended) != len(PARTS):
        raise LabError("The twins are damaged: where they stand, or why they ended.")
    for experiment, part in zip(twins, PARTS, strict=True):
        values = saved.values.get(part)
        if not isinstance(values, Mapping):
            raise LabError(f"The twins are damaged: the {part} of them is missing.")
        prefix = f"{part}/"
        own = {
            name.removeprefix(prefix): array
            for name, array in saved.arrays.items()
            if name.startswith(prefix)
        }
        experiment.resume(Saved(dict(values), own))
    first, second = (
        _read_end(stored, each.timeline.branch.diverged)
        for stored, each in zip(ended, twins, strict=True)
    )
    twins.stand(step, head, (first, second))


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= ENDLESS:
        raise LabError(f"The twins are damaged: {value!r} is no step.")
    return value


def _read_end(stored: Any, diverged: Diverged | None) -> Ended:
    if stored is None:
        return None
    if not isinstance(stored, Mapping):
        raise LabError("The twins are damaged: why one ended.")
    if stored.get("diverged"):
        if diverged is None:
            raise LabError("The twins are damaged: one that diverged has no such step.")
        return diverged
    best = stored.get("best_step")
    return Stopped(
        _whole(stored.get("epoch")),
        _whole(stored.get("step")),
        str(stored.get("text", "")),
        None if best is None else _whole(best),
    )
