"""Exported programs put out what the simulator's network puts out, to 1e-5."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.engine import Model
from simulator.engine.backends.base import Backend
from simulator.engine.training import BatchEnd
from simulator.formats import building, presets
from simulator.formats.exports import ExportError, export
from simulator.formats.keras_reader import read
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.formats.program import CompileSpec, OptimizerSpec, ProgramSpec, made
from simulator.lab import Experiment, SetLearningRate, exporting
from simulator.lab.projects import own_data
from tests.formats.notes import NOTES
from tests.lab.programs import moons

TOLERANCE = 1e-5

PROGRAMS: dict[str, str] = {
    "dense": "m = Sequential([Dense(7, activation='{}', input_shape=(5,)), Dense(3)])",
    "pictures": """
m = Sequential([Input((11, 9, 3)),
  Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="relu"),
  MaxPooling2D(3, strides=2, padding="same"),
  DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
  AveragePooling2D(2, strides=1),
  ZeroPadding2D(((1, 0), (2, 1))),
  Conv2D(6, 2, dilation_rate=2, use_bias=False, activation="leaky_relu"),
  BatchNormalization(), Dropout(0.3), LayerNormalization(), UpSampling2D((2, 1)),
  Conv2DTranspose(3, 3, strides=2, padding="same"), Conv2DTranspose(2, 2, strides=3),
  Conv2DTranspose(2, (3, 2), activation="tanh"),
  Flatten(), Dense(4, activation="softmax")])""",
    "p-norm": """
m = Sequential([Input((7, 7, 2)), AveragePooling2D(2, strides=1, padding="same"),
  LpPooling2D(2, order=3)])""",
    "small pictures": """
m = Sequential([Input((8, 8, 4)), Conv2D(8, 3, groups=2, activation="elu"),
  UpSampling2D(2), Activation("softmax"), ReLU(6.0, 0.1),
  GaussianNoise(0.1), LeakyReLU(0.2), Softmax(), Permute((3, 1, 2)), Reshape((8, -1)),
  GlobalMaxPooling1D()])""",
    "time": """
m = Sequential([Input((12, 3)), Conv1D(4, 3, padding="causal", dilation_rate=2),
  MaxPooling1D(2, padding="same"), Conv1D(5, 4, padding="same", activation="gelu"),
  AveragePooling1D(3, strides=2), GlobalAveragePooling1D(), RepeatVector(4),
  LSTM(6, return_sequences=True), GRU(5, return_sequences=True, go_backwards=True),
  SimpleRNN(4, return_sequences=True, activation="relu"),
  TimeDistributed(Dense(3, activation="tanh")), GRU(3, dropout=0.2)])""",
    "padded means": """
m = Sequential([Input((12, 3)), AveragePooling1D(3, strides=2, padding="same"),
  AveragePooling1D(2, strides=1, padding="same")])""",
    "loops": """
m = Sequential([Input((6, 3)), LSTM(5, activation="relu", return_sequences=True),
  GRU(4, reset_after=False, return_sequences=True), SimpleRNN(4, activation="softsign",
  return_sequences=True), GRU(4, activation="selu", recurrent_activation="softplus",
  return_sequences=True), LSTM(3, use_bias=False, unit_forget_bias=False)])""",
    "both ways": """
m = Sequential([Input((6, 3)), Bidirectional(LSTM(4, return_sequences=True)),
  Bidirectional(GRU(3, return_sequences=True), merge_mode="sum"),
  Bidirectional(SimpleRNN(3, activation="elu", return_sequences=True), merge_mode="ave"),
  Bidirectional(LSTM(2, activation="relu"), merge_mode="mul")])""",
    "letters": "m = Sequential([Input((7,)), Embedding(9, 4), GlobalAveragePooling1D(), Dense(2)])",
    "pictures over time": """
m = Sequential([Input((3, 6, 6, 2)), TimeDistributed(Conv2D(2, 3, activation="relu")),
  TimeDistributed(Flatten()), LSTM(3)])""",
    "attention": """
i = Input((5, 8))
a = MultiHeadAttention(num_heads=2, key_dim=3)(i, i)
x = LayerNormalization()(i + a)
m = Model(i, Dense(4)(x))""",
    "branches": """
i = Input((8, 8, 3))
a = Conv2D(4, 3, padding="same")(i)
b = Conv2D(4, 1)(i)
c = Maximum()([a, b])
d = concatenate([a, b, c])
e = multiply([a, c]) - b
f = Average()([e, a, Minimum()([b, c])])
g = GlobalAveragePooling2D()(d)
h = Dense(5)(Flatten()(f))
m = Model(i, Concatenate()([g, h]))""",
}


def program_of(source: str) -> ProgramSpec:
    reading = read(source)
    assert reading.program is not None, reading.problems
    return reading.program


def all_programs() -> Iterator[Any]:
    for activation in ("relu", "elu", "selu", "gelu", "softplus", "softsign", "swish", "softmax",
                       "tanh", "leaky_relu", "linear", "sigmoid"):  # fmt: skip
        source = PROGRAMS["dense"].format(activation)
        yield pytest.param(source, id=f"dense {activation}")
    for name, source in PROGRAMS.items():
        if name != "dense":
            yield pytest.param(source, id=name)
    for name in ("residual", "sequence to sequence", "networks within a network", "regularized",
                 "bidirectional", "lstm forecast", "made-up sequences", "autoencoder"):  # fmt: skip
        yield pytest.param(NOTES[name].source, id=name)


def filled(program: ProgramSpec) -> Model:
    """The model with weights that are nowhere 0, moving statistics included. It computes as the
    reference does, so that nothing has to be compiled.
    """
    model = building.build(program.network, seed=3, backend=Backend())
    rng = np.random.default_rng(4)
    for name, weight in model.weights.items():
        weight[...] += rng.uniform(0.01, 0.2, weight.shape)
        assert np.isfinite(weight).all(), name
    return model


def samples(network: NetworkSpec, count: int = 3) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(5)
    arrays = []
    for entry in network.inputs:
        shape = (count, *(length or 5 for length in entry.shape or ()))
        if network.layers[0].kind == "Embedding":
            arrays.append(rng.integers(0, 8, shape).astype(np.float32))
        else:
            arrays.append(rng.normal(size=shape).astype(np.float32))
    return arrays


def imported(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("source", list(all_programs()))
def test_pytorch_puts_out_the_same(source: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    program = program_of(source)
    model = filled(program)
    export(program, model.weights, tmp_path / "network.py", "pytorch")
    network = imported(tmp_path / "network.py").load_network()
    network.eval()
    x = samples(program.network)
    ours = model.predict(x if len(x) > 1 else x[0])
    with torch.no_grad():
        theirs = network(*map(torch.from_numpy, x)).numpy()
    assert theirs.shape == ours.shape
    assert np.abs(ours).max() > 1e-3
    np.testing.assert_allclose(theirs, ours, rtol=TOLERANCE, atol=TOLERANCE)


# The p-norm is not in Keras, and its backends disagree on means of windows beside the edge.
IN_KERAS = [each for each in all_programs() if each.id not in ("p-norm", "padded means")]


# Keras on PyTorch has not taken on NumPy's newest way of asking for an array.
OF_KERAS = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@OF_KERAS
@pytest.mark.parametrize("source", IN_KERAS)
def test_keras_puts_out_the_same(source: str, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    program = program_of(source)
    model = filled(program)
    export(program, model.weights, tmp_path / "network.py", "keras")
    network = imported(tmp_path / "network.py").load_network()
    x = samples(program.network)
    ours = model.predict(x if len(x) > 1 else x[0])
    theirs = np.asarray(network.predict(x if len(x) > 1 else x[0], verbose=0))
    np.testing.assert_allclose(theirs, ours, rtol=TOLERANCE, atol=TOLERANCE)


def trainable(program: ProgramSpec, tmp_path: Path, framework: str) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 2)).astype(np.float32)
    y = (x[:, :1] * x[:, 1:] > 0).astype(np.float32)
    data = {"x": x, "y": y, "x_val": x[:16], "y_val": y[:16]}
    model = building.build(program.network, seed=1)
    path = tmp_path / "network.py"
    files = export(program, model.weights, path, framework, data)
    assert [each.name for each in files] == ["network.npz", "network.py", "network_data.npz"]
    return path


LOSSES = [
    ("mse", 1, None), ("mae", 1, None), (made("Huber", delta=0.5), 1, "tanh"),
    ("binary_crossentropy", 1, "sigmoid"),
    (made("BinaryCrossentropy", from_logits=True), 1, None),
    ("sparse_categorical_crossentropy", 3, "softmax"),
    (made("SparseCategoricalCrossentropy", from_logits=True), 3, None),
    ("categorical_crossentropy", 3, "softmax"),
    (made("CategoricalCrossentropy", from_logits=True), 3, None),
    ("kl_divergence", 3, "softmax"), ("hinge", 1, "tanh"),
]  # fmt: skip


CURVES = [
    *((*each, "Adam") for each in LOSSES),
    *((*LOSSES[0], kind) for kind in ("SGD", "RMSprop", "AdamW", "Adagrad", "Nadam")),
]


@pytest.mark.parametrize(("loss", "units", "activation", "kind"), CURVES)
def test_pytorch_follows_the_same_loss_curve(
    loss: Any, units: int, activation: str | None, kind: str, tmp_path: Path
) -> None:
    """Five steps with the whole of the data at once."""
    torch = pytest.importorskip("torch")
    layers = [
        LayerSpec("Dense", "dense", {"units": 6, "activation": "tanh"}, ("input_layer",)),
        LayerSpec("Dense", "dense_1", {"units": units, "activation": activation}, ("dense",)),
    ]
    program = presets.PRESETS["circle"].program
    network = NetworkSpec("sequential", program.network.inputs, tuple(layers), ("dense_1",))
    compiled = CompileSpec(OptimizerSpec(kind, {"learning_rate": 0.01}), loss, ())
    program = replace(program, network=network, compile=compiled)
    model = building.build(network, seed=1)
    building.compile_model(model, compiled)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 2)).astype(np.float32)
    y: Any = rng.integers(0, units, 32) if units > 1 else rng.integers(0, 2, (32, 1))
    if loss in ("categorical_crossentropy", "kl_divergence") or "'Cat" in str(loss):
        y = np.eye(units, dtype=np.float32)[y]
    export(program, model.weights, tmp_path / "network.py", "pytorch")
    module = imported(tmp_path / "network.py")
    theirs = module.load_network()
    parameters = list(theirs.parameters())
    make = (tmp_path / "network.py").read_text(encoding="utf-8").split("optimizer = ")[1]
    optimizer = eval(make.split("\n")[0], {"torch": torch, "parameters": parameters})
    losses = []
    for _ in range(5):
        value = module.loss_of(theirs(torch.from_numpy(x)), torch.from_numpy(y))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    ours = model.fit(x, y, epochs=5, batch_size=32, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, ours, rtol=2e-5)


TWO_HEADS = """
i = Input((3,))
x = Dense(5, activation="tanh")(i)
number = Dense(2, name="number")(x)
kind = Dense(3, activation="softmax", name="kind")(x)
m = Model(i, [number, kind])
m.compile(Adam(0.01), {"kind": "sparse_categorical_crossentropy", "number": "mse"},
          loss_weights={"number": 0.25, "kind": 2}, metrics={"kind": ["accuracy"]})
m.fit(np.random.normal(size=(40, 3)), [np.random.normal(size=(40, 2)),
      np.random.randint(0, 3, (40,))], epochs=5, batch_size=40, shuffle=False)
"""


def test_pytorch_follows_the_weighted_losses_of_several_outputs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    program = program_of(TWO_HEADS)
    experiment = Experiment(program, arrays=own_data(program), backend="numpy")
    exporting.export(experiment, tmp_path / "network.py", "pytorch")
    module = imported(tmp_path / "network.py")
    theirs = module.load_network()
    train, held = module.load_data()
    assert held is None
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01, eps=1e-7)
    losses = []
    for _ in range(5):
        y, target = module.answered(theirs, train[:], "cpu")
        value = module.loss_of(y, target)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    share = module.right(*module.answered(theirs, train[:], "cpu")).item()
    ours = [each.logs["loss"] for each in experiment.run_for(batches=5)
            if isinstance(each, BatchEnd)]  # fmt: skip
    np.testing.assert_allclose(losses, ours, rtol=2e-5)
    run = experiment.timeline.run.data
    answers = experiment.model.predict(run.x[0])[1].argmax(axis=1)
    assert share == pytest.approx(np.mean(answers == run.y[1]))


@OF_KERAS
def test_keras_follows_the_weighted_losses_of_several_outputs(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    program = program_of(TWO_HEADS)
    experiment = Experiment(program, arrays=own_data(program), backend="numpy")
    exporting.export(experiment, tmp_path / "network.py", "keras")
    module = imported(tmp_path / "network.py")
    module.main()
    trained = keras.saving.load_model(tmp_path / "network_trained.keras")
    experiment.run_for(epochs=5)
    x = experiment.timeline.run.data.x[0]
    for theirs, ours in zip(trained.predict(x, verbose=0), experiment.model.predict(x),
                            strict=True):  # fmt: skip
        np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-5)


def test_what_was_changed_on_the_way_and_the_data_are_exported(tmp_path: Path) -> None:
    program, dataset = moons(samples=40, validation_split=0.25)
    experiment = Experiment(program, dataset, backend="numpy")
    experiment.do(SetLearningRate(0.125))
    files, said = exporting.export(experiment, tmp_path / "network.py", "keras")
    assert [each.name for each in files] == ["network.npz", "network.py", "network_data.npz"]
    assert said == ""
    text = (tmp_path / "network.py").read_text(encoding="utf-8")
    assert "learning_rate=0.125" in text
    with np.load(tmp_path / "network_data.npz") as arrays:
        data = dict(arrays)
    assert set(data) == {"x", "y"}, "the program splits them itself"
    np.testing.assert_array_equal(data["x"], dataset.x)
    plain = Experiment(*moons(samples=40), backend="numpy")
    exporting.export(plain, tmp_path / "other.py", "pytorch")
    with np.load(tmp_path / "other_data.npz") as arrays:
        assert set(arrays) == {"x", "y", "x_val", "y_val"}
        np.testing.assert_array_equal(arrays["x_val"], dataset.x_val)
    (file,), _ = exporting.export(plain, tmp_path / "network.onnx", "onnx")
    assert file.name == "network.onnx"


def test_data_beyond_bounds_are_left_out_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_DATA", 100)
    experiment = Experiment(*moons(samples=40), backend="numpy")
    files, said = exporting.export(experiment, tmp_path / "network.py", "pytorch")
    assert [each.name for each in files] == ["network.npz", "network.py"]
    assert "are not in it" in said


def run(command: list[str], tmp_path: Path) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_pytorch_program_trains_on_one_process_and_on_two(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = trainable(presets.PRESETS["exclusive-or"].program, tmp_path, "pytorch")
    alone = run([str(path), "--epochs", "4"], tmp_path).strip().split("\n")
    assert len(alone) == 4
    assert "validation loss" in alone[0]
    assert "accuracy" in alone[0]
    first, last = (float(line.split("loss ")[1].split(",")[0]) for line in (alone[0], alone[-1]))
    assert last < first
    (tmp_path / "network_trained.pt").unlink()
    several = run(
        ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(path),
         "--epochs", "2", "--batch-size", "8"],
        tmp_path,
    )  # fmt: skip
    assert several.count("epoch") == 2
    state = torch.load(tmp_path / "network_trained.pt", weights_only=True)
    assert all(torch.isfinite(each).all() for each in state.values())


def test_what_has_no_counterpart_is_refused_by_name(tmp_path: Path) -> None:
    source = "m = Sequential([Input((4, 4, 1)), StochasticPooling2D(2, name='lottery'), Flatten()])"
    program = program_of(source)
    weights = building.build(program.network, seed=0).weights
    for framework in ("keras", "pytorch"):
        with pytest.raises(ExportError, match="lottery") as caught:
            export(program, weights, tmp_path / "network.py", framework)
        assert caught.value.layer == "lottery"
    assert list(tmp_path.iterdir()) == []
    for masked in (
        "Embedding(5, 2, mask_zero=True, name='lottery', input_shape=(4,))",
        "Masking(name='lottery', input_shape=(4, 2))",
    ):
        program = program_of(f"m = Sequential([{masked}, LSTM(3), Dense(1)])")
        weights = building.build(program.network, seed=0).weights
        export(program, weights, tmp_path / "network.py", "keras")
        with pytest.raises(ExportError, match=r"lottery .* has no counterpart in PyTorch"):
            export(program, weights, tmp_path / "network.py", "pytorch")
    program = presets.PRESETS["circle"].program
    weights = building.build(program.network, seed=0).weights
    with pytest.raises(ExportError, match="cannot be written"):
        export(program, weights, tmp_path / "none" / "network.py", "keras")
    with pytest.raises(ExportError, match="no name for a program"):
        export(program, weights, tmp_path / "a b.py", "keras")


def test_a_frozen_layer_stays_frozen(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    program = program_of(
        "m = Sequential([Dense(3, input_shape=(2,), trainable=False), Dropout(0.1), Dense(1)])"
    )
    model = building.build(program.network, seed=0)
    export(program, model.weights, tmp_path / "network.py", "pytorch")
    network = imported(tmp_path / "network.py").load_network()
    trained = {name for name, each in network.named_parameters() if each.requires_grad}
    assert trained == {"dense_1.weight", "dense_1.bias"}
