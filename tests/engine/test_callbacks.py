"""Callbacks and training by hand, as Keras has them: what is told, kept, written and returned."""

import io

import numpy as np
import pytest

from simulator.engine import Sequential, callbacks, layers, optimizers
from simulator.engine import metrics as metrics_module
from simulator.engine.training import EpochEnd


def data(count=20):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 3))
    return x, x.sum(axis=1, keepdims=True)


def network(**compiled):
    model = Sequential([layers.Dense(1, input_shape=(3,))], seed=1)
    model.compile(**({"optimizer": optimizers.SGD(0.1), "loss": "mse"} | compiled))
    return model


def test_a_history_lists_its_names_in_order_and_the_rate_after_them():
    schedule = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model = network(metrics=["mae", "accuracy"])
    kept = model.fit(*data(), epochs=2, validation_split=0.2, verbose=0, callbacks=[schedule])
    assert list(kept.history) == [
        *("accuracy", "loss", "mae", "val_accuracy", "val_loss", "val_mae", "learning_rate"),
    ]
    assert kept.history["learning_rate"] == [0.05, 0.025]


def test_older_names_of_batches_are_heard():
    class Batches(callbacks.Callback):
        losses: list[float] = []  # noqa: RUF012 - for one test

        def on_batch_end(self, batch, logs=None):
            self.losses.append(logs["loss"])

    network().fit(*data(), batch_size=8, epochs=2, verbose=0, callbacks=[Batches()])
    assert len(Batches.losses) == 6


def test_what_callbacks_do_is_told(capsys):
    x, y = data()
    stopping = callbacks.EarlyStopping("loss", mode="max", patience=2, verbose=1)
    schedule = callbacks.LearningRateScheduler(lambda epoch: 0.5, verbose=1)
    network().fit(x, y, epochs=9, verbose=0, callbacks=[stopping, schedule])
    told = capsys.readouterr().out
    assert told.startswith("\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.\n")
    assert told.endswith("Epoch 3: early stopping\n")
    plateau = callbacks.ReduceLROnPlateau("loss", mode="max", factor=0.5, patience=1, verbose=1)
    network().fit(x, y, epochs=2, verbose=0, callbacks=[plateau])
    told = capsys.readouterr().out
    assert told == "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.05.\n"


def test_the_best_weights_are_kept_in_a_file(tmp_path):
    losses = iter([3.0, 2.0, 2.5])
    kept = []

    class Scripted(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = next(losses)
            kept.append(self.model.get_weights())

    path = tmp_path / "run" / "best-{epoch}-{val_loss:.1f}.npz"
    saving = callbacks.ModelCheckpoint(path, save_best_only=True)
    model = network()
    model.fit(*data(), epochs=3, verbose=0, callbacks=[Scripted(), saving])
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "best-1-3.0.npz",
        "best-2-2.0.npz",
    ]
    other = network()
    other.load_weights(path.parent / "best-2-2.0.npz")
    for mine, theirs in zip(other.get_weights(), kept[1], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_files_of_weights_are_refused_where_they_do_not_fit(tmp_path):
    model = network()
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        model.save_weights(tmp_path / "model.h5")
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        callbacks.ModelCheckpoint("best.keras")
    path = tmp_path / "weights.npz"
    model.save_weights(path)
    with pytest.raises(FileExistsError, match="there already"):
        model.save_weights(path, overwrite=False)
    wider = Sequential([layers.Dense(2, input_shape=(3,))])
    with pytest.raises(ValueError, match=r"kernel has the shape \(3, 2\)"):
        wider.load_weights(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="damaged"):
        model.load_weights(path)
    with pytest.raises(FileNotFoundError):
        model.load_weights(tmp_path / "nothing.npz")


def test_a_log_has_a_line_for_each_epoch(tmp_path):
    path = tmp_path / "log.csv"
    model = network(metrics=["mae"])
    first = model.fit(*data(), epochs=2, verbose=0, callbacks=[callbacks.CSVLogger(path)])
    again = callbacks.CSVLogger(path, append=True)
    model.fit(*data(), epochs=1, verbose=0, callbacks=[again, callbacks.TerminateOnNaN()])
    lines = [line.split(",") for line in path.read_text().splitlines()]
    assert [line[0] for line in lines] == ["epoch", "0", "1", "0"]
    assert lines[0] == ["epoch", "loss", "mae"]
    assert [float(line[1]) for line in lines[1:3]] == first.history["loss"]


def test_weighted_metrics_heed_weights_and_others_do_not():
    x, y = data(6)
    weights = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 2.0])
    model = network(metrics=["mae"], weighted_metrics=["mae", "mse"])
    found = model.evaluate(x, y, sample_weight=weights, return_dict=True)
    errors = np.abs(model.predict(x) - y)[:, 0]
    assert list(found) == ["loss", "mae", "mse", "weighted_mae"]
    assert found["mae"] == pytest.approx(errors.mean())
    assert found["weighted_mae"] == pytest.approx((errors * weights).sum() / 4)
    assert found["mse"] == pytest.approx((errors**2 * weights).sum() / 4)
    history = model.fit(x, y, sample_weight=weights, batch_size=2, verbose=0).history
    assert history["weighted_mae"] != history["mae"]
    with pytest.raises(ValueError, match="did you mean 'mae'"):
        network(weighted_metrics=["maee"])


def test_no_bit_of_a_metric_depends_on_how_many_batches_an_event_stands_for():
    x, y = data(100)
    weights = np.random.default_rng(2).random(100)
    found = []
    for steps in (1, 3, 1000):
        model = network(metrics=["mae"], weighted_metrics=["mse"])
        run = model.training(
            x, y, sample_weight=weights, batch_size=7, epochs=2, steps_per_event=steps
        )
        found.append([event.logs for event in run if isinstance(event, EpochEnd)])
    assert found[0] == found[1] == found[2]


def test_batches_are_counted_together_until_that_is_reset():
    x, y = data(12)
    model = network(metrics=["mae"])
    first = model.test_on_batch(x[:4], y[:4])
    both = model.test_on_batch(x[4:], y[4:])
    model.reset_metrics()
    second = model.test_on_batch(x[4:], y[4:])
    np.testing.assert_allclose(both, (4 * np.array(first) + 8 * np.array(second)) / 12)
    assert model.evaluate(x, y) == pytest.approx(both)
    before = model.get_weights()
    loss = model.train_on_batch(x[:4], y[:4], return_dict=True)["loss"]
    assert loss == pytest.approx(first[0])  # evaluate has reset the count
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert model.metrics_names == ["loss", "mae"]
    np.testing.assert_array_equal(model.predict_on_batch(x), model.predict(x, batch_size=12))


def test_metrics_of_confusion_take_no_mask():
    """As in Keras, where only means leave out the steps that are filling."""
    model = Sequential([
        layers.Embedding(3, 2, mask_zero=True, input_shape=(4,)),
        layers.SimpleRNN(1, return_sequences=True),
        layers.Activation("sigmoid"),
    ], seed=1)  # fmt: skip
    recall = metrics_module.Recall(name="recall")
    model.compile("sgd", "binary_crossentropy", metrics=[recall])
    x = np.array([[1, 2, 0, 0]])
    found = model.evaluate(x, np.ones((1, 4, 1)), return_dict=True)
    assert found["recall"] == pytest.approx((model.predict(x) > 0.5).mean())


def test_one_epoch_has_no_heading():
    stream = io.StringIO()
    from simulator.engine.fitting import drive  # noqa: PLC0415 - of this test alone

    model = network()
    drive(model, model.training(*data()), verbose=2, callbacks=None, stream=stream)
    assert stream.getvalue().startswith("1/1 - 0s - ")
