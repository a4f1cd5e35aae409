"""Training: events, repeatability, snapshots, divergence and callbacks."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.engine import Sequential, callbacks, layers, optimizers
from simulator.engine.fitting import drive
from simulator.engine.training import BatchEnd, Diverged, EpochBegin, EpochEnd, Finished


def data(seed=0, count=50):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 8, 8, 1)).astype("float32")
    return x, rng.integers(0, 3, count)


def network(seed=4, **options):
    """With everything that has chance or state in it."""
    model = Sequential(
        [
            layers.Conv2D(3, 3, activation="relu", input_shape=(8, 8, 1)),
            layers.BatchNormalization(),
            layers.StochasticPooling2D(2),
            layers.Dropout(0.3, seed=9),
            layers.Flatten(),
            layers.GaussianNoise(0.1),
            layers.Dense(3, activation="softmax"),
        ],
        seed=seed,
        **options,
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def assert_same_weights(first, second):
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_events_come_in_order():
    x, y = data()
    run = network().training(x, y, batch_size=20, epochs=2, validation_data=data(1))
    events = list(run)
    kinds = [type(event) for event in events]
    epoch = [EpochBegin, BatchEnd, BatchEnd, BatchEnd, EpochEnd]
    assert kinds == [*epoch, *epoch, Finished]
    assert [event.step for event in events if isinstance(event, BatchEnd)] == [1, 2, 3, 4, 5, 6]
    assert set(events[-1].logs) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    batches = events[1:4]
    mean = sum(e.loss * n for e, n in zip(batches, (20, 20, 10), strict=True)) / 50
    assert events[4].logs["loss"] == pytest.approx(mean, rel=1e-12)


def test_the_size_of_batches_can_be_changed_between_two():
    x = np.arange(50, dtype="float32").reshape(50, 1)
    model = Sequential([layers.Dense(1, input_shape=(1,))], seed=1)
    model.compile("sgd", "mse")
    seen = []
    step = model.training(x, x, batch_size=20, epochs=2)
    advance = step.trainer.advance

    def watched(data, order, context):
        seen.extend(data.x[0][rows, 0] for rows in order)
        return advance(data, order, context)

    step.trainer.advance = watched
    events = [next(step), next(step)]
    assert step.batches == 3
    step.batch_size = 8
    assert step.batches == 1 + 4
    events += list(step)
    batches = [event for event in events if isinstance(event, BatchEnd)]
    sizes = [20, 8, 8, 8, 6, *[8] * 6, 2]
    assert [len(each) for each in seen] == sizes
    assert [(event.batch, event.batches) for event in batches[1:]] == [
        *((number, 5) for number in range(1, 5)),
        *((number, 7) for number in range(7)),
    ]
    for epoch in (seen[:5], seen[5:]):
        assert sorted(np.concatenate(epoch)) == list(range(50))


def test_the_same_seed_gives_the_same_bits():
    x, y = data()
    models = [network() for _ in range(2)]
    histories = [m.fit(x, y, batch_size=16, epochs=3, verbose=0).history for m in models]
    assert histories[0] == histories[1]
    assert_same_weights(*models)
    other = network()
    assert other.fit(x, y, batch_size=16, epochs=3, verbose=0, seed=1).history != histories[0]
    again = network()
    again.fit(x, y, batch_size=16, epochs=3, verbose=0, seed=1)
    assert_same_weights(other, again)


def test_the_number_of_threads_changes_no_bit():
    script = (
        "import hashlib\n"
        "from tests.engine.test_training import data, network\n"
        "model = network()\n"
        "model.fit(*data(), batch_size=16, epochs=2, verbose=0)\n"
        "weights = b''.join(weight.tobytes() for weight in model.get_weights())\n"
        "print(hashlib.sha256(weights).hexdigest())\n"
    )
    found = set()
    for threads in ("1", "2"):
        names = ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | dict.fromkeys(names, threads),
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        found.add(ran.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("steps", [0, 1, 4, 5, 6, 9])
def test_a_run_goes_on_from_a_snapshot_bit_for_bit(steps):
    x, y = data()
    options = {"batch_size": 16, "epochs": 3, "validation_split": 0.2}
    whole = network()
    expected = list(whole.training(x, y, **options))

    stopped = network()
    run = stopped.training(x, y, **options)
    seen = [next(run) for _ in range(steps)]
    snapshot = stopped.snapshot()
    later = list(run)
    assert seen + later == expected
    assert_same_weights(stopped, whole)

    # Put back in the same run, and in another model's that was elsewhere.
    stopped.restore(snapshot)
    assert [e for e in run if not isinstance(e, EpochBegin)] == [
        e for e in later if not isinstance(e, EpochBegin)
    ]
    assert_same_weights(stopped, whole)
    other = network(seed=77)
    other.fit(x, y, verbose=0)
    list(other.training(x, y, **options, resume_from=snapshot))
    assert_same_weights(other, whole)


def test_a_snapshot_is_a_copy():
    x, y = data()
    model = network()
    model.fit(x, y, verbose=0)
    snapshot = model.snapshot()
    kept = {name: weight.copy() for name, weight in snapshot.weights.items()}
    model.fit(x, y, verbose=0)
    for name, weight in snapshot.weights.items():
        np.testing.assert_array_equal(weight, kept[name])
    with pytest.raises(ValueError, match="another network"):
        Sequential([layers.Dense(1, input_shape=(2,))]).restore(snapshot)


def test_a_stopped_run_leaves_a_whole_model():
    x, y = data()
    model = network()
    run = model.training(x, y, batch_size=10, epochs=5)
    for event in run:
        if isinstance(event, BatchEnd) and event.step == 7:
            break
    assert model.optimizer.iterations == 7
    assert np.isfinite(model.predict(x)).all()


def test_divergence_names_the_step_and_keeps_the_last_good_weights():
    model = Sequential(
        [layers.Dense(8, input_shape=(2,), name="first"), layers.Dense(1, name="second")], seed=1
    )
    model.compile(optimizers.SGD(1e3), "mse")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 2)), rng.normal(size=64)
    weights = [model.get_weights()]
    for event in model.training(x, y, batch_size=8, epochs=20, shuffle=False):
        if isinstance(event, Diverged):
            break
        if isinstance(event, BatchEnd):
            weights.append(model.get_weights())
    assert isinstance(event, Diverged)
    assert event.layer in ("first", "second")
    assert event.what in ("weights", "output", "loss")
    assert f"step {event.step + 1}" in event.message
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    # Before the last update: with these the loss was last finite.
    for good, weight in zip(weights[event.step - 1], model.get_weights(), strict=True):
        np.testing.assert_array_equal(good, weight)


@pytest.mark.parametrize("broken", ["first", "second", "third"])
@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_divergence_names_the_layer_that_broke(broken, backend):
    given = [layers.Dense(2, name=name) for name in ("first", "second", "third")]
    model = Sequential([layers.Input((2,)), *given], seed=1, backend=backend)
    model.compile("sgd", "mse")
    model.set_weights([np.ones(weight.shape) for weight in model.get_weights()])
    model.get_layer(broken).weights["kernel"][...] = 3e38
    before = model.get_weights()
    history = model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
    assert (history.diverged.step, history.diverged.layer) == (0, broken)
    assert history.diverged.what == "output"
    assert f"step 1 (epoch 1): the output of the layer {broken!r}" in history.diverged.message
    for good, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(good, weight)


def test_divergence_in_the_last_step_is_found():
    model = Sequential([layers.Dense(1, input_shape=(1,), name="only")], seed=1)
    model.compile(optimizers.SGD(3e38), "mse")
    before = model.get_weights()
    history = model.fit(np.full((4, 1), 1e3), np.zeros(4), epochs=3, verbose=0)
    assert history.diverged.layer == "only"
    assert history.diverged.what == "weights"
    assert history.history == {}
    for good, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(good, weight)
    model.set_weights([np.full((1, 1), 3e38), np.zeros(1)])
    with pytest.raises(FloatingPointError, match="not finite"):
        model.train_on_batch(np.full((4, 1), 1e3), np.zeros(4))


def test_sample_and_class_weights():
    x, y = data()
    weighted, sampled, plain = network(), network(), network()
    weighted.fit(x, y, class_weight={0: 2.0, 1: 0.5}, verbose=0)
    sampled.fit(x, y, sample_weight=np.array([2.0, 0.5, 1.0])[y], verbose=0)
    plain.fit(x, y, verbose=0)
    assert_same_weights(weighted, sampled)
    assert not np.array_equal(weighted.get_weights()[0], plain.get_weights()[0])
    with pytest.raises(ValueError, match="not both"):
        plain.fit(x, y, class_weight={0: 2}, sample_weight=np.ones(50), verbose=0)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (np.r_[np.zeros(49, int), 3], "the targets run from 0 to 3"),
        (np.zeros((50, 3)), "one number for each class"),
    ],
)
def test_targets_that_do_not_fit_are_found_before_training(targets, message):
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.fit(data()[0], targets, batch_size=10, shuffle=False, verbose=0)
    for kept, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)


def test_validation_takes_the_last_samples_unshuffled():
    x, y = data()
    first, second = network(), network()
    a = first.fit(x, y, validation_split=0.2, epochs=2, verbose=0)
    b = second.fit(x[:40], y[:40], validation_data=(x[40:], y[40:]), epochs=2, verbose=0)
    assert a.history == b.history
    loss, accuracy = first.evaluate(x[40:], y[40:])
    assert (loss, accuracy) == (a.history["val_loss"][-1], a.history["val_accuracy"][-1])
    rarely = network().fit(x, y, validation_split=0.2, validation_freq=2, epochs=3, verbose=0)
    assert len(rarely.history["val_loss"]) == 1
    assert len(rarely.history["loss"]) == 3


def test_train_on_batch_is_a_step():
    x, y = data(count=16)
    first, second = network(), network()
    loss, accuracy = first.train_on_batch(x, y)
    logs = second.fit(x, y, batch_size=16, shuffle=False, verbose=0, seed=None).history
    assert logs["loss"] == [loss]
    assert logs["accuracy"] == [accuracy]
    assert_same_weights(first, second)


def test_what_is_frozen_stays_from_the_next_batch_on():
    x, y = data(count=16)
    model = network()
    model.train_on_batch(x, y)
    first = model.layers[0]
    kept = first.get_weights()[0]
    first.trainable = False
    last = model.layers[-1].get_weights()[0]
    model.train_on_batch(x, y)
    np.testing.assert_array_equal(first.get_weights()[0], kept)
    assert not np.array_equal(model.layers[-1].get_weights()[0], last)
    first.trainable = True
    model.train_on_batch(x, y)
    assert not np.array_equal(first.get_weights()[0], kept)


class Recorder(callbacks.Callback):
    def __init__(self):
        self.heard = []

    def on_train_begin(self, logs=None):
        self.heard.append("train")

    def on_epoch_begin(self, epoch, logs=None):
        self.heard.append(f"epoch {epoch}")

    def on_train_batch_begin(self, batch, logs=None):
        self.heard.append(f"batch {batch}")

    def on_train_batch_end(self, batch, logs=None):
        self.heard.append(f"batch {batch} over")

    def on_epoch_end(self, epoch, logs=None):
        self.heard.append(f"epoch {epoch} over")
        self.model.stop_training = epoch == 1

    def on_train_end(self, logs=None):
        self.heard.append("over")


def test_callbacks_hear_everything_and_can_stop():
    x, y = data(count=20)
    recorder = Recorder()
    network().fit(x, y, batch_size=10, epochs=5, verbose=0, callbacks=[recorder])
    batches = ["batch 0", "batch 0 over", "batch 1", "batch 1 over"]
    assert recorder.heard == [
        *("train", "epoch 0", *batches, "epoch 0 over"),
        *("epoch 1", *batches, "epoch 1 over", "over"),
    ]


def averaging(rate: float) -> Sequential:
    model = Sequential([layers.Dense(1, input_shape=(2,))], seed=5)
    model.compile(optimizers.SGD(rate, use_ema=True, ema_momentum=0.5), "mse")
    return model


def test_fit_ends_with_the_averages_of_the_weights():
    x = np.random.default_rng(0).normal(size=(12, 2))
    y = x.sum(axis=1)
    model, twin = averaging(0.1), averaging(0.1)
    averages: list[np.ndarray] = []
    for event in twin.training(x, y, batch_size=4, epochs=2):
        if isinstance(event, BatchEnd):
            now = twin.get_weights()
            averages = [(a + w) / 2 for a, w in zip(averages or now, now, strict=True)]
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    for found, expected, last in zip(model.get_weights(), averages, now, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        assert not np.allclose(found, last)


def test_averages_do_not_replace_the_last_good_weights():
    x = np.random.default_rng(0).normal(size=(12, 2))
    model = averaging(1e30)
    with np.errstate(all="ignore"):
        history = model.fit(x, x.sum(axis=1), batch_size=4, epochs=20, verbose=0)
    assert history.diverged is not None
    good = model.get_weights()
    twin = averaging(1e30)
    with np.errstate(all="ignore"):
        for _ in twin.training(x, x.sum(axis=1), batch_size=4, epochs=20):
            pass
    for found, expected in zip(good, twin.get_weights(), strict=True):
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, expected)


def test_early_stopping_restores_the_best_weights():
    losses = iter([3.0, 2.0, 2.5, 2.6, 1.0])
    kept = []

    class Scripted(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = next(losses)
            kept.append(self.model.get_weights())
            stopping.on_epoch_end(epoch, logs)

        def on_train_end(self, logs=None):
            stopping.on_train_end(logs)

    model = network()
    stopping = callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    stopping.set_model(model)
    history = model.fit(*data(), epochs=10, verbose=0, callbacks=[Scripted()])
    assert history.epoch == [0, 1, 2, 3]
    for best, weight in zip(kept[1], model.get_weights(), strict=True):
        np.testing.assert_array_equal(best, weight)
    with pytest.raises(ValueError, match="did you mean 'loss'"):
        model.fit(*data(), verbose=0, callbacks=[callbacks.EarlyStopping("los")])


def test_learning_rates_are_scheduled():
    rates = []
    model = network()
    model.fit(
        *data(),
        epochs=3,
        verbose=0,
        callbacks=[
            callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else 0.1),
            callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: rates.append(model.optimizer.learning_rate)
            ),
        ],
    )
    assert rates == pytest.approx([0.1, 0.05, 0.025])
    plateau = callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_lr=0.02)
    plateau.set_model(model)
    plateau.on_train_begin()
    for epoch in range(3):
        plateau.on_epoch_end(epoch, {"loss": 1.0})
    assert model.optimizer.learning_rate == pytest.approx(0.02)
    with pytest.raises(TypeError, match="did you mean 'on_epoch_end'"):
        callbacks.LambdaCallback(on_epoch_endd=print)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere():
    x, y = data(count=20)
    shown = []
    for stream in (Terminal(), io.StringIO()):
        model = network()
        run = model.training(x, y, batch_size=10, epochs=2)
        drive(model, run, verbose="auto", callbacks=None, stream=stream)
        shown.append(stream.getvalue())
    bar, lines = shown
    assert "Epoch 2/2\n" in bar
    assert "━" * 20 in bar
    assert "accuracy: " in bar
    assert "\r" not in lines
    assert len(lines.splitlines()) == 4
    with pytest.raises(ValueError, match="verbose is 3"):
        network().fit(x, y, verbose=3)
