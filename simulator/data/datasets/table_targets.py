"""What is to be told of each line of a table: classes or numbers, from one column or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.data.datasets.csv_table import Table, refuse_huge, refuse_stray
from simulator.data.datasets.dataset import Column, FurtherTarget, Labels, Values
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import called

MOST_CLASSES = 1_000
_FEW = 20
"""A target with so many different whole numbers is taken for classes."""
_LONGEST = 200


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The targets of all lines: classes (N,), or D numbers (N, D), and further ones beside them."""

    y: Values
    labels: Labels | None
    classes: tuple[str, ...] | None  # None: numbers
    columns: tuple[Column, ...]
    further: tuple[FurtherTarget, ...] = ()

    @property
    def holds_numbers(self) -> bool:
        """Whether any of the targets are numbers."""
        return self.classes is None or any(each.classes is None for each in self.further)


def read(table: Table, places: Sequence[int], kind: str) -> Targets:
    """Return the targets in some columns. ``kind`` is "classes", "numbers" or "auto".

    Several columns of numbers are one target of as many numbers. With a single 1 among zeros in
    each line they are a class instead, unless they are to be numbers. Where a column holds texts,
    or all are to be classes, each column is a target of its own, for an output of its own.
    Raises DataError where a column holds something else than ``kind`` says.
    """
    if len(places) == 1:
        return _one(table, places[0], kind)
    numeric = all(_is_numeric(table, place) for place in places)
    if kind == "numbers" or (numeric and kind == "auto"):
        parts = [_numbers(table, place) for place in places]
        rows = np.concatenate([part.y for part in parts], axis=1)
        if kind == "auto" and _is_one_hot(rows):
            return _from_rows(table, places, rows)
        return Targets(rows, None, None, tuple(part.columns[0] for part in parts))
    if numeric:
        rows = np.array([[table.number(row[place]) for place in places] for row in table.rows])
        if _is_one_hot(rows):
            return _from_rows(table, places, rows)
    first, *others = (_one(table, place, kind) for place in places)
    return Targets(
        first.y,
        first.labels,
        first.classes,
        (*first.columns, *(each.columns[0] for each in others)),
        tuple(FurtherTarget(each.columns[0].name, each.y, each.classes) for each in others),
    )


def _is_numeric(table: Table, place: int) -> bool:
    values = [table.number(row[place]) for row in table.rows]
    if any(value is None for value in values):
        refuse_stray(table, place, values, setting="target")
        return False
    return True


def _is_one_hot(rows: Values) -> bool:
    return bool(((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all())


def _from_rows(table: Table, places: Sequence[int], rows: Values) -> Targets:
    """A class for each column, which is that with the 1."""
    labels = rows.argmax(axis=1).astype(np.int64)
    names = tuple(table.names[place] for place in places)
    told = "1 for its samples"
    columns = tuple(Column(name, "class", "target", told) for name in names)
    return Targets(labels, labels, names, columns)


def _one(table: Table, place: int, kind: str) -> Targets:
    """One column: by itself, texts and a few whole numbers are classes."""
    values = [table.number(row[place]) for row in table.rows]
    stray = next((row for row, value in enumerate(values) if value is None), None)
    known = [value for value in values if value is not None]
    whole = stray is None and all(value == int(value) for value in known)
    if kind == "numbers" or (
        kind == "auto" and stray is None and not (whole and len(set(known)) <= _FEW)
    ):
        return _numbers(table, place)
    if kind == "auto" and stray is not None:
        refuse_stray(table, place, values, setting="left_out")
    return _classes(table, place, known if stray is None else None)


def _numbers(table: Table, place: int) -> Targets:
    name = table.names[place]
    cells = [row[place] for row in table.rows]
    values = [table.number(cell) for cell in cells]
    stray = next((row for row, value in enumerate(values) if value is None), None)
    if stray is not None:
        raise DataError(
            f"{table.place(stray, place)} is “{shown(cells[stray])}”, which is no number: mend it, "
            "or let the target be classes.",
            setting="task",
        )
    numbers = np.array([value for value in values if value is not None])
    refuse_huge(table, place, numbers, setting="left_out")
    told = f"from {numbers.min():g} to {numbers.max():g} in the file"
    column = Column(name, "number", "target", told)
    return Targets(numbers[:, np.newaxis].astype(np.float32), None, None, (column,))


def _classes(table: Table, place: int, known: list[float] | None) -> Targets:
    """A class for each different number of ``known``, or without those for each text."""
    name = table.names[place]
    cells = [row[place] for row in table.rows]
    if known is not None:  # 10 comes after 9, and 1.0 is 1
        ordered = sorted(set(known))
        classes = tuple(str(int(v)) if v == int(v) else repr(v) for v in ordered)
        lookup = {value: number for number, value in enumerate(ordered)}
        labels = np.array([lookup[value] for value in known], np.int64)
    else:
        classes = tuple(sorted(set(cells)))
        texts = {text: number for number, text in enumerate(classes)}
        labels = np.array([texts[cell] for cell in cells], np.int64)
        classes = tuple(shown(each) for each in classes)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(
            f"{called(table.path)}: the target “{name}” has "
            f"{'one class only' if len(classes) == 1 else f'{len(classes):,} classes'}, and there "
            f"must be 2 to {MOST_CLASSES:,}: choose another column.",
            setting="target",
        )
    told = ", ".join(classes)
    column = Column(name, "class", "target", told if len(told) <= _LONGEST else shown(told))
    return Targets(labels, labels, classes, (column,))
