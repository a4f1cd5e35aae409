"""Layers without a memory as PyTorch source, with their weights as PyTorch lays them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.formats.exports import pytorch_activations
from simulator.formats.exports.pytorch_output import output
from simulator.formats.exports.pytorch_windows import convolution, pooling, transposed
from simulator.formats.exports.writing import Site, Variable, pair


def dense(site: Site, name: str) -> list[Variable]:
    """Dense."""
    x = site.writer.laid_out(site.inputs[0], "last")
    bias = site.argument("use_bias", True)
    call = f"nn.Linear({x.shape[-1]}, {site.argument('units')}{'' if bias else ', bias=False'})"
    state = {"weight": site.weights["kernel"].T}
    site.module(call, **state, **({"bias": site.weights["bias"]} if bias else {}))
    return output(site, f"self.{site.attribute}({x.name})", name)


def pooling_whole(site: Site, name: str) -> list[Variable]:
    """The global pooling layers."""
    x = site.inputs[0]
    rank = len(x.shape) - 1
    axes = tuple(range(2, rank + 2)) if x.layout == "first" else tuple(range(1, rank + 1))
    keep = site.argument("keepdims", False)
    function = "amax" if "Max" in site.layer.kind else "mean"
    shown = f"{axes}, keepdim=True" if keep else f"{axes}"
    site.writer.line(f"{name} = {x.name}.{function}({shown})")
    return [Variable(name, site.output_shapes[0], x.layout if keep else "last")]


def flatten(site: Site, name: str) -> list[Variable]:
    """Flatten."""
    x = site.writer.laid_out(site.inputs[0], "last")
    return output(site, f"{x.name}.flatten(1)", name)


def reshape(site: Site, name: str) -> list[Variable]:
    """Reshape."""
    x = site.writer.laid_out(site.inputs[0], "last")
    shape = ", ".join(str(each) for each in site.argument("target_shape"))
    return output(site, f"{x.name}.reshape(-1, {shape})" if -1 not in site.argument("target_shape")
                   else f"{x.name}.reshape(len({x.name}), {shape})", name)  # fmt: skip


def permute(site: Site, name: str) -> list[Variable]:
    """Permute."""
    x = site.writer.laid_out(site.inputs[0], "last")
    dims = ", ".join(str(each) for each in site.argument("dims"))
    return output(site, f"{x.name}.permute(0, {dims})", name)


def repeat(site: Site, name: str) -> list[Variable]:
    """RepeatVector."""
    x = site.inputs[0]
    return output(site, f"{x.name}[:, None].expand(-1, {site.argument('n')}, -1)", name)


def upsampling(site: Site, name: str) -> list[Variable]:
    """UpSampling2D."""
    x = site.writer.laid_out(site.inputs[0], "first")
    factors = tuple(float(each) for each in pair(site.argument("size", 2), 2))
    call = f'F.interpolate({x.name}, scale_factor={factors!r}, mode="nearest")'
    return output(site, call, name, "first")


def zero_padding(site: Site, name: str) -> list[Variable]:
    """ZeroPadding2D."""
    x = site.writer.laid_out(site.inputs[0], "first")
    rows, columns = pair(site.argument("padding", 1), 2)
    flat = (*pair(columns, 2), *pair(rows, 2))
    return output(site, f"F.pad({x.name}, {flat!r})", name, "first")


def dropout(site: Site, name: str) -> list[Variable]:
    """Dropout and GaussianNoise."""
    x = site.inputs[0]
    if site.layer.kind == "Dropout":
        site.module(f"nn.Dropout({site.argument('rate')!r})")
    else:
        site.helper("GaussianNoise")
        site.module(f"GaussianNoise({site.argument('stddev')!r})")
    return output(site, f"self.{site.attribute}({x.name})", name, x.layout)


def activation(site: Site, name: str) -> list[Variable]:
    """Activation, ReLU, LeakyReLU and Softmax."""
    x, kind = site.inputs[0], site.layer.kind
    config = dict(site.layer.arguments)
    if kind == "Softmax":
        x = site.writer.laid_out(x, "last")
        expression = f"torch.softmax({x.name}, {site.argument('axis', -1)})"
    elif kind == "ReLU":
        expression = pytorch_activations.rectified(x.name, config)
    elif kind == "LeakyReLU":
        expression = f"F.leaky_relu({x.name}, {site.argument('negative_slope', 0.3)!r})"
    else:
        if site.argument("activation") == "softmax":
            x = site.writer.laid_out(x, "last")
        expression = pytorch_activations.applied(site.argument("activation"), x.name)
    site.writer.line(f"{name} = {expression}")
    return [Variable(name, site.output_shapes[0], x.layout)]


def batch_normalization(site: Site, name: str) -> list[Variable]:
    """BatchNormalization along the last axis."""
    rank = len(site.shape) - 1
    if site.argument("axis", -1) not in (-1, rank + 1):
        raise site.refuse("normalizes along another axis than the last", "use axis=-1")
    channels = site.shape[-1] or 0
    x = site.writer.laid_out(site.inputs[0], "first")
    weights = site.weights
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    momentum = round(1.0 - float(site.argument("momentum", 0.99)), 12)
    call = f"nn.BatchNorm{max(rank, 1)}d({channels}, eps={site.argument('epsilon', 1e-3)!r}, "
    site.module(
        f"{call}momentum={momentum!r})",
        weight=weights.get("gamma", ones), bias=weights.get("beta", zeros),
        running_mean=weights["moving_mean"], running_var=weights["moving_variance"],
        num_batches_tracked=np.array(0),
    )  # fmt: skip
    _freeze_missing(site, {"gamma": "weight", "beta": "bias"})
    return output(site, f"self.{site.attribute}({x.name})", name, x.layout)


def layer_normalization(site: Site, name: str) -> list[Variable]:
    """LayerNormalization along the last axis."""
    if site.argument("axis", -1) not in (-1, len(site.shape)):
        raise site.refuse("normalizes along another axis than the last", "use axis=-1")
    channels = site.shape[-1] or 0
    x = site.writer.laid_out(site.inputs[0], "last")
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    site.module(
        f"nn.LayerNorm({channels}, eps={site.argument('epsilon', 1e-3)!r})",
        weight=site.weights.get("gamma", ones), bias=site.weights.get("beta", zeros),
    )  # fmt: skip
    _freeze_missing(site, {"gamma": "weight", "beta": "bias"})
    return output(site, f"self.{site.attribute}({x.name})", name)


def _freeze_missing(site: Site, names: Mapping[str, str]) -> None:
    """What Keras leaves out is there and is not trained."""
    for own, other in names.items():
        if own not in site.weights and not site.made:
            site.writer.frozen.append(f"{site.attribute}.{other}")


def embedding(site: Site, name: str) -> list[Variable]:
    """Embedding."""
    if site.argument("mask_zero", False):
        raise site.refuse("has no counterpart in PyTorch with mask_zero", "set it to False")
    table = site.weights["embeddings"]
    site.module(f"nn.Embedding({table.shape[0]}, {table.shape[1]})", weight=table)
    return output(site, f"self.{site.attribute}({site.inputs[0].name}.long())", name)


def merging(site: Site, name: str) -> list[Variable]:
    """Add, Subtract, Multiply, Average, Maximum, Minimum and Concatenate."""
    kind = site.layer.kind
    layouts = {each.layout for each in site.inputs}
    axis = site.argument("axis", -1)
    same = len(layouts) == 1 and (kind != "Concatenate" or layouts == {"last"})
    layout = layouts.pop() if same else "last"
    inputs = [site.writer.laid_out(each, layout) for each in site.inputs]
    names = [each.name for each in inputs]
    if kind == "Concatenate":
        expression = f"torch.cat([{', '.join(names)}], {axis})"
    elif kind in ("Maximum", "Minimum"):
        expression = names[0]
        for each in names[1:]:
            expression = f"torch.{kind.lower()}({expression}, {each})"
    else:
        sign = {"Add": " + ", "Average": " + ", "Subtract": " - ", "Multiply": " * "}[kind]
        expression = sign.join(names)
        if kind == "Average":
            expression = f"({expression}) / {len(names)}"
    site.writer.line(f"{name} = {expression}")
    return [Variable(name, site.output_shapes[0], layout)]


def attention(site: Site, name: str) -> list[Variable]:
    """MultiHeadAttention."""
    inputs = [site.writer.laid_out(each, "last") for each in site.inputs]
    query, value = inputs[0], inputs[1] if len(inputs) > 1 else inputs[0]
    key = inputs[2] if len(inputs) > 2 else value
    weights = site.weights
    kernel = weights["attention_output/kernel"]
    bias = site.argument("use_bias", True)
    sizes = [query.shape[-1], key.shape[-1], value.shape[-1], kernel.shape[0],
             site.argument("key_dim"), kernel.shape[1], kernel.shape[2],
             site.argument("dropout", 0.0), bias]  # fmt: skip
    state = {}
    for ours, theirs in (("query", "query"), ("key", "key"), ("value", "value"),
                         ("attention_output", "output")):  # fmt: skip
        state[f"{theirs}_kernel"] = weights[f"{ours}/kernel"]
        shape = weights[f"{ours}/kernel"].shape
        zeros = np.zeros(shape[-1:] if theirs == "output" else shape[1:], np.float32)
        state[f"{theirs}_bias"] = weights.get(f"{ours}/bias", zeros)
    site.helper("MultiHeadAttention")
    site.module(f"MultiHeadAttention({', '.join(repr(each) for each in sizes)})", **state)
    given = (
        ", ".join(each.name for each in inputs)
        if len(inputs) > 1
        else f"{query.name}, {value.name}"
    )
    return output(site, f"self.{site.attribute}({given})", name)


LAYERS: Mapping[str, Callable[[Site, str], list[Variable]]] = {
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
    "Dropout": dropout,
    "GaussianNoise": dropout,
    **dict.fromkeys(("Activation", "ReLU", "LeakyReLU", "Softmax"), activation),
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "Embedding": embedding,
    **dict.fromkeys(
        ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"), merging
    ),
    "MultiHeadAttention": attention,
}  # fmt: skip
"""What writes each kind of layer."""
