"""Values that a fragment uses and does not tell: what is assumed, by the name and the place."""

from __future__ import annotations

import ast
import re

from simulator.formats.keras_reader import expressions
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import DataValue, FromData, Opaque, Value

CLASSES = re.compile(
    r"(?:^|_)(?:n|nb|num|number)?_?(?:of_)?(?:class(?:es)?|categories|labels|outputs?)$|"
    r"^(?:n|k|c|K|C|N|NUM_CLASSES|N_CLASSES)$",
    re.IGNORECASE,
)
SHAPES = re.compile(
    r"shape|height|width|^h$|^w$|img|image|size|dim|time|steps|length|len|features|channels|"
    r"depth|window|look|lag|^n_|^num_|^[thwdn]$",
    re.IGNORECASE,
)
VOCABULARY = re.compile(r"vocab|words|tokens", re.IGNORECASE)
BY_NAME = (
    (VOCABULARY, 1000, "a small vocabulary"),
    (re.compile(r"epoch", re.IGNORECASE), 10, "a usual number of epochs"),
    (re.compile(r"batch", re.IGNORECASE), 32, "Keras's own default"),
    (re.compile(r"decay|lambda|^l[12]|^reg", re.IGNORECASE), 0.0001, "a usual strength"),
    (re.compile(r"^(?:lr|alpha|learning)", re.IGNORECASE), 0.001, "a usual learning rate"),
    (re.compile(r"drop|rate", re.IGNORECASE), 0.5, "a usual share"),
    (re.compile(r"embed", re.IGNORECASE), 32, "a usual length of vectors"),
    (re.compile(r"latent|encod|code|bottleneck", re.IGNORECASE), 32, "a usual length of codes"),
    (re.compile(r"unit|hidden|neuron|filter", re.IGNORECASE), 32, "a usual size"),
)
BY_ARGUMENT = {
    "units": 32, "filters": 32, "kernel_size": 3, "pool_size": 2, "strides": 1, "rate": 0.5,
    "epochs": 10, "nb_epoch": 10,
    "batch_size": 32, "learning_rate": 0.001, "input_dim": 1000, "output_dim": 32,
    "n": 10, "patience": 5, "validation_split": 0.2, "num_classes": 10,
    "optimizer": "adam", "activation": "relu", "padding": "valid", "momentum": 0.9,
    "dropout": 0.5, "recurrent_dropout": 0.5, "return_sequences": False,
    "shuffle": True, "clipnorm": 1.0, "clipvalue": 0.5, "dilation_rate": 1, "go_backwards": False,
}  # fmt: skip
LOSS = "loss"
NO_EFFECT = ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss", "verbose",
             "initial_epoch", "validation_batch_size", "validation_freq", "workers",
             "use_multiprocessing", "max_queue_size")  # fmt: skip
"""Arguments of `compile` and `fit` that change no number of what is trained."""
WITHOUT = ("callbacks", "metrics")
"""What is left out, and told of, where a name that nothing explains stands for it."""
TOLD_LATER = ("class_weight", "steps_per_epoch", "validation_steps", "weighted_metrics")
"""Likewise, told of by what reads the call."""
INPUT_SHAPES = ("input_shape", "shape", "batch_input_shape", "batch_shape", "input_length")
DATA = ("x", "y", "validation_data", "generator", "sample_weight")
"""What `fit` is given for these is data, whatever it is called."""
TOKENS = re.compile(r"^num_(?:en|de)coder_tokens$")
MOST_UNKNOWN = 8


def evaluate(node: ast.expr, argument: str, state: State) -> Value:
    """What an argument stands for; names that nothing explains are assumed where that is possible.

    Raises ReadError for what is not understood.
    """
    for _ in range(MOST_UNKNOWN):
        try:
            return expressions.evaluate(node, state)
        except expressions.UnknownNameError as error:
            if not argument and not CLASSES.search(error.name):
                raise
            counted = any(_counts(each, error.name) for each in ast.walk(node))
            found = DataValue(names=(error.name,)) if counted else _guess(error, argument, state)
            state.names[error.name] = found
    return expressions.evaluate(node, state)


def _counts(node: ast.AST, name: str) -> bool:
    """Whether it is len(…) of that name: what is counted is data, whatever it is called."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    own = any(isinstance(each, ast.Name) and each.id == name for each in node.args)
    return own and node.func.id == "len"


def classes(node: ast.AST, state: State) -> int:
    """The number of classes, where the source leaves it to the data."""
    value = state.assume("num_classes", 10, node, "because the data are not chosen yet")
    return value if isinstance(value, int) else 10


def _guess(error: expressions.UnknownNameError, argument: str, state: State) -> Value:
    name = error.name
    place = error.node
    assert place is not None
    if argument in DATA:
        return DataValue(names=(name,), validation=argument == "validation_data")
    if argument in WITHOUT:
        state.notice(place, f"{name} is not told: it is left out.", "assumed")
    if argument in (*WITHOUT, *TOLD_LATER, *NO_EFFECT):
        return Opaque(name)
    if argument == LOSS:
        return FromData(LOSS)
    if TOKENS.match(name):
        return state.assume(name, 30, place, "as many as a small alphabet has")
    values = argument == "input_dim" and SHAPES.search(name) and not VOCABULARY.search(name)
    if argument in INPUT_SHAPES or values:
        if name in state.given:
            return state.given[name]
        state.notice(place, f"{name} is not told: it is taken from the data.", "assumed")
        return FromData("shape")
    if CLASSES.search(name) and argument in ("units", "num_classes", "classes", ""):
        known = state.given.get("num_classes", 10)
        return state.assume(name, known, place, "as many classes as digits")
    for pattern, value, why in BY_NAME:
        if pattern.search(name):
            return state.assume(name, value, place, why)
    if argument in BY_ARGUMENT:
        return state.assume(name, BY_ARGUMENT[argument], place, "a usual value")
    raise error
