"""How many outputs a layer has, as far as its arguments tell."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats.json_values import Json

STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
"""How many states the recurrent layers hand on."""


def count_outputs(kind: str, arguments: Mapping[str, Json]) -> int:
    """The number of outputs: more than one for states that are given, and for networks."""
    if kind == "Functional":
        network = arguments.get("network")
        return max(1, len(network["outputs"])) if isinstance(network, Mapping) else 1
    if kind == "Bidirectional":
        inner = arguments.get("layer", {})
        given = bool(inner.get("arguments", {}).get("return_state", False))
        merged = arguments.get("merge_mode", "concat") is not None
        return (1 if merged else 2) + given * 2 * STATES.get(inner.get("kind"), 0)
    return 1 + STATES.get(kind, 0) * bool(arguments.get("return_state", False))
