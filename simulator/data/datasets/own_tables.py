"""A table of the learner's: columns become numbers, and one of them is what is to be told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets import csv_table, table_columns
from simulator.data.datasets.csv_table import DELIMITERS, Table, column_of, is_missing
from simulator.data.datasets.dataset import Column, Rescaling, Samples, refuse_large
from simulator.data.datasets.entry import DatasetEntry, Parts
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import called, found, path_setting
from simulator.data.datasets.settings import TRAIN_SHARE, Choice, Settings, Words

ENDINGS = (".csv", ".tsv", ".txt")
MOST_TEXTS = 50
"""So many different texts may stand in a column that becomes inputs."""
MOST_CLASSES = 1_000
_FEW = 20
"""A target with so many different whole numbers is taken for classes."""

TARGET = Words(
    name="target",
    label="Target column",
    help="Its name or its number; the last one if nothing is given.",
    what="a column",
    longest=200,
)
LEFT_OUT = Words(
    name="left_out",
    label="Columns left out",
    help="Their names or numbers, with ; between them.",
    what="columns",
    longest=4_000,
)
KIND = Choice(
    name="task",
    label="Target is",
    help="By itself: texts and a few whole numbers are classes.",
    options=(("auto", "By itself"), ("classes", "Classes"), ("numbers", "Numbers")),
    default="auto",
)
GAPS = Choice(
    name="gaps",
    label="Missing cells",
    help="A cell that is empty, or holds NA, NaN, null, none, ? or -.",
    options=(("refuse", "Refuse"), ("drop", "Leave lines out"), ("mean", "Column's mean")),
    default="refuse",
)
SCALING = Choice(
    name="scaling",
    label="Scaling",
    help="What is done to each column of numbers, by what the training part shows.",
    options=(
        ("standard", "Mean 0, deviation 1"),
        ("range", "From 0 to 1"),
        ("none", "As they are"),
    ),
    default="standard",
)
TARGET_SCALING = Choice(
    name="target_scaling",
    label="Scaling of targets",
    help="Large numbers are told sooner if they are scaled. Classes are not.",
    options=SCALING.options,
    default="none",
)
DELIMITER = Choice(
    name="delimiter",
    label="Delimiter",
    options=(("auto", "By itself"), *((name, name.capitalize()) for name in DELIMITERS)),
    default="auto",
)
HEADER = Choice(
    name="header",
    label="First line",
    options=(("auto", "By itself"), ("yes", "Names of columns"), ("no", "A sample")),
    default="auto",
)

Numbers = npt.NDArray[np.float64]


def _make(settings: Settings, _: np.random.Generator) -> Samples:
    path = found(settings["path"])
    table = csv_table.read(path, delimiter=settings["delimiter"], header=settings["header"])
    target = _target(table, settings["target"])
    names = [name for name in settings["left_out"].split(";") if name.strip()]
    left_out = {column_of(table, name, setting="left_out") for name in names}
    chosen = [n for n in range(len(table.names)) if n != target and n not in left_out]
    if not chosen:
        raise DataError(
            f"{called(path)} has no column left beside the target “{table.names[target]}”: leave "
            "fewer out.",
            setting="left_out",
        )
    table, notices = _without_gaps(table, [*chosen, target], target, settings["gaps"])
    blocks, columns, scaled = [], [], []
    for place in chosen:
        block, column, is_number = _input(table, place)
        blocks.append(block)
        columns.append(column)
        scaled += [is_number] * block.shape[1]
    width = sum(block.shape[1] for block in blocks)
    refuse_large(4 * width * len(table.rows), f"The table in {called(path)}", "leave columns out.")
    x = np.concatenate(blocks, axis=1).astype(np.float32)
    y, labels, classes, column = _targets(table, target, settings["task"])
    scaling = settings["scaling"]
    told = {
        "standard": "each column of numbers less its mean, divided by its deviation (of the "
        "training part)",
        "range": "each column of numbers from 0 to 1 (by the training part)",
        "none": "none: numbers as they stand in the file",
    }[scaling]
    if classes is None and settings["target_scaling"] != "none":
        told += f"; targets: {TARGET_SCALING.label_of(settings['target_scaling']).lower()}"
    return Samples(
        x=x,
        y=y,
        labels=labels,
        task="regression" if classes is None else "binary" if len(classes) == 2
        else "classification",
        view="table",
        classes=classes,
        columns=(*columns, column),
        scaling=told,
        notices=tuple(notices),
        rescaling=_rescaling(settings, np.flatnonzero(scaled), numbers=classes is None),
    )  # fmt: skip


def _rescaling(
    settings: Settings, columns: npt.NDArray[np.int64], *, numbers: bool
) -> tuple[Rescaling, ...]:
    done: list[Rescaling] = []
    if settings["scaling"] != "none" and len(columns):
        done.append(Rescaling(settings["scaling"], columns))
    if settings["target_scaling"] != "none" and numbers:
        done.append(Rescaling(settings["target_scaling"], inputs=False, targets=True))
    return tuple(done)


def _target(table: Table, wanted: str) -> int:
    if len(table.names) < 2:
        raise DataError(
            f"{called(table.path)} has one column only: a table needs at least one to learn from "
            "and one to be told. Is the delimiter right?",
            setting="delimiter",
        )
    if not wanted.strip():
        return len(table.names) - 1
    return column_of(table, wanted, setting="target")


def _without_gaps(table: Table, used: list[int], target: int, gaps: str) -> tuple[Table, list[str]]:
    """The table without rows that lack a cell of the used columns, and what is to be told."""
    lacking = [
        (row, column)
        for row, cells in enumerate(table.rows)
        for column in used
        if is_missing(cells[column])
    ]
    if not lacking:
        return table, []
    if gaps == "refuse":
        row, column = lacking[0]
        several = f", and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
        raise DataError(
            f"{table.place(row, column)} is empty{several}: fill it in, leave such lines out, or "
            "leave the column out.",
            setting="gaps",
        )
    # A target cannot be made up: lines without one are always left out.
    dropped = {row for row, column in lacking if gaps == "drop" or column == target}
    if len(dropped) == len(table.rows):
        raise DataError(
            f"{called(table.path)}: every line lacks a cell. Leave out the columns that are empty.",
            setting="left_out",
        )
    kept = [row for row in range(len(table.rows)) if row not in dropped]
    notices = []
    if len(dropped) == 1:
        notices.append("1 line lacks a cell and is left out.")
    elif dropped:
        notices.append(f"{len(dropped):,} lines lack a cell and are left out.")
    filled = sum(row not in dropped for row, _ in lacking)
    if filled:
        notices.append(f"Missing cells that hold the mean of their column now: {filled:,}.")
    return Table(
        table.path,
        table.names,
        tuple(table.rows[row] for row in kept),
        tuple(table.lines[row] for row in kept),
        table.delimiter,
        table.comma_decimals,
    ), notices


def _input(table: Table, place: int) -> tuple[Numbers, Column, bool]:
    """A column as inputs: a number, or a 1 among zeros for each of its texts."""
    name = table.names[place]
    cells = [row[place] for row in table.rows]
    values = [None if is_missing(cell) else table.number(cell) for cell in cells]
    texts = {cell for cell, value in zip(cells, values, strict=True) if value is None}
    if all(is_missing(text) for text in texts):
        known = [value for value in values if value is not None]
        if not known:
            raise DataError(
                f"{called(table.path)}: the column “{name}” is empty. Leave it out.",
                setting="left_out",
            )
        mean = sum(known) / len(known)
        numbers = np.array([mean if value is None else value for value in values])
        _refuse_huge(table, place, numbers)
        told = f"from {numbers.min():g} to {numbers.max():g}"
        return numbers[:, np.newaxis], Column(name, "number", told=told), True
    _refuse_stray(table, place, values)
    return _texts(table, cells, name)


def _refuse_huge(table: Table, place: int, numbers: Numbers) -> None:
    huge = np.flatnonzero(np.abs(numbers) > np.finfo(np.float32).max)
    if len(huge):
        raise DataError(
            f"{table.place(int(huge[0]), place)} is {numbers[huge[0]]:g}: networks compute with "
            "numbers up to 3e38. Leave the column out, or give it in another unit.",
            setting="left_out",
        )


def _refuse_stray(table: Table, place: int, values: list[float | None]) -> None:
    """Refuse a text where nearly all other cells are numbers: it is a slip and no class."""
    strays = [
        row
        for row, value in enumerate(values)
        if value is None and not is_missing(table.rows[row][place])
    ]
    if strays and len(strays) * 10 <= len(values):
        cell = table.rows[strays[0]][place]
        raise DataError(
            f"{table.place(strays[0], place)} is “{shown(cell)}”, but nearly all other cells of "
            "the column are numbers: mend it, or leave the column out.",
            setting="left_out",
        )


def _texts(table: Table, cells: list[str], name: str) -> tuple[Numbers, Column, bool]:
    known = sorted({cell for cell in cells if not is_missing(cell)})
    if len(known) > MOST_TEXTS:
        raise DataError(
            f"{called(table.path)}: the column “{name}” holds {len(known):,} different texts, and "
            f"at most {MOST_TEXTS} can become inputs: leave it out.",
            setting="left_out",
        )
    rows = np.zeros((len(cells), len(known)))
    for row, cell in enumerate(cells):
        if not is_missing(cell):
            rows[row, known.index(cell)] = 1
    told = f"a 1 for one of {', '.join(map(shown, known))}"
    return rows, Column(name, "class", told=shown(told) if len(told) > 200 else told), False


def _targets(
    table: Table, place: int, kind: str
) -> tuple[npt.NDArray[np.int64] | npt.NDArray[np.float32], npt.NDArray[np.int64] | None,
           tuple[str, ...] | None, Column]:  # fmt: skip
    """Targets, the classes' numbers and names where there are any, and their column."""
    name = table.names[place]
    cells = [row[place] for row in table.rows]
    values = [table.number(cell) for cell in cells]
    stray = next((row for row, value in enumerate(values) if value is None), None)
    if kind == "numbers" and stray is not None:
        raise DataError(
            f"{table.place(stray, place)} is “{shown(cells[stray])}”, which is no number: mend it, "
            "or let the target be classes.",
            setting="task",
        )
    known = [value for value in values if value is not None]
    whole = stray is None and all(value == int(value) for value in known)
    if kind == "numbers" or (
        kind == "auto" and stray is None and not (whole and len(set(known)) <= _FEW)
    ):
        numbers = np.array(known)
        _refuse_huge(table, place, numbers)
        told = f"from {numbers.min():g} to {numbers.max():g} in the file"
        column = Column(name, "number", "target", told)
        return numbers[:, np.newaxis].astype(np.float32), None, None, column
    if kind == "auto" and stray is not None:
        _refuse_stray(table, place, values)
    if stray is None:  # 10 comes after 9, and 1.0 is 1
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
    column = Column(name, "class", "target", told if len(told) <= 200 else shown(told))
    return labels, labels, classes, column


ENTRIES = (
    DatasetEntry(
        "own-table",
        "Table from a file",
        "Your own",
        "a CSV file: a sample in each line, one column to be told by the others",
        "classification",
        (
            path_setting("File", "the path of a CSV file", "A table (CSV)", endings=ENDINGS),
            TARGET,
            KIND,
            LEFT_OUT,
            GAPS,
            SCALING,
            TARGET_SCALING,
            DELIMITER,
            HEADER,
            TRAIN_SHARE,
        ),
        lambda _: 0,
        _make,
        Parts(table_columns.listed, table_columns.assigned),
    ),
)
