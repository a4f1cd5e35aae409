"""Descriptions become models, are edited, written and read again."""

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Input, Model, Sequential
from simulator.engine.layers import LSTM, Conv2D, Dense, Flatten, MaxPooling2D
from simulator.formats import building, input_shapes, serialization
from simulator.formats.json_values import SpecError
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec, made

CNN = sequential(
    [
        LayerSpec("Conv2D", "conv2d", {"filters": 4, "kernel_size": (3, 3), "activation": "relu"}),
        LayerSpec("MaxPooling2D", "max_pooling2d", {"pool_size": (2, 2)}),
        LayerSpec("Flatten", "flatten"),
        LayerSpec("Dense", "dense", {"units": 10, "activation": "softmax"}),
    ],
    shape=(8, 8, 1),
)

RESIDUAL = NetworkSpec(
    "functional",
    (InputSpec("input", (6,)),),
    (
        LayerSpec("Dense", "dense", {"units": 6, "activation": "tanh"}, ("input",)),
        LayerSpec("Dense", "dense:1", {}, ("dense",), shared_with="dense"),
        LayerSpec("Add", "add", {}, ("dense:1", "input")),
        LayerSpec("Dense", "dense_1", {"units": 2}, ("add",)),
    ),
    ("dense_1",),
    sequential=False,
)

ENCODER_DECODER = NetworkSpec(
    "seq2seq",
    (InputSpec("encoder_input", (5, 3)), InputSpec("decoder_input", (4, 2))),
    (
        LayerSpec("LSTM", "lstm", {"units": 7, "return_state": True}, ("encoder_input",)),
        LayerSpec(
            "LSTM",
            "lstm_1",
            {"units": 7, "return_sequences": True},
            ("decoder_input", "lstm#1", "lstm#2"),
        ),
        LayerSpec("Dense", "dense", {"units": 2}, ("lstm_1",)),
    ),
    ("dense",),
    sequential=False,
)


def nested(trainable: bool = True) -> NetworkSpec:
    encoder = sequential([LayerSpec("Dense", "dense", {"units": 3})], shape=(4, 8), name="encoder")
    arguments: dict[str, Any] = {"network": serialization.network_to_json(encoder)}
    if not trainable:
        arguments["trainable"] = False
    return sequential(
        [
            LayerSpec("Sequential", "encoder", arguments),
            LayerSpec("Bidirectional", "bidirectional", {"layer": {
                "kind": "GRU", "name": "gru", "arguments": {"units": 5},
            }}),
        ],
        shape=(4, 8),
    )  # fmt: skip


ALL = [CNN, RESIDUAL, ENCODER_DECODER, nested(), nested(trainable=False)]


def test_a_sequential_is_the_one_written_by_hand() -> None:
    ours = building.build(CNN, seed=3)
    by_hand = Sequential(
        [
            Conv2D(4, (3, 3), activation="relu", input_shape=(8, 8, 1)),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dense(10, activation="softmax"),
        ],
        seed=3,
    )
    x = np.random.default_rng(0).random((2, 8, 8, 1), np.float32)
    np.testing.assert_array_equal(ours.predict(x), by_hand.predict(x))


def test_shared_layers_and_branches_are_the_ones_written_by_hand() -> None:
    ours = building.build(RESIDUAL, seed=1)
    shared, entry = Dense(6, activation="tanh"), Input((6,))
    y = Dense(2)(shared(shared(entry)) + entry)
    by_hand = Model(entry, y, seed=1)
    x = np.random.default_rng(0).random((3, 6), np.float32)
    np.testing.assert_array_equal(ours.predict(x), by_hand.predict(x))
    assert len(ours.weights) == 4


def test_states_are_handed_on() -> None:
    ours = building.build(ENCODER_DECODER, seed=1)
    first, second = Input((5, 3)), Input((4, 2))
    _, h, c = LSTM(7, return_state=True)(first)
    y = Dense(2)(LSTM(7, return_sequences=True)(second, initial_state=[h, c]))
    by_hand = Model([first, second], y, seed=1)
    rng = np.random.default_rng(0)
    x = [rng.random((2, 5, 3), np.float32), rng.random((2, 4, 2), np.float32)]
    np.testing.assert_array_equal(ours.predict(x), by_hand.predict(x))


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_facts_are_those_of_the_model(spec: NetworkSpec) -> None:
    model = building.build(spec, seed=0)
    facts = building.facts(spec)
    assert facts.parameters == model.count_params()
    trained = sum(model.weights[name].size for name in model.trainable_names)
    assert facts.trainable == trained
    shapes = {step.key: step.output_shape for step in model.graph.steps}
    for layer in facts.layers:
        shape = layer.output_shapes if len(layer.output_shapes) > 1 else layer.output_shapes[0]
        assert shapes[layer.name] == shape
    of_model = {name: weight.shape for name, weight in model.weights.items()}
    told = {
        f"{layer.name}/{name}": shape
        for layer in facts.layers
        for name, shape in layer.weights.items()
    }
    assert told == of_model


def test_vgg16_has_as_many_parameters_as_keras_counts() -> None:
    group = LayerSpec("VGG16", "vgg16", {"include_top": False, "trainable": False})
    spec = sequential([group, LayerSpec("Flatten", "flatten")], shape=(224, 224, 3))
    facts = building.facts(spec)
    assert facts.parameters == 14_714_688
    assert facts.trainable == 0
    whole = sequential([LayerSpec("VGG16", "vgg16")], shape=(224, 224, 3))
    assert building.facts(whole).parameters == 138_357_544


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_json_there_and_back(spec: NetworkSpec) -> None:
    program = ProgramSpec(
        spec,
        CompileSpec(
            OptimizerSpec("SGD", {"learning_rate": made("ExponentialDecay",
                initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)}),
            made("BinaryCrossentropy", from_logits=True),
            ("accuracy", made("Precision", thresholds=0.4)),
        ),
        FitSpec(3, 8, 0.25, callbacks=(made("EarlyStopping", patience=2),)),
        seed=7,
    )  # fmt: skip
    text = json.dumps(serialization.to_json(program))
    assert serialization.from_json(json.loads(text)) == program


@pytest.mark.parametrize(
    "compiled",
    [
        CompileSpec(loss=("mse", made("Huber", delta=0.5)), loss_weights=(1.0, 0.5)),
        CompileSpec(
            loss={"a": "mse", "b": None}, loss_weights={"a": 2.0}, metrics={"a": ("mae",), "b": ()}
        ),
        CompileSpec(metrics=(("mae",), ("mse", made("Precision", thresholds=0.4)))),
        CompileSpec(loss_weights=0.5),
    ],
)
def test_what_each_output_is_trained_for_there_and_back(compiled: CompileSpec) -> None:
    program = ProgramSpec(CNN, compiled)
    stored = json.loads(json.dumps(serialization.to_json(program)))
    assert serialization.from_json(stored) == program


def test_descriptions_of_the_first_version_are_read() -> None:
    program = ProgramSpec(CNN, CompileSpec(metrics=("accuracy",)))
    stored = json.loads(json.dumps(serialization.to_json(program)))
    stored["version"] = 1
    del stored["compile"]["loss_weights"]  # which it did not have
    assert serialization.from_json(stored) == program


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("network", "layers", 3, "arguments", "units"), -1, "program.network.layers[3].arguments"),
        (("network", "layers", 0, "kind"), "Conv9D", "program.network.layers[0].arguments"),
        (("network", "layers", 1, "inputs"), ["nobody"], "program.network.layers[1].inputs"),
        (("network", "inputs", 0, "shape"), [8, -8], "program.network.inputs[0].shape"),
        (("network", "outputs"), "dense", "program.network.outputs"),
        (("compile", "loss"), "mze", "program.compile.loss"),
        (("compile", "loss"), {"out": "mse", "other": 3}, "program.compile.loss"),
        (("compile", "loss_weights"), [1, "much"], "program.compile.loss_weights"),
        (("compile", "loss_weights"), {"out": 10**400}, "program.compile.loss_weights.out"),
        (("compile", "metrics"), "accuracy", "program.compile.metrics"),
        (("compile", "metrics"), [["accuracy", "mistakes"]], "program.compile.metrics"),
        (("compile", "optimizer", "kind"), "Adm", "program.compile.optimizer"),
        (("fit", "epochs"), 0, "program.fit.epochs"),
        (("fit", "validation_split"), 1.5, "program.fit.validation_split"),
        (("seed",), "x", "program.seed"),
        (("version",), 99, "program.version"),
        (("more",), 1, "program.more"),
    ],
)
def test_damaged_json_is_refused_by_place(path: Any, value: Any, place: str) -> None:
    stored = json.loads(json.dumps(serialization.to_json(ProgramSpec(CNN))))
    inner = stored
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(SpecError) as caught:
        serialization.from_json(stored)
    assert caught.value.place == place
    assert place.rpartition(".")[2] in str(caught.value)


def test_edits_of_a_chain() -> None:
    dropout = LayerSpec("Dropout", "dropout", {"rate": 0.5})
    added = CNN.with_layer_added(dropout, 3)
    assert [layer.name for layer in added.layers] == [
        "conv2d", "max_pooling2d", "flatten", "dropout", "dense",
    ]  # fmt: skip
    assert added.layer("dense").inputs == ("dropout",)
    assert added.with_layer_removed("dropout") == CNN
    moved = added.with_layer_moved("dropout", 0)
    assert moved.layers[0].name == "dropout"
    assert moved.layer("conv2d").inputs == ("dropout",)
    assert moved.with_layer_moved("dropout", 3) == added
    last = CNN.with_layer_added(LayerSpec("Dense", "dense", {"units": 2}), 4)
    assert last.outputs == ("dense_1",)
    assert last.with_layer_removed("dense_1") == CNN
    wider = CNN.with_argument("dense", "units", 12)
    assert building.facts(wider).layers[-1].output_shapes == ((12,),)
    for spec in (added, moved, last, wider):
        building.build(spec, seed=0)


def test_edits_of_a_graph() -> None:
    removed = RESIDUAL.with_layer_removed("dense:1")
    assert removed.layer("add").inputs == ("dense", "input")
    without = RESIDUAL.with_layer_removed("dense")
    assert [layer.name for layer in without.layers] == ["add", "dense_1"]
    added = RESIDUAL.with_layer_added(LayerSpec("Dropout", "dropout", {"rate": 0.1}), 3)
    assert added.layer("dense_1").inputs == ("dropout",)
    assert added.layer("dropout").inputs == ("add",)
    for spec in (removed, without, added):
        building.build(spec, seed=0)


def test_what_does_not_hang_together_is_refused() -> None:
    with pytest.raises(SpecError, match="Two layers are called 'a'"):
        sequential([LayerSpec("Flatten", "a"), LayerSpec("Flatten", "a")], shape=(1,))
    with pytest.raises(SpecError, match="no output"):
        NetworkSpec("n", (InputSpec("i", (1,)),), (), (), sequential=False)
    with pytest.raises(SpecError, match="'flatten' reads 'x'"):
        NetworkSpec("n", (InputSpec("i", (1,)),), (LayerSpec("Flatten", "flatten", {}, ("x",)),),
                    ("flatten",), sequential=False)  # fmt: skip


def test_shapes_that_do_not_fit_name_the_layer() -> None:
    spec = CNN.with_argument("conv2d", "kernel_size", 9)
    for function in (building.facts, building.build):
        with pytest.raises(SpecError) as caught:
            function(spec)
        assert caught.value.layer == "conv2d"


def test_an_unknown_input_shape_waits_for_data() -> None:
    spec = CNN.with_input_shape(None)
    model = building.build(spec, seed=0)
    with pytest.raises(ValueError, match="has not been built"):
        _ = model.graph
    with pytest.raises(SpecError, match="not known yet"):
        building.facts(spec)


def test_compiling() -> None:
    model = building.build(CNN, seed=0)
    schedule = made("ExponentialDecay", initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)
    optimizer = OptimizerSpec("SGD", {"learning_rate": schedule, "momentum": 0.9})
    spec = CompileSpec(optimizer, "sparse_categorical_crossentropy", ("accuracy",))
    building.compile_model(model, spec)
    rng = np.random.default_rng(0)
    history = model.fit(rng.random((8, 8, 8, 1)), rng.integers(0, 10, 8), epochs=2, verbose=0)
    assert set(history.history) == {"loss", "accuracy"}
    with pytest.raises(SpecError, match="did you mean 'adam'"):
        building.compile_model(model, CompileSpec(OptimizerSpec("Adan")))


def test_a_layer_is_doubled_with_weights_of_its_own() -> None:
    doubled = CNN.with_layer_doubled(CNN.layers[0].name)
    first, second = doubled.layers[:2]
    assert second.inputs == (first.name,)
    assert (first.kind, dict(first.arguments)) == (second.kind, dict(second.arguments))
    assert doubled.with_layer_removed(second.name) == CNN
    join = next(layer.name for layer in RESIDUAL.layers if len(layer.inputs) > 1)
    with pytest.raises(SpecError, match="joins 2 layers"):
        RESIDUAL.with_layer_doubled(join)
    with pytest.raises(SpecError, match="joins 2 layers, and can't be moved"):
        RESIDUAL.with_layer_moved(join, 0)


def test_a_layer_reads_something_else_unless_another_is_left_over() -> None:
    join = next(layer for layer in RESIDUAL.layers if len(layer.inputs) > 1)
    entry = RESIDUAL.inputs[0].name
    with pytest.raises(SpecError, match="Nothing would read"):
        RESIDUAL.with_sources(join.name, (entry, entry))
    with pytest.raises(SpecError, match="which is no input and no layer before it"):
        RESIDUAL.with_sources(join.name, ("nowhere",))
    turned = RESIDUAL.with_sources(join.name, reversed(join.inputs))
    assert turned.with_sources(join.name, join.inputs) == RESIDUAL


def test_a_layer_added_after_one_with_states_leaves_the_states_where_they_are_read() -> None:
    layers = (
        LayerSpec("LSTM", "lstm", {"units": 2, "return_state": True}, ("in",)),
        LayerSpec("Concatenate", "join", {}, ("lstm", "lstm#1")),
    )
    network = NetworkSpec("net", (InputSpec("in", (3, 1)),), layers, ("join",), sequential=False)
    after = network.with_layer_added(LayerSpec("Dropout", "dropout", {"rate": 0.1}), 1)
    assert after.layer("join").inputs == ("dropout", "lstm#1")
    building.facts(after)


@given(
    st.one_of(
        st.none(),
        st.lists(st.one_of(st.none(), st.integers(1, 10**7)), min_size=1, max_size=5).map(tuple),
    )
)
def test_shapes_are_read_as_they_are_written(shape: tuple[int | None, ...] | None) -> None:
    assert input_shapes.parsed(input_shapes.written(shape)) == shape


@given(st.text(max_size=20))
def test_any_text_is_a_shape_or_refused(text: str) -> None:
    with suppress(SpecError):
        input_shapes.parsed(text)
