"""A part that stays the same is painted once, and looks as if it were painted each time."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from simulator.gui.stage import kept_pictures
from simulator.gui.stage.kept_pictures import KeptPictures

GROUND = QColor("#fafafb")
PART = QRectF(10.4, 8.7, 41.3, 30.9)
ROUNDING = 1
"""Of smooth edges, in one of 255 shades."""


class Part:
    """Something to paint, that counts how often it is."""

    def __init__(self) -> None:
        self.painted = 0

    def __call__(self, painter: QPainter) -> None:
        self.painted += 1
        painter.setPen(QColor("#b84500"))
        painter.setBrush(QColor("#0069a6"))
        painter.drawRoundedRect(PART.adjusted(3, 3, -3, -3), 5, 5)
        painter.drawText(PART.center(), "7")


@pytest.fixture
def painter(qapp: QApplication) -> Iterator[QPainter]:
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    opened = QPainter(image)
    yield opened
    opened.end()


def picture(kept: KeptPictures | None, part: Part, *, ratio: float, key: object = 1) -> QImage:
    """The part on its ground, straight or from what is kept."""
    image = QImage(round(80 * ratio), round(60 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(GROUND)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if kept is None:
        part(painter)
    else:
        kept.draw(painter, "part", key, PART, part, GROUND)
    painter.end()
    return image


def furthest_apart(one: QImage, other: QImage) -> int:
    """The largest difference of any channel of any pixel."""
    first, second = (np.frombuffer(image.constBits(), np.uint8) for image in (one, other))
    return int(np.abs(first.astype(int) - second.astype(int)).max())


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_it_looks_the_same_painted_or_kept(qapp: QApplication, ratio: float) -> None:
    kept, part = KeptPictures(), Part()
    straight = picture(None, Part(), ratio=ratio)
    shown = [picture(kept, part, ratio=ratio) for _ in range(4)]
    assert [furthest_apart(one, straight) <= ROUNDING for one in shown] == [True] * 4
    assert part.painted == 2, "straight, then for the picture, then no more"


def test_it_is_painted_anew_when_it_changes(qapp: QApplication) -> None:
    kept, part = KeptPictures(), Part()
    for key in (1, 1, 1, 2, 3, 2):
        picture(kept, part, ratio=1.0, key=key)
    assert part.painted == 2 + 3


def test_a_part_elsewhere_or_on_another_screen_is_another(painter: QPainter) -> None:
    kept, part = KeptPictures(), Part()
    for rect in (PART, PART, PART, PART.translated(1, 0), PART):
        kept.draw(painter, "part", 1, rect, part, GROUND)
    assert part.painted == 2 + 2
    picture(kept, part, ratio=2.0)
    assert part.painted == 5


def test_nothing_is_kept_once_it_was_cleared(qapp: QApplication) -> None:
    kept, part = KeptPictures(), Part()
    for _ in range(3):
        picture(kept, part, ratio=1.0)
    kept.clear()
    picture(kept, part, ratio=1.0)
    assert part.painted == 3


def test_a_drawing_in_vectors_gets_the_part_itself(qapp: QApplication) -> None:
    kept, part = KeptPictures(), Part()
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    painter = QPainter(generator)
    for _ in range(3):
        kept.draw(painter, "part", 1, PART, part, GROUND)
    painter.end()
    assert part.painted == 3
    assert b"<image" not in bytes(buffer.data().data())


def test_in_another_scale_the_part_is_painted(painter: QPainter) -> None:
    kept, part = KeptPictures(), Part()
    painter.scale(0.7, 0.7)
    for _ in range(3):
        kept.draw(painter, "part", 1, PART, part, GROUND)
    assert part.painted == 3


def test_only_so_many_are_kept(painter: QPainter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pictures, "MOST_PICTURES", 2)
    made: list[QPixmap] = []
    monkeypatch.setattr(
        kept_pictures, "QPixmap", lambda *size: made.append(QPixmap(*size)) or made[-1]
    )
    kept, part = KeptPictures(), Part()
    for name in ("a", "a", "b", "b", "c", "c", "b", "c"):
        kept.draw(painter, name, 1, PART, part, GROUND)
    assert len(made) == 3
    kept.draw(painter, "a", 1, PART, part, GROUND)
    assert part.painted == 2 * 3 + 1, "the first had to give way"
