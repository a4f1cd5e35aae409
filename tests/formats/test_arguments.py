"""The table of arguments says what the engine's own signatures say."""

import inspect
from typing import Any

import pytest

from simulator.engine import callbacks, layers, losses, optimizers
from simulator.engine.optimizers import schedules
from simulator.formats import arguments, training_arguments
from simulator.formats.argument_types import Argument, Choice, Real, Sizes, Whole
from simulator.formats.json_values import SpecError

ENGINE_LAYERS = [
    kind for kind in arguments.LAYERS if kind not in ("Sequential", "Functional", "VGG16")
]
# The place of the input is the network's, a type is the same for all layers, a table of weights is
# no argument, a layer's name stands beside its arguments, and nothing is kept between batches.
NOT_IN_THE_TABLE = {
    "name", "dtype", "input_shape", "input_dim", "weights", "noise_shape", "stateful",
}  # fmt: skip


def signature(kind: type, root: type) -> dict[str, Any]:
    """Arguments and their defaults, those of the base classes included."""
    found: dict[str, Any] = {}
    for each in kind.__mro__:
        if "__init__" not in vars(each) or each is object:
            continue
        parameters = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                found.setdefault(parameter.name, parameter.default)
        if not any(every.kind is every.VAR_KEYWORD for every in parameters):
            break
    del root
    return found


def assert_agrees(table: tuple[Argument, ...], engine: dict[str, Any]) -> None:
    for argument in table:
        assert argument.name in engine, argument.name
        default = engine[argument.name]
        if default is inspect.Parameter.empty:
            assert argument.needed, argument.name
        else:
            assert not argument.needed, argument.name
            assert argument.default == default, argument.name


@pytest.mark.parametrize("kind", ENGINE_LAYERS)
def test_layers_agree_with_the_engine(kind: str) -> None:
    engine = signature(getattr(layers, kind), layers.Layer)
    table = arguments.LAYERS[kind].arguments
    assert_agrees(table, engine)
    older = {name for owner, name in arguments.OLDER_NAMES if owner == kind}
    left_out = set(engine) - {each.name for each in table} - NOT_IN_THE_TABLE - older
    # Regularizing the output is offered for layers with weights.
    assert left_out <= {
        "activity_regularizer",
        "kernel_initializer",
        "kernel_regularizer",
    }
    if kind != "DepthwiseConv2D":
        assert "kernel_initializer" not in left_out


def test_every_layer_of_the_engine_is_in_the_table() -> None:
    classes = {
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
        and issubclass(getattr(layers, name), layers.Layer)
        and getattr(layers, name).__name__ == name
    }
    assert classes - {"Layer", "InputLayer"} == set(ENGINE_LAYERS)


def test_aliases_lead_to_kinds() -> None:
    assert set(arguments.ALIASES.values()) <= set(arguments.LAYERS)
    for alias, kind in arguments.ALIASES.items():
        if hasattr(layers, alias):
            assert getattr(layers, alias).__name__ == kind
    assert arguments.kind_of("MaxPool2D").kind == "MaxPooling2D"


@pytest.mark.parametrize(
    ("kinds", "module"),
    [
        (training_arguments.OPTIMIZERS, optimizers),
        (training_arguments.SCHEDULES, schedules),
        (training_arguments.LOSSES, losses),
        (training_arguments.CALLBACKS, callbacks),
    ],
)
def test_training_agrees_with_the_engine(kinds: Any, module: Any) -> None:
    for kind in kinds.values():
        engine = signature(getattr(module, kind.kind), object)
        engine.pop("name", None)
        assert_agrees(tuple(a for a in kind.arguments if a.name != "name"), engine)


def test_every_argument_accepts_what_it_begins_with() -> None:
    every = [a for kind in arguments.LAYERS.values() for a in kind.arguments]
    every += [a for kind in training_arguments.OPTIMIZERS.values() for a in kind.arguments]
    for argument in every:
        if argument.name == "network":
            continue
        assert argument.check(argument.initial) == argument.initial, argument.name
        assert argument.label
        assert argument.bounds()


def test_a_new_layer_of_each_kind_can_be_checked() -> None:
    for kind, entry in arguments.LAYERS.items():
        if entry.family != "Network":
            assert arguments.check(kind, entry.initial()) == entry.initial()


def test_defaults_are_left_out_and_values_kept() -> None:
    given = {"units": 10, "activation": "relu", "use_bias": True, "trainable": False}
    assert arguments.check("Dense", given) == {
        "units": 10,
        "activation": "relu",
        "trainable": False,
    }
    given = {"filters": 4, "kernel_size": [3, 5], "kernel_regularizer": "l2"}
    assert arguments.check("Conv2D", given)["kernel_size"] == (3, 5)


def test_an_argument_of_an_older_keras_is_called_as_today() -> None:
    """Keras warns of the older name: what is written has today's."""
    assert arguments.check("LeakyReLU", {"alpha": 0.2}) == {"negative_slope": 0.2}
    with pytest.raises(SpecError, match="alpha"):
        arguments.check("Dense", {"units": 1, "alpha": 0.2})


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("Dense", {}, "units is missing"),
        ("Dense", {"units": 0}, "units is 0: choose a whole number from 1"),
        ("Dense", {"units": 2.5}, "units is 2.5"),
        ("Dense", {"units": True}, "units is True"),
        ("Dense", {"units": 3, "activaton": "relu"}, "no argument 'activaton'"),
        ("Dense", {"units": 3, "activation": "rellu"}, "Did you mean 'relu'?"),
        ("Dropout", {"rate": 1.0}, "to less than 1"),
        ("Dropout", {"rate": float("nan")}, "finite"),
        ("Conv2D", {"filters": 2, "kernel_size": (3, 3, 3)}, "kernel_size is (3, 3, 3)"),
        ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "sam"}, "Did you mean 'same'?"),
        ("Bidirectional", {"layer": {"kind": "Dense"}}, "SimpleRNN or LSTM or GRU"),
        ("Denes", {}, "Did you mean 'Dense'?"),
    ],
)
def test_refusals_say_what_is_possible(kind: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError) as caught:
        arguments.check(kind, given, "the_layer")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arguments_are_read_from_text() -> None:
    conv = arguments.LAYERS["Conv2D"]
    assert conv.argument("kernel_size").parse("(3, 5)") == (3, 5)
    assert conv.argument("kernel_size").parse(" 7 ") == 7
    assert conv.argument("padding").parse("same") == "same"
    assert conv.argument("activation").parse("None") is None
    with pytest.raises(SpecError, match="kernel_size is 'three'"):
        conv.argument("kernel_size").parse("three")
    rate = Real(name="rate", label="Rate", help="", default=0.5)
    assert rate.parse("0.25") == 0.25
    with pytest.raises(SpecError):
        rate.parse("__import__('os')")


def test_bounds_are_in_words() -> None:
    assert Whole(name="n", label="N", help="", maximum=9).bounds() == "a whole number from 1 to 9"
    assert Sizes(name="n", label="N", help="", rank=2, maximum=5).bounds().endswith("or 2 of them")
    assert Choice(name="n", label="N", help="", options=("a", "b")).bounds() == "one of a, b"
