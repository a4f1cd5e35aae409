"""Folders of pictures, and the files of MNIST."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data.datasets import idx_files, make, preview
from tests.data.datasets.own import idx, made_or_refused, refusal, save_picture, whole


@pytest.fixture
def folder(tmp_path):
    """Reds and blues; the shade tells the file."""
    for n in range(6):
        save_picture(tmp_path / "red" / f"{n}.png", (250 - n, 0, 0))
        save_picture(tmp_path / "blue" / f"{n}.jpg", (0, 0, 250 - n), (9, 9))
    return tmp_path


def test_every_folder_is_a_class(folder):
    (folder / "red" / "notes.txt").write_text("none")
    (folder / "__MACOSX").mkdir()
    seen = preview("own-pictures", {"path": str(folder), "size": 8})
    assert (seen.task, seen.view, seen.classes) == ("binary", "image", ("blue", "red"))
    assert (seen.counts, seen.input_shape) == ((6, 6), (8, 8, 3))
    assert seen.notices == ("1 file is no picture and was passed over.",)
    x, y = whole(make("own-pictures", {"path": str(folder), "size": 8}))
    reds = sorted(x[y == 1][:, 0, 0, 0].tolist())
    np.testing.assert_allclose(reds, np.arange(245, 251) / 255, atol=1e-6)
    assert (x[y == 1][..., 1:] == 0).all()
    assert (x[y == 0][..., 2] > 0.9).all()


def test_pictures_become_grey_and_scaled(folder):
    chosen = {"path": str(folder), "size": 8, "colours": "grey", "scaling": "byte"}
    x, y = whole(make("own-pictures", chosen))
    assert x.shape[1:] == (8, 8, 1)
    np.testing.assert_array_equal(np.unique(x[y == 1]), [73, 74, 75])  # 0.299 of the red


def test_folders_named_train_and_test_are_kept_apart(tmp_path):
    for n in range(4):
        for kind in ("a", "b"):
            save_picture(tmp_path / "Train" / kind / f"{n}.png", (200, n, 0))
    for kind in ("a", "b"):
        save_picture(tmp_path / "test" / kind / "0.png", (0, 0, 200))
    made = make("own-pictures", {"path": str(tmp_path), "size": 8})
    assert (len(made.x), len(made.x_val)) == (8, 2)
    assert (made.x_val[..., 2] > 0.7).all()
    assert made.classes == ("a", "b")


def test_fewer_pictures_are_drawn_evenly(folder):
    for n in range(30):
        save_picture(folder / "red" / f"more{n}.png", (9, 9, 9))
    chosen = {"path": str(folder), "size": 8, "samples": 10}
    made = make("own-pictures", chosen, seed=3)
    _, y = whole(made)
    assert np.bincount(y).tolist() == [5, 5]
    assert "10 of the 42 pictures were drawn at random." in made.notices
    again = make("own-pictures", chosen, seed=3)
    np.testing.assert_array_equal(made.x, again.x)


def test_broken_pictures_are_told_by_name(folder):
    (folder / "red" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    made = make("own-pictures", {"path": str(folder), "size": 8})
    assert "“0.png” is damaged or cut short" in made.notices[0]
    assert len(made.x) + len(made.x_val) == 11
    for picture in (folder / "red").iterdir():
        picture.write_bytes(b"")
    told = refusal("own-pictures", folder)
    assert "None of the pictures of the class “red” can be read: “0.png” is empty" in told


def test_folders_that_hold_no_classes_are_refused(tmp_path, folder, monkeypatch):
    assert "There is no “x” in" in refusal("own-pictures", folder / "x")
    assert "is no folder" in refusal("own-pictures", folder / "red" / "0.png")
    assert "no folder of pictures" in refusal("own-pictures", folder / "red")
    (folder / "red").rename(folder / ".red")
    assert "holds pictures of one class" in refusal("own-pictures", folder)


def test_too_many_pictures_are_refused_before_they_are_read(folder, monkeypatch):
    from simulator.data.datasets import dataset  # noqa: PLC0415

    monkeypatch.setattr(dataset, "MOST_BYTES", 10_000)
    told = refusal("own-pictures", folder, size=64)
    assert "12 pictures of 64 × 64 would take" in told
    assert "choose a smaller size" in told


@pytest.fixture
def mnist(tmp_path):
    rng = np.random.default_rng(1)
    labels = np.arange(60) % 3 + 4
    images = rng.integers(0, 256, (60, 5, 7), np.uint8)
    images[:, 0, 0] = labels  # so that a picture tells its class
    images[:, 0, 1] = np.arange(60)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images[:40]))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels[:40]))
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(idx(images[40:], packed=True))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(labels[40:], packed=True))
    return tmp_path


def test_mnist_is_read_with_its_parts(mnist):
    made = make("own-mnist", {"path": str(mnist), "scaling": "byte"})
    assert (made.input_shape, made.classes) == ((5, 7, 1), ("4", "5", "6"))
    assert (len(made.x), len(made.x_val)) == (40, 20)
    for x, y in ((made.x, made.y), (made.x_val, made.y_val)):
        np.testing.assert_array_equal(x[:, 0, 0, 0], y + 4)
    assert sorted(made.x_val[:, 0, 1, 0].tolist()) == list(range(40, 60))


def test_one_file_of_mnist_is_divided_and_fewer_are_drawn(mnist):
    path = mnist / "train-images-idx3-ubyte"
    made = make("own-mnist", {"path": str(path), "samples": 20, "scaling": "byte"}, seed=2)
    x, y = whole(made)
    np.testing.assert_array_equal(x[:, 0, 0, 0], y + 4)
    assert len(set(x[:, 0, 1, 0].tolist())) == 20
    assert made.notices == ("20 of 40 samples were drawn at random.",)
    (mnist / "train-labels-idx1-ubyte").rename(mnist / "x")
    assert "There is no “train-labels-idx1-ubyte” beside" in refusal("own-mnist", path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b"hello",
            "begins with the bytes 68 65 6c 6c, and not with 00 00 08 03",
        ),
        (b"\0\0\x0d\3" + b"\0" * 40, "holds floats (byte 3 is 13)"),
        (idx(np.zeros(4)), "has 1 axes, but 3 are needed here: pictures, and not labels"),
        (idx(np.zeros((4, 3, 3)))[:9], "is cut short within its header"),
        (idx(np.zeros((4, 3, 3)))[:-1], "has only 35 of the 36 bytes that its header tells (4 × 3"),
        (idx(np.zeros((4, 3, 3))) + b"x", "has more than the 36 bytes"),
        (b"\0\0\x08\3" + b"\xff" * 12, "says that it holds 4294967295 × 4294967295"),
        (idx(np.zeros((4, 3, 3)), packed=True)[:-9], "what gzip packed in it cannot be unpacked"),
        (idx(np.zeros((4, 3, 3))), "holds 4 pictures, but “train-labels-idx1-ubyte” 40 labels"),
        (b"", "is empty"),
    ],
)
def test_files_of_mnist_that_are_wrong_are_told_by_their_place(mnist, data, told):
    path = mnist / "train-images-idx3-ubyte"
    path.write_bytes(data)
    assert told in refusal("own-mnist", path)


def test_folders_and_files_that_are_not_mnists_are_told(tmp_path, mnist):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no file of MNIST's pictures" in refusal("own-mnist", empty)
    other = tmp_path / "digits.bin"
    other.write_bytes(b"x")
    assert "has no “images” in its name" in refusal("own-mnist", other)
    (mnist / "emnist-train-images-idx3-ubyte").write_bytes(b"x")
    assert "several files of pictures to train with" in refusal("own-mnist", mnist)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    head=st.sampled_from([b"", b"\0\0\x08\3", b"\x1f\x8b", b"\0\0\x08\3\0\0\0\1\0\0\0\1"]),
    data=st.binary(max_size=80),
)
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path, head, data):
    path = tmp_path / "x"
    path.write_bytes(head + data)
    read = made_or_refused(lambda: idx_files.read(path, axes=3))
    assert read is None or read.ndim == 3
