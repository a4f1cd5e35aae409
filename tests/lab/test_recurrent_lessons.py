"""From any recurrent layer of a network of the lab to its lesson: what it computed is on view."""

import re

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.engine.steps import run_backward, run_forward
from simulator.formats import keras_reader
from simulator.lab import Experiment, LabError, Wanted
from simulator.lab.recurrent_lessons import Way
from simulator.lab.stacked import stack_with
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.lessons.opening import open_lesson
from simulator.traces.recurrence import RecurrentTrace

HEAD = "from keras.models import *\nfrom keras.layers import *\n"
TAIL = 'model.compile(optimizer="adam", loss="mse")\n'
STACK = """model = Sequential([Input((6, 1)),
  Bidirectional(LSTM(3, activation="relu", return_sequences=True)),
  Bidirectional(GRU(2, reset_after=False, return_sequences=True), merge_mode="sum"),
  SimpleRNN(3, activation="elu", use_bias=False, go_backwards=True, return_sequences=True),
  Sequential([GRU(4, recurrent_activation="softsign", return_sequences=True),
              LSTM(2, use_bias=False)]),
  Dense(1)])
"""
STATES = """x = Input((6, 1))
first, h, c = LSTM(3, return_sequences=True, return_state=True)(x)
y = LSTM(3)(first, initial_state=[h, c])
model = Model(x, Dense(1)(y))
"""


def trained(source: str) -> Experiment:
    program = keras_reader.read(HEAD + source + TAIL).program
    assert program is not None
    data = datasets.make("sine", {"samples": 60, "length": 6}, seed=2)
    experiment = Experiment(program, data, backend=Backend())
    experiment.run_for(batches=2)
    return experiment


@pytest.fixture(scope="module")
def stack() -> Experiment:
    return trained(STACK)


def shown(experiment: Experiment, path: str, sample: int = 3) -> tuple[str, np.ndarray]:
    """The lesson on a layer, and every hidden state in it in the order of reading."""
    identity, state = lesson_on(experiment, path, sample)
    trace = lesson(identity).trace(state, Backend())
    assert isinstance(trace, RecurrentTrace)
    return identity, np.asarray(trace.arrays["h"].values)


def output(experiment: Experiment, path: str, sample: int = 3) -> np.ndarray:
    snapshot = experiment.snapshot(Wanted(frozenset({"sample"}), sample=sample))
    assert snapshot.sample is not None
    return np.asarray(snapshot.sample.outputs[path])


TRAINED = [
    ("bidirectional/forward_lstm", "lstm-gates"),
    ("bidirectional/backward_lstm", "lstm-gates"),
    ("bidirectional_1/forward_gru", "gru-gates"),
    ("bidirectional_1/backward_gru", "gru-gates"),
    ("simple_rnn", "rnn-unrolled"),
    ("sequential/gru_1", "gru-gates"),
    ("sequential/lstm_1", "lstm-gates"),
]


@pytest.mark.parametrize(("path", "identity"), TRAINED)
def test_what_a_layer_computed_is_on_view(stack: Experiment, path: str, identity: str) -> None:
    found, states = shown(stack, path)
    expected = output(stack, path)
    assert found == identity
    np.testing.assert_allclose(states if expected.ndim == 2 else states[-1], expected, atol=1e-5)


def test_a_layer_that_holds_others_opens_at_the_first_of_them(stack: Experiment) -> None:
    first = shown(stack, "sequential/gru_1")[1]
    np.testing.assert_array_equal(shown(stack, "sequential")[1], first)


@pytest.mark.parametrize(
    ("path", "arrays"), [("bidirectional", ("h1", "h1_back")), ("bidirectional_1", ("y1",))]
)
def test_both_directions_open_as_a_grid_with_what_they_computed(
    stack: Experiment, path: str, arrays: tuple[str, ...]
) -> None:
    """An LSTM whose directions stand side by side, and a GRU of the old form, merged by a sum."""
    identity, state = lesson_on(stack, path, 3)
    assert identity == "deep-bidirectional"
    trace = lesson(identity).trace(state, Backend())
    found = np.concatenate([np.asarray(trace.arrays[name].values) for name in arrays], axis=-1)
    np.testing.assert_allclose(found, output(stack, path), atol=1e-5)


@pytest.mark.parametrize("merge", ["sum", "mul", "ave", "concat", None])
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "SimpleRNN"])
def test_every_merge_of_every_cell_opens_as_a_grid(cell: str, merge: str | None) -> None:
    if merge is None:
        source = f"""x = Input((6, 1))
a, b = Bidirectional({cell}(2, return_sequences=True), merge_mode=None)(x)
model = Model(x, Dense(1)(LSTM(2)(Concatenate()([a, b]))))
"""
    else:
        source = f"""model = Sequential([Input((6, 1)),
  Bidirectional({cell}(2, return_sequences=True), merge_mode="{merge}"), LSTM(2), Dense(1)])
"""
    experiment = trained(source)
    identity, state = lesson_on(experiment, "bidirectional", 1)
    trace = lesson(identity).trace(state, Backend())
    for way, array in (("forward", "h1"), ("backward", "h1_back")):
        kind = {"SimpleRNN": "simple_rnn"}.get(cell, cell.lower())
        expected = output(experiment, f"bidirectional/{way}_{kind}", 1)
        rows = np.asarray(trace.arrays[array].values)[:: -1 if way == "backward" else 1]
        np.testing.assert_allclose(rows, expected, atol=1e-5)
    if merge not in (None, "concat"):
        whole = output(experiment, "bidirectional", 1)
        np.testing.assert_allclose(np.asarray(trace.arrays["y1"].values), whole, atol=1e-5)


def test_different_directions_are_opened_one_by_one() -> None:
    source = """model = Sequential([Input((6, 1)),
  Bidirectional(SimpleRNN(2), backward_layer=GRU(2, go_backwards=True)), Dense(1)])
"""
    experiment = trained(source)
    with pytest.raises(LabError, match=r"different cells, .* open each direction by itself"):
        lesson_on(experiment, "bidirectional", 0)
    assert lesson_on(experiment, "bidirectional/backward_gru", 0)[0] == "gru-gates"


def test_a_layer_begins_with_the_states_that_it_was_given() -> None:
    experiment = trained(STATES)
    _, states = shown(experiment, "lstm_1")
    np.testing.assert_allclose(states[-1], output(experiment, "lstm_1"), atol=1e-5)


def test_an_activation_of_a_whole_row_has_no_lesson() -> None:
    source = 'model = Sequential([Input((6, 1)), LSTM(3, activation="softmax"), Dense(1)])\n'
    with pytest.raises(LabError, match="don't show activation 'softmax': they show tanh, relu"):
        lesson_on(trained(source), "lstm", 0)


def test_a_part_that_is_not_there_is_told(stack: Experiment) -> None:
    with pytest.raises(LabError, match="no recurrent layer 'bidirectional/lstm'"):
        lesson_on(stack, "bidirectional/lstm", 0)


def going_back(
    experiment: Experiment, path: str, sample: int = 3
) -> tuple[RecurrentTrace, np.ndarray]:
    """The lesson on the way back, and ∂L/∂(recurrent kernel) in it."""
    identity, state = lesson_on(experiment, path, sample, Way.BACK)
    assert identity == "back-through-time"
    assert open_lesson(lesson(identity), Backend(), state).complaint is None
    trace = lesson(identity).trace(state, Backend())
    assert isinstance(trace, RecurrentTrace)
    parts = [name for name in trace.arrays if re.fullmatch(r"d_U(_.)?", name)]
    units = trace.arrays["to_output"].shape[1]
    flat = [np.asarray(trace.arrays[name].values).reshape(units, units) for name in parts]
    return trace, np.concatenate(flat, axis=-1)


def gradients(experiment: Experiment, sample: int = 3) -> dict[str, np.ndarray]:
    """What the loss of one held-out sample trains with, of all weights."""
    probe = experiment.probe()
    batch = probe.whole[sample : sample + 1]
    context = experiment.model.context(training=False)
    goals = experiment.timeline.run.trainer.goals
    _, forward = run_forward(experiment.model, goals, batch, context)
    return run_backward(experiment.model, goals, batch, forward, context).weights


PLAIN = [path for path, _ in TRAINED]
ENCODER = """x = Input((6, 1))
_, h, c = LSTM(3, return_state=True)(x)
y = LSTM(3, return_sequences=True)(x, initial_state=[h, c])
model = Model(x, Dense(1)(Flatten()(y)))
"""
FILLED = """model = Sequential([Input((6, 1)), Masking(mask_value=0.0),
  LSTM(3, return_sequences=True, zero_output_for_mask=True), GRU(2, go_backwards=True), Dense(1)])
"""


@pytest.mark.parametrize("path", PLAIN)
def test_the_way_back_has_the_gradient_of_the_networks_own_loss(
    stack: Experiment, path: str
) -> None:
    """From layers above that read every step, in either order and direction, or the last."""
    _, found = going_back(stack, path)
    expected = gradients(stack)[f"{path}/recurrent_kernel"]
    assert np.abs(expected).max() > 1e-6
    np.testing.assert_allclose(found, expected, atol=1e-6 + 1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("layer", ["lstm", "lstm_1"])
def test_what_is_read_of_the_last_memory_sends_its_gradient_back(layer: str) -> None:
    experiment = trained(ENCODER)
    trace, found = going_back(experiment, layer)
    expected = gradients(experiment)[f"{layer}/recurrent_kernel"]
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    assert np.any(trace.arrays["after_c"].values) == (layer == "lstm")


@pytest.mark.parametrize("layer", ["lstm", "gru"])
def test_what_arrives_at_filling_belongs_to_the_step_before(layer: str) -> None:
    experiment = trained(FILLED)
    x = experiment.probe().whole.x[0]
    x.setflags(write=True)
    x[3, [0, 3, 5]] = 0
    _, found = going_back(experiment, layer)
    expected = gradients(experiment)[f"{layer}/recurrent_kernel"]
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_a_layer_that_is_called_twice_goes_back_through_each_call() -> None:
    source = """x = Input((6, 1))
shared = LSTM(1, return_sequences=True)
model = Model(x, Dense(1)(Flatten()(shared(shared(x)))))
"""
    experiment = trained(source)
    calls = [layer.name for layer in experiment.program.network.layers if layer.kind == "LSTM"]
    assert len(calls) == 2
    found = sum(going_back(experiment, name)[1] for name in calls)
    expected = gradients(experiment)[f"{calls[0]}/recurrent_kernel"]
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_the_sliders_of_the_way_back_stand_where_the_layers_weights_are(stack: Experiment) -> None:
    _, state = lesson_on(stack, "simple_rnn", 3, Way.BACK)
    kernel = stack.model.weights["simple_rnn/recurrent_kernel"]
    radius = np.abs(np.linalg.eigvals(kernel)).max()
    assert state.settings["radius"] == pytest.approx(radius, abs=0.006)
    _, state = lesson_on(stack, "bidirectional/forward_lstm", 3, Way.BACK)
    forget = stack.model.weights["bidirectional/forward_lstm/bias"][3:6]
    assert state.settings["keep"] == pytest.approx(forget.mean(), abs=0.006)


def test_both_directions_go_back_one_by_one(stack: Experiment) -> None:
    with pytest.raises(LabError, match="go back through one of its directions"):
        lesson_on(stack, "bidirectional", 0, Way.BACK)


STACKS = {
    "units": (
        """[LSTM(3, return_sequences=True), Dropout(0.5), LSTM(2, return_sequences=True),
            LSTM(4), Dense(1)]""",
        ("lstm", "lstm_1", "lstm_2"),
    ),
    "both": (
        """[Bidirectional(GRU(2, reset_after=False, return_sequences=True), merge_mode="concat"),
            Bidirectional(GRU(3, reset_after=False, return_sequences=True)), Flatten(),
            Dense(1)]""",
        ("bidirectional", "bidirectional_1"),
    ),
    "upper forwards": (
        """[Bidirectional(SimpleRNN(2, return_sequences=True), merge_mode="ave"),
            SimpleRNN(3, return_sequences=True, use_bias=False), SimpleRNN(2), Dense(1)]""",
        ("bidirectional", "simple_rnn_1", "simple_rnn_2"),
    ),
    "nested": (
        """[Sequential([LSTM(2, return_sequences=True), LSTM(3, return_sequences=True)]),
            LSTM(2), Dense(1)]""",
        ("sequential/lstm", "sequential/lstm_1"),
    ),
}


@pytest.mark.parametrize("which", STACKS)
def test_layers_that_stand_on_each_other_open_as_the_stack_they_are(which: str) -> None:
    layers, expected = STACKS[which]
    experiment = trained(f"model = Sequential([Input((6, 1)), *{layers}])\n")
    parts = stack_with(experiment.program.network, expected[-1])
    assert tuple(part.path for part in parts) == expected
    for path in expected:  # whichever of them is chosen
        identity, state = lesson_on(experiment, path, 3, Way.STACK)
        assert identity == "deep-bidirectional"
        session = open_lesson(lesson(identity), Backend(), state)
        assert session.complaint is None
        for number, layer in enumerate(expected):
            names = [name for name in (f"y{number + 1}",) if name in session.trace.arrays]
            names = names or [
                name
                for name in (f"h{number + 1}", f"h{number + 1}_back")
                if name in session.trace.arrays
            ]
            found = [np.asarray(session.trace.arrays[name].values) for name in names]
            shown_states = np.concatenate(found, axis=-1)
            wanted = output(experiment, layer)
            if wanted.ndim == 1:
                shown_states = shown_states[-1]
            np.testing.assert_allclose(shown_states, wanted, atol=1e-5)


@pytest.mark.parametrize(
    "layers",
    [
        "[LSTM(2, return_sequences=True), GRU(2), Dense(1)]",
        "[LSTM(2, return_sequences=True), LSTM(2, go_backwards=True), Dense(1)]",
        "[LSTM(2, return_sequences=True), LSTM(2, activation='relu'), Dense(1)]",
        "[LSTM(2, return_sequences=True), LSTM(2, activation='softmax'), Dense(1)]",
        "[LSTM(2, return_sequences=True), Bidirectional(LSTM(2)), Dense(1)]",
        "[LSTM(2, return_sequences=True), Dense(2), LSTM(2), Dense(1)]",
    ],
)
def test_layers_that_the_lesson_on_stacks_does_not_show_are_no_stack(layers: str) -> None:
    network = trained(f"model = Sequential([Input((6, 1)), *{layers}])\n").program.network
    assert [part.path for part in stack_with(network, "lstm")] == ["lstm"]


def test_no_more_layers_are_a_stack_than_the_lesson_shows() -> None:
    layers = ", ".join(["LSTM(2, return_sequences=True)"] * 5)
    network = trained(
        f"model = Sequential([Input((6, 1)), {layers}, Flatten(), Dense(1)])\n"
    ).program.network
    for path, expected in (
        ("lstm", ["lstm", "lstm_1", "lstm_2"]),
        ("lstm_2", ["lstm", "lstm_1", "lstm_2"]),
        ("lstm_4", ["lstm_2", "lstm_3", "lstm_4"]),
    ):
        assert [part.path for part in stack_with(network, path)] == expected
