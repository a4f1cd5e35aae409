"""Activations as PyTorch source."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats.exports.writing import ExportError
from simulator.formats.json_values import Json

_NAMED = {
    "relu": "torch.relu", "tanh": "torch.tanh", "sigmoid": "torch.sigmoid", "selu": "F.selu",
    "elu": "F.elu", "gelu": "F.gelu", "softplus": "F.softplus", "softsign": "F.softsign",
    "silu": "F.silu", "swish": "F.silu",
}  # fmt: skip


def function(activation: Json) -> str:
    """A function of one tensor, as an expression. Raises ExportError for unknown ones."""
    if activation in (None, "linear"):
        return "lambda x: x"
    if isinstance(activation, str) and activation in _NAMED:
        return _NAMED[activation]
    if activation == "softmax":
        return "lambda x: torch.softmax(x, -1)"
    return f"lambda x: {applied(activation, 'x')}"


def applied(activation: Json, x: str) -> str:
    """The activation of a variable, as an expression."""
    if activation in (None, "linear"):
        return x
    if isinstance(activation, str):
        if activation in _NAMED:
            return f"{_NAMED[activation]}({x})"
        if activation == "softmax":
            return f"torch.softmax({x}, -1)"
        if activation == "leaky_relu":
            return f"F.leaky_relu({x}, 0.2)"
    if isinstance(activation, Mapping):
        return _configured(str(activation.get("class_name")), activation.get("config", {}), x)
    raise ExportError(f"The activation {activation!r} has no counterpart: use another.")


def _configured(name: str, config: Mapping[str, Json], x: str) -> str:
    kind = name.lower().replace("_", "")
    if kind == "leakyrelu":
        return f"F.leaky_relu({x}, {config.get('negative_slope', 0.2)!r})"
    if kind == "relu":
        return rectified(x, config)
    if kind == "elu":
        return f"F.elu({x}, {config.get('alpha', 1.0)!r})"
    if kind == "gelu":
        how = "tanh" if config.get("approximate") else "none"
        return f'F.gelu({x}, approximate="{how}")'
    return applied(name, x)


def rectified(x: str, config: Mapping[str, Json]) -> str:
    """Keras's ReLU with all of its arguments: x from the threshold on, at most the largest."""
    slope, most = config.get("negative_slope", 0.0), config.get("max_value")
    threshold = config.get("threshold", 0.0)
    if threshold:
        above = f"torch.where({x} >= {threshold!r}, {x}, {slope!r} * ({x} - {threshold!r}))"
    else:
        above = f"F.leaky_relu({x}, {slope!r})" if slope else f"torch.relu({x})"
    return above if most is None else f"({above}).clamp(max={most!r})"
