"""The columns of a table before it is used: what stands in each, and what it is used for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from simulator.data.datasets import csv_table
from simulator.data.datasets.csv_table import Table, column_of, is_missing
from simulator.data.datasets.entry import Part, Role
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import found
from simulator.data.datasets.settings import Settings

EXAMPLES = 4
"""So many cells of each column are shown."""
_FEW = 5
_LONGEST = 4_000


def listed(settings: Settings) -> tuple[Part, ...]:
    """Return every column in the order of the file. Raises DataError if it is no table."""
    path = found(settings["path"])
    table = csv_table.read(path, delimiter=settings["delimiter"], header=settings["header"])
    targets = [len(table.names) - 1]
    with suppress(DataError):
        targets = targets_of(table, settings["target"])
    left_out = set()
    for name in settings["left_out"].split(";"):
        with suppress(DataError):
            left_out.add(column_of(table, name, setting="left_out"))
    roles: list[Role] = [
        "target"
        if place == targets[0]
        else "further target"
        if place in targets
        else "left out"
        if place in left_out
        else "input"
        for place in range(len(table.names))
    ]
    return tuple(
        Part(name, _told(table, place), role, _examples(table, place))
        for place, (name, role) in enumerate(zip(table.names, roles, strict=True))
    )


def assigned(settings: Settings, parts: Sequence[Part], name: str, role: Role) -> Settings:
    """Return the settings with which a column has another role; a new target replaces the old one,
    a further one stands beside it.

    Raises:
        DataError: no target or no column to learn from would be left.
    """
    roles = {part.name: part.role for part in parts}
    if role == "target":
        roles = {each: "input" if old == "target" else old for each, old in roles.items()}
    roles[name] = role
    targets = [each for each in roles if roles[each] == "target"]
    targets += [each for each in roles if roles[each] == "further target"]
    if not targets or (targets == [name] and role != "target"):
        raise DataError(
            f"“{name}” is the target: make another column the target first.", setting="target"
        )
    if "input" not in roles.values():
        raise DataError(
            "No column would be left to learn from: use another one first.", setting="left_out"
        )
    names = [part.name for part in parts]
    gone = [each for each in names if roles[each] == "left out"]
    joined = "; ".join(_reference(each, names) for each in gone)
    if len(joined) > _LONGEST:
        joined = ";".join(str(names.index(each) + 1) for each in gone)
    told = "; ".join(_reference(each, names) for each in targets)
    if len(told) > _LONGEST:
        told = ";".join(str(names.index(each) + 1) for each in targets)
    return {**settings, "target": told, "left_out": joined}


def targets_of(table: Table, wanted: str) -> list[int]:
    """Return the places of the columns that are named, with ; between them; the last one if none
    is. Raises DataError if there is no such column.
    """
    if not wanted.strip():
        return [len(table.names) - 1]
    if wanted.strip() in table.names:  # also a name with a ; in it
        return [table.names.index(wanted.strip())]
    names = [name for name in wanted.split(";") if name.strip()]
    return list(dict.fromkeys(column_of(table, name, setting="target") for name in names))


def _reference(name: str, names: Sequence[str]) -> str:
    """A column's name, or its number where the name would not be read back."""
    return str(names.index(name) + 1) if ";" in name else name


def _examples(table: Table, place: int) -> tuple[str, ...]:
    return tuple(shown(row[place]) or "–" for row in table.rows[:EXAMPLES])


def _told(table: Table, place: int) -> str:
    cells = [row[place] for row in table.rows]
    known = [cell for cell in cells if not is_missing(cell)]
    missing = len(cells) - len(known)
    gaps = f", {missing:,} missing" if missing else ""
    if not known:
        return "empty"
    numbers = [table.number(cell) for cell in known]
    values = [value for value in numbers if value is not None]
    if len(values) == len(known):
        return f"{min(values):g} to {max(values):g}{gaps}"
    texts = sorted(set(known))
    if len(texts) > _FEW:
        return f"{len(texts):,} different texts{gaps}"
    return f"{', '.join(map(shown, texts))}{gaps}"
