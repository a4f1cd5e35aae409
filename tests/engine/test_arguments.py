"""Whatever a program gives a layer, it is taken or refused in one line of our own."""

import traceback

import numpy as np
import pytest

from simulator.engine import Input, Sequential, arguments, layers, registry

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
         "A: n is 'x': it must be a number that lies between 0 and 1."),
        (lambda: arguments.number(1, owner="A", argument="n", above=0, below=1),
         "A: n is 1: it must be a number that lies between 0 and 1."),
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
