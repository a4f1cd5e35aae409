"""Convolutions and poolings as ONNX nodes."""

from __future__ import annotations

from math import prod

import numpy as np

from simulator.formats.exports.onnx_activations import activated
from simulator.formats.exports.onnx_writing import GraphSite
from simulator.formats.exports.pytorch_windows import same_padding
from simulator.formats.exports.writing import Variable, pair
from simulator.formats.onnx_graph import Attribute

_TINY = 1e-30


def convolution(site: GraphSite) -> list[Variable]:
    """Conv1D, Conv2D and DepthwiseConv2D."""
    depthwise = site.layer.kind == "DepthwiseConv2D"
    rank = 1 if site.layer.kind == "Conv1D" else 2
    x = site.read("first")
    kernel = pair(site.argument("kernel_size"), rank)
    weight = site.weights["kernel"]
    if depthwise:
        groups = weight.shape[2]
        weight = weight.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel)
    else:
        groups = site.argument("groups", 1)
        weight = np.moveaxis(weight, (-1, -2), (0, 1))
    strides = pair(site.argument("strides", 1), rank)
    dilation = pair(site.argument("dilation_rate", 1), rank)
    name = site.node(
        "Conv", x.name, site.weight("kernel", weight), *_bias(site),
        kernel_shape=kernel, strides=strides, dilations=dilation, group=groups,
        **_padding(site, x, kernel, strides, dilation),
    )  # fmt: skip
    return _activated(site, name)


def _bias(site: GraphSite) -> tuple[str, ...]:
    return (site.weight("bias", site.weights["bias"]),) if "bias" in site.weights else ()


def _activated(site: GraphSite, name: str) -> list[Variable]:
    return [activated(site, Variable(name, site.output_shapes[0], "first"),
                      site.argument("activation"))]  # fmt: skip


def _padding(
    site: GraphSite, x: Variable, kernel: tuple[int, ...], strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> dict[str, Attribute]:  # fmt: skip
    """Zeros before all axes, then behind all; by rule where a length that matters varies."""
    padding = site.argument("padding", "valid")
    if padding == "valid":
        return {"pads": (0,) * (2 * len(kernel))}
    if padding == "causal":
        return {"pads": ((kernel[0] - 1) * dilation[0], 0)}
    borders = same_padding(x.shape[:-1], kernel, strides, dilation)
    if borders is not None:
        return {"pads": (*(a for a, _ in borders), *(b for _, b in borders))}
    if set(dilation) != {1}:
        raise site.refuse(
            'has padding "same", strides and dilation on a size that is not known', "give its size"
        )
    return {"auto_pad": "SAME_UPPER"}


def transposed(site: GraphSite) -> list[Variable]:
    """Conv2DTranspose; with "same" what is too much is cut off, as in Keras."""
    x = site.read("first")
    kernel = pair(site.argument("kernel_size"), 2)
    strides = pair(site.argument("strides", 1), 2)
    dilation = pair(site.argument("dilation_rate", 1), 2)
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    too_much = tuple(max(span - s, 0) for span, s in zip(spans, strides, strict=True))
    if site.argument("padding", "valid") == "valid":
        too_much = (0, 0)
    name = site.node(
        "ConvTranspose", x.name,
        site.weight("kernel", site.weights["kernel"].transpose(3, 2, 0, 1)), *_bias(site),
        kernel_shape=kernel, strides=strides, dilations=dilation,
        output_padding=tuple(max(s - span, 0) for span, s in zip(spans, strides, strict=True)),
        pads=(*(each // 2 for each in too_much), *(each - each // 2 for each in too_much)),
    )  # fmt: skip
    return _activated(site, name)


def pooling(site: GraphSite) -> list[Variable]:
    """The pooling layers with a window."""
    kind = site.layer.kind
    rank = 1 if kind.endswith("1D") else 2
    x = site.read("first")
    window = pair(site.argument("pool_size", 2), rank)
    given = site.argument("strides")
    strides = window if given is None else pair(given, rank)
    options: dict[str, Attribute] = {
        "kernel_shape": window, "strides": strides,
        **_padding(site, x, window, strides, (1,) * rank),
    }  # fmt: skip
    if kind.startswith("Max"):
        name = site.node("MaxPool", x.name, **options)
    elif kind.startswith("Average"):
        name = site.node("AveragePool", x.name, **options)
    elif kind.startswith("Lp"):
        name = _norm(site, x.name, prod(window), options)
    else:
        name = _expected(site, x.name, options)
    return site.result(name, "first")


def _norm(site: GraphSite, x: str, cells: int, options: dict[str, Attribute]) -> str:
    """(Σ |x|^p)^(1/p); ONNX's LpPool takes whole p alone, so the mean serves as the sum."""
    order = float(site.argument("order", 2.0))
    powers = site.node("Pow", site.node("Abs", x), site.number("order", order))
    mean = site.node("AveragePool", powers, **options, count_include_pad=1)
    total = site.node("Mul", mean, site.number("cells", cells))
    return site.node("Pow", total, site.number("root", 1 / order))


def _expected(site: GraphSite, x: str, options: dict[str, Attribute]) -> str:
    """Σ x² / Σ x over what is positive, and the mean where nothing is: what StochasticPooling2D
    gives outside of training.
    """
    positive = site.node("Relu", x)
    squares = site.node("AveragePool", site.node("Mul", positive, positive), **options)
    sums = site.node("AveragePool", positive, **options)
    tiny = site.number("tiny", _TINY)
    expected = site.node("Div", squares, site.node("Max", sums, tiny))
    mean = site.node("AveragePool", x, **options)
    return site.node("Where", site.node("Greater", sums, tiny), expected, mean)


def pooling_whole(site: GraphSite) -> list[Variable]:
    """The global pooling layers."""
    x = site.inputs[0]
    rank = len(x.shape) - 1
    first = x.layout == "first"
    keep = bool(site.argument("keepdims", False))
    kind = "ReduceMax" if "Max" in site.layer.kind else "ReduceMean"
    axes = tuple(range(2, rank + 2)) if first else tuple(range(1, rank + 1))
    name = site.node(kind, x.name, axes=axes, keepdims=int(keep))
    return site.result(name, x.layout if keep else "last")
