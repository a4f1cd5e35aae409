"""Tables of the learner's own: every cell where it belongs, every bad one named."""

import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulator.data.datasets import DataError, make, preview
from tests.data.datasets.own import made_or_refused, refusal, whole

IRIS = "length,width,kind\n" + "".join(
    f"{5 + n / 10},{3 - n / 20},{'setosa' if n % 2 else 'virginica'}\n" for n in range(20)
)


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_table_is_described_before_it_is_used(table):
    seen = preview("own-table", {"path": str(table(IRIS))})
    assert (seen.task, seen.view) == ("binary", "table")
    assert seen.classes == ("setosa", "virginica")
    assert seen.counts == (10, 10)
    assert [(c.name, c.kind, c.role) for c in seen.columns] == [
        ("length", "number", "input"), ("width", "number", "input"), ("kind", "class", "target")
    ]  # fmt: skip
    assert seen.columns[0].told == "from 5 to 6.9"
    assert "mean" in seen.scaling
    assert (seen.train, seen.validation, seen.input_shape) == (16, 4, (2,))


def test_scaling_follows_the_training_part_alone(table):
    path = str(table(IRIS))
    plain = make("own-table", {"path": path, "scaling": "none"})
    scaled = make("own-table", {"path": path, "scaling": "standard"})
    mean, deviation = plain.x.mean(axis=0), plain.x.std(axis=0)
    np.testing.assert_allclose(scaled.x, (plain.x - mean) / deviation, atol=1e-5)
    np.testing.assert_allclose(scaled.x_val, (plain.x_val - mean) / deviation, atol=1e-5)
    ranged = make("own-table", {"path": path, "scaling": "range"})
    np.testing.assert_allclose([ranged.x.min(axis=0), ranged.x.max(axis=0)], [[0, 0], [1, 1]])
    x, _ = whole(plain)
    assert sorted(x[:, 0].tolist()) == pytest.approx([5 + n / 10 for n in range(20)])


def test_samples_keep_their_targets(table):
    lines = "".join(f"{n},{n * n}\n" for n in range(30))
    made = make("own-table", {"path": str(table("x,y\n" + lines)), "scaling": "none"})
    assert made.task == "regression"
    x, y = whole(made)
    np.testing.assert_array_equal(x**2, y)
    scaled = make(
        "own-table",
        {"path": str(table("x,y\n" + lines)), "scaling": "none", "target_scaling": "standard"},
    )
    assert scaled.y.mean() == pytest.approx(0, abs=1e-6)
    assert scaled.y.std() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(scaled.x, made.x)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1,5;2;x\n2,5;3;y\n3,5;4;x\n", ";"),
        ("a\tb\tc\n1.5\t2\tx\n2.5\t3\ty\n3.5\t4\tx\n", "\t"),
        ("a|b|c\n1.5|2|x\n2.5|3|y\n3.5|4|x\n", "|"),
        ("a b c\n1.5  2 x\n2.5 3   y\n3.5 4 x\n", " "),
        ('a, b, c\r\n"1.5", 2, "x"\r\n2.5, 3, y\r\n\r\n3.5, 4, x\r\n', ","),
        ("\ufeffa,b,c,\n1.5,2,x,\n2.5,3,y,\n3.5,4,x,\n", ","),
    ],
)
def test_delimiters_commas_and_quotes_are_understood(table, text, delimiter):
    made = make("own-table", {"path": str(table(text)), "scaling": "none"})
    x, y = whole(made)
    assert sorted(map(tuple, x.tolist())) == [(1.5, 2), (2.5, 3), (3.5, 4)], delimiter
    assert made.classes == ("x", "y")
    assert sorted(y.tolist()) == [0, 0, 1]
    assert [column.name for column in made.columns] == ["a", "b", "c"]


def test_other_codings_and_packed_files_are_read(table):
    text = "größe,art\n1,é\n2,ü\n3,é\n"
    expected = ("é", "ü")
    for data in (text.encode("utf-16"), text.encode("cp1252"), gzip.compress(text.encode())):
        assert make("own-table", {"path": str(table(data))}).classes == expected


def test_a_first_line_of_numbers_is_a_sample(table):
    made = make("own-table", {"path": str(table("1,2,0\n3,4,1\n5,6,0\n")), "scaling": "none"})
    assert [column.name for column in made.columns] == ["column 1", "column 2", "column 3"]
    assert len(made.x) + len(made.x_val) == 3


def test_texts_become_ones_among_zeros(table):
    text = "colour,size,y\nred,1,0\ngreen,2,1\nred,3,0\nblue,4,1\n"
    made = make("own-table", {"path": str(table(text)), "scaling": "none"})
    x, _ = whole(made)
    assert sorted(map(tuple, x.tolist()), key=lambda row: row[-1]) == [
        (0, 0, 1, 1), (0, 1, 0, 2), (0, 0, 1, 3), (1, 0, 0, 4)
    ]  # fmt: skip
    assert made.columns[0].told == "a 1 for one of blue, green, red"


def test_the_target_is_chosen_and_columns_left_out(table):
    text = "id,kind,a,b\n1,x,10,7\n2,y,20,8\n3,x,30,9\n"
    chosen = {"target": "KIND", "left_out": "id; 4", "scaling": "none"}
    made = make("own-table", {"path": str(table(text)), **chosen})
    x, y = whole(made)
    assert sorted(zip(x[:, 0].tolist(), y.tolist(), strict=True)) == [(10, 0), (20, 1), (30, 0)]
    told = refusal("own-table", table(text), target="kin")
    assert "has no column “kin”: choose one of id, kind, a, b" in told


def test_whole_numbers_are_classes_or_numbers(table):
    text = "x,y\n" + "".join(f"{n},{(3, 9, 10)[n % 3]}\n" for n in range(12))
    path = str(table(text))
    made = make("own-table", {"path": path})
    assert made.classes == ("3", "9", "10")
    assert make("own-table", {"path": path, "task": "numbers"}).task == "regression"
    many = "x,y\n" + "".join(f"{n},{n}\n" for n in range(40))
    assert make("own-table", {"path": str(table(many))}).task == "regression"
    classes = make("own-table", {"path": str(table(many)), "task": "classes"}).classes
    assert classes == tuple(str(n) for n in range(40))


GAPS = "x,z,y\n1,1,0\n,2,1\n3,?,0\n4,4,1\n5,5,NA\n"


def test_missing_cells_are_named_left_out_or_filled(table):
    path = table(GAPS)
    assert "“table.csv”, line 3, column “x” is empty, and 2 more" in refusal("own-table", path)
    dropped = make("own-table", {"path": str(path), "gaps": "drop", "scaling": "none"})
    assert sorted(whole(dropped)[0][:, 0].tolist()) == [1, 4]
    assert dropped.notices == ("3 lines lack a cell and are left out.",)
    filled = make("own-table", {"path": str(path), "gaps": "mean", "scaling": "none"})
    x, _ = whole(filled)
    expected = [(1, 1), (8 / 3, 2), (3, 7 / 3), (4, 4)]
    np.testing.assert_allclose(sorted(x.tolist()), expected, atol=1e-6)
    assert filled.notices == (
        "1 line lacks a cell and is left out.",
        "Missing cells that hold the mean of their column now: 2.",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n1,2,3\n", "“table.csv”, line 3 has 3 cells, but line 1 has 2"),
        ("a,b\n1,2\n\n\n5\n", "line 5 has 1 cell, but line 1 has 2"),
        ('a,b\n1,"2\n3,4\n', "line 2: its quotation marks do not go together"),
        ("a,b\n", "has one line only, with the names of columns"),
        ("\n \n", "holds no lines with values"),
        ("a\n1\n2\n", "has one column only"),
        ("a,b\n1,5\n2,5\n", "the target “b” has one class only"),
        ("a,b\nx,1\n" + "1,0\n" * 30, "line 2, column “a” is “x”, but nearly all other cells"),
        ("a,b\n1,x\n" + "1,0.5\n" * 30, "line 2, column “b” is “x”, but nearly all other cells"),
        ("a,b\n1e300,1\n1,0\n", "line 2, column “a” is 1e+300: networks compute with numbers up"),
        ("a,b\n" + "".join(f"n{n},{n % 2}\n" for n in range(60)), "holds 60 different texts"),
        ("a,b\n,1\n,0\n", "every line lacks a cell"),
        (b"a,b\0c\n1,2\n", "is no text"),
        (b"\x1f\x8b\x08\0\0\0\0\0nonsense", "is damaged: what gzip packed"),
        (b"", "is empty: it has 0 bytes"),
        ("a,b\n1," + "9" * 20_000 + "\n", "line 2, cell 2 has 20,000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(table, text, told):
    assert told in refusal("own-table", table(text), gaps="drop")


def test_numbers_that_are_texts_are_refused_where_numbers_are_wanted(table):
    text = "a,b\n1,2\n3,x\n5,6\n"
    assert "line 3, column “b” is “x”, which is no number" in refusal(
        "own-table", table(text), task="numbers"
    )


def test_paths_that_lead_nowhere_are_told(tmp_path, table):
    assert "There is no “x.csv” in" in refusal("own-table", tmp_path / "x.csv")
    assert "is a folder: choose a file" in refusal("own-table", tmp_path)
    assert "File is missing: choose the path of a CSV file" in refusal("own-table", "")
    assert "is no path of a file" in refusal("own-table", "~nobody-has-this-home/x")
    with pytest.raises(DataError, match="File is missing"):
        make("own-table", {})


def test_a_table_too_large_is_refused(table, monkeypatch):
    from simulator.data.datasets import csv_table  # noqa: PLC0415

    monkeypatch.setattr(csv_table, "MOST_ROWS", 5)
    assert "is too long: 5 lines can be read" in refusal("own-table", table("1,2\n" * 6))
    monkeypatch.setattr(csv_table, "MOST_COLUMNS", 2)
    assert "has 3 columns, and 2 at most" in refusal("own-table", table("1,2,3\n"))


CELLS = st.text(alphabet=st.sampled_from('ab1.,;"\t\n\r -?eN|'), max_size=200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=CELLS | st.binary(max_size=200), gaps=st.sampled_from(["refuse", "drop", "mean"]))
@example(text='"', gaps="refuse")
def test_any_bytes_are_a_table_or_refused_in_one_line(table, text, gaps):
    path = table(text)
    made = made_or_refused(lambda: make("own-table", {"path": str(path), "gaps": gaps}))
    if made is not None:
        assert np.isfinite(made.x).all()
        assert np.isfinite(made.y).all()
        assert len(made.x) == len(made.y) > 0


PLANTS = "length,width,height,mass,kind\n" + "".join(
    f"{n % 7},{n % 5},{n * n % 11 + 0.5},{n * 2.5},{('oak', 'elm', 'yew')[n % 3]}\n"
    for n in range(40)
)


def test_several_columns_of_numbers_are_told_together(table):
    path = str(table(PLANTS))
    made = make("own-table", {"path": path, "target": "mass; height", "scaling": "none"})
    assert (made.task, made.target_shape, made.input_shape) == ("regression", (2,), (2 + 3,))
    assert [each.name for each in made.columns if each.role == "target"] == ["mass", "height"]
    x, y = whole(made)
    rows = {(n % 7, n % 5, n * 2.5, n * n % 11 + 0.5) for n in range(40)}
    assert set(zip(*x[:, :2].T.tolist(), *y.T.tolist(), strict=True)) == rows
    scaled = make(
        "own-table", {"path": path, "target": "mass; height", "target_scaling": "standard"}
    )
    np.testing.assert_allclose(scaled.y.mean(axis=0), [0, 0], atol=1e-6)
    np.testing.assert_allclose(scaled.y.std(axis=0), [1, 1], rtol=1e-5)
    mean, deviation = made.y.mean(axis=0), made.y.std(axis=0)
    np.testing.assert_allclose(scaled.y_val, (made.y_val - mean) / deviation, atol=1e-5)


def test_columns_with_a_single_1_in_each_line_are_classes(table):
    text = "x,red,green,blue\n" + "".join(
        f"{n / 7},{int(n % 3 == 0)},{int(n % 3 == 1)},{int(n % 3 == 2)}\n" for n in range(30)
    )
    chosen = {"path": str(table(text)), "target": "red;green;blue", "scaling": "none"}
    made = make("own-table", chosen)
    assert (made.task, made.classes) == ("classification", ("red", "green", "blue"))
    x, y = whole(made)
    np.testing.assert_array_equal(np.rint(x[:, 0] * 7) % 3, y)
    numbers = make("own-table", {**chosen, "task": "numbers"})
    assert (numbers.task, numbers.target_shape) == ("regression", (3,))
    twice = table(text.replace("0.14285714285714285,0,1,0", "0.14285714285714285,1,1,0"))
    assert make("own-table", {**chosen, "path": str(twice)}).task == "regression"


def test_a_class_beside_a_number_is_a_target_of_its_own(table):
    chosen = {"path": str(table(PLANTS)), "target": "kind; mass", "scaling": "none"}
    made = make("own-table", {**chosen, "target_scaling": "range"})
    assert (made.task, made.classes, made.input_shape) == (
        "classification", ("elm", "oak", "yew"), (3,)
    )  # fmt: skip
    (mass,) = made.further_y
    assert (mass.name, mass.classes, mass.y.shape) == ("mass", None, (len(made.x), 1))
    assert (float(mass.y.min()), float(mass.y.max())) == (0, 1)
    plain = make("own-table", chosen)
    places = np.rint(plain.further_y[0].y[:, 0] / 2.5).astype(int)
    np.testing.assert_array_equal(plain.y, np.array([1, 0, 2])[places % 3])
    np.testing.assert_array_equal(plain.x[:, 1], places % 5)
    both = make("own-table", {**chosen, "target": "kind;width", "task": "classes"})
    assert both.further_y[0].classes == ("0", "1", "2", "3", "4")


def test_a_line_without_one_of_its_targets_is_left_out(table):
    text = PLANTS.replace("\n3,3,9.5,7.5,", "\n3,3,9.5,,")
    chosen = {"target": "height;mass", "gaps": "mean"}
    made = make("own-table", {"path": str(table(text)), **chosen})
    assert len(made.x) + len(made.x_val) == 39
    assert "column “mass” is empty" in refusal("own-table", table(text), target="height;mass")
    told = refusal("own-table", table(PLANTS), target="length;width;height;mass;kind")
    assert "no column left beside the target “length”, “width”" in told
