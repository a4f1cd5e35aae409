"""No object of Qt is deleted by Python's collector at a moment or in a thread that is not safe."""

import gc
import mmap
import platform
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from simulator.data.pictures import LoadedPicture
from simulator.gui import garbage, picture_loader, theme
from simulator.gui.lab.training_thread import TrainingThread
from simulator.gui.picture_loader import PictureLoader


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    gc.enable()
    yield
    assert gc.isenabled()


def test_it_is_kept_until_the_last_is_done() -> None:
    with garbage.kept():
        assert not gc.isenabled()
        with garbage.kept():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_fault_does_not_keep_it_for_good() -> None:
    with pytest.raises(ZeroDivisionError), garbage.kept():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_collects_none_keeps_to_that() -> None:
    gc.disable()
    with garbage.kept():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()


def test_it_is_kept_for_every_thread() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with garbage.kept():
            inside.set()
            assert leave.wait(timeout=10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(timeout=10)
    with garbage.kept():
        pass
    assert not gc.isenabled(), "the other is not done yet"
    leave.set()
    thread.join()
    assert gc.isenabled()


class Witness(QWidget):
    """Notes whether garbage is collected while it takes on a style."""

    def __init__(self) -> None:
        super().__init__()
        self.collecting: list[bool] = []

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() in {QEvent.Type.StyleChange, QEvent.Type.PaletteChange}:
            self.collecting.append(gc.isenabled())
        super().changeEvent(event)


def test_no_widget_is_collected_while_all_take_on_a_theme(qtbot: QtBot, qapp: QApplication) -> None:
    witness = Witness()
    qtbot.addWidget(witness)
    witness.show()
    witness.collecting.clear()
    for taken in (theme.DARK, theme.LIGHT):
        theme.apply(qapp, taken)
    assert len(witness.collecting) >= 2
    assert not any(witness.collecting)


def test_no_widget_is_collected_in_a_thread_that_reads_a_picture(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting: list[bool] = []
    picture = LoadedPicture(pixels=np.zeros((2, 2, 3), np.uint8), title="any", notices=())

    def read(path: str) -> LoadedPicture:
        collecting.append(gc.isenabled())
        return picture

    monkeypatch.setattr(picture_loader, "load_picture", read)
    loader = PictureLoader()
    with qtbot.waitSignal(loader.loaded):
        loader.load_file("any")
    loader.stop()
    assert collecting == [False]


class Ring:
    itself: object = None


def test_what_grew_old_is_collected_while_the_lab_has_its_thread(qapp: QApplication) -> None:
    collector = TrainingThread(qapp).findChild(QTimer)
    assert isinstance(collector, QTimer)
    with garbage.kept():
        ring = Ring()
        ring.itself = ring
        gone = weakref.ref(ring)
        gc.collect(1)
        gc.collect(1)
        del ring
        gc.collect(1)
        assert gone() is not None, "it has to be old"
        for _ in range(60):
            collector.timeout.emit()
        assert gone() is None


def test_free_memory_is_given_back_once_a_minute(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[bool] = []
    give_back = garbage.give_back
    monkeypatch.setattr(garbage, "give_back", lambda: given.append(give_back()))
    collector = TrainingThread(qapp).findChild(QTimer)
    assert isinstance(collector, QTimer)
    for _ in range(59):
        collector.timeout.emit()
    assert given == []
    for _ in range(61):
        collector.timeout.emit()
    assert len(given) == 2


def test_what_lies_free_between_small_things_is_given_back() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    kept = [np.ones(2000 if index % 2 else 16_000, np.uint8) for index in range(10_000)]
    del kept[::2]
    glibc = platform.libc_ver()[0] == "glibc"
    before = resident() if glibc else 0
    assert garbage.give_back() == glibc
    if glibc:
        assert resident() < before - 30 * 2**20, "of the 80 MB that lie free"
    assert len(kept) == 5000
