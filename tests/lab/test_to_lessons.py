"""From a trained layer to its lesson: the lesson computes what the network computed."""

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats.network import LayerSpec, NetworkSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import Experiment, LabError, Wanted
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.traces.recurrence import RecurrentTrace

PICTURES = sequential(
    [
        LayerSpec("Conv2D", "conv", {"filters": 4, "kernel_size": 3, "padding": "same"}),
        LayerSpec("MaxPooling2D", "pool", {"pool_size": 2}),
        LayerSpec("Conv2D", "deep", {"filters": 2, "kernel_size": 2}),
        LayerSpec("AveragePooling2D", "mean", {"pool_size": 3}),
        LayerSpec("Flatten", "flat"),
        LayerSpec("Dense", "dense", {"units": 10, "activation": "softmax"}),
    ],
    shape=(8, 8, 1),
)


def _trained(network: NetworkSpec, identity: str, loss: str, **settings: object) -> Experiment:
    program = ProgramSpec(
        network, CompileSpec(OptimizerSpec("Adam"), loss), FitSpec(batch_size=16), seed=1
    )
    data = datasets.make(identity, {"samples": 60, **settings}, seed=2)
    experiment = Experiment(program, data, backend=Backend())
    experiment.run_for(batches=2)
    return experiment


def _outputs(experiment: Experiment, sample: int) -> dict[str, np.ndarray]:
    snapshot = experiment.snapshot(Wanted(frozenset({"sample"}), sample=sample))
    assert snapshot.sample is not None
    return dict(snapshot.sample.outputs)


def test_a_convolution_and_a_pooling_are_those_of_the_network() -> None:
    experiment = _trained(PICTURES, "digits", "sparse_categorical_crossentropy")
    outputs = _outputs(experiment, 4)
    identity, state = lesson_on(experiment, "conv", 4)
    assert identity == "convolution"
    trace = lesson(identity).trace(state, Backend())
    assert trace.arrays["output"].values == pytest.approx(outputs["conv"], abs=1e-5)
    identity, state = lesson_on(experiment, "pool", 4)
    trace = lesson(identity).trace(state, Backend())
    shown = trace.arrays["output"].values
    assert shown == pytest.approx(outputs["pool"][:, :, :1], abs=1e-6), "one channel of four"
    identity, state = lesson_on(experiment, "mean", 4)
    shown = lesson(identity).trace(state, Backend()).arrays["output"].values
    assert shown == pytest.approx(outputs["mean"][:, :, :1], abs=1e-6), "one channel of two"


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("identity", ["sine", "adding"])
def test_a_recurrent_layer_is_that_of_the_network(kind: str, identity: str) -> None:
    features = 2 if identity == "adding" else 1
    network = sequential(
        [LayerSpec(kind, "cell", {"units": 3}), LayerSpec("Dense", "dense", {"units": 1})],
        shape=(6, features),
    )
    experiment = _trained(network, identity, "mse", length=6)
    outputs = _outputs(experiment, 2)
    found, state = lesson_on(experiment, "cell", 2)
    trace = lesson(found).trace(state, Backend())
    assert isinstance(trace, RecurrentTrace)
    assert trace.arrays["h"].values[-1] == pytest.approx(outputs["cell"], abs=1e-5)


def test_what_no_lesson_shows_is_told() -> None:
    experiment = _trained(PICTURES, "digits", "sparse_categorical_crossentropy")
    with pytest.raises(LabError, match="no lesson on Dense"):
        lesson_on(experiment, "dense", 0)
    with pytest.raises(LabError, match="this layer reads 4"):
        lesson_on(experiment, "deep", 0)
    with pytest.raises(LabError, match="not known for this sample"):
        lesson_on(experiment, "conv", 10_000)
