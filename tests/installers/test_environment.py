"""What makes the environment be kept, filled further, or made again: no real one is made here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from installers import environment as module
from installers.environment import Environment
from installers.progress import CommandError, SetupError


class Commands:
    """Stands in for running commands: makes the files they would make, and remembers them."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.failure: Exception | None = None

    def __call__(
        self,
        command: Sequence[str],
        title: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        if "venv" in command:
            self.ran.append("venv")
            python = Environment(Path(command[-1]).parent).python
            python.parent.mkdir()
            python.touch()
            (Path(command[-1]) / "pyvenv.cfg").touch()
        else:
            self.ran.append(f"pip {Path(command[-1]).name}")
        if self.failure:
            raise self.failure

    def take(self) -> list[str]:
        ran, self.ran = self.ran, []
        return ran


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    commands = Commands()
    monkeypatch.setattr(module, "run_quietly", commands)
    return commands


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]")
    return root


def test_made_once_and_filled_once(root: Path, commands: Commands) -> None:
    assert not Environment(root).is_ready()
    Environment(root).prepare()
    assert commands.take() == ["venv", "pip project"]
    assert Environment(root).is_ready()
    Environment(root).prepare()
    assert commands.take() == []


def test_an_extra_is_added_and_stays(root: Path, commands: Commands) -> None:
    Environment(root).prepare()
    commands.take()
    assert not Environment(root).is_ready("test")
    Environment(root).prepare("test")
    assert commands.take() == ["pip project[test]"]
    Environment(root).prepare()
    Environment(root).prepare("test")
    assert commands.take() == []
    (root / "pyproject.toml").write_text("[project] # changed")
    Environment(root).prepare()
    assert commands.take() == ["pip project[test]"]


def test_a_changed_project_is_installed_again(root: Path, commands: Commands) -> None:
    Environment(root).prepare()
    commands.take()
    (root / "pyproject.toml").write_text("[project] # changed")
    assert not Environment(root).is_ready()
    Environment(root).prepare()
    assert commands.take() == ["pip project"]


def test_a_moved_project_is_set_up_again(root: Path, commands: Commands) -> None:
    Environment(root).prepare()
    commands.take()
    moved = root.rename(root.with_name("elsewhere"))
    Environment(moved).prepare()
    assert commands.take() == ["venv", "pip elsewhere"]


def test_another_python_sets_up_again(
    root: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    Environment(root).prepare()
    commands.take()
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    Environment(root).prepare()
    assert commands.take() == ["venv", "pip project"]


def test_a_lost_interpreter_is_noticed(root: Path, commands: Commands) -> None:
    environment = Environment(root)
    environment.prepare()
    commands.take()
    environment.python.unlink()
    environment.prepare()
    assert commands.take() == ["venv", "pip project"]
    assert environment.is_ready()


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_an_interruption_means_starting_over(root: Path, commands: Commands, step: str) -> None:
    environment = Environment(root)
    if step == "pip":
        environment._make()
    commands.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        environment.prepare()
    assert not environment.is_ready()
    commands.failure = None
    commands.take()
    environment.prepare()
    assert commands.take() == ["venv", "pip project"]
    assert environment.is_ready()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ERROR: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded",
            "The packages can't be fetched: check the network connection and start again.",
        ),
        (
            "ERROR: No matching distribution found for numpy",
            "A package that is needed can't be had for this system.",
        ),
        (
            "ERROR: [Errno 28] No space left on device",
            "The disk is full: make room and start again.",
        ),
        ("error: subprocess-exited-with-error", "The packages can't be installed."),
    ],
)
def test_a_failed_installation_is_explained_and_tried_again(
    root: Path, commands: Commands, said: str, told: str
) -> None:
    environment = Environment(root)
    environment._make()
    commands.failure = CommandError(["pip", "install"], 1, [said])
    with pytest.raises(SetupError) as failure:
        environment.prepare()
    assert str(failure.value).splitlines() == [told, "pip install failed (exit 1):", f"    {said}"]
    assert not environment.is_ready()
    commands.failure = None
    commands.take()
    environment.prepare()
    assert commands.take() == ["pip project"]


def test_a_note_from_an_older_bootstrap_means_starting_over(root: Path, commands: Commands) -> None:
    Environment(root).prepare()
    commands.take()
    (root / ".venv" / "bootstrap.json").write_text('{"stamp": 1}')
    Environment(root).prepare()
    assert commands.take() == ["venv", "pip project"]


def test_a_folder_that_is_no_environment_is_left_alone(root: Path, commands: Commands) -> None:
    (root / ".venv").mkdir()
    (root / ".venv" / "thesis.txt").touch()
    with pytest.raises(SetupError, match="not a virtual environment: move it away"):
        Environment(root).prepare()
    assert (root / ".venv" / "thesis.txt").exists()
    assert commands.take() == []


def test_too_little_room_is_told_before_anything_is_made(
    root: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(root)._replace(free=200_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(SetupError, match=r"needs 0\.9 GB in .*, and 0\.2 GB are free: make room"):
        Environment(root).prepare()
    assert not (root / ".venv").exists()
    assert commands.take() == []


def test_a_folder_that_cant_be_written_is_told(
    root: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "mkdir", refuse)  # permissions mean nothing to root
    with pytest.raises(SetupError) as failure:
        Environment(root).prepare()
    assert str(failure.value) == f"The set-up can't write to {root / '.venv'}: Permission denied."


@pytest.mark.skipif(os.name == "nt", reason="Windows has no advisory lock on an open file")
def test_a_second_set_up_waits_for_the_first(root: Path, commands: Commands) -> None:
    # The other holds the lock until a line reaches it, and the line is only written once this one
    # says that it waits.
    script = (
        "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX);"
        " print('locked', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, module.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "locked\n"

        class Release:
            def write(self, text: str) -> int:
                if "waiting" in text:
                    other.stdin.write("\n")
                    other.stdin.flush()
                return len(text)

            def flush(self) -> None:
                pass

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stderr", Release())
            Environment(root).prepare()
    assert commands.take() == ["venv", "pip project"]
