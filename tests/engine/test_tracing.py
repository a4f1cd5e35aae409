"""What a forward pass keeps, for one sample as it comes out of a data set."""

import numpy as np
import pytest

from simulator.engine import Input, Model, Sequential, layers


@pytest.mark.parametrize(
    ("needed", "shape"),
    [
        ((5, 5, 1), (5, 5, 1)),
        ((5, 5, 3), (5, 5, 3)),
        ((6, 1), (6, 1)),
        ((None, 1), (6, 1)),
        ((6, 2), (6, 2)),
        ((4,), (4,)),
        ((1,), (1,)),
        ((1, 1), (1, 1)),
    ],
)
def test_one_sample_may_come_without_its_batch(needed, shape):
    model = Sequential([Input(needed), layers.Dense(2, name="d")])
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    single = model.trace_forward(x)["d"]
    together = model.trace_forward(x[np.newaxis])["d"]
    assert single["input"].shape == (1, *shape)
    for name, array in together.items():
        np.testing.assert_array_equal(single[name], array)
    np.testing.assert_array_equal(model.trace_forward(x.tolist())["d"]["output"], single["output"])


def test_several_samples_are_traced_together():
    model = Sequential([Input((1,)), layers.Dense(2, name="d")])
    assert model.trace_forward(np.arange(5.0))["d"]["output"].shape == (5, 2)
    with pytest.raises(layers.ShapeError, match=r"got data of shape \(7,\), but needs \(None, 4\)"):
        Sequential([Input((4,)), layers.Dense(2)]).trace_forward(np.ones(7))


def test_calls_of_a_shared_layer_are_kept_apart():
    given, shared = Input((3,)), layers.Dense(3, name="shared")
    model = Model(given, shared(shared(given)))
    trace = model.trace_forward(np.ones((2, 3)))
    np.testing.assert_array_equal(trace["shared"]["output"], trace["shared:1"]["input"])
