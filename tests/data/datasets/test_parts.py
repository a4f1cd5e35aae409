"""What is in a learner's file, told before it is used, and what each part is used for."""

import numpy as np
import pytest

from simulator.data.datasets import DataError, for_file, make, parts, recipe, remake, with_role
from tests.data.datasets.own import idx, save_picture

TABLE = """name,age,town,weight,kind
Ann,31,Bonn,60.5,a
Ben,42,Köln,71,b
Cyd,27,Bonn,,a
Dan,55,Ulm,82.5,b
Eva,38,Ulm,64,a
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TABLE)
    return path


def roles(made_of):
    return {part.name: part.role for part in parts(made_of)}


def test_columns_are_told_even_where_the_table_is_refused(table):
    made_of = for_file(table)
    with pytest.raises(DataError, match="line 4, column “weight” is empty"):
        remake(made_of)
    found = {part.name: part for part in parts(made_of)}
    assert list(found) == ["name", "age", "town", "weight", "kind"]
    assert found["age"].told == "27 to 55"
    assert found["town"].told == "Bonn, Köln, Ulm"
    assert found["weight"].told == "60.5 to 82.5, 1 missing"
    assert found["weight"].examples == ("60.5", "71", "–", "82.5")
    assert [part.role for part in found.values()] == ["input"] * 4 + ["target"]


def test_a_column_becomes_the_target_or_is_left_out(table):
    made_of = for_file(table)
    made_of = with_role(made_of, parts(made_of), "name", "left out")
    made_of = with_role(made_of, parts(made_of), "weight", "left out")
    data = remake(made_of)
    assert data.input_shape == (1 + 3,)  # age, and a 1 for one of three towns
    assert data.classes == ("a", "b")
    made_of = with_role(made_of, parts(made_of), "age", "target")
    assert roles(made_of) == {
        "name": "left out", "age": "target", "town": "input", "weight": "left out", "kind": "input",
    }  # fmt: skip
    made_of = with_role(made_of, parts(made_of), "name", "input")
    assert roles(made_of)["name"] == "input"


def test_a_target_and_something_to_learn_from_always_stay(table):
    made_of = for_file(table)
    with pytest.raises(DataError, match="“kind” is the target: make another column the target"):
        with_role(made_of, parts(made_of), "kind", "left out")
    for name in ("name", "age", "town"):
        made_of = with_role(made_of, parts(made_of), name, "left out")
    with pytest.raises(DataError, match="No column would be left to learn from"):
        with_role(made_of, parts(made_of), "weight", "left out")


def test_a_column_becomes_a_further_target_and_takes_the_firsts_place(table):
    made_of = for_file(table)
    made_of = with_role(made_of, parts(made_of), "name", "left out")
    made_of = with_role(made_of, parts(made_of), "age", "further target")
    assert made_of.settings["target"] == "kind; age"
    assert roles(made_of) == {
        "name": "left out", "age": "further target", "town": "input", "weight": "input",
        "kind": "target",
    }  # fmt: skip
    made_of = with_role(made_of, parts(made_of), "kind", "input")
    assert roles(made_of)["age"] == "target", "the next one is the first now"
    made_of = with_role(made_of, parts(made_of), "town", "target")
    assert (roles(made_of)["age"], roles(made_of)["town"]) == ("input", "target")
    with pytest.raises(DataError, match="“town” is the target: make another column the target"):
        with_role(made_of, parts(made_of), "town", "further target")


def test_columns_with_names_that_lists_cannot_hold_go_by_their_number(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text('"a;b",2,c\n1,2,3\n4,5,6\n')
    made_of = recipe("own-table", {"path": str(path), "header": "yes"})
    made_of = with_role(made_of, parts(made_of), "a;b", "left out")
    assert made_of.settings["left_out"] == "1"
    assert roles(made_of) == {"a;b": "left out", "2": "input", "c": "target"}


@pytest.fixture
def towers(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "towers.npz"
    np.savez(
        path,
        picture=rng.integers(0, 256, (20, 8, 8, 1), np.uint8),
        facts=rng.normal(size=(20, 3)),
        labels=np.arange(20) % 2,
        note=np.arange(3),
    )
    return path


def test_arrays_beside_the_targets_are_inputs(towers):
    made_of = for_file(towers)
    assert roles(made_of) == {
        "picture": "input", "facts": "input", "labels": "target", "note": "left out",
    }  # fmt: skip
    data = remake(made_of)
    assert data.x.shape == (16, 8, 8, 1)
    assert [(each.name, each.x.shape) for each in data.further] == [("facts", (16, 3))]
    assert [each.x.shape for each in data.further_val] == [(4, 3)]
    with np.load(towers) as stored:
        facts = map(tuple, stored["facts"].astype(np.float32).tolist())
        rows = dict(zip(facts, stored["labels"], strict=True))
    for facts, label in zip(data.further[0].x.tolist(), data.y, strict=True):
        assert rows[tuple(facts)] == label, "samples stay together"
    assert [column.name for column in data.columns] == ["picture", "facts", "labels"]


def test_further_inputs_are_rescaled_column_by_column(towers):
    data = make("own-arrays", {"path": str(towers), "scaling": "standard"})
    np.testing.assert_allclose(data.further[0].x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(data.further[0].x.std(axis=0), 1, atol=1e-5)


def test_arrays_change_their_use(towers):
    made_of = for_file(towers)
    made_of = with_role(made_of, parts(made_of), "picture", "left out")
    assert remake(made_of).x.shape == (16, 3)
    made_of = with_role(made_of, parts(made_of), "labels", "left out")
    assert made_of.settings["task"] == "itself"
    assert remake(made_of).task == "autoencoder"
    with pytest.raises(DataError, match="No array would be left"):
        with_role(made_of, parts(made_of), "facts", "left out")
    made_of = with_role(made_of, parts(made_of), "note", "input")
    made_of = with_role(made_of, parts(made_of), "labels", "target")
    with pytest.raises(DataError, match="differ in the number of samples"):
        remake(made_of)


def test_the_target_that_is_chosen_is_the_first_of_several(tmp_path):
    path = tmp_path / "heads.npz"
    np.savez(path, x=np.ones((8, 2)), y=np.arange(8) % 2, size=np.arange(8) / 3, more=np.ones(8))
    made_of = for_file(path)
    assert made_of.settings["targets"] == ""
    made_of = with_role(made_of, parts(made_of), "size", "target")
    assert made_of.settings["targets"] == "size; y"
    data = remake(made_of)
    assert (data.task, data.further_y[0].classes) == ("regression", ("0", "1"))
    np.testing.assert_array_equal(
        data.further_y[0].y, np.round(data.y[:, 0] * 3).astype(int) % 2, "samples stay together"
    )
    assert [each.name for each in data.columns if each.role == "target"] == ["size", "y"]
    made_of = with_role(made_of, parts(made_of), "y", "left out")
    assert made_of.settings["targets"] == "size"


def test_parts_that_are_held_back_go_with_their_array(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "both.npz"
    np.savez(path, a_train=rng.normal(size=(9, 2)), a_test=rng.normal(size=(4, 2)),
             b_train=rng.normal(size=(9, 3)), b_test=rng.normal(size=(4, 3)),
             y_train=np.arange(9) % 3, y_test=np.arange(4) % 3)  # fmt: skip
    made_of = for_file(path)
    assert "held out" in next(each.told for each in parts(made_of) if each.name == "b_test")
    data = remake(made_of)
    assert (len(data.x), len(data.x_val), len(data.further_val[0].x)) == (9, 4, 4)
    made_of = with_role(made_of, parts(made_of), "a_train", "left out")
    assert made_of.settings["inputs"] == "b_train"
    assert len(remake(made_of).x_val) == 4


def test_files_are_known_by_what_they_are(tmp_path, table, towers):
    save_picture(tmp_path / "animals" / "cat" / "1.png", (1, 2, 3))
    (tmp_path / "mnist").mkdir()
    images = tmp_path / "mnist" / "train-images-idx3-ubyte"
    labels = tmp_path / "mnist" / "train-labels-idx1-ubyte"
    images.write_bytes(idx(np.arange(4 * 30).reshape(30, 2, 2) % 256))
    labels.write_bytes(idx(np.arange(30) % 10))
    known = {
        table: "own-table", towers: "own-arrays", tmp_path / "animals": "own-pictures",
        tmp_path / "mnist": "own-mnist", images: "own-mnist", labels: "own-mnist",
    }  # fmt: skip
    assert {path: for_file(path).id for path in known} == known
    np.testing.assert_array_equal(remake(for_file(labels)).x, remake(for_file(images)).x)
    (tmp_path / "song.mp3").write_bytes(b"x")
    with pytest.raises(DataError, match=r"“song\.mp3” is nothing to learn from: choose a CSV file"):
        for_file(tmp_path / "song.mp3")
    with pytest.raises(DataError, match=r"There is no “nothing\.csv”"):
        for_file(tmp_path / "nothing.csv")


def test_data_sets_without_parts_have_none():
    assert parts(recipe("circle")) == ()
    with pytest.raises(DataError, match="has no parts"):
        with_role(recipe("circle"), (), "x", "target")
