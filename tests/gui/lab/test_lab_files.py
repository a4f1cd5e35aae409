"""Nothing of the learner's is lost with a file: what goes wrong is told, and training goes on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.formats import project_file
from simulator.formats.project import ProjectError
from simulator.formats.project_autosave import Autosave
from simulator.gui.lab import lab_copies
from simulator.lab.projects import experiment_of
from tests.formats.test_project_file import corrupted_members
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of copies."""
    folder = tmp_path / "copies"
    monkeypatch.setattr(lab_copies, "autosave_folder", lambda: folder)
    return folder


@pytest.fixture
def open_lab(open_lab: Open, copies: Path) -> Iterator[Open]:
    """Show pages that train on and on, and close them as they should be."""
    labs: list[Lab] = []

    def opened() -> Lab:
        labs.append(open_lab())
        labs[-1].document.set_goal(None)
        return labs[-1]

    yield opened
    for lab in labs:
        lab.page.files.copies.forget()


def _full(*_: object) -> None:
    raise ProjectError("It cannot be written: No space left on device.")


def _left(copies: Path, path: Path, change: Callable[[Path], object]) -> Path:
    """A copy that an app left behind, with something changed in it."""
    kept = Autosave(copies)
    kept.save(project_file.load(path), path)
    (left,) = copies.glob("*.simulator")
    change(left)
    assert kept._lock is not None
    kept._lock.close()
    return left


def _trained(lab: Lab, path: Path) -> dict[str, Any]:
    """Train a little, save, and return the weights."""
    lab.train(3)
    lab.page.files.write(path)
    lab.turn(2)
    return dict(project_file.load(path).weights)


def _damaged_history(left: Path) -> None:
    project = project_file.load(left)
    assert project.history is not None
    history = {**project.history, "branches": ({"number": 0, "head": "far"},)}
    project_file.save(replace(project, history=history), left)


@pytest.mark.parametrize(
    "change",
    [
        _damaged_history,
        lambda left: corrupted_members(left, "history.json"),
        lambda left: corrupted_members(left, "history.safetensors"),
    ],
)
def test_a_copy_with_a_damaged_history_gives_what_is_whole(
    open_lab: Open, tmp_path: Path, copies: Path, change: Callable[[Path], object]
) -> None:
    path = tmp_path / "mine.simulator"
    lab = open_lab()
    assert lab.document.choose_data("digits", {"samples": 120}, 3) == ""
    lab.turn(2)
    weights = _trained(lab, path)
    left = _left(copies, path, change)

    other = open_lab()
    other.page.files.copies.offer()
    other.turn(4)
    told = other.page.told()
    assert "was not closed as it should have been" in told
    assert "this is lost: the branches, curves and past batches." in told
    assert other.document.state.recipe.settings["samples"] == 120
    assert other.document.snapshot is not None
    assert other.document.snapshot.step == 0
    kept: list[dict[str, Any]] = []
    other.document.loop.do(lambda experiment: kept.append(dict(experiment.model.weights)))
    other.turn(2)
    for name, weight in weights.items():
        np.testing.assert_array_equal(kept[0][name], weight)
    other.page.files.copies.wait()
    assert not left.exists(), "there is a copy of what came of it"
    (own,) = copies.glob("*.simulator")
    assert set(project_file.load(own).weights) == set(weights)
    other.train(1)
    assert other.document.snapshot.step == 1


def test_a_whole_copy_is_kept_until_there_is_another(
    open_lab: Open, tmp_path: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab()
    _trained(lab, tmp_path / "mine.simulator")
    left = _left(copies, tmp_path / "mine.simulator", lambda _: None)
    with monkeypatch.context() as full:
        full.setattr(project_file, "save", _full)
        other = open_lab()
        other.page.files.copies.offer()
        other.turn(4)
        assert other.document.snapshot is not None
        assert other.document.snapshot.step == 3
        other.page.files.copies.wait()
    assert left.exists()
    other.page.files.copies.forget()
    assert not left.exists(), "closed as it should be, nothing is kept"


def test_a_copy_whose_weights_are_damaged_too_gives_the_network(
    open_lab: Open, tmp_path: Path, copies: Path
) -> None:
    lab = open_lab()
    path = tmp_path / "mine.simulator"
    _trained(lab, path)

    def change(left: Path) -> None:
        _damaged_history(left)
        project = project_file.load(left)
        weights = {**project.weights, "odd": np.zeros(3, np.float32)}
        project_file.save(replace(project, weights=weights), left)

    _left(copies, path, change)
    other = open_lab()
    other.page.files.copies.offer()
    other.turn(6)
    assert "curves and past batches, the weights." in other.page.told()
    assert other.document.program == project_file.load(path).program
    other.train(1)


def test_what_is_whole_of_a_damaged_project_can_be_opened(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    path, bad = tmp_path / "mine.simulator", tmp_path / "bad.simulator"
    weights = _trained(lab, path)
    bad.write_bytes(path.read_bytes())
    _damaged_history(bad)
    assert lab.page.files.read(bad)
    lab.turn(3)
    assert "history.json: branches[0]" in lab.page.told()
    button = lab.page._notice.rest()
    assert button is not None
    button.clicked.emit()
    lab.turn(4)
    told = lab.page.told()
    assert told.startswith("This is what is whole of bad.simulator; undo leads back.")
    assert "this is lost: the branches, curves and past batches." in told
    assert not lab.page.files.has_name, "the damaged file is left as it is"
    kept: list[dict[str, Any]] = []
    lab.document.loop.do(lambda experiment: kept.append(dict(experiment.model.weights)))
    lab.turn(2)
    for name, weight in weights.items():
        np.testing.assert_array_equal(kept[0][name], weight)
    lab.document.undo_stack.undo()
    lab.turn(3)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 3


def test_of_what_is_no_project_nothing_is_offered(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    path = tmp_path / "junk.simulator"
    path.write_bytes(b"junk")
    assert not lab.page.files.read(path)
    assert "junk.simulator cannot be opened" in lab.page.told()
    assert lab.page._notice.rest() is None


def test_a_full_disk_is_told_once_training_goes_on_and_copies_are_tried_again(
    open_lab: Open, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab()
    lab.train(2)
    lab.document.toggle()
    told: list[str] = []
    lab.document.told.connect(lambda words, *_: told.append(words))
    with monkeypatch.context() as full:
        full.setattr(project_file, "save", _full)
        for _ in range(3):
            lab.page.files.copies.keep()
            lab.turn()
            lab.page.files.copies.wait()
            lab.turn()
    assert lab.document.playing
    assert len(told) == 1
    assert told[0].startswith("No copy can be kept against a crash: It cannot be written: No space")
    lab.document.pause()
    lab.turn(2)
    lab.page.files.copies.keep()
    lab.turn(2)
    lab.page.files.copies.wait()
    (kept,) = copies.glob("*.simulator")
    assert lab.document.snapshot is not None
    assert experiment_of(project_file.load(kept)).timeline.step == lab.document.snapshot.step


def test_a_folder_for_copies_that_can_not_be_made_is_told_once(
    open_lab: Open, tmp_path: Path, copies: Path
) -> None:
    copies.write_text("no folder")
    lab = open_lab()
    lab.train(1)
    told: list[str] = []
    lab.document.told.connect(lambda words, *_: told.append(words))
    for _ in range(3):
        lab.page.files.copies.keep()
        lab.turn(1)
    assert len(told) == 1
    assert "cannot be used for automatic copies" in told[0]
    copies.unlink()
    lab.page.files.copies.keep()
    lab.turn(2)
    lab.page.files.copies.wait()
    assert list(copies.glob("*.simulator"))


def test_a_file_that_can_not_be_written_stops_no_training(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    path = tmp_path / "there" / "mine.simulator"
    path.parent.mkdir()
    _trained(lab, path)
    named: list[str] = []
    lab.page.files.named.connect(named.append)
    lab.document.toggle()
    for place, told in (
        (tmp_path / "no" / "other.simulator", "there is no folder"),
        (path.parent, "it is a folder"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        lab.page.files.write(place)
        lab.turn(2)
        assert told in lab.page.told()
        assert lab.document.playing
    path.chmod(0o444)
    lab.page.files.save()
    lab.turn(2)
    assert "mine.simulator cannot be written: it is write-protected" in lab.page.told()
    assert lab.document.playing
    assert lab.page.files.path == path
    assert named == []


def test_a_project_whose_file_goes_or_whose_folder_does_is_saved_in_words(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    path = tmp_path / "there" / "mine.simulator"
    path.parent.mkdir()
    _trained(lab, path)
    path.rename(tmp_path / "renamed.simulator")
    lab.page.files.save()
    lab.turn(2)
    assert path.exists()
    path.unlink()
    path.parent.rmdir()
    lab.page.files.save()
    lab.turn(2)
    assert f"there is no folder {path.parent}" in lab.page.told()
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 3


def test_what_another_window_saved_is_not_written_over_unasked(
    open_lab: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.simulator"
    lab = open_lab()
    _trained(lab, path)
    other = open_lab()
    assert other.page.files.read(path)
    other.turn(3)
    other.train(2)
    other.page.files.save()
    other.turn(2)
    assert "Saved as mine.simulator" in other.page.told()
    theirs = path.read_bytes()
    asked: list[str] = []
    monkeypatch.setattr(
        lab.page.files._dialogs, "save_file", lambda _, name, *__: asked.append(name)
    )
    lab.page.files.save()
    lab.turn(2)
    assert asked == ["mine.simulator"]
    assert "mine.simulator was changed by another program" in lab.page.told()
    assert path.read_bytes() == theirs
    lab.page.files.write(path)  # as is asked for
    lab.turn(2)
    lab.page.files.save()
    lab.turn(2)
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["naïve “net” 网络", "a b  c", "x" * 240, "50%{0}&amp;<b>", ".x"])
def test_odd_names_are_shown_as_they_are(open_lab: Open, tmp_path: Path, name: str) -> None:
    lab = open_lab()
    path = tmp_path / f"{name}.simulator"
    named: list[str] = []
    lab.page.files.named.connect(named.append)
    _trained(lab, path)
    assert path.exists()
    assert named == [name]
    assert lab.page.told() == f"Saved as {name}.simulator."
    assert lab.page.files.read(path)
    lab.turn(3)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 3


def test_an_export_that_fails_stops_no_training_and_leaves_what_was_there(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    lab.train(1)
    lab.document.toggle()
    lab.page.files.exports.write(tmp_path / "no" / "network.py", "keras")
    lab.turn(2)
    assert "there is no folder" in lab.page.told()
    assert lab.document.playing
    source = tmp_path / "network.py"
    source.write_text("mine")
    source.chmod(0o444)
    lab.page.files.exports.write_source(source)
    assert "network.py cannot be written: it is write-protected" in lab.page.told()
    assert source.read_text() == "mine"
