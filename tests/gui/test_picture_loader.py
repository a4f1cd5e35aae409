"""Pictures of the learner's own: good ones come in, bad ones are refused in a line."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QThread, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.data.pictures import LoadedPicture, PictureError
from simulator.gui import picture_loader
from simulator.gui.lesson_page import LessonPage
from simulator.gui.main_window import MainWindow
from simulator.gui.picture_loader import PictureLoader
from simulator.gui.settings import Memory
from simulator.lessons.lesson import OWN_PICTURE
from tests.data.picture_bytes import png

ROOT = Path(__file__).resolve().parents[2]
WAIT = 20_000
Open = Callable[..., MainWindow]


def _png(width: int, height: int, colour: tuple[int, ...] = (255, 0, 0)) -> bytes:
    stream = BytesIO()
    Image.new("RGB" if len(colour) == 3 else "RGBA", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


BAD = {
    "empty.png": b"",
    "text.png": b"This is no picture at all.\n" * 40,
    "truncated.png": _png(300, 300)[:-40],
    "vast.png": png(50_000, 50_000, b"\0" * 100),
    "zeros.jpg": bytes(1000),
}


class Answers:
    """What a loader answers, and on which thread."""

    def __init__(self, loader: PictureLoader) -> None:
        self.pictures: list[LoadedPicture] = []
        self.reasons: list[str] = []
        self.threads: set[object] = set()
        loader.loaded.connect(self._loaded)
        loader.refused.connect(self._refused)

    def _loaded(self, picture: LoadedPicture) -> None:
        self.pictures.append(picture)
        self.threads.add(QThread.currentThread())

    def _refused(self, reason: str) -> None:
        self.reasons.append(reason)
        self.threads.add(QThread.currentThread())


@pytest.fixture
def loader(qapp: QApplication) -> Iterator[PictureLoader]:
    made = PictureLoader()
    yield made
    made.stop()


def test_a_file_is_read_elsewhere_and_comes_back(
    qtbot: QtBot, loader: PictureLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading: list[object] = []
    load = picture_loader.load_picture

    def noted(path: str) -> LoadedPicture:
        reading.append(threading.get_ident())
        return load(path)

    monkeypatch.setattr(picture_loader, "load_picture", noted)
    file = tmp_path / "red.png"
    file.write_bytes(_png(8, 6))
    answers = Answers(loader)
    loader.load_file(str(file))
    qtbot.waitUntil(lambda: len(answers.pictures) == 1, timeout=WAIT)
    assert answers.pictures[0].pixels.shape == (6, 8, 3)
    assert (answers.pictures[0].pixels == [255, 0, 0]).all()
    assert answers.threads == {loader.thread()}
    assert reading != [threading.get_ident()]


def test_a_later_wish_replaces_one_still_being_read(
    qtbot: QtBot, loader: PictureLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = {"slow": threading.Event(), "bad": threading.Event()}
    made = LoadedPicture(pixels=np.zeros((2, 2, 3), np.uint8), title="quick", notices=())

    def read(path: str) -> LoadedPicture:
        if path == "quick":
            return made
        assert go_on[path].wait(timeout=10)
        if path == "bad":
            raise PictureError("bad indeed")
        return LoadedPicture(pixels=made.pixels, title="slow", notices=())

    monkeypatch.setattr(picture_loader, "load_picture", read)
    answers = Answers(loader)
    for path in ("slow", "bad", "quick"):
        loader.load_file(path)
    qtbot.waitUntil(lambda: len(answers.pictures) == 1, timeout=WAIT)
    go_on["slow"].set()
    go_on["bad"].set()
    loader.stop()
    QApplication.processEvents()
    assert [picture.title for picture in answers.pictures] == ["quick"]
    assert answers.reasons == []


def test_what_is_forgotten_is_not_answered(
    qtbot: QtBot, loader: PictureLoader, tmp_path: Path
) -> None:
    answers = Answers(loader)
    loader.load_file(str(tmp_path / "none.png"))
    loader.forget()
    loader.stop()
    QApplication.processEvents()
    assert answers.reasons == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PictureError("too yellow"), "too yellow"),
        (MemoryError(), "not enough memory"),
        (ZeroDivisionError("oops"), "ZeroDivisionError: oops"),
    ],
)
def test_every_fault_is_answered_in_a_line(
    qtbot: QtBot,
    loader: PictureLoader,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    def fail(path: str) -> LoadedPicture:
        raise error

    monkeypatch.setattr(picture_loader, "load_picture", fail)
    answers = Answers(loader)
    loader.load_file("any")
    qtbot.waitUntil(lambda: len(answers.reasons) == 1, timeout=WAIT)
    assert words in answers.reasons[0]
    assert "\n" not in answers.reasons[0]


def test_nothing_is_left_of_a_reading(qtbot: QtBot, loader: PictureLoader, tmp_path: Path) -> None:
    answers = Answers(loader)
    for at in range(5):
        loader.load_file(str(tmp_path / f"{at}.png"))
    qtbot.waitUntil(lambda: len(answers.reasons) == 1, timeout=WAIT)
    loader.stop()
    qtbot.waitUntil(lambda: not loader.findChildren(QThread), timeout=WAIT)


def test_a_picture_of_the_clipboard_keeps_its_pixels(qtbot: QtBot, loader: PictureLoader) -> None:
    image = QImage(3, 3, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    image.setPixelColor(2, 0, QColor(200, 100, 50))
    answers = Answers(loader)
    loader.load_image(image, "From the clipboard")
    qtbot.waitUntil(lambda: len(answers.pictures) == 1, timeout=WAIT)
    picture = answers.pictures[0]
    assert picture.title == "From the clipboard"
    assert picture.pixels[0, 2].tolist() == [200, 100, 50]
    assert picture.pixels[1, 1].tolist() == [10, 20, 30]


# In the window


def _drop(page: LessonPage, file: Path) -> None:
    """Drag a file over the stage and drop it there."""
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(file))])
    copy = Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(50, 50), copy, dragged, left, none)
    QApplication.sendEvent(page.stage, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page.stage, QDropEvent(QPointF(50, 50), copy, dragged, left, none))


def _copy(file: Path) -> None:
    """Copy a file as a file manager does."""
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(file))])
    QApplication.clipboard().setMimeData(copied)


@pytest.fixture
def window(open_window: Open, qapp: QApplication) -> Iterator[MainWindow]:
    yield open_window()
    QApplication.clipboard().clear()


def _page(window: MainWindow) -> LessonPage:
    assert window.page is not None
    return window.page


@pytest.mark.parametrize("way", ["open", "drop", "copy"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_and_the_lesson_unharmed(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str, way: str
) -> None:
    page = _page(window)
    page.document.seek(7)
    page.document.edit_cells("input", {(0, 0, 0): 5.0})
    state, trace = page.document.state, page.document.session.trace
    file = tmp_path / name
    file.write_bytes(BAD[name])
    if way == "open":
        window.pictures.load(str(file))
    elif way == "drop":
        _drop(page, file)
    else:
        _copy(file)
        window.pictures.paste()
    qtbot.waitUntil(lambda: page.told() != "", timeout=WAIT)
    assert name in page.told()
    assert page.document.state is state
    assert page.document.session.trace is trace
    assert page.document.timeline.step == 7
    assert page.document.undo_stack.count() == 1


def test_a_good_file_comes_in_with_its_notices(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    page = _page(window)
    file = tmp_path / "long.png"
    file.write_bytes(_png(2000, 30, (0, 0, 255, 128)))
    _drop(page, file)
    qtbot.waitUntil(lambda: page.document.state.own_picture is not None, timeout=WAIT)
    state = page.document.state
    assert state.settings["picture"] == OWN_PICTURE
    assert state.own_picture is not None
    assert state.own_picture.title == "long.png"
    for words in ("transparent", "2,000 × 30", "not square"):
        assert words in page.told()
    assert page.panel.bindings["picture"].widget.value() == OWN_PICTURE  # type: ignore[attr-defined]
    blue = np.asarray(page.document.session.trace.arrays["input"].values)
    assert np.unique(np.round(blue)).size == 1, "one colour, and so one grey"
    page.document.undo_stack.undo()
    assert page.document.state.settings["picture"] == "flower"


@pytest.mark.parametrize("lesson", ["lstm-gates", "cnn-and-rnn"])
def test_a_lesson_without_a_place_for_a_picture_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, lesson: str
) -> None:
    window.open_lesson(lesson)
    page = _page(window)
    state, trace = page.document.state, page.document.session.trace
    file = tmp_path / "mine.png"
    file.write_bytes(_png(20, 20, (0, 0, 255, 255)))
    window.pictures.load(str(file))
    qtbot.waitUntil(lambda: page.told() != "", timeout=WAIT)
    assert "no place for a picture of yours" in page.told()
    assert page.document.state is state
    assert page.document.session.trace is trace
    assert not page.document.undo_stack.canUndo()


def test_a_good_file_takes_back_the_complaint_of_a_bad_one(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    page = _page(window)
    bad, good = tmp_path / "bad.png", tmp_path / "good.png"
    bad.write_bytes(b"")
    good.write_bytes(_png(20, 20))
    window.pictures.load(str(bad))
    qtbot.waitUntil(lambda: "bad.png" in page.told(), timeout=WAIT)
    window.pictures.load(str(good))
    qtbot.waitUntil(lambda: page.document.state.own_picture is not None, timeout=WAIT)
    assert page.told() == ""


def test_a_picture_is_pasted(qtbot: QtBot, window: MainWindow) -> None:
    page = _page(window)
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 90, 90))
    QApplication.clipboard().setImage(image)
    window.pictures.paste()
    qtbot.waitUntil(lambda: page.document.state.own_picture is not None, timeout=WAIT)
    values = np.asarray(page.document.session.trace.arrays["input"].values)
    np.testing.assert_allclose(values, 90, atol=0.5)


@pytest.mark.parametrize("held", ["nothing", "words"])
def test_without_a_picture_on_the_clipboard_that_is_said(window: MainWindow, held: str) -> None:
    if held == "words":
        QApplication.clipboard().setText("no picture")
    else:
        QApplication.clipboard().clear()
    window.pictures.paste()
    assert "no picture on the clipboard" in _page(window).told()
    assert _page(window).document.undo_stack.count() == 0


def test_a_picture_meant_for_another_lesson_is_dropped(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "red.png"
    file.write_bytes(_png(20, 20))
    window.pictures.load(str(file))
    window.open_lesson("pooling")
    window.pictures.stop()
    QApplication.processEvents()
    assert _page(window).document.state.own_picture is None


def test_only_a_single_file_can_be_dropped(window: MainWindow) -> None:
    for urls in (
        [],
        [QUrl("https://example.org/a.png")],
        [QUrl.fromLocalFile("/a.png"), QUrl.fromLocalFile("/b.png")],
    ):
        dragged = QMimeData()
        dragged.setUrls(urls)
        enter = QDragEnterEvent(
            QPoint(50, 50),
            Qt.DropAction.CopyAction,
            dragged,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        enter.ignore()
        QApplication.sendEvent(_page(window).stage, enter)
        assert not enter.isAccepted()


def test_the_stage_is_saved_as_a_picture(window: MainWindow, tmp_path: Path) -> None:
    page = _page(window)
    window.pictures.save(str(tmp_path / "stage"))
    saved = QImage(str(tmp_path / "stage.png"))
    assert saved.size() == page.stage.size()
    assert saved.pixelColor(3, 3).name() == "#fafafb"
    assert "stage.png" in page.told()
    window.pictures.save(str(tmp_path / "missing" / "stage.png"))
    assert "can’t be written" in page.told()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_before_there_is_a_lesson_nothing_happens(
    qtbot: QtBot, qapp: QApplication, config: Path
) -> None:
    window = MainWindow(Memory())
    qtbot.addWidget(window)
    for act in (
        window.pictures.open_file,
        window.pictures.paste,
        window.pictures.toggle_drawing,
        window.pictures.save_stage,
        window.pictures.forget,
    ):
        act()
    assert window.page is None


def test_reading_imports_nothing_more() -> None:
    """The loader's thread may be importing meanwhile, and two at once are not safe."""
    program = (
        "import sys\n"
        "from importlib import import_module\n"
        "from io import BytesIO\n"
        "from simulator.gui import loader\n"
        "for name in (*loader.LESSON_MODULES, *loader.WINDOW_MODULES):\n"
        "    import_module(name)\n"
        "before = set(sys.modules)\n"
        "from PIL import Image\n"
        "from simulator.data.pictures import decode_picture\n"
        "for kind in ('PNG', 'JPEG', 'BMP', 'GIF', 'WEBP'):\n"
        "    stream = BytesIO()\n"
        "    Image.new('RGB', (8, 8)).save(stream, kind)\n"
        "    decode_picture(stream.getvalue(), kind)\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
