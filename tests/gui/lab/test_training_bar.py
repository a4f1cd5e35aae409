"""The training bar: branches as lanes, a handle that stays within what was trained, and silence."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from simulator.gui import theme
from simulator.gui.lab.training_bar import TrainingBar
from simulator.lab.presenting.pictures import Lane

Key = Qt.Key
Place = Callable[..., QWidget]
BUTTON = Qt.MouseButton.LeftButton
LANES = (
    Lane("lr 0.1", 0, 380, planned=540),
    Lane("lr 0.3", 180, 423, 0, "from batch 180", 540, colour=1),
    Lane("lr 1.2", 225, 360, 0, "from batch 225", 0, "stopped", 2),
)


def _bar(place: Place) -> tuple[TrainingBar, list[int], list[int]]:
    bar = TrainingBar()
    bar.set_lanes(LANES, 1, 423, "batch 423")
    bar.set_axis(540, {45 * epoch: str(epoch) for epoch in range(13)}, "epoch")
    sought: list[int] = []
    lanes: list[int] = []
    bar.sought.connect(sought.append)
    bar.branch_sought.connect(lanes.append)
    place(bar, width=660)
    return bar, sought, lanes


def _at(bar: TrainingBar, lane: int, batch: int) -> QPoint:
    return QPoint(round(bar.x_of(batch)), round(bar.y_of(lane)))


def test_setters_are_silent(place: Place) -> None:
    bar, sought, lanes = _bar(place)
    bar.set_lanes(LANES, 0, 7, "batch 7")
    assert (bar.lane(), bar.step(), sought, lanes) == (0, 7, [], [])
    with pytest.raises(ValueError, match="no lane 3"):
        bar.set_lanes(LANES, 3, 0, "")
    with pytest.raises(ValueError, match="not from 0 to 360"):
        bar.set_lanes(LANES, 2, 361, "")


def test_a_click_goes_back_in_the_same_branch(place: Place) -> None:
    bar, sought, lanes = _bar(place)
    QTest.mouseClick(bar, BUTTON, pos=_at(bar, 1, 300))
    assert sought == [pytest.approx(300, abs=1)]
    assert lanes == []


def test_a_click_on_another_branch_goes_there(place: Place) -> None:
    bar, sought, lanes = _bar(place)
    QTest.mouseClick(bar, BUTTON, pos=_at(bar, 2, 300))
    assert lanes == [2]
    assert sought == [pytest.approx(300, abs=1)]
    QTest.mouseClick(bar, BUTTON, pos=_at(bar, 0, 100))
    assert lanes == [2, 0]


def test_the_handle_goes_no_farther_than_was_trained(place: Place) -> None:
    bar, sought, _ = _bar(place)
    QTest.mousePress(bar, BUTTON, pos=_at(bar, 1, 400))
    QTest.mouseMove(bar, QPoint(5000, round(bar.y_of(1))))
    QTest.mouseRelease(bar, BUTTON, pos=QPoint(5000, round(bar.y_of(1))))
    assert sought[-1] == 423
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar, Key.Key_End)
    assert bar.step() == 423
    QTest.keyClick(bar, Key.Key_Left)
    assert (bar.step(), sought[-1]) == (422, 422)
    QTest.keyClick(bar, Key.Key_Home)
    assert bar.step() == 0


def test_up_and_down_change_the_branch(place: Place) -> None:
    bar, sought, lanes = _bar(place)
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar, Key.Key_Down)
    QTest.keyClick(bar, Key.Key_Down)
    assert (lanes, bar.lane()) == ([2], 2)
    assert sought == [360], "the other branch ends earlier"
    QTest.keyClick(bar, Key.Key_Up)
    assert lanes == [2, 1]


def test_a_bar_grows_with_its_branches(place: Place) -> None:
    bar, _, _ = _bar(place)
    bar.set_lanes((Lane("a", 0, 5000),), 0, 5000, "batch 5,000")
    assert bar.length() == 5001
    assert bar.step_at(bar.x_of(5000)) == 5000


def test_each_branch_has_its_colour(place: Place, colours: Callable[[QWidget], set[str]]) -> None:
    bar, _, _ = _bar(place)
    assert set(theme.LIGHT.branches[:3]) <= colours(bar)


def test_many_branches_fit(place: Place) -> None:
    bar, _, _ = _bar(place)
    lanes = [Lane("a", 0, 100)]
    lanes += [Lane(f"b{n}", 10 * n, 100, 0, "from there") for n in range(1, 7)]
    bar.set_lanes(lanes, 6, 90, "batch 90")
    assert bar.y_of(6) < bar.height()
    bar.grab()
