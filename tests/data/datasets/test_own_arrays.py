"""Arrays of the learner's own: which is which, in which form, and what is refused."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data.datasets import make, npz_files, preview
from tests.data.datasets.own import made_or_refused, refusal, whole

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(20, 3))
LABELS = np.arange(20) % 4


@pytest.fixture
def file(tmp_path):
    def write(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return write


def rows_of(made):
    x, y = whole(made)
    return sorted((tuple(row), label) for row, label in zip(x.tolist(), y.tolist(), strict=True))


@pytest.mark.parametrize(
    ("x_name", "y_name"),
    [("x", "y"), ("X", "Y"), ("data", "target"), ("images", "labels"), ("arr_0", "arr_1")],
)
def test_usual_names_are_understood(file, x_name, y_name):
    made = make("own-arrays", {"path": str(file(**{x_name: ROWS, y_name: LABELS, "other": 1}))})
    expected = sorted(
        (tuple(row), label)
        for row, label in zip(ROWS.astype(np.float32).tolist(), LABELS.tolist(), strict=True)
    )
    assert rows_of(made) == expected
    assert (made.task, made.view, made.classes) == ("classification", "table", ("0", "1", "2", "3"))


def test_other_names_are_chosen(file):
    path = file(a=ROWS, b=LABELS)
    told = refusal("own-arrays", path)
    assert "which array holds the inputs: choose one of a (20 × 3, float64), b (20, int64)" in told
    assert make("own-arrays", {"path": str(path), "inputs": "a", "targets": "b"}).x.shape[1:] == (
        3,
    )
    assert "has no array “c”" in refusal("own-arrays", path, inputs="c")


def test_keras_files_keep_their_parts(file):
    images = RNG.integers(0, 256, (30, 8, 8), np.uint8)
    path = file(
        x_train=images[:20], y_train=LABELS, x_test=images[20:], y_test=LABELS[:10]
    )  # fmt: skip
    made = make("own-arrays", {"path": str(path)})
    assert (made.view, made.input_shape, made.scaling) == ("image", (8, 8, 1), "divided by 255")
    assert (len(made.x), len(made.x_val)) == (20, 10)
    held = sorted(row.tobytes() for row in made.x_val)
    kept = (images[20:, ..., np.newaxis] / np.float32(255)).astype(np.float32)
    assert held == sorted(row.tobytes() for row in kept)
    assert "as the source prescribes" in made.split


@pytest.mark.parametrize(
    ("shape", "dtype", "wanted", "view", "input_shape"),
    [
        ((20, 6, 2), "f8", "auto", "sequence", (6, 2)),
        ((20, 9, 9), "f4", "auto", "image", (9, 9, 1)),
        ((20, 9, 9), "f4", "sequence", "sequence", (9, 9)),
        ((20, 6, 4), "u1", "auto", "image", (6, 4, 1)),
        ((20, 6, 4, 3), "f2", "auto", "image", (6, 4, 3)),
        ((20,), "i4", "auto", "table", (1,)),
    ],
)
def test_samples_are_seen_as_what_they_are(file, shape, dtype, wanted, view, input_shape):
    x = RNG.integers(0, 9, shape).astype(dtype)
    made = make("own-arrays", {"path": str(file(x=x, y=LABELS)), "view": wanted})
    assert (made.view, made.input_shape) == (view, input_shape)
    assert made.x.dtype == np.float32


def test_targets_are_classes_or_numbers(file):
    def of(y, **more):
        return make("own-arrays", {"path": str(file(x=ROWS, y=y)), **more})

    hot = of(np.eye(4)[LABELS])
    assert rows_of(hot) == rows_of(of(LABELS))
    assert of(np.array(["cat", "dog"])[LABELS % 2]).classes == ("cat", "dog")
    assert of(LABELS.astype(float)).classes == ("0", "1", "2", "3")
    assert of(LABELS * 10 - 5).classes == ("-5", "5", "15", "25")
    numbers = of(ROWS[:, :2])
    assert (numbers.task, numbers.target_shape) == ("regression", (2,))
    assert of(LABELS, task="numbers").y.dtype == np.float32
    itself = of(LABELS, task="itself")
    assert itself.task == "autoencoder"
    assert itself.y is itself.x


def test_scaling_follows_the_training_part(file):
    path = str(file(x=ROWS * 100, y=LABELS))
    plain = make("own-arrays", {"path": path})
    scaled = make("own-arrays", {"path": path, "scaling": "standard"})
    mean, deviation = plain.x.mean(axis=0), plain.x.std(axis=0)
    np.testing.assert_allclose(scaled.x_val, (plain.x_val - mean) / deviation, atol=1e-4)
    ranged = make("own-arrays", {"path": path, "scaling": "range"})
    np.testing.assert_allclose([ranged.x.min(), ranged.x.max()], [0, 1], atol=1e-6)


def test_a_single_array_is_its_own_target(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.asfortranarray(ROWS))
    made = make("own-arrays", {"path": str(path), "task": "itself"})
    x, _ = whole(made)
    assert sorted(map(tuple, x.tolist())) == sorted(map(tuple, ROWS.astype("f4").tolist()))
    assert "holds one array only" in refusal("own-arrays", path)
    assert preview("own-arrays", {"path": str(path), "task": "itself"}).counts is None


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        (
            {"x": ROWS, "y": LABELS[:5]},
            "inputs x (20 × 3, float64) and the targets y (5",
        ),
        (
            {"x": np.where(ROWS > 2, np.nan, 0 * ROWS) + np.nan, "y": LABELS},
            "sample 0, position (0",
        ),
        ({"x": ROWS, "y": np.where(LABELS == 3, np.inf, 0.5)}, "the first is at sample 3"),
        ({"x": ROWS[:0], "y": LABELS[:0]}, "holds no samples"),
        ({"x": ROWS, "y": LABELS * 0}, "have one class only"),
        ({"x": ROWS.astype(str), "y": LABELS}, "are texts, and must be numbers"),
        ({"x": ROWS.astype(complex), "y": LABELS}, "holds neither numbers nor texts"),
        ({"x": ROWS, "y": ROWS.astype(object)}, "holds neither numbers nor texts"),
        ({"x": np.zeros((20, 2, 2, 2, 2)), "y": LABELS}, "has 4 axes: 1 to 3 can be taken"),
        ({"x": ROWS, "y": np.zeros((20, 2, 2))}, "has 2 axes: give a number"),
        ({"x_train": ROWS, "x_test": ROWS[:, :2], "y_train": LABELS, "y_test": LABELS}, "in shape"),
        ({"x_train": ROWS, "x_test": ROWS, "y_train": LABELS}, "there are no targets for them"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(file, arrays, told):
    assert told in refusal("own-arrays", file(**arrays))


def test_texts_are_no_numbers(file):
    path = file(x=ROWS, y=np.array(["a", "b"])[LABELS % 2])
    assert "are texts: let them be classes" in refusal("own-arrays", path, task="numbers")


def npy(header, data=b""):
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"hello", "is no file of NumPy's: it begins with the bytes 68 65 6c"),
        (b"PK\3\4nonsense", "is damaged or cut short"),
        (b"\x93NUMPY\x09\0", "has the format 9.0"),
        (b"\x93NUMPY", "has the format missing"),
        (npy("{'descr': '<f8'"), "the header of the array “array” is damaged"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }"), "is damaged"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", b"12345678"),
         "has only 8 of the 24 bytes"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", b"123456789"),
         "has more than the 8 bytes"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"),
         "would take 3,725.3 GiB of memory"),
        (npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"), "neither numbers nor"),
        (npy("{'descr': '<U0', 'fortran_order': False, 'shape': (3,), }"), "neither numbers nor"),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_by_their_place(tmp_path, data, told):
    path = tmp_path / "x.npy"
    path.write_bytes(data)
    assert told in refusal("own-arrays", path, task="itself")


def test_nothing_in_a_file_is_ever_run(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.array([print], dtype=object), allow_pickle=True)
    assert "neither numbers nor texts" in refusal("own-arrays", path, task="itself")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_files, "MOST_BYTES", 1000)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((500, 2), np.float32), y=LABELS)
    assert "takes 3.9 KiB, and at most 1000 bytes can be read" in refusal("own-arrays", path)


def test_what_else_is_in_an_archive_is_told(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "“readme.txt” in it is no array" in refusal("own-arrays", path)
    with zipfile.ZipFile(path, "w"):
        pass
    assert "holds no arrays" in refusal("own-arrays", path)


@st.composite
def spoilt(draw):
    """A good file with a few bytes changed, or cut short."""
    stream = io.BytesIO()
    np.savez(stream, x=ROWS[:4], y=LABELS[:4])
    data = bytearray(stream.getvalue())
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=4)):
        data[place] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=spoilt() | st.binary(max_size=100))
def test_any_bytes_are_arrays_or_refused_in_one_line(tmp_path, data):
    path = tmp_path / "x.npz"
    path.write_bytes(data)
    made = made_or_refused(lambda: make("own-arrays", {"path": str(path)}))
    assert made is None or np.isfinite(made.x).all()
