"""Twins as plain values and named arrays, for a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.engine.training import Diverged
from simulator.formats import serialization
from simulator.formats.json_values import Json, SpecError, Stored, frozen, shown
from simulator.formats.program import ProgramSpec
from simulator.lab.errors import LabError
from simulator.lab.goals import Stopped
from simulator.lab.restoring_values import whole
from simulator.lab.saving import Saved, save
from simulator.lab.timeline import ENDLESS
from simulator.lab.twin_knobs import Knob, Value, knobs
from simulator.lab.twins import Ended, Twins

VERSION = 1
MEMBER = "twins.json"
"""The part of a project file that holds the values."""
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
        return int(self.saved.values["head"])

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

    Raises LabError for what no `to_json` gave; the message names the place in the file.
    """
    try:
        read = Stored(stored, "")
        version = read.get("version")
        if version != VERSION:
            raise LabError(
                f"The twins have the version {shown(version)}, but this program reads {VERSION}: a "
                "newer program may have written them."
            )
        value = read.get("value")
        if not isinstance(value, str):
            value = read.real("value", None)
        runs = read.mapping("runs")
        whole(Stored(runs, "runs"), "head", ENDLESS)
        second = serialization.from_json(read.get("second"), "second")
        knob, data = read.text("knob"), read.get("data")
    except SpecError as error:
        raise _damaged(error) from error
    return KeptTwins(knob, value, second, data, Saved(runs, dict(arrays)))


def _damaged(error: SpecError) -> LabError:
    return LabError(f"The twins are damaged at {MEMBER}: {error}")


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
    read = Stored(saved.values, "runs")
    try:
        head = whole(read, "head", ENDLESS)
        step = whole(read, "step", head)
        ended = read.listed("ended")
        if len(ended) != len(PARTS):
            raise read.error("ended", ended, f"a list of {len(PARTS)}")
        for part in PARTS:
            if not isinstance(read.get(part), dict):
                raise read.error(part, read.get(part), "an object")
    except SpecError as error:
        raise _damaged(error) from error
    for experiment, part in zip(twins, PARTS, strict=True):
        prefix = f"{part}/"
        own = {
            name.removeprefix(prefix): array
            for name, array in saved.arrays.items()
            if name.startswith(prefix)
        }
        values = dict(saved.values[part])
        experiment.resume(Saved(values, own), member=MEMBER, place=read.at(part))
    try:
        first, second = (
            _read_end(read, number, each.timeline.branch.diverged)
            for number, each in enumerate(twins)
        )
    except SpecError as error:
        raise _damaged(error) from error
    twins.stand(step, head, (first, second))


def _read_end(read: Stored, number: int, diverged: Diverged | None) -> Ended:
    key = f"ended[{number}]"
    stored = read.listed("ended")[number]
    if stored is None:
        return None
    if not isinstance(stored, dict):
        raise read.error(key, stored, "an object, or null")
    inner = Stored(stored, read.at(key))
    if inner.truth("diverged", False):
        if diverged is None:
            raise inner.error("diverged", True, "false: that twin did not diverge")
        return diverged
    best = None if inner.get("best_step") is None else whole(inner, "best_step", ENDLESS)
    epoch, step = (whole(inner, name, ENDLESS) for name in ("epoch", "step"))
    return Stopped(epoch, step, inner.text("text", ""), best)
