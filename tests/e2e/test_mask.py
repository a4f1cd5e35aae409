"""Painting over a picture in the real window, and what the machine fills in there."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine.backends import select
from simulator.gui.stage.board_picture import EVERYTHING
from simulator.gui.stage.board_plan import grid_rect, place
from simulator.lessons.board import GridPanel
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.opening import open_lesson
from tests.e2e.conftest import BAR, HEIGHT, LIST, PANEL, TRANSPORT, WIDTH, until

LESSON = "machine-at-work"
ROW, FIRST, LAST = 3, 1, 6


def cell(session, key, row, column, across=0.5, down=0.5):
    """A point of a grid's cell, in pixels of the stage."""
    frame = session.frame(EVERYTHING)
    for placed in place(frame, WIDTH - LIST - PANEL, HEIGHT - BAR - TRANSPORT):
        if isinstance(placed.panel, GridPanel) and placed.panel.grid.key == key:
            rect = grid_rect(placed.panel, placed.rect)
            view = placed.panel.grid.view
            return (
                round(rect.left() + (column + across) * rect.width() / view.width),
                round(rect.top() + (row + down) * rect.height() / view.height),
            )
    raise AssertionError(key)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_mask_is_painted_and_filled_in_and_put_back(start, rendered):
    app = start(LESSON)
    last = rendered(LESSON, "--step", "200")
    app.opened(find(LESSON).entry.title)
    app.key("End")
    # Once the kernels are there, for which a first start takes long, the machine learns anew.
    until(lambda: app.shows(last), "the last step", 200)

    session = open_lesson(find(LESSON), select.create("auto"))
    stroke = session.stroke((ROW, FIRST), (ROW, LAST), erase=False)
    assert session.apply(session.state.with_cells("input", stroke))
    session.timeline.last()
    values = session.trace.arrays["estimate"].values[-1]
    missing = session.trace.missing.reshape(8, 8)
    assert missing[ROW, FIRST : LAST + 1].all()

    app.key("d")
    app.drag(
        *(
            (LIST + x, BAR + y)
            for x, y in (cell(session, "input", ROW, column) for column in (FIRST, LAST))
        )
    )
    app.key("d")

    def filled_in():
        """Every missing cell is as grey as the machine believes."""
        shown = app.stage()
        corners = [
            (at, cell(session, "estimate", *at, across=0.15, down=0.15))
            for at in map(tuple, np.argwhere(missing).tolist())
        ]
        return all(
            np.abs(shown[y, x].astype(float) - 255 * values[at]).max() < 16
            for at, (x, y) in corners
        )

    until(filled_in, "what the machine believes of the cells painted over")
    assert not app.shows(last)
    app.key("ctrl+z")
    until(lambda: app.shows(last), "the picture as it was")
    app.close()
