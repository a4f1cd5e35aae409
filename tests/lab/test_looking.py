"""What is seen of a network, against sums made here."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.engine import Sequential, layers
from simulator.engine.memory import pass_size
from simulator.formats.keras_reader import read
from simulator.lab import BATCH_LOSS, Experiment, LabError, SetWeight, Timeline
from simulator.lab.looking import look
from simulator.lab.presenting import charts, samples, standing, words
from simulator.lab.snapshot import VIEWS, Wanted
from simulator.lab.views import probe
from simulator.lab.views import standing as views_standing
from simulator.lab.views.numbers import histogram
from tests.lab.pasted import PASTED

ALL = Wanted(frozenset(VIEWS), sample=3, samples=(0, 5, 99), resolution=9)


def line_of(model, x, y, *, loss, held=12, metrics=("accuracy",), steps=0, **options):
    model.compile("sgd", loss, metrics=list(metrics))
    run = model.training(
        x[held:], y[held:], batch_size=8, epochs=1000, validation_data=(x[:held], y[:held])
    )
    line = Timeline(model, run, **options)
    for _ in range(steps):
        line.advance()
    return line


def pictures(**options):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 8, 8, 1)).astype("float32")
    y = rng.integers(0, 3, 40)
    model = Sequential(
        [
            layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1), name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        seed=2,
    )
    return line_of(model, x, y, loss="sparse_categorical_crossentropy", **options), x, y


def points(**options):
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, size=(40, 2)).astype("float32")
    y = (x[:, :1] * x[:, 1:] > 0).astype("float32")
    model = Sequential(
        [
            layers.Dense(5, activation="tanh", input_shape=(2,), name="hidden"),
            layers.Dense(1, activation="sigmoid", name="out"),
        ],
        seed=2,
    )
    return line_of(model, x, y, loss="binary_crossentropy", **options), x, y


def test_standing_is_what_evaluate_says():
    line, x, y = pictures(steps=3)
    seen = look(line, ALL)
    loss, accuracy = line.model.evaluate(x[:12], y[:12])
    assert seen.standing.loss == pytest.approx(loss, rel=1e-6)
    assert seen.standing.metrics == {"accuracy": pytest.approx(accuracy)}
    outputs = line.model.predict(x[:12])
    right = (outputs.argmax(axis=1) == y[:12]).sum()
    assert (seen.standing.right, seen.standing.count, seen.standing.of) == (right, 12, 12)
    assert seen.standing.held_out
    expected = np.zeros((3, 3), int)
    for true, said in zip(y[:12], outputs.argmax(axis=1), strict=True):
        expected[true, said] += 1
    np.testing.assert_array_equal(seen.confusion.matrix, expected)
    assert look(line, ALL, classes=("a", "b")).confusion.classes == ("a", "b", "2")


def test_predictions_are_of_the_samples_asked_for():
    line, x, y = pictures(steps=3)
    seen = look(line, ALL).predictions
    outputs = line.model.predict(x[[0, 5]])
    assert seen.indices == (0, 5)
    np.testing.assert_array_equal(seen.x, x[[0, 5]])
    np.testing.assert_allclose(seen.output, outputs, rtol=1e-6)
    np.testing.assert_array_equal(seen.label, y[[0, 5]])
    np.testing.assert_array_equal(seen.said, outputs.argmax(axis=1))
    np.testing.assert_allclose(seen.confidence, outputs.max(axis=1), rtol=1e-6)
    assert look(line, Wanted(frozenset(["predictions"]), samples=())).predictions.indices == ()


def test_two_classes_by_one_number():
    line, _, y = points(steps=2)
    seen = look(line, Wanted(frozenset(["predictions", "confusion"]), samples=tuple(range(12))))
    predictions = seen.predictions
    np.testing.assert_array_equal(predictions.label, y[:12, 0])
    np.testing.assert_array_equal(predictions.said, predictions.output[:, 0] > 0.5)
    yes = predictions.output[:, 0]
    np.testing.assert_allclose(predictions.confidence, np.maximum(yes, 1 - yes))
    assert seen.confusion.matrix.sum() == 12


def test_a_sample_is_seen_on_its_way():
    line, x, y = pictures()
    seen = look(line, ALL).sample
    caches = line.model.trace_forward(x[3:4])
    assert set(seen.outputs) == {line.model.layers[0].name, "pool", "flat", "drop", "dense"} | {
        line.model.ports[0][0].name
    }
    for name in ("conv", "pool", "flat", "drop", "dense"):
        np.testing.assert_array_equal(seen.outputs[name], caches[name]["output"][0])
    np.testing.assert_array_equal(seen.x, x[3])
    np.testing.assert_array_equal(
        seen.arrays["conv/pre_activation"], caches["conv"]["pre_activation"][0]
    )
    assert seen.label == y[3]
    assert seen.said == caches["dense"]["output"][0].argmax()
    assert look(line, Wanted(frozenset(["sample"]), sample=99)).sample is None


def test_hidden_states_and_gates_are_seen():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 6, 2)).astype("float32")
    model = Sequential(
        [
            layers.LSTM(4, input_shape=(6, 2), return_sequences=True, name="lstm"),
            layers.LSTM(3, name="last"),
            layers.Dense(1, name="out"),
        ],
        seed=1,
    )
    line = line_of(model, x, x[:, 0, :1], loss="mse", metrics=())
    seen = look(line, ALL)
    assert seen.sample.outputs["lstm"].shape == (6, 4)
    gates = [name for name in seen.sample.arrays if name.startswith("lstm/")]
    assert any(seen.sample.arrays[name].shape == (6, 4) for name in gates)
    assert seen.sample.label is None
    assert seen.confusion is None
    assert seen.surface is None
    assert seen.standing.right is None
    assert seen.predictions.label is None


def test_a_surface_has_the_networks_value_at_every_point():
    line, x, _ = points(steps=3)
    seen = look(line, ALL).surface
    assert seen.x.min() < x.min(axis=0)[0] < x.max(axis=0)[0] < seen.x.max()
    hidden = line.model.layers[-2]
    for row, column in ((0, 0), (8, 2), (4, 7)):
        point = np.array([[seen.x[column], seen.y[row]]], "float32")
        np.testing.assert_allclose(
            seen.output[row, column], line.model.predict(point)[0, 0], rtol=1e-5
        )
        inner = np.tanh(point @ hidden.kernel + hidden.bias)[0]
        np.testing.assert_allclose(seen.units["hidden"][:, row, column], inner, rtol=1e-4)


def test_gradient_norms_are_those_of_the_loss():
    line, x, y = pictures(steps=2)
    norms = look(line, ALL).gradient_norms
    found = line.model.gradients(x[12:], y[12:])
    for name in ("conv", "dense"):
        parts = [np.square(found[name][each]).sum() for each in ("kernel", "bias")]
        assert norms[name] == pytest.approx(np.sqrt(sum(parts)), rel=1e-4)
    assert list(norms) == ["conv", "dense"]


def test_dead_units_are_those_that_nothing_wakes():
    line, _, _ = pictures()
    assert look(line, ALL).dead_units["conv"].of == 4
    before = look(line, ALL).dead_units["conv"].dead
    line.do(SetWeight("conv/bias", (1,), -100.0))
    line.do(SetWeight("conv/bias", (2,), -100.0))
    assert look(line, ALL).dead_units["conv"].dead == before + 2
    assert set(look(line, ALL).dead_units) == {"conv"}


def test_an_edited_weight_shows_at_once():
    line, _, _ = pictures(steps=2)
    before = look(line, ALL)
    line.do(SetWeight("dense/bias", (0,), 5.0))
    after = look(line, ALL)
    assert after.standing.loss != before.standing.loss
    assert after.gradient_norms["dense"] != before.gradient_norms["dense"]
    assert after.sample.outputs["dense"][0] > before.sample.outputs["dense"][0]


def test_histograms_count_every_number():
    line, _, _ = pictures()
    seen = look(line, ALL).histograms
    kernel = line.model.weights["conv/kernel"]
    counts, _ = np.histogram(kernel.astype("float64"), bins=40)
    assert seen.weights["conv/kernel"].counts.sum() == kernel.size == counts.sum()
    np.testing.assert_array_equal(seen.weights["conv/kernel"].counts, counts)
    assert set(seen.gradients) == {"conv/kernel", "conv/bias", "dense/kernel", "dense/bias"}
    assert set(seen.activations) == {"conv", "pool", "flat", "drop", "dense"}
    assert "conv" in seen.activation_gradients


def test_a_histogram_bears_every_array():
    one = histogram(np.full(10, 3.0))
    assert one.counts.sum() == 10
    assert (one.low, one.high, one.mean) == (3, 3, 3)
    assert histogram(np.array([np.nan, np.inf])).counted == 0
    assert histogram(np.array([np.nan, 1.0, 2.0])).counted == 2
    assert histogram(np.zeros(0)).size == 0
    large = histogram(np.random.default_rng(0).normal(size=400_000))
    assert large.size == 400_000
    assert large.counted <= 2**15
    assert large.deviation == pytest.approx(1, abs=0.03)


def test_looking_changes_nothing():
    seen, unseen = pictures(steps=3)[0], pictures(steps=3)[0]
    for _ in range(6):
        look(seen, ALL)
        assert seen.advance() == unseen.advance()
    for name, weight in seen.model.weights.items():
        np.testing.assert_array_equal(weight, unseen.model.weights[name])


def test_a_snapshot_stays_what_it_was():
    line, _, _ = pictures(steps=2)
    seen = look(line, Wanted(ALL.views, arrays=("dense/kernel",)))
    kept = seen.arrays["dense/kernel"].copy(), seen.sample.outputs["dense"].copy()
    for _ in range(3):
        line.advance()
    np.testing.assert_array_equal(seen.arrays["dense/kernel"], kept[0])
    np.testing.assert_array_equal(seen.sample.outputs["dense"], kept[1])
    with pytest.raises(LabError, match="no weight 'other'"):
        look(line, Wanted(arrays=("other",)))


def test_numbers_follow_the_step():
    line, _, _ = pictures(steps=9)
    end = look(line, ALL)
    line.go_to(5)
    past = look(line, ALL)
    assert (past.step, past.at_end, end.at_end) == (5, False, True)
    curve = line.curve(BATCH_LOSS)
    assert past.batch_loss == curve.mean[4]
    assert past.epoch == pytest.approx(5 / 4)
    assert past.logs["val_loss"] == line.curve("val_loss").mean[0]
    assert end.logs["val_loss"] == line.curve("val_loss").mean[1]
    assert past.curves[0, BATCH_LOSS].steps[-1] == 9
    line.advance()
    branches = look(line, ALL).branches
    assert [(each.parent, each.start, each.head) for each in branches] == [(None, 0, 9), (0, 5, 6)]
    assert branches[1].head_epoch == pytest.approx(1.5)


def test_only_what_is_wanted_is_made():
    line, _, _ = pictures()
    seen = look(line, Wanted(frozenset(["dead_units"])))
    assert seen.dead_units is not None
    assert all(getattr(seen, name) is None for name in VIEWS if name != "dead_units")


def test_without_held_out_data_the_training_data_is_looked_at():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3)).astype("float32")
    model = Sequential([layers.Dense(2, input_shape=(3,))], seed=0)
    model.compile("sgd", "mse")
    line = Timeline(model, model.training(x, x[:, :2], epochs=9))
    seen = look(line, Wanted()).standing
    assert (seen.held_out, seen.count, seen.right) == (False, 20, None)


def test_several_outputs_stand_with_their_metrics_and_their_own_losses():
    pasted = PASTED["two outputs with weights"]
    program = read(pasted.source).program
    experiment = Experiment(program, make("circle", {"samples": 60}), backend="numpy")
    experiment.run_for(epochs=1)
    seen = experiment.snapshot(Wanted(frozenset({"standing", "curves"})))
    assert list(seen.standing.metrics) == [
        "main_accuracy", "early_accuracy", "main_loss", "early_loss"
    ]  # fmt: skip
    run = experiment.timeline.run
    logs = experiment.model.evaluate(
        list(run.validation.x), list(run.validation.y), verbose=0, return_dict=True
    )
    for name, value in seen.standing.metrics.items():
        assert value == pytest.approx(logs[name], rel=1e-5), name
    assert seen.standing.loss == pytest.approx(
        0.8 * seen.standing.metrics["main_loss"] + 0.2 * seen.standing.metrics["early_loss"]
    )
    assert charts.metric_names(seen)[0] == "main_accuracy"
    told = standing.figures(seen)
    assert [name for name, _, _ in told] == ["Loss", "Main accuracy", "Early accuracy"]
    right, count = seen.standing.right, seen.standing.count
    assert [remark for _, _, remark in told] == ["", f"{right} of {count}", ""]
    early = experiment.snapshot(Wanted(frozenset({"standing", "curves"}), output=1))
    told = standing.figures(early)
    assert told[1][2] == "", "how many are right is said of the output that is on view"
    right = early.standing.right
    assert told[2] == ("Early accuracy", words.metric("accuracy", right / count), f"{right} of 12")
    assert standing.of_the_output(early) == (told[0], told[2])
    assert standing.of_the_output(seen)[1][0] == "Main accuracy"


def test_a_samples_way_back_is_the_slope_of_its_own_loss():
    line, x, y = points(steps=3)
    seen = look(line, Wanted(frozenset(["sample_gradients"]), sample=4)).sample_gradients
    hidden, out = line.model.layers[-2:]
    inner = np.tanh(x[4] @ hidden.kernel + hidden.bias)
    share = 1 / (1 + np.exp(-(inner @ out.kernel + out.bias)))
    by_output = (share - y[4]) / (share * (1 - share))
    np.testing.assert_allclose(seen["out"], by_output, rtol=1e-4)
    by_inner = out.kernel[:, 0] * (share - y[4])
    np.testing.assert_allclose(seen["hidden"], by_inner, rtol=1e-4)
    by_input = hidden.kernel @ (by_inner * (1 - inner**2))
    np.testing.assert_allclose(seen[line.model.ports[0][0].name], by_input, rtol=1e-4)
    assert look(line, Wanted(frozenset(["sample_gradients"]), sample=99)).sample_gradients is None


def test_letters_have_no_gradient_and_states_have_one_for_each_step():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, (20, 6))
    model = Sequential(
        [
            layers.Embedding(5, 3, input_shape=(6,), name="letters"),
            layers.LSTM(4, return_sequences=True, name="lstm"),
            layers.Dense(1, name="out"),
        ],
        seed=1,
    )
    line = line_of(model, x, rng.normal(size=(20, 6, 1)), loss="mse", metrics=())
    seen = look(line, Wanted(frozenset(["sample_gradients"]))).sample_gradients
    assert {name: value.shape for name, value in seen.items()} == {
        "letters": (6, 3), "lstm": (6, 4), "out": (6, 1)
    }  # fmt: skip


def test_gradients_of_weights_come_whole():
    line, x, y = pictures(steps=2)
    seen = look(line, Wanted(gradients=("conv/kernel", "dense/bias")))
    found = line.model.gradients(x[12:], y[12:])
    assert list(seen.gradients) == ["conv/kernel", "dense/bias"]
    np.testing.assert_allclose(seen.gradients["conv/kernel"], found["conv"]["kernel"], rtol=1e-3)
    np.testing.assert_allclose(seen.gradients["dense/bias"], found["dense"]["bias"], rtol=1e-3)
    with pytest.raises(LabError, match="no weight 'other'"):
        look(line, Wanted(gradients=("other",)))


@pytest.mark.parametrize("masked", [True, False])
def test_classes_of_steps_count_each_step_that_is_no_filling(masked):
    """Letters 1 to 4 to be said again; zeros before them fill a sample up."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 7, 30)
    x = np.zeros((30, 6), np.int64)
    for row, length in zip(x, lengths, strict=True):
        row[6 - length :] = rng.integers(1, 5, length)
    model = Sequential(
        [
            layers.Embedding(5, 3, mask_zero=masked, input_shape=(6,)),
            layers.LSTM(4, return_sequences=True),
            layers.Dense(5, activation="softmax"),
        ],
        seed=0,
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    run = model.training(x, x, validation_data=(x, x), epochs=1, batch_size=8)
    line = Timeline(model, run)
    line.advance(3)
    seen = look(line, Wanted(frozenset({"confusion", "standing", "predictions"}), samples=(0, 4)))
    counts = x > 0 if masked else np.ones(x.shape, bool)
    said = model.predict(x, verbose=0).argmax(axis=-1)
    right = (said == x) & counts
    assert seen.confusion.matrix.sum() == counts.sum()
    np.testing.assert_array_equal(np.diag(seen.confusion.matrix).sum(), right.sum())
    assert (seen.confusion.matrix[0].sum() == 0) == masked, "what fills up is no answer"
    assert (seen.standing.right, seen.standing.count) == (right.sum(), counts.sum())
    assert seen.standing.metrics["accuracy"] == pytest.approx(right.sum() / counts.sum())
    told = standing.confusion_caption(seen.confusion)
    plain = "rows: true; columns: said, at each step"
    assert told == (f"{plain} that is no filling" if masked else plain)
    for place, row in enumerate((0, 4)):
        words_ = samples.sample_words(seen.predictions, place)
        assert words_.said.startswith(f"{right[row].sum()} of {counts[row].sum()} ")


def test_classes_of_samples_say_nothing_of_steps():
    line, _, _ = points(steps=3)
    seen = look(line, Wanted(frozenset({"confusion"})))
    assert standing.confusion_caption(seen.confusion) == "rows: true; columns: said"


def test_a_look_at_very_many_numbers_takes_fewer_samples(monkeypatch):
    line, _, _ = points(steps=1)
    seen = look(line, Wanted(frozenset({"standing", "confusion"})))
    assert seen.standing.count == seen.standing.of > 10
    monkeypatch.setattr(probe, "MOST_NUMBERS", 10)
    few = look(line, Wanted(frozenset({"standing", "confusion"})))
    assert few.standing.count == 10
    assert few.confusion.matrix.sum() == 10
    monkeypatch.setattr(probe, "MOST_NUMBERS", 3)
    assert look(line, Wanted(frozenset({"standing"}))).standing.count == probe.FEWEST


def test_a_confusion_of_very_many_classes_is_not_made(monkeypatch):
    line, _, _ = points(steps=1)
    monkeypatch.setattr(views_standing, "MOST_CLASSES", 1)
    seen = look(line, Wanted(frozenset({"standing", "confusion"})))
    assert seen.confusion is None
    assert standing.confusion_caption(seen.confusion) == "no classes, or too many"
    assert seen.standing.right is not None


def test_of_a_deep_network_fewer_samples_are_looked_at_but_a_batch_at_least(monkeypatch):
    line, _, _ = pictures()
    each = pass_size(line.model.graph, 1, 4)
    assert each >= 4 * (6 * 6 * 4 + 3 * 3 * 4 + 3 * 3 * 4 + 3)  # what layers give, at four bytes

    def looked_at():
        found = look(line, Wanted(frozenset(("histograms", "gradient_norms"))))
        assert set(found.gradient_norms) == {"conv", "dense"}
        return int(found.histograms.activations["flat"].counts.sum()) // 36

    assert looked_at() == 28  # all that there are to train with
    monkeypatch.setattr(probe, "MOST_BYTES", 11 * each)
    assert looked_at() == 11
    monkeypatch.setattr(probe, "MOST_BYTES", each)
    assert looked_at() == line.run.batch_size == 8
