"""What a stage has kept from earlier frames never shows: it looks like one that is just opened."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.gui import theme
from simulator.gui.document import Document
from simulator.gui.lesson_page import LessonPage
from simulator.gui.stage.stage import Stage
from simulator.lessons.frame import Pointer
from tests.gui.conftest import Clock

Open = Callable[..., LessonPage]

MOVES = 60


def _differing(one: QImage, other: QImage) -> list[tuple[int, int]]:
    """The pixels in which two pictures differ, (x, y)."""
    pictures = [
        np.frombuffer(
            picture.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint32
        ).reshape(picture.height(), picture.width())
        for picture in (one, other)
    ]
    rows, columns = np.nonzero(pictures[0] != pictures[1])
    return list(zip(columns.tolist(), rows.tolist(), strict=True))


def _fresh(qtbot: QtBot, page: LessonPage, clock: Clock) -> QImage:
    """A picture of a stage that is opened where ``page`` stands."""
    old = page.document
    document = Document(old.lesson, Backend(), old.shown_state, clock=clock)
    document.set_level(old.session.trace.level)
    stage = Stage(document)
    qtbot.addWidget(stage)
    stage.resize(page.stage.size())
    document.pick("map", old.session.map_on_view)
    document.pick("channel", old.session.channel_on_view)
    document.seek(old.timeline.step)
    document.session.hovered, document.session.pinned = old.session.hovered, old.session.pinned
    picture = stage.grab().toImage()
    stage.close()
    return picture


def _some_cell(document: Document, rng: np.random.Generator) -> Pointer:
    arrays = document.session.trace.arrays
    name = str(rng.choice([name for name in ("input", "kernel", "output") if name in arrays]))
    return Pointer(name, tuple(int(rng.integers(length)) for length in arrays[name].shape))


def _move(document: Document, rng: np.random.Generator) -> None:
    """Do one of the things that change what is on the stage."""
    kind = rng.integers(9)
    if kind < 3:
        document.seek(int(rng.integers(document.timeline.length)))
    elif kind == 3:
        document.forward()
        document.tick(1.0)
    elif kind == 4:
        document.set_level(str(rng.choice(list(document.session.trace.levels))))
    elif kind == 5:
        document.pin(_some_cell(document, rng) if rng.integers(2) else None)
    elif kind == 6:
        document.hover(_some_cell(document, rng) if rng.integers(2) else None)
    elif kind == 7:
        pointer = _some_cell(document, rng)
        if pointer.array != "output":
            document.edit_cells(pointer.array, {pointer.index: float(rng.integers(-99, 255))})
    else:
        document.pick("map", int(rng.integers(3)))


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize(
    ("lesson", "settings"),
    [
        ("convolution", {"size": 7}),
        ("convolution", {"size": 32, "channels": "3", "filters": 3}),
        ("convolution", {"size": 24, "padding": 3, "dilation": 2, "stride": 2}),
        ("pooling", {"size": 24, "channels": "3", "window": 3}),
        ("pooling", {"size": 6, "kind": "average", "padding": 1}),
    ],
)
def test_after_any_way_the_picture_is_the_same(
    qtbot: QtBot,
    qapp: QApplication,
    open_page: Open,
    clock: Clock,
    lesson: str,
    settings: dict[str, int | str],
) -> None:
    rng = np.random.default_rng(11)
    page = open_page(lesson, **settings)
    page.stage.grab()
    for at in range(MOVES):
        _move(page.document, rng)
        if at % 20 == 19:
            theme.apply(qapp, theme.LIGHT if theme.current().dark else theme.DARK)
        kept = page.stage.grab().toImage()
        if at % 3 == 0:
            fresh = _fresh(qtbot, page, clock)
            assert _differing(kept, fresh) == [], f"after move {at}"


def test_a_step_shows_in_the_picture(open_page: Open) -> None:
    page = open_page(size=7)
    before = page.stage.grab().toImage()
    page.document.seek(1)
    assert _differing(page.stage.grab().toImage(), before)
    page.document.seek(0)
    assert not _differing(page.stage.grab().toImage(), before)
