"""Names that arguments had in older versions of Keras, which notes still carry."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from simulator.formats import arguments
from simulator.formats.keras_reader.state import State
from simulator.formats.keras_reader.values import Value

_OLD: Mapping[str, tuple[str, ...]] = {
    "output_dim": ("units", "output_dim"),
    "nb_filter": ("filters",),
    "filter_length": ("kernel_size",),
    "border_mode": ("padding",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "pool_length": ("pool_size",),
    "stride": ("strides",),
    "p": ("rate",),
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "b_regularizer": ("bias_regularizer",),
    "U_regularizer": ("recurrent_regularizer",),
    "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",),
    "bias": ("use_bias",),
    "sigma": ("stddev",),
}
FIT = {"nb_epoch": "epochs", "nb_epochs": "epochs", "nb_batch": "batch_size"}


def renamed(node: ast.Call, kind: str, named: dict[str, Value], state: State) -> dict[str, Value]:
    """The arguments of a layer under today's names, with a notice for those that had others."""
    known = {each.name for each in arguments.LAYERS[kind].arguments}
    result: dict[str, Value] = {}
    for name, value in named.items():
        today = next((each for each in _OLD.get(name, ()) if each in known), None)
        if name in known or today is None:
            result[name] = value
            continue
        _tell(node, name, today, state)
        result[today] = value
    return result


def renamed_fit(node: ast.Call, named: dict[str, Value], state: State) -> dict[str, Value]:
    """The arguments of `fit` under today's names."""
    for old, today in FIT.items():
        if old in named:
            _tell(node, old, today, state)
    return {FIT.get(name, name): value for name, value in named.items()}


def _tell(node: ast.Call, old: str, today: str, state: State) -> None:
    place = next((each for each in node.keywords if each.arg == old), node)
    state.notice(place, f"{old} is called {today} today.", "repaired")
