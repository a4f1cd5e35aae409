"""Every control of every lesson: what is done to its widget is on the stage, and can be undone."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from simulator.gui.binding import Binding
from simulator.gui.document import Document
from simulator.gui.lesson_page import LessonPage
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.padding_choice import PaddingChoice
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.stepper import Stepper
from simulator.lessons import autoencoder, dense
from simulator.lessons.catalogue import LESSONS
from simulator.lessons.controls import Control, Value
from simulator.lessons.lesson import FROM_LAB, LessonState, Opened
from simulator.traces.model import Computed
from tests.gui.conftest import Heard

Open = Callable[..., LessonPage]
Key = Qt.Key
NOT_BY_ITSELF = (autoencoder.ORIGIN, dense.ANSWER, dense.STEPS, dense.STEP)
"""Not there, or with one value, until there is a network from the lab or a picture of one's own."""
CONTROLS = [
    pytest.param(lesson.id, control, id=f"{lesson.id}-{control.name}")
    for lesson in LESSONS
    if lesson.scene in ("window", "layers")
    for control in lesson.controls
    if control not in NOT_BY_ITSELF
]
NEEDS: dict[str, dict[str, Value]] = {
    "seed": {"preset": ("random",), "kind": "stochastic_training"},
    "order": {"kind": "lp"},
    "filters": {"variant": "convolutional"},
}
"""What other settings must be for a control to have a meaning."""
OTHER: dict[str, Value] = {
    "picture": "pagoda",
    "channels": "3",
    "range": "1",
    "size": 9,
    "preset": "blur",
    "kernel_size": 5,
    "window": 3,
    "stride": 3,
    "dilation": 2,
    "padding": "same",
    "filters": 3,
    "bias": 12.5,
    "seed": 7,
    "kind": "average",
    "order": 3.5,
}
"""Another value for each control than its first."""
SMALL: dict[str, dict[str, Value]] = {
    "convolution": {"size": 11},
    "pooling": {"size": 11},
    "autoencoder": {"epochs": 1, "hidden": 4, "code": 2},
    "boltzmann": {"epochs": 1, "start": "persistent"},
    "dense": {"epochs": 1},
    "layer-at-work": {},
}
"""Settings with which each lesson is soon computed and shows all of its controls."""
STEP = {"boltzmann": 10_000}
"""The step that is looked at: the last, where the first do not follow from everything."""
OTHERS: dict[str, dict[str, Value]] = {
    "autoencoder": {
        "picture": "shapes",
        "sample": 5,
        "code": 3,
        "hidden": 3,
        "variant": "tied",
        "activation": "relu",
        "epochs": 2,
    },
    "boltzmann": {
        "picture": "digits",
        "sample": 4,
        "hidden": 5,
        "k": 2,
        "start": "data",
        "draws": 9,
        "rate": 0.5,
        "epochs": 2,
    },
    "dense": {
        "picture": "digits",
        "sample": 5,
        "hidden": 3,
        "activation": "relu",
        "epochs": 2,
        "pass": "backward",
    },
    "layer-at-work": {"layer": "Softmax"},
}
"""The same of lessons whose controls have another meaning."""


def _line(widget: QWidget) -> QLineEdit:
    line = widget.findChild(QLineEdit)
    assert line is not None
    return line


def _shown(binding: Binding) -> Value:
    """What a widget shows, as its control counts it."""
    value: Value = binding.widget.value()  # type: ignore[attr-defined]
    return value


def _use(widget: QWidget, value: Value) -> None:
    """Do what a learner does to bring a widget to a value."""
    if isinstance(widget, Stepper | NumberField):
        line = _line(widget)
        line.setFocus(Qt.FocusReason.TabFocusReason)
        line.selectAll()
        QTest.keyClicks(line, str(value))
        QTest.keyClick(line, Key.Key_Return)
    elif isinstance(widget, Segmented):
        QTest.mouseClick(widget.segment(str(value)), Qt.MouseButton.LeftButton)
    elif isinstance(widget, PaddingChoice):
        segments = widget.findChild(Segmented)
        assert segments is not None
        QTest.mouseClick(segments.segment(str(value)), Qt.MouseButton.LeftButton)
    else:
        assert isinstance(widget, Choice)
        at = widget.findData(str(value))
        assert at >= 0, f"there is no {value!r} to choose"
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        while widget.currentIndex() != at:
            QTest.keyClick(widget, Key.Key_Down if at > widget.currentIndex() else Key.Key_Up)


def _picture(page: LessonPage) -> QImage:
    page.document.hover(None)
    return page.stage.grab().toImage()


def _values(document: Document) -> dict[str, bytes]:
    arrays = document.session.trace.arrays
    return {
        name: np.asarray(arrays[name].values).tobytes()
        for name in arrays
        if arrays[name].given or not isinstance(arrays[name].values, Computed)
    }


@pytest.mark.parametrize(("lesson", "control"), CONTROLS)
def test_a_control_changes_the_state_and_the_stage_and_is_undone(
    open_page: Open, lesson: str, control: Control
) -> None:
    names = [one.name for one in next(it for it in LESSONS if it.id == lesson).controls]
    needs = {name: value for name, value in NEEDS.get(control.name, {}).items() if name in names}
    page = open_page(lesson, **SMALL[lesson], **needs)
    document, binding = page.document, page.panel.bindings[control.name]
    document.change_level(1)
    document.seek(STEP.get(lesson, 2))
    assert binding.row.isVisible()
    state, values, picture = document.state, _values(document), _picture(page)
    first = _shown(binding)
    value = OTHERS.get(lesson, {}).get(control.name, OTHER.get(control.name, 7))

    _use(binding.widget, value)
    expected = (value,) if control.name == "preset" else value
    assert document.state.settings[control.name] == expected
    assert {
        name for name in state.settings if state.settings[name] != document.state.settings[name]
    } == {control.name}
    assert _shown(binding) == value
    assert binding.row.error() == ""
    changed, other = _values(document), _picture(page)
    assert changed != values, "something was computed anew"
    assert other != picture, "the stage shows something else"

    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.state == state
    assert _shown(binding) == first
    assert _values(document) == values
    document.seek(STEP.get(lesson, 2))
    assert _picture(page) == picture
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    assert document.state.settings[control.name] == expected
    assert _shown(binding) == value
    assert _values(document) == changed


@pytest.mark.parametrize("lesson", ["convolution", "pooling"])
def test_what_is_shown_to_the_widgets_is_not_taken_for_an_edit(
    open_page: Open, lesson: str
) -> None:
    page = open_page(lesson, **SMALL[lesson])
    document = page.document
    heard = Heard(document)
    for binding in page.panel.bindings.values():
        binding.refresh()
    assert heard.take() == {}
    document.change("seed", 9)
    assert heard.take()["state"] == 1
    assert document.undo_stack.count() == 1


def test_only_controls_with_a_meaning_are_shown(open_page: Open) -> None:
    page = open_page("pooling")
    visible = {name for name, one in page.panel.bindings.items() if one.row.isVisible()}
    assert visible == {
        "picture",
        "channels",
        "range",
        "size",
        "kind",
        "window",
        "stride",
        "padding",
    }
    page.document.change("kind", "lp")
    assert page.panel.bindings["order"].row.isVisible()
    page.document.change("kind", "global_max")
    for name in ("order", "window", "stride", "padding", "seed"):
        assert not page.panel.bindings[name].row.isVisible(), name


def test_steps_by_click_key_and_wheel_are_one_edit_in_a_burst(open_page: Open) -> None:
    page = open_page(size=12)
    stepper = page.panel.bindings["kernel_size"].widget
    assert isinstance(stepper, Stepper)
    plus = stepper.findChildren(QAbstractButton)[1]
    QTest.mouseClick(plus, Qt.MouseButton.LeftButton)
    line = _line(stepper)
    line.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(line, Key.Key_Up)
    QTest.keyClick(line, Key.Key_Up)
    QTest.keyClick(line, Key.Key_Down)
    middle = QPointF(line.rect().center())
    event = QWheelEvent(
        middle,
        line.mapToGlobal(middle),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(line, event)
    assert page.document.state.settings["kernel_size"] == 6
    assert page.document.session.trace.geometry.kernel_size == (6, 6)
    assert page.document.undo_stack.count() == 1
    page.document.undo_stack.undo()
    assert stepper.value() == 3


def test_padding_by_a_number(open_page: Open) -> None:
    page = open_page(size=6)
    padding = page.panel.bindings["padding"].widget
    assert isinstance(padding, PaddingChoice)
    _use(padding, "number")
    assert page.document.state.settings["padding"] == 1
    assert page.document.session.trace.geometry.output_size == (6, 6)
    line = _line(padding)
    line.selectAll()
    QTest.keyClicks(line, "3")
    QTest.keyClick(line, Key.Key_Return)
    assert page.document.state.settings["padding"] == 3
    assert page.document.session.trace.geometry.output_size == (10, 10)
    while page.document.undo_stack.canUndo():
        page.document.undo_stack.undo()
    assert padding.value() == "valid"


def test_each_filter_has_its_own_preset(open_page: Open) -> None:
    page = open_page(size=8, filters=3)
    document = page.document
    choice = page.panel.bindings["preset"].widget
    assert isinstance(choice, Choice)
    assert choice.value() == "sobel_x"
    document.pick("map", 1)
    assert choice.value() == "sobel_y"
    choice.set_value("identity")
    assert document.state.settings["preset"] == ("sobel_x", "identity", "laplacian")
    kernel = np.asarray(document.session.trace.arrays["kernel"].values)
    np.testing.assert_array_equal(kernel[:, :, 0, 1], [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(kernel[:, :, 0, 0], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    document.pick("map", 0)
    assert choice.value() == "sobel_x"
    document.undo_stack.undo()
    document.pick("map", 1)
    assert choice.value() == "sobel_y"
    assert document.undo_stack.count() == 1, "looking at another filter is no edit"


def test_the_preset_follows_the_filter_that_plays(open_page: Open) -> None:
    page = open_page(size=4, filters=2)
    document = page.document
    document.set_level("map")
    choice = page.panel.bindings["preset"].widget
    assert isinstance(choice, Choice)
    document.forward()
    document.tick(1.0)
    assert document.session.map_on_view == 1
    assert choice.value() == "sobel_y"


# What was opened from elsewhere


def test_the_labs_picture_is_offered_while_it_is_on_view(open_page: Open) -> None:
    page = open_page(size=4, filters=2)
    document = page.document
    choices = {name: page.panel.bindings[name].widget for name in ("picture", "preset")}
    picture, preset = choices["picture"], choices["preset"]
    assert isinstance(picture, Choice)
    assert isinstance(preset, Choice)
    for choice in (picture, preset):
        assert choice.findData(FROM_LAB) < 0
    settings = {**document.state.settings, "picture": FROM_LAB, "preset": (FROM_LAB, FROM_LAB)}
    came = Opened({
        "input": np.full((4, 4, 1), 0.5, np.float32),
        "kernel": np.ones((3, 3, 1, 2), np.float32),
        "bias": np.zeros(2, np.float32),
    })  # fmt: skip
    page = open_page(state=LessonState(settings, opened=came))
    document = page.document
    picture, preset = (page.panel.bindings[name].widget for name in ("picture", "preset"))
    assert isinstance(picture, Choice)
    assert isinstance(preset, Choice)
    assert picture.currentText() == preset.currentText() == "From the lab"
    assert not page.panel.bindings["size"].row.isVisible()
    preset.set_value("blur")
    assert preset.findData(FROM_LAB) < 0, "it is chosen no more"
    document.pick("map", 1)
    assert preset.currentText() == "From the lab", "the other filter is as it was"
    picture.set_value("pagoda")
    assert picture.findData(FROM_LAB) < 0
    assert page.panel.bindings["size"].row.isVisible()
    document.undo_stack.undo()
    assert picture.currentText() == "From the lab"
    document.pick("map", 0)
    document.undo_stack.undo()
    assert preset.currentText() == "From the lab"
    assert document.undo_stack.index() == 0, "showing it is no edit"


# What can't be


def test_sizes_that_do_not_fit_are_told_beside_their_cause(open_page: Open) -> None:
    page = open_page(size=5)
    document, row = page.document, page.panel.bindings["kernel_size"].row
    picture, told = _picture(page), page.panel.bindings
    _use(page.panel.bindings["kernel_size"].widget, 7)
    assert row.error() == document.session.complaint.message  # type: ignore[union-attr]
    assert "7 × 7" in row.error()
    assert "5 × 5" in row.error()
    assert [name for name, one in told.items() if one.row.error()] == ["kernel_size"]
    assert _picture(page) == picture, "the stage keeps its last valid picture"
    assert page.told() == "", "it is said once, beside the control"
    document.undo_stack.undo()
    assert row.error() == ""
    assert _picture(page) == picture


def test_another_setting_can_mend_it(open_page: Open) -> None:
    page = open_page(size=5)
    _use(page.panel.bindings["kernel_size"].widget, 7)
    assert page.panel.bindings["kernel_size"].row.error()
    _use(page.panel.bindings["padding"].widget, "same")
    assert page.panel.bindings["kernel_size"].row.error() == ""
    assert page.document.session.trace.geometry.output_size == (5, 5)


def test_dilation_is_told_where_it_can_be_mended(open_page: Open) -> None:
    page = open_page(size=8)
    _use(page.panel.bindings["dilation"].widget, 8)
    complaint = page.document.session.complaint
    assert complaint is not None
    assert complaint.control is not None
    assert page.panel.bindings[complaint.control].row.error() == complaint.message
    assert "17" in complaint.message, "three cells at a distance of eight span seventeen"


@pytest.mark.parametrize(
    ("lesson", "name", "typed", "bounds"),
    [
        ("convolution", "stride", "17", ("1", "16")),
        ("convolution", "kernel_size", "99", ("1", "15")),
        ("convolution", "size", "0", ("1", "224")),
        ("convolution", "bias", "-1001", ("1000", "1000")),
        ("convolution", "bias", "1e9", ("1000", "1000")),
        ("pooling", "window", "16", ("1", "15")),
    ],
)
def test_what_is_out_of_bounds_is_refused_beside_its_control(
    open_page: Open, lesson: str, name: str, typed: str, bounds: tuple[str, str]
) -> None:
    page = open_page(lesson, size=8)
    binding = page.panel.bindings[name]
    state = page.document.state
    _use(binding.widget, typed)
    assert all(bound in binding.row.error() for bound in bounds)
    assert page.document.state is state
    assert page.document.undo_stack.count() == 0
    _use(binding.widget, "2")
    assert binding.row.error() == ""
    assert page.document.state.settings[name] == 2


def test_a_refusal_is_over_when_undo_brings_another_value(open_page: Open) -> None:
    page = open_page(size=8)
    binding = page.panel.bindings["stride"]
    _use(binding.widget, 2)
    _use(binding.widget, 99)
    assert "99" in binding.row.error()
    page.document.undo_stack.undo()
    assert _shown(binding) == 1
    assert binding.row.error() == ""


def test_ones_own_picture_is_asked_for_and_not_yet_shown(open_page: Open) -> None:
    page = open_page(size=8)
    wanted: list[str] = []
    page.picture_wanted.connect(lambda: wanted.append(str(_shown(binding))))
    binding = page.panel.bindings["picture"]
    choice = binding.widget
    assert isinstance(choice, Choice)
    choice.set_value("own")
    assert wanted == ["flower"]
    assert choice.value() == "flower"
    assert page.document.undo_stack.count() == 0


def test_a_network_from_the_lab_is_refused_where_there_is_none(open_page: Open) -> None:
    page = open_page("autoencoder", **SMALL["autoencoder"])
    binding, values = page.panel.bindings["network"], _values(page.document)
    _use(binding.widget, "lab")
    assert "open a layer of an autoencoder there" in binding.row.error()
    assert _values(page.document) == values
