"""A table of the learner's: columns become numbers, and one or several are what is to be told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.data.datasets import csv_table, table_columns, table_targets
from simulator.data.datasets.csv_table import (
    DELIMITERS,
    Table,
    column_of,
    is_missing,
    refuse_huge,
    refuse_stray,
)
from simulator.data.datasets.dataset import Column, Rescaling, Samples, refuse_large
from simulator.data.datasets.entry import DatasetEntry, Parts
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import called, found, path_setting
from simulator.data.datasets.settings import TRAIN_SHARE, Choice, Settings, Words
from simulator.data.datasets.table_targets import Targets

ENDINGS = (".csv", ".tsv", ".txt")
MOST_TEXTS = 50
"""So many different texts may stand in a column that becomes inputs."""

TARGET = Words(
    name="target",
    label="Targets",
    help="Their names or numbers, with ; between them; the last one if nothing is given.",
    what="columns",
    longest=4_000,
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
    help="Automatic: texts and a few whole numbers are classes. Several columns of numbers are "
    "told together; where each line has a single 1 in them they are classes.",
    options=(("auto", "Automatic"), ("classes", "Classes"), ("numbers", "Numbers")),
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
    options=(("auto", "Automatic"), *((name, name.capitalize()) for name in DELIMITERS)),
    default="auto",
)
HEADER = Choice(
    name="header",
    label="First line",
    options=(("auto", "Automatic"), ("yes", "Names of columns"), ("no", "A sample")),
    default="auto",
)

Numbers = npt.NDArray[np.float64]


def _make(settings: Settings, _: np.random.Generator) -> Samples:
    path = found(settings["path"])
    table = csv_table.read(path, delimiter=settings["delimiter"], header=settings["header"])
    targets = _target_columns(table, settings["target"])
    names = [name for name in settings["left_out"].split(";") if name.strip()]
    left_out = {column_of(table, name, setting="left_out") for name in names}
    chosen = [n for n in range(len(table.names)) if n not in targets and n not in left_out]
    if not chosen:
        raise DataError(
            f"{called(path)} has no column left beside the target "
            f"{', '.join(f'“{table.names[each]}”' for each in targets)}: leave fewer out.",
            setting="left_out",
        )
    table, notices = _without_gaps(table, [*chosen, *targets], targets, settings["gaps"])
    blocks, columns, scaled = [], [], []
    for place in chosen:
        block, column, is_number = _input(table, place)
        blocks.append(block)
        columns.append(column)
        scaled += [is_number] * block.shape[1]
    width = sum(block.shape[1] for block in blocks)
    refuse_large(4 * width * len(table.rows), f"The table in {called(path)}", "leave columns out.")
    x = np.concatenate(blocks, axis=1).astype(np.float32)
    told_of = table_targets.read(table, targets, settings["task"])
    classes = told_of.classes
    scaling = settings["scaling"]
    told = {
        "standard": "each column of numbers less its mean, divided by its deviation (of the "
        "training part)",
        "range": "each column of numbers from 0 to 1 (by the training part)",
        "none": "none: numbers as they stand in the file",
    }[scaling]
    if told_of.holds_numbers and settings["target_scaling"] != "none":
        told += f"; targets: {TARGET_SCALING.label_of(settings['target_scaling']).lower()}"
    return Samples(
        x=x,
        y=told_of.y,
        labels=told_of.labels,
        task="regression" if classes is None else "binary" if len(classes) == 2
        else "classification",
        view="table",
        classes=classes,
        columns=(*columns, *told_of.columns),
        scaling=told,
        notices=tuple(notices),
        rescaling=_rescaling(settings, np.flatnonzero(scaled), told_of),
        further_y=told_of.further,
    )  # fmt: skip


def _rescaling(
    settings: Settings, columns: npt.NDArray[np.int64], told_of: Targets
) -> tuple[Rescaling, ...]:
    done: list[Rescaling] = []
    if settings["scaling"] != "none" and len(columns):
        done.append(Rescaling(settings["scaling"], columns))
    if settings["target_scaling"] != "none" and told_of.holds_numbers:
        done.append(Rescaling(settings["target_scaling"], inputs=False, targets=True))
    return tuple(done)


def _target_columns(table: Table, wanted: str) -> list[int]:
    if len(table.names) < 2:
        raise DataError(
            f"{called(table.path)} has one column only: a table needs at least one to learn from "
            "and one to be told. Is the delimiter right?",
            setting="delimiter",
        )
    return table_columns.targets_of(table, wanted)


def _without_gaps(
    table: Table, used: list[int], targets: list[int], gaps: str
) -> tuple[Table, list[str]]:
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
    dropped = {row for row, column in lacking if gaps == "drop" or column in targets}
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
        refuse_huge(table, place, numbers, setting="left_out")
        told = f"from {numbers.min():g} to {numbers.max():g}"
        return numbers[:, np.newaxis], Column(name, "number", told=told), True
    refuse_stray(table, place, values, setting="left_out")
    return _texts(table, cells, name)


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


ENTRIES = (
    DatasetEntry(
        "own-table",
        "Table from a file",
        "Your own",
        "a CSV file: a sample in each line, one or several columns to be told by the others",
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
