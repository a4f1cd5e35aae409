"""The lab's page: source, cards and presets in step, training back and forth, undo, and words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engine.backends.base import Backend
from simulator.formats import project_file
from simulator.formats.arguments import LAYERS
from simulator.formats.keras_reader import read
from simulator.formats.presets import PRESETS, Preset
from simulator.formats.program import OptimizerSpec
from simulator.gui import theme
from simulator.gui.lab import lab_copies, lab_page, offered_views
from simulator.gui.lab.heat_views import MapsView
from simulator.gui.lab.lab_page import LabPage
from simulator.gui.lab.views_body import ViewsBody
from simulator.gui.widgets.stepper import Stepper
from simulator.lab import Experiment, Goal, SetLearningRate
from simulator.lessons.catalogue import lesson as find
from simulator.lessons.lesson import LessonState
from tests.gui.conftest import Clock, settle
from tests.gui.lab.conftest import SMALL, Lab
from tests.lab.pasted import PASTED

Open = Callable[..., Lab]
BUTTON = Qt.MouseButton.LeftButton


RESIDUAL = """
inputs = Input(shape=(8, 8, 1))
x = Conv2D(4, 3, padding="same", activation="relu")(inputs)
y = Conv2D(4, 3, padding="same", activation="relu")(x)
z = Flatten()(Add()([x, y]))
model = Model(inputs, Dense(10, activation="softmax")(z))
"""


def _units(lab: Lab) -> int:
    widget = lab.page.program.cards.card("dense").control("units").widget
    assert isinstance(widget, Stepper)
    return widget.value()


# Three ways to one program


def test_it_opens_with_a_program_its_drawing_and_its_table(open_lab: Open) -> None:
    lab = open_lab()
    page = lab.page
    assert lab.document.program is not None
    assert lab.document.program.network == SMALL.program.network
    assert page.program.cards.names() == ("flatten", "dense", "dropout", "dense_1")
    rows = page.program.summary.rows()
    assert [row.parameters for row in rows] == ["0", "0", "520", "0", "90"]
    assert page.views.network.layers()[0].kind == "Sample 1"
    assert page.told() == ""
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 0


def test_what_is_typed_changes_cards_drawing_and_table(open_lab: Open) -> None:
    lab = open_lab()
    editor = lab.page.program.editor
    editor.setPlainText(editor.source().replace("Dense(8", "Dense(12"))
    editor.settle()
    lab.turn(2)
    assert _units(lab) == 12
    assert lab.page.program.summary.rows()[2].parameters == "780"
    assert lab.page.views.network.layers()[2].shape == "12"


def test_a_card_changes_the_source(open_lab: Open) -> None:
    lab = open_lab()
    widget = lab.page.program.cards.card("dense").control("units").widget
    assert isinstance(widget, Stepper)
    widget.set_value(16)
    lab.turn(2)
    source = lab.page.program.editor.source()
    assert "Dense(16" in source
    found = read(source).program
    assert found is not None
    assert found.network.layer("dense").arguments["units"] == 16


def test_every_way_can_be_undone(open_lab: Open, clock: Clock) -> None:
    lab = open_lab()
    document, stack = lab.document, lab.document.undo_stack
    before = document.state
    editor = lab.page.program.editor
    editor.setPlainText(editor.source().replace("Dense(8", "Dense(12"))
    editor.settle()
    clock.now += 5
    widget = lab.page.program.cards.card("dense").control("units").widget
    assert isinstance(widget, Stepper)
    widget.set_value(16)
    clock.now += 5
    lab.page.program.cards.removed.emit("dropout")
    lab.page.program.cards.moved.emit("dense", 0)
    lab.page.program.cards.added.emit("Dropout", 4)
    lab.page.program.gallery.chosen.emit("digits-cnn")
    document.choose_data("digits", {"samples": 100}, 3)
    document.begin_anew()
    lab.turn(2)
    assert stack.count() == 8
    states = []
    while stack.canUndo():
        states.append(document.state)
        stack.undo()
        lab.turn(2)
    assert document.state == before
    assert _units(lab) == 8
    while stack.canRedo():
        stack.redo()
    lab.turn(2)
    assert document.state == states[0]
    assert document.training is not None


def test_cards_of_a_residual_network_are_edited_undoably(open_lab: Open) -> None:
    lab = open_lab()
    document, cards = lab.document, lab.page.program.cards
    document.edit_source(RESIDUAL)
    lab.turn(2)
    before = document.state
    cards.doubled.emit("conv2d_1")
    assert cards.names() == ("conv2d", "conv2d_1", "conv2d_2", "add", "flatten", "dense")
    assert document.program is not None
    assert document.program.network.layer("add").inputs == ("conv2d", "conv2d_2")
    cards.added.emit("BatchNormalization", 1)
    assert document.program.network.layer("add").inputs == ("batch_normalization", "conv2d_2")
    lab.turn(2)
    assert document.training is not None
    cards.moved.emit("add", 0)
    assert "'add' joins 2 layers" in lab.page.told()
    cards.sources_changed.emit("add", "conv2d, conv2d_2")
    assert "Nothing would read" not in cards.card("add").sources().error()
    assert document.program.network.layer("add").inputs == ("conv2d", "conv2d_2")
    cards.sources_changed.emit("add", "conv2d, nothing")
    assert "'nothing', which is no input" in cards.card("add").sources().error()
    cards.shape_changed.emit("input_layer", (9, 9, 1))
    assert document.program.network.inputs[0].shape == (9, 9, 1)
    assert read(document.state.source).program == document.program, "the source is in step"
    while document.undo_stack.index() > 1:
        document.undo_stack.undo()
    assert document.state == before


def test_the_last_layer_of_all_stays(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.edit_source("model = Sequential([Dense(10, activation='softmax')])")
    lab.page.program.cards.removed.emit("dense")
    assert "A network needs a layer" in lab.page.told()
    assert lab.page.program.cards.names() == ("dense",)


def test_letters_in_a_row_are_one_edit(open_lab: Open, clock: Clock) -> None:
    lab = open_lab()
    for letters in ("# a", "# ab", "# abc"):
        clock.now += 0.5
        lab.document.edit_source(letters + "\n" + lab.document.state.source)
    clock.now += 5
    lab.document.edit_source("# z")
    assert lab.document.undo_stack.count() == 2


def test_what_cannot_be_read_is_underlined_and_the_picture_stays(open_lab: Open) -> None:
    lab = open_lab()
    drawn = len(lab.page.views.network.layers())
    editor = lab.page.program.editor
    editor.setPlainText("while True:\n    pass\n" + editor.source())
    editor.settle()
    lab.turn(2)
    assert editor.marks()
    assert lab.page.program.told().startswith("Line ")
    assert lab.page.program.told().endswith("the one before.")
    assert len(lab.page.views.network.layers()) == drawn
    assert _units(lab) == 8
    lab.document.undo_stack.undo()
    assert editor.marks() == ()


def test_what_does_not_fit_is_told_at_its_card(open_lab: Open) -> None:
    lab = open_lab()
    lab.page.program.cards.added.emit("Conv2D", 3)
    lab.turn(2)
    assert lab.document.training is None
    errors = [
        lab.page.program.cards.card(name).words().error for name in lab.page.program.cards.names()
    ]
    assert sum(bool(error) for error in errors) == 1
    assert not lab.page.controls.play.isEnabled()
    assert lab.page.controls.play.toolTip().startswith("The program")
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.page.controls.play.isEnabled()


def test_data_that_do_not_fit_are_told_of(open_lab: Open) -> None:
    lab = open_lab()
    assert lab.document.choose_data("circle", {}, 0) == ""
    lab.turn(2)
    assert lab.document.training is None
    assert "shape" in lab.page.program.told()
    assert "samples" in lab.document.choose_data("circle", {"samples": -1}, 0).lower()


def test_choosing_a_layer_marks_it_everywhere(open_lab: Open) -> None:
    lab = open_lab()
    spot = lab.page.views.network.place_of("dense").center().toPoint()
    QTest.mouseClick(lab.page.views.network, BUTTON, pos=spot)
    assert lab.document.layer == "dense"
    assert lab.page.program.summary.current() == "dense"
    line = lab.document.reading.places["dense"].line
    lit = [one.cursor.blockNumber() + 1 for one in lab.page.program.editor.extraSelections()]
    assert lit == [line]
    assert lab.page.program.cards.card("dense").is_open()
    lab.page.program.editor.line_chosen.emit(lab.document.reading.places["dense_1"].line)
    assert lab.page.views.network.current() == "dense_1"


def test_a_layer_that_is_gone_is_chosen_no_more(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    lab.page.program.cards.removed.emit("dense")
    lab.turn()
    assert lab.document.layer == ""
    assert not lab.page.knobs.layer.arithmetic.isVisible()
    lab.document.undo_stack.undo()
    lab.turn()
    lab.document.choose_layer("dense")
    assert lab.page.knobs.layer.arithmetic.isVisible()


def test_an_input_has_no_arithmetic_to_open(open_lab: Open) -> None:
    lab = open_lab()
    told: list[str] = []
    lab.document.told.connect(lambda words, *rest: told.append(words))
    (name,) = (each.name for each in lab.document.program.network.inputs)
    lab.document.choose_layer(name)
    assert not lab.page.knobs.layer.arithmetic.isVisible()
    lab.page.views.layer_opened.emit(name)
    lab.turn()
    assert told == ["'input_layer' is what goes in, and computes nothing: choose a layer after it."]
    lab.document.choose_layer("dense")
    assert lab.page.knobs.layer.arithmetic.isVisible()


def test_each_kind_of_layer_that_is_offered_can_be_added(open_lab: Open) -> None:
    lab = open_lab()
    cards = lab.page.program.cards
    families = [action.menu() for action in cards.menu(1).actions()]
    offered = [kind for family in families for kind in family.actions()]
    assert {kind.text() for kind in offered} == set(LAYERS) - {"Functional"}
    before = lab.document.state
    for kind in offered:
        kind.trigger()
        network = lab.document.program.network
        assert network.layers[1].kind == kind.text()
        reading = lab.document.reading
        if reading.program is None:  # it does not fit at this place, and that is said
            (problem,) = reading.problems
            assert "got an input of shape" in problem.text
        else:
            assert reading.program.network == network
        lab.document.undo_stack.undo()
        assert lab.document.state == before


# Training


def test_one_batch_one_epoch_and_play(open_lab: Open) -> None:
    lab = open_lab()
    document = lab.document
    assert document.training is not None
    batches = document.training.batches_per_epoch
    QTest.mouseClick(lab.page.controls._batch, BUTTON)
    lab.turn(2)
    assert document.snapshot is not None
    assert document.snapshot.step == 1
    QTest.mouseClick(lab.page.controls._epoch, BUTTON)
    assert document.playing
    lab.turn(batches + 2)
    assert document.snapshot.step == batches
    assert not document.playing
    QTest.mouseClick(lab.page.controls.play, BUTTON)
    assert lab.page.controls.play.playing()
    lab.turn(3)
    QTest.mouseClick(lab.page.controls.play, BUTTON)
    lab.turn(2)
    assert document.snapshot.step > batches
    assert lab.page.controls.bar.step() == document.snapshot.step
    assert lab.page.views.charts.chart("loss").picture().curves


def test_scrubbing_goes_back_and_playing_there_branches(open_lab: Open) -> None:
    lab = open_lab()
    lab.train(8)
    snapshot = lab.document.snapshot
    assert snapshot is not None
    before = snapshot.sample
    assert before is not None
    bar = lab.page.controls.bar
    QTest.mouseClick(bar, BUTTON, pos=QPoint(round(bar.x_of(3)), round(bar.y_of(0))))
    lab.turn(2)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 3
    assert not lab.document.snapshot.at_end
    lab.document.seek(0, 8)
    lab.turn(2)
    again = lab.document.snapshot.sample
    assert again is not None
    for name, values in before.outputs.items():
        assert np.array_equal(values, again.outputs[name]), "the way back is exact"
    lab.document.seek(0, 3)
    lab.turn(2)
    lab.train(2)
    assert [lane.start for lane in bar.lanes()] == [0, 3]
    assert bar.lanes()[1].end == 5
    assert bar.lane() == 1
    assert len(lab.document.snapshot.branches) == 2


def test_the_learning_rate_changes_in_the_midst_and_back(open_lab: Open, clock: Clock) -> None:
    lab = open_lab()
    lab.train(2)
    slider = lab.page.knobs.slider("learning_rate")
    assert slider.number() == pytest.approx(0.1)
    slider.value_changed.emit(0.3)
    lab.turn(2)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.learning_rate == pytest.approx(0.3)
    assert slider.number() == pytest.approx(0.3)
    lab.train(1)
    assert lab.document.snapshot.step == 3, "it goes on where it was"
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.document.snapshot.learning_rate == pytest.approx(0.1)


def test_dropout_and_batch_size_change_in_the_midst(open_lab: Open) -> None:
    lab = open_lab()
    lab.train(1)
    lab.page.knobs.slider("dropout rate").value_changed.emit(0.5)
    lab.page.knobs.slider("batch_size").value_changed.emit(16.0)
    lab.turn(2)
    lab.train(1)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.batch_size == 16
    assert lab.page.told() == ""


def test_a_frozen_layer_stays_as_it_is(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    lab.page.knobs.on_view.toggles["filters"].set_value(True)
    lab.turn(2)
    assert lab.document.snapshot is not None
    before = lab.document.snapshot.arrays["dense/kernel"]
    lab.page.knobs.layer.freeze.set_value(True)
    lab.turn(2)
    lab.train(3)
    assert np.array_equal(lab.document.snapshot.arrays["dense/kernel"], before)
    assert lab.page.knobs.layer.freeze.value()
    lab.document.undo_stack.undo()
    lab.turn(2)
    lab.train(1)
    assert not np.array_equal(lab.document.snapshot.arrays["dense/kernel"], before)


def test_optimizer_loss_and_activation_wait_for_a_pause(open_lab: Open) -> None:
    lab = open_lab()
    knobs = lab.page.knobs
    lab.document.toggle()
    assert not knobs.optimizer.isEnabled()
    lab.document.toggle()
    lab.turn(2)
    assert knobs.optimizer.isEnabled()
    knobs.optimizer.set_value("Adam")
    lab.turn(2)
    knobs.activation.set_value("tanh")
    lab.turn(2)
    assert lab.document.program is not None
    assert lab.document.program.compile.optimizer.kind == "Adam"
    arguments = lab.document.program.network.layer("dense").arguments
    assert arguments["activation"] == "tanh"
    assert lab.document.program.network.layer("dense_1").arguments["activation"] == "softmax"
    assert "Adam" in lab.page.program.editor.source() or "adam" in lab.page.program.editor.source()


def test_undo_of_an_edit_brings_the_training_back(open_lab: Open) -> None:
    lab = open_lab()
    lab.train(5)
    lab.document.change_argument("dense", "units", 3)
    lab.turn(2)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 0
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.document.snapshot.step == 5


def test_damage_of_copying_is_repaired_and_told(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.edit_source(
        "model.add(Flatten(input shape=(8, 8, 1)))\n"
        "model.add(Dense(num_classes, activation=‘softmax’))"  # noqa: RUF001
    )
    lab.turn(2)
    assert "input_shape=(8, 8, 1)" in lab.document.state.source
    assert lab.page.told().startswith("Repaired: ")
    assert "Curly quotes" in lab.page.told()
    told = lab.page.program.told()
    for part in ("num_classes", "model = Sequential()", "fit is missing", "compile is missing"):
        assert part in told, "all that was assumed is told"
    lab.document.change_argument("dense", "units", 9)
    assert lab.page.told() == "", "what was repaired was told of the edit before"


def test_a_training_that_is_opened_again_stops_where_the_window_says(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.set_goal(1)
    lab.train(2)
    lab.document.change_argument("dense", "units", 9)
    lab.turn(2)
    lab.document.undo_stack.undo()
    lab.turn(2)
    found: list[Experiment] = []
    lab.document.loop.do(found.append)
    lab.turn()
    assert found[0].goal == lab.document.goal == Goal(4)


def test_it_stops_after_its_epochs(open_lab: Open) -> None:
    lab = open_lab()
    lab.page.knobs.stop.epochs.set_value(1)
    lab.turn()
    lab.document.toggle()
    lab.turn(30)
    assert lab.document.training is not None
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == lab.document.training.batches_per_epoch
    assert not lab.document.playing
    # Said beside the buttons, where it covers nothing of what was learned.
    assert lab.page.controls._hint.text().startswith("1 epoch is done. Drag the handle")
    assert lab.page.told() == ""
    lab.document.toggle()
    lab.turn()
    lab.document.pause()
    lab.turn(2)
    assert "1 epoch is done" not in lab.page.controls._hint.text()


def test_a_run_that_diverges_says_so_and_offers_a_way_back(open_lab: Open) -> None:
    lab = open_lab()
    lab.train(3)
    lab.page.knobs.slider("learning_rate").value_changed.emit(3.0)
    rate = ("live", "learning_rate")
    lab.document.change_live("rate", SetLearningRate, 3.0, 1e30, rate)
    lab.turn(2)
    lab.document.toggle()
    lab.turn(12)
    assert not lab.document.playing
    assert "diverged" in lab.page.told()
    assert lab.document.snapshot is not None
    lane = lab.page.controls.bar.lanes()[0]
    assert lane.outcome == "diverged"
    back = lab.page._notice.way_back()
    assert back is not None
    assert lab.page._notice.rect().contains(back.geometry())
    QTest.mouseClick(back, BUTTON)
    lab.turn(2)
    assert lab.page.told() == ""
    assert np.isfinite(lab.document.snapshot.standing.loss)  # type: ignore[union-attr]
    lab.document.toggle()
    lab.turn(12)
    assert "diverged" in lab.page.told(), "it does so again"
    lab.document.change_argument("dense", "units", 9)
    lab.turn(2)
    assert lab.page.told() == "", "that was another run"


def test_a_run_that_diverges_with_numbers_is_told_too_and_may_go_on(open_lab: Open) -> None:
    lab = open_lab(adam_preset(1000.0))
    lab.document.toggle()
    for _ in range(40):
        lab.turn()
        if not lab.document.playing:
            break
    assert not lab.document.playing
    assert lab.page.told().startswith("It has diverged: after 64 batches the loss stays at")
    back = lab.page._notice.way_back()
    assert back is not None
    assert lab.page._notice.rect().contains(back.geometry())
    lab.document.toggle()
    lab.turn(3)
    assert lab.document.playing, "whoever wants to see more of it may"
    lab.document.pause()
    lab.turn(2)


def adam_preset(rate: float) -> Preset:
    """The small network, with steps as long as the rate says; more epochs than are needed."""
    compiled = replace(
        SMALL.program.compile, optimizer=OptimizerSpec("Adam", {"learning_rate": rate})
    )
    fit = replace(SMALL.program.fit, epochs=1000)
    return replace(SMALL, program=replace(SMALL.program, compile=compiled, fit=fit))


def test_an_activation_that_nothing_has_cannot_be_changed(open_lab: Open) -> None:
    lab = open_lab()
    choice = lab.page.knobs.activation
    assert (choice.isEnabled(), choice.currentText()) == (True, "relu")
    lab.document.choose_preset(replace(PRESETS["adding-lstm"], settings={"samples": 60}))
    lab.turn(2)
    assert (choice.isEnabled(), choice.currentText()) == (False, "none")
    assert "No hidden layer" in choice.toolTip()
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert (choice.isEnabled(), choice.currentText()) == (True, "relu")


# Looking


def test_words_say_whether_data_are_held_out(open_lab: Open) -> None:
    lab = open_lab()
    page = lab.page
    assert page.knobs._now.accessibleName() == "Now, on held-out data"
    assert page.views.samples.accessibleName() == "Held-out samples"
    lab.turn()
    chart = page.views.charts.chart("loss").picture()
    assert chart is not None
    assert chart.caption == "held out; thin: training batches", "before there are any of either"
    lab = open_lab(PRESETS["sequence-classes-rnn"])
    page = lab.page
    assert page.knobs._now.accessibleName() == "Now, on training data"
    assert page.views.samples.accessibleName() == "Training samples"
    chart = page.views.charts.chart("loss").picture()
    assert chart is not None
    assert chart.caption == "training; thin: its batches"


def test_every_view_can_be_switched_on_and_off(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    lab.train(2)
    for key, toggle in lab.page.knobs.on_view.toggles.items():
        toggle.set_value(True)
        lab.turn(2)
        assert key in lab.page.views.shown()
    lab.train(1)
    lab.page.grab()
    views = lab.page.views
    assert views.plane.isHidden(), "of points alone"
    assert not views.tiles["confusion"].isHidden()
    for toggle in lab.page.knobs.on_view.toggles.values():
        toggle.set_value(False)
        lab.turn(1)
    assert lab.document.wanted.views == frozenset({"standing"})
    assert lab.document.wanted.arrays == ()
    lab.page.grab()


def test_points_have_a_boundary_and_no_row_of_samples(open_lab: Open) -> None:
    lab = open_lab(next(each for each in PRESETS.values() if each.group == "Points"))
    lab.train(1)
    assert not lab.page.views.plane.isHidden()
    assert not lab.page.views.samples.isVisible()
    lab.page.grab()


def test_a_sample_is_chosen_for_its_way_through_the_network(open_lab: Open) -> None:
    lab = open_lab()
    samples = lab.page.views.samples
    QTest.mouseClick(samples, BUTTON, pos=samples.place_of(3).center().toPoint())
    lab.turn(2)
    assert lab.page.views.network.layers()[0].kind == "Sample 4"
    assert samples.current() == 3


def test_a_weight_is_typed_over_and_set_back(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    lab.page.knobs.on_view.toggles["filters"].set_value(True)
    lab.turn(2)
    lab.page.grab()
    filters = lab.page.views.tiles["filters"]
    assert isinstance(filters, MapsView)
    before = lab.document.snapshot
    assert before is not None
    filters.cell_chosen.emit(0, 3, 2)
    weight = lab.page.knobs.layer.weight
    assert weight.value() == float(before.arrays["dense/kernel"][3, 2])
    weight.value_changed.emit(5.0)
    lab.turn(2)
    after = lab.document.snapshot
    assert after is not None
    assert after.arrays["dense/kernel"][3, 2] == 5.0
    assert after.standing is not None
    assert before.standing is not None
    assert after.standing.loss != before.standing.loss
    lab.document.undo_stack.undo()
    lab.turn(2)
    assert lab.document.snapshot is not None
    again = lab.document.snapshot.arrays["dense/kernel"]
    assert np.array_equal(again, before.arrays["dense/kernel"])


def test_a_click_on_a_map_finds_its_cell(open_lab: Open) -> None:
    lab = open_lab()
    lab.document.choose_layer("dense")
    lab.page.knobs.on_view.toggles["filters"].set_value(True)
    lab.turn(2)
    lab.page.grab()
    filters = lab.page.views.tiles["filters"]
    assert isinstance(filters, MapsView)
    chosen: list[tuple[int, int, int]] = []
    filters.cell_chosen.connect(lambda *cell: chosen.append(cell))
    place = filters._places[0]
    spot = QPoint(round(place.x() + place.width() * 0.99), round(place.y() + 0.5))
    QTest.mouseClick(filters, BUTTON, pos=spot)
    assert chosen == [(0, 0, 7)]


def test_a_layer_opens_in_its_lesson(open_lab: Open) -> None:
    lab = open_lab(PRESETS["digits-cnn"])
    wanted: list[tuple[str, object]] = []
    lab.document.lesson_wanted.connect(lambda *what: wanted.append(what))
    lab.document.choose_layer("conv2d")
    QTest.mouseClick(lab.page.knobs.layer.arithmetic, BUTTON)
    lab.turn(2)
    assert [lesson for lesson, _ in wanted] == ["convolution"]
    lab.document.open_layer("dense")
    lab.turn(2)
    assert [lesson for lesson, _ in wanted] == ["convolution", "dense"]
    lab.document.open_layer("flatten")
    lab.turn(2)
    assert [lesson for lesson, _ in wanted] == ["convolution", "dense", "layer-at-work"]


@pytest.mark.parametrize(
    ("preset", "layer", "inputs"),
    [
        ("digits-cnn", "dense", 128),
        ("spiral", "dense", 2),
        ("spiral", "dense_3", 16),
        ("adding-lstm", "dense", 32),
    ],
)
def test_any_dense_layer_opens_with_these_weights_and_this_sample(
    open_lab: Open, preset: str, layer: str, inputs: int
) -> None:
    lab = open_lab(PRESETS[preset])
    wanted: list[tuple[str, LessonState]] = []
    lab.document.lesson_wanted.connect(lambda *what: wanted.append(what))
    lab.document.choose_layer(layer)
    QTest.mouseClick(lab.page.knobs.layer.arithmetic, BUTTON)
    lab.turn(2)
    ((identity, state),) = wanted
    assert identity == "dense"
    trace = find(identity).trace(state, Backend())
    assert trace.arrays["input"].values.size == inputs
    assert "loss" in trace.arrays


@pytest.mark.parametrize("width", [900, 1224, 2400])
def test_it_fits_narrow_and_wide(open_lab: Open, width: int) -> None:
    lab = open_lab(width=width)
    lab.page.set_drawer(width < 980, toggled=False)
    lab.turn()
    assert lab.page.knobs.isHidden() == (width < 980)
    lab.page.grab()


def test_both_themes_can_be_looked_at(open_lab: Open, qapp: QApplication) -> None:
    lab = open_lab()
    lab.train(2)
    light = lab.page.grab().toImage().pixelColor(600, 10)
    theme.apply(qapp, theme.DARK)
    lab.turn()
    dark = lab.page.grab().toImage().pixelColor(600, 10)
    theme.apply(qapp, theme.LIGHT)
    assert light.lightness() > 200
    assert dark.lightness() < 60


# The thread


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_thread_trains_and_is_joined(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_page, "first_preset", lambda: SMALL)
    page = LabPage(Backend())
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.document.snapshot is not None, timeout=20_000)
    page.document.toggle()
    qtbot.waitUntil(lambda: bool(page.document.snapshot and page.document.snapshot.step > 3))
    page.close_lab()
    assert page.thread_of_training.isFinished()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_fault_of_the_thread_reaches_the_learner(open_lab: Open) -> None:
    lab = open_lab()

    def break_down(experiment: object) -> None:
        raise ZeroDivisionError("a fault")

    lab.document.loop.do(break_down)
    lab.document.loop.turn()
    with pytest.raises(ZeroDivisionError, match="a fault"):
        lab.document.take_news()
    assert not lab.document.playing


# While kernels are compiled


def test_while_kernels_are_prepared_it_says_so_and_learns_without_them(open_lab: Open) -> None:
    lab = open_lab()
    statuses: list[str] = []
    lab.page.status_changed.connect(lambda words, _: statuses.append(words))
    lab.page.set_preparing("LSTM")
    assert statuses[-1] == "Preparing the fast kernels…"
    assert "LSTM" in lab.page.controls._hint.text()
    assert lab.page.controls.play.isEnabled()
    fast = Backend()
    lab.page.set_preparing("")
    lab.page.use_backend(fast)
    lab.turn(2)
    assert statuses[-1] == "Paused"
    assert lab.document.backend is fast
    assert lab.page.told() == "", "nothing was learned, so nothing is to be said"
    lab.train(2)
    faster = Backend()
    lab.page.use_backend(faster)
    lab.turn(2)
    assert lab.document.snapshot is not None
    assert lab.document.snapshot.step == 2, "what was learned stays"
    assert lab.page.told().startswith("The fast kernels are ready.")
    lab.document.begin_anew()
    assert lab.document.backend is faster


def test_what_was_never_trained_is_kept_against_a_crash(
    open_lab: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program in which something is still wrong among them."""
    monkeypatch.setattr(lab_copies, "autosave_folder", lambda: tmp_path)
    lab = open_lab()
    files = lab.page.files
    files.copies.keep()
    assert not list(tmp_path.glob("*.simulator")), "nothing was done yet"
    source = lab.document.state.source.replace("(8, activation", "(9, activation")
    lab.document.edit_source(source)
    lab.turn(2)
    files.copies.keep()
    lab.turn(2)
    files.copies.wait()
    (kept,) = tmp_path.glob("*.simulator")
    assert project_file.load(kept).program.network.layer("dense").arguments["units"] == 9
    broken = source.replace("(8, 8, 1)", "(7, 7, 1)") + "model.fit(x_train"
    lab.document.edit_source(broken)
    lab.turn(2)
    files.copies.keep()
    lab.turn(2)
    files.copies.wait()
    assert project_file.load(kept).source == lab.document.state.source
    assert "model.fit(x_train" in lab.document.state.source
    unfit = source.replace("(8, 8, 1)", "(7, 7, 1)")
    lab.document.edit_source(unfit)
    lab.turn(2)
    assert lab.document.training is None
    files.copies.keep()
    assert project_file.load(kept).source == unfit
    files.copies.forget()


def test_points_that_are_divided_among_inputs_have_no_boundary(open_lab: Open) -> None:
    lab = open_lab(PRESETS["circle"])
    assert offered_views.fits("plane", lab.document.training)
    lab.document.edit_source(PASTED["two outputs with weights"].source)
    lab.turn(2)
    lab.train(2)
    assert lab.document.training is not None
    assert len(lab.document.training.network.inputs) == 2
    assert not offered_views.fits("plane", lab.document.training)
    assert offered_views.fits("samples", lab.document.training)


def test_curves_that_did_not_change_are_not_drawn_again(open_lab: Callable[..., Lab]) -> None:
    lab = open_lab()
    lab.train(3)
    chart, snapshot = lab.page.views.charts.chart("loss"), lab.document.snapshot
    assert snapshot is not None
    drawn = chart.picture().curves
    lab.document.snapshot = replace(snapshot, epoch=snapshot.epoch + 0.5)
    lab.document.snapshot_changed.emit()
    settle()
    assert chart.picture().curves is drawn
    lab.train(1)
    assert chart.picture().curves is not drawn


def test_words_follow_each_look_and_the_bar_fifteen_in_a_second(
    open_lab: Callable[..., Lab], clock: Clock
) -> None:
    lab = open_lab()
    lab.train(3)
    bar, document, snapshot = lab.page.controls.bar, lab.document, lab.document.snapshot
    assert snapshot is not None

    def show(step: int) -> int:
        document.snapshot = replace(snapshot, step=step)
        document.snapshot_changed.emit()
        return bar.step()

    assert show(2) == 2
    document.playing = True
    assert show(1) == 2, "no time went by"
    assert lab.page.controls._told.text().startswith("Batch 1 of")
    clock.now += 0.07
    assert show(1) == 1
    assert show(0) == 1
    document.playing = False
    document.play_changed.emit()
    assert bar.step() == 0, "paused, all is on view"


def test_a_snapshot_of_the_same_views_lays_nothing_out(
    open_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab()
    lab.train(2)
    laid_out: list[bool] = []
    give = ViewsBody._give_network
    monkeypatch.setattr(
        ViewsBody, "_give_network", lambda body: (laid_out.append(True), give(body))
    )
    lab.train(1)
    assert laid_out == []
    lab.page.views.show_view("confusion", True)
    assert laid_out
    assert lab.page.views.tiles["confusion"].isVisible()


def test_of_a_deep_network_that_is_not_measured_yet_no_other_figures_are_on_view(
    open_lab: Open,
) -> None:
    lab = open_lab()
    lab.train(3)
    document, page = lab.document, lab.page
    assert page.knobs.figures.isVisible()
    assert page.views.samples.isVisible()
    whole, said = document.snapshot, []
    page.status_changed.connect(lambda words, _: said.append(words))
    experiment = document.loop.training
    assert experiment is not None
    document.snapshot = experiment.snapshot(document.wanted.at_first)
    document.snapshot_changed.emit()
    assert said == ["Measuring its loss…"]
    assert page.knobs.figures.figures() == ()
    assert not page.views.samples.isVisible()
    document.snapshot = whole
    document.snapshot_changed.emit()
    assert said[-1] == "Paused"
    assert len(page.knobs.figures.figures()) == 2
    assert page.views.samples.isVisible()
