"""Layers without a memory as ONNX nodes, with their weights as ONNX lays them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt

import numpy as np

from simulator.formats.exports.onnx_activations import activated, rectified
from simulator.formats.exports.onnx_recurrent import bidirectional, recurrent
from simulator.formats.exports.onnx_windows import (
    convolution,
    pooling,
    pooling_whole,
    transposed,
)
from simulator.formats.exports.onnx_writing import GraphSite
from simulator.formats.exports.writing import Array, Variable, pair


def dense(site: GraphSite) -> list[Variable]:
    """Dense."""
    x = site.read()
    kernel = site.weight("kernel", site.weights["kernel"])
    bias = site.weights.get("bias")
    if len(x.shape) == 1 and bias is not None:
        name = site.node("Gemm", x.name, kernel, site.weight("bias", bias))
    else:
        name = site.node("MatMul", x.name, kernel)
        if bias is not None:
            name = site.node("Add", name, site.weight("bias", bias))
    return [activated(site, site.result(name)[0], site.argument("activation"))]


def flatten(site: GraphSite) -> list[Variable]:
    """Flatten."""
    return site.result(site.node("Flatten", site.read().name, axis=1))


def reshape(site: GraphSite) -> list[Variable]:
    """Reshape; a length of 0 is taken from the input: the batch's."""
    target = site.lengths("shape", [0, *site.argument("target_shape")])
    return site.result(site.node("Reshape", site.read().name, target))


def permute(site: GraphSite) -> list[Variable]:
    """Permute."""
    order = (0, *site.argument("dims"))
    return site.result(site.node("Transpose", site.read().name, perm=order))


def repeat(site: GraphSite) -> list[Variable]:
    """RepeatVector."""
    lifted = site.node("Unsqueeze", site.inputs[0].name, site.lengths("axis", [1]))
    return site.result(
        site.node("Expand", lifted, site.lengths("times", [1, site.argument("n"), 1]))
    )


def upsampling(site: GraphSite) -> list[Variable]:
    """UpSampling2D."""
    factors = np.array([1, 1, *pair(site.argument("size", 2), 2)], np.float32)
    scales = site.writer.constant(f"{site.place}/scales", factors)
    name = site.node(
        "Resize", site.read("first").name, "", scales,
        mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric",
    )  # fmt: skip
    return site.result(name, "first")


def zero_padding(site: GraphSite) -> list[Variable]:
    """ZeroPadding2D."""
    (top, bottom), (left, right) = (pair(each, 2) for each in pair(site.argument("padding", 1), 2))
    pads = site.lengths("pads", [0, 0, top, left, 0, 0, bottom, right])
    return site.result(site.node("Pad", site.read("first").name, pads), "first")


def dropout(site: GraphSite) -> list[Variable]:
    """Dropout and GaussianNoise, which do nothing outside of training."""
    x = site.inputs[0]
    if site.layer.kind == "GaussianNoise":
        return site.result(site.node("Identity", x.name), x.layout)
    ratio = site.number("ratio", site.argument("rate"))
    return site.result(site.node("Dropout", x.name, ratio), x.layout)


def activation(site: GraphSite) -> list[Variable]:
    """Activation, ReLU, LeakyReLU and Softmax."""
    x, kind = site.inputs[0], site.layer.kind
    if kind == "Softmax":
        name = site.node("Softmax", site.read().name, axis=site.argument("axis", -1))
        return site.result(name)
    if kind == "Activation":
        return [activated(site, x, site.argument("activation"))]
    config = site.layer.arguments
    if kind == "LeakyReLU":
        config = {"negative_slope": site.argument("negative_slope", 0.3)}
    return site.result(rectified(site, x.name, config), x.layout)


def batch_normalization(site: GraphSite) -> list[Variable]:
    """BatchNormalization, by the moving mean and variance; ONNX wants the axis behind the batch."""
    rank = len(site.shape) + 1
    axis = int(site.argument("axis", -1)) % rank
    x = site.read("first" if axis == rank - 1 else "last")
    name = x.name
    if x.layout == "last" and axis > 1:
        name = site.node("Transpose", name, perm=_exchanged(rank, axis))
    weights = site.weights
    channels = weights["moving_mean"]
    name = site.node(
        "BatchNormalization", name, _weight_or(site, "gamma", np.ones(channels.shape, np.float32)),
        _weight_or(site, "beta", np.zeros(channels.shape, np.float32)),
        site.weight("moving_mean", channels),
        site.weight("moving_variance", weights["moving_variance"]),
        epsilon=float(site.argument("epsilon", 1e-3)),
    )  # fmt: skip
    if x.layout == "last" and axis > 1:
        name = site.node("Transpose", name, perm=_exchanged(rank, axis))
    return site.result(name, x.layout)


def layer_normalization(site: GraphSite) -> list[Variable]:
    """LayerNormalization along one axis; ONNX wants it last."""
    rank = len(site.shape) + 1
    axis = int(site.argument("axis", -1)) % rank
    name = site.read().name
    if axis < rank - 1:
        name = site.node("Transpose", name, perm=_exchanged(rank, axis, rank - 1))
    ones = np.ones(site.shape[axis - 1] or 1, np.float32)
    name = site.node(
        "LayerNormalization", name, _weight_or(site, "gamma", ones),
        _weight_or(site, "beta", np.zeros_like(ones)),
        axis=-1, epsilon=float(site.argument("epsilon", 1e-3)),
    )  # fmt: skip
    if axis < rank - 1:
        name = site.node("Transpose", name, perm=_exchanged(rank, axis, rank - 1))
    return site.result(name)


def _exchanged(rank: int, axis: int, other: int = 1) -> tuple[int, ...]:
    order = list(range(rank))
    order[axis], order[other] = order[other], order[axis]
    return tuple(order)


def _weight_or(site: GraphSite, name: str, otherwise: Array) -> str:
    """A weight, or the constant in its place where the layer has none."""
    if name in site.weights:
        return site.weight(name, site.weights[name])
    return site.writer.constant(f"{site.owner}/{name}", otherwise)


def embedding(site: GraphSite) -> list[Variable]:
    """Embedding; the input is of real numbers, as everywhere, which ONNX does not index with."""
    if site.argument("mask_zero", False):
        raise site.refuse("hands on a mask, which ONNX does not have", "set mask_zero to False")
    indices = site.node("Cast", site.inputs[0].name, to=_INT64)
    table = site.weight("embeddings", site.weights["embeddings"])
    return site.result(site.node("Gather", table, indices, axis=0))


_INT64 = 7
"""What ONNX calls whole numbers of 64 bits."""

_MERGING = {
    "Add": "Sum", "Average": "Mean", "Maximum": "Max", "Minimum": "Min", "Subtract": "Sub",
    "Multiply": "Mul",
}  # fmt: skip


def merging(site: GraphSite) -> list[Variable]:
    """Add, Subtract, Multiply, Average, Maximum, Minimum and Concatenate."""
    kind = site.layer.kind
    layouts = {each.layout for each in site.inputs}
    layout = layouts.pop() if len(layouts) == 1 and kind != "Concatenate" else "last"
    names = [site.read(layout, number).name for number in range(len(site.inputs))]
    if kind == "Concatenate":
        name = site.node("Concat", *names, axis=site.argument("axis", -1))
    elif kind == "Multiply":  # the only one that takes no more than two
        name = names[0]
        for each in names[1:]:
            name = site.node("Mul", name, each)
    else:
        name = site.node(_MERGING[kind], *names)
    return site.result(name, layout)


def attention(site: GraphSite) -> list[Variable]:
    """MultiHeadAttention: softmax(Q · Kᵀ / √key_dim) · V, head by head."""
    count = len(site.inputs)
    sources = {"query": 0, "value": min(1, count - 1), "key": 2 if count > 2 else min(1, count - 1)}
    heads = {}
    for name, number in sources.items():
        kernel = site.weights[f"{name}/kernel"]
        N, K = kernel.shape[1:]
        matrix = site.weight(f"{name}/kernel", kernel.reshape(len(kernel), N * K))
        x = site.node("MatMul", site.read("last", number).name, matrix)
        bias = site.weights.get(f"{name}/bias")
        if bias is not None:
            x = site.node("Add", x, site.weight(f"{name}/bias", bias.reshape(-1)))
        apart = site.node("Reshape", x, site.lengths(f"{name}/heads", [0, 0, N, K]))
        order = (0, 2, 3, 1) if name == "key" else (0, 2, 1, 3)
        heads[name] = site.node("Transpose", apart, perm=order)
    scale = site.number("scale", 1 / sqrt(site.argument("key_dim")))
    scores = site.node("MatMul", site.node("Mul", heads["query"], scale), heads["key"])
    mixed = site.node("MatMul", site.node("Softmax", scores, axis=-1), heads["value"])
    kernel = site.weights["attention_output/kernel"]
    rows = kernel.shape[0] * kernel.shape[1]
    together = site.node(
        "Reshape", site.node("Transpose", mixed, perm=(0, 2, 1, 3)),
        site.lengths("together", [0, 0, rows]),
    )  # fmt: skip
    matrix = site.weight("attention_output/kernel", kernel.reshape(rows, -1))
    y = site.node("MatMul", together, matrix)
    if "attention_output/bias" in site.weights:
        bias = site.weights["attention_output/bias"]
        y = site.node("Add", y, site.weight("attention_output/bias", bias))
    return site.result(y)


LAYERS: Mapping[str, Callable[[GraphSite], list[Variable]]] = {
    "Dense": dense,
    "Conv1D": convolution,
    "Conv2D": convolution,
    "DepthwiseConv2D": convolution,
    "Conv2DTranspose": transposed,
    **dict.fromkeys(
        ("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D", "LpPooling2D",
         "StochasticPooling2D"), pooling,
    ),
    **dict.fromkeys(
        ("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalAveragePooling1D",
         "GlobalAveragePooling2D"), pooling_whole,
    ),
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    "RepeatVector": repeat,
    "UpSampling2D": upsampling,
    "ZeroPadding2D": zero_padding,
    **dict.fromkeys(("Dropout", "GaussianNoise"), dropout),
    **dict.fromkeys(("Activation", "ReLU", "LeakyReLU", "Softmax"), activation),
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "Embedding": embedding,
    **dict.fromkeys(
        ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"), merging
    ),
    "MultiHeadAttention": attention,
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU"), recurrent),
    "Bidirectional": bidirectional,
}  # fmt: skip
"""What writes each kind of layer."""
