"""The learner's own data, chosen, dropped and drawn; columns change their use before training."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from simulator.formats import project_file
from simulator.formats.presets import PRESETS
from simulator.gui.file_dialogs import FileDialogs
from simulator.gui.lab import data_edits
from simulator.gui.lab.path_field import PathField
from simulator.gui.lab.text_field import TextField
from tests.gui.conftest import settle
from tests.gui.lab.conftest import Lab

Open = Callable[..., Lab]
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
KINDS = ("a", "b", "c")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "plants.csv"
    lines = [f"{n % 7},{n % 5},{n * n % 11},plant {n},{KINDS[n % 3]}" for n in range(60)]
    path.write_text("length,width,height,note,kind\n" + "\n".join(lines))
    return path


def _drop(lab: Lab, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    where, copy, none = QPoint(40, 40), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(where, copy, mime, LEFT, none)
    QApplication.sendEvent(lab.page, entered)
    assert entered.isAccepted()
    assert lab.page._drop.isVisible()
    lab.page.grab()
    dropped = QDropEvent(QPointF(where), copy, mime, LEFT, none)
    QApplication.sendEvent(lab.page, dropped)
    assert not lab.page._drop.isVisible()
    lab.turn(2)


def test_a_table_is_chosen_its_columns_are_seen_and_it_is_learned_from(
    open_lab: Open, table: Path
) -> None:
    lab = open_lab()
    panel, document = lab.page.program.data, lab.document
    panel.choice.set_value("own-table")
    dialog = lab.page.findChild(QFileDialog)
    assert dialog is not None
    assert document.state.recipe.id == "digits", "nothing is chosen yet"
    dialog.fileSelected.emit(str(table))
    dialog.close()
    settle()
    lab.turn(2)
    assert document.state.recipe.id == "own-table"
    assert FileDialogs(lab.page, "data").folder == str(table.parent)
    assert "90 different" not in lab.page.program.told()
    assert "the column “note” holds 60 different texts" in lab.page.program.told()
    assert panel.control("left_out").row.error().startswith("“plants.csv”")
    panel.parts.row("note").choice.set_value("left out")
    lab.turn(2)
    assert document.data is not None
    assert document.data.dataset is not None
    assert document.data.dataset.input_shape == (3,)
    assert document.training is None, "the network still takes pictures"
    assert not panel.ways.fit.isHidden()
    panel.ways.fit.click()
    lab.turn(2)
    assert document.training is not None
    lab.train(2)
    assert document.snapshot is not None
    assert document.snapshot.step == 2
    panel.parts.row("kind").choice.set_value("left out")
    assert panel.refusal().startswith("“kind” is the target")
    assert panel.parts.row("kind").choice.value() == "target"
    panel.parts.row("height").choice.set_value("target")
    lab.turn(2)
    assert [part.role for part in document.data.parts] == [
        "input", "input", "target", "left out", "input",
    ]  # fmt: skip
    lab.page.grab()
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    lab.turn(2)
    assert document.state.recipe.id == "digits"
    assert panel.parts.isHidden()


def test_the_path_can_be_typed_over(open_lab: Open, table: Path) -> None:
    lab = open_lab()
    _drop(lab, table)
    field = lab.page.program.data.control("path").widget
    assert isinstance(field, PathField)
    assert field.value() == str(table)
    field.field.setText(str(table.with_name("none.csv")))
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    lab.turn(2)
    assert "There is no “none.csv”" in lab.page.program.data.control("path").row.error()


def test_data_programs_and_projects_are_dropped(
    open_lab: Open, table: Path, tmp_path: Path
) -> None:
    lab = open_lab()
    project = tmp_path / "kept.simulator"
    lab.page.files.write(project)
    lab.turn(2)
    _drop(lab, table)
    assert lab.document.state.recipe.settings["path"] == str(table)
    assert lab.page.program.tabs.value() == "data"
    program = tmp_path / "net.py"
    program.write_text("model = Sequential([Flatten(), Dense(10, activation='softmax')])")
    _drop(lab, program)
    assert lab.page.program.tabs.value() == "keras"
    assert lab.document.program is not None
    assert [layer.kind for layer in lab.document.program.network.layers] == ["Flatten", "Dense"]
    _drop(lab, project)
    assert lab.document.state.recipe.id == "digits"
    before = lab.document.state
    song = tmp_path / "song.mp3"
    song.write_bytes(b"\0")
    _drop(lab, song)
    assert "“song.mp3” is nothing to learn from" in lab.page.told()
    _drop(lab, tmp_path / "gone.py")
    assert "gone.py can’t be read" in lab.page.told()
    assert lab.document.state == before


def test_a_network_that_cannot_take_the_data_is_replaced_undoably(
    open_lab: Open, table: Path
) -> None:
    lab = open_lab(PRESETS["digits-cnn"])
    before = lab.document.program
    _drop(lab, table)
    panel = lab.page.program.data
    panel.parts.row("note").choice.set_value("left out")
    lab.turn(2)
    panel.ways.fit.click()
    lab.turn(2)
    assert "a small network for these data takes its place" in lab.page.told()
    assert lab.document.training is not None
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.document.program == before


# Points


def _stroke(lab: Lab, places: list[tuple[float, float]], button: Qt.MouseButton = LEFT) -> None:
    plane = lab.page.program.data.editor.plane
    spots = [plane.place(x, y).toPoint() for x, y in places]
    QTest.mousePress(plane, button, pos=spots[0])
    for spot in spots[1:]:
        QTest.mouseMove(plane, spot)
    QTest.mouseRelease(plane, button, pos=spots[-1])
    lab.turn(2)


@pytest.fixture
def plane(open_lab: Open) -> Lab:
    lab = open_lab(PRESETS["circle"])
    lab.page.program.tabs.set_value("data")
    settle()
    return lab


def test_points_are_drawn_onto_a_preset_and_training_goes_on_with_them(plane: Lab) -> None:
    lab, document = plane, plane.document
    lab.train(6)
    assert document.snapshot is not None
    assert document.training is not None
    document.want_arrays(tuple(document.training.weights))
    lab.turn(2)
    learned = document.snapshot.arrays
    assert document.training.dataset is not None
    before = len(document.training.dataset.x) + len(document.training.dataset.x_val)
    editor = lab.page.program.data.editor
    editor.classes.set_value("1")
    _stroke(lab, [(0.0, 0.0), (1.0, 0.0), (1.05, 0.0), (2.0, 0.0)])
    points = document.state.recipe.settings["points"]
    assert document.state.recipe.id == "drawn-points"
    assert len(points) == before + 3, "places next to each other are one point"
    assert [point[2] for point in points[before:]] == [1, 1, 1]
    np.testing.assert_allclose(points[before:][0][:2], (0, 0), atol=0.05)
    assert document.training is not None
    assert document.snapshot.step == 0
    for name, weight in learned.items():
        np.testing.assert_array_equal(document.snapshot.arrays[name], weight, name)
    lab.train(2)
    document.undo_stack.undo()
    lab.turn(2)
    assert document.state.recipe.id == "circle"
    assert document.snapshot.step == 6
    document.undo_stack.redo()
    lab.turn(2)
    assert document.snapshot.step == 2


def test_it_trains_on_where_it_was_training(plane: Lab) -> None:
    lab = plane
    lab.document.toggle()
    lab.turn(2)
    _stroke(lab, [(3.0, 3.0)])
    assert lab.document.playing
    lab.turn(3)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step > 0


def test_points_are_erased_and_cleared_stroke_by_stroke(plane: Lab) -> None:
    lab, document = plane, plane.document
    editor = lab.page.program.data.editor
    editor.clear.click()
    lab.turn(2)
    assert "at least 2 are needed" in lab.page.program.told()
    for place in ((-4.0, 4.0), (4.0, -4.0), (0.0, 4.0)):
        _stroke(lab, [place])
    assert document.training is not None
    assert document.undo_stack.count() == 4
    _stroke(lab, [(0.1, 4.0)], RIGHT)
    assert len(document.state.recipe.settings["points"]) == 2
    editor.eraser.set_value(True)
    _stroke(lab, [(-4.0, 4.0)])
    assert len(document.state.recipe.settings["points"]) == 1
    document.undo_stack.undo()
    lab.turn(2)
    assert len(editor.plane.points()) == 2
    _stroke(lab, [(3.0, 0.0)])
    assert len(document.state.recipe.settings["points"]) == 2, "it erases until it is switched off"


def test_a_third_class_asks_for_a_wider_network(plane: Lab) -> None:
    lab = plane
    lab.page.program.data.editor.classes.set_value("2")
    _stroke(lab, [(5.0, 5.0), (4.0, 5.0), (3.0, 5.0)])
    assert "3 classes" in lab.page.program.told()
    lab.page.program.data.ways.fit.click()
    lab.turn(2)
    assert lab.document.training is not None
    assert lab.document.program is not None
    last = lab.document.program.network.layers[-1]
    assert (last.arguments["units"], last.arguments["activation"]) == (3, "softmax")
    lab.page.grab()


def test_drawn_points_are_kept_in_the_project(plane: Lab, tmp_path: Path) -> None:
    lab = plane
    _stroke(lab, [(2.0, 2.0)])
    lab.train(2)
    path = tmp_path / "drawn.simulator"
    lab.page.files.write(path)
    lab.turn(2)
    points = lab.document.state.recipe.settings["points"]
    stored = project_file.load(path).recipe
    assert stored is not None
    assert json.dumps(stored["settings"]["points"]) == json.dumps(points)
    lab.document.choose_preset(PRESETS["spiral"])
    lab.turn(2)
    assert lab.page.files.read(path)
    lab.turn(2)
    assert lab.document.state.recipe.settings["points"] == points
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 2


def test_points_can_be_typed(plane: Lab) -> None:
    lab = plane
    lab.document.choose_data("drawn-points", {}, 0)
    lab.turn(2)
    field = lab.page.program.data.control("points").widget
    assert isinstance(field, TextField)
    field.setText("1 1 0; 2 2 1; 3 3 1; -1 -1 0")
    QTest.keyClick(field, Qt.Key.Key_Return)
    lab.turn(2)
    assert lab.page.program.data.editor.plane.points() or lab.document.problem
    assert len(lab.document.state.recipe.settings["points"]) == 4


def test_several_columns_are_targets_of_one_network(open_lab: Open, table: Path) -> None:
    lab = open_lab()
    panel, document = lab.page.program.data, lab.document
    _drop(lab, table)
    panel.parts.row("note").choice.set_value("left out")
    lab.turn(2)
    panel.parts.row("height").choice.set_value("target")
    lab.turn(2)
    assert panel.parts.row("kind").choice.value() == "input", "another target replaces the first"
    panel.control("task").widget.set_value("numbers")  # type: ignore[attr-defined]
    lab.turn(2)
    panel.parts.row("width").choice.set_value("further target")
    lab.turn(2)
    assert document.state.recipe.settings["target"] == "height; width"
    panel.ways.fit.click()
    lab.turn(2)
    program = document.program
    assert program is not None
    assert program.network.layers[-1].arguments["units"] == 2
    lab.train(2)
    said = lab.page.views.samples.words()
    assert said
    assert all(len(each.said.split(", ")) == 2 for each in said)
    assert all(each.truth.startswith("is ") for each in said)

    panel.control("task").widget.set_value("auto")  # type: ignore[attr-defined]
    panel.parts.row("kind").choice.set_value("further target")
    lab.turn(2)
    assert document.training is None, "a class beside numbers has an output of its own"
    panel.ways.fit.click()
    lab.turn(2)
    assert "3 targets" in lab.page.told()
    assert document.training is not None
    assert document.training.network.outputs == ("height", "width", "kind")
    lab.train(2)
    assert document.snapshot is not None
    assert document.snapshot.standing is not None
    assert "kind_accuracy" in document.snapshot.standing.metrics

    output = lab.page.knobs.on_view.output
    assert output.isVisible()
    output.set_value("2")
    lab.turn(2)
    assert all(each.said in KINDS for each in lab.page.views.samples.words())
    output.set_value("0")
    lab.turn(2)
    assert not any(each.said in KINDS for each in lab.page.views.samples.words())
    QTest.mouseClick(lab.page.knobs.twin, LEFT)
    page = lab.page.twins
    assert page is not None
    for _ in range(2):
        page.document.loop.turn()
        page.document.take_news()
    assert page.side.output.isVisible()
    page.side.output.set_value("2")
    for _ in range(2):
        page.document.loop.turn()
        page.document.take_news()
    found = page.samples.samples()
    assert found is not None
    assert all(each.said in KINDS for words in found.words for each in words)
    assert "Same answer, kind" in [row.name for row in page.side.results.rows()]
    lab.document.choose_preset(PRESETS["digits-dense"])
    lab.page.close_twins()
    lab.turn(3)
    assert not output.isVisible()


def test_a_column_that_cannot_be_used_is_scrolled_to_from_another_tab(
    open_lab: Open, tmp_path: Path
) -> None:
    path = tmp_path / "plants.csv"
    lines = [f"{n % 7},{n % 5},{n * n % 11},plant {n},{KINDS[n % 3]}" for n in range(60)]
    path.write_text("length,width,height,note,kind\n" + "\n".join(lines))
    lab = open_lab(PRESETS["digits-dense"])
    panel = lab.page.program.data
    lab.page.program.tabs.set_value("data")
    assert data_edits.open_file(lab.document, str(path)) == ""
    lab.turn(4)
    assert "60 different texts" in str(lab.document.problem)
    row = panel.control("left_out").row
    seen = row.visibleRegion().boundingRect()
    assert seen.height() == row.height()
    # There is nothing to be opened, and what is on view is of the data before.
    assert "can’t be trained yet" in lab.page.views.verdict.text()
    assert "Double-click" not in lab.page.views.verdict.text()


def test_a_pasted_program_finds_its_data_with_one_click(open_lab: Open) -> None:
    lab = open_lab(PRESETS["spiral"])
    panel, document = lab.page.program, lab.document
    document.edit_source(
        "model = Sequential([Conv2D(2, 3, input_shape=(28, 28, 1)), Flatten(),\n"
        "                    Dense(10, activation='softmax')])\n"
        "model.compile('adam', 'sparse_categorical_crossentropy')\n"
        "model.fit(x_train, y_train)\n"
    )
    lab.turn(2)
    assert document.training is None
    panel.tabs.set_value("keras")
    assert panel.ways.learn.text() == "Learn from: Handwritten digits, 28 × 28"
    assert not panel.ways.learn.isHidden()
    panel.tabs.set_value("data")
    assert panel.ways.isHidden(), "there they stand beside the data"
    assert not panel.data.ways.isHidden()
    panel.data.ways.learn.click()
    lab.turn(2)
    assert document.training is not None
    assert document.state.recipe.settings["size"] == "28"
    assert panel.data.ways.isHidden()
    lab.train(1)
    document.undo_stack.undo()
    lab.turn(2)
    assert document.state.recipe.id == "spiral"


def test_no_data_are_suggested_in_the_place_of_the_learners_own(
    open_lab: Open, table: Path
) -> None:
    lab = open_lab(PRESETS["digits-cnn"])
    _drop(lab, table)
    lab.page.program.data.parts.row("note").choice.set_value("left out")
    lab.turn(2)
    assert lab.document.problem is not None
    assert lab.page.program.data.ways.learn.isHidden()
    assert not lab.page.program.data.ways.fit.isHidden()


def test_what_cannot_be_fitted_is_told_from_either_place(
    open_lab: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab(PRESETS["spiral"])
    monkeypatch.setattr(data_edits, "fit_network", lambda document: "It can’t be.")
    lab.page.program.ways.fit.click()
    assert lab.page.told() == "It can’t be."
    lab.page.program.data.ways.fit.click()
    assert lab.page.program.data.refusal() == "It can’t be."


def test_other_data_are_no_help_where_a_network_is_too_large(open_lab: Open) -> None:
    lab = open_lab(PRESETS["spiral"])
    lab.document.edit_source(
        "model = Sequential([Flatten(input_shape=(28, 28, 1)), Dense(10**5), Dense(10**5)])\n"
        "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    )
    lab.turn(2)
    assert lab.document.problem is not None
    assert "GiB" in str(lab.document.problem)
    assert lab.page.program.ways.learn.isHidden()
