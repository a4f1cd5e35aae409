"""Branches renamed, removed and brought back; the best point; sliders that follow time."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from simulator.gui.lab import branch_edits
from simulator.gui.lab.chart_ground import legend
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]
BUTTON = Qt.MouseButton.LeftButton


def _branched(lab: Lab) -> None:
    """Eight batches, and from the third on two others at another rate."""
    lab.train(8)
    lab.document.seek(0, 3)
    lab.turn(2)
    lab.page.knobs.slider("learning_rate").value_changed.emit(0.5)
    lab.turn(1)
    lab.train(2)


def _names(lab: Lab) -> list[str]:
    return [lane.name for lane in lab.page.controls.bar.lanes()]


def test_a_branch_is_renamed_in_its_place_and_back(open_lab: Open) -> None:
    lab = open_lab()
    _branched(lab)
    bar = lab.page.controls.bar
    assert _names(lab) == ["first run", "lr 0.5"]
    bar.edit_name(1)
    field = bar.name_field()
    assert field is not None
    assert field.text() == "lr 0.5"
    QTest.keyClicks(field, "fast  one")
    QTest.keyClick(field, Qt.Key.Key_Return)
    lab.turn(2)
    assert _names(lab) == ["first run", "fast one"]
    assert bar.name_field() is None
    assert lab.document.undo_stack.undoText() == "name of a branch"
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert _names(lab) == ["first run", "lr 0.5"]
    before = lab.document.undo_stack.count()
    branch_edits.rename(lab.document, 1, "   ")
    assert lab.document.undo_stack.count() == before


def test_a_double_click_on_the_name_edits_it(open_lab: Open) -> None:
    lab = open_lab()
    _branched(lab)
    bar = lab.page.controls.bar
    bar.grab()
    spot = bar._name_spots[1].center().toPoint()
    QTest.mouseDClick(bar, BUTTON, pos=spot)
    assert bar.name_field() is not None


def test_a_branch_is_removed_and_comes_back_as_it_was(open_lab: Open) -> None:
    lab = open_lab()
    _branched(lab)
    before = lab.document.snapshot
    assert before is not None
    assert before.standing is not None
    assert branch_edits.remove(lab.document, 1) == ""
    lab.turn(2)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert (snapshot.branch, snapshot.step) == (0, 3), "it is left for where it came off"
    assert _names(lab) == ["first run"]
    lab.document.undo_stack.undo()
    lab.turn(3)
    again = lab.document.snapshot
    assert again is not None
    assert again.standing is not None
    assert (again.branch, again.step) == (1, 5)
    assert again.standing.loss == before.standing.loss
    assert again.branches[1] == before.branches[1], "name and colour too"
    assert again.curves is not None
    assert before.curves is not None
    assert np.array_equal(again.curves[1, "batch_loss"].mean, before.curves[1, "batch_loss"].mean)
    lab.document.undo_stack.redo()
    lab.turn(2)
    assert _names(lab) == ["first run"]


def test_what_others_come_from_stays(open_lab: Open) -> None:
    lab = open_lab()
    _branched(lab)
    lab.document.branch_off()
    lab.turn(2)
    assert branch_edits.remove(lab.document, 0).startswith("All branches")
    assert branch_edits.remove(lab.document, 1) == "Remove first what came from it: from batch 5."
    assert branch_edits.remove(lab.document, 2) == ""


def test_undo_of_a_removal_leaves_another_training_alone(open_lab: Open) -> None:
    lab = open_lab()
    _branched(lab)
    branch_edits.remove(lab.document, 1)
    lab.turn(2)
    lab.document._shelf._kept.clear()  # as if others had come in its place
    lab.document.change_argument("dense", "units", 3)
    lab.turn(2)
    lab.document.undo_stack.undo()
    lab.turn(2)
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.page.told() == ""
    assert _names(lab) == ["first run"]


def test_branches_keep_their_colours_and_are_named_in_the_plot(open_lab: Open) -> None:
    lab = open_lab()
    chart = lab.page.views.charts.chart("loss")
    assert legend(chart.picture()) == ()
    _branched(lab)
    lab.document.seek(0, 6)
    lab.turn(2)
    lab.document.branch_off()
    lab.train(6)
    lanes = lab.page.controls.bar.lanes()
    assert [lane.colour for lane in lanes] == [0, 1, 2]
    assert ("first run", 0) in legend(chart.picture())
    branch_edits.remove(lab.document, 1)
    lab.turn(2)
    assert [(lane.name, lane.colour) for lane in lab.page.controls.bar.lanes()] == [
        ("first run", 0),
        ("from batch 6", 2),
    ]
    assert chart.area().top() > 28
    lab.page.grab()


def test_the_best_point_is_marked_and_one_click_away(open_lab: Open) -> None:
    lab = open_lab()
    assert not lab.page.controls.best.isEnabled()
    assert lab.document.training is not None
    batches = lab.document.training.batches_per_epoch
    lab.train(2 * batches)
    rate = lab.page.knobs.slider("learning_rate")
    rate.value_changed.emit(3.0)
    lab.turn(1)
    lab.train(batches)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    assert snapshot.best is not None
    assert snapshot.curves is not None
    losses = snapshot.curves[0, "val_loss"]
    lowest = int(np.argmin(losses.mean))
    assert (snapshot.best.step, snapshot.best.value) == (
        losses.steps[lowest],
        losses.mean[lowest],
    )
    assert lab.page.controls.bar.lanes()[0].best == snapshot.best.step
    assert "Best held-out loss" in lab.page.controls.best.toolTip()
    QTest.mouseClick(lab.page.controls.best, BUTTON)
    lab.turn(2)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == snapshot.best.step
    assert lab.document.snapshot.standing is not None
    assert lab.document.snapshot.standing.loss == pytest.approx(snapshot.best.value, rel=1e-5)
    lab.train(1)
    assert lab.page.controls.bar.lanes()[1].start == snapshot.best.step
    lab.page.grab()


def test_sliders_show_what_was_in_force_at_that_step(open_lab: Open) -> None:
    lab = open_lab()
    knobs = lab.page.knobs
    set_to = {"learning_rate": 0.3, "batch_size": 16.0, "weight_decay": 0.01, "dropout rate": 0.5}
    before = {key: knobs.slider(key).number() for key in set_to}
    lab.train(2)
    for key, value in set_to.items():
        knobs.slider(key).value_changed.emit(value)
    lab.turn(1)
    lab.train(2)
    assert {key: knobs.slider(key).number() for key in set_to} == pytest.approx(set_to)
    bar = lab.page.controls.bar
    QTest.mouseClick(bar, BUTTON, pos=QPoint(round(bar.x_of(1)), round(bar.y_of(0))))
    lab.turn(2)
    assert {key: knobs.slider(key).number() for key in set_to} == pytest.approx(before)
    lab.document.last()
    lab.turn(2)
    assert {key: knobs.slider(key).number() for key in set_to} == pytest.approx(set_to)
