"""Data that a program makes up, as expressions: `tf.random.normal([100, 10, 8])` and the like.

An expression is what JSON can hold: {"op": "normal", "shape": (100, 10, 8), "draw": 0}, a number,
or a truth value. It is looked at (`shape_of`) and computed (`compute`) by the few operations below;
no source is run. Each draw has a number of its own, so that an array that is used twice is the same
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.formats.json_values import Json, SpecError, shown

Array = npt.NDArray[Any]

MOST_ELEMENTS = 2**27
"""No array has more numbers than this (512 MiB as float32)."""
DRAWS = ("normal", "uniform", "integers", "permutation")
UNARY: Mapping[str, Callable[[Any], Any]] = {
    "neg": np.negative, "sin": np.sin, "cos": np.cos, "tan": np.tan, "exp": np.exp, "log": np.log,
    "sqrt": np.sqrt, "square": np.square, "abs": np.abs, "tanh": np.tanh, "sign": np.sign,
    "floor": np.floor, "round": np.round, "not": np.logical_not,
}  # fmt: skip
BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.mod, "pow": np.power, "less": np.less,
    "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
    "equal": np.equal, "not_equal": np.not_equal, "and": np.logical_and, "or": np.logical_or,
    "maximum": np.maximum, "minimum": np.minimum,
}  # fmt: skip
REDUCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "argmax": np.argmax,
    "std": np.std, "prod": np.prod,
}  # fmt: skip
DTYPES = ("float32", "float64", "int32", "int64", "bool")


def expression(op: str, *of: Json, **more: Json) -> dict[str, Json]:
    """An expression over others."""
    return {"op": op, **({"of": of} if of else {}), **more}


def compute(made: Json, seed: int = 0) -> Array:
    """Return the array, the same for the same seed: float32, int64 or bool.

    Raises:
        SpecError: it is no expression, its parts do not fit together, or it is too large.
    """
    try:
        with np.errstate(all="ignore"):
            result = np.asarray(_computed(made, seed))
    except (ValueError, TypeError, IndexError, OverflowError, KeyError, MemoryError) as error:
        raise _misfit(error) from error
    except RecursionError as error:
        raise SpecError("The data are told by too many operations within each other.") from error
    if result.dtype.kind == "f":
        return result.astype(np.float32)
    return result.astype(np.int64) if result.dtype.kind in "iu" else result


def compute_each(made: Json, seed: int = 0) -> Any:
    """Return the array of an expression; of several, by order or name, an array for each.

    Raises SpecError, as `compute`.
    """
    if isinstance(made, tuple | list):
        return [compute(each, seed) for each in made]
    if isinstance(made, Mapping) and "op" not in made:
        return {name: compute(each, seed) for name, each in made.items()}
    return compute(made, seed)


def shape_of(made: Json) -> tuple[int, ...]:
    """Return the shape that `compute` gives, without computing. Raises SpecError."""
    try:
        shape = _shape(made)
    except (ValueError, TypeError, IndexError, OverflowError, KeyError) as error:
        raise _misfit(error) from error
    except RecursionError as error:
        raise SpecError("The data are told by too many operations within each other.") from error
    if prod(shape) > MOST_ELEMENTS:
        raise SpecError(
            f"An array of the shape {shape} is too large: at most {MOST_ELEMENTS:,} numbers are "
            "made up."
        )
    return shape


def _misfit(error: Exception) -> SpecError:
    if isinstance(error, SpecError):
        return error
    return SpecError(f"The made-up data do not fit together: {error}.")


def _computed(made: Json, seed: int) -> Any:
    if isinstance(made, bool | int | float):
        return made
    if not isinstance(made, Mapping) or not isinstance(made.get("op"), str):
        raise SpecError(f"{shown(made)} is no expression for data.")
    shape = shape_of(made)
    op = made["op"]
    if op in DRAWS:
        return _drawn(made, shape, seed)
    of: list[Any] = [_computed(each, seed) for each in made.get("of", ())]
    if op in UNARY:
        return UNARY[op](of[0])
    if op in BINARY:
        return BINARY[op](of[0], of[1])
    if op in REDUCTIONS:
        return REDUCTIONS[op](of[0], axis=made.get("axis"))
    return _OPERATIONS[op](made, of, shape)


def _drawn(made: Json, shape: tuple[int, ...], seed: int) -> Array:
    source = made.get("seed")
    key = [int(made.get("draw", 0)), *([] if source is None else [int(source)])]
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    if made["op"] == "normal":
        return rng.normal(made.get("mean", 0.0), made.get("stddev", 1.0), shape)
    if made["op"] == "uniform":
        return rng.uniform(made.get("low", 0.0), made.get("high", 1.0), shape)
    if made["op"] == "permutation":
        return rng.permutation(shape[0])
    return rng.integers(made.get("low", 0), made["high"], shape)


def _constant(made: Json, of: list[Any], shape: tuple[int, ...]) -> Array:
    del of, shape
    return np.array(made["value"])


def _indexed(made: Json, of: list[Any], shape: tuple[int, ...]) -> Array:
    del shape
    part: Array = np.asarray(of[0])[_index(made["index"])]
    return part


def _windows(made: Json, of: list[Any], shape: tuple[int, ...]) -> Array:
    starts = np.arange(shape[0]) * made["step"] + made["start"]
    if made["length"] is not None:
        starts = starts[:, np.newaxis] + np.arange(made["length"])
    windows: Array = np.asarray(of[0])[starts]
    return windows


def _one_hot(made: Json, of: list[Any], shape: tuple[int, ...]) -> Array:
    del made
    labels = np.asarray(of[0]).astype(np.int64)
    return np.eye(shape[-1], dtype=np.float32)[labels.reshape(shape[:-1])]


_OPERATIONS: Mapping[str, Callable[[Json, list[Any], tuple[int, ...]], Any]] = {
    "constant": _constant,
    "full": lambda made, _, shape: np.full(shape, made["value"]),
    "arange": lambda made, _, __: np.arange(made["start"], made["stop"], made["step"]),
    "linspace": lambda made, _, __: np.linspace(made["start"], made["stop"], made["count"]),
    "reshape": lambda _, of, shape: np.reshape(of[0], shape),
    "cast": lambda made, of, _: np.asarray(of[0]).astype(_dtype(made["dtype"])),
    "transpose": lambda made, of, _: np.transpose(of[0], made.get("axes")),
    "index": _indexed,
    "windows": _windows,
    "one_hot": _one_hot,
    "stack": lambda made, of, _: np.stack(of, axis=made.get("axis", 0)),
    "concatenate": lambda made, of, _: np.concatenate(of, axis=made.get("axis", 0)),
    "where": lambda _, of, __: np.where(of[0], of[1], of[2]),
    "cumsum": lambda made, of, _: np.cumsum(of[0], axis=made.get("axis")),
}


def _shape(made: Json) -> tuple[int, ...]:
    if isinstance(made, bool | int | float):
        return ()
    if not isinstance(made, Mapping):
        raise SpecError(f"{shown(made)} is no expression for data.")
    op = made.get("op")
    if op in ("normal", "uniform", "integers", "permutation", "full", "reshape"):
        wanted = tuple(made["shape"])
        if op == "reshape":
            wanted = _reshaped(_shape(made["of"][0]), wanted)
        if any(not isinstance(each, int) or isinstance(each, bool) or each < 0 for each in wanted):
            raise SpecError(f"The shape {wanted} must hold whole numbers from 0 on.")
        return wanted
    if op == "arange":
        return (max(0, int(np.ceil((made["stop"] - made["start"]) / made["step"]))),)
    if op == "linspace":
        return (int(made["count"]),)
    if op == "constant":
        return np.shape(made["value"])
    shapes = [_shape(each) for each in made["of"]]
    if op in UNARY or op == "cast":
        return shapes[0]
    if op in BINARY or op == "where":
        return np.broadcast_shapes(*shapes)
    if op in REDUCTIONS:
        return _without(shapes[0], made.get("axis"))
    if op == "cumsum":
        return shapes[0] if made.get("axis") is not None else (prod(shapes[0]),)
    stand_in = [np.broadcast_to(np.int8(0), shape) for shape in shapes]
    if op == "transpose":
        return np.transpose(stand_in[0], made.get("axes")).shape
    if op == "index":
        part: Array = stand_in[0][_index(made["index"])]
        return part.shape
    if op == "windows":
        ends = (made["start"] + made["step"] * (made["count"] - 1)) + (made["length"] or 1)
        if made["start"] < 0 or ends > shapes[0][0]:
            raise SpecError(f"A window ends at {ends}, behind the {shapes[0][0]} values.")
        inner = () if made["length"] is None else (made["length"],)
        return (made["count"], *inner, *shapes[0][1:])
    if op == "one_hot":
        shape = shapes[0]
        squeezed = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
        return (*squeezed, made["classes"])
    axis = made.get("axis", 0)
    if op == "stack":
        if len(set(shapes)) > 1:
            raise SpecError(f"Arrays of the shapes {shapes[0]} and {shapes[-1]} do not stack.")
        first = list(shapes[0])
        first.insert(axis if axis >= 0 else len(first) + 1 + axis, len(shapes))
        return tuple(first)
    if op == "concatenate":
        joined = list(shapes[0])
        joined[axis] = sum(shape[axis] for shape in shapes)
        return tuple(joined)
    raise SpecError(f"{shown(op)} is no operation for data.")


def _reshaped(shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    if wanted.count(-1) == 1:
        rest = -prod(wanted)
        if rest == 0 or prod(shape) % rest:
            raise SpecError(f"{prod(shape):,} numbers do not fill the shape {wanted}.")
        return tuple(prod(shape) // rest if each == -1 else each for each in wanted)
    if prod(wanted) != prod(shape):
        raise SpecError(f"{prod(shape):,} numbers do not fill the shape {wanted}.")
    return wanted


def _without(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    if axis is None:
        return ()
    gone = {each % len(shape) for each in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(length for place, length in enumerate(shape) if place not in gone)


def _index(stored: Any) -> tuple[Any, ...]:
    """Each part is a number, a slice as three numbers, "..." or None for a new axis."""
    return tuple(
        slice(*each) if isinstance(each, tuple | list) else ... if each == "..." else each
        for each in stored
    )


def _dtype(name: Any) -> str:
    if name not in DTYPES:
        raise SpecError(f"The type {shown(name)} is not there: choose one of {', '.join(DTYPES)}.")
    return str(name)
