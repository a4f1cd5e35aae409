"""Functions that the source defines, such as `def build_model():`; read where they are called."""

from __future__ import annotations

import ast

from simulator.formats.keras_reader import expressions, statements
from simulator.formats.keras_reader.messages import ReadError
from simulator.formats.keras_reader.state import DEEPEST, State
from simulator.formats.keras_reader.values import DataValue, FunctionValue, Value


def call(
    node: ast.Call, function: FunctionValue, given: list[Value], named: dict[str, Value],
    state: State,
) -> Value:  # fmt: skip
    """What the function returns. Raises ReadError for arguments that do not fit."""
    definition = function.definition
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(definition)):
        state.notice(
            node, f"{definition.name[:60]} is not run: the data set that you choose stands for "
            "what it yields.", "data", "Choose it under Data.",
        )  # fmt: skip
        return DataValue(names=(definition.name,))
    own = definition.args
    if own.vararg or own.kwarg or own.posonlyargs:
        raise ReadError(definition, "“*” in a function's head is not read.", "Name the arguments.")
    names = [each.arg for each in (*own.args, *own.kwonlyargs)]
    if len(given) > len(own.args) or any(name not in names for name in named):
        raise ReadError(
            node,
            f"{definition.name} takes {', '.join(names) or 'no arguments'}.",
            "Check the call.",
        )
    state.depth += 4
    outer = dict(state.names)
    try:
        if state.depth > DEEPEST:
            raise ReadError(node, "Functions call each other too deeply.", "Call them in turn.")
        defaults = own.defaults
        for each, default in zip(own.args[len(own.args) - len(defaults) :], defaults, strict=True):
            state.names[each.arg] = expressions.evaluate(default, state)
        for each, keyword in zip(own.kwonlyargs, own.kw_defaults, strict=True):
            if keyword is not None:
                state.names[each.arg] = expressions.evaluate(keyword, state)
        state.names.update(zip((each.arg for each in own.args), given, strict=False))
        state.names.update(named)
        return statements.body(definition.body, state)
    finally:
        state.depth -= 4
        state.names = outer
