"""Any dense layer of a network in the lab opens in its lesson, with what follows it to the loss."""

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats import keras_reader
from simulator.lab import Experiment, LabError
from simulator.lab import dense_layers as module
from simulator.lab.binding import Arrays
from simulator.lab.snapshot import SamplePass, Wanted
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.lessons.frame import Room
from simulator.lessons.layers_session import LayersSession
from simulator.lessons.opening import open_lesson
from simulator.lessons.texts import notice_of, paragraphs
from tests.traces.invariants import check_level

SAMPLE = 4


def trained(source: str, data: str, **settings: object) -> Experiment:
    program = keras_reader.read(f"from keras.layers import *\n{source}").program
    assert program is not None
    made = datasets.make(data, {"samples": 60, **settings}, seed=2)
    experiment = Experiment(program, made, backend=Backend())
    experiment.run_for(batches=2)
    return experiment


def row(layers: str, shape: str, loss: str = "mse") -> str:
    return f"model = Sequential([Input({shape}), {layers}])\nmodel.compile(loss='{loss}')\n"


def passed(experiment: Experiment) -> SamplePass:
    found = experiment.snapshot(Wanted(frozenset({"sample"}), sample=SAMPLE)).sample
    assert found is not None
    return found


def opened(experiment: Experiment, layer: str, **changed: object) -> LayersSession:
    identity, state = lesson_on(experiment, layer, SAMPLE)
    assert identity == "dense"
    chosen = lesson(identity)
    for name, value in changed.items():
        state = chosen.change(state, name, value)  # type: ignore[arg-type]
    session = open_lesson(chosen, Backend(), state)
    assert session.complaint is None
    assert isinstance(session, LayersSession)
    assert session.lesson.is_from_elsewhere(session.state)
    session.frame(Room((7, 7), (5, 5)))
    check_level(session.trace.at("layer"))
    return session


def stations(session: LayersSession) -> list[str]:
    return [str(label) for _, label in session.trace.stations]


def values(session: LayersSession, station: int) -> np.ndarray:
    return session.trace.arrays[session.trace.stations[station][0]].values.ravel()


def loss_of(experiment: Experiment, output: int = 0) -> float:
    """The loss of the sample alone, as the network's own goal has it."""
    run = experiment.timeline.run
    assert run.validation is not None
    data = run.validation[SAMPLE : SAMPLE + 1]
    made = experiment.model.outputs_in_batches(data.x, 1)[output]
    loss = run.trainer.goals[output].loss
    assert loss is not None
    return float(np.mean(loss.value(data.y[output], made)))


CNN = row(
    "Conv2D(3, 3, activation='relu'), MaxPooling2D(2), Dropout(0.3), Flatten(), "
    "Dense(12, activation='relu', kernel_regularizer='l2'), Dropout(0.5), BatchNormalization(), "
    "Dense(10, activation='softmax')",
    "(8, 8, 1)",
    "sparse_categorical_crossentropy",
)


def test_the_dense_layers_of_a_network_on_pictures() -> None:
    experiment = trained(CNN, "digits")
    outputs = passed(experiment).outputs
    session = opened(experiment, "dense")
    assert stations(session) == ["Input", "Dense 1", "Norm", "Scores", "Output", "Loss"]
    for at, name in ((1, "dense"), (2, "batch_normalization"), (4, "dense_1")):
        np.testing.assert_allclose(values(session, at), outputs[name], rtol=1e-4, atol=1e-6)
    assert values(session, 5).item() == pytest.approx(loss_of(experiment), rel=1e-5)
    frame = session.frame(Room((7, 7), (5, 5)))
    assert "Lab, sample 5" in {str(part) for part in frame.where}
    last = opened(experiment, "dense_1")
    assert stations(last) == ["Input", "Scores", "Output", "Loss"]
    np.testing.assert_allclose(values(last, 0), outputs["batch_normalization"])
    label = passed(experiment).label
    assert label is not None
    last.timeline.seek(len(last.trace) - 1)
    assert f"unit {label} (“{label}”)" in str(last.explanation().sentence)


def test_maps_that_were_flattened_stand_side_by_side() -> None:
    experiment = trained(CNN, "digits")
    session = opened(experiment, "dense")
    maps = passed(experiment).outputs["max_pooling2d"]
    shown = session.trace.arrays["input"].values
    assert shown.shape == (3, 9)
    for at in range(3):
        np.testing.assert_array_equal(shown[:, 3 * at : 3 * at + 3], maps[:, :, at])
    kernel = session.trace.arrays["kernel_1"].values.reshape(3, 9, -1)
    own = experiment.model.weights["dense/kernel"].reshape(3, 3, 3, -1)
    np.testing.assert_array_equal(kernel[2, 3 + 1], own[2, 1, 1])
    assert not session.trace.pictures, "outputs of a layer are no brightness"


def test_a_picture_that_goes_in_as_it_is_is_shown_as_one() -> None:
    source = row("Flatten(), Dense(10, activation='softmax')", "(8, 8, 1)",
                 "sparse_categorical_crossentropy")  # fmt: skip
    session = opened(trained(source, "digits"), "dense")
    assert session.trace.pictures == {"input"}
    assert session.trace.arrays["input"].shape == (8, 8)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mse", "mae", "huber"])
def test_points_of_a_plane_and_one_unit(loss: str) -> None:
    source = row("Dense(4, activation='tanh'), Dense(1, activation='sigmoid')", "(2,)", loss)
    experiment = trained(source, "circle")
    session = opened(experiment, "dense")
    assert session.trace.arrays["input"].shape == (1, 2)
    np.testing.assert_allclose(
        values(session, 2), passed(experiment).outputs["dense_1"], rtol=1e-5, atol=1e-7
    )
    assert ("loss" in session.trace.arrays) == (loss != "huber")
    if loss != "huber":
        assert values(session, 3).item() == pytest.approx(loss_of(experiment), rel=1e-5)


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ("Dense(3)", "losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ("Dense(3, activation='softmax')", "'categorical_crossentropy'"),
        ("Dense(3), Activation('softmax')", "'categorical_crossentropy'"),
        ("Dense(3), Softmax()", "'sparse_categorical_crossentropy'"),
        ("Dense(3)", "losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)"),
    ],
)
def test_every_way_to_a_cross_entropy(layers: str, loss: str) -> None:
    source = f"from keras import losses\nmodel = Sequential([Input((2,)), {layers}])\n"
    experiment = trained(f"{source}model.compile(loss={loss})\n", "blobs", classes=3)
    session = opened(experiment, "dense")
    assert values(session, len(stations(session)) - 1).item() == pytest.approx(
        loss_of(experiment), rel=1e-5
    )


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_the_head_of_a_recurrent_network(kind: str) -> None:
    experiment = trained(row(f"{kind}(5), Dense(1)", "(6, 1)"), "sine", length=6)
    session = opened(experiment, "dense")
    outputs = passed(experiment).outputs
    state = outputs["simple_rnn" if kind == "SimpleRNN" else kind.lower()]
    np.testing.assert_array_equal(values(session, 0), state)
    np.testing.assert_allclose(values(session, 1), outputs["dense"], rtol=1e-5)
    assert values(session, 2).item() == pytest.approx(loss_of(experiment), rel=1e-4)


@pytest.mark.parametrize("layer", ["Dense(4, activation='relu')",
                                   "TimeDistributed(Dense(4, activation='relu'))"])  # fmt: skip
def test_a_layer_at_every_time_step_is_shown_at_one(layer: str) -> None:
    source = row(f"LSTM(3, return_sequences=True), {layer}, Flatten(), Dense(1)", "(6, 1)")
    experiment = trained(source, "sine", length=6)
    name = experiment.program.network.layers[1].name
    outputs = passed(experiment).outputs
    for step in (0, 5):
        session = opened(experiment, name, step=step)
        assert "step" in {
            each.name for each in session.lesson.controls if each.shown(session.state.settings)
        }
        np.testing.assert_array_equal(values(session, 0), outputs["lstm"][step])
        np.testing.assert_allclose(values(session, 1), outputs[name][step], rtol=1e-5, atol=1e-7)
        assert "loss" not in session.trace.arrays, "what follows goes another way"
    beyond = session.lesson.change(session.state, "step", 6)
    assert not session.apply(beyond)
    assert "from 0 to 5" in str(session.complaint)
    after = experiment.program.network.layers[3].name
    session = opened(experiment, after)
    assert session.trace.arrays["input"].shape == (6, 4), "time steps are rows"


def test_an_answer_at_every_time_step_has_its_own_loss() -> None:
    source = row("SimpleRNN(5, return_sequences=True), Dense(5, activation='softmax')",
                 "(None, 4)", "sparse_categorical_crossentropy")  # fmt: skip
    experiment = trained(source, "delayed-copy")
    found = passed(experiment)
    for step in (0, len(found.target) - 1):
        session = opened(experiment, "dense", step=step)
        share = found.outputs["dense"][step, int(found.target[step])]
        assert values(session, 3).item() == pytest.approx(-np.log(share), rel=1e-5)


FORKED = """a = Input((8, 8, 1))
x = Flatten()(a)
common = Dense(6, activation="relu", use_bias=False, name="common", trainable=False)
one, two = common(x), Dense(6, activation="gelu", name="other")(x)
joined = Concatenate()([one, common(two_in := Dense(64, name="widened")(two))])
answer = Dense(10, activation="softmax", name="answer")(joined)
model = Model(a, answer)
model.compile(loss="sparse_categorical_crossentropy")
""".replace("two_in := ", "")


def test_in_a_graph_a_layer_reads_what_it_reads_there() -> None:
    experiment = trained(FORKED, "digits")
    outputs = passed(experiment).outputs
    names = [each.name for each in experiment.program.network.layers]
    second = next(name for name in names if name.startswith("common") and name != "common")
    session = opened(experiment, second)
    assert stations(session) == ["Input", "Output"], "what joins others isn't gone through"
    np.testing.assert_array_equal(values(session, 0), outputs["widened"])
    np.testing.assert_allclose(values(session, 1), outputs[second], rtol=1e-4, atol=1e-6)
    kernel = experiment.model.weights["common/kernel"]
    np.testing.assert_array_equal(
        session.trace.arrays["kernel_1"].values.reshape(kernel.shape), kernel
    )
    assert not session.trace.arrays["bias_1"].values.any()
    other = opened(experiment, "other")
    assert stations(other) == ["Input", "Dense 1", "Dense 2", "Output"]
    np.testing.assert_allclose(values(other, 3), outputs[second], rtol=1e-4, atol=1e-6)
    assert stations(opened(experiment, "answer")) == ["Input", "Scores", "Output", "Loss"]


def test_of_several_outputs_it_is_the_own_loss() -> None:
    source = """a = Input((2,))
x = Dense(3, activation="relu", name="hidden")(a)
model = Model(a, [Dense(1, name="first")(x), Dense(1, activation="sigmoid", name="second")(x)])
model.compile(loss=["mse", "binary_crossentropy"])
"""
    experiment = trained(source, "circle")
    for number, name in enumerate(("first", "second")):
        session = opened(experiment, name)
        assert values(session, 2).item() == pytest.approx(loss_of(experiment, number), rel=1e-5)
    assert stations(opened(experiment, "hidden")) == ["Input", "Output"]


def test_the_way_back_is_that_of_the_networks_own_loss() -> None:
    source = row("Flatten(), Dense(5, activation='relu'), Dense(10, activation='softmax')",
                 "(8, 8, 1)", "sparse_categorical_crossentropy")  # fmt: skip
    experiment = trained(source, "digits")
    arriving = experiment.snapshot(
        Wanted(frozenset({"sample", "sample_gradients"}), sample=SAMPLE)
    ).sample_gradients
    assert arriving is not None
    session = opened(experiment, "dense", **{"pass": "backward"})
    arrays = session.trace.arrays
    np.testing.assert_allclose(
        arrays["d_output_1"].values.ravel(), arriving["dense"], rtol=1e-4, atol=1e-7
    )
    np.testing.assert_allclose(
        arrays["d_output_0"].values.ravel(), arriving["flatten"], rtol=1e-4, atol=1e-7
    )
    slopes = arrays["d_sums_1"].values.ravel()
    np.testing.assert_allclose(
        arrays["d_kernel_1"].values.reshape(5, 64),
        np.outer(slopes, arrays["input"].values.ravel()),
        rtol=1e-5,
        atol=1e-8,
    )


@pytest.mark.parametrize(
    ("layers", "loss", "words"),
    [
        ("Dense(3, activation='softmax')", "mse", "one simple formula"),
        ("Dense(3)", "huber", "nothing comes back"),
        ("Dense(4), BatchNormalization(), Dense(3)", "mse", "a whole batch"),
    ],
)
def test_where_there_is_no_way_back_it_is_said_beside_the_choice(
    layers: str, loss: str, words: str
) -> None:
    source = row(layers, "(6,)", loss)
    program = keras_reader.read(f"from keras.layers import *\n{source}").program
    assert program is not None
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(30, width)).astype(np.float32) for width in (6, 3))
    experiment = Experiment(program, arrays=Arrays(x, y, x, y), backend=Backend())
    session = opened(experiment, "dense")
    assert not session.apply(session.lesson.change(session.state, "pass", "backward"))
    assert session.complaint is not None
    assert words in session.complaint.message
    assert session.complaint.control == "pass"


def test_numbers_can_be_typed_over_and_other_data_chosen() -> None:
    session = opened(trained(CNN, "digits"), "dense_1")
    before = values(session, 3).item()
    state = session.state.with_cells("bias_1", {(0, 1): 4.0})
    assert session.apply(state)
    assert values(session, 3).item() != before
    own = session.lesson.change(state, "picture", "digits")
    assert not own.edits.get("bias_1")
    assert session.apply(own)
    assert not session.lesson.is_from_elsewhere(session.state)
    assert "Lab, sample 5" not in {str(p) for p in session.frame(Room((7, 7), (5, 5))).where}


def test_there_is_something_to_notice_at_each_station() -> None:
    session = opened(trained(CNN, "digits"), "dense")
    words = paragraphs("dense")
    found = [notice_of(session.lesson, session.state, at) for at in range(6)]
    expected = ("input", "bent", "normalized", "scores", "softmax", "loss")
    assert found == [words[each] for each in expected]


def test_what_follows_a_layer_has_to_have_numbers() -> None:
    experiment = trained(CNN, "digits")
    experiment.model.weights["dense_1/bias"].fill(np.nan)
    with pytest.raises(LabError, match="'dense_1/bias' holds no numbers any more"):
        lesson_on(experiment, "dense", 0)


def test_a_layer_beyond_all_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = trained(CNN, "digits")
    monkeypatch.setattr(module, "MOST_WEIGHTS", 120)
    with pytest.raises(LabError, match=r"'dense' has 324 weights: .* up to 120"):
        lesson_on(experiment, "dense", 0)
    assert lesson_on(experiment, "dense_1", 0)[0] == "dense"
    with pytest.raises(LabError, match="not known for this sample"):
        lesson_on(experiment, "dense_1", 10_000)
