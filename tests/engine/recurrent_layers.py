"""What the tests of recurrent layers share."""

import numpy as np

from simulator.engine import layers
from simulator.engine.layers.base import Context

KINDS = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}


def context(backend, *, training=False, seed=3):
    return Context(backend, training, np.random.default_rng(seed))


def built(layer, values, seed=0):
    """With weights that matter, biases too."""
    layer.build((None, values), np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 1)
    for weight in layer.weights.values():
        weight[...] = rng.normal(size=weight.shape) * 0.5
    return layer


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def assert_derivatives(layer, inputs, backend, *, training):
    """Gradients of all inputs and weights, from slopes on all outputs."""

    def outputs():
        x = inputs[0] if len(inputs) == 1 else tuple(inputs)
        return layer.forward(x, context(backend, training=training))

    y, cache = outputs()
    rng = np.random.default_rng(9)
    slopes = tuple(rng.normal(size=each.shape) for each in as_tuple(y))
    to_inputs, gradients = layer.backward(
        slopes if isinstance(y, tuple) else slopes[0], cache, context(backend)
    )
    assert list(gradients) == list(layer.weights)

    def differences(place):
        """Of Σ slopes · outputs, as the numbers of one array change in place."""
        found = np.empty_like(place)
        for index in np.ndindex(place.shape):
            kept, sums = place[index], []
            for step in (1e-5, -1e-5):
                place[index] = kept + step
                results = as_tuple(outputs()[0])
                sums.append(sum(np.sum(r * s) for r, s in zip(results, slopes, strict=True)))
            place[index] = kept
            found[index] = (sums[0] - sums[1]) / 2e-5
        return found

    for name, weight in layer.weights.items():
        np.testing.assert_allclose(
            gradients[name], differences(weight), rtol=0, atol=2e-8, err_msg=name
        )
    for array, gradient in zip(inputs, as_tuple(to_inputs), strict=True):
        np.testing.assert_allclose(gradient, differences(array), rtol=0, atol=2e-8)
