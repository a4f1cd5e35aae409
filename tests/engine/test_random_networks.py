"""Random small networks: the fast backends against the reference, and against differences."""

import numpy as np
from hypothesis import given

from simulator.engine import layers
from tests.engine import architectures
from tests.engine.architectures import networks
from tests.engine.geometries import examples, seeds

some = examples(150)


def test_networks_have_every_kind_of_layer():
    tables = (architectures.ANY, architectures.IMAGE, architectures.SEQUENCE, architectures.VECTOR)
    assert architectures.FIRST.union(*tables) == architectures.kinds_of_layers()


def batch(model, classes, seed):
    rng = np.random.default_rng(seed)
    shape = (3, *model.inputs[0].shape[1:])
    numbers = any(isinstance(layer, layers.Embedding) for layer in model.layers)
    x = rng.integers(0, 5, shape) if numbers else rng.normal(size=shape)
    for layer in model.layers:
        for name in layer.trainable_names:
            layer.weights[name][...] += 0.1 * rng.normal(size=layer.weights[name].shape)
    return x, rng.integers(0, classes, 3)


@some
@given(network=networks(), seed=seeds)
def test_every_backend_agrees_with_the_reference(backend, reference, network, seed):
    model, classes = network
    x, y = batch(model, classes, seed)
    results = []
    for each in (backend, reference):
        model.backend = each
        arrays = {}
        for training in (False, True):
            model.rng = np.random.default_rng(seed)
            for key, cache in model.trace_forward(x, training=training).items():
                arrays[f"{key} forward, training {training}"] = cache["output"]
            model.rng = np.random.default_rng(seed)
            for key, own in model.gradients(x, y, training=training).items():
                arrays |= {f"{key}/{name}, training {training}": own[name] for name in own}
        results.append(arrays)
    assert results[0].keys() == results[1].keys()
    for name, expected in results[1].items():
        scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
        np.testing.assert_allclose(
            results[0][name], expected, rtol=0, atol=1e-9 * scale, strict=True, err_msg=name
        )


@some
@given(network=networks(), seed=seeds)
def test_gradients_are_the_slopes_of_the_loss(backend, network, seed):
    """Along one random direction through all weights at once.

    Maxima may change hands within a step: then a smaller one tells, and where the two one-sided
    slopes differ for all, it is no place to ask.
    """
    model, classes = network
    model.backend = backend
    x, y = batch(model, classes, seed)
    gradients = model.gradients(x, y)
    rng = np.random.default_rng(seed)
    names = [(layer, name) for layer in model.layers for name in layer.trainable_names]
    direction = {
        (layer.name, name): rng.normal(size=layer.weights[name].shape) for layer, name in names
    }
    kept = {key: weight.copy() for key, weight in model.weights.items()}

    def loss(step):
        for layer, name in names:
            weight = layer.weights[name]
            weight[...] = kept[f"{layer.name}/{name}"] + step * direction[layer.name, name]
        return model.evaluate(x, y)

    slope = sum(np.sum(gradients[key][name] * way) for (key, name), way in direction.items())
    middle, scale = loss(0), max(1.0, abs(slope))
    for h in (1e-5, 1e-6, 1e-7):
        above, below = loss(h), loss(-h)
        if abs((above - below) / (2 * h) - slope) < 1e-5 * scale:
            return
    bend = abs((above - middle) - (middle - below)) / h
    assert bend >= 1e-2 * scale, "no maximum changes hands, and yet it is not the slope"
