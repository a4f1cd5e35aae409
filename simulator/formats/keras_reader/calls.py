"""Calls: which of the things of Keras, NumPy and Python is called, and what it gives."""

from __future__ import annotations

import ast
from typing import Any

from simulator.formats.keras_reader import (
    arrays,
    completion,
    data_calls,
    expressions,
    extraction,
    functions,
    guesses,
    layer_calls,
    library,
    merging,
    models,
    objects,
)
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    Bound,
    DataValue,
    FromData,
    FunctionValue,
    LayerValue,
    ModelValue,
    ObjectValue,
    Opaque,
    Reference,
    TensorValue,
    Value,
)

NEVER = ("eval", "exec", "compile", "__import__", "getattr", "setattr", "globals")
SAVED = "A saved model cannot be read from source.", "Write its layers, or open its file."
SHAPES_OF = ("keras.backend.int_shape", "keras.ops.shape", "tensorflow.shape")
_FILLED_LATER = ("zeros", "ones", "empty", "full")


def call(node: ast.Call, state: State) -> Value:
    """What a call gives. Raises ReadError for calls that are not understood."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in NEVER and name not in state.names:
        raise ReadError(
            node, f"{name} is not read: nothing in the source is run.", "Take this line out."
        )
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        completion.begin_if_missing(node.func.value, node.func.attr, state)
    callee = expressions.evaluate(node.func, state)
    if isinstance(callee, Reference):
        return _of_library(node, callee, state)
    if isinstance(callee, LayerValue | ModelValue):
        given, named = arguments_of(node, state)
        named.pop("training", None)
        return models.connect(node, callee, given, named, state)
    if isinstance(callee, FunctionValue):
        given, named = arguments_of(node, state)
        return functions.call(node, callee, given, named, state)
    if isinstance(callee, Bound):
        return _of_something(node, callee, state)
    if isinstance(callee, DataValue | FromData | Opaque | ObjectValue):
        return callee
    raise ReadError(node, "This cannot be called.", "Call a layer, a model or a function.")


def arguments_of(
    node: ast.Call, state: State, positions: tuple[str, ...] = ()
) -> tuple[list[Value], dict[str, Value]]:
    """The values of all arguments. `positions` are the names of those given without one."""
    given: list[Value] = []
    for place, each in enumerate(node.args):
        if isinstance(each, ast.Starred):
            inner = expressions.evaluate(each.value, state)
            if isinstance(inner, FromData | DataValue | Opaque):
                given.append(inner)
            elif isinstance(inner, list | tuple):
                given += inner
            else:
                raise ReadError(each, "Only a list can be unpacked here.", "Write its elements.")
        else:
            name = positions[place] if place < len(positions) else ""
            given.append(guesses.evaluate(each, name, state))
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            inner = expressions.evaluate(keyword.value, state)
            if not isinstance(inner, dict) or not all(isinstance(key, str) for key in inner):
                raise ReadError(keyword, "“**” needs a dictionary.", "Write the arguments.")
            named |= inner
        else:
            named[keyword.arg] = guesses.evaluate(keyword.value, keyword.arg, state)
    return given, named


def _of_library(node: ast.Call, callee: Reference, state: State) -> Value:
    path = library.canonical(callee.path)
    family, _, rest = path.partition(".")
    if path.startswith("builtins."):
        return _builtin(node, callee.last, state)
    if family == "keras" and path not in SHAPES_OF:
        return _of_keras(node, path, rest, state)
    if path in ("numpy.random.seed", "tensorflow.random.set_seed", "random.seed",
                "tensorflow.set_random_seed"):  # fmt: skip
        return _set_seed(node, state)
    if path == "numpy.random.default_rng":
        given, named = arguments_of(node, state)
        seed = named.get("seed", given[0] if given else None)
        if isinstance(seed, int) and state.seed is None:
            state.seed = seed
        return Reference("generator")
    if path.endswith("train_test_split"):
        given, named = arguments_of(node, state)
        return data_calls.split(node, given, named, state)
    if library.is_not_run(path):
        return data_calls.not_run(node, path, state)
    if path.startswith(("tensorflow.data", "tensorflow.io")):
        return DataValue(wanted="tf.data")
    if family == "numpy" and callee.last in data_calls.READS_DATA:
        return data_calls.not_run(node, path, state)
    given, named = arguments_of(node, state)
    if path in SHAPES_OF and given and isinstance(given[0], TensorValue):
        return extraction.shape_of(given[0], state)
    if family in ("numpy", "tensorflow", "generator"):
        if any(isinstance(each, Opaque) for each in (*given, *named.values())):
            return Opaque(path)
        if callee.last in _FILLED_LATER and given and isinstance(given[0], list | tuple):
            unknown = FromData | DataValue | Opaque
            if any(isinstance(each, unknown) for each in given[0]):
                return DataValue()  # a loop fills it from data that are not run through
        if path in ("tensorflow.add", "tensorflow.concat", "tensorflow.multiply"):
            merged = merging.merged_by_name(node, callee.last, given, named, state)
            if merged is not None:
                return merged
        if path.endswith("unique"):
            return FromData("classes")
        return arrays.function(node, path, given, named, state)
    raise ReadError(node, f"{path} is not known here.", "Leave this line out.")


def _of_keras(node: ast.Call, path: str, rest: str, state: State) -> Value:
    module, _, name = rest.rpartition(".")
    if path == "keras.Sequential":
        return models.make_sequential(node, state)
    if path == "keras.Model":
        return models.make_functional(node, state)
    if path in ("keras.Input", "keras.layers.InputLayer", "keras.layers.Input"):
        return models.make_input(node, state, layer=path.endswith("InputLayer"))
    if module == "applications":
        return models.make_application(node, name, state)
    if module == "layers":
        return layer_calls.make(node, name, state)
    if module in objects.FAMILIES:
        return objects.make(node, module, name, state)
    if module == "activations":
        given, named = arguments_of(node, state)
        return merging.activation(node, name, given, state)
    if name in ("set_random_seed",):
        return _set_seed(node, state)
    if name in ("to_categorical",):
        given, named = arguments_of(node, state)
        return data_calls.to_categorical(node, given, named, state)
    if name in ("clear_session", "plot_model", "set_image_data_format", "set_floatx"):
        return Opaque(path)
    if rest.startswith(("datasets", "preprocessing", "utils")):
        return data_calls.load(node, path, state)
    if name == "load_model":
        state.saved = node
        state.notice(node, *SAVED[:1], "ignored", SAVED[1])
        return Opaque(path)
    if module == "constraints":
        return Opaque(path)
    raise ReadError(node, f"{path} is not known here.", "Leave this line out.")


def _set_seed(node: ast.Call, state: State) -> Value:
    given, named = arguments_of(node, state)
    seed = given[0] if given else named.get("seed")
    if isinstance(seed, int) and 0 <= seed < 2**63:
        state.seed = seed
    return Opaque("a seed")


def _of_something(node: ast.Call, callee: Bound, state: State) -> Value:
    owner = callee.owner
    if isinstance(owner, ModelValue):
        return models.method(node, owner, callee.method, state)
    if isinstance(owner, LayerValue):
        return models.layer_method(node, owner, callee.method)
    given, named = arguments_of(node, state)
    if isinstance(owner, ArrayValue):
        return arrays.method(node, owner, callee.method, given, named, state)
    if isinstance(owner, DataValue):
        return data_calls.method(node, owner, callee.method, given, named)
    if isinstance(owner, list):
        return _of_list(node, owner, callee.method, given)
    if isinstance(owner, dict) and callee.method == "get":
        return owner.get(given[0], given[1] if len(given) > 1 else None)
    return Opaque(callee.method)


def _of_list(node: ast.Call, owner: list[Value], name: str, given: list[Value]) -> Value:
    if name == "append" and len(given) == 1 and len(owner) < expressions.LONGEST:
        owner.append(given[0])
        return None
    if name == "extend" and len(given) == 1 and isinstance(given[0], list | tuple):
        owner.extend(given[0])
        return None
    raise ReadError(node, f"{name} of a list is not read.", "Write the list.")


def _builtin(node: ast.Call, name: str, state: State) -> Value:
    if name == "print":
        _quietly(node, state)
        return Opaque("print")
    given, named = arguments_of(node, state)
    first = given[0] if given else None
    if name == "open":
        state.notice(
            node, "The file is not opened. Data come from the data set that you choose.", "data",
            "Choose it under Data.",
        )  # fmt: skip
        return DataValue("a file")
    if any(isinstance(each, FromData | DataValue | Opaque | Reference) for each in given):
        if name == "len" and isinstance(first, DataValue):
            return FromData("length")
        if name in ("set", "sorted", "list", "tuple") and isinstance(first, DataValue):
            return first
        return first if isinstance(first, FromData) else Opaque(name)
    if name == "len" and isinstance(first, ArrayValue):
        return first.shape[0] if first.shape else FromData("length")
    try:
        return _plain_builtin(node, name, given, named)
    except (TypeError, ValueError, OverflowError) as error:
        raise ReadError(node, f"{name} is not called like this.", "Check it.") from error


def _plain_builtin(node: ast.Call, name: str, given: list[Any], named: dict[str, Value]) -> Value:
    if name == "range":
        found = range(*given)
        if len(found) > expressions.LONGEST:
            raise ReadError(node, "This range is too long.", "Make it shorter.")
        return found
    if name == "len" and isinstance(given[0], list | tuple | str | dict | range):
        return len(given[0])
    if name in ("list", "tuple"):
        values = given[0] if given else ()
        if isinstance(values, list | tuple | range):
            return list(values) if name == "list" else tuple(values)
    if name in ("int", "float") and isinstance(given[0], int | float):
        return int(given[0]) if name == "int" else float(given[0])
    if name == "str" and isinstance(given[0], int | float | str):
        return str(given[0])
    if name == "dict":
        return dict(named)
    if name == "enumerate" and isinstance(given[0], list | tuple | range):
        return [tuple(each) for each in enumerate(given[0], *given[1:])]
    if name == "zip" and all(isinstance(each, list | tuple | range) for each in given):
        return [tuple(each) for each in zip(*given, strict=False)]
    if name == "reversed" and isinstance(given[0], list | tuple | range):
        return list(reversed(given[0]))
    numbers = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given
    plain = all(isinstance(each, int | float) for each in numbers)
    if name in ("min", "max", "sum", "round", "abs") and plain and numbers:
        if name in ("round", "abs"):
            return round(*given) if name == "round" else abs(given[0])
        reduce: Any = {"min": min, "max": max, "sum": sum}[name]
        return reduce(numbers)
    return Opaque(name)


def _quietly(node: ast.Call, state: State) -> None:
    """Read what is printed for its calls (`print(model.evaluate(…))`), and mind nothing else."""
    for each in node.args:
        if any(isinstance(inner, ast.Call) for inner in ast.walk(each)):
            before = len(state.problems)
            try:
                expressions.evaluate(each, state)
            except ReadError:
                del state.problems[before:]
