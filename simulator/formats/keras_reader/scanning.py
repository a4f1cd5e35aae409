"""Lines of a damaged source as code, texts and comments, before any parser can read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DOUBLE = '"“”„‟″«»＂'  # noqa: RUF001
SINGLE = "'‘’‚‛′`´＇"  # noqa: RUF001
OPENING, CLOSING = "([{", ")]}"


@dataclass(slots=True)
class Segment:
    """A part of a line; of a text, what lies between the quotes, and which quotes they are."""

    kind: Literal["code", "text", "comment"]
    text: str
    quote: str = ""
    closed: bool = True

    def written(self) -> str:
        """The part as it stands in the source."""
        if self.kind != "text":
            return self.text
        return self.quote + self.text + (self.quote if self.closed else "")


@dataclass(slots=True)
class Line:
    """A line, and what was done to it."""

    text: str
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep what was done, once."""
        if text not in self.notes:
            self.notes.append(text)


def scan(line: str, triple: str = "") -> tuple[list[Segment], str]:
    """Return the parts of a line, and the triple quote that is still open behind it.

    A quote may be a curly one, and closed by another of its kind. A text that nothing closes goes
    to the end of the line.
    """
    segments: list[Segment] = []
    code = ""
    place = 0
    if triple:
        end = line.find(triple)
        if end < 0:
            return [Segment("comment", line)], triple
        segments.append(Segment("comment", line[: end + 3]))
        place, triple = end + 3, ""
    while place < len(line):
        sign = line[place]
        if sign == "#":
            segments += _code(code)
            segments.append(Segment("comment", line[place:]))
            return segments, ""
        if line[place : place + 3] in ('"""', "'''"):
            triple = line[place : place + 3]
            end = line.find(triple, place + 3)
            segments += _code(code)
            code = ""
            if end < 0:
                segments.append(Segment("comment", line[place:]))
                return segments, triple
            segments.append(Segment("comment", line[place : end + 3]))
            place, triple = end + 3, ""
            continue
        if sign in DOUBLE or sign in SINGLE:
            segments += _code(code)
            code = ""
            end = _closing(line, place)
            quote = '"' if sign in DOUBLE else "'"
            segments.append(
                Segment("text", line[place + 1 : end if end >= 0 else None], quote, end >= 0)
            )
            place = end + 1 if end >= 0 else len(line)
            continue
        code += sign
        place += 1
    return segments + _code(code), ""


def scanned(lines: list[Line]) -> list[list[Segment]]:
    """The parts of all lines, triple quotes followed from one to the next."""
    found, triple = [], ""
    for line in lines:
        segments, triple = scan(line.text, triple)
        found.append(segments)
    return found


def depth_after(segments: list[Segment], depth: int) -> int:
    """How many brackets are open behind a line."""
    for segment in segments:
        if segment.kind == "code":
            for sign in segment.text:
                depth += (sign in OPENING) - (sign in CLOSING)
                depth = max(depth, 0)
    return depth


def code_of(segments: list[Segment]) -> str:
    """The code of a line, texts as `""`, without comments and the spaces around."""
    return "".join(
        segment.text if segment.kind == "code" else '""' if segment.kind == "text" else ""
        for segment in segments
    ).strip()


def _code(text: str) -> list[Segment]:
    return [Segment("code", text)] if text else []


def _closing(line: str, start: int) -> int:
    """Where the text that begins at `start` is closed, or −1.

    The same sign closes it, and any other quote of its kind if no letter follows: an apostrophe
    within a word closes nothing.
    """
    opening = line[start]
    family = DOUBLE if opening in DOUBLE else SINGLE
    place = start + 1
    while place < len(line):
        sign = line[place]
        if sign == "\\":
            place += 2
            continue
        if sign in family:
            follows = line[place + 1 : place + 2]
            if (sign == opening and sign in "\"'") or not follows.isalnum():
                return place
        place += 1
    return -1
