"""What an expression stands for. Only what is listed here is understood; nothing is run."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.formats.keras_reader import arrays, calls, extraction, library, merging, models
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import DEEPEST, State
from simulator.formats.keras_reader.values import (
    ArrayValue,
    Bound,
    DataValue,
    FromData,
    LayerValue,
    ModelValue,
    ObjectValue,
    Opaque,
    Reference,
    TensorValue,
    Value,
)

LARGEST = 10**15
LONGEST = 100_000
DATA_NAME = re.compile(
    r"^_?(?:[xXyY](?:_|\d|$)|[xXyY](?:train|test|val)|train|test|val|valid|data|images?|labels?|"
    r"features?$|targets?$|inputs?_data|sequences?$|padded|dataset|samples|texts?$|sentences|"
    r"pairs$|predictions?$|preds?$|noise$|df$|(?:en|de)coder_(?:input|target)_data)"
)
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}  # fmt: skip
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def evaluate(node: ast.expr, state: State) -> Value:
    """Return what an expression stands for. Raises ReadError for what is not understood."""
    state.step(node)
    state.depth += 1
    try:
        if state.depth > DEEPEST:
            raise ReadError(
                node, "Expressions lie too deep within each other.", "Give parts of it names."
            )
        reader = _READERS.get(type(node))
        if reader is None:
            raise ReadError(node, *_refused(node))
        return reader(node, state)
    finally:
        state.depth -= 1


def _refused(node: ast.expr) -> tuple[str, str]:
    name = type(node).__name__
    told = {
        "Lambda": ("Functions of your own are not read.", "Use a name, such as 'relu'."),
        "Await": ("Nothing is awaited here.", "Leave it out."),
        "Yield": ("Generators are not read.", "Use arrays."),
        "NamedExpr": ("“:=” is not read.", "Write the assignment in a line of its own."),
    }
    return told.get(
        name,
        (f"This kind of expression ({name}) is not read.", "Write plain values and layers."),
    )


def _constant(node: ast.Constant, state: State) -> Value:
    del state
    if isinstance(node.value, bool | str | float | None) or node.value is None:
        return node.value
    if isinstance(node.value, int):
        if abs(node.value) > LARGEST:
            raise ReadError(node, "This number is too large.", f"Use one up to {LARGEST:,}.")
        return node.value
    if node.value is ...:
        return "..."
    raise ReadError(node, "This kind of value is not read.", "Use numbers and texts.")


def _name(node: ast.Name, state: State) -> Value:
    name = node.id
    if name in state.names:
        return state.names[name]
    if name in library.BARE:
        state.missing_imports.setdefault(name, state.places.span(node))
        return Reference(library.BARE[name])
    if name in _BUILTINS:
        return Reference(f"builtins.{name}")
    if name in state.given:
        return state.given[name]
    if DATA_NAME.match(name):
        return DataValue(
            names=(name,), validation=bool(re.search(r"test|val", name, re.IGNORECASE))
        )
    raise UnknownNameError(node)


class UnknownNameError(ReadError):
    """A name that nothing in the source explains."""

    def __init__(self, node: ast.Name) -> None:
        from simulator.formats.argument_types import near  # noqa: PLC0415

        super().__init__(
            node,
            f"The name {node.id[:60]} is used but never set.{near(node.id, library.BARE)}",
            f"Write {node.id[:60]} = … above.",
        )
        self.name = node.id


_BUILTINS = (
    "print", "len", "range", "int", "float", "str", "list", "tuple", "dict", "sum", "min", "max",
    "round", "abs", "enumerate", "zip", "reversed", "sorted", "set", "type", "bool", "open",
    "input", "isinstance",
)  # fmt: skip


def _sequence(node: ast.List | ast.Tuple, state: State) -> Value:
    found: list[Value] = []
    for each in node.elts:
        if isinstance(each, ast.Starred):
            inner = evaluate(each.value, state)
            if not isinstance(inner, list | tuple):
                raise ReadError(each, "Only a list can be unpacked here.", "Write its elements.")
            found += inner
        else:
            found.append(evaluate(each, state))
        if len(found) > LONGEST:
            raise ReadError(node, "This list is too long.", "Make it shorter.")
    return tuple(found) if isinstance(node, ast.Tuple) else found


def _dictionary(node: ast.Dict, state: State) -> Value:
    found: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            raise ReadError(node, "“**” is not read here.", "Write the entries.")
        name = evaluate(key, state)
        if not isinstance(name, str | int | float | bool):
            raise ReadError(key, "Keys must be texts or numbers.", "Write them out.")
        found[name] = evaluate(value, state)
    return found


def _unary(node: ast.UnaryOp, state: State) -> Value:
    value = evaluate(node.operand, state)
    if isinstance(value, FromData | DataValue | Opaque):
        return value
    if isinstance(value, ArrayValue):
        op = {ast.USub: "neg", ast.Not: "not", ast.Invert: "not"}.get(type(node.op))
        return value if op is None else arrays.made(node, op, value)
    if isinstance(node.op, ast.Not) and isinstance(value, bool | int | float | str | None):
        return not value
    if isinstance(value, int | float) and isinstance(node.op, ast.USub | ast.UAdd):
        return -value if isinstance(node.op, ast.USub) else value
    raise ReadError(node, "This sign cannot stand before that.", "Use numbers.")


def _binary(node: ast.BinOp, state: State) -> Value:
    left, right = evaluate(node.left, state), evaluate(node.right, state)
    both = (left, right)
    if any(isinstance(each, TensorValue) for each in both):
        return merging.merged(node, left, right, state)
    if any(isinstance(each, ArrayValue) for each in both):
        return arrays.combined(node, left, right)
    for kind in (DataValue, FromData, Opaque):
        for each in both:
            if isinstance(each, kind):
                return each
    if isinstance(node.op, ast.Mod) and isinstance(left, str):
        return Opaque("a text")
    return _combined(node, left, right)


def _combined(node: ast.BinOp, left: Value, right: Value) -> Value:
    action = _ARITHMETIC.get(type(node.op))
    numbers = all(isinstance(each, int | float) for each in (left, right))
    if action is not None and numbers:
        if isinstance(node.op, ast.Pow) and (abs(right) > 64 or abs(left) > 10**6):
            raise ReadError(node, "This power is too large.", "Write the number.")
        try:
            result = action(left, right)
        except (ArithmeticError, ValueError) as error:
            raise ReadError(node, f"This cannot be computed: {error}.", "Check it.") from error
        if isinstance(result, complex) or abs(result) > LARGEST:
            raise ReadError(node, "This number is too large.", f"Use one up to {LARGEST:,}.")
        return result
    joined = isinstance(left, str | list | tuple) and type(left) is type(right)
    if isinstance(node.op, ast.Add) and joined:
        if len(left) + len(right) > LONGEST:
            raise ReadError(node, "This is too long.", "Make it shorter.")
        return left + right
    if isinstance(node.op, ast.Mult) and isinstance(right, int) and isinstance(left, list | tuple):
        if any(isinstance(each, LayerValue | ModelValue) for each in left):
            raise ReadError(
                node, "A layer repeated like this is one layer.", "Write each layer by itself."
            )
        if len(left) * max(right, 0) > LONGEST:
            raise ReadError(node, "This is too long.", "Make it shorter.")
        return left * right
    raise ReadError(node, "This cannot be computed here.", "Write the value.")


def _comparison(node: ast.Compare, state: State) -> Value:
    left = evaluate(node.left, state)
    rights = [evaluate(each, state) for each in node.comparators]
    if len(rights) > 1:
        raise ReadError(node, "Chains of comparisons are not read.", "Compare two values.")
    right = rights[0]
    for each in (left, right):
        if isinstance(each, ArrayValue):
            return arrays.compared(node, left, right)
    for each in (left, right):
        if isinstance(each, DataValue | FromData | Opaque | Reference):
            return Opaque("a comparison")
    if isinstance(node.ops[0], ast.Is | ast.IsNot):
        return (left is right) == isinstance(node.ops[0], ast.Is)
    compare = _COMPARISONS.get(type(node.ops[0]))
    plain = (bool, int, float, str, tuple, type(None))
    if compare is None or not isinstance(left, plain) or not isinstance(right, plain):
        raise ReadError(node, "This comparison is not read.", "Compare numbers or texts.")
    try:
        return bool(compare(left, right))
    except TypeError as error:
        raise ReadError(node, "These cannot be compared.", "Compare numbers.") from error


def _boolean(node: ast.BoolOp, state: State) -> Value:
    value: Value = None
    for each in node.values:
        value = evaluate(each, state)
        if isinstance(value, DataValue | FromData | Opaque | Reference):
            return Opaque("a condition")
        if bool(value) == isinstance(node.op, ast.Or):
            return value
    return value


def _conditional(node: ast.IfExp, state: State) -> Value:
    test = evaluate(node.test, state)
    if isinstance(test, Opaque):
        raise ReadError(
            node.test, "This condition hangs on something that is not run.", "Write the value."
        )
    return evaluate(node.body if test else node.orelse, state)


def _attribute(node: ast.Attribute, state: State) -> Value:
    owner = evaluate(node.value, state)
    name = node.attr
    if isinstance(owner, Reference):
        return arrays.constant_of(owner, name) or library.member(owner, name)
    if isinstance(owner, TensorValue) and name == "shape":
        return extraction.shape_of(owner, state)
    if isinstance(owner, LayerValue | ModelValue | TensorValue):
        return models.attribute(owner, name, state)
    if isinstance(owner, ArrayValue):
        if name == "shape":
            return owner.shape if owner.shape is not None else FromData("shape")
        return arrays.made(node, "transpose", owner) if name == "T" else Bound(owner, name)
    if isinstance(owner, DataValue):
        if name == "shape":
            return FromData("shape")
        if name in ("num_classes", "n_classes", "class_indices", "class_names"):
            return FromData("classes")
        own = name in ("T", "values", "data", "target", "images", "labels")
        return owner if own else Bound(owner, name)
    if isinstance(owner, list | str | dict | ObjectValue | FromData):
        return Bound(owner, name)
    if isinstance(owner, Opaque):
        return owner
    if isinstance(owner, Bound) and isinstance(owner.owner, DataValue):
        return Bound(owner.owner, name)  # what stands for data has any parts, as iris.target has
    raise ReadError(node, f"{name!r} is not read here.", "Leave this line out.")


def _subscript(node: ast.Subscript, state: State) -> Value:
    owner = evaluate(node.value, state)
    if isinstance(owner, ArrayValue):
        return arrays.indexed(node, owner, index_of(node.slice, state))
    if isinstance(owner, DataValue | Opaque | Reference):
        return owner
    if isinstance(owner, FromData):
        return owner
    if isinstance(owner, Bound) and isinstance(owner.owner, DataValue):
        return owner.owner  # data.iloc[…] and the like
    index = index_of(node.slice, state)
    if isinstance(owner, list | tuple | str) and isinstance(index, int | slice):
        try:
            return owner[index]
        except (IndexError, ValueError, TypeError) as error:
            raise ReadError(
                node, f"There is no element {index}: there are {len(owner)}.", "Check the number."
            ) from error
    if isinstance(owner, dict) and isinstance(index, str | int) and index in owner:
        return owner[index]
    if isinstance(owner, TensorValue):
        raise ReadError(
            node, "Parts of a layer's output cannot be taken.", "Use a layer, such as Flatten."
        )
    raise ReadError(node, "This element cannot be taken.", "Write the value.")


def index_of(node: ast.expr, state: State) -> Any:
    """What stands between the brackets: a number, a text, a slice, or a tuple of these."""
    if isinstance(node, ast.Slice):
        parts = [
            None if each is None else evaluate(each, state)
            for each in (node.lower, node.upper, node.step)
        ]
        if any(isinstance(each, FromData | DataValue | Opaque) for each in parts):
            return Opaque("a place")
        if any(each is not None and not isinstance(each, int) for each in parts):
            raise ReadError(node, "Places are whole numbers.", "Write them.")
        return slice(*parts)
    if isinstance(node, ast.Tuple):
        return tuple(index_of(each, state) for each in node.elts)
    return evaluate(node, state)


def _joined_text(node: ast.JoinedStr, state: State) -> Value:
    parts: list[str] = []
    for each in node.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value))
            continue
        if not isinstance(each, ast.FormattedValue) or each.format_spec is not None:
            return Opaque("a text")
        value = evaluate(each.value, state)
        if not isinstance(value, int | float | str):
            return Opaque("a text")
        parts.append(str(value))
    return "".join(parts)


def _comprehension(node: ast.ListComp, state: State) -> Value:
    if len(node.generators) != 1 or node.generators[0].is_async:
        raise ReadError(node, "Lists made by several loops are not read.", "Use one loop.")
    generator = node.generators[0]
    if not isinstance(generator.target, ast.Name):
        iterated = evaluate(generator.iter, state)
        if isinstance(iterated, DataValue | Opaque | FromData):
            return Opaque("a list")
        raise ReadError(generator.target, "Only one name can stand here.", "Use one name.")
    iterated = evaluate(generator.iter, state)
    if isinstance(iterated, DataValue):
        return iterated
    if isinstance(iterated, Opaque | FromData | ArrayValue):
        return Opaque("a list")
    if not isinstance(iterated, list | tuple | range | dict):
        raise ReadError(generator.iter, "Only a list or range can be gone through.", "Use range.")
    name, before = generator.target.id, state.names.get(generator.target.id)
    found: list[Value] = []
    try:
        for value in iterated:
            state.names[name] = value
            tests = [evaluate(test, state) for test in generator.ifs]
            if all(tests):
                found.append(evaluate(node.elt, state))
    finally:
        state.names.pop(name, None)
        if before is not None:
            state.names[name] = before
    return found


_READERS: Mapping[type[ast.expr], Callable[[Any, State], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Dict: _dictionary,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _comparison,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.JoinedStr: _joined_text,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Call: lambda node, state: calls.call(node, state),  # noqa: PLW0108 - modules of a ring
}
