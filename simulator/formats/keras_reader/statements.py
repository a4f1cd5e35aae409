"""Statements, one after another. What cannot be read becomes a problem, and reading goes on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from simulator.formats import arguments
from simulator.formats.keras_reader import assigning, expressions, guesses, layer_calls, library
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import (
    NOT_READ,
    ArrayValue,
    DataValue,
    FromData,
    FunctionValue,
    LayerValue,
    ModelValue,
    Opaque,
    Reference,
    Value,
)

MOST_PROBLEMS = 50
"""After so many nothing more is read: the text is no program in Keras."""
OTHER_FRAMEWORKS = ("torch", "torchvision", "jax", "flax", "mxnet", "paddle", "fastai", "theano")


class _Returned(Exception):  # noqa: N818 - it is no error
    """What ends a function."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def run(statements: Sequence[ast.stmt], state: State) -> None:
    """Read all statements; what goes wrong is told by the state's problems."""
    for statement in statements:
        try:
            _read(statement, state)
        except ReadError as error:
            unknown = isinstance(error, expressions.UnknownNameError)
            if _is_trained(state) and (unknown or not _makes_a_network(statement)):
                told = error.text
                if isinstance(error, expressions.UnknownNameError):
                    told = f"{error.name:.60} is used but never set."
                state.notice(
                    error.node or statement,
                    f"This line comes after the training and is left out: {told}",
                )
            else:
                state.problem(error, statement)
            _forget_targets(statement, state)
            if len(state.problems) >= MOST_PROBLEMS:
                return
        except _Returned:
            state.problem(ReadError(statement, "return stands outside of a function.", ""))


def _is_trained(state: State) -> bool:
    """Whether the program has trained its network: what comes after it changes nothing."""
    return any(model.fitted is not None for model in state.models)


_OF_NETWORKS = {
    *arguments.LAYERS, *arguments.ALIASES, *library.INSTEAD, *library.OTHER_GROUPS, "VGG16",
    "Sequential", "Model", "Input", "add", "compile", "fit",
}  # fmt: skip


def _makes_a_network(statement: ast.stmt) -> bool:
    """Whether it speaks of layers, or of training: then it may be what the program is about."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.ClassDef):
        return True
    return any(
        getattr(each, "id", getattr(each, "attr", "")) in _OF_NETWORKS
        for each in ast.walk(statement)
        if isinstance(each, ast.Name | ast.Attribute)
    )


def body(statements: Sequence[ast.stmt], state: State) -> Value:
    """Read a function's statements, and return what it returns."""
    try:
        for statement in statements:
            _read(statement, state)
    except _Returned as returned:
        return returned.value
    return None


def _read(statement: ast.stmt, state: State) -> None:
    state.step(statement)
    reader = _READERS.get(type(statement))
    if reader is None:
        told, to_do = _REFUSED.get(
            type(statement).__name__,
            ("This kind of statement is not read.", "Leave it out."),
        )
        raise ReadError(statement, told, to_do)
    reader(statement, state)


_REFUSED: Mapping[str, tuple[str, str]] = {
    "ClassDef": (
        "Classes of your own are not read.",
        "Write the network with Sequential, or with Input and Model.",
    ),
    "While": ("while is not read.", "Use for … in range(…)."),
    "AsyncFunctionDef": ("async is not read.", "Use def."),
    "Raise": ("raise is not read.", "Leave it out."),
    "Match": ("match is not read.", "Use if."),
}


def _forget_targets(statement: ast.stmt, state: State) -> None:
    """What a statement that failed would have set is not read further, and causes no problem."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        state.names[statement.name] = NOT_READ
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            state.names[alias.asname or alias.name.split(".")[0]] = NOT_READ
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and not isinstance(target, ast.Attribute):
                    state.names[each.id] = NOT_READ


def _import(statement: ast.Import, state: State) -> None:
    for alias in statement.names:
        _refuse_other_frameworks(statement, alias.name)
        name = alias.asname or alias.name.split(".")[0]
        path = alias.name if alias.asname else alias.name.split(".")[0]
        state.names[name] = _imported(statement, path, state)


def _import_from(statement: ast.ImportFrom, state: State) -> None:
    module = statement.module or ""
    _refuse_other_frameworks(statement, module)
    for alias in statement.names:
        if alias.name == "*":
            if library.canonical(module).startswith("keras"):
                state.star_imported = True
            continue
        path = f"{module}.{alias.name}"
        state.names[alias.asname or alias.name] = _imported(statement, path, state)


def _refuse_other_frameworks(statement: ast.stmt, module: str) -> None:
    if module.split(".", maxsplit=1)[0] in OTHER_FRAMEWORKS:
        raise ReadError(
            statement, f"{module} is another framework: programs in Keras are read here.",
            "Paste a program that uses keras or tensorflow.keras.",
        )  # fmt: skip


def _imported(statement: ast.stmt, path: str, state: State) -> Value:
    found = library.canonical(path)
    root = found.split(".")[0]
    if root in ("keras", "tensorflow", "numpy") or library.is_not_run(found):
        return Reference(found)
    state.notice(statement, f"{path} is not run: what it gives is left out.")
    return Opaque(path)


def _assign(statement: ast.Assign, state: State) -> None:
    value = guesses.evaluate(statement.value, "", state)
    for target in statement.targets:
        assigning.assign(target, value, state)


def _annotated(statement: ast.AnnAssign, state: State) -> None:
    if statement.value is not None:
        assigning.assign(statement.target, guesses.evaluate(statement.value, "", state), state)


def _augmented(statement: ast.AugAssign, state: State) -> None:
    if isinstance(statement.target, ast.Name):
        left: ast.expr = ast.Name(statement.target.id, ast.Load())
        ast.copy_location(left, statement.target)
        combined = ast.copy_location(ast.BinOp(left, statement.op, statement.value), statement)
        state.names[statement.target.id] = expressions.evaluate(combined, state)
        return
    raise ReadError(statement, "Only a name can be changed like this.", "Use a name.")


def _expression(statement: ast.Expr, state: State) -> None:
    if isinstance(statement.value, ast.Constant):
        return
    if isinstance(statement.value, ast.Name) and statement.value.id not in state.names:
        return
    value = guesses.evaluate(statement.value, "", state)
    for each in value if isinstance(value, tuple | list) else (value,):
        if isinstance(each, LayerValue) and each.kind != layer_calls.SKIPPED:
            state.loose.append(each)


def _for(statement: ast.For, state: State) -> None:
    iterated = expressions.evaluate(statement.iter, state)
    if isinstance(iterated, DataValue | Opaque | FromData | ArrayValue | Reference):
        state.notice(statement, "This loop is left out: it goes through something that is not run.")
        _forget_body(statement, state)
        return
    if isinstance(iterated, dict):
        iterated = list(iterated)
    if not isinstance(iterated, list | tuple | range):
        raise ReadError(statement.iter, "Only a list or range can be gone through.", "Use range.")
    if statement.orelse:
        raise ReadError(statement, "else of a loop is not read.", "Leave it out.")
    _loop(statement, iterated, state)


def _forget_body(statement: ast.For, state: State) -> None:
    """Lists that the loop would have filled hold data from elsewhere; its names are not read."""
    for each in ast.walk(statement):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            if each.attr in ("append", "extend") and each.value.id in state.names:
                state.names[each.value.id] = DataValue(names=(each.value.id,))
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            state.names[each.id] = NOT_READ


def _loop(statement: ast.For, iterated: Iterable[Value], state: State) -> None:
    for value in list(iterated):
        state.step(statement)
        assigning.assign(statement.target, value, state)
        try:
            for each in statement.body:
                _read(each, state)
        except _Continued:
            continue
        except _Broken:
            break


class _Continued(Exception):  # noqa: N818 - it is no error
    """continue."""


class _Broken(Exception):  # noqa: N818 - it is no error
    """break."""


def _continue(statement: ast.Continue, state: State) -> None:
    del statement, state
    raise _Continued


def _break(statement: ast.Break, state: State) -> None:
    del statement, state
    raise _Broken


def _if(statement: ast.If, state: State) -> None:
    test = expressions.evaluate(statement.test, state)
    if isinstance(test, LayerValue | ModelValue):
        test = True
    if test is not None and not isinstance(test, bool | int | float | str | list | tuple | dict):
        if not statement.orelse or not _makes_a_network(statement):
            told = "This if is left out: its condition hangs on something not run."
            state.notice(statement, told)
            return
        state.notice(
            statement, "Its condition hangs on something not run: the lines of this if are read, "
            "those of its else are left out.", "assumed", "Paste the lines that you mean alone.",
        )  # fmt: skip
        test = True
    for each in statement.body if test else statement.orelse:
        _read(each, state)


_HARMLESS = (".function", "function", "register_keras_serializable()")
"""Ends of decorators that change how fast a function runs, or where it is kept, alone."""


def _define(statement: ast.FunctionDef, state: State) -> None:
    if any(not ast.unparse(each).endswith(_HARMLESS) for each in statement.decorator_list):
        raise ReadError(statement, "Decorators are not read.", "Leave them out.")
    state.names[statement.name] = FunctionValue(statement)


def _return(statement: ast.Return, state: State) -> None:
    value = None if statement.value is None else guesses.evaluate(statement.value, "", state)
    raise _Returned(value)


def _with(statement: ast.With, state: State) -> None:
    for item in statement.items:
        path = ""
        if isinstance(item.context_expr, ast.Call):
            path = ast.unparse(item.context_expr.func)
        if not path.endswith((".device", ".scope")):
            state.notice(statement, "This block is left out: files and the like are not opened.")
            file = path == "open"
            for each in ast.walk(statement):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    name = each.id
                    state.names[name] = DataValue("a file", names=(name,)) if file else Opaque(name)
            return
    for each in statement.body:
        _read(each, state)


def _try(statement: ast.Try, state: State) -> None:
    for each in statement.body:
        _read(each, state)


def _nothing(statement: ast.stmt, state: State) -> None:
    del statement, state


_READERS: Mapping[type[ast.stmt], Callable[[Any, State], None]] = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.For: _for,
    ast.If: _if,
    ast.FunctionDef: _define,
    ast.Return: _return,
    ast.With: _with,
    ast.Try: _try,
    ast.Continue: _continue,
    ast.Break: _break,
    ast.Pass: _nothing,
    ast.Delete: _nothing,
    ast.Global: _nothing,
    ast.Assert: _nothing,
}
