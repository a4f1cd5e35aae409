"""Cards of layers: a control for every argument, and what the learner asks for with them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from simulator.formats.arguments import LAYERS
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec, sequential
from simulator.gui.lab.argument_control import ArgumentControl, written
from simulator.gui.lab.layer_cards import LayerCards
from simulator.gui.lab.text_field import TextField
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.toggle import Toggle
from simulator.lab.presenting.pictures import CardWords
from tests.gui.conftest import settle

Place = Callable[..., QWidget]
Key = Qt.Key
BUTTON = Qt.MouseButton.LeftButton


def _network() -> NetworkSpec:
    return sequential(
        [
            LayerSpec("Conv2D", "conv", {"filters": 8, "kernel_size": 3}),
            LayerSpec("Flatten", "flat"),
            LayerSpec("Dropout", "drop", {"rate": 0.25}),
            LayerSpec("Dense", "dense", {"units": 10, "activation": "softmax"}),
        ],
        shape=(8, 8, 1),
    )


@pytest.fixture
def cards(place: Place) -> LayerCards:
    made = LayerCards()
    made.set_network(_network(), {})
    made.host = place(made, width=348, height=600)  # type: ignore[attr-defined]
    settle()
    return made


@pytest.mark.parametrize("kind", LAYERS, ids=str)
def test_every_argument_has_a_control_that_shows_its_start(qtbot: QtBot, kind: str) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    for argument in LAYERS[kind].arguments:
        control = ArgumentControl(argument, argument.initial, host)
        heard: list[object] = []
        control.value_changed.connect(heard.append)
        control.show(argument.initial)
        assert heard == [], argument.name
        widget = control.widget
        if isinstance(widget, Stepper | Toggle):
            assert widget.value() == argument.initial
        elif isinstance(widget, TextField):
            assert widget.value() == written(argument, argument.initial)
        else:
            assert isinstance(widget, Choice)
            assert widget.value() == str(argument.initial)


def test_what_is_typed_is_what_the_argument_makes_of_it(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    control = ArgumentControl(LAYERS["Conv2D"].argument("kernel_size"), 3, host)
    heard: list[object] = []
    control.value_changed.connect(heard.append)
    field = control.widget
    assert isinstance(field, TextField)
    for text in ("(5, 3)", "7", "0", "many"):
        field.setText(text)
        QTest.keyClick(field, Key.Key_Return)
    assert heard == [(5, 3), 7]
    assert "kernel_size" in control.row.error()
    control.show(7)
    assert control.row.error() == ""


def test_a_card_tells_what_was_set(cards: LayerCards) -> None:
    heard: list[tuple[object, ...]] = []
    cards.argument_changed.connect(lambda *what: heard.append(what))
    stepper = cards.card("dense").control("units").widget
    assert isinstance(stepper, Stepper)
    stepper.set_value(11)
    choice = cards.card("conv").control("activation").widget
    assert isinstance(choice, Choice)
    choice.set_value("relu")
    assert heard == [("dense", "units", 11), ("conv", "activation", "relu")]


def test_setting_a_network_is_silent_and_keeps_open_cards(cards: LayerCards) -> None:
    heard: list[tuple[object, ...]] = []
    cards.argument_changed.connect(lambda *what: heard.append(what))
    cards.set_current("dense")
    card = cards.card("dense")
    network = _network().with_argument("dense", "units", 3).with_layer_removed("drop")
    words = {"dense": CardWords("3", "387", "Too few units.", "units")}
    cards.set_network(network, words)
    assert cards.names() == ("conv", "flat", "dense")
    assert cards.card("dense") is card
    assert card.is_open()
    stepper = card.control("units").widget
    assert isinstance(stepper, Stepper)
    assert stepper.value() == 3
    assert card.control("units").row.error() == "Too few units."
    assert heard == []


def test_one_card_is_open_at_a_time(cards: LayerCards) -> None:
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    for name in ("conv", "dense"):
        QTest.mouseClick(cards.card(name), BUTTON, pos=QPoint(60, 12))
        settle()
    assert [name for name in cards.names() if cards.card(name).is_open()] == ["dense"]
    assert chosen == ["conv", "dense"]
    QTest.mouseClick(cards.card("dense"), BUTTON, pos=QPoint(60, 12))
    assert not cards.card("dense").is_open()


def test_a_card_is_dragged_to_another_place(cards: LayerCards) -> None:
    moved: list[tuple[str, int]] = []
    cards.moved.connect(lambda *what: moved.append(what))
    card = cards.card("conv")
    QTest.mousePress(card, BUTTON, pos=QPoint(10, 12))
    far = cards.card("drop").geometry().bottom() - card.y()
    QTest.mouseMove(card, QPoint(10, far // 2))
    QTest.mouseMove(card, QPoint(10, far))
    assert cards.target() == 3
    assert cards.line_of_target() is not None
    QTest.mouseRelease(card, BUTTON, pos=QPoint(10, far))
    assert moved == [("conv", 2)]
    assert cards.target() is None


def test_a_card_put_back_moves_nothing(cards: LayerCards) -> None:
    moved: list[tuple[str, int]] = []
    cards.moved.connect(lambda *what: moved.append(what))
    card = cards.card("flat")
    QTest.mousePress(card, BUTTON, pos=QPoint(10, 12))
    QTest.mouseMove(card, QPoint(10, 22))
    QTest.mouseRelease(card, BUTTON, pos=QPoint(10, 22))
    assert moved == []
    assert not card.is_open()


def test_keys_move_and_remove(cards: LayerCards) -> None:
    moved: list[tuple[str, int]] = []
    removed: list[str] = []
    cards.moved.connect(lambda *what: moved.append(what))
    cards.removed.connect(removed.append)
    alt = Qt.KeyboardModifier.AltModifier
    QTest.keyClick(cards.card("flat"), Key.Key_Up, alt)
    QTest.keyClick(cards.card("conv"), Key.Key_Up, alt)
    QTest.keyClick(cards.card("conv"), Key.Key_Delete)
    settle()
    assert (moved, removed) == ([("flat", 0)], ["conv"])


def test_every_kind_of_layer_can_be_added(cards: LayerCards) -> None:
    added: list[tuple[str, int]] = []
    cards.added.connect(lambda *what: added.append(what))
    menu = cards.menu(2)
    for family in menu.actions():
        for action in family.menu().actions():
            action.trigger()
    assert {kind for kind, _ in added} == set(LAYERS) - {"Functional"}
    assert {at for _, at in added} == {2}
    menu.deleteLater()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_click_between_two_cards_offers_layers_for_that_place(cards: LayerCards) -> None:
    added: list[tuple[str, int]] = []
    cards.added.connect(lambda *what: added.append(what))
    body = cards.widget()
    for place in (0, 2, 4):
        spot = cards.line_at(place).center().toPoint()
        QTest.mouseMove(body, spot)
        assert cards.gap() == place
        QTest.mouseClick(body, BUTTON, pos=spot)
        _choose(cards, "Dropout")
    assert added == [("Dropout", 0), ("Dropout", 2), ("Dropout", 4)]
    QTest.mouseMove(body, QPoint(5, body.height() - 2))
    assert cards.gap() is None


def _choose(cards: LayerCards, kind: str) -> None:
    """Choose a kind from the menu that has opened."""
    only = Qt.FindChildOption.FindDirectChildrenOnly
    menu = cards.findChildren(QMenu, options=only)[-1]
    for family in menu.actions():
        for action in family.menu().actions():
            if action.text() == kind:
                action.trigger()
    menu.close()
    settle()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_card_is_duplicated_and_one_inserted_by_keys(cards: LayerCards) -> None:
    doubled: list[str] = []
    added: list[tuple[str, int]] = []
    cards.doubled.connect(doubled.append)
    cards.added.connect(lambda *what: added.append(what))
    QTest.mouseClick(cards.card("conv")._double, BUTTON)
    QTest.keyClick(cards.card("drop"), Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(cards.card("flat"), Key.Key_Insert)
    _choose(cards, "Dense")
    assert doubled == ["conv", "drop"]
    assert added == [("Dense", 2)]


def test_the_shape_of_the_input_is_typed_or_left_to_the_data(cards: LayerCards) -> None:
    shapes: list[tuple[str, object]] = []
    cards.shape_changed.connect(lambda *what: shapes.append(what))
    card = cards.input_card("input_layer")
    assert card.field.value() == "8, 8, 1"
    for typed in ("28 × 28 × 1", "", "any, 3", "0, 3"):
        card.field.setText(typed)
        QTest.keyClick(card.field, Key.Key_Return)
    assert [shape for _, shape in shapes] == [(28, 28, 1), None, (None, 3)]
    assert "'0' is no length" in card.row.error()


def test_cards_of_a_graph_tell_what_they_read(cards: LayerCards) -> None:
    layers = (
        LayerSpec("Dense", "a", {"units": 4}, ("left",)),
        LayerSpec("Dense", "b", {"units": 4}, ("right",)),
        LayerSpec("Dense", "a:1", {}, ("b",), shared_with="a"),
        LayerSpec("Add", "add", {}, ("a", "a:1")),
    )
    inputs = (InputSpec("left", (3,)), InputSpec("right", (3,)))
    network = NetworkSpec("graph", inputs, layers, ("add",), sequential=False)
    words = {each.name: CardWords(reads=", ".join(each.inputs)) for each in layers}
    cards.set_network(network, words)
    changed: list[tuple[str, str]] = []
    cards.sources_changed.connect(lambda *what: changed.append(what))
    field = cards.card("add").sources().control
    assert isinstance(field, TextField)
    assert field.value() == "a, a:1"
    field.setText("a, b")
    QTest.keyClick(field, Key.Key_Return)
    assert changed == [("add", "a, b")]
    with pytest.raises(KeyError):
        cards.card("a:1").control("units")  # they are those of a
    assert cards.input_card("right").field.value() == "3"
    cards.grab()
    cards.set_network(_network(), {})
    assert cards.card("dense").sources().isHidden()
