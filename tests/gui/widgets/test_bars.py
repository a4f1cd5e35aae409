"""The top bar and the transport: state in by setters, wishes out by signals."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui import metrics, theme
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.pips import Pips
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.position import Position
from simulator.gui.widgets.scrub_bar import LONGEST, ScrubBar
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.speed_choice import SpeedChoice
from simulator.gui.widgets.top_bar import TopBar
from simulator.gui.widgets.transport import Transport

Place = Callable[..., QWidget]
LIGHT = theme.LIGHT
LEFT = Qt.MouseButton.LeftButton
LEVELS = [("product", "Product"), ("cell", "Cell"), ("map", "Map"), ("layer", "Layer")]


def _transport(place: Place, width: int = 776) -> tuple[Transport, list[object]]:
    transport = Transport()
    transport.set_length(34_596)
    transport.set_step(14_567)
    transport.set_levels(LEVELS)
    transport.set_pips(6, 9, "product 6 of 9")
    asked: list[object] = []
    for name in ("first", "back", "toggled", "forward", "last"):
        getattr(transport, name).connect(lambda name=name: asked.append(name))
    for name in ("sought", "level_chosen", "speed_chosen", "loop_chosen"):
        getattr(transport, name).connect(lambda value, name=name: asked.append((name, value)))
    place(transport, width)
    return transport, asked


def _named(owner: QWidget, name: str) -> IconButton:
    (button,) = [one for one in owner.findChildren(IconButton) if one.accessibleName() == name]
    return button


def _shown(transport: Transport) -> list[QWidget]:
    """Return the transport's own parts from left to right."""
    kinds = (IconButton, PlayButton, Position, Segmented, Choice)
    parts = [
        child
        for child in transport.children()
        if isinstance(child, kinds) and child.isVisibleTo(transport)
    ]
    return sorted(parts, key=lambda part: part.x())


def test_setting_the_transport_is_silent(place: Place) -> None:
    transport, asked = _transport(place)
    transport.set_length(240)
    transport.set_step(161)
    transport.set_levels([("unit", "Unit"), ("gate", "Gate")], "gate")
    transport.set_level("unit")
    transport.set_speed(16)
    transport.set_loop(True)
    transport.set_playing(True)
    transport.set_pips(2, 4, "unit 2 of 4")
    transport.set_ticks([24, 48])
    assert asked == []


def test_each_button_asks_for_what_it_shows(place: Place) -> None:
    transport, asked = _transport(place)
    for name in ("First step", "Step back", "Step forward", "Last step"):
        QTest.mouseClick(_named(transport, name), LEFT)
    play = transport.findChild(PlayButton)
    assert play is not None
    QTest.mouseClick(play, LEFT)
    QTest.mouseClick(_named(transport, "Repeat"), LEFT)
    QTest.mouseClick(_named(transport, "Repeat"), LEFT)
    assert asked == [
        *("first", "back", "forward", "last", "toggled"),
        *(("loop_chosen", True), ("loop_chosen", False)),
    ]


def test_level_speed_and_place_are_asked_for(place: Place) -> None:
    transport, asked = _transport(place)
    levels = transport.findChild(Segmented)
    speed = transport.findChild(SpeedChoice)
    scrub = transport.findChild(ScrubBar)
    assert levels is not None
    assert speed is not None
    assert scrub is not None
    QTest.mouseClick(levels.segment("map"), LEFT)
    speed.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(speed, Qt.Key.Key_Down)
    QTest.mouseClick(scrub, LEFT, pos=QPoint(round(scrub.x_of(0)), 12))
    assert asked == [("level_chosen", "map"), ("speed_chosen", 2.0), ("sought", 0)]


def test_the_position_is_told_counted_from_one(place: Place) -> None:
    transport, _ = _transport(place)
    position = transport.findChild(Position)
    assert position is not None
    assert position.accessibleName() == "Step 14,568 of 34,596, product 6 of 9"
    transport.set_step(0)
    assert position.accessibleName() == "Step 1 of 34,596, product 6 of 9"
    with pytest.raises(ValueError, match="34596"):
        transport.set_step(34_596)


def test_seeking_moves_the_numbers_at_once(place: Place) -> None:
    transport, _ = _transport(place)
    scrub = transport.findChild(ScrubBar)
    position = transport.findChild(Position)
    assert scrub is not None
    assert position is not None
    scrub.setFocus()
    QTest.keyClick(scrub, Qt.Key.Key_End)
    assert position.accessibleName().startswith("Step 34,596 of 34,596")


@pytest.mark.parametrize("length", [9, 34_596, LONGEST])
@pytest.mark.parametrize("width", [560, 600, 640, 700, 776, 1200])
def test_nothing_overlaps_or_disappears_at_any_width(place: Place, width: int, length: int) -> None:
    transport, _ = _transport(place, width)
    transport.set_length(length)
    transport.set_levels([*LEVELS[:3], ("step", "Time step")])
    parts = _shown(transport)
    assert len(parts) == 9
    assert parts[0].x() >= 16
    assert parts[-1].geometry().right() == width - 20 - 1
    for one, other in pairwise(parts):
        assert one.geometry().right() < other.x(), (one, other)
    for part in parts:
        assert transport.rect().contains(part.geometry())
        assert part.width() >= part.sizeHint().width()


def test_where_it_is_narrow_the_levels_become_a_list_that_does_the_same(place: Place) -> None:
    transport, asked = _transport(place, 560)
    assert not any(isinstance(part, Segmented) for part in _shown(transport))
    levels = next(
        part
        for part in _shown(transport)
        if isinstance(part, Choice) and not isinstance(part, SpeedChoice)
    )
    levels.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(levels, Qt.Key.Key_Down)
    assert asked == [("level_chosen", "cell")]
    transport.resize(776, metrics.TRANSPORT)
    segmented = transport.findChild(Segmented)
    assert segmented is not None
    assert segmented.isVisible()
    assert segmented.value() == "cell"


def test_nothing_moves_while_it_plays(place: Place) -> None:
    transport, _ = _transport(place)
    before = [part.geometry() for part in _shown(transport)]
    for step in (0, 8, 99, 12_345, 34_595):
        transport.set_step(step)
        transport.set_pips(1 + step % 9, 9, f"product {1 + step % 9} of 9")
        assert [part.geometry() for part in _shown(transport)] == before


def test_the_transport_is_painted(place: Place, pixel: Callable[..., str]) -> None:
    transport, _ = _transport(place)
    assert transport.height() == metrics.TRANSPORT
    assert pixel(transport, 400, 0) == LIGHT.hairline
    assert pixel(transport, 400, 1) == LIGHT.panel
    assert pixel(transport, 100, 22) == LIGHT.ink2  # the track that is done
    assert pixel(transport, 700, 22) == LIGHT.well
    assert pixel(transport, 84, 63) == LIGHT.ink1  # the play button
    pips = transport.findChild(Pips)
    assert pips is not None
    middle = pips.mapTo(transport, QPoint(13 * 5 + 4, 4))
    assert pixel(transport, middle.x(), middle.y()) == LIGHT.writes


def _bar(place: Place) -> tuple[TopBar, list[str]]:
    bar = TopBar()
    asked: list[str] = []
    for name in ("undo", "redo", "picture", "theme_toggled", "help"):
        getattr(bar, name).connect(lambda name=name: asked.append(name))
    place(bar, 1072)
    return bar, asked


def test_the_top_bar_asks_for_what_its_buttons_show(place: Place) -> None:
    bar, asked = _bar(place)
    bar.set_undo("change stride")
    bar.set_redo("edit kernel")
    for name in (
        *("Undo: change stride", "Redo: edit kernel", "Pictures"),
        *("Dark theme", "Shortcuts and help"),
    ):
        QTest.mouseClick(_named(bar, name), LEFT)
    assert asked == ["undo", "redo", "picture", "theme_toggled", "help"]


def test_undo_without_an_edit_says_so(place: Place) -> None:
    bar, asked = _bar(place)
    button = _named(bar, "Undo")
    QTest.mouseClick(button, LEFT)
    assert asked == []
    assert button.toolTip() == "There is nothing to undo."
    bar.set_undo("change stride")
    assert button.toolTip() == "Undo: change stride  (Ctrl Z)"
    bar.set_undo(None)
    assert not button.isEnabled()
    assert _named(bar, "Redo").toolTip() == "There is nothing to redo."


def test_the_theme_button_offers_the_other_theme(place: Place) -> None:
    bar, _ = _bar(place)
    bar.set_dark(True)
    assert _named(bar, "Light theme").icon_name() == "sun"
    bar.set_dark(False)
    assert _named(bar, "Dark theme").icon_name() == "moon"


def test_the_path_is_shown(place: Place, pixel: Callable[..., str]) -> None:
    bar, _ = _bar(place)
    bar.set_breadcrumb("Images", "Convolution")
    assert any(child.accessibleName() == "Images / Convolution" for child in bar.children())
    picture = bar.grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(20, 170) for y in range(10, 34)}
    assert LIGHT.ink1 in inks
    assert pixel(bar, 500, 43) == LIGHT.hairline
    bar.set_breadcrumb("", "Convolution")
    assert any(child.accessibleName() == "Convolution" for child in bar.children())


@pytest.mark.parametrize("run", [0, 1, 2, 30])
def test_the_dot_of_a_run_has_its_colour_in_the_theme_that_is_chosen_later(
    place: Place, qapp: QApplication, run: int, colours: Callable[[QWidget], set[str]]
) -> None:
    light, dark = (
        each.branches[run % len(each.branches)].lower() for each in (theme.LIGHT, theme.DARK)
    )
    bar, _ = _bar(place)
    bar.set_status("Training", run)
    assert light in colours(bar)
    theme.apply(qapp, theme.DARK)
    shown = colours(bar)
    assert dark in shown
    assert light not in shown
