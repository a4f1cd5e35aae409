"""Programs in Keras, read and never run.

`read` takes a text, repairs what copying has damaged, and gives a description of the program, or
problems that say where, why, and what is possible instead. It raises nothing, whatever the text.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping

from simulator.formats import building
from simulator.formats.json_values import Json, SpecError
from simulator.formats.keras_reader import completion, extraction, statements
from simulator.formats.keras_reader.messages import (
    STANDS_IN,
    Assumption,
    Notice,
    Places,
    Problem,
    ReadError,
    Reading,
    Remark,
    Span,
)
from simulator.formats.keras_reader.repair import repair
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import ModelValue
from simulator.formats.program import ProgramSpec

__all__ = [
    "STANDS_IN",
    "Assumption",
    "Notice",
    "Problem",
    "Reading",
    "Remark",
    "Span",
    "read",
]

LONGEST = 50_000
"""A source may have so many characters."""
MOST_SYNTAX_ERRORS = 20


def read(source: str, given: Mapping[str, Json] | None = None) -> Reading:
    """Return what the source says. No part of it is run.

    `given` are values that the learner chose for names that the source does not explain, and what
    the chosen data tell: "input_shape" and "num_classes".
    """
    if len(source) > LONGEST:
        return Reading(source[:LONGEST], None, problems=(_whole(
            "The text is too long to be a program for a lesson.",
            f"Paste at most {LONGEST:,} characters.",
        ),))  # fmt: skip
    if any("\ud800" <= sign <= "\udfff" for sign in source):
        source = source.encode(errors="replace").decode()
    try:
        repaired, notices = repair(source)
        return _read(repaired, notices, dict(given or {}))
    except RecursionError:
        return Reading(source, None, problems=(_whole(
            "Expressions lie too deep within each other.", "Give parts of them names."
        ),))  # fmt: skip


def _whole(text: str, to_do: str) -> Problem:
    return Problem(1, 0, 1, 1, text, to_do)


def _read(source: str, notices: tuple[Notice, ...], given: Mapping[str, Json]) -> Reading:
    state = State(Places(source), given)
    state.names["__name__"] = "__main__"
    tree = _parsed(source, state)
    statements.run(tree.body, state)
    program: ProgramSpec | None = None
    places: dict[str, Span] = {}
    try:
        model = completion.chosen_model(tree, state)
        if model is not None and not state.problems:
            program, places = _program(model, state)
    except ReadError as error:
        state.problem(error)
    completion.tell_missing_imports(state)
    if state.problems:
        program = None
    return Reading(
        source,
        program,
        (*notices, *sorted(state.notices, key=lambda each: (each.line, each.column))),
        tuple(sorted(state.problems, key=lambda each: (each.line, each.column))),
        tuple(state.assumptions.values()),
        places,
    )


def _program(model: ModelValue, state: State) -> tuple[ProgramSpec | None, dict[str, Span]]:
    network = extraction.network(model, state)
    given_shape = state.given.get("input_shape")
    if len(network.inputs) == 1 and network.inputs[0].shape is None and given_shape is not None:
        network = network.with_input_shape(tuple(given_shape))
    nodes = extraction.nodes(model)
    unknown = next((each.name for each in network.inputs if each.shape is None), None)
    if len(network.inputs) > 1 and unknown is not None:
        raise ReadError(
            nodes.get(unknown, model.node),
            f"The shape of the input {unknown!r} is not told, and of several inputs the data "
            "cannot tell it.",
            "Write it in numbers, such as Input(shape=(20,)).",
        )
    if all(each.shape is not None for each in network.inputs):
        try:
            building.facts(network)
        except SpecError as error:
            node = nodes.get(error.layer.partition(":")[0], model.node)
            raise ReadError(node, str(error), "Change this layer, or the one before it.") from error
    fit, data = completion.fit_of(model, state)
    program = ProgramSpec(
        network, completion.compile_of(model, network, state), fit, data, state.seed or 0
    )
    return program, {name: state.places.span(node) for name, node in nodes.items()}


def _parsed(source: str, state: State) -> ast.Module:
    """The syntax tree; lines that are no Python become problems and are read as empty."""
    lines = source.split("\n")
    for _ in range(MOST_SYNTAX_ERRORS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of invalid escapes in texts
                return ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = min(max(error.lineno or 1, 1), len(lines))
            while number > 1 and not lines[number - 1].strip():
                number -= 1
            span = state.places.line(number)
            told = (error.msg or "it is not Python").removesuffix(".")
            problem = Problem(
                span.line, span.column, span.end_line, span.end_column,
                f"This line is no Python: {told}.",
                "Compare it with your notes, or put # before it if it is a remark.",
            )  # fmt: skip
            if problem in state.problems or not lines[number - 1].strip():
                break
            state.problems.append(problem)
            indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
            lines[number - 1] = " " * indent + "pass"
        except (ValueError, MemoryError, RecursionError, OverflowError):
            state.problems.append(_whole("The text is no program.", "Paste a program in Keras."))
            break
    else:
        state.problems.append(_whole(
            f"More than {MOST_SYNTAX_ERRORS} lines are no Python.", "Paste the program alone."
        ))  # fmt: skip
    return ast.Module([], [])
