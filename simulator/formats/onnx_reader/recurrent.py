"""RNN, LSTM and GRU of a file as layers: gates in Keras's order, and time behind the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.formats.exports.onnx_recurrent import GATES
from simulator.formats.exports.onnx_recurrent import OPERATORS as KINDS
from simulator.formats.json_values import Json
from simulator.formats.onnx_graph import Array
from simulator.formats.onnx_reader.draft import NodeSite
from simulator.formats.onnx_reader.values import DIRECTION, Filled, Tensor, Value

_LAYERS = {operator: kind for kind, operator in KINDS.items()}
_TIME_FIRST = (1, 0, 2)
_ACTIVATIONS = {
    "tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "softsign": "softsign",
    "softplus": "softplus", "elu": "elu", "affine": "linear", "leakyrelu": "leaky_relu",
}  # fmt: skip
_ALPHAS = {"elu": 1.0, "affine": 1.0, "leakyrelu": 0.2}


def recurrent(site: NodeSite, used: tuple[bool, ...]) -> list[Value]:
    """The layer, and what the node's outputs are: all steps, the last h, the last c.

    `used` tells which of the outputs something reads.
    """
    kind = _LAYERS[site.node.kind]
    if site.attribute("layout", 0):
        raise site.refuse("has the batch first", "export it with layout 0")
    if "clip" in site.node.attributes or site.attribute("input_forget", 0):
        raise site.refuse("has clip or input_forget, which no layer here has")
    x = site.laid_out(site.read(), _TIME_FIRST)
    way = site.attribute("direction", "forward").lower()
    if way not in ("forward", "reverse", "bidirectional"):
        raise site.refuse(f"has the direction {way}")
    _check_start(site)
    both = way == "bidirectional"
    parts = _weights(site, kind, 2 if both else 1, x.shape[-1] or 0)
    units = parts[0]["recurrent_kernel"].shape[0]
    given = {"units": units, "use_bias": "bias" in parts[0], **_arguments(site, kind, both)}
    steps, ends = used[0], any(used[1:])
    given["return_sequences"] = steps
    given["return_state"] = (steps and ends) or any(used[2:])
    if way == "reverse":
        if steps:
            raise site.refuse(
                "gives all steps of a sequence that it reads from the end",
                "only its last state is read",
            )
        given["go_backwards"] = True
    if both:
        found = _bidirectional(site, kind, given, x, parts)
    else:
        found = site.layers(kind, given, x, weights=parts[0], layout=(0, 1))
    return _outputs(site, found, used, both)


def _outputs(
    site: NodeSite, found: list[Tensor], used: tuple[bool, ...], both: bool
) -> list[Value]:
    """What the file has for it: (T, directions, B, U), and (directions, B, U) for the states."""
    whole: list[Value] = [None] * len(used)
    middle = DIRECTION if both else None
    if used[0]:
        whole[0] = found[0].moved((1, middle, 0, 2))
    if not any(used[1:]):
        return whole
    if both and len(found) > 1:
        raise site.refuse(
            "gives all steps and states in both directions", "only one of them is read"
        )
    states = found[1:] if len(found) > 1 else found
    for place, state in enumerate(states, start=1):
        if place < len(used) and used[place]:
            whole[place] = state.moved((middle, 0, 1))
    return whole


def _bidirectional(
    site: NodeSite, kind: str, given: Mapping[str, Json], x: Tensor, parts: list[dict[str, Array]]
) -> list[Tensor]:
    name = site.draft.name(kind)
    inner = {"kind": kind, "name": name, "arguments": dict(given)}
    weights = {
        f"{direction}_{name}/{key}": array
        for direction, own in zip(("forward", "backward"), parts, strict=True)
        for key, array in own.items()
    }
    return site.layers("Bidirectional", {"layer": inner}, x, weights=weights, layout=(0, 1))


def _check_start(site: NodeSite) -> None:
    if site.value(4) is not None:
        raise site.refuse("has sequences of several lengths", "only sequences of one are read")
    for number in (5, 6):
        value = site.value(number)
        zeros = isinstance(value, Filled) and value.value == 0
        if isinstance(value, np.ndarray):
            zeros = not value.any()
        if value is not None and not zeros:
            raise site.refuse("starts from a state that is not zero", "only zeros are read")
    if site.value(7) is not None and np.any(site.constant(7, "peepholes")):
        raise site.refuse("has peepholes, which no layer here has")


def _weights(site: NodeSite, kind: str, directions: int, values: int) -> list[dict[str, Array]]:
    """Kernel, recurrent kernel and bias for each direction, as our layers have them."""
    W = np.asarray(site.constant(1, "weights"), np.float32)
    R = np.asarray(site.constant(2, "weights"), np.float32)
    B = None if site.value(3) is None else np.asarray(site.constant(3, "a bias"), np.float32)
    gates = len(GATES[kind])
    fits = R.ndim == 3 and R.shape[0] == directions and R.shape[1] == gates * R.shape[2]
    fits = fits and W.shape == (directions, R.shape[1], values)
    if not fits or (B is not None and B.shape != (directions, 2 * R.shape[1])):
        raise site.refuse(
            f"has weights of the shapes {W.shape} and {R.shape} for {values} values at each step"
        )
    found = []
    for place in range(directions):
        own = {
            "kernel": _ordered(kind, W[place].T),
            "recurrent_kernel": _ordered(kind, R[place].T),
        }
        if B is not None:
            outer, inner = np.split(B[place], 2)
            if kind == "GRU" and site.attribute("linear_before_reset", 0):
                own["bias"] = np.stack([_ordered(kind, outer), _ordered(kind, inner)])
            else:
                own["bias"] = _ordered(kind, outer + inner)
        found.append(own)
    return found


def _ordered(kind: str, array: Array) -> Array:
    """The gates in Keras's order."""
    parts = np.split(array, len(GATES[kind]), axis=-1)
    return np.concatenate([parts[place] for place in np.argsort(GATES[kind])], axis=-1)


def _arguments(site: NodeSite, kind: str, both: bool) -> dict[str, Json]:
    count = {"SimpleRNN": 1, "GRU": 2, "LSTM": 3}[kind]
    standard = {"SimpleRNN": ("Tanh",), "GRU": ("Sigmoid", "Tanh"),
                "LSTM": ("Sigmoid", "Tanh", "Tanh")}[kind]  # fmt: skip
    directions = 2 if both else 1
    names = site.node.attributes.get("activations") or standard * directions
    if not isinstance(names, tuple) or len(names) != count * directions:
        raise site.refuse(f"has {names!r} for its {count * directions} activations")
    if names[:count] * directions != names or len(set(names[1:count])) > 1:
        raise site.refuse(f"has the activations {', '.join(map(str, names))}",
                          "both directions, and state and output, must have the same")  # fmt: skip
    used = [str(name).lower() for name in names]
    alphas = site.node.attributes.get("activation_alpha", ())
    wanted = [_ALPHAS[name] for name in used if name in _ALPHAS]
    given = [] if not isinstance(alphas, tuple) else [float(np.float32(each)) for each in alphas]
    betas = site.node.attributes.get("activation_beta", ())
    if any(name not in _ACTIVATIONS for name in used) or np.any(np.asarray(betas, float)):
        raise site.refuse(f"has the activations {', '.join(map(str, names))}",
                          f"those read are {', '.join(_ACTIVATIONS)}")  # fmt: skip
    if given and not np.allclose(given, wanted[: len(given)] or given[:0]):
        raise site.refuse(f"has activation_alpha = {alphas}", f"only {wanted} is read")
    arguments: dict[str, Json] = {"activation": _ACTIVATIONS[used[count - 1]]}
    if kind != "SimpleRNN":
        arguments["recurrent_activation"] = _ACTIVATIONS[used[0]]
    if kind == "GRU":
        arguments["reset_after"] = bool(site.attribute("linear_before_reset", 0))
    return arguments


OPERATORS: Mapping[str, Callable[[NodeSite, tuple[bool, ...]], list[Value]]] = dict.fromkeys(
    _LAYERS, recurrent
)
"""What reads each kind of node, told which outputs are used."""
