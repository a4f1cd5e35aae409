"""A text file with one sample in each line: read cell by cell, and every bad cell named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import bad, called, opened

MOST_FILE_BYTES = 256 * 2**20
MOST_ROWS = 500_000
MOST_COLUMNS = 2_000
MOST_CELLS = 20_000_000
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
_LONGEST_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """The cells as texts, and where they stand."""

    path: Path
    names: tuple[str, ...]  # of the columns
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # of each row in the file, the first 1
    delimiter: str
    comma_decimals: bool  # "1,5" is one and a half

    def number(self, text: str) -> float | None:
        """The number that a cell holds, or None."""
        return number(text, comma_decimals=self.comma_decimals)

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, for messages."""
        return f"{called(self.path)}, line {self.lines[row]}, column “{self.names[column]}”"


def number(text: str, *, comma_decimals: bool = False) -> float | None:
    """The number that a text is, or None; infinity, NaN and 1_000 are none."""
    text = text.strip()
    if comma_decimals and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip().lower() in MISSING


def read(path: Path, *, delimiter: str = "auto", header: str = "auto") -> Table:
    """Return the table in a file. `delimiter` is "auto" or one of `DELIMITERS`, `header` says
    whether the first line names the columns: "auto", "yes" or "no".

    Raises:
        DataError: it is no text, has no rows, or a row is longer or shorter than the first; the
            message names the line.
    """
    text = _text(path)
    sign = _delimiter(text) if delimiter == "auto" else DELIMITERS[delimiter]
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    cells = 0
    for line, row in _rows(path, text, sign):
        if rows and len(row) != len(rows[0]):
            raise bad(
                f"{called(path)}, line {line} has {_counted(len(row), 'cell')}, but line "
                f"{lines[0]} has {len(rows[0])}: give every line as many, or choose another "
                f"delimiter than {_named(sign)}."
            )
        if len(row) > MOST_COLUMNS:
            raise bad(
                f"{called(path)} has {len(row):,} columns, and {MOST_COLUMNS:,} at most can be "
                "read: leave some out."
            )
        cells += len(row)
        if len(rows) >= MOST_ROWS or cells > MOST_CELLS:
            raise bad(
                f"{called(path)} is too long: {len(rows):,} lines can be read at most. Cut it "
                "into parts."
            )
        rows.append(row)
        lines.append(line)
    if not rows:
        raise bad(f"{called(path)} holds no lines with values: choose another file.")
    commas = sign != ","
    named = header == "yes" or (header == "auto" and _names_columns(rows[0], commas))
    names = _names(rows[0]) if named else tuple(f"column {n + 1}" for n in range(len(rows[0])))
    if named:
        rows, lines = rows[1:], lines[1:]
    if not rows:
        raise bad(f"{called(path)} has one line only, with the names of columns: add samples.")
    if all(not row[-1].strip() for row in rows) and len(names) > 1:  # a delimiter ends each line
        names, rows = names[:-1], [row[:-1] for row in rows]
    return Table(path, names, tuple(rows), tuple(lines), sign, commas)


def _text(path: Path) -> str:
    with opened(path, most=MOST_FILE_BYTES) as stream:
        data = stream.read(MOST_FILE_BYTES + 1)
    if len(data) > MOST_FILE_BYTES:
        raise bad(f"{called(path)} is too large once unpacked: cut it into parts.")
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise bad(
            f"{called(path)} is no text: it holds bytes that no table has. Choose a file that a "
            "spreadsheet saved as CSV."
        )
    return text


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every line that is not empty, its number, and its cells."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    started = 1
    try:
        for row in reader:
            line, started = started, reader.line_num + 1
            cells = tuple(cell.strip() for cell in row)
            if delimiter == " ":  # several spaces part two cells as one does
                cells = tuple(cell for cell in cells if cell)
            long = next((n for n, cell in enumerate(cells) if len(cell) > _LONGEST_CELL), None)
            if long is not None:
                raise bad(
                    f"{called(path)}, line {line}, cell {long + 1} has {len(cells[long]):,} "
                    "characters: no table has such cells. Is a quotation mark missing?"
                )
            if any(cells):
                yield line, cells
    except csv.Error as error:
        raise bad(
            f"{called(path)}, line {started}: its quotation marks do not go together "
            f"({shown(str(error))})."
        ) from None


def _delimiter(text: str) -> str:
    """The sign that parts the first lines into the same number of cells, the more the better."""
    lines = [line for line in text[:65536].splitlines() if line.strip()][:20]
    best, most = ",", 0
    for sign in (",", ";", "\t", "|"):
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and (count := counts.pop()) > most:
            best, most = sign, count
    if most:
        return best
    totals = {sign: text[:65536].count(sign) for sign in (",", ";", "\t", "|")}
    if any(totals.values()):
        return max(totals, key=lambda sign: totals[sign])
    return " " if any(" " in line.strip() for line in lines) else ","


def _names_columns(first: tuple[str, ...], commas: bool) -> bool:
    """Whether a first line names columns: it does if no cell of it is a number."""
    return not any(number(cell, comma_decimals=commas) is not None for cell in first)


def _names(first: tuple[str, ...]) -> tuple[str, ...]:
    """Names of columns, each once, none empty."""
    names: list[str] = []
    for place, cell in enumerate(first, start=1):
        name = plain = shown(cell) or f"column {place}"
        again = 2
        while name in names:
            name = f"{plain} ({again})"
            again += 1
        names.append(name)
    return tuple(names)


def _named(sign: str) -> str:
    return "the " + next(name for name, each in DELIMITERS.items() if each == sign)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def column_of(table: Table, wanted: str, *, setting: str) -> int:
    """The place of the column with that name, or with that number from 1. Raises DataError."""
    wanted = wanted.strip()
    if wanted in table.names:
        return table.names.index(wanted)
    folded = [name.casefold() for name in table.names]
    if wanted.casefold() in folded:
        return folded.index(wanted.casefold())
    if wanted.isdecimal() and len(wanted) < 9 and 1 <= int(wanted) <= len(table.names):
        return int(wanted) - 1
    raise DataError(
        f"{called(table.path)} has no column “{shown(wanted)}”: choose one of "
        f"{shown(', '.join(table.names))}.",
        setting=setting,
    )


def refuse_huge(
    table: Table, column: int, numbers: npt.NDArray[np.float64], *, setting: str
) -> None:
    """Refuse numbers (N,) of a column that networks can't compute with. Raises DataError."""
    huge = np.flatnonzero(np.abs(numbers) > np.finfo(np.float32).max)
    if len(huge):
        raise DataError(
            f"{table.place(int(huge[0]), column)} is {numbers[huge[0]]:g}: networks compute with "
            "numbers up to 3e38. Leave the column out, or give it in another unit.",
            setting=setting,
        )


def refuse_stray(
    table: Table, column: int, values: Sequence[float | None], *, setting: str
) -> None:
    """Refuse a text where nearly all other cells are numbers: it is a slip and no class.

    ``values`` are the cells' numbers, None for texts. Raises DataError.
    """
    strays = [
        row
        for row, value in enumerate(values)
        if value is None and not is_missing(table.rows[row][column])
    ]
    if strays and len(strays) * 10 <= len(values):
        cell = table.rows[strays[0]][column]
        raise DataError(
            f"{table.place(strays[0], column)} is “{shown(cell)}”, but nearly all other cells of "
            "the column are numbers: mend it, or leave the column out.",
            setting=setting,
        )
