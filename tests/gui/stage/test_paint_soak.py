"""Qt for Python has crashed after some ten thousand calls of a painter: a million must not."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QImage, QPainter

from simulator.engine.backends.base import Backend
from simulator.gui.stage.plan import plan
from simulator.gui.stage.stage_painter import StagePainter
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.opening import open_lesson
from tests.gui.conftest import state_of

CALLS = 1_000_000
SIZE = (1072, 664)


class CountingPainter(QPainter):
    """A painter that counts what is asked of it."""

    calls = 0


def _counted(name: str) -> Callable[..., Any]:
    paint = getattr(QPainter, name)

    def call(self: CountingPainter, *args: Any) -> Any:
        CountingPainter.calls += 1
        return paint(self, *args)

    return call


for _name in dir(QPainter):
    if _name.startswith(("draw", "fill", "set", "save", "restore", "translate")):
        setattr(CountingPainter, _name, _counted(_name))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_million_calls_of_the_painter(qapp: object) -> None:
    sessions = [
        open_lesson(lesson, Backend(), state_of(lesson.id, size=16, channels="3"))
        for lesson in LESSONS
        if lesson.scene == "window"
    ]
    picture = QImage(*SIZE, QImage.Format.Format_RGB32)
    CountingPainter.calls = 0
    step = 0
    while CountingPainter.calls < CALLS:
        step += 1
        session = sessions[step % len(sessions)]
        session.timeline.seek(step * 7 % session.timeline.length)
        laid_out = plan(*SIZE, session.extents())
        painter = CountingPainter(picture)
        try:
            # A new one each time, so that nothing is copied that was painted before.
            parts = StagePainter().parts(session.frame(laid_out.room), laid_out, {})
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for part in parts.values():
                part.paint(painter)
        finally:
            painter.end()
    assert step > 50
    assert len({picture.pixel(x, 200) for x in range(SIZE[0])}) > 20, "something is in the picture"
