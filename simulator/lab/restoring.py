"""A timeline from the plain values and arrays that a file holds; nothing of them is trusted."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine.training import Diverged
from simulator.formats.json_values import SpecError, Stored, frozen, shown
from simulator.lab import commands
from simulator.lab.branches import Branch, Branches, Pace
from simulator.lab.commands import Recorded
from simulator.lab.errors import HistoryError, LabError
from simulator.lab.restoring_checkpoints import CheckpointReader
from simulator.lab.restoring_values import Reader, real, whole
from simulator.lab.saving import MEMBER, VERSION, Saved
from simulator.lab.series import Series
from simulator.lab.timeline import ENDLESS, Timeline


def restore(timeline: Timeline, saved: Saved, *, member: str = MEMBER, place: str = "") -> None:
    """Make a timeline, fresh from the same program and data, the one that was saved.

    Raises HistoryError for values that no `save` gave; the message names the member of the project
    file, the place in it (below `place`) and what was expected, and the timeline is to be thrown
    away.
    """
    read = CheckpointReader(timeline, saved.arrays)
    try:
        stored = Stored(frozen(saved.values, place), place, known=True)
        version = stored.get("version")
        if version != VERSION:
            raise HistoryError(
                f"The history has the version {shown(version)}, but this program reads {VERSION}: "
                "a newer program may have written it."
            )
        branches = BranchReader(timeline, saved.arrays).branches(stored)
        kept = read.checkpoints(stored, branches)
        present = read.inner(stored, "present")
        branch = read.branch(present, branches)
        step = whole(present, "step", branch.head)
        if not any(each.place == (0, 0, 0) for each in kept):
            raise SpecError(
                f"{stored.at('checkpoints')} has none of branch 0 at step 0, where all begins."
            )
    except SpecError as error:
        raise HistoryError(f"The history is damaged at {member}: {error}") from error
    timeline.take_over(branches, kept, branch, step)


class BranchReader(Reader):
    """Reads what `saving` wrote of branches."""

    def branches(self, stored: Stored) -> Branches:
        """All of them; each comes after the one that it came from."""
        read: dict[int, Branch] = {}
        for each in self.listed(stored, "branches"):
            branch = self._branch(each, read)
            if branch.number in read:
                raise each.error("number", branch.number, "a number that no other branch has")
            if (branch.parent is None) != (branch.number == 0):
                raise each.error(
                    "parent", each.get("parent"), "null for branch 0, and for no other"
                )
            read[branch.number] = branch
            self._check_commands(each, branch)
        if 0 not in read:
            raise SpecError(f"{stored.at('branches')} has no branch 0, where all begins.")
        return Branches(read)

    def _branch(self, stored: Stored, known: Mapping[int, Branch]) -> Branch:
        number = stored.get("parent")
        if number is not None and (
            not isinstance(number, int) or isinstance(number, bool) or number not in known
        ):
            raise stored.error("parent", number, "the number of a branch before it")
        parent = None if number is None else known[number]
        start = whole(stored, "start", 0 if parent is None else parent.head)
        head = whole(stored, "head", least=start)
        inherited = 0 if parent is None else parent.command_count()
        return Branch(
            stored.whole("number", None),
            stored.text("name"),
            stored.whole("colour", None),
            parent,
            start,
            whole(stored, "parent_commands", inherited),
            stored.truth("named", False),
            head,
            self._commands(stored),
            self._series(stored, head),
            self._paces(stored, start),
            self._diverged(stored),
        )

    def _commands(self, stored: Stored) -> list[Recorded]:
        found = []
        for each, inner in zip(
            stored.listed("commands"), self.listed(stored, "commands"), strict=True
        ):
            values = {name: value for name, value in each.items() if name != "step"}
            try:
                found.append(Recorded(whole(inner, "step"), commands.from_json(values)))
            except LabError as error:
                raise SpecError(f"{inner.place} is no command. {error}") from error
        return found

    def _check_commands(self, stored: Stored, branch: Branch) -> None:
        """Let all of its way be carried out once: what can't be would only fail in a replay."""
        last = 0
        for number, each in enumerate(branch.all_commands(), -branch.parent_commands):
            place = f"commands[{number}]" if number >= 0 else "parent_commands"
            if number >= 0 and not max(last, branch.start) <= each.step <= branch.head:
                least = max(last, branch.start)
                raise SpecError(
                    f"{stored.at(place)}.step is {each.step}, but must lie between {least} and "
                    f"{branch.head}."
                )
            if each.step > branch.start and number < 0:
                raise SpecError(f"{stored.at(place)} counts commands of batches after its start.")
            last = each.step
            try:
                each.command.carry_out(self.timeline.controls)
            except LabError as error:
                raise SpecError(f"{stored.at(place)} can't be carried out. {error}") from error
        self.timeline.controls.put_back(self.first.controls)

    def _series(self, stored: Stored, head: int) -> dict[str, Series]:
        inner = self.inner(stored, "series")
        found = {}
        for name in stored.mapping("series"):
            arrays = self.arrays_of(inner, name)
            try:
                found[name] = Series.restored(arrays, head=head)
            except ValueError as error:
                raise SpecError(f"{inner.at(name)} is no curve: {error}") from error
        return found

    def _paces(self, stored: Stored, start: int) -> list[Pace]:
        found: list[Pace] = []
        for number, each in enumerate(stored.listed("paces")):
            key = f"paces[{number}]"
            if not isinstance(each, tuple) or len(each) != 3:
                raise stored.error(key, each, "a step, an epoch and a part of an epoch")
            step, epoch, per_step = (real(stored, f"{key}[{n}]", each[n]) for n in range(3))
            least = found[-1].step if found else start
            if not (step == int(step) and least <= step <= ENDLESS):
                raise stored.error(f"{key}[0]", each[0], f"a whole number from {least} on")
            if not 0 <= epoch <= ENDLESS:
                raise stored.error(f"{key}[1]", each[1], "a number from 0 on")
            if not 0 < per_step <= 1:
                raise stored.error(f"{key}[2]", each[2], "a number above 0, and 1 at most")
            found.append(Pace(int(step), epoch, per_step))
        return found

    def _diverged(self, stored: Stored) -> Diverged | None:
        if stored.get("diverged") is None:
            return None
        broken = self.inner(stored, "diverged")
        epoch, step, batch = (whole(broken, key) for key in ("epoch", "step", "batch"))
        layer, what, message = (broken.text(key) for key in ("layer", "what", "message"))
        return Diverged(epoch, step, batch, layer, what, message)
