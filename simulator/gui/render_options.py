"""The words of ``simulator render``'s options: what each can be, and what it is. Knows no Qt."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from simulator.traces.numbers import count

SIZE = (776, 664)
"""The stage of a window of 1280 × 800."""
LEAST_SIZE, LARGEST_SIZE = (320, 240), (7680, 4320)
SCALES = (1.0, 4.0)
MOST_PIXELS = 4 * LARGEST_SIZE[0] * LARGEST_SIZE[1]
FRAMES_PER_SECOND = 25
FRAME_RATES = (5, 50)
THEMES = ("light", "dark")


class RequestError(ValueError):
    """A request that can't be met; the text is one line: what was wrong, and what to do."""


class FileType(Enum):
    """What can be written, by the end of the file's name."""

    PNG = ".png"
    SVG = ".svg"
    GIF = ".gif"
    WEBP = ".webp"
    APNG = ".apng"

    @property
    def moves(self) -> bool:
        """Return whether one file can hold several steps."""
        return self in (FileType.GIF, FileType.WEBP, FileType.APNG)


def file_type(output: str) -> FileType:
    """Return what a file's name asks for."""
    suffix = Path(output).suffix
    known = [kind.value for kind in FileType]
    if suffix.casefold() not in known:
        what = f"-o '{output}'" if suffix else f"-o '{output}': the name has no ending"
        raise RequestError(f"{what}: choose one of {', '.join(known)}.{nearest(suffix, known)}")
    return FileType(suffix.casefold())


def file(output: str) -> Path:
    """Return the file to write, in a folder that is there."""
    # Where a link points to is what gets replaced, so that the link stays one.
    found = Path(os.path.realpath(output))
    folder = found.parent
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise RequestError(
            f"-o '{output}': the folder {folder} {what}: make it, or choose another."
        )
    if found.exists() and not found.is_file():
        what = "a folder" if found.is_dir() else "a device or a pipe"
        raise RequestError(f"-o '{output}': this is {what}: give the name of a file.")
    writable = os.access(folder, os.W_OK | os.X_OK)
    if not writable or (found.exists() and not os.access(found, os.W_OK)):
        raise RequestError(f"-o '{output}': you may not write there: choose another place.")
    return found


def nearest(text: str, possible: Iterable[str]) -> str:
    """Return a hint at the name that was probably meant, to be put after a sentence."""
    near = get_close_matches(text.casefold(), list(possible), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def one_of(option: str, text: str, possible: Sequence[str]) -> str:
    """Return one of a few names."""
    if text not in possible:
        raise RequestError(
            f"{option} '{text}': choose one of {', '.join(possible)}.{nearest(text, possible)}"
        )
    return text


def whole_number(option: str, text: str) -> int:
    """Return a whole number; commas between thousands are as welcome as they are in the window."""
    if not re.fullmatch(r"[+-]?(\d{1,30}|\d{1,3}(,\d{3}){1,9})", text.strip(), re.ASCII):
        raise RequestError(f"{option} '{text}': give a whole number.")
    return int(text.replace(",", ""))


def frame_rate(text: str | None) -> int:
    """Return how many pictures a second there are while something moves."""
    if text is None:
        return FRAMES_PER_SECOND
    value = whole_number("--fps", text)
    least, most = FRAME_RATES
    if not least <= value <= most:
        raise RequestError(f"--fps '{text}': choose {least} to {most} pictures a second.")
    return value


def canvas(size: str | None, scale: str | None) -> tuple[tuple[int, int], float]:
    """Return width and height in logical pixels, and how many pixels each becomes along an axis."""
    (width, height), factor = _size(size), _scale(scale)
    pixels = width * height * factor**2
    if pixels > MOST_PIXELS:
        raise RequestError(
            f"--size {width}x{height} at --scale {factor:g} makes {pixels / 1e6:,.0f} million "
            f"pixels, and at most {MOST_PIXELS / 1e6:,.0f} million can be painted: choose a "
            "smaller size or scale."
        )
    return (width, height), factor


def _size(text: str | None) -> tuple[int, int]:
    if text is None:
        return SIZE
    found = re.fullmatch(r"(\d{1,9})\s*[xX×]\s*(\d{1,9})", text.strip(), re.ASCII)
    if not found:
        raise RequestError(
            f"--size '{text}': give width and height in pixels, such as {SIZE[0]}x{SIZE[1]}."
        )
    width, height = int(found[1]), int(found[2])
    bounds = zip((width, height), LEAST_SIZE, LARGEST_SIZE, strict=True)
    if not all(least <= length <= most for length, least, most in bounds):
        least, most = ("x".join(map(str, bound)) for bound in (LEAST_SIZE, LARGEST_SIZE))
        raise RequestError(f"--size '{text}': choose {least} to {most}.")
    return width, height


def _scale(text: str | None) -> float:
    least, most = SCALES
    if text is None:
        return least
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise RequestError(f"--scale '{text}': choose a number from {least:g} to {most:g}.")
    return value


def step(option: str, text: str, length: int, *, of: str) -> int:
    """Return one of ``length`` steps ``of`` something, counted from 0: the window counts from 1."""
    value = whole_number(option, text)
    if not 1 <= value <= length:
        steps = "step" if length == 1 else "steps"
        raise RequestError(f"{option} '{text}': {of} has {count(length)} {steps}, counted from 1.")
    return value - 1


def run_of_steps(text: str, length: int, *, of: str) -> range:
    """Return the steps from the first to the last of ``A:B``, both included, counted from 0."""
    first, colon, last = text.partition(":")
    if not colon or ":" in last:
        raise RequestError(f"--steps '{text}': give the first and the last, such as --steps 1:60.")
    start = step("--steps", first, length, of=of) if first.strip() else 0
    stop = step("--steps", last, length, of=of) if last.strip() else length - 1
    if stop < start:
        raise RequestError(f"--steps '{text}': the first comes after the last: turn them round.")
    return range(start, stop + 1)


def which(option: str, text: str, total: int) -> int:
    """Return one of ``total`` things, counted from 0; they are counted from 1 for people."""
    value = whole_number(option, text)
    if not 1 <= value <= total:
        there = "there is only one" if total == 1 else f"there are {total}"
        raise RequestError(f"{option} '{text}': {there}, counted from 1.")
    return value - 1
