"""A picture of which only the changed parts are painted is, to the pixel, one painted whole."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from simulator.engine.backends.base import Backend
from simulator.gui import theme
from simulator.gui.stage.pictures import PICTURES
from simulator.gui.widgets.parts import KeptParts, Part, Parts, Sheet, call
from simulator.lessons.catalogue import lesson
from simulator.lessons.opening import open_lesson
from simulator.traces.timeline import Moment
from tests.gui.conftest import state_of

GROUND = QColor("#fafafb")
ROUNDING = 4
"""Of 255 shades: at smooth edges, in a picture of cells that is kept, and along a slanted line that
the edge of what is painted again cuts in two."""
SIZE = QSize(120, 80)


class Painted:
    """A square that counts how often it is painted."""

    def __init__(self, left: float, colour: str) -> None:
        self.rect = QRectF(left, 10.5, 30, 40)
        self.colour = colour
        self.times = 0

    def part(self, key: object = 0) -> Part:
        return Part(self.rect, key, self)

    def __call__(self, painter: QPainter) -> None:
        self.times += 1
        painter.setPen(QColor("#15181d"))
        painter.setBrush(QColor(self.colour))
        painter.drawRoundedRect(self.rect, 5, 5)


def pixels(sheet: Sheet, size: QSize = SIZE, ratio: float = 1.0) -> np.ndarray:
    image = QImage(
        round(size.width() * ratio), round(size.height() * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    sheet.paint(painter, QRegion(0, 0, size.width(), size.height()))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()


@pytest.fixture
def squares(qapp: QApplication) -> list[Painted]:
    return [Painted(4, "#0069a6"), Painted(24, "#b84500"), Painted(80, "#0a7d5a")]


def shown(sheet: Sheet, parts: Parts, ratio: float = 1.0) -> QRectF:
    """Show parts; return the rectangle around what was told to be another."""
    return QRectF(sheet.show(parts, SIZE, ratio, GROUND).boundingRect())


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_what_changes_is_painted_with_all_that_reaches_into_it(
    squares: list[Painted], ratio: float
) -> None:
    sheet, whole = Sheet(), Sheet()
    one, two, three = squares
    shown(sheet, {"one": one.part(), "two": two.part(), "three": three.part()}, ratio)
    two.colour = "#ffffff"
    parts = {"one": one.part(), "two": two.part(1), "three": three.part()}
    region = shown(sheet, parts, ratio)
    assert region.contains(two.rect)
    assert not region.intersects(three.rect)
    assert [square.times for square in squares] == [2, 2, 1]
    shown(whole, parts, ratio)
    assert np.array_equal(pixels(sheet, ratio=ratio), pixels(whole, ratio=ratio))


def test_nothing_is_painted_where_nothing_is_another(squares: list[Painted]) -> None:
    sheet = Sheet()
    one = squares[0]
    shown(sheet, {"one": one.part()})
    assert shown(sheet, {"one": one.part()}).isEmpty()
    assert one.times == 1


def test_what_moves_goes_or_changes_its_place_in_the_order_is_another(
    squares: list[Painted],
) -> None:
    one, two, three = squares
    pictures: list[Parts] = [
        {"one": one.part(), "two": two.part()},
        {"two": two.part(), "one": one.part()},
        {"two": two.part(), "one": three.part()},
        {"one": three.part()},
        {},
        {"two": two.part(), "three": three.part()},
    ]
    sheet = Sheet()
    for at, parts in enumerate(pictures):
        whole = Sheet()
        shown(sheet, parts)
        shown(whole, parts)
        assert np.array_equal(pixels(sheet), pixels(whole)), f"picture {at}"


def test_another_size_or_scale_is_painted_whole(squares: list[Painted]) -> None:
    sheet = Sheet()
    one = squares[0]
    parts = {"one": one.part()}
    shown(sheet, parts)
    assert shown(sheet, parts, ratio=2.0) == QRectF(0, 0, SIZE.width(), SIZE.height())
    sheet.clear()
    assert shown(sheet, parts, ratio=2.0) == QRectF(0, 0, SIZE.width(), SIZE.height())


def test_a_picture_without_pixels_is_none_until_there_are_some(squares: list[Painted]) -> None:
    sheet = Sheet()
    parts = {"one": squares[0].part()}
    shown(sheet, parts)
    for size in (QSize(0, 0), QSize(120, 0), QSize(-1, 80)):
        assert sheet.show(parts, size, 1.0, GROUND).isEmpty()
    assert squares[0].times == 1
    assert shown(sheet, parts) == QRectF(0, 0, SIZE.width(), SIZE.height())
    assert squares[0].times == 2


def test_a_call_is_told_by_its_arguments(squares: list[Painted]) -> None:
    def paint(painter: QPainter, words: str) -> None:
        painter.drawText(10, 20, words)

    rect = QRectF(0, 0, 40, 30)
    sheet = Sheet()
    shown(sheet, {"a": call(rect, paint, words="a")})
    assert shown(sheet, {"a": call(rect, paint, words="a")}).isEmpty()
    assert not shown(sheet, {"a": call(rect, paint, words="b")}).isEmpty()


def test_parts_are_kept_under_their_key(squares: list[Painted]) -> None:
    kept = KeptParts()
    kept.under("row", 1)["a"] = squares[0].part()
    assert kept.under("row", 1)["a"].paint is squares[0]
    assert kept.under("row", 2) == {}
    assert kept.under("row", 1) == {}, "what was made under another key is forgotten"


WALKS = [
    ("convolution", {"size": 24, "channels": "3", "filters": 2, "padding": 2}, "product"),
    ("rnn-unrolled", {}, "product"),
    ("lstm-gates", {"source": "sine", "length": 30, "units": 16}, "unit"),
    ("lstm-gates", {}, "gate"),
    ("gru-gates", {}, "unit"),
    ("back-through-time", {"source": "sine", "length": 30, "units": 12}, "unit"),
    ("back-through-time", {"cell": "lstm", "window": 4}, "step"),
    ("deep-bidirectional", {"length": 30}, "unit"),
    ("autoencoder", {}, "unit"),
    ("boltzmann", {}, "unit"),
    ("explore-code", {}, ""),
]


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("ratio", [1.0, 1.5])
@pytest.mark.parametrize(("lesson_id", "settings", "level"), WALKS)
def test_a_walk_through_a_lesson_is_painted_to_the_pixel(
    qapp: QApplication, lesson_id: str, settings: dict[str, int | str], level: str, ratio: float
) -> None:
    theme.apply(qapp, theme.DARK)
    size = QSize(940, 660)
    session = open_lesson(lesson(lesson_id), Backend(), state_of(lesson_id, **settings))
    if level:
        session.set_level(level)
    rng = np.random.default_rng(3)
    picture = PICTURES[session.lesson.scene]()
    sheet, fresh = Sheet(), PICTURES[session.lesson.scene]()
    at = session.timeline.length // 2
    for move in range(24):
        if move % 6 == 5:
            at = int(rng.integers(session.timeline.length))
        before, at = at, min(at + 1, session.timeline.length - 1)
        moment = Moment(before, at, float(rng.choice([0.3, 0.7, 1.0])))
        made = []
        for each in (picture, fresh):
            each.lay_out(size.width(), size.height(), session.extents(moment))
            made.append(each.parts(session.frame_at(moment, each.room), {}))
        ground = theme.colour("stage")
        sheet.show(made[0], size, ratio, ground)
        if move % 4:
            continue
        whole = Sheet()
        fresh.clear()
        whole.show(made[1], size, ratio, ground)
        both = [pixels(each, size, ratio).view(np.uint8).astype(int) for each in (sheet, whole)]
        assert np.abs(both[0] - both[1]).max() <= ROUNDING, f"move {move}, step {at}"
