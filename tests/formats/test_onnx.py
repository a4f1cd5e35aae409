"""ONNX files: they compute what the simulator computes, and come back as they went out."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.cli import main
from simulator.engine.backends.base import Backend
from simulator.formats import building, exports, onnx_file, onnx_reader, presets
from simulator.formats.exports import ExportError, onnx_network
from simulator.formats.network import NetworkSpec
from simulator.formats.onnx_graph import Array, Graph, Node, OnnxError, Port
from simulator.formats.onnx_reader import from_bytes
from tests.formats.notes import NOTES
from tests.formats.test_exports import PROGRAMS, TOLERANCE, filled, program_of, samples

pytest.importorskip("onnx")

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "values" / "onnx.npz"

SOURCES = {
    **{name: source for name, source in PROGRAMS.items() if name not in ("dense", "loops")},
    **{
        f"dense {name}": PROGRAMS["dense"].format(name)
        for name in ("elu", "selu", "gelu", "softplus", "swish", "softmax", "leaky_relu")
    },
    **{
        name: NOTES[name].source
        for name in ("residual", "sequence to sequence", "networks within a network", "autoencoder")
    },
    "other cells": """
m = Sequential([Input((6, 3)), LSTM(5, activation="relu", return_sequences=True),
  GRU(4, reset_after=False, return_sequences=True), SimpleRNN(4, activation="softsign",
  return_sequences=True), GRU(4, activation="elu", recurrent_activation="softplus",
  return_sequences=True), LSTM(3, use_bias=False, unit_forget_bias=False, go_backwards=True)])""",
    "states": """
i = Input((5, 3))
y, h, c = LSTM(4, return_sequences=True, return_state=True)(i)
g = GRU(4, go_backwards=True)(y, initial_state=[h])
m = Model(i, [Add()([g, c]), y])""",
    "a lottery": "m = Sequential([Input((7, 7, 2)), StochasticPooling2D(2, padding='same')])",
    "any size": """
m = Sequential([Input((None, None, 2)), Conv2D(3, 3, strides=2, padding="same"),
  MaxPooling2D(3, strides=2, padding="same"), GlobalMaxPooling2D(keepdims=True)])""",
    "other axes": """
m = Sequential([Input((4, 5, 3)), BatchNormalization(axis=1), BatchNormalization(axis=2),
  LayerNormalization(axis=2), Softmax(axis=1), ReLU(threshold=0.3, negative_slope=0.1)])""",
}


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_file_computes_the_same_and_comes_back_as_it_was(name: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    program = program_of(SOURCES[name])
    model = filled(program)
    content = onnx_network.write_model(program, model.weights, "network")[".onnx"]
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    x = samples(program.network)
    theirs = session.run(None, dict(zip((e.name for e in session.get_inputs()), x, strict=True)))
    ours = model.predict(x if len(x) > 1 else x[0])
    ours = ours if isinstance(ours, list | tuple) else [ours]
    for one, other in zip(theirs, ours, strict=True):
        assert one.shape == other.shape
        assert np.abs(other).max() > 1e-3
        np.testing.assert_allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE)
    project = from_bytes(content)
    assert project.program == program
    assert list(project.weights) == list(model.weights)
    for key, weight in model.weights.items():
        np.testing.assert_array_equal(project.weights[key], weight, err_msg=key)


def run(project: Any, x: Array) -> Array:
    model = building.build(project.program.network, seed=0, backend=Backend())
    for key, weight in model.weights.items():
        weight[...] = project.weights[key]
    found: Array = model.predict(x)
    return found


@pytest.mark.parametrize(
    "name",
    ["dense gelu", "dense swish", "pictures", "letters", "branches", "residual", "autoencoder"],
)
def test_without_its_note_a_file_is_read_node_by_node(name: str) -> None:
    program = program_of(SOURCES[name])
    model = filled(program)
    graph, _ = onnx_network.graph_of(program, model.weights)
    project = from_bytes(onnx_file.to_bytes(replace(graph, notes={})))
    x = samples(program.network)[0]
    np.testing.assert_allclose(run(project, x), model.predict(x), rtol=TOLERANCE, atol=TOLERANCE)


def test_what_another_program_has_changed_is_not_lost() -> None:
    """Trained on elsewhere, the weights are the new ones; with other nodes the note is void."""
    program = presets.PRESETS["circle"].program
    weights = building.build(program.network, seed=0).weights
    graph, _ = onnx_network.graph_of(program, weights)
    name = next(iter(graph.constants))
    changed = {**graph.constants, name: graph.constants[name] + 1}
    project = from_bytes(onnx_file.to_bytes(replace(graph, constants=changed)))
    assert project.program == program
    np.testing.assert_array_equal(project.weights[name], weights[name] + 1)
    kinds = {"Tanh": "Relu", "Relu": "Tanh"}
    nodes = tuple(replace(node, kind=kinds.get(node.kind, node.kind)) for node in graph.nodes)
    project = from_bytes(onnx_file.to_bytes(replace(graph, nodes=nodes)), "other.onnx")
    assert project.program.network.name == "other"
    before = [layer.arguments.get("activation") for layer in program.network.layers]
    after = [layer.arguments.get("activation") for layer in project.program.network.layers]
    assert after == [kinds.get(str(each).capitalize(), str(each)).lower() for each in before]


with np.load(GOLDEN) as _arrays:
    TORCH = {key: _arrays[key] for key in _arrays.files}


@pytest.mark.parametrize("name", [key.removesuffix("/file") for key in TORCH if key.endswith("e")])
def test_networks_of_pytorch_put_out_the_same_here(name: str) -> None:
    """Pictures have their channels first there and last here, and so have sequences for Conv1d."""
    project = from_bytes(TORCH[f"{name}/file"].tobytes(), "torch.onnx")
    x, y = TORCH[f"{name}/x"], TORCH[f"{name}/y"]
    if x.ndim == 4 or name == "time":
        x = np.moveaxis(x, 1, -1)
    if y.ndim == 4:
        y = np.moveaxis(y, 1, -1)
    found = run(project, x.astype(np.float32))
    np.testing.assert_allclose(found, y, rtol=TOLERANCE, atol=TOLERANCE)


def test_a_network_of_pytorch_looks_like_one_of_keras() -> None:
    network = from_bytes(TORCH["pictures/file"].tobytes(), "a b-1.onnx").program.network
    assert network.name == "a_b_1"
    assert network.sequential
    assert network.inputs[0].shape == (11, 15, 3)
    assert [(layer.name, layer.arguments.get("activation")) for layer in network.layers] == [
        ("conv2d", "relu"), ("max_pooling2d", None), ("conv2d_1", "relu"),
        ("zero_padding2d", None), ("max_pooling2d_1", None), ("flatten", None), ("dense", None),
    ]  # fmt: skip
    compiled = from_bytes(TORCH["dense/file"].tobytes()).program.compile
    assert compiled.loss == "sparse_categorical_crossentropy"


def graph(*nodes: Node, shape: tuple[Any, ...] = ("batch", 3, 6, 6), **constants: Any) -> bytes:
    """The bytes of a graph whose nodes read x, each the one before it, and then constants."""
    chained, before = [], "x"
    for number, node in enumerate(nodes):
        name = f"y{number}"
        chained.append(replace(node, inputs=(before, *node.inputs), outputs=(name,), name=node.name
                               or f"{node.kind.lower()}_{number}"))  # fmt: skip
        before = name
    arrays = {name: np.asarray(value) for name, value in constants.items()}
    return onnx_file.to_bytes(
        Graph("g", (Port("x", "float32", shape),), (Port(before, "float32", None),),
              tuple(chained), arrays)
    )  # fmt: skip


def node(kind: str, *inputs: str, name: str = "", **attributes: Any) -> Node:
    return Node(kind, inputs, (), attributes, name)


ONES = np.ones((4, 3, 3, 3), np.float32)
LINES = [
    ("SomethingElse", graph(node("SomethingElse", name="the odd one")), "'the odd one'.*not known"),
    ("padding", graph(node("Conv", "w", pads=(2, 0, 1, 1)), node("MaxPool", kernel_shape=(3, 3),
     pads=(2, 2, 2, 2)), w=ONES), "maxpool_1.*may be negative"),
    ("groups", graph(node("Conv", "w", group=2), w=ONES), "conv_0.*3 channels, 2 groups"),
    ("a constant added", graph(node("Add", "b"), b=np.ones(6, np.float32)), "add_0.*bias"),
    ("resize", graph(node("Resize", "", "s", mode="linear"), s=np.float32([1, 1, 2, 2])),
     "resize_0.*neighbouring"),
    ("half", graph(node("Resize", "", "s"), s=np.float32([1, 1, 1.5, 2])), "resize_0.*whole"),
    ("sizes", graph(node("MatMul", "w"), w=np.ones((5, 2), np.float32), shape=("b", 3)),
     "matmul_0.*5 rows for 3"),
    ("batch", graph(node("Reshape", "s"), s=np.int64([-1, 27])), "reshape_0.*number of samples"),
    ("swapped", graph(node("Transpose", perm=(1, 0, 2, 3)), node("Conv", "w"), w=ONES),
     "conv_1.*samples of a batch"),
    ("scalar", graph(node("Relu"), shape=("b",)), "input 'x' must have a batch"),
    ("attribute", graph(node("Softmax", axis=2.5)), "softmax_0.*axis = 2.5"),
    ("no such value", graph(node("Conv", "v"), w=ONES), "conv_0.*'v'.*nothing before"),
    ("window", graph(node("MaxPool", kernel_shape=(9, 9))), "maxpool_0.*windows"),
    ("peepholes", graph(node("LSTM", "w", "r", "", "", "", "", "p"), shape=(4, "b", 3),
     w=np.ones((1, 8, 3), np.float32), r=np.ones((1, 8, 2), np.float32),
     p=np.ones((1, 6), np.float32)), "lstm_0.*peepholes"),
    ("gate", graph(node("GRU", "w", "r", activations=("HardSigmoid", "Tanh")), shape=(4, "b", 3),
     w=np.ones((1, 6, 3), np.float32), r=np.ones((1, 6, 2), np.float32)), "gru_0.*HardSigmoid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"), [line[1:] for line in LINES], ids=[e[0] for e in LINES]
)
def test_what_is_not_known_is_refused_by_the_name_of_its_node(content: bytes, told: str) -> None:
    with pytest.raises(OnnxError, match=told) as caught:
        from_bytes(content, "odd.onnx")
    assert str(caught.value).startswith("odd.onnx cannot be opened: ")
    assert "\n" not in str(caught.value)


def test_windows_with_other_borders_get_zeros_around() -> None:
    project = from_bytes(graph(node("Conv", "w", pads=(2, 0, 1, 1), strides=(2, 2)), w=ONES))
    kinds = [
        (layer.kind, layer.arguments.get("padding")) for layer in project.program.network.layers
    ]
    assert kinds == [("ZeroPadding2D", ((2, 1), (0, 1))), ("Conv2D", None)]


SMALL = graph(node("Conv", "w"), node("Flatten"), node("Gemm", "k", "b"), w=ONES,
              k=np.ones((64, 2), np.float32), b=np.zeros(2, np.float32))  # fmt: skip


@pytest.mark.parametrize("length", [0, 1, 20, 300, len(SMALL) // 2, len(SMALL) - 1])
def test_a_file_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(OnnxError, match="cannot be opened"):
        from_bytes(SMALL[:length])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whatever happens to bytes, there is a network at the end or one line that says why not."""
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        # Most bytes are numbers of the weights: what describes them is hit more often.
        place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 400))
        content[place] = data.draw(st.integers(0, 255))
    try:
        project = from_bytes(bytes(content))
    except OnnxError as error:
        told = str(error)
    else:
        told = ""
        building.facts(project.program.network)
    assert "\n" not in told


def test_names_that_are_no_text_and_sizes_beyond_bounds_are_refused() -> None:
    with pytest.raises(OnnxError, match="is no text"):
        from_bytes(SMALL.replace(b"gemm_2", b"gemm\xff2"))
    huge = graph(node("Conv", "w"), node("Flatten"), w=ONES, shape=("b", 3, 10**5, 10**5))
    with pytest.raises(OnnxError, match=r"flatten_1.*beyond all bounds"):
        from_bytes(huge)


def test_lengths_that_lie_and_other_files_are_not_followed(tmp_path: Path) -> None:
    onnx: Any = sys.modules["onnx"]
    model = onnx.load_from_string(SMALL)
    model.graph.initializer[0].dims[0] = 2**40
    with pytest.raises(OnnxError, match=r"'w'.*damaged.*shape"):
        from_bytes(model.SerializeToString())
    model.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value=str(tmp_path / "secret"))
    with pytest.raises(OnnxError, match=r"'w'.*another file"):
        from_bytes(model.SerializeToString())
    with pytest.raises(OnnxError, match="cannot be opened"):
        onnx_reader.load(tmp_path / "none.onnx")


def test_without_the_package_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    program = presets.PRESETS["circle"].program
    weights = building.build(program.network, seed=0).weights
    with pytest.raises(ExportError, match=r"pip install .*\[onnx\]"):
        exports.export(program, weights, tmp_path / "network.onnx", "onnx")
    with pytest.raises(OnnxError, match=r"pip install .*\[onnx\]"):
        from_bytes(b"")


def test_a_layer_without_a_counterpart_is_named(tmp_path: Path) -> None:
    program = program_of("m = Sequential([Input((5, 2)), LSTM(3, activation='selu', name='odd')])")
    weights = building.build(program.network, seed=0).weights
    with pytest.raises(ExportError, match=r"odd.*selu.*use one of") as caught:
        exports.export(program, weights, tmp_path / "network.onnx", "onnx")
    assert caught.value.layer == "odd"
    source = "m = Sequential([Input((5,)), Embedding(9, 2, mask_zero=True, name='odd'), LSTM(3)])"
    program = program_of(source)
    weights = building.build(program.network, seed=0).weights
    with pytest.raises(ExportError, match=r"odd.*mask_zero"):
        exports.export(program, weights, tmp_path / "network.onnx", "onnx")
    assert list(tmp_path.iterdir()) == []


def test_the_same_network_makes_the_same_bytes(tmp_path: Path) -> None:
    program = presets.PRESETS["circle"].program
    weights = building.build(program.network, seed=0).weights
    paths = [tmp_path / "a b.onnx", tmp_path / "c.onnx"]
    for path in paths:
        assert exports.export(program, weights, path, "onnx") == (path,)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_network_of_a_file_is_trained_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = presets.PRESETS["circle"].program
    network: NetworkSpec = program.network
    weights = building.build(network, seed=0).weights
    path = tmp_path / "circle.onnx"
    exports.export(program, weights, path, "onnx")
    place = tmp_path / "after.simulator"
    words = ["train", str(path), "--data", "circle", "--set", "samples=40", "--epochs", "2"]
    assert main([*words, "--save", str(place)]) == 0
    assert "Epoch 2/2" in capsys.readouterr().out
    (tmp_path / "broken.onnx").write_bytes(path.read_bytes()[:100])
    assert main(["train", str(tmp_path / "broken.onnx"), "--data", "circle"]) == 2
    assert "broken.onnx cannot be opened" in capsys.readouterr().err
