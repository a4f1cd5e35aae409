"""A lesson's page: player, scrub bar and stage show one and the same step."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from simulator.gui.lesson_page import LessonPage
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.position import Position
from simulator.gui.widgets.scrub_bar import ScrubBar
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.speed_choice import SpeedChoice
from simulator.lessons.frame import Box, Grid, MarkKind
from simulator.traces.timeline import GLIDE_SECONDS, SECONDS_PER_STEP
from tests.gui.conftest import FRAME, Clock

Open = Callable[..., LessonPage]
LEFT = Qt.MouseButton.LeftButton


def _pass(page: LessonPage, clock: Clock, seconds: float) -> None:
    end = clock.now + seconds
    while clock.now < end - 1e-9:
        clock.now = min(clock.now + FRAME, end)
        page.player.tick()


def _bar(page: LessonPage) -> ScrubBar:
    bar = page.transport.findChild(ScrubBar)
    assert bar is not None
    return bar


def _told(page: LessonPage) -> str:
    position = page.transport.findChild(Position)
    assert position is not None
    return position.accessibleName()


def _mark(grid: Grid, kind: MarkKind) -> Box:
    return next(mark.box for mark in grid.marks if mark.kind is kind)


def _icon(page: LessonPage, name: str) -> QAbstractButton:
    buttons = page.transport.findChildren(IconButton)
    return next(one for one in buttons if one.icon_name() == name)


# Playing


def test_the_window_glides_between_two_cells(open_page: Open, clock: Clock) -> None:
    page = open_page(size=8)
    page.document.set_level("cell")
    page.document.forward()
    frames = [page.stage.frame()]
    for share in (0.25, 0.5, 0.75, 1.0):
        clock.now = 1000 + GLIDE_SECONDS * share
        page.player.tick()
        frames.append(page.stage.frame())
    lefts = [_mark(frame.input, MarkKind.WINDOW).left for frame in frames]
    eased = [0, 0.15625, 0.5, 0.84375, 1]
    assert lefts == pytest.approx(eased)
    assert [_mark(frame.output, MarkKind.CELL).left for frame in frames] == pytest.approx(eased)
    assert not page.player.ticking


def test_values_come_in_the_middle_of_the_glide(open_page: Open, clock: Clock) -> None:
    page = open_page(size=8)
    page.document.set_level("cell")
    output, frame = [], page.stage.frame()
    page.document.forward()
    for share in (0.4, 0.6):
        clock.now = 1000 + GLIDE_SECONDS * share
        page.player.tick()
        frame = page.stage.frame()
        output.append(frame.output.is_written(0, 1))
    assert output == [False, True]
    assert frame.explanation == page.document.session.explanation()


def test_turning_back_in_mid_glide_takes_the_window_back(open_page: Open, clock: Clock) -> None:
    page = open_page(size=8)
    page.document.set_level("cell")
    page.document.forward()
    clock.now += GLIDE_SECONDS / 2
    page.player.tick()
    page.document.back()
    assert _mark(page.stage.frame().input, MarkKind.WINDOW).left == pytest.approx(0.5)
    _pass(page, clock, GLIDE_SECONDS / 2)
    assert _mark(page.stage.frame().input, MarkKind.WINDOW).left == 0


@pytest.mark.parametrize("direction", [1, -1])
def test_scrub_bar_and_position_follow(open_page: Open, clock: Clock, direction: int) -> None:
    page = open_page(size=5)
    document = page.document
    document.seek(40)
    document.set_speed(2.0)
    document.play(direction)
    seen = []
    for _ in range(200):
        _pass(page, clock, FRAME)
        arrived = document.timeline.moment.arrived
        seen.append(arrived)
        assert _bar(page).step() == arrived
        assert _told(page).startswith(f"Step {arrived + 1:,} of 81")
    assert len(set(seen)) > 7
    assert seen == sorted(seen, reverse=direction < 0)


def test_pips_tell_of_the_term(open_page: Open) -> None:
    page = open_page(size=5)
    page.document.seek(9 + 5)
    assert _told(page).endswith("product 6 of 9")
    page.document.set_level("cell")
    assert _told(page).endswith("cell 2 of 3 in row 0")


def test_the_buttons_go_where_they_say(open_page: Open, clock: Clock) -> None:
    page = open_page(size=5)
    document = page.document
    play = page.transport.findChild(PlayButton)
    assert play is not None
    for icon, step in (
        ("step-forward", 1),
        ("step-forward", 2),
        ("step-back", 1),
        ("skip-forward", 80),
        ("step-forward", 80),
        ("skip-back", 0),
        ("step-back", 0),
    ):
        QTest.mouseClick(_icon(page, icon), LEFT)
        _pass(page, clock, GLIDE_SECONDS)
        assert document.timeline.step == step
        assert _bar(page).step() == step
    QTest.mouseClick(play, LEFT)
    assert play.playing()
    _pass(page, clock, SECONDS_PER_STEP + GLIDE_SECONDS)
    QTest.mouseClick(play, LEFT)
    assert not play.playing()
    assert document.timeline.step == 1


def test_play_shows_pause_until_the_end(open_page: Open, clock: Clock) -> None:
    page = open_page(size=5)
    play = page.transport.findChild(PlayButton)
    assert play is not None
    page.document.seek(79)
    page.document.play()
    assert play.playing()
    _pass(page, clock, 2 * SECONDS_PER_STEP)
    assert not play.playing()
    page.document.play()
    assert page.document.timeline.step == 0, "from the end it starts over"


def test_the_scrub_bar_seeks(open_page: Open) -> None:
    page = open_page(size=5)
    bar = _bar(page)
    there = QPoint(round(bar.x_of(57)), bar.height() // 2)
    QTest.mouseClick(bar, LEFT, pos=there)
    assert page.document.timeline.step == 57
    assert page.document.timeline.moment.blend == 1, "seeking cuts"
    assert _told(page).startswith("Step 58 of 81")
    assert bar.step() == 57


def test_seeking_while_it_plays_goes_on_from_there(open_page: Open, clock: Clock) -> None:
    page = open_page(size=5)
    page.document.play()
    _pass(page, clock, 0.3)
    _bar(page).sought.emit(30)
    assert page.document.timeline.playing
    _pass(page, clock, SECONDS_PER_STEP + GLIDE_SECONDS)
    assert page.document.timeline.moment.arrived == 31


def test_a_level_keeps_the_place(open_page: Open) -> None:
    page = open_page(size=5)
    page.document.seek(4 * 9 + 2)
    levels = next(
        one
        for one in page.transport.findChildren(Segmented)
        if [key for key, _ in one.options()] == ["product", "cell", "map", "layer"]
    )
    for level, step, length in (
        ("cell", 4, 9),
        ("map", 0, 1),
        ("layer", 0, 1),
        ("product", 38, 81),
    ):
        QTest.mouseClick(levels.segment(level), LEFT)
        assert page.document.session.trace.level == level
        assert page.document.timeline.step == step
        assert _bar(page).length() == length
        assert levels.value() == level


def test_speed_and_loop_are_shown_and_chosen(open_page: Open) -> None:
    page = open_page(size=5)
    speed = page.transport.findChild(SpeedChoice)
    assert speed is not None
    page.document.change_speed(2)
    assert speed.speed() == 4
    speed.setCurrentIndex(0)
    assert page.document.timeline.speed == 0.25
    loop = _icon(page, "repeat")
    QTest.mouseClick(loop, LEFT)
    assert page.document.timeline.loop
    page.document.toggle_loop()
    assert not loop.isChecked()


def test_another_lesson_state_has_its_own_number_of_steps(open_page: Open) -> None:
    page = open_page(size=5)
    page.document.last()
    page.document.change("stride", 2)
    assert _bar(page).length() == 36
    assert _bar(page).step() == page.document.timeline.step
    page.document.undo_stack.undo()
    assert _bar(page).length() == 81


# Saying


def _notice(page: LessonPage) -> Notice:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    notices = [one for one in page.findChildren(Notice, options=direct) if one.isVisible()]
    assert len(notices) == 1
    return notices[0]


def test_what_is_said_stands_over_the_stage_until_it_is_dismissed(open_page: Open) -> None:
    page = open_page()
    assert page.told() == ""
    page.tell("One thing")
    first = _notice(page)
    page.tell("One thing")
    assert _notice(page) is first, "it is not said twice"
    page.tell("Another thing", error=True)
    assert page.told() == "Another thing"
    assert page.stage.geometry().contains(_notice(page).geometry())
    cross = _notice(page).findChild(IconButton)
    assert cross is not None
    QTest.mouseClick(cross, LEFT)
    assert page.told() == ""
    page.tell("Another thing", error=True)
    assert page.told() == "Another thing"
    page.hush()
    page.hush()
    assert page.told() == ""


def test_with_the_panel_hidden_an_error_is_said_over_the_stage(open_page: Open) -> None:
    page = open_page(size=5)
    page.set_drawer(True, toggled=False)
    page.document.change("kernel_size", 7)
    complaint = page.document.session.complaint
    assert complaint is not None
    assert page.told() == complaint.message
    page.set_drawer(True, toggled=True)
    assert page.told() == "", "beside its control it is said now"
    page.set_drawer(True, toggled=False)
    assert page.told() == complaint.message
    page.hush()
    page.set_drawer(True, toggled=False)
    assert page.told() == "", "once dismissed it stays so"
    page.document.change("kernel_size", 9)
    assert "9 × 9" in page.told()
    page.document.undo_stack.undo()
    assert page.told() == ""


def test_a_good_state_takes_back_only_its_own_complaint(open_page: Open) -> None:
    page = open_page(size=5)
    page.set_drawer(True, toggled=False)
    page.document.change("kernel_size", 7)
    page.tell("Saved as stage.png.")
    page.document.undo_stack.undo()
    assert page.told() == "Saved as stage.png."


def test_in_a_narrow_player_the_levels_are_a_list(open_page: Open, clock: Clock) -> None:
    page = open_page(size=5, width=564, height=516)
    page.set_drawer(True, toggled=False)
    lists = [one for one in page.transport.findChildren(Choice) if one.isVisible()]
    levels = next(one for one in lists if one.count() == 4)
    levels.set_value("cell")
    assert page.document.session.trace.level == "cell"
    page.document.change_level(1)
    assert levels.value() == "map"
