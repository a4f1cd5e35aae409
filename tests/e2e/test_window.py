"""The real app under a real X server, with real keys and a real mouse."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine.backends.base import Backend
from simulator.gui.stage.board_plan import place
from simulator.gui.stage.plan import plan
from simulator.lessons.board import GridPanel, PointMap
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.frame import Room
from simulator.lessons.opening import open_lesson
from tests.e2e.conftest import BAR, HEIGHT, LIST, PANEL, TRANSPORT, WIDTH, App, Pixels, until

PLAY = (LIST + 100, HEIGHT - 29)
POOLING_ROW = 219
"""Pixels from the top of the window to the row of that lesson in the list."""


def step(number):
    return ("--level", "product", "--step", str(number))


def kernel_cell(row, column):
    """The middle of a cell of the kernel, in pixels of the window."""
    session = open_lesson(find("convolution"), Backend())
    drawn = plan(WIDTH - LIST - PANEL, HEIGHT - BAR - TRANSPORT, session.extents())
    weights = drawn.weights
    size = session.trace.geometry.kernel_size[0]
    cell = weights.width() / size
    return (
        LIST + weights.left() + (column + 0.5) * cell,
        BAR + weights.top() + (row + 0.5) * cell,
    )


def settled(app: App) -> Pixels:
    """The stage once its picture has stayed the same for several looks: nothing glides any more."""
    looks = [app.stage()]

    def still() -> bool:
        looks.append(app.stage())
        return len(looks) > 10 and all((look == looks[-1]).all() for look in looks[-10:])

    until(still, "the picture to come to rest")
    return looks[-1]


def test_play_step_edit_undo_and_close(start, rendered):
    app = start("convolution")
    first = rendered("convolution", *step(1))
    until(lambda: app.shows(first), "the first step on the stage")

    app.click(*PLAY)
    app.away()
    until(lambda: not app.shows(first), "the picture to move")
    app.click(*PLAY)
    app.away()
    app.key("Home")
    until(lambda: app.shows(first), "the first step again")

    app.key("Right", "Right", "Right")
    fourth = rendered("convolution", *step(4))
    until(lambda: app.shows(fourth), "the fourth step, three steps on")
    app.key("Left")
    third = rendered("convolution", *step(3))
    until(lambda: app.shows(third), "the third step, one step back")

    app.click(*kernel_cell(0, 2), times=2)
    app.type("7")
    app.key("Return")
    app.away()
    app.key("Escape")
    until(lambda: not app.shows(third), "the edited kernel")
    edited = settled(app)
    app.key("ctrl+z")
    until(lambda: app.shows(third), "the kernel as it was")
    app.key("ctrl+shift+z")
    until(lambda: app.shows(edited), "the edit once more")
    app.key("ctrl+z")
    until(lambda: app.shows(third), "the kernel as it was, again")

    app.key("ctrl+t")
    dark = rendered("convolution", *step(3), "--theme", "dark")
    until(lambda: app.shows(dark), "the dark theme")
    app.close()


def test_the_other_lesson_is_remembered(start, rendered):
    app = start("convolution")
    until(lambda: app.shows(rendered("convolution", *step(1))), "the lesson")
    app.click(LIST / 2, POOLING_ROW)
    app.away()
    pooling = rendered("pooling", *step(1))
    until(lambda: app.shows(pooling), "the pooling lesson")
    app.key("End")
    last = rendered("pooling", *step(4096))
    until(lambda: app.shows(last), "its last step")
    assert not np.array_equal(pooling, last)
    app.close()


@pytest.mark.slow
def test_a_code_is_dragged_and_its_decoding_changes(start):
    app = start("explore-code")
    width, height = WIDTH - LIST - PANEL, HEIGHT - BAR - TRANSPORT
    session = open_lesson(find("explore-code"), Backend())
    frame = session.frame(Room((256, 256), (256, 256)))
    panels = {type(each.panel): each for each in place(frame, width, height)}
    area, decoded = panels[PointMap].rect, panels[GridPanel].rect.toRect()
    shown = (
        slice(decoded.top(), decoded.top() + decoded.height()),
        slice(decoded.left(), decoded.left() + decoded.width()),
    )

    app.opened("Explore the code")
    until(lambda: app.stage()[shown].std() > 60, "a digit that is decoded")
    before = settled(app)

    def at(across, down):
        x = LIST + area.left() + across * area.width()
        y = BAR + area.top() + down * area.height()
        return ("mousemove", "--window", app.window, str(round(x)), str(round(y)))

    app.screen.xdotool(*at(0.3, 0.3), "mousedown", "1")
    for step in range(6):
        app.screen.xdotool(*at(0.3 + 0.08 * step, 0.3 + 0.07 * step))
    app.screen.xdotool("sleep", "1")  # a hand that rests is not one that lets go
    app.screen.xdotool(*at(0.75, 0.7), "mouseup", "1")
    app.away()
    after = settled(app)

    def apart(picture, other):
        return np.abs(picture[shown].astype(int) - other[shown]).mean()

    far = apart(after, before)
    assert far > 12, "another picture is decoded"
    # When the kernels come the network learns anew, and draws the same digit a little otherwise.
    app.key("ctrl+z")
    until(lambda: apart(app.stage(), before) < far / 3, "all of the drag to be undone at once")
    app.key("ctrl+shift+z")
    until(lambda: apart(app.stage(), after) < far / 3, "the drag once more")
    app.close()
