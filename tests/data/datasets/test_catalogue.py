"""What holds for every data set that is made from a seed, and how a wrong order is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data.datasets import (
    DATASETS,
    DataError,
    Recipe,
    entry,
    estimate,
    make,
    one_hot,
    preview,
    recipe,
    remake,
)
from simulator.data.datasets import catalogue as module
from simulator.data.datasets.settings import Choice, Points, Real, Setting, Whole, Words

MADE = [identity for identity, line in DATASETS.items() if line.group != "Your own"]


def arrays(made):
    return [made.x, made.y, made.x_val, made.y_val]


def small(identity, **more):
    """The settings of a quick version of a data set."""
    names = {setting.name for setting in entry(identity).settings}
    return {"samples": 60, **more} if "samples" in names else more


def needed(identity):
    """What a data set cannot be without: the path of a file."""
    settings = entry(identity).settings
    return {each.name: "x" for each in settings if isinstance(each, Words) and each.needed}


@pytest.mark.parametrize("identity", MADE)
def test_a_recipe_makes_the_same_bits_again(identity):
    made = make(identity, small(identity), seed=5)
    again = remake(json.loads(json.dumps(made.recipe.to_json())))
    assert again.recipe == made.recipe
    for one, other in zip(arrays(made), arrays(again), strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("identity", MADE)
def test_another_seed_makes_another_data_set(identity):
    one, other = (make(identity, small(identity), seed=seed) for seed in (5, 6))
    assert one.x.tobytes() != other.x.tobytes()


@pytest.mark.parametrize("identity", MADE)
def test_the_parts_are_described_as_they_are(identity):
    made = make(identity, small(identity))
    assert len(made.x) == len(made.y) > 0
    assert len(made.x_val) == len(made.y_val) > 0
    assert f"{len(made.x):,} to train, {len(made.x_val):,} to validate" in made.split
    assert made.x.dtype in (np.float32, np.int64)
    assert made.y.dtype in (np.float32, np.int64)
    assert np.isfinite(made.x).all()
    assert np.isfinite(made.y).all()
    assert all(not array.flags.writeable for array in arrays(made))
    assert {column.role for column in made.columns} == {"input", "target"}
    if made.task in ("binary", "classification"):
        assert made.classes is not None
        assert made.y.dtype == np.int64
        assert 0 <= made.y.min() <= made.y.max() < len(made.classes)
        assert (made.task == "binary") == (len(made.classes) == 2)
        assert made.per_step == (made.y.ndim == 2)
    if made.task == "autoencoder":
        assert made.y is made.x


@pytest.mark.parametrize("identity", MADE)
def test_the_memory_is_foretold(identity):
    made = make(identity, small(identity))
    assert made.nbytes <= estimate(made.recipe) <= 2 * made.nbytes + 4096


@pytest.mark.parametrize("identity", MADE)
def test_a_preview_shows_a_few_of_every_class(identity):
    seen = preview(identity, small(identity))
    assert 0 < len(seen.x) == len(seen.y) <= 12
    if seen.labels is not None:
        assert len(set(seen.labels.tolist())) == min(len(seen.x), len(seen.classes))
        assert sum(seen.counts) == seen.train + seen.validation


@pytest.mark.parametrize("identity", MADE)
def test_more_than_the_limit_is_refused_before_it_is_made(identity, monkeypatch):
    made_of = recipe(identity)

    def nothing(*_):
        raise AssertionError("made in spite of its size")

    line = entry(identity)
    heavy = type(line)(
        line.id,
        line.title,
        line.group,
        line.summary,
        line.task,
        line.settings,
        lambda _: 2**31,
        nothing,
    )
    monkeypatch.setattr(module, "DATASETS", {identity: heavy})
    with pytest.raises(DataError, match=r"2\.0 GiB of memory, and at most 1\.0 GiB"):
        remake(made_of)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.95])
def test_every_class_is_divided_by_the_same_share(share):
    made = make("spiral", {"samples": 300, "classes": 3, "train_share": share})
    assert np.bincount(made.y).tolist() == [round(100 * share)] * 3
    assert np.bincount(made.y_val).tolist() == [100 - round(100 * share)] * 3


def test_the_share_moves_points_between_the_parts_and_makes_no_others():
    def places(share):
        made = make("moons", {"samples": 100, "train_share": share}, seed=2)
        return sorted(map(tuple, np.concatenate([made.x, made.x_val]).tolist()))

    assert places(0.3) == places(0.9)


def test_classes_with_one_member_still_leave_one_to_validate():
    made = make("drawn-points", {"points": [[0, 0, 0], [1, 1, 1], [2, 2, 2]]})
    assert (len(made.x), len(made.x_val)) == (2, 1)


def settings_of(kind: type[Setting]) -> list[tuple[str, Setting]]:
    return [
        (identity, setting)
        for identity, line in DATASETS.items()
        for setting in line.settings
        if isinstance(setting, kind)
    ]


@pytest.mark.parametrize(("identity", "setting"), settings_of(Whole) + settings_of(Real))
def test_numbers_out_of_bounds_are_refused_with_the_bounds(identity, setting):
    step = 1 if isinstance(setting, Whole) else 0.001
    for value in (setting.minimum - step, setting.maximum + step, "many", None, True, float("nan")):
        with pytest.raises(DataError) as caught:
            recipe(identity, {**needed(identity), setting.name: value})
        assert str(caught.value).startswith(f"{setting.label} is ")
        assert setting.bounds() in str(caught.value)
        assert caught.value.setting == setting.name
    assert setting.parse(str(setting.maximum)) == setting.maximum
    for text in ("1_0", "", "x", "9" * 400):
        with pytest.raises(DataError):
            setting.parse(text)


@pytest.mark.parametrize(("identity", "setting"), settings_of(Choice))
def test_choices_are_refused_with_the_options(identity, setting):
    assert [setting.parse(f" {value} ") for value in setting.values] == list(setting.values)
    with pytest.raises(DataError, match=setting.values[0]):
        recipe(identity, {**needed(identity), setting.name: setting.values[0] + "x"})
    with pytest.raises(DataError):
        recipe(identity, {**needed(identity), setting.name: ["x"]})


@pytest.mark.parametrize("identity", DATASETS)
def test_every_default_is_within_its_own_bounds(identity):
    for setting in entry(identity).settings:
        if not (isinstance(setting, Words) and setting.needed):
            assert setting.check(setting.initial) == setting.initial


def test_points_are_read_from_text():
    setting = next(setting for _, setting in settings_of(Points))
    assert setting.parse("1 -2.5 0; 3 4 1;") == [[1.0, -2.5, 0], [3.0, 4.0, 1]]
    with pytest.raises(DataError, match="point 2 is “3 4”"):
        setting.parse("1 2 0; 3 4")


def test_what_is_not_there_is_refused_with_what_is_meant():
    with pytest.raises(DataError, match=r"no data set spirale: .*Did you mean spiral\?"):
        make("spirale")
    with pytest.raises(DataError, match=r"no setting nois: .*Did you mean noise\?"):
        make("spiral", {"nois": 0.1})


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1", None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(DataError, match="The seed is"):
        make("moons", seed=seed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
def test_a_recipe_from_anywhere_is_read_or_refused(stored):
    with pytest.raises(DataError):
        Recipe.from_json(stored)


@given(
    identity=st.sampled_from(MADE),
    name=st.sampled_from(["samples", "noise", "train_share", "classes", "points", "length"])
    | st.text(),
    value=JSON,
    seed=JSON,
)
def test_settings_from_anywhere_are_checked_or_refused(identity, name, value, seed):
    stored = {"dataset": identity, "settings": {name: value}, "seed": seed}
    told = ""
    try:
        read = Recipe.from_json(stored)
        filled = recipe(read.id, read.settings, read.seed)
        assert recipe(filled.id, filled.settings, filled.seed) == filled
    except DataError as error:
        told = str(error)
    assert told.isprintable()


def test_one_hot_rows_have_their_one_at_the_label():
    rows = one_hot(np.array([[2, 0], [1, 1]]), 3)
    assert rows.tolist() == [[[0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 1, 0]]]
    assert rows.dtype == np.float32
    for labels in (np.array([3]), np.array([-1]), np.array([0.0])):
        with pytest.raises(DataError, match="from 0 to 2"):
            one_hot(labels, 3)
