import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.lessons.catalogue import LESSONS
from simulator.lessons.controls import (
    ChoiceControl,
    ControlError,
    IntegerControl,
    Option,
    PaddingControl,
    RealControl,
)
from tests.lessons.opened import unhurried

INTEGER = IntegerControl(name="size", label="Size", section="", default=3, minimum=1, maximum=224)
REAL = RealControl(
    name="bias", label="Bias", section="", default=0.5, minimum=-1000.0, maximum=1000.0
)
CHOICE = ChoiceControl(
    name="kind",
    label="Kind",
    section="",
    options=(Option("max", "Maximum"), Option("average", "Average"), Option("lp", "Lp norm")),
    default="max",
)
EACH = ChoiceControl(
    name="preset",
    label="Preset",
    section="",
    options=(Option("blur", "Blur, the mean"), Option("emboss", "Emboss"), Option("a", "A")),
    default="emboss",
    each_of="filters",
)
PADDING = PaddingControl(name="padding", label="Padding", section="", maximum=32)
OWN = (INTEGER, REAL, CHOICE, EACH, PADDING)
EVERY = [*OWN, *(control for lesson in LESSONS for control in lesson.controls)]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["valid", "max", "blur", 10**400, float("nan")]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)
numbers_as_text = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.from_regex(r"\s?[+\-−]{0,2}[\d_²³½]{0,5}(\.\d{0,3})?(e[+-]?\d{1,4})?\s?", fullmatch=True),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("224", 224), (" 3 ", 3), ("+3", 3), ("007", 7), ("٣", 3), ("３", 3)],  # noqa: RUF001
)
def test_whole_numbers_are_read(text, value):
    read = INTEGER.parse(text)
    assert read == value
    assert type(read) is int


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "-1", "−1", "225", "3.0", "1e1", "1_0", "³", "½", "x", "nan", "9" * 5000, "1 2"],
)
def test_other_texts_are_no_whole_numbers_within_bounds(text):
    with pytest.raises(ControlError, match=r"^Size is .*: choose a whole number from 1 to 224\.$"):
        INTEGER.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0.0), (" 2.5 ", 2.5), ("−2.5", -2.5), ("-1e3", -1000.0), (".5", 0.5), ("1E-400", 0.0)],
)
def test_numbers_are_read(text, value):
    read = REAL.parse(text)
    assert read == value
    assert type(read) is float


@pytest.mark.parametrize(
    "text",
    ["", "nan", "inf", "-inf", "infinity", "1e400", "1000.01", "-1001", "0x1", "1_0", "²", "1,5"],
)
def test_other_texts_are_no_numbers_within_bounds(text):
    with pytest.raises(
        ControlError,
        match=r"^Bias is .*: choose a number from −1000 to 1000\.$",
    ):
        REAL.parse(text)


def test_a_whole_number_becomes_a_real_one():
    assert type(REAL.check(7)) is float


@pytest.mark.parametrize(
    ("text", "value"),
    [("valid", "valid"), (" same ", "same"), ("0", 0), ("+3", 3), ("32", 32), (" 7 ", 7)],
)
def test_paddings_are_read(text, value):
    assert PADDING.parse(text) == value


@pytest.mark.parametrize("text", ["", "Same", "33", "-1", "--5", "+-3", "³", "1.0", "1_0", "P"])
def test_other_texts_are_no_padding(text):
    with pytest.raises(
        ControlError, match=r": choose valid, same, or a whole number from 0 to 32\.$"
    ):
        PADDING.parse(text)


@pytest.mark.parametrize("value", [True, 1.0, None, ["valid"], 33, -1])
def test_other_values_are_no_padding(value):
    with pytest.raises(ControlError):
        PADDING.check(value)


def test_a_choice_names_the_nearest():
    assert CHOICE.parse(" average ") == "average"
    with pytest.raises(ControlError) as refused:
        CHOICE.parse("averge")
    assert str(refused.value) == (
        "Kind is 'averge': choose one of max, average, lp. Did you mean 'average'?"
    )
    assert refused.value.control == "kind"


def test_a_choice_for_each_is_read():
    assert EACH.initial == ("emboss",)
    assert EACH.parse("blur, a ,blur") == ("blur", "a", "blur")
    for wrong in ("", "blur,", "blur,,a", "blue"):
        with pytest.raises(ControlError, match="choose some of blur, emboss, a"):
            EACH.parse(wrong)
    for wrong in ("blur", (), ["blur"], ("blur", 3)):
        with pytest.raises(ControlError):
            EACH.check(wrong)


@pytest.mark.parametrize(
    ("chosen", "total", "following"),
    [
        (("emboss",), 1, ("emboss",)),
        (("emboss",), 4, ("emboss", "a", "blur", "emboss")),
        (("a", "blur"), 1, ("a",)),
        (("a", "blur"), 3, ("a", "blur", "emboss")),
    ],
)
def test_what_is_not_chosen_follows_the_last_choice(chosen, total, following):
    assert EACH.following(chosen, total) == following
    assert EACH.each({"preset": chosen}, total) == following


@given(st.lists(st.sampled_from(["blur", "emboss", "a"]), min_size=1), st.integers(1, 40))
@unhurried
def test_more_items_change_nothing_for_the_first(chosen, total):
    more = EACH.following(tuple(chosen), total + 1)
    assert more[:total] == EACH.following(tuple(chosen), total)


def test_options_have_labels():
    assert EACH.label_of("blur") == "Blur, the mean"


@pytest.mark.parametrize("control", EVERY, ids=lambda control: control.name)
def test_a_control_takes_its_own_beginning(control):
    initial = control.initial
    assert control.check(initial) == initial
    text = ",".join(initial) if isinstance(initial, tuple) else str(initial)
    assert control.parse(text) == initial
    assert control.bounds()


@pytest.mark.parametrize("control", OWN, ids=lambda control: control.name)
@given(value=anything)
@example(value=10**400)
@unhurried
def test_whatever_is_no_value_is_refused_in_one_line(control, value):
    try:
        checked = control.check(value)
    except ControlError as error:
        _check_message(error, control)
    else:
        assert checked == value
        assert control.check(checked) == checked


@pytest.mark.parametrize("control", OWN, ids=lambda control: control.name)
def test_numbers_too_long_to_be_written_are_refused(control):
    for value in (10**6000, -(10**6000), [10**6000], (10**6000,)):
        with pytest.raises(ControlError) as refused:
            control.check(value)
        _check_message(refused.value, control)


@pytest.mark.parametrize("control", OWN, ids=lambda control: control.name)
@given(text=st.text() | numbers_as_text)
@example(text="9" * 5000)
@example(text="1e400")
@example(text="\n")
@unhurried
def test_whatever_text_is_no_value_is_refused_in_one_line(control, text):
    try:
        value = control.parse(text)
    except ControlError as error:
        _check_message(error, control)
    else:
        assert control.check(value) == value


def _check_message(error, control):
    message = str(error)
    assert error.control == control.name
    assert message.startswith(f"{control.label} is ")
    assert f": choose {control.bounds()}." in message
    assert "\n" not in message
    assert len(message) < 200


def test_values_come_out_of_settings_in_their_own_type():
    settings = {"size": 5, "bias": 2, "kind": "lp", "padding": "same"}
    assert INTEGER.of(settings) == 5
    assert type(REAL.of(settings)) is float
    assert CHOICE.of(settings) == "lp"
    assert PADDING.of(settings) == "same"
    with pytest.raises(ControlError):
        INTEGER.of({"size": "5"})
