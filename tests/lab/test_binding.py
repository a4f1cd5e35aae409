"""Data sets in networks of many forms."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.engine.data import Port
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, ProgramSpec
from simulator.lab import Experiment
from simulator.lab.binding import NUMBERED, as_read, bind
from simulator.lab.errors import LabError
from simulator.lab.several import standing_in


def ports(taken, given, name="out"):
    return [Port("in", taken, "float32")], [Port(name, given, "float32")]


DIGITS = make("digits", {"train_share": 0.5})


@pytest.mark.parametrize(
    ("needed", "shape"),
    [((8, 8, 1), (8, 8, 1)), ((8, 8), (8, 8)), ((64,), (64,)), ((None, 8, 1), (8, 8, 1))],
)
def test_pictures_take_the_form_that_the_network_has(needed, shape):
    bound = bind(DIGITS, *ports(needed, (10,)), "sparse_categorical_crossentropy")
    assert bound.x.shape == (len(DIGITS.x), *shape)
    assert bound.x_val.shape == (len(DIGITS.x_val), *shape)
    np.testing.assert_array_equal(bound.x.ravel(), DIGITS.x.ravel())
    np.testing.assert_array_equal(bound.y, DIGITS.y)
    assert bool(bound.told) == (needed == (64,))


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        "mse",
        {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}},
    ],
)
def test_classes_become_rows_unless_the_loss_takes_numbers(loss):
    bound = bind(DIGITS, *ports((8, 8, 1), (12,)), loss)
    assert bound.y.shape == (len(DIGITS.y), 12)
    np.testing.assert_array_equal(bound.y.argmax(axis=1), DIGITS.y)
    np.testing.assert_array_equal(bound.y.sum(axis=1), 1)
    loss = {"class_name": "SparseCategoricalCrossentropy", "config": {}}
    assert bind(DIGITS, *ports((8, 8, 1), (10,)), loss).y.ndim == 1


def test_two_classes_fit_one_output_or_two():
    data = make("moons", {"samples": 40})
    one = bind(data, *ports((2,), (1,)), "binary_crossentropy")
    np.testing.assert_array_equal(one.y[:, 0], data.y)
    two = bind(data, *ports((2,), (2,)), "categorical_crossentropy")
    np.testing.assert_array_equal(two.y[:, 1], data.y)


def test_numbers_pictures_and_steps_as_targets():
    sine = make("sine", {"samples": 40})
    assert bind(sine, *ports((30, 1), (1,)), "mse").y.shape == (len(sine.y), 1)
    copy = make("delayed-copy", {"samples": 40})
    loss = "sparse_categorical_crossentropy"
    assert bind(copy, *ports((20, 4), (20, 5)), loss).y.shape == (len(copy.y), 20)
    rows = bind(copy, *ports((20, 4), (20, 5)), "categorical_crossentropy").y
    np.testing.assert_array_equal(rows.argmax(axis=-1), copy.y)


@pytest.mark.parametrize(
    ("data", "taken", "given", "told"),
    [
        ("digits", (28, 28, 1), (10,), "8 × 8 × 1, but the network takes 28 × 28 × 1"),
        ("digits", (8, 8, 1), (1,), "10 classes, but the layer 'out' puts out one number"),
        ("digits", (8, 8, 1), (4,), "give it 10 units"),
        ("digits", (8, 8, 1), (6, 6, 10), "Flatten"),
        ("delayed-copy", (20, 4), (5,), "return sequences"),
        ("sine", (30, 1), (3,), "make the last layer's output 1"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_change(data, taken, given, told):
    with pytest.raises(LabError, match=told):
        bind(make(data), *ports(taken, given), "sparse_categorical_crossentropy")


TABLE = "\n".join(f"{n % 7},{n % 5},{n % 11},{'ab'[n % 2]}" for n in range(40))


def several(*shapes):
    """Ports of so many inputs."""
    return [Port(f"in_{n}", shape, "float32") for n, shape in enumerate(shapes)]


@pytest.fixture
def towers(tmp_path):
    """A file with two inputs, named otherwise than they are taken."""
    rng = np.random.default_rng(0)
    path = tmp_path / "towers.npz"
    np.savez(
        path,
        picture=rng.normal(size=(20, 4, 4)),
        facts=rng.normal(size=(20, 3)),
        labels=np.arange(20) % 2,
    )
    return make("own-arrays", {"path": str(path)})


def test_columns_are_divided_among_the_inputs(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    dataset = make("own-table", {"path": str(tmp_path / "table.csv")})
    bound = bind(dataset, several((1,), (2,)), ports((3,), (1,))[1], "binary_crossentropy")
    np.testing.assert_array_equal(np.concatenate(bound.x, axis=1), dataset.x)
    np.testing.assert_array_equal(np.concatenate(bound.x_val, axis=1), dataset.x_val)
    assert [each.shape[1] for each in bound.x] == [1, 2]
    assert "1 to 1 into in_0, 2 to 3 into in_1" in " ".join(bound.told)


def test_arrays_go_where_their_shapes_fit(towers):
    outputs = ports((3,), (1,))[1]
    bound = bind(towers, several((3,), (4, 4)), outputs, "binary_crossentropy")
    np.testing.assert_array_equal(bound.x[0], towers.further[0].x)
    np.testing.assert_array_equal(bound.x[1], towers.x)
    np.testing.assert_array_equal(bound.x_val[0], towers.further_val[0].x)
    assert "facts into in_0, picture into in_1" in " ".join(bound.told)
    named = [Port("picture", (4, 4, 1), "float32"), Port("facts", (3,), "float32")]
    assert bind(towers, named, outputs, "binary_crossentropy").x[0].shape == (16, 4, 4, 1)


def test_arrays_that_fit_nowhere_are_told_with_what_is_needed(towers):
    outputs = ports((3,), (1,))[1]
    with pytest.raises(
        LabError, match=r"2 inputs, picture \(4 × 4\), facts \(3\), but the network"
    ):
        bind(towers, several((5,), (4, 4)), outputs, "mse")
    with pytest.raises(LabError, match=r"takes 1 input, in_0 \(3\): choose data with as many"):
        bind(towers, several((3,)), outputs, "mse")


def test_inputs_of_the_same_shape_get_the_same_samples():
    outputs = [Port("a", (10,), "float32"), Port("b", (10,), "float32")]
    losses = {"a": "sparse_categorical_crossentropy", "b": "categorical_crossentropy"}
    bound = bind(DIGITS, several((8, 8, 1), (64,)), outputs, losses)
    np.testing.assert_array_equal(bound.x[0].ravel(), bound.x[1].ravel())
    np.testing.assert_array_equal(bound.y[1].argmax(axis=1), bound.y[0])


def test_what_stands_in_can_be_learned_and_is_the_same_each_time():
    inputs, outputs = several((6,), (4,)), [Port("out", (1,), "float32")]
    first, again = (
        standing_in(inputs, outputs, "binary_crossentropy", {"in_1": 5}, seed=3) for _ in range(2)
    )
    for one, other in zip([*first[0], *first[1]], [*again[0], *again[1]], strict=True):
        np.testing.assert_array_equal(one, other)
    (x, whole), (y,) = first
    assert set(np.unique(whole)) <= set(range(5))
    flat = np.concatenate([x, whole / 4 - 0.5, np.ones((len(x), 1))], axis=1)
    rule, *_ = np.linalg.lstsq(flat, 2 * y - 1, rcond=None)
    assert ((flat @ rule > 0) == (y > 0)).mean() > 0.9, "a plane nearly parts the classes"


@pytest.fixture
def heads(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "heads.npz"
    np.savez(
        path,
        x=rng.normal(size=(20, 4)),
        size=rng.normal(size=20),
        kind=np.array(["ant", "bee", "cat", "dog"])[np.arange(20) % 4],
    )
    return str(path)


OUTPUTS = [Port("a", (4,), "float32"), Port("b", (1,), "float32")]
LOSSES = {"a": "sparse_categorical_crossentropy", "b": "mse"}


@pytest.mark.parametrize("targets", ["size; kind", "kind;size"])
def test_each_output_gets_the_target_that_fits_it(heads, targets):
    dataset = make("own-arrays", {"path": heads, "targets": targets})
    bound = bind(dataset, several((4,)), OUTPUTS, LOSSES)
    names = [column.name for column in dataset.columns if column.role == "target"]
    found = dict(zip(names, (dataset.y, dataset.further_y[0].y), strict=True))
    np.testing.assert_array_equal(bound.y[0], found["kind"])
    np.testing.assert_array_equal(bound.y[1], found["size"])
    held = dict(zip(names, (dataset.y_val, dataset.further_y_val[0].y), strict=True))
    np.testing.assert_array_equal(bound.y_val[0], held["kind"])
    assert "What is learned: kind by a, size by b." in bound.told
    with np.load(heads) as stored:
        rows = {tuple(x): y for x, y in zip(stored["x"].astype("f4").tolist(),
                                            stored["size"].astype("f4"), strict=True)}  # fmt: skip
    for x, y in zip(dataset.x.tolist(), bound.y[1][:, 0], strict=True):
        assert rows[tuple(x)] == y, "samples stay together"


def test_targets_go_by_the_outputs_names(heads):
    dataset = make("own-arrays", {"path": heads, "targets": "size; kind"})
    outputs = [Port("kind", (4,), "float32"), Port("size", (1,), "float32")]
    bound = bind(dataset, several((4,)), outputs, ["categorical_crossentropy", "mse"])
    np.testing.assert_array_equal(bound.y[0].argmax(axis=1), dataset.further_y[0].y)
    np.testing.assert_array_equal(bound.y[1], dataset.y)


def test_one_output_learns_the_first_target_or_that_of_its_name(heads):
    dataset = make("own-arrays", {"path": heads, "targets": "size; kind"})
    bound = bind(dataset, *ports((4,), (1,)), "mse")
    np.testing.assert_array_equal(bound.y, dataset.y)
    assert "The output learns size; kind is left out." in bound.told
    named = bind(dataset, *ports((4,), (4,), "kind"), "sparse_categorical_crossentropy")
    np.testing.assert_array_equal(named.y, dataset.further_y[0].y)


def test_a_head_that_makes_pictures_learns_what_goes_in():
    outputs = [Port("digit", (10,), "float32"), Port("again", (8, 8, 1), "float32")]
    losses = {"digit": "sparse_categorical_crossentropy", "again": "mse"}
    bound = bind(DIGITS, several((8, 8, 1)), outputs, losses)
    np.testing.assert_array_equal(bound.y[0], DIGITS.y)
    np.testing.assert_array_equal(bound.y[1], DIGITS.x)
    np.testing.assert_array_equal(bound.y_val[1], DIGITS.x_val)
    assert any("the input itself by again" in each for each in bound.told)


def test_the_numbers_of_a_target_are_divided_among_the_outputs(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "both.npz", x=rng.normal(size=(20, 4)), y=rng.normal(size=(20, 3)))
    dataset = make("own-arrays", {"path": str(tmp_path / "both.npz")})
    outputs = [Port("a", (1,), "float32"), Port("b", (2,), "float32")]
    bound = bind(dataset, several((4,)), outputs, "mse")
    np.testing.assert_array_equal(np.concatenate(bound.y, axis=1), dataset.y)
    np.testing.assert_array_equal(np.concatenate(bound.y_val, axis=1), dataset.y_val)
    assert "1 to 1 by a, 2 to 3 by b" in " ".join(bound.told)


def test_columns_go_by_the_outputs_names_and_to_one_output_together(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("x,a,b\n" + "".join(f"{n},{n + 0.5},{n * 2.5}\n" for n in range(20)))
    dataset = make("own-table", {"path": str(path), "target": "a;b"})
    named = [Port("b", (1,), "float32"), Port("a", (1,), "float32")]
    bound = bind(dataset, several((1,)), named, "mse")
    np.testing.assert_array_equal(bound.y[0][:, 0], dataset.y[:, 1])
    np.testing.assert_array_equal(bound.y_val[1][:, 0], dataset.y_val[:, 0])
    assert "Each output learns the column of its name: a, b." in bound.told
    together = bind(dataset, several((1,)), [Port("out", (2,), "float32")], "mse")
    np.testing.assert_array_equal(together.y, dataset.y)


def test_a_target_for_no_output_is_told(heads):
    dataset = make("own-arrays", {"path": heads, "targets": "size; kind"})
    outputs = [Port("a", (2,), "float32"), Port("b", (1,), "float32")]
    with pytest.raises(LabError, match="'a' puts out 2 numbers: give it 4 units"):
        bind(dataset, several((4,)), outputs, LOSSES)


def embedding_of(shape=None):
    layers = [
        LayerSpec("Embedding", "words", {"input_dim": 100, "output_dim": 4}),
        LayerSpec("LSTM", "lstm", {"units": 3}),
        LayerSpec("Dense", "dense", {"units": 27, "activation": "softmax"}),
    ]
    return sequential(layers, shape=shape)


@pytest.mark.parametrize("shape", [None, (12,), (None,)])
def test_an_embedding_reads_letters_by_their_numbers(shape):
    program = ProgramSpec(embedding_of(shape), CompileSpec(loss="sparse_categorical_crossentropy"))
    rows, numbers = (
        make("names", {"samples": 60, "encoding": encoding}) for encoding in ("one-hot", "numbers")
    )
    found = [Experiment(program, data).timeline.run.data[:].x[0] for data in (rows, numbers)]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], numbers.x)
    assert Experiment(program, rows).told[0] == NUMBERED
    assert NUMBERED not in Experiment(program, numbers).told
    assert Experiment(program, rows).dataset is rows


def test_an_embedding_reads_whole_numbers_and_single_ones_and_nothing_else():
    network = embedding_of()
    bits = make("parity", {"samples": 40})
    np.testing.assert_array_equal(as_read(bits, network).x, bits.x[..., 0])
    symbols = make("delayed-copy", {"samples": 40})
    np.testing.assert_array_equal(as_read(symbols, network).x, symbols.x.argmax(axis=2))
    for other in ("adding", "sine", "digits"):
        data = make(other, {} if other == "digits" else {"samples": 40})
        assert as_read(data, network) is data
    dense = sequential([LayerSpec("LSTM", "lstm", {"units": 3})], shape=None)
    assert as_read(bits, dense) is bits
