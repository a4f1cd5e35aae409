"""Recurrent layers as PyTorch source: its own where they compute the same, else a loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.formats.exports.directions import directions
from simulator.formats.exports.pytorch_activations import function
from simulator.formats.exports.writing import Array, Site, Variable
from simulator.formats.network import LayerSpec


def recurrent(site: Site, name: str) -> list[Variable]:
    """SimpleRNN, LSTM and GRU."""
    x = site.writer.laid_out(site.inputs[0], "last")
    states = [each.name for each in site.inputs[1:]]
    steps, last = _run(site, site.layer, site.attribute, x, states, name, site.weights)
    kind = site.layer
    sequences = kind.arguments.get("return_sequences", False)
    line = site.writer.line
    if sequences:
        line(f"{name} = {steps}")
    else:
        line(f"{name} = {steps}[:, -1]")
    outputs = [Variable(name, site.output_shapes[0])]
    for number, shape in enumerate(site.output_shapes[1:]):
        line(f"{name}_state_{number + 1} = {last[number]}")
        outputs.append(Variable(f"{name}_state_{number + 1}", shape))
    return outputs


def bidirectional(site: Site, name: str) -> list[Variable]:
    """Bidirectional: two of them, the second reading from the end."""
    x = site.writer.laid_out(site.inputs[0], "last")
    both = directions(site)
    results = [
        _run(
            site, each.layer, f"{site.attribute}_{each.name}", x, each.states,
            f"{name}_{each.name}", each.weights,
        )
        for each in both
    ]  # fmt: skip
    (one, one_states), (other, other_states) = results
    first = one if both[0].sequences else f"{one}[:, -1]"
    second = f"{other}.flip(1)" if both[0].sequences else f"{other}[:, -1]"
    mode = site.argument("merge_mode", "concat")
    line = site.writer.line
    if mode is None:
        line(f"{name} = {first}")
        line(f"{name}_state_1 = {second}")
        expressions = [name, f"{name}_state_1"]
    else:
        merged = {
            "concat": f"torch.cat([{first}, {second}], -1)",
            "sum": f"{first} + {second}",
            "ave": f"({first} + {second}) / 2",
            "mul": f"{first} * {second}",
        }[mode]
        line(f"{name} = {merged}")
        expressions = [name]
    states_out = [*one_states, *other_states] if len(site.output_shapes) > 2 else []
    for number, state in enumerate(states_out, start=len(expressions)):
        line(f"{name}_state_{number} = {state}")
        expressions.append(f"{name}_state_{number}")
    return [
        Variable(expression, shape)
        for expression, shape in zip(expressions, site.output_shapes, strict=True)
    ]


def _run(
    site: Site, layer: LayerSpec, attribute: str, x: Variable, states: list[str], name: str,
    weights: Mapping[str, Array],
) -> tuple[str, list[str]]:  # fmt: skip
    """Write the module and its call; return all steps, in the order of reading, and the states."""
    own = replace(site, layer=layer.with_argument("trainable", site.layer.trainable),
                  attribute=attribute, weights=weights)  # fmt: skip
    writer, kind = site.writer, layer.kind
    given = x.name
    if layer.arguments.get("go_backwards", False):
        given = f"{given}.flip(1)"
    rate = layer.arguments.get("dropout", 0.0)
    if rate:
        site.helper("SequenceDropout")
        if not site.made:
            writer.made.append(f"self.{attribute}_dropout = SequenceDropout({rate!r})")
        given = f"self.{attribute}_dropout({given})"
    if layer.arguments.get("recurrent_dropout", 0.0):
        writer.notes.append(f"{layer.name}: recurrent_dropout is left out in training.")
    if _built_in(layer):
        _module(own, x)
        initial = _initial(kind, states)
        writer.line(f"{name}_steps, {name}_end = self.{attribute}({given}{initial})")
        ends = [f"{name}_end[{each}][0]" for each in (0, 1)] if kind == "LSTM" else [
            f"{name}_end[0]"
        ]  # fmt: skip
        return f"{name}_steps", ends
    _loop(own, x)
    initial = f", ({', '.join(states)},)" if states else ""
    writer.line(f"{name}_steps, {name}_end = self.{attribute}({given}{initial})")
    count = 2 if kind == "LSTM" else 1
    return f"{name}_steps", [f"{name}_end[{each}]" for each in range(count)]


def _built_in(layer: LayerSpec) -> bool:
    """Whether PyTorch's own module computes the same."""
    activation = layer.arguments.get("activation", "tanh")
    gate = layer.arguments.get("recurrent_activation", "sigmoid")
    if layer.kind == "SimpleRNN":
        return activation in ("tanh", "relu")
    if layer.kind == "GRU" and not layer.arguments.get("reset_after", True):
        return False
    return bool(activation == "tanh" and gate == "sigmoid")


def _initial(kind: str, states: list[str]) -> str:
    if not states:
        return ""
    lifted = [f"{state}[None]" for state in states]
    return f", ({', '.join(lifted)})" if kind == "LSTM" else f", {lifted[0]}"


def _module(site: Site, x: Variable) -> None:
    layer, weights = site.layer, site.weights
    units = layer.arguments["units"]
    kind = {"SimpleRNN": "RNN"}.get(layer.kind, layer.kind)
    more = ', nonlinearity="relu"' if layer.arguments.get("activation") == "relu" else ""
    bias = layer.arguments.get("use_bias", True)
    if not bias:
        more += ", bias=False"
    kernel, inner = weights["kernel"], weights["recurrent_kernel"]
    biases = []
    if bias:
        given = weights["bias"]
        biases = list(given) if given.ndim == 2 else [given, np.zeros_like(given)]
    if layer.kind == "GRU":  # r, z, n in the place of z, r, n
        kernel, inner = _swapped(kernel, units), _swapped(inner, units)
        biases = [_swapped(each, units) for each in biases]
    state = {"weight_ih_l0": kernel.T, "weight_hh_l0": inner.T}
    if bias:
        state |= {"bias_ih_l0": biases[0], "bias_hh_l0": biases[1]}
        if layer.kind != "GRU" and not site.made:
            # Keras has one bias: the second stays 0.
            site.writer.frozen.append(f"{site.attribute}.bias_hh_l0")
    site.module(f"nn.{kind}({x.shape[-1]}, {units}{more}, batch_first=True)", **state)


def _swapped(array: Array, units: int) -> Array:
    z, r, n = np.split(array, [units, 2 * units], axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def _loop(site: Site, x: Variable) -> None:
    layer, weights = site.layer, site.weights
    units = layer.arguments["units"]
    site.helper(layer.kind)
    options = [str(x.shape[-1]), str(units), function(layer.arguments.get("activation", "tanh"))]
    state = {"kernel": weights["kernel"], "recurrent_kernel": weights["recurrent_kernel"]}
    columns = weights["kernel"].shape[1]
    bias = weights.get("bias", np.zeros(columns, np.float32))
    if layer.kind != "SimpleRNN":
        options.append(function(layer.arguments.get("recurrent_activation", "sigmoid")))
    if layer.kind == "GRU":
        options.append(repr(bool(layer.arguments.get("reset_after", True))))
        recurrent_bias = bias[1] if bias.ndim == 2 else np.zeros(columns, np.float32)
        state["recurrent_bias"] = recurrent_bias
        bias = bias[0] if bias.ndim == 2 else bias
    state["bias"] = bias
    if "bias" not in weights and not site.made:
        site.writer.frozen.append(f"{site.attribute}.bias")
    site.module(f"{layer.kind}({', '.join(options)})", **state)
