"""Arrays that a program makes up, and arrays of the data that the learner chooses."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from simulator.formats import made_data
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    DataValue,
    FromData,
    Opaque,
    Reference,
    Value,
)

_BINARY: Mapping[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "not_equal",
}  # fmt: skip
_COMPARED: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal",
    ast.Eq: "equal", ast.NotEq: "not_equal",
}  # fmt: skip
_TYPES = {
    "float": "float32", "float16": "float32", "float32": "float32", "float64": "float32",
    "int": "int64", "int8": "int64", "int16": "int64", "int32": "int64", "int64": "int64",
    "uint8": "int64", "bool": "bool", "bool_": "bool",
}  # fmt: skip
_NAMES = {"absolute": "abs", "pow": "pow", "power": "pow", "multiply": "mul", "subtract": "sub",
          "divide": "div", "reduce_sum": "sum", "reduce_mean": "mean", "reduce_max": "max",
          "amax": "max", "amin": "min", "logical_and": "and", "logical_or": "or",
          "logical_not": "not", "logical_xor": "not_equal", "rint": "round"}  # fmt: skip
NEEDS = "Use plain numbers and arrays of NumPy or TensorFlow."


def array(node: ast.AST, expression: Json) -> ArrayValue:
    """An array with its shape. Raises ReadError for parts that do not fit together."""
    try:
        return ArrayValue(expression, made_data.shape_of(expression))
    except SpecError as error:
        raise ReadError(node, str(error), "Check the shapes.") from error


def made(node: ast.AST, op: str, *of: Value, **more: Json) -> ArrayValue:
    """An operation on arrays and numbers."""
    return array(node, made_data.expression(op, *(told(node, each) for each in of), **more))


def told(node: ast.AST, value: Value) -> Json:
    """The expression of an array, a number, or a list of these."""
    if isinstance(value, ArrayValue):
        return value.expression
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, range):
        value = list(value)
    if isinstance(value, list | tuple):
        return _listed(node, value)
    raise ReadError(node, "This is no array of numbers.", NEEDS)


def _listed(node: ast.AST, values: Any) -> Json:
    if any(isinstance(each, ArrayValue) for each in values):
        windows = _windows(values)
        if windows is not None:
            return windows
        if len(values) > 256:
            raise ReadError(node, "These arrays are too many to join.", NEEDS)
        return made_data.expression("stack", *(told(node, each) for each in values), axis=0)
    return made_data.expression("constant", value=_plain(node, values))


def _plain(node: ast.AST, values: Any) -> Json:
    if isinstance(values, list | tuple | range):
        return tuple(_plain(node, each) for each in values)
    if isinstance(values, bool | int | float):
        return values
    raise ReadError(node, "This is no array of numbers.", NEEDS)


def _windows(values: Any) -> Json | None:
    """Parts of one array at equal distances, as programs cut them out of a wave."""
    first = values[0]
    if not all(isinstance(each, ArrayValue) for each in values) or len(values) < 2:
        return None
    indices = [each.expression for each in values]
    if any(each.get("op") != "index" or len(each["index"]) != 1 for each in indices):
        return None
    base = first.expression["of"][0]
    if any(each["of"][0] is not base for each in indices):
        return None
    places = [each["index"][0] for each in indices]
    if all(isinstance(place, int) for place in places):
        starts, lengths = places, [None]
    elif all(isinstance(p, tuple) and p[2] is None and None not in p[:2] for p in places):
        starts, lengths = [p[0] for p in places], list({p[1] - p[0] for p in places})
    else:
        return None
    steps = {b - a for a, b in pairwise(starts)}
    if len(steps) != 1 or len(lengths) != 1:
        return None
    return made_data.expression(
        "windows", base, start=starts[0], step=steps.pop(), count=len(starts), length=lengths[0]
    )


def combined(node: ast.BinOp, left: Value, right: Value) -> Value:
    """left op right, element by element."""
    for each in (left, right):
        if isinstance(each, DataValue):
            return each
    op = _BINARY.get(type(node.op))
    if op is None:
        raise ReadError(node, "This operation on arrays is not read.", NEEDS)
    return made(node, op, left, right)


def compared(node: ast.Compare, left: Value, right: Value) -> Value:
    """A comparison, element by element."""
    op = _COMPARED.get(type(node.ops[0]))
    if op is None:
        raise ReadError(node, "This comparison of arrays is not read.", NEEDS)
    return made(node, op, left, right)


def indexed(node: ast.AST, owner: ArrayValue, index: Any) -> ArrayValue:
    """owner[index]."""
    parts = index if isinstance(index, tuple) else (index,)
    stored: list[Json] = []
    for each in parts:
        if isinstance(each, slice):
            stored.append((each.start, each.stop, each.step))
        elif each is None or each == "..." or (isinstance(each, int) and each is not True):
            stored.append(each)
        elif isinstance(each, Reference) and each.path.endswith("newaxis"):
            stored.append(None)
        else:
            raise ReadError(node, "This part of an array cannot be taken.", NEEDS)
    return array(node, {"op": "index", "of": (owner.expression,), "index": tuple(stored)})


def constant_of(owner: Reference, name: str) -> Value:
    """Numbers that libraries give names to."""
    if owner.path in ("numpy", "math") and name in ("pi", "e"):
        return getattr(math, name)
    return None


def dtype_of(value: Value) -> str | None:
    """The type that a text or a reference names, or None."""
    name = value if isinstance(value, str) else getattr(value, "last", None)
    return _TYPES.get(str(name)) if name is not None else None


def _dims(node: ast.AST, value: Value) -> tuple[int, ...]:
    parts = value if isinstance(value, list | tuple) else (value,)
    found = [int(each) if isinstance(each, float) and each.is_integer() else each
             for each in parts]  # fmt: skip
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in found):
        raise ReadError(node, "A shape is made of whole numbers.", "Write them.")
    return tuple(found)


def _draw(node: ast.Call, op: str, shape: Value, state: State, **more: Json) -> ArrayValue:
    dims = () if shape is None else _dims(node, shape)
    drawn = {"op": op, "shape": dims, "draw": state.next_draw(), **more}
    return array(node, {name: value for name, value in drawn.items() if value is not None})


def function(
    node: ast.Call, path: str, given: list[Value], named: dict[str, Value], state: State
) -> Value:
    """What a function of NumPy or `tf` gives. Raises ReadError for those that are not known."""
    name = path.rpartition(".")[2]
    for each in _parts([*given, *named.values()]):
        if isinstance(each, DataValue):
            return each
        if isinstance(each, FromData):
            return FromData(each.what)
        if isinstance(each, Opaque):
            return DataValue()  # put together of what is not run
    try:
        return _function(node, path, name, given, named, state)
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise ReadError(node, f"{name} is not called like this.", NEEDS) from error


def _parts(values: list[Value]) -> Iterator[Value]:
    """All of them, and first what lists among them hold: arrays may be put together of data."""
    for each in values:
        if isinstance(each, list | tuple):
            yield from _parts(list(each))
        yield each


def _function(
    node: ast.Call, path: str, name: str, given: list[Value], named: dict[str, Value], state: State
) -> Value:
    def argument(place: int, *keys: str, default: Value = None) -> Value:
        for key in keys:
            if key in named:
                return named[key]
        return given[place] if place < len(given) else default

    random = ".random" in path or path.startswith("generator.")
    tensorflow = path.startswith("tensorflow")
    if random:
        found = _random(node, name, argument, given, state, tensorflow)
        if found is not None:
            return found
    if name == "prod" and isinstance(given[0], list | tuple):  # of a shape: a number of units
        lengths = [each for each in given[0] if isinstance(each, int)]
        if len(lengths) == len(given[0]):
            return math.prod(lengths)
    op = _NAMES.get(name, name)
    if op in ("array", "asarray", "constant", "convert_to_tensor", "Variable"):
        value = given[0]
        return value if isinstance(value, ArrayValue) else array(node, told(node, value))
    if op in ("zeros", "ones", "full", "empty"):
        value = argument(1, "fill_value", "value", default=0) if op == "full" else int(op == "ones")
        return array(node, {"op": "full", "shape": _dims(node, argument(0, "shape", "dims")),
                            "value": value if op == "full" else float(value)})  # fmt: skip
    if op in ("zeros_like", "ones_like"):
        return array(node, {"op": "full", "shape": given[0].shape, "value": float(op[0] == "o")})
    if op in ("arange", "range"):
        numbers = [*given] if len(given) > 1 else [0, *given]
        step = argument(2, "step", "delta", default=1)
        return array(node, {"op": "arange", "start": numbers[0], "stop": numbers[1], "step": step})
    if op == "linspace":
        count = argument(2, "num", default=50)
        return array(node, {"op": "linspace", "start": argument(0, "start"),
                            "stop": argument(1, "stop"), "count": count})  # fmt: skip
    if op in made_data.UNARY:
        return made(node, op, given[0])
    if op in made_data.BINARY:
        return made(node, op, given[0], given[1])
    if op in made_data.REDUCTIONS or op == "cumsum":
        axis = argument(1, "axis")
        return made(node, op, given[0], axis=_axis(axis))
    if op in ("stack", "concatenate", "concat", "vstack", "hstack", "column_stack"):
        parts = given[0]
        joined = "concatenate" if op in ("concat", "vstack", "hstack") else op
        axis = argument(1, "axis", default={"hstack": 1}.get(op, 0))
        if op == "column_stack":
            joined, axis = "stack", 1
        return made(node, joined, *parts, axis=axis)
    if op == "where" and len(given) == 3:
        return made(node, "where", *given)
    if op in ("reshape", "astype", "cast", "expand_dims", "transpose", "squeeze", "float32",
              "float64", "int32", "int64", "newaxis", "one_hot"):  # fmt: skip
        if op in _TYPES:
            return made(node, "cast", given[0], dtype=_TYPES[op])
        return method(node, value_array(node, given[0]), op, given[1:], named, state)
    raise ReadError(node, f"{path} is not known here.", NEEDS)


def value_array(node: ast.AST, value: Value) -> ArrayValue:
    """A value as an array."""
    return value if isinstance(value, ArrayValue) else array(node, told(node, value))


def _random(
    node: ast.Call, name: str, argument: Any, given: list[Value], state: State, tensorflow: bool
) -> Value:
    if name in ("rand", "randn"):
        op = "uniform" if name == "rand" else "normal"
        return _draw(node, op, tuple(given) if given else None, state)
    if name in ("random", "random_sample", "ranf", "sample"):
        return _draw(node, "uniform", argument(0, "size"), state)
    if name == "standard_normal":
        return _draw(node, "normal", argument(0, "size"), state)
    if name in ("normal", "truncated_normal"):
        places = (0, 1, 2) if tensorflow else (2, 0, 1)
        return _draw(node, "normal", argument(places[0], "shape", "size"), state,
                     mean=argument(places[1], "mean", "loc"),
                     stddev=argument(places[2], "stddev", "scale"))  # fmt: skip
    if name == "uniform":
        places = (0, 1, 2) if tensorflow else (2, 0, 1)
        kind = dtype_of(argument(3, "dtype")) if tensorflow else None
        low = argument(places[1], "minval", "low", default=0)
        high = argument(places[2], "maxval", "high", default=1)
        return _draw(node, "integers" if kind == "int64" else "uniform",
                     argument(places[0], "shape", "size"), state, low=low, high=high)  # fmt: skip
    if name in ("randint", "integers", "choice"):
        low, high = argument(0, "low", "a", default=0), argument(1, "high")
        size = argument(2, "size")
        if name == "choice":
            values, size = low, argument(1, "size")
            if isinstance(values, list | tuple):
                if tuple(values) != tuple(range(len(values))):
                    raise ReadError(node, "choice is read for 0, 1, 2 … only.", "Use randint.")
                values = len(values)
            low, high = 0, values
        if high is None:
            low, high = 0, low
        return _draw(node, "integers", size, state, low=low, high=high)
    if name == "permutation":
        count = given[0]
        return _draw(node, "permutation", count, state)
    return None


def _axis(axis: Value) -> Json:
    return tuple(axis) if isinstance(axis, list) else axis


def method(
    node: ast.Call, owner: ArrayValue, name: str, given: list[Value], named: dict[str, Value],
    state: State,
) -> Value:  # fmt: skip
    """What a method of an array gives. Raises ReadError for those that are not known."""
    del state
    try:
        if name in ("astype", "cast"):
            kind = dtype_of(named.get("dtype", given[0] if given else None)) or "float32"
            return made(node, "cast", owner, dtype=kind)
        if name == "reshape":
            wanted: Any = named.get("newshape", named.get("shape", given))
            parts = (
                wanted[0] if len(wanted) == 1 and isinstance(wanted[0], list | tuple) else wanted
            )
            return made(node, "reshape", owner, shape=_dims(node, parts))
        if name == "expand_dims":
            axis: Any = named.get("axis", given[0] if given else -1)
            shape = list(owner.shape or ())
            shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
            return made(node, "reshape", owner, shape=tuple(shape))
        if name == "squeeze":
            kept = tuple(length for length in owner.shape or () if length != 1)
            return made(node, "reshape", owner, shape=kept)
        if name in ("flatten", "ravel"):
            return made(node, "reshape", owner, shape=(-1,))
        if name == "transpose":
            axes = named.get("perm", given[0] if len(given) == 1 else given or None)
            return made(node, "transpose", owner, axes=None if axes is None else tuple(axes))
        if name == "one_hot":
            return made(node, "one_hot", owner, classes=named.get("depth", given[0]))
        if name in ("copy", "numpy"):
            return owner
        if name in made_data.REDUCTIONS or name == "cumsum":
            axis = named.get("axis", given[0] if given else None)
            return made(node, name, owner, axis=_axis(axis))
        if name == "tolist":
            return owner
    except (IndexError, KeyError, TypeError) as error:
        raise ReadError(node, f"{name} is not called like this.", NEEDS) from error
    raise ReadError(node, f"{name} of an array is not known here.", NEEDS)
