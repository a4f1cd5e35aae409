"""Keeping what was learned without the window: in the file that was named, or else elsewhere."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import platformdirs

from simulator import APPLICATION
from simulator.formats import project_file
from simulator.formats.project import Project

MOST_NAMES = 1000
"""Of files of one name in a folder, before another folder is tried."""


class NotKeptError(Exception):
    """What was learned could be kept nowhere; one line that says why."""


class Lasting:
    """A stream that goes on as if nothing was, once nobody reads it or its disk is full: a training
    that is to be kept does not end with what tells of it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False

    def write(self, text: str) -> int:
        """Write it, as long as that goes."""
        if not self._gone:
            try:
                self._stream.write(text)
            except OSError:
                self._gone = True
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Have it written, as long as that goes."""
        if not self._gone:
            try:
                self._stream.flush()
            except OSError:
                self._gone = True

    def isatty(self) -> bool:
        """Whether somebody looks on."""
        return not self._gone and self._stream.isatty()


def keep(
    make: Callable[[int | None], Project], place: Path, err: TextIO, ask: TextIO | None = None
) -> Path:
    """Write a project where it is to be, or where there is room, and return where that was.

    `make` is given how many bytes its past may take, or None for as many as usual: where memory is
    short, the past is what can be done without. `ask` is the terminal at which somebody may name
    another place once all are refused; by default the one of this process, if it has one.

    Raises NotKeptError.
    """
    try:
        _save(make, place)
    except _REFUSALS as error:
        wrong = _words(error)
    else:
        return place
    for spare in _spare_places(place):
        try:
            spare.parent.mkdir(parents=True, exist_ok=True)
            _save(make, spare)
        except _REFUSALS:
            continue
        err.write(f"{wrong}\n")
        return spare
    return _asked(make, wrong, err, _terminal(err) if ask is None else ask)


_REFUSALS = (OSError, ValueError, MemoryError)


def _save(make: Callable[[int | None], Project], place: Path) -> None:
    try:
        project_file.save(make(None), place)
    except MemoryError:
        project_file.save(make(0), place)


def _words(error: Exception) -> str:
    return (
        "There is not enough memory to write it." if isinstance(error, MemoryError) else str(error)
    )


def recovery_folder() -> Path:
    """Return where a project is kept that can't be where it was to be."""
    return platformdirs.user_data_path(APPLICATION, appauthor=False) / "recovered"


def _spare_places(place: Path) -> Iterator[Path]:
    """Names that nothing has yet, in folders of which one may have room."""
    for folder in (recovery_folder(), Path.cwd(), Path(tempfile.gettempdir())):
        for number in range(1, MOST_NAMES):
            name = place.stem if number == 1 else f"{place.stem} {number}"
            spare = folder / f"{name}{project_file.SUFFIX}"
            try:
                taken = spare.exists() or spare == place
            except OSError:
                break
            if not taken:
                yield spare
                break


def _terminal(err: TextIO) -> TextIO | None:
    there = sys.stdin is not None and sys.stdin.isatty() and err.isatty()
    return sys.stdin if there else None


def _asked(
    make: Callable[[int | None], Project], wrong: str, err: TextIO, ask: TextIO | None
) -> Path:
    while ask is not None:
        err.write(f"{wrong}\nWhere else? Type the name of a file, or nothing to let it go: ")
        err.flush()
        answer = ask.readline().strip()
        if not answer:
            break
        place = project_file.named(Path(answer).expanduser())
        try:
            _save(make, place)
        except _REFUSALS as error:
            wrong = _words(error)
        else:
            return place
    raise NotKeptError(f"What was learned could not be kept. {wrong}")
