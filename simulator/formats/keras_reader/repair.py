"""Mending what copying out of a PDF or a notebook does to a program.

Everything that is mended is told, with its line. A text that is not damaged comes back unchanged.
"""

from __future__ import annotations

import re

from simulator.formats.keras_reader.messages import Notice, Places
from simulator.formats.keras_reader.repair_lines import (
    close_brackets,
    drop_decoration,
    join_broken,
    mark_prose,
    restore_indentation,
)
from simulator.formats.keras_reader.repair_names import mend_names
from simulator.formats.keras_reader.scanning import Line, scan

LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
MINUSES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63"
SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000"
)
NOTHING = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
OTHER = FULL_WIDTH | {"×": "*", "∗": "*", "…": "..."}

QUOTES_TOLD = "Curly quotes made straight"
MINUS_TOLD = "Dashes made minus signs"
LIGATURE_TOLD = "Ligatures such as ﬁ taken apart"
SPACE_TOLD = "Special spaces made plain ones"
SIGN_TOLD = "Special signs made plain ones"


def repair(source: str) -> tuple[str, tuple[Notice, ...]]:
    """Return the source with its damage mended, and what was done, for each kind of damage once."""
    lines = [Line(each) for each in re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", source)]
    drop_decoration(lines)
    _mend_signs(lines)
    mend_names(lines)
    mark_prose(lines)
    lines = join_broken(lines)
    restore_indentation(lines)
    close_brackets(lines)
    text = "\n".join(line.text for line in lines)
    return text, _notices(lines, Places(text))


def _mend_signs(lines: list[Line]) -> None:
    triple = ""
    for line in lines:
        text = line.text
        for sign, letters in LIGATURES.items():
            if sign in text:
                text = text.replace(sign, letters)
                line.note(LIGATURE_TOLD)
        text = _translated(text, NOTHING, "", line)
        text = _translated(text, SPACES, " ", line)
        text = text.replace("\t", "    ").replace("\0", "")
        segments, triple = scan(text, triple)
        if "".join(segment.written() for segment in segments) != text:
            line.note(QUOTES_TOLD)
        for segment in segments:
            if segment.kind == "code":
                segment.text = _plain_code(segment.text, line)
        mended = "".join(segment.written() for segment in segments)
        if mended != line.text:
            line.text = mended.rstrip()


def _translated(text: str, signs: str, into: str, line: Line) -> str:
    for sign in signs:
        if sign in text:
            text = text.replace(sign, into)
            line.note(SPACE_TOLD)
    return text


def _plain_code(code: str, line: Line) -> str:
    for sign in MINUSES:
        if sign in code:
            code = code.replace(sign, "-")
            line.note(MINUS_TOLD)
    for sign, plain in OTHER.items():
        if sign in code:
            code = code.replace(sign, plain)
            line.note(SIGN_TOLD)
    return code


def _notices(lines: list[Line], places: Places) -> tuple[Notice, ...]:
    """One notice for each kind of damage, at the first line that had it."""
    told: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        for note in line.notes:
            told.setdefault(note, []).append(number)
    notices = []
    for text, numbers in told.items():
        span = places.line(numbers[0])
        where = "" if len(numbers) == 1 else f" (lines {_listed(numbers)})"
        notices.append(
            Notice(
                span.line, span.column, span.end_line, span.end_column, f"{text}{where}.",
                kind="repaired",
            )
        )  # fmt: skip
    return tuple(sorted(notices, key=lambda notice: notice.line))


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"
