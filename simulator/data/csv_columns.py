"""The columns of a CSV file, as text."""

from __future__ import annotations

import csv
from pathlib import Path

LARGEST_FILE = 4 * 2**20
"""Bytes: hundreds of thousands of numbers."""


class CsvError(ValueError):
    """A file that holds no columns of text."""


def csv_columns(file: Path) -> dict[str, str]:
    """Return the columns of a file by their headings, each as lines of text.

    A file whose first line is numbers has "column 1", "column 2" and so on for headings.

    Raises:
        CsvError: the file can't be read, is too large, is no text, or is empty.
    """
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise CsvError(
                f"{file.name} has {size // 2**20} MB: {LARGEST_FILE // 2**20} MB are the most. "
                "Cut it shorter."
            )
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvError(f"{file.name} is no text in UTF-8: save it as a CSV file.") from error
    except OSError as error:
        raise CsvError(f"{file.name} can't be read: {error.strerror or error}.") from error
    filled = [line for line in text.splitlines() if line.strip()]
    if not filled:
        raise CsvError(f"{file.name} is empty: choose a file with a column of numbers.")
    separator = max(",;\t", key=filled[0].count)
    rows = list(csv.reader(filled, delimiter=separator))
    width = max(len(row) for row in rows)
    heading = not any(_is_number(word) for word in rows[0])
    names = rows[0] if heading else []
    body = rows[1:] if heading else rows
    found: dict[str, str] = {}
    for at in range(width):
        name = names[at].strip() if at < len(names) and names[at].strip() else f"column {at + 1}"
        while name in found:
            name += " again"
        # A cell that is missing keeps its line, so that it is told which.
        found[name] = "\n".join(
            (row[at].strip() or "NaN") if at < len(row) else "NaN" for row in body
        )
    return found


def _is_number(word: str) -> bool:
    try:
        float(word.replace(",", "."))
    except ValueError:
        return False
    return True
