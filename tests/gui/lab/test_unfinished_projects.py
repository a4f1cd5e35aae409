"""A project whose program can't be trained yet is kept all the same, and goes on from there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.formats import project_file
from simulator.lab.projects import experiment_of
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]


def _unfit(lab: Lab) -> str:
    """Type a network that doesn't fit its data; return its source."""
    source = lab.document.state.source.replace("(8, 8, 1)", "(7, 7, 1)")
    lab.document.edit_source(source)
    lab.turn(2)
    assert lab.document.training is None
    assert lab.document.problem is not None
    return source


def test_a_network_that_does_not_fit_is_saved_and_mended_after_opening(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    assert lab.document.choose_data("digits", {"samples": 120}, 3) == ""
    lab.turn(2)
    source = _unfit(lab)
    path = tmp_path / "unfinished.simulator"
    lab.page.files.write(path)
    told = lab.page.told()
    assert "Saved as unfinished.simulator" in told
    assert "no training" in told
    kept = project_file.load(path)
    assert (kept.source, kept.history, dict(kept.weights)) == (source, None, {})

    other = open_lab()
    assert other.page.files.read(path)
    other.turn(2)
    assert other.document.state.source == source
    assert other.document.state.recipe.settings["samples"] == 120
    assert other.document.state.recipe.seed == 3
    assert other.document.problem is not None
    other.document.edit_source(source.replace("(7, 7, 1)", "(8, 8, 1)"))
    other.turn(2)
    other.train(1)
    assert other.document.snapshot is not None
    assert other.document.snapshot.step == 1


def test_source_that_can_not_be_read_yet_is_saved_with_what_was_learned(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    lab.train(3)
    broken = lab.document.state.source + "\nmodel.fit(x_train, y_train, epochs="
    lab.document.edit_source(broken)  # a bracket is closed, but a value is missing
    lab.turn(2)
    path = tmp_path / "typing.simulator"
    lab.page.files.write(path)
    lab.turn(2)
    weights = project_file.load(path).weights

    other = open_lab()
    assert other.page.files.read(path)
    other.turn(3)
    assert other.document.state.source == lab.document.state.source
    assert "epochs=" in other.document.state.source.splitlines()[-1]
    assert other.document.snapshot is not None
    assert other.document.snapshot.step == 3
    other.document.choose_layer("dense")
    other.page.knobs.on_view.toggles["filters"].set_value(True)
    other.turn(2)
    np.testing.assert_array_equal(
        other.document.snapshot.arrays["dense/kernel"], weights["dense/kernel"]
    )


def test_a_network_that_is_being_made_is_saved_once_it_is_there(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    lab.train(2)
    whole, path = tmp_path / "whole.simulator", tmp_path / "soon.simulator"
    lab.page.files.write(whole)
    lab.turn(2)
    other = open_lab()
    assert other.page.files.read(whole)
    other.page.files.write(path)  # nothing is there yet: without waiting the past would be lost
    assert not path.exists()
    other.turn(3)
    assert project_file.load(path).history is not None


def test_a_network_that_turns_out_not_to_fit_is_saved_without_a_training(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    source = lab.document.state.source.replace("(8, 8, 1)", "(9, 9, 1)")
    lab.document.edit_source(source)
    path = tmp_path / "soon.simulator"
    lab.page.files.write(path)
    lab.turn(2)
    assert project_file.load(path).source == source


def test_a_damaged_history_is_refused_by_name_and_what_was_open_stays(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    lab.train(3)
    kept, bad = tmp_path / "kept.simulator", tmp_path / "bad.simulator"
    lab.page.files.write(kept)
    lab.turn(2)
    project = project_file.load(kept)
    arrays = dict(project.history_arrays)
    arrays.popitem()
    project_file.save(replace(project, history_arrays=arrays), bad)
    lab.train(2)
    named: list[str] = []
    lab.page.files.named.connect(named.append)
    before = lab.document.state
    assert lab.page.files.read(bad)  # its parts are whole: the thread that trains finds it out
    lab.turn(3)
    told = lab.page.told()
    assert told.startswith("bad.simulator can’t be opened: The history is damaged at ")
    assert "there is no array of that name" in told
    assert lab.document.state == before
    assert lab.document.problem is None
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 5
    assert named == ["bad", "kept"]
    damaged = bad.read_bytes()
    lab.page.files.save()
    lab.turn(2)
    assert bad.read_bytes() == damaged
    assert experiment_of(project_file.load(kept)).timeline.step == 5

    other = open_lab()
    assert other.page.files.read(bad)
    other.turn(3)
    assert not other.page.files.has_name


def test_data_that_can_not_be_made_are_refused_with_the_name_of_the_file(
    open_lab: Open, tmp_path: Path
) -> None:
    lab = open_lab()
    path = tmp_path / "odd.simulator"
    lab.page.files.write(path)
    lab.turn(2)
    project = project_file.load(path)
    assert project.recipe is not None
    project_file.save(replace(project, recipe={**project.recipe, "dataset": "none"}), path)
    before = lab.document.state
    assert not lab.page.files.read(path)
    assert lab.page.told().startswith("odd.simulator can’t be opened: There is no data set none")
    assert lab.document.state == before


def test_where_a_file_can_not_be_written_it_is_said(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    _unfit(lab)
    lab.page.files.write(tmp_path / "no folder" / "a.simulator")
    assert "cannot be written" in lab.page.told()


def test_what_was_on_view_is_on_view_again(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    lab.train(1)
    for key, on in (("confusion", True), ("samples", False), ("norms", True)):
        lab.page.knobs.on_view.toggles[key].set_value(on)
    lab.page.views.charts.show_chart("accuracy", False)
    lab.page.views.values.set_value("gradients")
    lab.turn(2)
    shown = lab.page.views.shown()
    path = tmp_path / "viewed.simulator"
    lab.page.files.write(path)
    lab.turn(2)

    other = open_lab()
    assert other.page.views.shown() != shown
    assert other.page.files.read(path)
    other.turn(3)
    assert other.page.views.shown() == shown
    switches = {key: each.value() for key, each in other.page.knobs.on_view.toggles.items()}
    assert {key for key, on in switches.items() if on} == shown
    assert other.page.views.charts.on_view() == ("loss",)
    assert other.page.views.values.value() == "gradients"
    assert any(layer.gradient for layer in other.page.views.network.layers())
