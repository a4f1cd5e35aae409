"""The recurrent layers within a layer of the lab, opened from a menu."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from simulator.formats.network import LayerSpec, sequential
from simulator.formats.presets import Preset
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.formats.serialization import network_to_json
from simulator.lessons.lesson import LessonState
from tests.gui.lab.conftest import Lab

BOTH_WAYS = Preset(
    "both-ways",
    "Both ways",
    "Sequences",
    "An LSTM in both directions.",
    ProgramSpec(
        sequential(
            [
                LayerSpec(
                    "Bidirectional",
                    "both",
                    {"layer": {"kind": "LSTM", "name": "lstm", "arguments": {"units": 3}}},
                ),
                LayerSpec("Dense", "dense", {"units": 1}),
            ],
            shape=(6, 1),
        ),
        CompileSpec(OptimizerSpec("Adam"), "mse"),
        FitSpec(batch_size=16),
        seed=1,
    ),
    "sine",
    {"samples": 60, "length": 6},
)


def test_each_direction_opens_in_its_lesson_and_on_its_way_back(
    open_lab: Callable[..., Lab],
) -> None:
    lab = open_lab(BOTH_WAYS)
    wanted: list[tuple[str, LessonState]] = []
    lab.document.lesson_wanted.connect(lambda *what: wanted.append(what))
    lab.document.choose_layer("both")
    QTest.mouseClick(lab.page.knobs.layer.arithmetic, Qt.MouseButton.LeftButton)
    (menu,) = lab.page.knobs.layer.arithmetic.findChildren(QMenu)
    assert [each.text() for each in menu.actions()] == [
        "both directions (LSTM)",
        "forward_lstm (LSTM)",
        "backward_lstm (LSTM)",
        "forward_lstm: back through time",
        "backward_lstm: back through time",
    ]
    menu.actions()[2].trigger()
    menu.actions()[4].trigger()
    menu.close()
    lab.turn(2)
    (there, state), (back, state_back) = wanted
    assert (there, back) == ("lstm-gates", "back-through-time")
    assert state.settings["units"] == state_back.settings["units"] == 3
    read = state.came("x")
    assert read is not None
    assert read.size == 6
    assert any(state_back.edits["to_output"].values())


def test_a_layer_that_stands_on_another_opens_as_their_stack(open_lab: Callable[..., Lab]) -> None:
    cells = [
        LayerSpec("LSTM", "low", {"units": 4, "return_sequences": True}),
        LayerSpec("Dropout", "drop", {"rate": 0.3}),
        LayerSpec("LSTM", "high", {"units": 2}),
        LayerSpec("Dense", "dense", {"units": 1}),
    ]
    program = replace(BOTH_WAYS.program, network=sequential(cells, shape=(6, 1)))
    lab = open_lab(replace(BOTH_WAYS, program=program))
    wanted: list[tuple[str, LessonState]] = []
    lab.document.lesson_wanted.connect(lambda *what: wanted.append(what))
    lab.document.choose_layer("high")
    QTest.mouseClick(lab.page.knobs.layer.arithmetic, Qt.MouseButton.LeftButton)
    (menu,) = lab.page.knobs.layer.arithmetic.findChildren(QMenu)
    titles = [each.text() for each in menu.actions()]
    assert titles == ["high (LSTM)", "stack: low, high", "high: back through time"]
    menu.actions()[1].trigger()
    menu.close()
    lab.turn(2)
    ((identity, state),) = wanted
    assert identity == "deep-bidirectional"
    assert (state.settings["layers"], state.settings["units"]) == (2, 4)
    assert state.settings["units_2"] == 2


def test_layers_of_a_network_within_the_network_are_in_a_menu(
    open_lab: Callable[..., Lab],
) -> None:
    inner = sequential(
        [LayerSpec("ReLU", "bent"), LayerSpec("RepeatVector", "again", {"n": 2})], shape=(2,)
    )
    whole = sequential(
        [
            LayerSpec("Sequential", "inner", {"network": network_to_json(inner)}),
            LayerSpec("Flatten", "row"),
            LayerSpec("Dense", "dense", {"units": 1, "activation": "sigmoid"}),
        ],
        shape=(2,),
    )
    fit = FitSpec(batch_size=16)
    compiled = CompileSpec(OptimizerSpec("Adam"), "binary_crossentropy")
    program = ProgramSpec(whole, compiled, fit, seed=1)
    lab = open_lab(Preset("nested", "Nested", "Points", "One in another.", program, "moons"))
    wanted: list[tuple[str, LessonState]] = []
    lab.document.lesson_wanted.connect(lambda *what: wanted.append(what))
    lab.document.choose_layer("inner")
    QTest.mouseClick(lab.page.knobs.layer.arithmetic, Qt.MouseButton.LeftButton)
    (menu,) = lab.page.knobs.layer.arithmetic.findChildren(QMenu)
    assert [each.text() for each in menu.actions()] == ["bent (ReLU)", "again (RepeatVector)"]
    menu.actions()[1].trigger()
    menu.close()
    lab.turn(2)
    assert [identity for identity, _ in wanted] == ["layer-at-work"]
