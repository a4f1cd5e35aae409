"""From a trained layer to its lesson: the lesson computes what the network computed."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.data import datasets
from simulator.engine.backends.base import Backend
from simulator.formats.network import LayerSpec, NetworkSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec
from simulator.lab import Experiment, LabError, Wanted
from simulator.lab.to_lessons import lesson_on
from simulator.lessons.catalogue import lesson
from simulator.lessons.lesson import StateError
from simulator.lessons.opening import open_lesson
from simulator.traces.recurrence import RecurrentTrace
from tests.traces.invariants import check_level

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
    assert shown == pytest.approx(outputs["pool"], abs=1e-6)
    identity, state = lesson_on(experiment, "deep", 4)
    shown = lesson(identity).trace(state, Backend()).arrays["output"].values
    assert shown == pytest.approx(outputs["deep"], abs=1e-5), "it reads all four channels"
    identity, state = lesson_on(experiment, "mean", 4)
    shown = lesson(identity).trace(state, Backend()).arrays["output"].values
    assert shown == pytest.approx(outputs["mean"], abs=1e-6)


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


def _autoencoder(*layers: LayerSpec, shape: tuple[int, ...] = (8, 8, 1)) -> NetworkSpec:
    back = LayerSpec("Reshape", "back", {"target_shape": (8, 8, 1)})
    return sequential([LayerSpec("Flatten", "flat"), *layers, back], shape=shape)


DEEP = _autoencoder(
    LayerSpec("Dense", "wide", {"units": 12, "activation": "relu"}),
    LayerSpec("Dropout", "drop", {"rate": 0.2}),
    LayerSpec("Dense", "narrow", {"units": 3}),
    LayerSpec("Activation", "bent", {"activation": "tanh"}),
    LayerSpec("Dense", "wide_again", {"units": 12, "activation": "elu", "use_bias": False}),
    LayerSpec("Dense", "out", {"units": 64, "activation": "sigmoid"}),
)


@pytest.mark.parametrize("targets", ["itself", "clean"])
def test_a_dense_layer_of_an_autoencoder_opens_in_the_whole_network(targets: str) -> None:
    noise = {"noise": 0.3} if targets == "clean" else {}
    experiment = _trained(DEEP, "digits", "mse", targets=targets, **noise)
    outputs = _outputs(experiment, 3)
    identity, state = lesson_on(experiment, "wide_again", 3)
    assert identity == "autoencoder"
    chosen = lesson(identity)
    session = open_lesson(chosen, Backend(), state)
    assert session.complaint is None
    trace = session.trace
    for at, name in enumerate(["wide", "bent", "wide_again", "out"], start=1):
        shown = trace.arrays[f"output_{at}"].values
        assert shown.ravel() == pytest.approx(outputs[name].ravel(), abs=1e-6)
    assert trace.arrays["input"].values == pytest.approx(experiment.dataset.x_val[3, :, :, 0])
    loss = np.square(outputs["out"].ravel() - experiment.dataset.y_val[3].ravel()).mean()
    assert trace.arrays["loss"].values.item() == pytest.approx(loss, rel=1e-5)
    assert ("target" in trace.arrays) == (targets == "clean")
    assert session.place.part == 2, "it begins at the layer that was opened"
    assert session.scene.fact().latex == r"\frac{64}{3}\approx\mathbf{21.3}"
    check_level(trace.at("layer"))
    shown = {control.name for control in chosen.controls if control.shown(state.settings)}
    assert shown == {"network"}
    assert "network" not in chosen.kept(state)


def test_numbers_of_a_network_from_the_lab_can_be_typed_over() -> None:
    experiment = _trained(DEEP, "digits", "mse", targets="itself")
    _, state = lesson_on(experiment, "out", 0)
    chosen = lesson("autoencoder")
    plain = chosen.trace(state, Backend()).arrays["output_4"].values
    typed = state.with_cells("bias_2", {(0, 1): 4.0})
    assert (chosen.trace(typed, Backend()).arrays["output_4"].values != plain).any()
    here = chosen.change(typed, "network", "here")
    assert len(chosen.trace(here, Backend()).arrays["output_1"].values.ravel()) == 16
    assert not here.edits.get("bias_2")


def test_points_of_a_plane_have_an_autoencoder_too() -> None:
    network = sequential(
        [LayerSpec("Dense", "code", {"units": 5}), LayerSpec("Dense", "out", {"units": 4})],
        shape=(4,),
    )
    program = ProgramSpec(network, CompileSpec(OptimizerSpec("Adam"), "mse"), FitSpec(), seed=1)
    x = np.random.default_rng(0).random((30, 4), dtype=np.float32)
    recipe = datasets.make("digits", {"samples": 30, "targets": "itself"}, seed=0)
    data = replace(recipe, x=x, y=x, x_val=x, y_val=x)
    experiment = Experiment(program, data, backend=Backend())
    _, state = lesson_on(experiment, "code", 2)
    trace = lesson("autoencoder").trace(state, Backend())
    assert trace.arrays["input"].shape == (2, 2)
    assert "nothing is compressed" in str(trace.size_fact().remark)


def test_a_softmax_in_an_autoencoder_is_gone_through() -> None:
    softmax = _autoencoder(
        LayerSpec("Dense", "code", {"units": 3, "activation": "softmax"}),
        LayerSpec("Dense", "out", {"units": 64}),
    )
    experiment = _trained(softmax, "digits", "mse", targets="itself")
    identity, state = lesson_on(experiment, "code", 0)
    assert identity == "autoencoder"
    trace = lesson(identity).trace(state, Backend())
    shown = trace.arrays["output_1"].values.ravel()
    assert shown == pytest.approx(_outputs(experiment, 0)["code"], abs=1e-6)


def test_a_dense_layer_of_no_autoencoder_has_a_lesson_of_its_own() -> None:
    alone = _autoencoder(LayerSpec("Dense", "out", {"units": 64}))
    experiment = _trained(alone, "digits", "mse", targets="itself")
    identity, state = lesson_on(experiment, "out", 0)
    assert identity == "dense"
    trace = lesson(identity).trace(state, Backend())
    loss = np.square(_outputs(experiment, 0)["out"] - experiment.dataset.x_val[0].ravel()).mean()
    assert trace.arrays["loss"].values.item() == pytest.approx(loss, rel=1e-5)


CONVOLUTIONAL = sequential(
    [
        LayerSpec(
            "Conv2D",
            "conv",
            {"filters": 3, "kernel_size": 3, "padding": "same", "use_bias": False},
        ),
        LayerSpec("Activation", "bent", {"activation": "relu"}),
        LayerSpec("MaxPooling2D", "pool", {"pool_size": 2}),
        LayerSpec("BatchNormalization", "norm"),
        LayerSpec("Dropout", "drop", {"rate": 0.2}),
        LayerSpec("Flatten", "flat"),
        LayerSpec("Dense", "code", {"units": 4}),
        LayerSpec("Dense", "plan", {"units": 32, "activation": "tanh"}),
        LayerSpec("Reshape", "maps", {"target_shape": (4, 4, 2)}),
        LayerSpec(
            "Conv2DTranspose",
            "larger",
            {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
        ),
        LayerSpec("LeakyReLU", "leaky"),
        LayerSpec("UpSampling2D", "up", {"size": 2}),
        LayerSpec("AveragePooling2D", "mean", {"pool_size": 2}),
        LayerSpec(
            "Conv2D",
            "out",
            {"filters": 1, "kernel_size": 3, "padding": "same", "activation": "sigmoid"},
        ),
    ],
    shape=(8, 8, 1),
)


def test_every_layer_of_a_convolutional_autoencoder_opens_in_the_whole_network() -> None:
    experiment = _trained(CONVOLUTIONAL, "digits", "mse", targets="itself")
    outputs = _outputs(experiment, 3)
    chosen = lesson("autoencoder")
    shown = [
        *("bent", "pool", "norm", "flat", "code", "plan", "maps"),
        *("larger", "leaky", "up", "mean", "out"),
    ]
    opened = {"conv": "bent", "drop": "flat"}  # what is made one with others, or changes nothing
    for spec in CONVOLUTIONAL.layers:
        identity, state = lesson_on(experiment, spec.name, 3)
        assert identity == "autoencoder"
        session = open_lesson(chosen, Backend(), state)
        assert session.complaint is None
        trace, name = session.trace, opened.get(spec.name, spec.name)
        part, number = trace.parts[session.place.part], shown.index(name) + 1
        apart = "_apart" if name == "larger" else ""  # of two parts the first
        assert part.name == f"layer_{number}{apart}"
    for at, name in enumerate(shown, start=1):
        values = trace.arrays[f"output_{at}"].values
        assert values.ravel() == pytest.approx(outputs[name].ravel(), abs=1e-5), name
    assert str(trace.stations[5][1]) == "Code"
    loss = np.square(outputs["out"] - experiment.dataset.x_val[3]).mean()
    assert trace.arrays["loss"].values.item() == pytest.approx(loss, rel=1e-5)
    plain = trace.arrays["output_12"].values
    for array, index in (("kernel_1", (1, 1, 0, 2)), ("statistics_3", (0, 1)), ("bias_5", (0, 0))):
        typed = chosen.trace(state.with_cells(array, {index: 3.0}), Backend())
        assert (typed.arrays["output_12"].values != plain).any(), array


def test_what_the_lesson_on_autoencoders_cannot_show_opens_where_it_can() -> None:
    colour = sequential(
        [
            LayerSpec("Conv2D", "conv", {"filters": 2, "kernel_size": 3, "padding": "same"}),
            LayerSpec("Conv2D", "out", {"filters": 3, "kernel_size": 3, "padding": "same"}),
        ],
        shape=(8, 8, 3),
    )
    experiment = _trained(colour, "shapes", "mse", targets="itself", size=8)
    assert lesson_on(experiment, "conv", 0)[0] == "convolution"
    flat = LayerSpec("Flatten", "flat")
    back = LayerSpec("Reshape", "back", {"target_shape": (8, 8, 3)})
    dense = [LayerSpec("Dense", "code", {"units": 2}), LayerSpec("Dense", "d", {"units": 192})]
    experiment = _trained(
        sequential([flat, *dense, back], shape=(8, 8, 3)), "shapes", "mse", targets="itself", size=8
    )
    _, state = lesson_on(experiment, "code", 0)
    trace = lesson("autoencoder").trace(state, Backend())
    assert trace.arrays["input"].shape == (12, 16)
    mixed = sequential([LayerSpec("Conv2D", "conv", {"filters": 3, "kernel_size": 1}), flat, *dense,
                        back], shape=(8, 8, 3))  # fmt: skip
    experiment = _trained(mixed, "shapes", "mse", targets="itself", size=8)
    assert lesson_on(experiment, "code", 0)[0] == "dense"


def test_a_network_of_the_lab_that_is_not_there_is_asked_for() -> None:
    chosen = lesson("autoencoder")
    state = chosen.change(chosen.initial_state(), "network", "lab")
    with pytest.raises(StateError, match="open a layer of an autoencoder there"):
        chosen.trace(state, Backend())


def test_a_sample_that_is_not_there_is_told() -> None:
    experiment = _trained(PICTURES, "digits", "sparse_categorical_crossentropy")
    with pytest.raises(LabError, match="not known for this sample"):
        lesson_on(experiment, "conv", 10_000)
