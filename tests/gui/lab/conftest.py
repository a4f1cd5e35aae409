"""A window to put the lab's widgets in, and a page whose training a test drives itself."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.presets import Preset
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.gui import theme
from simulator.gui.lab import lab_page
from simulator.gui.lab.lab_page import LabPage
from tests.gui.conftest import Clock, settle
from tests.gui.widgets.conftest import _light, colours, pixel, place, turn

__all__ = ["_light", "colours", "pixel", "place", "turn"]

SMALL = Preset(
    "small",
    "Small",
    "Pictures",
    "A network that learns at once.",
    ProgramSpec(
        sequential(
            [
                LayerSpec("Flatten", "flatten"),
                LayerSpec("Dense", "dense", {"units": 8, "activation": "relu"}),
                LayerSpec("Dropout", "dropout", {"rate": 0.25}),
                LayerSpec("Dense", "dense_1", {"units": 10, "activation": "softmax"}),
            ],
            shape=(8, 8, 1),
        ),
        CompileSpec(
            OptimizerSpec("SGD", {"learning_rate": 0.1}),
            "sparse_categorical_crossentropy",
            ("accuracy",),
        ),
        FitSpec(epochs=4, batch_size=32, validation=True),
        seed=1,
    ),
    "digits",
    {"samples": 200},
)


class Lab:
    """A page, and turns of its training that a test asks for."""

    def __init__(self, page: LabPage) -> None:
        self.page = page
        self.document = page.document

    def turn(self, turns: int = 1) -> None:
        """Let the training's thread have so many turns, and the window its news."""
        for _ in range(turns):
            self.document.loop.turn()
            self.document.take_news()
        settle()

    def train(self, batches: int) -> None:
        """Train with so many batches, one by one."""
        for _ in range(batches):
            self.document.one_batch()
            self.document.loop.turn()
        self.turn()


@pytest.fixture
def open_lab(
    qtbot: QtBot, qapp: QApplication, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Lab]:
    """Show the lab's page with a small network, on NumPy, without a thread."""

    def opened(preset: Preset = SMALL, *, width: int = 1224, height: int = 756) -> Lab:
        theme.apply(qapp, theme.LIGHT)
        monkeypatch.setattr(lab_page, "first_preset", lambda: preset)
        page = LabPage(Backend(), threaded=False, clock=clock)
        page.files.copies.stop()  # a test asks for a copy itself, however long it takes
        qtbot.addWidget(page)
        page.resize(width, height)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is page)
        lab = Lab(page)
        lab.turn(2)
        return lab

    return opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "open_lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))
