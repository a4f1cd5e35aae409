"""The project's virtual environment: made, filled, and made again when it can't be trusted.

A note in ``.venv/`` says what the environment was made from. It is what makes the second start
quick, and what tells a finished set-up from an interrupted one: while something is being changed
the note says so, and whoever finds it that way starts over.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from installers.progress import CommandError, SetupError, run_quietly

# The size of a full environment and of the downloads it comes from, with some room.
NEEDED_BYTES = {"": 900_000_000, "test": 1_900_000_000}


@dataclass(frozen=True)
class Note:
    """What an environment was made from; two equal notes mean that there is nothing to do."""

    python: str  # version and place of the Python below the environment
    root: str  # an environment is full of absolute paths: it does not survive a move
    project: str = ""  # hash of pyproject.toml as it was when last installed; "" before that
    extras: tuple[str, ...] = ()
    changing: bool = False


class Environment:
    """The virtual environment in ``root/.venv``, for the project in ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        binaries = "Scripts" if os.name == "nt" else "bin"
        self.python = self.folder / binaries / ("python.exe" if os.name == "nt" else "python")
        self._note_file = self.folder / "bootstrap.json"

    def is_ready(self, extra: str = "") -> bool:
        """Tell whether the project as it now is, with ``extra``, is already installed."""
        note = self._read_note()
        return (
            note is not None
            and not note.changing
            and note == replace(self._wanted(), extras=note.extras)
            and (not extra or extra in note.extras)
            and self.python.exists()
        )

    def prepare(self, extra: str = "") -> None:
        """Bring the environment to where ``is_ready(extra)`` holds; quick if it does already.

        Raises ``SetupError`` if the network, the disk or a permission stands in the way. Whatever
        happens, the same call made again goes on from there.
        """
        if self.is_ready(extra):
            return
        try:
            with self._alone():
                if not self.is_ready(extra):
                    self._check_disk(extra)
                    self._make()
                    self._install(extra)
        except OSError as error:
            raise SetupError(
                f"The set-up can't write to {error.filename or self.root}:"
                f" {error.strerror or error}."
            ) from error

    def _wanted(self) -> Note:
        project = hashlib.sha256((self.root / "pyproject.toml").read_bytes()).hexdigest()
        return Note(f"{platform.python_version()} {sys.base_prefix}", str(self.root), project)

    def _read_note(self) -> Note | None:
        try:
            fields = json.loads(self._note_file.read_text(encoding="utf-8"))
            return Note(**{**fields, "extras": tuple(fields["extras"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _write_note(self, note: Note) -> None:
        fresh = self._note_file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(note), indent=1) + "\n", encoding="utf-8")
        fresh.replace(self._note_file)

    def _make(self) -> None:
        wanted, note = self._wanted(), self._read_note()
        if (
            note is not None
            and not note.changing
            and (note.python, note.root) == (wanted.python, wanted.root)
            and self.python.exists()
        ):
            return
        if self.folder.exists() or self.folder.is_symlink():
            self._remove()
        self.folder.mkdir()
        empty = replace(wanted, project="", changing=True)
        self._write_note(empty)
        # Not sys.executable: that may be the one in the folder just removed.
        base = str(getattr(sys, "_base_executable", sys.executable))
        command = [base, "-I", "-m", "venv", str(self.folder)]
        run_quietly(command, "Making the virtual environment", _clean_environment())
        self._write_note(replace(empty, changing=False))

    def _remove(self) -> None:
        if not (self.folder / "pyvenv.cfg").exists() and not self._note_file.exists():
            raise SetupError(
                f"{self.folder} is not a virtual environment: move it away and start again."
            )
        print("Starting over with the virtual environment …", file=sys.stderr)
        shutil.rmtree(self.folder)

    def _install(self, extra: str) -> None:
        note = self._read_note()
        assert note is not None
        extras = tuple(sorted({*note.extras, extra} - {""}))
        self._write_note(replace(note, project="", changing=True))
        project = f"{self.root}[{','.join(extras)}]" if extras else str(self.root)
        command = [str(self.python), "-I", "-m", "pip", "install", "--editable", project]
        try:
            run_quietly(command, "Installing the simulator", _clean_environment(), self.root)
        except CommandError as error:
            # pip undoes what it began before it fails, so the environment itself is sound.
            self._write_note(replace(note, project=""))
            raise SetupError(f"{_why(error.output)}\n{error}") from error
        self._write_note(replace(self._wanted(), extras=extras))

    def _check_disk(self, extra: str) -> None:
        if self.folder.exists():
            return
        needed, free = NEEDED_BYTES[extra], shutil.disk_usage(self.root).free
        if free < needed:
            raise SetupError(
                f"The set-up needs {needed / 1e9:.1f} GB in {self.root}, and {free / 1e9:.1f} GB"
                " are free: make room and start again."
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second set-up in the same folder waiting until this one is through."""
        try:
            import fcntl  # noqa: PLC0415 - not on Windows
        except ImportError:
            yield
            return
        with Path(__file__).open(encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Another set-up is at work in this folder: waiting …", file=sys.stderr)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _clean_environment() -> dict[str, str]:
    """Return the variables without those that would send pip's work somewhere else."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH"}
    } | {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_RETRIES": os.environ.get("PIP_RETRIES", "3"),
        "PIP_USER": "0",
    }


def _why(output: Sequence[str]) -> str:
    said = "\n".join(output)
    if "No space left on device" in said:
        return "The disk is full: make room and start again."
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return (
            "The package index shows a certificate that this system doesn't trust: name the one to"
            " trust in the variable PIP_CERT and start again."
        )
    if any(sign in said for sign in ("WARNING: Retrying", "Max retries exceeded", "timed out")):
        return "The packages can't be fetched: check the network connection and start again."
    if "No matching distribution" in said:
        return "A package that is needed can't be had for this system."
    return "The packages can't be installed."
