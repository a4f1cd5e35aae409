"""What an app keeps is found when it has ended unexpectedly, and only then."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from simulator.formats import presets, project_file
from simulator.formats.project import Project, ProjectError
from simulator.formats.project_autosave import Autosave, left_behind

PROJECT = Project(presets.PRESETS["circle"].program, view={"page": "lab"})

CRASHING = """
import os, sys
from pathlib import Path
from simulator.formats import presets
from simulator.formats.project import Project
from simulator.formats.project_autosave import Autosave
kept = Autosave(sys.argv[1])
kept.save(Project(presets.PRESETS["spiral"].program), Path("spiral.simulator"))
os._exit(3)
"""


def test_a_running_app_has_left_nothing_behind(tmp_path: Path) -> None:
    assert left_behind(tmp_path / "none") == ()
    with Autosave(tmp_path) as kept:
        kept.save(PROJECT)
        kept.save(PROJECT, tmp_path / "mine.simulator")
        assert left_behind(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []
    kept.close()


def test_after_a_crash_it_is_offered(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, str(tmp_path)], timeout=60, check=False,
        cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    assert done.returncode == 3
    with Autosave(tmp_path) as kept:
        kept.save(PROJECT)
        (found,) = left_behind(tmp_path)
        assert found.original == Path("spiral.simulator")
        assert found.saved_at > 0
        assert found.load().program == presets.PRESETS["spiral"].program
        found.discard()
        assert left_behind(tmp_path) == ()


def test_damage_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "a.simulator").write_bytes(b"nothing")
    (tmp_path / "a.json").write_text("[[", encoding="utf-8")
    (found,) = left_behind(tmp_path)
    assert found.original is None
    with pytest.raises(ProjectError, match=r"a\.simulator cannot be opened"):
        found.load()
    found.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be used for automatic copies"):
        Autosave(tmp_path / "file")


def test_one_thread_writes_while_the_caller_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, threads, save = Event(), [], project_file.save

    def slow(project: Project, path: Path) -> None:
        threads.append(current_thread())
        assert on.wait(60)
        save(project, path)

    monkeypatch.setattr(project_file, "save", slow)
    with Autosave(tmp_path) as kept:
        kept.save_aside(PROJECT, failed=pytest.fail)
        assert not list(tmp_path.glob("*.simulator"))
        on.set()
        kept.save_aside(Project(PROJECT.program, "# later"), failed=pytest.fail)
        kept.wait()
        (path,) = tmp_path.glob("*.simulator")
        assert project_file.load(path).source == "# later"
    assert len(threads) == 2
    assert len(set(threads)) == 1, "each thread has free memory of its own"
    assert current_thread() not in threads
    assert list(tmp_path.iterdir()) == []


def test_what_is_being_written_when_it_is_closed_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, on, save = Event(), Event(), project_file.save

    def slow(project: Project, path: Path) -> None:
        under_way.set()
        assert on.wait(60)
        save(project, path)

    monkeypatch.setattr(project_file, "save", slow)
    kept = Autosave(tmp_path)
    kept.save_aside(PROJECT, failed=pytest.fail)
    assert under_way.wait(60)
    closing = Thread(target=kept.close)
    closing.start()
    on.set()
    closing.join()
    assert list(tmp_path.iterdir()) == []
    kept.save(PROJECT)
    kept.save_aside(PROJECT, failed=pytest.fail)
    kept.wait()
    assert list(tmp_path.iterdir()) == [], "it is closed"


@pytest.mark.parametrize("error", [ProjectError("The disk is full."), MemoryError()])
def test_why_there_is_no_copy_is_told(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(project: Project, path: Path) -> None:
        raise error

    told: list[ProjectError] = []
    with Autosave(tmp_path) as kept:
        monkeypatch.setattr(project_file, "save", full)
        kept.save_aside(PROJECT, failed=told.append)
        kept.wait()
    (found,) = told
    assert "full" in str(found) or "memory" in str(found)
