"""Whatever a program gives a layer, it is taken or refused in one line of our own."""

import traceback

import numpy as np
import pytest

from simulator.engine import (
    BernoulliRBM,
    Input,
    Model,
    Sequential,
    activations,
    arguments,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    registry,
    regularizers,
    utils,
)

schedules = optimizers.schedules

GOOD = {
    "Dense": ({"units": 4}, (6,)),
    "Conv1D": ({"filters": 2, "kernel_size": 2}, (6, 3)),
    "Conv2D": ({"filters": 2, "kernel_size": 2}, (6, 6, 3)),
    "DepthwiseConv2D": ({"kernel_size": 2}, (6, 6, 3)),
    "Conv2DTranspose": ({"filters": 2, "kernel_size": 2}, (6, 6, 3)),
    "MaxPooling1D": ({}, (6, 3)),
    "AveragePooling2D": ({}, (6, 6, 3)),
    "LpPooling2D": ({}, (6, 6, 3)),
    "StochasticPooling2D": ({}, (6, 6, 3)),
    "GlobalMaxPooling2D": ({}, (6, 6, 3)),
    "Flatten": ({}, (6, 3)),
    "Reshape": ({"target_shape": (2, -1)}, (6,)),
    "Permute": ({"dims": (2, 1)}, (6, 3)),
    "RepeatVector": ({"n": 2}, (6,)),
    "ZeroPadding2D": ({}, (6, 6, 3)),
    "UpSampling2D": ({}, (6, 6, 3)),
    "Activation": ({"activation": "relu"}, (6,)),
    "ReLU": ({}, (6,)),
    "LeakyReLU": ({}, (6,)),
    "Softmax": ({}, (6,)),
    "Dropout": ({"rate": 0.5}, (6,)),
    "GaussianNoise": ({"stddev": 0.1}, (6,)),
    "BatchNormalization": ({}, (6,)),
    "LayerNormalization": ({}, (6,)),
    "Embedding": ({"input_dim": 5, "output_dim": 2}, (6,)),
    "SimpleRNN": ({"units": 2}, (6, 3)),
    "LSTM": ({"units": 2}, (6, 3)),
    "GRU": ({"units": 2}, (6, 3)),
}
ODD = [
    "abc", b"x", -1, 0, 2.5, True, None, 10**30, float("nan"), float("inf"), np.int64(2),
    np.float32(0.5), [], (), (2, "a"), (None, None), [1, 2, 3, 4, 5], {}, np.array([1, 2]),
    object(), len,
]  # fmt: skip


def raised_by_the_engine(error):
    """Whether the last line that ran is a `raise` of ours, and not something inside a library."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = "simulator" in last.filename and str(last.line).startswith("raise ")
    return ours and "\n" not in str(error)


def refusal(made, given, x):
    try:
        model = Sequential([Input(x.shape[1:]), made(**given)], backend="numpy")
        model.predict(x)
    except (TypeError, ValueError, MemoryError) as error:
        return error
    return None


@pytest.mark.parametrize("kind", GOOD)
def test_every_argument_takes_or_refuses_anything(kind):
    good, shape = GOOD[kind]
    made = getattr(layers, kind)
    x = np.ones((2, *shape), np.float32)
    for argument in registry.argument_names(made):
        for value in ODD:
            error = refusal(made, {**good, argument: value}, x)
            assert error is None or raised_by_the_engine(error), (argument, value, error)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: arguments.count(2.5, owner="A", argument="n"),
         "A: n is 2.5: it must be a whole number of 1 or more."),
        (lambda: arguments.count(np.float64(0), owner="A", argument="n", minimum=1),
         "A: n is 0.0: it must be a whole number of 1 or more."),
        (lambda: arguments.count(2**40, owner="A", argument="n"),
         "A: n is 1099511627776: it must be a whole number of 1 or more and at most 2147483647."),
        (lambda: arguments.number("x", owner="A", argument="n", minimum=0, maximum=1),
         "A: n is 'x': it must be a number between 0 and 1."),
        (lambda: arguments.number(1, owner="A", argument="n", above=0, below=1),
         "A: n is 1: it must be a number between 0 and 1."),
        (lambda: arguments.number(float("nan"), owner="A", argument="n"),
         "A: n is nan: it must be a finite number."),
        (lambda: arguments.truth("False", owner="A", argument="b"),
         "A: b is 'False': it must be True or False."),
        (lambda: arguments.seed(-1, owner="A"),
         "A: seed is -1: it must be a whole number of 0 or more, or None."),
        (lambda: arguments.axis(1.0, owner="A"), "A: axis is 1.0: it must be a whole number."),
    ],
)  # fmt: skip
def test_refusals_say_what_is_needed(call, message):
    with pytest.raises(ValueError, match="must be") as refused:
        call()
    assert str(refused.value) == message


def test_numpys_numbers_are_numbers():
    assert arguments.count(np.int64(3), owner="A", argument="n") == 3
    assert arguments.count(3.0, owner="A", argument="n") == 3
    assert arguments.number(np.float32(0.5), owner="A", argument="n") == 0.5
    assert arguments.truth(np.bool_(1), owner="A", argument="b") is True
    assert arguments.truth(None, owner="A", argument="b") is False
    assert arguments.seed(np.uint32(7), owner="A") == 7


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Sequential(layers.Dense(2)), TypeError, "it takes a list of layers"),
        (lambda: Sequential(nam="x"), TypeError, "did you mean 'name'?"),
        (lambda: Sequential([], seed="x"), ValueError, "seed is 'x'"),
        (lambda: Sequential().compile("sgd", weighted_metrics=["msee"]), ValueError,
         "did you mean 'mse'"),
        (lambda: layers.Dense(3, kernel_constraint="non_neg"), ValueError,
         "no limits on weights here"),
        (lambda: Sequential().add("Dense"), TypeError, "only layers can be added, not 'Dense'"),
        (lambda: Input(shap=(3,)), TypeError, "did you mean 'shape'?"),
        (lambda: Input((2.5,)), ValueError, "must hold whole numbers of 1 or more"),
        (lambda: Model(layers.Dense(1), layers.Dense(1)), TypeError, "must be an Input or a lay"),
        (lambda: layers.Bidirectional(None), TypeError, "such as LSTM(32)"),
        (lambda: layers.Conv2D(3), TypeError, "missing 1 required positional argument: 'kernel"),
        (lambda: np.mean(Input((3,))), TypeError, "has no values yet"),
        (lambda: optimizers.SGD(momentum="x"), ValueError, "SGD: momentum is 'x'"),
        (lambda: optimizers.Adam(beta_1=1), ValueError, "a number of 0 or more and below 1"),
        (lambda: optimizers.Adam(lr=0.1), TypeError, "Adam got an unexpected argument 'lr'"),
        (lambda: optimizers.Adam([0.1]), ValueError, "learning_rate is [0.1]"),
        (lambda: optimizers.SGD(clipnorm="1"), ValueError, "clipnorm is '1'"),
        (lambda: losses.Huber(delta="x"), ValueError, "delta is 'x'"),
        (lambda: losses.MeanSquaredError()(["a"], [1.0]), ValueError, "the targets are ['a']"),
        (lambda: losses.MeanSquaredError()([[1], [1, 2]], [1.0]), ValueError, "differ in length"),
        (lambda: losses.MeanSquaredError()([], []), ValueError, "there are no outputs"),
        (lambda: losses.CategoricalCrossentropy(axis=5)(np.eye(2), np.eye(2)), ValueError,
         "have no axis 5"),
        (lambda: metrics.Precision(top_k=0), ValueError, "Precision: top_k is 0"),
        (lambda: metrics.MeanSquaredError()(["a"], ["b"]), ValueError, "they must be numbers"),
        (lambda: metrics.TopKCategoricalAccuracy(k="x"), ValueError, "k is 'x'"),
        (lambda: initializers.RandomNormal(stddev=-1), ValueError, "stddev is -1"),
        (lambda: initializers.RandomUniform(1, 0), ValueError, "maxval is 0"),
        (lambda: regularizers.L2("x"), ValueError, "l2 is 'x'"),
        (lambda: activations.softmax(np.eye(2), axis=7), ValueError, "have no axis 7"),
        (lambda: activations.relu(["a"]), ValueError, "the values are ['a']"),
        (lambda: callbacks.EarlyStopping(patients=3), TypeError, "did you mean 'patience'?"),
        (lambda: callbacks.EarlyStopping(patience=-1), ValueError, "patience is -1"),
        (lambda: callbacks.ReduceLROnPlateau(factor=2), ValueError, "factor is 2"),
        (lambda: callbacks.LearningRateScheduler(0.1), ValueError, "schedule is 0.1"),
        (lambda: schedules.ExponentialDecay("x", 2, 0.5), ValueError,
         "initial_learning_rate is 'x'"),
        (lambda: schedules.PiecewiseConstantDecay(3, [1]), ValueError, "must be a list of num"),
        (lambda: BernoulliRBM(3, 2).fit("abc"), ValueError, "they must be numbers"),
        (lambda: utils.to_categorical(["a"]), ValueError, "must be whole numbers"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_in_one_line(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


FIT = (np.ones((6, 3)), np.arange(6) % 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": -1}, "fit: epochs is -1: it must be a whole number of 0 or more"),
        ({"epochs": "ten"}, "epochs is 'ten'"),
        ({"batch_size": [32]}, "batch_size is [32]"),
        ({"initial_epoch": "a"}, "initial_epoch is 'a'"),
        ({"validation_split": "0.2"}, "validation_split is '0.2'"),
        ({"validation_split": 1}, "validation_split is 1: it must be a number between 0"),
        ({"validation_data": FIT, "validation_freq": 0}, "validation_freq is 0"),
        ({"validation_data": (FIT[0], FIT[1] + 5)}, "the targets run from 5 to 6"),
        ({"y": FIT[1] + 0.5}, "the target 0.5 is no class: classes are whole numbers"),
        ({"class_weight": "balanced"}, "must be a dictionary from class numbers to weights"),
        ({"class_weight": {"0": 1.0}}, "names the class '0': classes are whole numbers"),
        ({"class_weight": {0: "a"}}, "the weight of class 0 is 'a'"),
        ({"callbacks": 3}, "3 is no callback"),
        ({"callbacks": [callbacks.EarlyStopping]}, "such as EarlyStopping()"),
        ({"seed": -1}, "seed is -1"),
        ({"verbose": [1]}, "verbose is [1]"),
    ],
)
def test_what_fit_cannot_use_is_told_before_training(given, message):
    model = Sequential([Input((3,)), layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    with pytest.raises((TypeError, ValueError)) as raised:
        model.fit(**{"x": FIT[0], "y": FIT[1], "verbose": 0, **given})
    assert message in str(raised.value)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (None, "must hold numbers, not None"),
        ("data.csv", "must hold numbers, not a str"),
        (np.full((6, 3), "a"), "must hold numbers, not texts"),
        (np.full((6, 3), object()), "must hold numbers, not object objects"),
        (np.ones((6, 3), complex), "must hold numbers, not complex numbers"),
        ([[1, 2], [3]], "its rows differ in length"),
        (np.full((6, 3), np.nan), "18 values that are no finite numbers: the first is nan at samp"),
        (np.full((6, 3), 1e300), "the first is inf at sample 0"),
        (np.ones((0, 3)), "holds no samples"),
    ],
)
def test_data_that_cannot_be_used_is_told(x, message):
    model = Sequential([Input((3,)), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"^[^\n]*$") as raised:
        model.predict(x)
    assert message in str(raised.value)


def test_numbers_in_an_array_of_objects_are_numbers():
    x = np.array([[1, 2.5, True]], dtype=object)
    model = Sequential([Input((3,)), layers.Dense(2)])
    np.testing.assert_array_equal(model.predict(x), model.predict(np.array([[1, 2.5, 1]])))


def test_a_model_without_a_loss_is_not_trained():
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.compile("sgd")
    with pytest.raises(ValueError, match="has no loss to make smaller: give compile a loss"):
        model.fit(*FIT)
    penalized = Sequential([Input((3,)), layers.Dense(2, kernel_regularizer="l2")])
    penalized.compile("sgd")
    before = np.abs(penalized.get_weights()[0]).sum()
    penalized.fit(*FIT, verbose=0)
    assert np.abs(penalized.get_weights()[0]).sum() < before
    many = Sequential([Input((3,)), layers.Dense(2)])
    many.compile("sgd", losses.MeanSquaredError(reduction=None))
    with pytest.raises(ValueError, match="gives many numbers, and training needs one"):
        many.fit(np.ones((2, 3)), np.ones((2, 2)))


def test_a_schedule_of_the_epoch_alone_is_a_schedule():
    model = Sequential([Input((3,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.5), "mse")
    model.fit(*FIT, verbose=0, callbacks=callbacks.LearningRateScheduler(lambda epoch: 0.125))
    assert model.optimizer.learning_rate == 0.125
