"""Convolutions and poolings of a file as layers: channels first there, last here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import TypeAlias

import numpy as np

from simulator.formats.exports.pytorch_windows import same_padding
from simulator.formats.json_values import Json
from simulator.formats.onnx_graph import Array
from simulator.formats.onnx_reader.draft import NodeSite
from simulator.formats.onnx_reader.values import Tensor, Value, channels_first

Padding: TypeAlias = tuple[tuple[int, int], ...] | str
"""Cells before and behind each axis, or "valid", "same" or "causal" where that is what they are."""
_NEVER_NEGATIVE = ("relu", "sigmoid", "softplus", "softmax")


def _channels_first(site: NodeSite, rank: int) -> Tensor:
    """The input as ONNX's operators want it. Raises OnnxError for another number of axes."""
    x = site.read()
    if len(x.layout) != rank + 2:
        raise site.refuse(
            f"has an input with {len(x.layout) - 2} axes besides batch and channels",
            f"its window has {rank}",
        )
    return site.laid_out(x, channels_first(rank + 2))


def _lengths(site: NodeSite, name: str, rank: int, default: int = 1) -> tuple[int, ...]:
    given: tuple[int, ...] = site.attribute(name, ()) or (default,) * rank
    if len(given) != rank or any(length < 1 for length in given):
        raise site.refuse(f"has {name} = {given}")
    return given


def _told(values: tuple[int, ...]) -> Json:
    return values[0] if len(set(values)) == 1 else values


def _pads(
    site: NodeSite, x: Tensor, kernel: tuple[int, ...], strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Padding:  # fmt: skip
    """How the file pads."""
    rank = len(kernel)
    rule = site.attribute("auto_pad", "NOTSET")
    if rule in ("VALID", "SAME_UPPER"):
        return "valid" if rule == "VALID" else "same"
    flat = site.attribute("pads", ()) or (0,) * (2 * rank)
    if len(flat) != 2 * rank or any(each < 0 for each in flat):
        raise site.refuse(f"has pads = {flat}")
    borders = tuple(zip(flat[:rank], flat[rank:], strict=True))
    same = same_padding(x.shape[:-1], kernel, strides, dilation)
    if rule == "SAME_LOWER":
        if same is None:
            raise site.refuse("pads a size that is not known", "give its size")
        borders = tuple((behind, before) for before, behind in same)
    if not any(each for border in borders for each in border):
        return "valid"
    return "same" if borders == same else borders


def _padded(site: NodeSite, x: Tensor, borders: tuple[tuple[int, int], ...]) -> Tensor:
    if len(borders) != 2:
        raise site.refuse(f"has pads {borders[0]}", "here an axis is padded “same” or not at all")
    return site.layer("ZeroPadding2D", {"padding": borders}, x)


def convolution(site: NodeSite) -> list[Value]:
    """Conv along one axis or two, with groups; by channel it is a DepthwiseConv2D."""
    weight = np.asarray(site.constant(1, "a kernel"), np.float32)
    rank = weight.ndim - 2
    if rank not in (1, 2):
        raise site.refuse(f"has a kernel with {weight.ndim} axes", "it must have 3 or 4")
    x = _channels_first(site, rank)
    kernel = weight.shape[2:]
    strides, dilation = _lengths(site, "strides", rank), _lengths(site, "dilations", rank)
    groups = site.attribute("group", 1)
    filters, seen = weight.shape[:2]
    channels = x.shape[-1] or 0
    if groups < 1 or seen * groups != channels or filters % groups:
        raise site.refuse(f"has a kernel {weight.shape} for {channels} channels, {groups} groups")
    padding = _pads(site, x, kernel, strides, dilation)
    given: dict[str, Json] = {
        "kernel_size": _told(kernel), "strides": _told(strides), "dilation_rate": _told(dilation),
        "use_bias": site.value(2) is not None,
    }  # fmt: skip
    if rank == 1 and padding == (((kernel[0] - 1) * dilation[0], 0),):
        padding = "causal"
    if not isinstance(padding, str):
        x, padding = _padded(site, x, padding), "valid"
    given["padding"] = padding
    if rank == 2 and groups == channels > 1:
        depth = filters // channels
        given["depth_multiplier"] = depth
        array = weight.reshape(channels, depth, *kernel).transpose(2, 3, 0, 1)
        return [_made(site, "DepthwiseConv2D", given, x, array, filters)]
    given |= {"filters": filters, "groups": groups}
    array = np.moveaxis(weight, (0, 1), (-1, -2))
    return [_made(site, f"Conv{rank}D", given, x, array, filters)]


def _made(
    site: NodeSite, kind: str, given: Mapping[str, Json], x: Tensor, kernel: Array, filters: int
) -> Tensor:
    weights = {"kernel": kernel}
    if site.value(2) is not None:
        bias = np.asarray(site.constant(2, "a bias"), np.float32)
        if bias.shape != (filters,):
            raise site.refuse(f"has a bias of the shape {bias.shape} for {filters} filters")
        weights["bias"] = bias
    return site.layer(kind, given, x, weights=weights)


def transposed(site: NodeSite) -> list[Value]:
    """ConvTranspose along two axes, with one of Keras's two paddings."""
    weight = np.asarray(site.constant(1, "a kernel"), np.float32)
    if weight.ndim != 4 or site.attribute("group", 1) != 1:
        raise site.refuse("is no transposed convolution of pictures in one group")
    x = _channels_first(site, 2)
    kernel = weight.shape[2:]
    strides, dilation = _lengths(site, "strides", 2), _lengths(site, "dilations", 2)
    if site.attribute("output_shape", ()) or site.attribute("auto_pad", "NOTSET") != "NOTSET":
        raise site.refuse("tells the size of its output", "export it with pads")
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    more = tuple(max(s - span, 0) for s, span in zip(strides, spans, strict=True))
    surplus = tuple(max(span - s, 0) for span, s in zip(spans, strides, strict=True))
    same = (*(each // 2 for each in surplus), *(each - each // 2 for each in surplus))
    pads = site.attribute("pads", ()) or (0, 0, 0, 0)
    output_padding = site.attribute("output_padding", ()) or (0, 0)
    padding = {(0, 0, 0, 0): "valid", same: "same"}.get(pads)
    if padding is None or output_padding != more:
        raise site.refuse(
            f"has pads = {pads} and output_padding = {output_padding}",
            f"here it may have {(0, 0, 0, 0)} or {same}, and {more}",
        )
    given = {
        "filters": weight.shape[1], "kernel_size": _told(kernel), "strides": _told(strides),
        "dilation_rate": _told(dilation), "padding": padding,
        "use_bias": site.value(2) is not None,
    }  # fmt: skip
    if x.shape[-1] != weight.shape[0]:
        raise site.refuse(f"has a kernel {weight.shape} for {x.shape[-1]} channels")
    array = weight.transpose(2, 3, 1, 0)
    return [_made(site, "Conv2DTranspose", given, x, array, weight.shape[1])]


def pooling(site: NodeSite) -> list[Value]:
    """MaxPool and AveragePool along one axis or two."""
    window = site.attribute("kernel_shape", ())
    rank = len(window)
    if rank not in (1, 2):
        raise site.refuse(f"has a window with {rank} axes", "it must have 1 or 2")
    x = _channels_first(site, rank)
    window, strides = _lengths(site, "kernel_shape", rank), _lengths(site, "strides", rank)
    if set(_lengths(site, "dilations", rank)) != {1}:
        raise site.refuse("has a window with gaps", "no pooling layer here has")
    padding = _pads(site, x, window, strides, (1,) * rank)
    kind = "Max" if site.node.kind == "MaxPool" else "Average"
    counted = kind == "Average" and site.attribute("count_include_pad", 0) and padding != "valid"
    if counted and padding == "same":
        padding = same_padding(x.shape[:-1], window, strides, (1,) * rank) or "same"
    if site.attribute("ceil_mode", 0):
        padding = _rounded_up(site, x, window, strides, padding)
    if not isinstance(padding, str):
        if kind == "Average" and not counted:
            raise site.refuse(f"has pads {padding}", "here a mean is padded “same” or not at all")
        if kind == "Max" and not _never_negative(site, x):
            raise site.refuse(
                f"has pads {padding} on values that may be negative",
                "here the largest value is padded “same” or not at all",
            )
        x, padding = _padded(site, x, padding), "valid"
    given = {"pool_size": _told(window), "strides": _told(strides), "padding": padding}
    return [site.layer(f"{kind}Pooling{rank}D", given, x)]


def _rounded_up(
    site: NodeSite, x: Tensor, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding
) -> Padding:
    """The padding, if windows that hang over the edge change nothing. Raises OnnxError."""
    borders = padding if isinstance(padding, tuple) else ((0, 0),) * len(window)
    for length, k, s, border in zip(x.shape, window, strides, borders, strict=False):
        if length is None or padding == "same" or (length + sum(border) - k) % s:
            raise site.refuse("has windows that hang over the edge", "set ceil_mode to 0")
    return padding


def _never_negative(site: NodeSite, x: Tensor) -> bool:
    layer = site.draft.layers.get(x.source)
    if layer is None:
        return False
    if layer.kind in ("MaxPooling2D", "AveragePooling2D", "Dropout"):
        return _never_negative(site, replace(x, source=layer.inputs[0]))
    if layer.kind == "ReLU":
        return not layer.arguments.get("negative_slope")
    return layer.arguments.get("activation") in _NEVER_NEGATIVE


def pooling_whole(site: NodeSite) -> list[Value]:
    """GlobalMaxPool, GlobalAveragePool, and ReduceMax and ReduceMean over all positions."""
    x = site.read()
    count = len(x.layout)
    kind = site.node.kind
    if kind.startswith("Global"):
        axes, keep = tuple(range(2, count)), True
    else:
        given = site.attribute("axes", ())
        if not given and site.value(1) is not None:
            given = tuple(int(each) for each in site.constant(1, "axes").reshape(-1))
        axes = tuple(axis % count for axis in given if -count <= axis < count)
        keep = bool(site.attribute("keepdims", 1))
    gone = {x.layout[axis] for axis in axes}
    if gone != set(range(1, x.rank - 1)) or x.rank not in (3, 4):
        raise site.refuse(f"goes over the axes {axes}", "only all positions at once are read")
    name = f"Global{'Max' if 'Max' in kind else 'Average'}Pooling{x.rank - 2}D"
    kept = {0: 0, x.rank - 1: 1}
    layout = tuple(
        None if place in axes or axis is None else kept[axis]
        for place, axis in enumerate(x.layout)
        if keep or place not in axes
    )
    return [site.layer(name, {}, x, layout=layout)]


def resize(site: NodeSite) -> list[Value]:
    """Resize and Upsample by whole factors, each cell repeated."""
    x = _channels_first(site, 2)
    if site.attribute("mode", "nearest") != "nearest":
        raise site.refuse("mixes neighbouring cells", "only the mode nearest is read")
    way = site.attribute("coordinate_transformation_mode", "half_pixel")
    rounding = site.attribute("nearest_mode", "round_prefer_floor")
    if site.node.kind == "Upsample":
        way = "asymmetric"
        scales = np.asarray(
            site.node.attributes["scales"] if "scales" in site.node.attributes
            else site.constant(1, "factors")
        ).reshape(-1)  # fmt: skip
    elif site.value(3) is not None:
        sizes = site.constant(3, "sizes").reshape(-1)
        if len(sizes) != 4 or None in x.shape or any(not length for length in x.shape):
            raise site.refuse("enlarges a picture whose size is not known", "give its size")
        scales = np.array([1, 1, *(sizes[2:] / np.array(x.shape[:2], float))])
    else:
        scales = site.constant(2, "factors").reshape(-1)
    whole = len(scales) == 4 and np.all(scales >= 1) and np.all(scales == np.round(scales))
    if not whole or tuple(scales[:2]) != (1, 1):
        raise site.refuse("enlarges by factors that are not whole", "use whole ones")
    if way not in ("asymmetric", "half_pixel") or (way, rounding) == ("asymmetric", "ceil"):
        raise site.refuse(f"finds cells by {way} and {rounding}", "use asymmetric and floor")
    factors = tuple(int(each) for each in scales[2:])
    return [site.layer("UpSampling2D", {"size": _told(factors)}, x)]


def pad(site: NodeSite) -> list[Value]:
    """Pad with zeros around a picture."""
    x = site.read()
    if site.attribute("mode", "constant") != "constant":
        raise site.refuse("repeats what is at the edge", "only zeros are read")
    filled = site.value(2)
    if isinstance(filled, np.ndarray) and filled.size and filled.reshape(-1)[0] != 0:
        raise site.refuse(f"pads with {filled.reshape(-1)[0]}", "only zeros are read")
    if "pads" in site.node.attributes:
        flat = tuple(site.attribute("pads", ()))
    else:
        flat = tuple(int(each) for each in site.constant(1, "pads").reshape(-1))
    count = len(x.layout)
    if len(flat) != 2 * count or any(each < 0 for each in flat) or site.value(3) is not None:
        raise site.refuse(f"has pads = {flat} for {count} axes")
    if not any(flat):
        return [x]
    borders = {axis: (flat[i], flat[count + i]) for i, axis in enumerate(x.layout)}
    elsewhere = [border for axis, border in borders.items() if axis not in (1, 2) and any(border)]
    if elsewhere or x.rank != 4 or prod(flat) < 0:
        raise site.refuse("pads something else than a picture’s rows and columns")
    return [site.layer("ZeroPadding2D", {"padding": (borders[1], borders[2])}, x)]


OPERATORS: Mapping[str, Callable[[NodeSite], list[Value]]] = {
    "Conv": convolution,
    "ConvTranspose": transposed,
    **dict.fromkeys(("MaxPool", "AveragePool"), pooling),
    **dict.fromkeys(
        ("GlobalMaxPool", "GlobalAveragePool", "ReduceMax", "ReduceMean"), pooling_whole
    ),
    **dict.fromkeys(("Resize", "Upsample"), resize),
    "Pad": pad,
}
"""What reads each kind of node."""

PICTURES = frozenset(
    {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool",
     "Resize", "Upsample", "BatchNormalization", "LpPool", "InstanceNormalization"}
)  # fmt: skip
"""Kinds of node that want channels behind the batch: an input that they read has them there."""
