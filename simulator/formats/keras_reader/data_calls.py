"""Data that come from elsewhere: data sets by name, files, splits, scaling, and plots of them."""

from __future__ import annotations

import ast
from dataclasses import replace

from simulator.formats.keras_reader import arrays, calls, library
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    DataValue,
    FromData,
    Opaque,
    Value,
)

KNOWN = {
    "mnist": ((28, 28), 10), "fashion_mnist": ((28, 28), 10), "cifar10": ((32, 32, 3), 10),
    "cifar100": ((32, 32, 3), 100), "imdb": (None, 2), "boston_housing": ((13,), None),
}  # fmt: skip
READS_DATA = ("read_csv", "read_excel", "load", "loadtxt", "genfromtxt", *library.SAMPLES,
              "load_boston", "fit_transform", "DataFrame")  # fmt: skip


def load(node: ast.Call, path: str, state: State) -> Value:
    """What Keras loads: the arrays of a known data set, or data of files."""
    parts = path.split(".")
    name = parts[-1]
    if "datasets" in parts and name == "load_data":
        wanted = parts[-2]
        shape, classes = KNOWN.get(wanted, (None, None))
        state.notice(
            node,
            f"The program loads {wanted}. Data come from the data set that you choose.",
            "data",
            "Choose it under Data.",
        )
        train = DataValue(wanted, classes=classes, sample_shape=shape)
        return ((train, train), (replace(train, validation=True), replace(train, validation=True)))
    given, _ = calls.arguments_of(node, state)
    for each in given:
        if isinstance(each, DataValue):
            return each
    if name[:1].isupper() or name in ("pad_sequences", "load_img", "img_to_array", "load_files"):
        return DataValue(name)
    if name.startswith(("image_dataset", "text_dataset", "flow", "get_file", "timeseries")):
        return DataValue(name)
    if name in ("normalize", "shuffle", "plot_model"):
        return given[0] if given else Opaque(path)
    return Opaque(path)


def not_run(node: ast.Call, path: str, state: State) -> Value:
    """What a library gives that is not run here. Readers of data stand for the chosen data."""
    name = path.rpartition(".")[2]
    for each in (*node.args, *(keyword.value for keyword in node.keywords)):
        value = _looked_at(each, state)
        if isinstance(value, DataValue) and ("sklearn" in path or "pandas" in path):
            return value
    if name in READS_DATA:
        state.notice(
            node, f"{name} is not run. Data come from the data set that you choose.", "data",
            "Choose it under Data.",
        )  # fmt: skip
        found = DataValue(name)
        return (found, found) if name.startswith(("make_",)) else found
    if path.startswith("math."):
        given, _ = calls.arguments_of(node, state)
        if all(isinstance(each, int | float) for each in given) and given:
            return Opaque(path) if name not in ("ceil", "floor") else int(-(-given[0] // 1)
                if name == "ceil" else given[0] // 1)  # fmt: skip
    return Opaque(path)


def _looked_at(node: ast.expr, state: State) -> Value:
    """What an argument stands for, where that matters little."""
    return state.names.get(node.id) if isinstance(node, ast.Name) else None


def split(node: ast.Call, given: list[Value], named: dict[str, Value], state: State) -> Value:
    """`train_test_split`: arrays that the program makes up are divided, others are the chosen."""
    if all(isinstance(each, DataValue | Opaque) for each in given):
        found: list[Value] = []
        for each in given:
            base = each if isinstance(each, DataValue) else DataValue()
            found += [base, replace(base, validation=True)]
        return tuple(found)
    share = named.get("test_size", 0.25)
    parts: list[Value] = []
    for each in given:
        if not isinstance(each, ArrayValue) or not each.shape:
            raise ReadError(node, "Only arrays can be split.", "Give arrays.")
        count = each.shape[0]
        held = share if isinstance(share, int) else -int(-count * float(share) // 1)
        border = max(count - held, 1)
        parts.append(arrays.indexed(node, each, slice(None, border)))
        parts.append(arrays.indexed(node, each, slice(border, None)))
    state.notice(node, "The last samples are held back, in order: they are drawn already.")
    return tuple(parts)


def to_categorical(
    node: ast.Call, given: list[Value], named: dict[str, Value], state: State
) -> Value:
    """Rows of zeros and a one."""
    value = given[0] if given else named.get("x", named.get("y"))
    classes = named.get("num_classes", given[1] if len(given) > 1 else None)
    if isinstance(classes, FromData | Opaque):
        classes = None
    if isinstance(value, DataValue):
        count = classes if isinstance(classes, int) else value.classes
        return replace(value, one_hot=True, classes=count)
    if isinstance(value, ArrayValue):
        if not isinstance(classes, int):
            high = value.expression.get("high")
            classes = high if isinstance(high, int) else state.assume(
                "num_classes", 10, node, "as many as there are digits"
            )  # fmt: skip
        return arrays.made(node, "one_hot", value, classes=classes)
    if isinstance(value, Opaque):
        return value
    raise ReadError(node, "to_categorical needs an array of class numbers.", "Give one.")


def method(
    node: ast.Call, owner: DataValue, name: str, given: list[Value], named: dict[str, Value]
) -> Value:
    """Methods of chosen data: they come reshaped and scaled, so only what they tell is kept."""
    del node
    if name == "load_data":
        return ((owner, owner), (replace(owner, validation=True), replace(owner, validation=True)))
    if name == "reshape":
        parts = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given
        parts = named.get("newshape", parts)
        shape = tuple(parts)[1:] if isinstance(parts, list | tuple) else ()
        if shape and all(isinstance(each, int) and each > 0 for each in shape):
            return replace(owner, sample_shape=shape)
        return replace(owner, sample_shape=None)
    if name in ("nunique", "unique"):
        return FromData("classes")
    if name in ("fit", "fit_on_texts", "describe", "head", "info", "plot", "hist"):
        return owner
    return owner
