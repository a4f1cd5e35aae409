"""Nodes without a memory and without windows as layers: Dense, activations, merging, and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from simulator.formats.json_values import Json, SpecError
from simulator.formats.onnx_graph import Array
from simulator.formats.onnx_reader.draft import InTheWay, NodeSite
from simulator.formats.onnx_reader.values import Lengths, Tensor, Value, identity

_WITH_ACTIVATION = (
    "Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose"
)  # fmt: skip
_FILE_EPSILON = 1e-5


def gemm(site: NodeSite) -> list[Value]:
    """Gemm: x · kernel + bias."""
    kernel = np.asarray(site.constant(1, "a matrix"), np.float32)
    if site.attribute("transA", 0):
        raise site.refuse("turns its input round", "only transB is read")
    if site.attribute("transB", 0):
        kernel = kernel.T
    kernel = kernel * np.float32(site.attribute("alpha", 1.0))
    bias = None
    if site.value(2) is not None:
        given = site.constant(2, "a bias")
        bias = _row(site, given, kernel.shape[-1]) * np.float32(site.attribute("beta", 1.0))
    return [_dense(site, kernel, bias)]


def matmul(site: NodeSite) -> list[Value]:
    """MatMul of a layer's output with a constant matrix; a bias may be added after it."""
    if isinstance(site.value(0), Tensor) and isinstance(site.value(1), Tensor):
        raise site.refuse("multiplies two outputs of layers", "only constant matrices are read")
    return [_dense(site, np.asarray(site.constant(1, "a matrix"), np.float32), None)]


def _dense(site: NodeSite, kernel: Array, bias: Array | None) -> Tensor:
    if kernel.ndim != 2:
        raise site.refuse(f"has a matrix with {kernel.ndim} axes", "it must have two")
    x = site.tensor()
    if x.order is not None:
        if len(x.order) != len(kernel):
            raise site.refuse(f"has {len(kernel)} rows for {len(x.order)} values")
        rows = np.empty_like(kernel)
        rows[x.order] = kernel
        x, kernel = replace(x, order=None), rows
    if x.layout[-1] != x.rank - 1:
        x = site.laid_out(x, identity(len(x.layout)))
    weights = {"kernel": kernel} | ({} if bias is None else {"bias": bias})
    given = {"units": kernel.shape[1], "use_bias": bias is not None}
    if x.shape[-1] != len(kernel):
        raise site.refuse(f"has {len(kernel)} rows for {x.shape[-1]} values")
    return site.layer("Dense", given, x, weights=weights)


def _row(site: NodeSite, array: Array, length: int) -> Array:
    """A bias as one row; a single number is repeated."""
    array = np.asarray(array, np.float32)
    if array.size == 1:
        return np.full(length, array.reshape(()), np.float32)
    if array.size != length:
        raise site.refuse(f"has a bias of {array.size} numbers for {length} units")
    return array.reshape(length)


def add(site: NodeSite) -> list[Value]:
    """Add and Sum: of layers, or of a constant that is the bias of the layer before."""
    tensors = [value for value in site.values if isinstance(value, Tensor)]
    if len(tensors) == len(site.values):
        return [merged(site, "Add")]
    if len(tensors) != 1 or len(site.values) != 2:
        raise site.refuse("adds constants", "only the bias of a layer is read")
    x = tensors[0]
    constant = site.constant(0 if x is site.value(1) else 1, "a summand")
    layer = site.last_layer(x, *_WITH_ACTIVATION)
    channel = x.layout.index(x.rank - 1)
    lengths = (1,) * (len(x.layout) - constant.ndim) + constant.shape
    along = constant.ndim <= len(x.layout) and all(
        length == 1 or axis == channel for axis, length in enumerate(lengths)
    )
    fits = layer is not None and not layer.arguments.get("use_bias", True) and along
    if layer is None or not fits or layer.arguments.get("activation") is not None:
        raise site.refuse("adds a constant", "only the bias of a layer is read")
    length = x.shape[-1] or 0
    site.draft.change(layer.name, use_bias=True)
    site.draft.weights[f"{layer.name}/bias"] = _row(site, constant, length)
    return [x]


def merged(site: NodeSite, kind: str) -> Tensor:
    """Several outputs of layers as one."""
    inputs = [site.read(number) for number in range(len(site.values))]
    first = inputs[0]
    inputs = [first, *(site.laid_out(each, first.layout) for each in inputs[1:])]
    if len(inputs) == 1:
        return first
    return site.layer(kind, {}, *inputs)


def multiply(site: NodeSite) -> list[Value]:
    """Mul: of layers, or of lengths; x · sigmoid(x) is an activation."""
    first, second = site.value(0), site.value(1)
    if isinstance(first, Lengths) and isinstance(second, Lengths):
        pairs = zip(first.values, second.values, strict=False)
        return [Lengths(tuple(None if a is None or b is None else a * b for a, b in pairs))]
    for one, other in ((0, 1), (1, 0)):
        x, gate = site.value(one), site.value(other)
        if isinstance(x, Tensor) and isinstance(gate, Tensor):
            layer = site.last_layer(gate, "Activation")
            own = layer is not None and layer.arguments.get("activation") == "sigmoid"
            if layer is not None and own and layer.inputs == (x.source,):
                site.draft.change(layer.name, activation="swish")
                return [gate]
    return merging("Multiply")(site)


def merging(kind: str) -> Callable[[NodeSite], list[Value]]:
    """What reads a node as a layer that merges."""

    def read(site: NodeSite) -> list[Value]:
        if not all(isinstance(value, Tensor) for value in site.values):
            raise site.refuse("computes with a constant", "no layer here does that")
        return [merged(site, kind)]

    return read


def concatenate(site: NodeSite) -> list[Value]:
    """Concat of outputs of layers."""
    first = site.read()
    axis = _axis(site, first, site.attribute("axis", 1))
    inputs = [site.laid_out(site.read(number), first.layout) for number in range(len(site.values))]
    given = {"axis": -1 if axis == first.rank - 1 else axis}
    return [site.layer("Concatenate", given, *inputs)]


def _axis(site: NodeSite, tensor: Tensor, number: int) -> int:
    """Which of our axes the file's is."""
    rank = len(tensor.layout)
    if not -rank <= number < rank:
        raise site.refuse(f"names the axis {number} of {rank}")
    axis = tensor.layout[number % rank]
    if axis is None or axis <= 0:
        raise site.refuse(f"works along the axis {number}, which a sample does not have")
    return axis


def activation(name: str) -> Callable[[NodeSite], list[Value]]:
    """What reads a node as an activation without arguments."""
    return lambda site: [activated(site, name)]


def activated(site: NodeSite, value: Json) -> Tensor:
    """The activation of the layer before, or a layer of its own."""
    x = site.tensor()
    layer = site.last_layer(x, *_WITH_ACTIVATION)
    if layer is not None and layer.arguments.get("activation") is None:
        try:
            site.draft.change(layer.name, activation=value)
        except SpecError as error:
            raise site.refuse(f"cannot be an activation: {error}") from error
        return x
    made = site.layer("Activation", {"activation": value}, x)
    return replace(made, order=x.order, flattened=x.flattened)


def elu(site: NodeSite) -> list[Value]:
    """Elu."""
    alpha = site.attribute("alpha", 1.0)
    if alpha == 1:
        return [activated(site, "elu")]
    return [activated(site, {"class_name": "Elu", "config": {"alpha": alpha}})]


def leaky(site: NodeSite) -> list[Value]:
    """LeakyRelu, as a layer of its own."""
    x = site.tensor()
    made = site.layer("LeakyReLU", {"negative_slope": _short(site.attribute("alpha", 0.01))}, x)
    return [replace(made, order=x.order, flattened=x.flattened)]


def clip(site: NodeSite) -> list[Value]:
    """Clip from 0 on: a ReLU with a largest value."""
    bounds = []
    for number, name in enumerate(("min", "max"), start=1):
        value = site.value(number)
        if value is None:
            bounds.append(site.node.attributes.get(name))
        else:
            bounds.append(float(site.constant(number, "a bound").reshape(-1)[0]))
    low, high = bounds
    if low != 0:
        raise site.refuse(f"keeps values from {low} on", "only bounds from 0 on are read")
    x = site.tensor()
    made = site.layer("ReLU", {} if high is None else {"max_value": _short(float(str(high)))}, x)
    return [replace(made, order=x.order, flattened=x.flattened)]


def _short(value: float) -> float:
    """The shortest number that the file's 32 bits stand for: 0.2 and not 0.200000003."""
    return float(str(np.float32(value)))


def softmax(site: NodeSite) -> list[Value]:
    """Softmax along one axis; before version 13 along all from the axis on."""
    x = site.read()
    old = site.opset < 13
    number = site.attribute("axis", 1 if old else -1)
    axis = _axis(site, x, number)
    if old and number % len(x.layout) != len(x.layout) - 1:
        raise site.refuse("takes shares over several axes", "export it with opset 13 or later")
    if axis == x.rank - 1:
        return [activated(site, "softmax")]
    return [site.layer("Softmax", {"axis": axis}, x)]


def gelu(site: NodeSite) -> list[Value]:
    """Gelu, of version 20 on."""
    if site.attribute("approximate", "none") == "tanh":
        return [activated(site, {"class_name": "Gelu", "config": {"approximate": True}})]
    return [activated(site, "gelu")]


def dropout(site: NodeSite) -> list[Value]:
    """Dropout."""
    x = site.tensor()
    rate: float = site.attribute("ratio", 0.5)
    if site.value(1) is not None:
        rate = float(site.constant(1, "a share").reshape(-1)[0])
    if not 0 <= rate < 1:
        raise site.refuse(f"leaves out the share {rate}", "it must be at least 0 and below 1")
    made = site.layer("Dropout", {"rate": _short(rate)}, x)
    return [replace(made, order=x.order, flattened=x.flattened)]


def batch_normalization(site: NodeSite) -> list[Value]:
    """BatchNormalization, by the mean and variance of the file."""
    if site.attribute("training_mode", 0):
        raise site.refuse("is exported for training", "export it after eval()")
    x = site.read()
    axis = _axis(site, x, 1)
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {
        name: _row(
            site, np.asarray(site.constant(number, name), np.float32), x.shape[axis - 1] or 0
        )
        for number, name in enumerate(names, start=1)
    }
    given = {
        "axis": -1 if axis == x.rank - 1 else axis,
        "epsilon": _short(site.attribute("epsilon", _FILE_EPSILON)),
        "momentum": _short(site.attribute("momentum", 0.9)),
    }
    return [site.layer("BatchNormalization", given, x, weights=weights)]


def layer_normalization(site: NodeSite) -> list[Value]:
    """LayerNormalization along the last axis."""
    x = site.read()
    number = site.attribute("axis", -1)
    if number % len(x.layout) != len(x.layout) - 1:
        raise site.refuse("normalizes along several axes", "only the last one is read")
    axis = _axis(site, x, number)
    length = x.shape[axis - 1] or 0
    weights = {"gamma": _row(site, site.constant(1, "a scale"), length)}
    if site.value(2) is not None:
        weights["beta"] = _row(site, site.constant(2, "a shift"), length)
    given = {
        "axis": -1 if axis == x.rank - 1 else axis, "center": "beta" in weights,
        "epsilon": _short(site.attribute("epsilon", _FILE_EPSILON)),
    }  # fmt: skip
    return [site.layer("LayerNormalization", given, x, weights=weights)]


OPERATORS: Mapping[str, Callable[[NodeSite], list[Value]]] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "Add": add,
    "Sum": add,
    "Mul": multiply,
    "Sub": merging("Subtract"),
    "Mean": merging("Average"),
    "Max": merging("Maximum"),
    "Min": merging("Minimum"),
    **{
        kind: activation(name)
        for kind, name in {
            "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Selu": "selu",
            "Softplus": "softplus", "Softsign": "softsign", "Swish": "swish",
        }.items()
    },
    "Elu": elu,
    "LeakyRelu": leaky,
    "Clip": clip,
    "Softmax": softmax,
    "Gelu": gelu,
    "Dropout": dropout,
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
}  # fmt: skip
"""What reads each kind of node."""

__all__ = ["OPERATORS", "InTheWay", "concatenate"]
