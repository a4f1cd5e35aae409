"""Activations as ONNX nodes, and as the recurrent operators name them."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from simulator.formats.exports.onnx_writing import GraphSite
from simulator.formats.exports.writing import Variable
from simulator.formats.json_values import Json

_NAMED = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "selu": "Selu", "elu": "Elu",
    "softplus": "Softplus", "softsign": "Softsign",
}  # fmt: skip


def activated(site: GraphSite, variable: Variable, activation: Json) -> Variable:
    """The activation of a variable; softmax looks along an axis, for which channels stand last."""
    name, config = named(activation)
    if name == "linear":
        return variable
    if name == "softmax":
        x = site.writer.laid_out(variable, "last")
        y = site.node("Softmax", x.name, axis=int(config.get("axis", -1)))
        return Variable(y, x.shape, "last")
    return Variable(applied(site, name, config, variable.name), variable.shape, variable.layout)


def applied(site: GraphSite, name: str, config: Mapping[str, Json], x: str) -> str:
    """A function of each value. Raises ExportError for one without nodes that compute it."""
    if name == "relu":
        return rectified(site, x, config)
    if name == "leakyrelu":
        return site.node("LeakyRelu", x, alpha=float(config.get("negative_slope", 0.2)))
    if name == "elu":
        return site.node("Elu", x, alpha=float(config.get("alpha", 1.0)))
    if name in ("silu", "swish"):
        return site.node("Mul", x, site.node("Sigmoid", x))
    if name == "gelu":
        return _gelu(site, x, bool(config.get("approximate", False)))
    if name in _NAMED:
        return site.node(_NAMED[name], x)
    raise site.refuse(f"has the activation {name}, which has no counterpart in ONNX", "use another")


def named(activation: Json) -> tuple[str, Mapping[str, Json]]:
    """The name in small letters without underscores, and the arguments."""
    if activation is None:
        return "linear", {}
    if isinstance(activation, Mapping):
        config: Mapping[str, Json] = activation.get("config", {})
        return str(activation.get("class_name")).lower().replace("_", ""), config
    return str(activation).lower().replace("_", ""), {}


def _gelu(site: GraphSite, x: str, approximate: bool) -> str:
    """x · (1 + erf(x / √2)) / 2, or its approximation by tanh; ONNX has a Gelu from version 20."""
    half, one = site.number("half", 0.5), site.number("one", 1.0)
    if approximate:
        cube = site.node("Mul", site.node("Mul", x, x), x)
        small = site.node("Mul", cube, site.number("cubic", 0.044715))
        inner = site.node("Mul", site.node("Add", x, small), site.number("inner", sqrt(0.63661977)))
        share = site.node("Tanh", inner)
    else:
        share = site.node("Erf", site.node("Mul", x, site.number("inner", sqrt(0.5))))
    return site.node("Mul", site.node("Mul", x, half), site.node("Add", share, one))


def rectified(site: GraphSite, x: str, config: Mapping[str, Json]) -> str:
    """Keras's ReLU with all of its arguments: x above the threshold, at most the largest."""
    slope, most = float(config.get("negative_slope", 0.0)), config.get("max_value")
    threshold = float(config.get("threshold", 0.0))
    if threshold:
        border = site.number("threshold", threshold)
        below = site.node("Mul", site.node("Sub", x, border), site.number("slope", slope))
        y = site.node("Where", site.node("Greater", x, border), x, below)
    else:
        y = site.node("LeakyRelu", x, alpha=slope) if slope else site.node("Relu", x)
    return y if most is None else site.node("Min", y, site.number("most", float(most)))


RECURRENT = {
    "linear": ("Affine", (1.0,), (0.0,)), "relu": ("Relu", (), ()), "tanh": ("Tanh", (), ()),
    "sigmoid": ("Sigmoid", (), ()), "elu": ("Elu", (1.0,), ()), "softsign": ("Softsign", (), ()),
    "softplus": ("Softplus", (), ()), "leakyrelu": ("LeakyRelu", (0.2,), ()),
}  # fmt: skip
"""What RNN, LSTM and GRU call an activation, with the alpha and beta that they want for it."""
_GIVEN = {"elu": ("alpha",), "leakyrelu": ("negative_slope",), "relu": (), "softmax": ()}


def in_recurrent(
    site: GraphSite, activation: Json
) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """As `RECURRENT` has it. Raises ExportError for functions that those operators do not know."""
    name, config = named(activation)
    if name not in RECURRENT or set(config) - set(_GIVEN.get(name, ())):
        raise site.refuse(
            f"has the activation {name} inside, which ONNX’s recurrent operators do not know",
            f"use one of {', '.join(RECURRENT)}",
        )
    kind, alpha, beta = RECURRENT[name]
    return kind, tuple(float(value) for value in config.values()) or alpha, beta
