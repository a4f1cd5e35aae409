"""The lab within the window: how one gets there and back, what the bar says, and the files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.formats import project_file
from simulator.formats.presets import PRESETS
from simulator.formats.project import ProjectError
from simulator.gui.lab import lab_copies, lab_page
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_page import LabPage
from simulator.gui.main_window import MainWindow
from simulator.gui.settings import Memory
from simulator.lessons.entries import LAB
from tests.gui.conftest import settle
from tests.gui.lab.conftest import SMALL

Open = Callable[..., MainWindow]
Key = Qt.Key
WAIT = 20_000


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lab_page, "first_preset", lambda: SMALL)
    monkeypatch.setattr(lab_copies, "autosave_folder", lambda: tmp_path / "kept")


@pytest.fixture
def open_lab_window(open_window: Open, qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    windows: list[MainWindow] = []

    def opened(lesson: str = "convolution") -> MainWindow:
        window = open_window(lesson)
        windows.append(window)
        window.open_lesson(LAB)
        settle()
        document = _document(window)
        qtbot.waitUntil(lambda: document.snapshot is not None, timeout=WAIT)
        return window

    yield opened
    for window in windows:
        window.close()


def _page(window: MainWindow) -> LabPage:
    assert window.lab.page is not None
    return window.lab.page


def _document(window: MainWindow) -> LabDocument:
    return _page(window).document


def _train(qtbot: QtBot, window: MainWindow, step: int) -> None:
    document = _document(window)
    while document.snapshot is None or document.snapshot.step < step:
        document.one_batch()
        before = -1 if document.snapshot is None else document.snapshot.step
        qtbot.waitUntil(
            lambda before=before: document.snapshot is not None and document.snapshot.step > before,
            timeout=WAIT,
        )


def test_the_way_there_and_back(open_lab_window: Open, qtbot: QtBot) -> None:
    window = open_lab_window()
    assert window.page is None
    assert not _page(window).isHidden()
    assert window.list.current() == LAB
    assert window.bar.status() == "Paused"
    assert window.windowTitle() == "Training lab – Deep Learning Simulator"
    _train(qtbot, window, 2)
    window.open_lesson("pooling")
    assert window.windowTitle() == "Pooling – Deep Learning Simulator"
    assert window.page is not None
    assert _page(window).isHidden()
    assert window.bar.status() == ""
    window.open_lesson(LAB)
    assert window.page is None
    snapshot = _document(window).snapshot
    assert snapshot is not None
    assert snapshot.step == 2, "what was learned is still there"


def test_a_preset_gives_its_name_until_the_network_is_another(
    open_lab_window: Open, qtbot: QtBot
) -> None:
    window = open_lab_window()
    document = _document(window)
    preset = PRESETS["circle"]
    document.choose_preset(preset)
    assert document.state.title == preset.title
    document.edit_source(document.state.source.replace("epochs=", "epochs=1"))
    assert document.state.title == preset.title, "trained longer it is still that network"
    document.edit_source(
        "model = Sequential()\n"
        'model.add(Dense(1, activation="sigmoid", input_shape=(2,)))\n'
        'model.compile(loss="binary_crossentropy", optimizer="adam")\n'
    )
    assert document.state.title == ""
    document.undo_stack.undo()
    assert document.state.title == preset.title


def test_the_keys_drive_the_training(open_lab_window: Open, qtbot: QtBot) -> None:
    window = open_lab_window()
    document = _document(window)
    _page(window).setFocus()
    QTest.keyClick(window, Key.Key_Right)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 1), timeout=WAIT)
    QTest.keyClick(window, Key.Key_Left)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 0), timeout=WAIT)
    QTest.keyClick(window, Key.Key_End)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 1), timeout=WAIT)
    QTest.keyClick(window, Key.Key_Space)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step > 1), timeout=WAIT)


def test_edits_are_undone_by_the_window(open_lab_window: Open, qtbot: QtBot) -> None:
    window = open_lab_window()
    document = _document(window)
    document.change_argument("dense", "units", 5)
    assert window.undo_stack is document.undo_stack
    qtbot.waitUntil(lambda: document.training is not None, timeout=WAIT)
    QTest.keyClick(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert document.program is not None
    assert document.program.network.layer("dense").arguments["units"] == 8


def test_a_project_is_saved_and_opened_as_it_was(
    open_lab_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_lab_window()
    document, files = _document(window), _page(window).files
    _train(qtbot, window, 3)
    path = tmp_path / "mine.simulator"
    files.write(path)
    qtbot.waitUntil(lambda: "Saved" in _page(window).told(), timeout=WAIT)
    project = project_file.load(path)
    assert project.program == document.program
    assert set(project.weights) == {
        *("dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias")
    }
    document.choose_preset(SMALL)
    document.change_argument("dense", "units", 5)
    _train(qtbot, window, 1)
    assert files.read(path)
    qtbot.waitUntil(
        lambda: document.snapshot is not None and document.snapshot.step == 3, timeout=WAIT
    )
    assert document.program == project.program
    assert "mine" in window.bar._path.accessibleName()
    _train(qtbot, window, 4)
    document.undo_stack.undo()
    assert document.program is not None
    assert document.program.network.layer("dense").arguments["units"] == 5


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 rubbish", b"\x00" * 400])
def test_a_damaged_project_is_refused_and_nothing_is_lost(
    open_lab_window: Open, tmp_path: Path, content: bytes
) -> None:
    window = open_lab_window()
    document = _document(window)
    before = document.state
    path = tmp_path / "broken.simulator"
    path.write_bytes(content)
    assert not _page(window).files.read(path)
    assert "broken.simulator" in _page(window).told()
    assert document.state is before
    assert document.training is not None


def test_after_a_crash_it_offers_what_it_had(
    open_lab_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_lab_window()
    _train(qtbot, window, 2)
    _page(window).files.copies.keep()
    folder = tmp_path / "kept"
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.simulator"))), timeout=WAIT)
    kept = next(folder.glob("*.simulator"))
    qtbot.waitUntil(lambda: _loads(kept), timeout=WAIT)
    saved = kept.read_bytes()
    window.close()
    assert not list(folder.glob("*.simulator")), "closed as it should be, nothing is kept"
    kept.write_bytes(saved)
    again = open_lab_window("pooling")
    qtbot.waitUntil(lambda: bool(_document(again).snapshot and _document(again).snapshot.step == 2))
    assert "was not closed" in _page(again).told()
    again.close()
    kept.write_bytes(saved[:100])
    third = open_lab_window("pooling")
    assert _document(third).training is not None
    assert not kept.exists(), "what is damaged is not offered again and again"


def _loads(path: Path) -> bool:
    try:
        return bool(project_file.load(path).weights)
    except ProjectError:
        return False


@pytest.mark.parametrize("framework", ["keras", "pytorch"])
def test_a_network_goes_out_as_a_program_with_its_weights(
    open_lab_window: Open, qtbot: QtBot, tmp_path: Path, framework: str
) -> None:
    window = open_lab_window()
    path = tmp_path / "network.py"
    _page(window).files.exports.write(path, framework)
    qtbot.waitUntil(lambda: "Saved" in _page(window).told(), timeout=WAIT)
    compile(path.read_text(encoding="utf-8"), "network.py", "exec")
    assert path.with_suffix(".npz").exists()


def test_a_network_goes_out_as_onnx_and_comes_back(
    open_lab_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """With its weights, which stay while data are chosen; starting over draws new ones."""
    pytest.importorskip("onnx")
    window = open_lab_window()
    document, files = _document(window), _page(window).files

    def weights() -> dict[str, np.ndarray[Any, Any]]:
        found: list[dict[str, np.ndarray[Any, Any]]] = []
        document.loop.do(
            lambda experiment: found.append(
                {name: weight.copy() for name, weight in experiment.model.weights.items()}
            )
        )
        qtbot.waitUntil(lambda: bool(found), timeout=WAIT)
        return found[0]

    document.one_batch()
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 1), timeout=WAIT)
    learned = weights()
    path = tmp_path / "learned.onnx"
    files.exports.write(path, "onnx")
    qtbot.waitUntil(lambda: "Saved" in _page(window).told(), timeout=WAIT)
    with qtbot.waitSignal(document.opened, timeout=WAIT):
        assert files.read(path)
    assert not files.has_name
    assert "learned.onnx is here with its weights" in _page(window).told()
    for name, weight in weights().items():
        np.testing.assert_array_equal(weight, learned[name])
    state = document.state.recipe
    with qtbot.waitSignal(document.opened, timeout=WAIT):
        document.choose_data(state.id, state.settings, state.seed + 1)
    for name, weight in weights().items():
        np.testing.assert_array_equal(weight, learned[name])
    with qtbot.waitSignal(document.opened, timeout=WAIT):
        document.begin_anew()
    assert any(np.any(weight != learned[name]) for name, weight in weights().items())
    path.write_bytes(path.read_bytes()[:200])
    assert not files.read(path)
    assert "learned.onnx cannot be opened" in _page(window).told()


def test_the_program_is_written_as_it_stands(open_lab_window: Open, tmp_path: Path) -> None:
    window = open_lab_window()
    path = tmp_path / "network.py"
    _page(window).files.exports.write_source(path)
    assert path.read_text(encoding="utf-8") == _document(window).state.source
    _page(window).files.exports.write_source(tmp_path / "none" / "network.py")
    assert "cannot be written" in _page(window).told()


def test_it_starts_in_the_lab_if_it_was_left_there(
    open_lab_window: Open, qtbot: QtBot, config: Path
) -> None:
    open_lab_window().close()
    assert Memory().lesson == LAB
    window = MainWindow(Memory())
    qtbot.addWidget(window)
    window.loader.lessons_ready.emit()
    assert window.lab.shown
    window.close()


def test_a_layer_opens_with_its_weights_and_the_lab_is_still_there(
    open_lab_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_lab_window()
    document = _document(window)
    document.choose_preset(PRESETS["digits-cnn"])
    qtbot.waitUntil(lambda: document.training is not None, timeout=WAIT)
    with qtbot.waitSignal(window.lesson_opened, timeout=WAIT) as opened:
        document.open_layer("conv2d")
    found: list[np.ndarray] = []
    document.loop.do(lambda experiment: found.append(experiment.model.weights["conv2d/kernel"]))
    qtbot.waitUntil(lambda: bool(found), timeout=WAIT)
    assert opened.args == ["convolution"]
    assert window.page is not None
    assert window.page.document.state.settings["filters"] == 16
    np.testing.assert_array_equal(window.page.document.state.came("kernel"), found[0])
    window.open_lesson(LAB)
    assert window.lab.shown


PASTED = """\
model = Sequential()
model.add(Dense(6, activation=“relu”, input shape=(2,)))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
model.fit(X_train, y_train, epochs=20, batch size=20)
"""


def test_a_learners_way(open_lab_window: Open, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_lab_window()
    page, document = _page(window), _document(window)
    editor, knobs, controls = page.program.editor, page.knobs, page.controls

    def until(so: Callable[[], bool]) -> None:
        qtbot.waitUntil(so, timeout=WAIT)

    def stands_at(step: int) -> bool:
        return document.snapshot is not None and document.snapshot.step == step

    # Paste a program, with the damage that copying does, and pick data for it.
    QApplication.clipboard().setText(PASTED)
    editor.setFocus()
    editor.selectAll()
    editor.paste()
    editor.settle()
    assert "input_shape=(2,)" in editor.source()
    page.program.tabs.set_value("data")
    page.program.data.choice.set_value("circle")
    until(lambda: document.training is not None)
    drawn = page.views.network.layers()[1]
    assert (drawn.shape, drawn.activation) == ("6", "relu")

    # Play, pause, scrub back.
    QTest.mouseClick(controls.play, Qt.MouseButton.LeftButton)
    until(lambda: document.snapshot is not None and document.snapshot.step >= 6)
    QTest.mouseClick(controls.play, Qt.MouseButton.LeftButton)
    until(lambda: not document.playing)
    QTest.mouseClick(
        controls.bar,
        Qt.MouseButton.LeftButton,
        pos=QPoint(round(controls.bar.x_of(0)), round(controls.bar.y_of(0))),
    )
    until(lambda: stands_at(0))
    document.seek(0, 4)
    until(lambda: stands_at(4))

    # Another way from there.
    knobs.slider("learning_rate").value_changed.emit(0.03)
    until(lambda: document.snapshot is not None and len(document.snapshot.branches) == 2)
    _train(qtbot, window, 7)
    assert [lane.start for lane in controls.bar.lanes()] == [0, 4]
    loss = document.snapshot.standing.loss  # type: ignore[union-attr]

    # Save, close, open, go on.
    path = tmp_path / "circle.simulator"
    page.files.write(path)
    until(lambda: "Saved" in page.told())
    window.close()
    again = open_lab_window("pooling")
    assert _page(again).files.read(path)
    document = _document(again)
    until(lambda: stands_at(7))
    assert document.snapshot is not None
    assert document.snapshot.standing is not None
    assert document.snapshot.standing.loss == loss
    assert [branch.start for branch in document.snapshot.branches] == [0, 4]
    _train(qtbot, again, 9)
    assert _page(again).program.editor.source().startswith("model = Sequential()")


def test_closing_joins_the_thread(open_lab_window: Open) -> None:
    window = open_lab_window()
    _document(window).toggle()
    window.close()
    assert _page(window).thread_of_training.isFinished()


def test_the_lab_opens_while_kernels_are_compiled(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("convolution")
    with monkeypatch.context() as compiling:
        compiling.setattr(type(window.loader), "busy", property(lambda _: True))
        window.open_lesson(LAB)
        assert window.lab.page is None, "what shows it may not be imported yet"
        assert "compiled" in window._opening.text()
        window.loader.preparing.emit("operations")
        window.loader.lab_ready.emit()
        page = _page(window)
        document = page.document
        assert window.bar.status() in {"Not ready", "Preparing the fast kernels…"}
        qtbot.waitUntil(lambda: document.snapshot is not None, timeout=WAIT)
        assert window.bar.status() == "Preparing the fast kernels…"
        fast = Backend()
        window.loader.backend_ready.emit(fast)
        assert document.backend is not fast, "those for training are still to come"
    window.loader.finished.emit()
    assert document.backend is fast
    qtbot.waitUntil(lambda: document.snapshot is not None, timeout=WAIT)
    assert window.bar.status() == "Paused"
    window.close()


def test_the_keys_drive_twins_and_escape_puts_them_away(
    open_lab_window: Open, qtbot: QtBot
) -> None:
    window = open_lab_window()
    page = _page(window)
    page.open_twins()
    assert page.twins is not None
    document = page.twins.document
    assert window.undo_stack is None, "beside twins nothing is edited"
    qtbot.waitUntil(lambda: document.snapshot is not None, timeout=WAIT)
    page.twins.setFocus()
    QTest.keyClick(window, Key.Key_Right)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 1), timeout=WAIT)
    QTest.keyClick(window, Key.Key_Left)
    qtbot.waitUntil(lambda: bool(document.snapshot and document.snapshot.step == 0), timeout=WAIT)
    assert window.bar.status() == "Twins"
    QTest.keyClick(window, Key.Key_Escape)
    assert page.twins is None
    assert window.undo_stack is page.document.undo_stack
    assert window.bar.status() == "Paused"
