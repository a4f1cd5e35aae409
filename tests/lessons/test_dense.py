"""The lesson on dense layers against plain loops, in whatever state a learner brings it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from simulator.data.pictures import LoadedPicture
from simulator.lessons.catalogue import lesson as find
from tests.lessons.layers import dense_settings, opened

few = settings(deadline=None, max_examples=20)
FUNCTIONS = {
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else 0.2 * z, lambda z: 1.0 if z > 0 else 0.2),
    "linear": (lambda z: z, lambda _: 1.0),
}


def weights(arrays, number):
    """Kernel [i][j] and bias [j] of a layer."""
    bias = arrays[f"bias_{number}"].ravel()
    return arrays[f"kernel_{number}"].reshape(-1, bias.size).tolist(), bias.tolist()


def sums(x, kernel, bias):
    return [bias[j] + sum(x[i] * kernel[i][j] for i in range(len(x))) for j in range(len(bias))]


@given(dense_settings)
@few
def test_the_numbers_are_those_of_plain_loops(chosen):
    state = find("dense").initial_state()
    for name, value in {**chosen, "pass": "forward"}.items():
        state = find("dense").change(state, name, value)
    arrays = find("dense").arrays(state)
    bend, slope = FUNCTIONS[chosen["activation"]]
    label = int(np.asarray(arrays["target"]).item())
    x = arrays["input"].ravel().tolist()
    read, hidden = x, []
    last = 2 if chosen["hidden"] else 1
    if last == 2:
        hidden = sums(x, *weights(arrays, 1))
        read = [bend(z) for z in hidden]
    kernel, bias = weights(arrays, last)
    powers = [math.exp(z) for z in sums(read, kernel, bias)]
    shares = [each / sum(powers) for each in powers]
    deltas = [share - (j == label) for j, share in enumerate(shares)]
    forward = opened("dense", **{**chosen, "pass": "forward"}).trace.arrays
    near = {"rel": 1e-3, "abs": 1e-5}
    assert forward[f"output_{last}"].values.ravel().tolist() == pytest.approx(shares, **near)
    assert forward["loss"].values.item() == pytest.approx(-math.log(shares[label]), **near)
    backward = opened("dense", **{**chosen, "pass": "backward"}).trace.arrays
    own = [delta * each for delta in deltas for each in read]
    assert backward[f"d_kernel_{last}"].values.ravel().tolist() == pytest.approx(own, **near)
    below = [sum(kernel[i][j] * deltas[j] for j in range(len(deltas))) for i in range(len(read))]
    assert backward[f"d_output_{last - 1}"].values.ravel().tolist() == pytest.approx(below, **near)
    if last == 2:
        bent = [each * slope(z) for each, z in zip(below, hidden, strict=True)]
        found = backward["d_kernel_1"].values.reshape(len(bent), -1)
        np.testing.assert_allclose(found, np.outer(bent, x), rtol=1e-3, atol=1e-5)


def test_training_makes_the_loss_smaller():
    losses = [
        np.mean([
            opened("dense", sample=sample, epochs=epochs).trace.arrays["loss"].values.item()
            for sample in range(20)
        ])
        for epochs in (0, 1, 10)
    ]  # fmt: skip
    assert losses[0] > losses[1] > losses[2]


def test_without_a_hidden_layer_a_circle_is_not_learned():
    def right(hidden):
        found = []
        for sample in range(60):
            arrays = opened(
                "dense", picture="circle", sample=sample, hidden=hidden, epochs=30
            ).trace.arrays
            shares = arrays["output_2" if hidden else "output_1"].values.ravel()
            state = opened("dense", picture="circle", sample=sample, epochs=0)
            target = state.lesson.arrays(state.state)["target"]
            found.append(int(shares.argmax()) == int(target))
        return np.mean(found)

    assert right(8) > 0.95
    assert right(0) < 0.8


def test_a_picture_of_ones_own_has_the_class_that_is_said():
    session = opened("dense", picture="own", answer=7)
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:, 6:10] = 255
    own = LoadedPicture(pixels, "mine", ())
    state = replace(session.state, own_picture=own)
    assert session.apply(state)
    arrays = session.trace.arrays
    assert arrays["input"].values.shape == (8, 8)
    assert arrays["input"].values[:, 3:5].min() > 0.9
    share = arrays["output_2"].values.ravel()[7]
    assert arrays["loss"].values.item() == pytest.approx(-math.log(max(share, 1e-7)), rel=1e-4)
