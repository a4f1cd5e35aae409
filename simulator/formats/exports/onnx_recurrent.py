"""Recurrent layers as ONNX's operators, whose gates stand in another order and whose time comes
first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.formats.exports.directions import directions
from simulator.formats.exports.onnx_activations import in_recurrent
from simulator.formats.exports.onnx_writing import GraphSite
from simulator.formats.exports.writing import Array, Variable
from simulator.formats.onnx_graph import Attribute

GATES = {"SimpleRNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2)}
"""ONNX's order of the gates, in places of Keras's: i, o, f, c of i, f, c, o."""
OPERATORS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
_BACK_TO_THE_FIRST = -(2**31)


def recurrent(site: GraphSite) -> list[Variable]:
    """SimpleRNN, LSTM and GRU."""
    steps, states = _run(site, [each.name for each in site.inputs[1:]])
    if site.argument("return_sequences", False):
        names = [_in_order_of_reading(site, steps), *states]
    else:
        names = [states[0], *states]
    return [
        Variable(name, shape)
        for name, shape in zip(names, site.output_shapes, strict=False)
    ]  # fmt: skip


def bidirectional(site: GraphSite) -> list[Variable]:
    """Bidirectional: two of them, the second reading from the end."""
    both = directions(site)
    merged, ends = [], []
    for each in both:
        one = replace(
            site, layer=each.layer, place=f"{site.place}/{each.name}",
            owner=f"{site.owner}/{each.name}", weights=each.weights,
        )  # fmt: skip
        steps, found = _run(one, each.states)
        if not both[0].sequences:
            steps = found[0]
        elif each.name == "forward":
            steps = _in_order_of_reading(one, steps)
        elif not each.reads_from_the_end:
            # What the second layer gives is turned round, whichever way it read.
            steps = _reversed(one, steps)
        merged.append(steps)
        ends += found
    names = _merged(site, merged, site.argument("merge_mode", "concat"))
    names += ends if len(site.output_shapes) > len(names) else []
    return [
        Variable(name, shape) for name, shape in zip(names, site.output_shapes, strict=True)
    ]  # fmt: skip


def _merged(site: GraphSite, names: list[str], mode: str | None) -> list[str]:
    if mode is None:
        return names
    if mode == "concat":
        return [site.node("Concat", *names, axis=-1)]
    return [site.node({"sum": "Add", "ave": "Mean", "mul": "Mul"}[mode], *names)]


def _run(site: GraphSite, states: list[str]) -> tuple[str, list[str]]:
    """Write the operator; return all steps (B, T, U) in the order of time, and the end states."""
    kind = site.layer.kind
    backwards = bool(site.argument("go_backwards", False))
    x = site.node("Transpose", site.read("last").name, perm=(1, 0, 2))
    axis = site.lengths("direction", [0])
    initial = [site.node("Unsqueeze", state, axis) for state in states]
    weights = _weights(kind, site.weights)
    inputs = [x, *(site.weight(name, array) for name, array in weights.items())]
    if initial:
        inputs += ["" for _ in range(5 - len(inputs))] + initial  # B, and the sequences' lengths
    found = site.nodes(
        OPERATORS[kind], *inputs, outputs=3 if kind == "LSTM" else 2,
        hidden_size=site.argument("units"), direction="reverse" if backwards else "forward",
        **_activations(site),
    )  # fmt: skip
    steps = site.node("Squeeze", found[0], site.lengths("directions", [1]))
    return (
        site.node("Transpose", steps, perm=(1, 0, 2)),
        [site.node("Squeeze", end, axis) for end in found[1:]],
    )


def _activations(site: GraphSite) -> dict[str, Attribute]:
    own = in_recurrent(site, site.argument("activation", "tanh"))
    used = [own]
    if site.layer.kind != "SimpleRNN":
        gates = in_recurrent(site, site.argument("recurrent_activation", "sigmoid"))
        used = [gates, own] if site.layer.kind == "GRU" else [gates, own, own]
    options: dict[str, Attribute] = {"activations": tuple(name for name, _, _ in used)}
    alphas = tuple(value for _, alpha, _ in used for value in alpha)
    betas = tuple(value for _, _, beta in used for value in beta)
    options |= {"activation_alpha": alphas} if alphas else {}
    options |= {"activation_beta": betas} if betas else {}
    if site.layer.kind == "GRU":
        options["linear_before_reset"] = int(site.argument("reset_after", True))
    return options


def _weights(kind: str, weights: Mapping[str, Array]) -> dict[str, Array]:
    """W (1, gates · U, C), R (1, gates · U, U) and B (1, 2 · gates · U), the inputs' bias first."""
    made = {
        "W": _ordered(kind, weights["kernel"]).T[None],
        "R": _ordered(kind, weights["recurrent_kernel"]).T[None],
    }
    if "bias" in weights:
        given = np.atleast_2d(weights["bias"])
        inner = given[1] if len(given) == 2 else np.zeros_like(given[0])
        made["B"] = np.concatenate([_ordered(kind, given[0]), _ordered(kind, inner)])[None]
    return made


def _ordered(kind: str, array: Array) -> Array:
    parts = np.split(array, len(GATES[kind]), axis=-1)
    return np.concatenate([parts[gate] for gate in GATES[kind]], axis=-1)


def _in_order_of_reading(site: GraphSite, steps: str) -> str:
    """A layer that reads from the end gives the last step first."""
    return _reversed(site, steps) if site.argument("go_backwards", False) else steps


def _reversed(site: GraphSite, steps: str) -> str:
    return site.node(
        "Slice", steps, site.lengths("from", [-1]), site.lengths("to", [_BACK_TO_THE_FIRST]),
        site.lengths("axis", [1]), site.lengths("step", [-1]),
    )  # fmt: skip
