"""A lesson that was opened from the lab says so, for as long as what is on view is the lab's."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats import keras_reader
from simulator.lab import Experiment, LabError
from simulator.lab.recurrent_lessons import Way
from simulator.lab.snapshot import Wanted
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.lessons.controls import ChoiceControl, ControlError
from simulator.lessons.frame import Frame, Pointer, Room
from simulator.lessons.lesson import FROM_LAB, Lesson, LessonState
from simulator.lessons.opening import open_lesson
from simulator.lessons.texts import notice_of, paragraphs
from simulator.lessons.window_session import WindowSession

PICTURES = """model = Sequential([Input((8, 8, 1)),
  Conv2D(4, 3, activation="relu"), MaxPooling2D(2), Flatten(), Dense(10, activation="softmax")])
model.compile(loss="sparse_categorical_crossentropy")
"""
SEQUENCES = """model = Sequential([Input((6, 1)),
  {first}(3, return_sequences=True), {second}(2{more}), Dense(1)])
model.compile(loss="mse")
"""
CELLS = ("SimpleRNN", "LSTM", "GRU")


def trained(source: str, data: str, **settings: object) -> Experiment:
    program = keras_reader.read(f"from keras.layers import *\n{source}").program
    assert program is not None
    made = datasets.make(data, {"samples": 60, **settings}, seed=2)
    experiment = Experiment(program, made, backend=Backend())
    experiment.run_for(batches=2)
    return experiment


@pytest.fixture(scope="module")
def pictures() -> Experiment:
    return trained(PICTURES, "digits")


def sequences(kind: str, more: str = "") -> Experiment:
    return trained(SEQUENCES.format(first=kind, second=kind, more=more), "sine", length=6)


def opened(experiment: Experiment, layer: str, way: Way = Way.THERE) -> tuple[Lesson, LessonState]:
    identity, state = lesson_on(experiment, layer, 4, way)
    return lesson(identity), state


def array(chosen: Lesson, state: LessonState, name: str) -> np.ndarray:
    return np.asarray(chosen.arrays(state)[name])


def said(chosen: Lesson, state: LessonState) -> dict[str, str]:
    """What the choices that are on view say."""
    return {
        control.name: control.label_of(str(state.settings[control.name]))
        for control in chosen.controls
        if isinstance(control, ChoiceControl)
        and not control.each_of
        and control.shown(state.settings)
    }


def on_view(chosen: Lesson, state: LessonState) -> set[str]:
    return {control.name for control in chosen.controls if control.shown(state.settings)}


def test_a_convolution_says_that_picture_and_kernels_are_the_labs(pictures: Experiment) -> None:
    chosen, state = opened(pictures, "conv2d")
    assert said(chosen, state)["picture"] == "From the lab"
    assert state.settings["preset"] == (FROM_LAB,) * 4
    assert not state.edits, "nobody has typed anything"
    session = open_lesson(chosen, Backend(), state)
    assert str(chosen.weights_name(state, 1)) == "lab"
    frame = session.frame(Room((7, 7), (5, 5)))
    assert "Lab, sample 5" in {str(part) for part in frame.where}
    # Of what comes from the lab there is one size, and each filter has a bias of its own.
    assert not on_view(chosen, state) & {"size", "channels", "range", "kernel_size", "bias", "seed"}
    assert notice_of(chosen, state, 0) == paragraphs("convolution")["lab"]


def test_another_picture_under_the_labs_kernels(pictures: Experiment) -> None:
    chosen, state = opened(pictures, "conv2d")
    flower = chosen.change(state, "picture", "flower")
    assert said(chosen, flower)["picture"] == "Photograph: Flower"
    assert (array(chosen, flower, "input") != array(chosen, state, "input")).any()
    np.testing.assert_array_equal(
        array(chosen, flower, "kernel"), pictures.model.weights["conv2d/kernel"]
    )
    assert {"size", "range"} <= on_view(chosen, flower)
    assert "channels" not in on_view(chosen, flower), "the kernels read as many as they read"
    larger = chosen.change(flower, "size", 30)
    assert not open_lesson(chosen, Backend(), larger).complaint


def test_a_convolution_in_the_depth_of_a_network_reads_all_its_maps() -> None:
    deep = """model = Sequential([Input((8, 8, 1)), Conv2D(5, 3, activation="relu"),
      Conv2D(6, 3, padding="same"), Flatten(), Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    """
    network = trained(deep, "digits")
    chosen, state = opened(network, "conv2d_1")
    trace = chosen.trace(state, Backend())
    sample = network.snapshot(Wanted(frozenset({"sample"}), sample=4)).sample
    assert sample is not None
    np.testing.assert_array_equal(array(chosen, state, "input"), sample.outputs["conv2d"])
    np.testing.assert_allclose(
        trace.arrays["output"].values, sample.outputs["conv2d_1"], rtol=1e-5, atol=1e-6
    )
    # A picture from elsewhere has no five channels; with filters of its own it can be read.
    flower = chosen.change(state, "picture", "flower")
    session = open_lesson(chosen, Backend(), state)
    assert not session.apply(flower)
    assert session.complaint is not None
    assert "read 5 channels" in str(session.complaint)
    other = chosen.change(state, "preset", ("sobel_x",) * 6)
    assert session.apply(other)
    assert session.apply(chosen.change(other, "picture", "flower"))


def test_another_picture_under_kernels_that_read_colours() -> None:
    coloured = """model = Sequential([Input((16, 16, 3)), Conv2D(2, 3), Flatten(),
      Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    """
    chosen, state = opened(trained(coloured, "shapes", size=16), "conv2d")
    session = open_lesson(chosen, Backend(), state)
    assert session.apply(chosen.change(state, "picture", "flower"))
    assert session.trace.arrays["input"].shape == (16, 16, 3)


def test_three_maps_are_colours_only_where_a_picture_goes_in() -> None:
    three = """model = Sequential([Input((16, 16, 3)), Conv2D(3, 3), Conv2D(2, 3), MaxPooling2D(2),
      Flatten(), Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    """
    network = trained(three, "shapes", size=16)

    def words(chosen: Lesson, state: LessonState) -> str:
        session = open_lesson(chosen, Backend(), state)
        assert isinstance(session, WindowSession)
        frame = session.frame(Room((20, 20), (20, 20)))
        assert isinstance(frame, Frame)
        card = session.scene.card(Pointer("input", (1, 2, 0)), 0, pinned=False)
        shown = (frame.input, frame.input_overview, frame.weights)
        grids = " ".join(f"{each.title} {each.note}" for each in shown if each is not None)
        names = " ".join(str(name) for each in frame.choices for name in each.names)
        return f"{grids} {names} {card.title}"

    first = words(*opened(network, "conv2d"))
    assert "red" in first
    assert "Green" in first
    chosen, state = opened(network, "conv2d_1")
    deep = words(chosen, state)
    assert "Channel 2" in deep
    assert "channel 1" in deep
    pooled = words(*opened(network, "max_pooling2d"))
    for said in (deep, pooled):
        assert not {"red", "Green", "RGB", "grey"} & set(said.replace(",", "").split())
    # A picture in their place has its colours.
    assert "red" in words(chosen, chosen.change(state, "picture", "flower"))


def test_layers_with_more_maps_than_their_lessons_show_are_shown_at_work() -> None:
    wide = """model = Sequential([Input((8, 8, 1)), Conv2D(65, 3), Conv2D(2, 3), MaxPooling2D(2),
      Flatten(), Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    """
    network = trained(wide, "digits")
    for name in ("conv2d", "conv2d_1"):
        assert lesson_on(network, name, 0)[0] == "layer-at-work"
    assert lesson_on(network, "max_pooling2d", 0)[0] == "pooling"


def test_another_kernel_is_of_its_filter_alone(pictures: Experiment) -> None:
    chosen, state = opened(pictures, "conv2d")
    typed = state.with_cells("kernel", {(0, 0, 0, 0): 9.0, (0, 0, 0, 2): 8.0})
    changed = chosen.change(typed, "preset", ("sobel_x", FROM_LAB, "random", "blur"))
    trained_kernel = pictures.model.weights["conv2d/kernel"]
    trained_bias = pictures.model.weights["conv2d/bias"]
    kernel, bias = array(chosen, changed, "kernel"), array(chosen, changed, "bias")
    np.testing.assert_array_equal(kernel[:, :, 0, 0], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_array_equal(kernel[..., 1], trained_kernel[..., 1])
    assert (kernel[..., 2] != trained_kernel[..., 2]).any()
    assert bias.tolist() == [0, pytest.approx(trained_bias[1]), 0, 0]
    drawn_anew = chosen.change(changed, "seed", 5)
    np.testing.assert_array_equal(
        array(chosen, drawn_anew, "kernel")[..., 1], trained_kernel[..., 1]
    )
    more = chosen.change(state, "filters", 5)
    assert chosen.control("preset").each(more.settings, 5)[4] == "sobel_x"
    np.testing.assert_array_equal(array(chosen, more, "kernel")[..., 2], trained_kernel[..., 2])


def test_a_pooling_reads_every_map(pictures: Experiment) -> None:
    chosen, state = opened(pictures, "max_pooling2d")
    assert said(chosen, state)["picture"] == "From the lab"
    session = open_lesson(chosen, Backend(), state)
    frame = session.frame(Room((7, 7), (5, 5)))
    told = {str(part) for part in frame.where}
    assert "Lab, sample 5" in told
    assert array(chosen, state, "input").shape == (6, 6, 4), "each map is pooled by itself"
    assert "size" not in on_view(chosen, state)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("way", Way)
def test_a_cell_says_that_sequence_and_weights_are_the_labs(kind: str, way: Way) -> None:
    experiment = sequences(kind)
    chosen, state = opened(experiment, kind.lower() if kind != "SimpleRNN" else "simple_rnn", way)
    words = said(chosen, state)
    assert words["source"] == words["origin"] == "From the lab"
    assert not on_view(chosen, state) & {"length", "values", "seed", "weights"}
    assert open_lesson(chosen, Backend(), state).complaint is None
    weights = [name for name in array_names(chosen, state) if "recurrent" in name]
    assert weights
    other = chosen.change(state, "units", 5)
    words = said(chosen, other)
    assert "origin" not in words, "weights of another size are none of the lab's"
    assert words["source"] == "From the lab"
    np.testing.assert_array_equal(array(chosen, other, "x"), array(chosen, state, "x"))
    assert "seed" in on_view(chosen, other)
    assert open_lesson(chosen, Backend(), other).complaint is None
    for source in ("sine", "adding", "text"):
        words = said(chosen, chosen.change(state, "source", source))
        assert words["source"] != "From the lab"
        assert "origin" not in words


def array_names(chosen: Lesson, state: LessonState) -> list[str]:
    return list(chosen.arrays(state))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("more", ["", ", use_bias=False"])
def test_the_way_back_moves_the_labs_own_weights_with_its_sliders(kind: str, more: str) -> None:
    experiment = sequences(kind, more)
    name = {"SimpleRNN": "simple_rnn"}.get(kind, kind.lower()) + "_1"
    chosen, state = opened(experiment, name, Way.BACK)
    own = np.asarray(experiment.model.weights[f"{name}/recurrent_kernel"])
    np.testing.assert_array_equal(array(chosen, state, "recurrent_kernel"), own)
    moved = array(chosen, chosen.change(state, "radius", 1.5), "recurrent_kernel")
    np.testing.assert_allclose(moved / moved[0, 0], own / own[0, 0], rtol=1e-4)
    reach = (
        np.abs(np.linalg.eigvals(moved)).max() if kind == "SimpleRNN" else np.linalg.norm(moved, 2)
    )
    assert reach == pytest.approx(1.5, rel=1e-4)
    if kind == "SimpleRNN":
        return
    before = array(chosen, state, "bias")
    after = array(chosen, chosen.change(state, "keep", 4.0), "bias")
    gate = slice(2, 4) if kind == "LSTM" else slice(0, 2)
    assert after[0, gate].mean() == pytest.approx(4.0)
    np.testing.assert_allclose(np.diff(after[0, gate]), np.diff(before[0, gate]), atol=1e-6)
    others = np.ones(before.shape, bool)
    others[0, gate] = False
    np.testing.assert_array_equal(after[others], before[others])


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_of_a_grid_says_that_it_is_the_grids(kind: str) -> None:
    experiment = sequences(kind)
    name = {"SimpleRNN": "simple_rnn"}.get(kind, kind.lower())
    chosen, state = opened(experiment, name, Way.STACK)
    session = open_lesson(chosen, Backend(), state)
    lead = session.scene.lead(session.place)
    words = said(lesson(lead.lesson), lead.state)
    assert words["source"] == words["origin"] == "From the grid of cells"


def test_what_came_from_the_lab_is_neither_kept_nor_asked_for(pictures: Experiment) -> None:
    for experiment, layer in ((pictures, "conv2d"), (sequences("LSTM"), "lstm")):
        chosen, state = opened(experiment, layer)
        kept = chosen.kept(state)
        assert FROM_LAB not in str(kept)
        for again in (kept, {**kept, "picture": "lab", "preset": ["lab"], "source": "lab"}):
            restored = chosen.restored(again)
            assert restored.opened is None
            assert FROM_LAB not in str(dict(restored.settings))
            assert open_lesson(chosen, Backend(), restored).complaint is None
    for identity, name in (("convolution", "picture"), ("convolution", "preset"),
                           ("lstm-gates", "source"), ("lstm-gates", "origin")):  # fmt: skip
        control = lesson(identity).control(name)
        assert isinstance(control, ChoiceControl)
        with pytest.raises(ControlError) as refused:
            control.parse("lab")
        assert "lab" not in str(refused.value).partition("choose")[2]
        assert "From the lab" not in [option.label for option in control.offered()]
        assert "From the lab" in [option.label for option in control.offered("lab")]


def test_a_layer_without_numbers_is_refused() -> None:
    for experiment, layer in ((trained(PICTURES, "digits"), "conv2d"), (sequences("GRU"), "gru")):
        experiment.model.weights[f"{layer}/kernel"].fill(np.nan)
        for way in (Way.THERE, Way.BACK):
            with pytest.raises(LabError, match="holds no numbers any more"):
                lesson_on(experiment, layer, 0, way)


def test_a_state_says_lab_only_while_it_has_what_came(pictures: Experiment) -> None:
    """Whoever makes a state by hand gets something to look at, too."""
    chosen, state = opened(pictures, "conv2d")
    assert open_lesson(chosen, Backend(), replace(state, opened=None)).complaint is None
