"""Twins on the screen: one knob, both in step, what differs in tables, and the way back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from simulator.formats import project_file
from simulator.formats.presets import PRESETS
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.twin_page import TwinPage
from simulator.gui.widgets.choice import Choice
from simulator.lab.presenting.twins import COLOURS
from tests.gui.conftest import settle
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]
BUTTON = Qt.MouseButton.LeftButton


def _open(lab: Lab) -> TwinPage:
    QTest.mouseClick(lab.page.knobs.twin, BUTTON)
    assert lab.page.twins is not None
    _turn(lab.page.twins, 2)
    return lab.page.twins


def _turn(page: TwinPage, turns: int = 1) -> None:
    for _ in range(turns):
        page.document.loop.turn()
        page.document.take_news()
    settle()


def _finish(page: TwinPage) -> None:
    """Let it train until it stops by itself."""
    for _ in range(200):
        if not page.document.playing:
            break
        _turn(page)
    assert not page.document.playing
    _turn(page, 2)


def _train(page: TwinPage, steps: int) -> None:
    for _ in range(steps):
        page.document.one_batch()
        page.document.loop.turn()
    _turn(page)


def test_both_learn_in_step_and_the_tables_tell_what_differs(open_lab: Open) -> None:
    lab = open_lab()
    page = _open(lab)
    assert lab.page.controls.isHidden()
    document = page.document
    assert (document.knob.key, document.knob.value) == ("learning_rate", 0.1)
    assert document.value == 0.3
    assert [(row.name, row.first, row.second) for row in page.side.settings.rows()] == [
        ("Learning rate", "0.1", "0.3")
    ]
    assert "Learning rate 0.1 against 0.3" in page.sentence.text()
    QTest.mouseClick(page.controls._epoch, BUTTON)
    _finish(page)
    shown = document.snapshot
    assert shown is not None
    assert document.training is not None
    batches = document.training.batches
    assert (shown.step, shown.first.step, shown.second.step) == (batches,) * 3
    assert shown.first.learning_rate == pytest.approx(0.1)
    assert shown.second.learning_rate == pytest.approx(0.3)
    assert [head.value() for head in page.heads] == ["0.1", "0.3"]
    losses = [head.figures()[0].value for head in page.heads]
    rows = {row.name: row for row in page.side.results.rows()}
    assert [rows["Held-out loss"].first, rows["Held-out loss"].second] == losses
    assert losses[0] != losses[1]
    curves = page.charts.chart("loss").picture().curves
    assert {curve.branch for curve in curves} == set(COLOURS)
    assert {curve.name for curve in curves} == {"A: 0.1", "B: 0.3"}
    words = page.samples.samples()
    assert words is not None
    assert len(words.words[0]) == len(words.words[1]) == len(words.indices)
    assert [lane.end for lane in page.controls.bar.lanes()] == [batches] * 2
    page.grab()


def test_going_back_and_on_again_is_exact(open_lab: Open) -> None:
    page = _open(open_lab())
    _train(page, 6)
    document, bar = page.document, page.controls.bar
    before = document.snapshot
    assert before is not None
    QTest.mouseClick(bar, BUTTON, pos=QPoint(round(bar.x_of(2)), round(bar.y_of(0))))
    _turn(page, 2)
    assert document.snapshot is not None
    assert document.snapshot.step == 2
    document.move(1)
    _turn(page, 2)
    assert document.snapshot.step == 3
    document.last()
    _turn(page, 2)
    assert document.snapshot.step == 6
    for one, other in (
        (before.first, document.snapshot.first),
        (before.second, document.snapshot.second),
    ):
        assert one.standing is not None
        assert other.standing is not None
        assert one.standing.loss == other.standing.loss
    document.move(1)
    _turn(page, 2)
    assert document.snapshot.step == 7, "at the end it trains on"


def test_another_value_begins_both_anew(open_lab: Open) -> None:
    page = _open(open_lab())
    _train(page, 2)
    slider = page.side.control()
    assert isinstance(slider, Slider)
    slider.let_go.emit(1.0)
    assert not page.controls.play.isEnabled()
    _turn(page, 2)
    assert page.document.snapshot is not None
    assert page.document.snapshot.step == 0
    assert page.heads[1].value() == "1"
    assert page.controls.play.isEnabled()


def test_every_knob_is_offered_with_a_control_for_its_value(open_lab: Open) -> None:
    page = _open(open_lab())
    for knob in page.document.knobs:
        page.side.knob.set_value(knob.key)
        _turn(page, 2)
        assert page.document.problem is None, knob.key
        assert page.document.snapshot is not None
        assert isinstance(page.side.control(), Slider if knob.is_number else Choice)
        assert page.side.settings.rows()
    page.side.knob.set_value("activation")
    control = page.side.control()
    assert isinstance(control, Choice)
    control.set_value("sigmoid")
    _turn(page, 2)
    page.side.knob.set_value("optimizer")
    page.side.knob.set_value("activation")
    assert page.document.value == "sigmoid", "each knob keeps its value"


def test_the_same_value_is_told_and_nothing_trains(open_lab: Open) -> None:
    page = _open(open_lab())
    page.document.choose_value(page.document.knob.value)
    _turn(page, 2)
    assert page.document.training is None
    assert not page.controls.play.isEnabled()
    assert "same" in page.controls.play.toolTip()
    assert "choose another" in page.side._told.text()
    page.document.choose_value(0.5)
    _turn(page, 2)
    assert page.controls.play.isEnabled()


def test_one_that_diverges_says_so_and_the_other_goes_on(open_lab: Open) -> None:
    lab = open_lab(next(each for each in PRESETS.values() if each.dataset == "plane"))
    page = _open(lab)
    page.document.choose_knob("learning_rate")
    page.document.choose_value(1e20)
    _turn(page, 2)
    page.document.one_epoch()
    _finish(page)
    shown = page.document.snapshot
    assert shown is not None
    assert page.heads[1].end().startswith("diverged after batch")
    assert page.heads[0].end() == ""
    assert shown.first.step > shown.second.step
    assert page.controls.bar.lanes()[1].outcome == "diverged"
    page.grab()


def test_points_show_both_boundaries_and_their_difference(open_lab: Open) -> None:
    lab = open_lab(next(each for each in PRESETS.values() if each.group == "Points"))
    page = _open(lab)
    _train(page, 2)
    shown = page.document.snapshot
    assert shown is not None
    assert shown.first.surface is not None
    assert shown.second.surface is not None
    pictures = [view._picture for view in page.planes]
    assert all(picture is not None for picture in pictures)
    assert pictures[2] is not None
    wanted = shown.second.surface.output.astype(float) - shown.first.surface.output
    assert np.array_equal(pictures[2].values, wanted)
    assert page._said.isHidden()
    page.grab()


def test_only_disputed_samples_can_be_shown(open_lab: Open) -> None:
    page = _open(open_lab())
    page.document.choose_value(2.0)
    _turn(page, 2)
    _train(page, 3)
    shown = page.document.snapshot
    assert shown is not None
    assert shown.comparison.disputes
    page.disputed.set_value(True)
    _turn(page, 2)
    found = page.samples.samples()
    assert found is not None
    assert found.indices == shown.comparison.disputed[: page.samples.fitting()]
    assert all(
        one.said != other.said for one, other in zip(found.words[0], found.words[1], strict=True)
    )


def test_back_to_the_lab_as_it_was_or_on_with_the_second(open_lab: Open) -> None:
    lab = open_lab()
    lab.train(3)
    before = lab.document.state
    page = _open(lab)
    _train(page, 1)
    assert lab.page.driven is page.document
    QTest.mouseClick(page.close_button, BUTTON)
    assert lab.page.twins is None
    assert lab.page.driven is lab.document
    assert not lab.page.controls.isHidden()
    assert not lab.page.knobs.isHidden()
    assert lab.document.state is before
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 3
    page = _open(lab)
    page.document.choose_value(0.5)
    QTest.mouseClick(page.take, BUTTON)
    lab.turn(2)
    assert lab.page.twins is None
    assert lab.document.program is not None
    assert lab.document.program.compile.optimizer.arguments["learning_rate"] == 0.5
    lab.document.undo_stack.undo()
    assert lab.document.state == before


def test_they_are_there_again_when_they_are_opened_again(open_lab: Open) -> None:
    lab = open_lab()
    page = _open(lab)
    page.document.choose_knob("batch_size")
    page.document.choose_value(64.0)
    _turn(page, 2)
    _train(page, 3)
    page.document.seek(2)
    _turn(page, 2)
    assert page.document.snapshot is not None
    assert (page.document.snapshot.step, page.document.snapshot.head) == (2, 3)
    losses = [each.standing.loss for each in (page.document.snapshot.first,
                                              page.document.snapshot.second)]  # fmt: skip
    lab.page.close_twins()
    again = _open(lab)
    assert (again.document.knob.key, again.document.value) == ("batch_size", 64.0)
    shown = again.document.snapshot
    assert shown is not None
    assert (shown.step, shown.head) == (2, 3), again.told()
    assert [each.standing.loss for each in (shown.first, shown.second)] == losses
    lab.page.close_twins()
    lab.document.change_argument("dense", "units", 5)
    lab.turn(2)
    assert _open(lab).document.knob.key == "learning_rate", "they were another program's"


@pytest.mark.parametrize("on_view", [True, False])
def test_a_project_keeps_them(open_lab: Open, tmp_path: Path, on_view: bool) -> None:
    lab = open_lab()
    page = _open(lab)
    page.document.choose_value(0.5)
    _turn(page, 2)
    _train(page, 3)
    shown = page.document.snapshot
    assert shown is not None
    if not on_view:
        lab.page.close_twins()
    path = tmp_path / "twins.simulator"
    lab.page.files.write(path)
    if on_view:
        _turn(page, 2)
        lab.page.close_twins()
    lab.turn(2)
    assert path.exists()
    other = open_lab(PRESETS["circle"])
    assert other.page.files.read(path)
    other.turn(2)
    opened = _open(other)
    assert opened.document.value == 0.5
    again = opened.document.snapshot
    assert again is not None
    assert (again.step, again.head) == (3, 3)
    assert again.first.standing.loss == shown.first.standing.loss
    assert again.second.standing.loss == shown.second.standing.loss
    _train(opened, 1)
    assert opened.document.snapshot is not None
    assert opened.document.snapshot.head == 4


def test_damaged_twins_of_a_project_are_told_and_begin_anew(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    page = _open(lab)
    _train(page, 2)
    lab.page.close_twins()
    path = tmp_path / "twins.simulator"
    lab.page.files.write(path)
    lab.turn(2)
    project = project_file.load(path)
    arrays = {name: each for name, each in project.twins_arrays.items() if "second" not in name}
    project_file.save(replace(project, twins_arrays=arrays), path)
    other = open_lab()
    assert other.page.files.read(path)
    other.turn(2)
    opened = _open(other)
    assert "is damaged at twins.json: runs.second.branches[0]" in opened.told()
    assert "there is no array of that name" in opened.told()
    assert opened.document.snapshot is not None
    assert opened.document.snapshot.head == 0
    opened.document.one_batch()
    _turn(opened, 2)
    assert opened.document.snapshot.head == 1
    project_file.save(replace(project, twins={"version": 1}), path)
    other.page.close_twins()
    assert other.page.files.read(path)
    assert "The twins are damaged" in other.page.told()
    other.turn(2)
    assert other.document.training is not None


def test_it_plays_until_it_is_paused_or_put_away(open_lab: Open) -> None:
    lab = open_lab()
    lab.page.knobs.stop.epochs.set_value(10_000)  # more than two turns can train
    lab.turn()
    page = _open(lab)
    page.document.toggle()
    _turn(page, 2)
    assert page.controls.play.playing()
    lab.page.pause()
    assert not page.document.playing
    page.document.begin_anew()
    _turn(page, 2)
    assert page.document.snapshot is not None
    assert page.document.snapshot.head == 0
    lab.page.close_lab()
    assert lab.page.twins is None


def test_both_stop_after_their_epochs(open_lab: Open) -> None:
    lab = open_lab()
    lab.page.knobs.stop.epochs.set_value(1)
    lab.turn()
    page = _open(lab)
    page.document.toggle()
    _finish(page)
    assert page.told() == "1 epoch is done."
    assert [head.end() for head in page.heads] == ["stopped after epoch 1"] * 2
