"""What an app that ends unexpectedly leaves behind: projects kept from time to time, and found by
the next one.

Each running app holds a lock on the file beside its own, which the system takes away when the
process ends in whatever way. What lies there without a lock was left behind.

A copy can be written in a thread of its own: most of the time goes to checksums and the disk, which
ask nothing of Python's lock, and who trains need not wait for it. It is the same thread each time:
glibc has a store of free memory for each thread, and hands threads that come and go one after the
other of those.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import BinaryIO, Self

from simulator.formats import project_file
from simulator.formats.project import Project, ProjectError

LOCK, ABOUT = ".lock", ".json"


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A project that an app kept and did not come to discard.

    `original` is the project file that it was opened from or saved to, or None; `saved_at` is in
    seconds since 1970.
    """

    path: Path
    original: Path | None
    saved_at: float

    def load(self) -> Project:
        """What it holds. Raises ProjectError, as `project_file.load`."""
        return project_file.load(self.path)

    def discard(self) -> None:
        """Take it away."""
        for suffix in (project_file.SUFFIX, ABOUT, LOCK):
            with suppress(OSError):
                self.path.with_suffix(suffix).unlink()


class Autosave:
    """Keeps the project of one running app in a folder, until `close`, which takes it away."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Raises ProjectError if the folder cannot be made or written to."""
        self._path = Path(folder) / f"{uuid.uuid4().hex}{project_file.SUFFIX}"
        self._lock: BinaryIO | None = None
        self._writing = Lock()
        self._writer = ThreadPoolExecutor(1, "copy against a crash")
        self._written: Future[None] | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = self._path.with_suffix(LOCK).open("wb")
        except OSError as error:
            raise ProjectError(
                f"{folder} cannot be used for automatic copies: {error.strerror or error}.",
                path=str(folder),
            ) from error
        _hold(self._lock)

    def save(self, project: Project, original: Path | None = None) -> None:
        """Keep the project in the place of the one before; nothing once it is closed. Raises
        ProjectError.
        """
        about = {"original": None if original is None else str(original), "saved_at": time.time()}
        with self._writing:
            if self._lock is None:
                return
            project_file.save(project, self._path)
            try:
                self._path.with_suffix(ABOUT).write_text(json.dumps(about), encoding="utf-8")
            except OSError as error:
                raise ProjectError(
                    f"{self._path} cannot be written: {error.strerror or error}.",
                    path=str(self._path),
                ) from error

    def save_aside(
        self,
        project: Project,
        original: Path | None = None,
        *,
        failed: Callable[[ProjectError], object],
        done: Callable[[], object] = lambda: None,
    ) -> None:
        """The same while the caller goes on: a thread writes, and calls `failed` where it cannot,
        and else `done`.

        Nobody may change the project's arrays from now on. Waits for one that is still written.
        """

        def write() -> None:
            try:
                self.save(project, original)
                done()
            except ProjectError as error:
                failed(error)
            except MemoryError:
                failed(ProjectError("There is no memory left for an automatic copy."))

        self.wait()
        with self._writing:
            if self._lock is not None:
                self._written = self._writer.submit(write)

    def wait(self) -> None:
        """Until what is being written is there."""
        written = self._written  # who trains may put another in its place
        if written is not None:
            written.result()

    def close(self) -> None:
        """Take the copy away, and what is still being written: the app ends as it should."""
        with self._writing:
            if self._lock is None:
                return
            self._lock.close()
            self._lock = None
            LeftBehind(self._path, None, 0.0).discard()
        self._writer.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def left_behind(folder: str | os.PathLike[str]) -> tuple[LeftBehind, ...]:
    """What apps that are no longer there have left in the folder, the newest first."""
    return tuple(sorted(_left(Path(folder)), key=lambda each: each.saved_at, reverse=True))


def _left(folder: Path) -> Iterator[LeftBehind]:
    try:
        found = sorted(folder.glob(f"*{project_file.SUFFIX}"))
    except OSError:
        return
    for path in found:
        if _is_held(path.with_suffix(LOCK)):
            continue
        original, saved_at = None, 0.0
        with suppress(OSError):
            saved_at = path.stat().st_mtime
        with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            about = json.loads(path.with_suffix(ABOUT).read_text(encoding="utf-8"))
            saved_at = float(about.get("saved_at", saved_at))
            original = Path(about["original"]) if about.get("original") else None
        yield LeftBehind(path, original, saved_at)


def _hold(file: BinaryIO) -> None:
    """Lock a file until it is closed. Raises OSError if somebody else holds it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            _hold(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
