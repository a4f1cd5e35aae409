"""Layers without a memory as PyTorch source, with their weights as PyTorch lays them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.formats.exports import pytorch_activations
from simulator.formats.exports.writing import Site, Variable, pair, told
from simulator.formats.json_values import Json


def _output(site: Site, expression: str, name: str, layout: str = "last") -> list[Variable]:
    """A line that sets the output, and its activation."""
    writer = site.writer
    writer.line(f"{name} = {expression}")
    variable = Variable(name, site.output_shapes[0], "first" if layout == "first" else "last")
    return [activated(site, variable, site.argument("activation"))]


def activated(site: Site, variable: Variable, activation: Json) -> Variable:
    """The activation of a variable; softmax looks along the last axis."""
    if activation in (None, "linear"):
        return variable
    if activation == "softmax":
        variable = site.writer.laid_out(variable, "last")
    told_activation = pytorch_activations.applied(activation, variable.name)
    site.writer.line(f"{variable.name} = {told_activation}")
    return variable


def dense(site: Site, name: str) -> list[Variable]:
    """Dense."""
    x = site.writer.laid_out(site.inputs[0], "last")
    bias = site.argument("use_bias", True)
    call = f"nn.Linear({x.shape[-1]}, {site.argument('units')}{'' if bias else ', bias=False'})"
    state = {"weight": site.weights["kernel"].T}
    site.module(call, **state, **({"bias": site.weights["bias"]} if bias else {}))
    return _output(site, f"self.{site.attribute}({x.name})", name)


def same_padding(
    size: tuple[int | None, ...], kernel: tuple[int, ...], strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...] | None:  # fmt: skip
    """Zeros before and behind each axis; None where a size is not known and would matter."""
    found = []
    for length, k, s, d in zip(size, kernel, strides, dilation, strict=True):
        span = (k - 1) * d + 1
        if s == 1:
            total = span - 1
        elif length is None:
            return None
        else:
            total = max((-(-length // s) - 1) * s + span - length, 0)
        found.append((total // 2, total - total // 2))
    return tuple(found)


def _padded(site: Site, x: Variable, rank: int, value: str = "0.0") -> str:
    """The input with the zeros that Keras's "same" and "causal" put around it."""
    kernel = pair(site.argument("kernel_size", site.argument("pool_size", 2)), rank)
    strides = _strides(site, rank, kernel)
    dilation = pair(site.argument("dilation_rate", 1), rank)
    if site.argument("padding", "valid") == "causal":
        return f"F.pad({x.name}, ({(kernel[0] - 1) * dilation[0]}, 0))"
    borders = same_padding(x.shape[:-1], kernel, strides, dilation)
    if borders is None:
        raise site.refuse('has padding "same" on a size that is not known', "give its size")
    flat = [each for border in reversed(borders) for each in border]
    if not any(flat):
        return x.name
    inner = ", ".join(str(each) for each in flat)
    fill = "" if value == "0.0" else f", value={value}"
    return f"F.pad({x.name}, ({inner}){fill})"


def _strides(site: Site, rank: int, window: tuple[int, ...]) -> tuple[int, ...]:
    given = site.argument("strides", 1 if "kernel_size" in site.layer.arguments else None)
    return window if given is None else pair(given, rank)


def convolution(site: Site, name: str) -> list[Variable]:
    """Conv1D, Conv2D and DepthwiseConv2D."""
    depthwise = site.layer.kind == "DepthwiseConv2D"
    rank = 1 if site.layer.kind == "Conv1D" else 2
    x = site.writer.laid_out(site.inputs[0], "first")
    kernel = pair(site.argument("kernel_size"), rank)
    channels = x.shape[-1] or 0
    weight = site.weights["kernel"]
    if depthwise:
        filters, groups = channels * site.argument("depth_multiplier", 1), channels
        weight = weight.transpose(2, 3, 0, 1).reshape(filters, 1, *kernel)
    else:
        filters, groups = site.argument("filters"), site.argument("groups", 1)
        weight = np.moveaxis(weight, (-1, -2), (0, 1))
    options = [str(channels), str(filters), told(kernel)]
    strides = pair(site.argument("strides", 1), rank)
    dilation = pair(site.argument("dilation_rate", 1), rank)
    if set(strides) != {1}:
        options.append(f"stride={told(strides)}")
    padding = site.argument("padding", "valid")
    # Of even windows PyTorch itself warns that it pads them in a copy.
    odd = all((k - 1) * d % 2 == 0 for k, d in zip(kernel, dilation, strict=True))
    inside = padding == "same" and set(strides) == {1} and odd
    if inside:
        options.append('padding="same"')
    if set(dilation) != {1}:
        options.append(f"dilation={told(dilation)}")
    if groups != 1:
        options.append(f"groups={groups}")
    bias = site.argument("use_bias", True)
    if not bias:
        options.append("bias=False")
    state = {"weight": weight} | ({"bias": site.weights["bias"]} if bias else {})
    site.module(f"nn.Conv{rank}d({', '.join(options)})", **state)
    given = x.name if padding == "valid" or inside else _padded(site, x, rank)
    return _output(site, f"self.{site.attribute}({given})", name, "first")


def transposed(site: Site, name: str) -> list[Variable]:
    """Conv2DTranspose; with "same" what is too much is cut off, as in Keras."""
    x = site.writer.laid_out(site.inputs[0], "first")
    kernel = pair(site.argument("kernel_size"), 2)
    strides, dilation = (
        pair(site.argument("strides", 1), 2),
        pair(site.argument("dilation_rate", 1), 2),
    )
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    more = tuple(max(s - span, 0) for s, span in zip(strides, spans, strict=True))
    options = [str(x.shape[-1]), str(site.argument("filters")), told(kernel)]
    if set(strides) != {1}:
        options.append(f"stride={told(strides)}")
    if any(more):
        options.append(f"output_padding={told(more)}")
    if set(dilation) != {1}:
        options.append(f"dilation={told(dilation)}")
    bias = site.argument("use_bias", True)
    if not bias:
        options.append("bias=False")
    state = {"weight": site.weights["kernel"].transpose(3, 2, 0, 1)}
    site.module(
        f"nn.ConvTranspose2d({', '.join(options)})",
        **state, **({"bias": site.weights["bias"]} if bias else {}),
    )  # fmt: skip
    expression = f"self.{site.attribute}({x.name})"
    if site.argument("padding", "valid") == "same":
        parts = []
        for span, s in zip(spans, strides, strict=True):
            total = max(span - s, 0)
            behind = total - total // 2
            parts.append(f"{total // 2}:{-behind if behind else ''}")
        expression += f"[:, :, {', '.join(parts)}]"
    return _output(site, expression, name, "first")


def pooling(site: Site, name: str) -> list[Variable]:
    """The pooling layers with a window."""
    kind = site.layer.kind
    rank = 1 if kind.endswith("1D") else 2
    x = site.writer.laid_out(site.inputs[0], "first")
    window = pair(site.argument("pool_size", 2), rank)
    strides = _strides(site, rank, window)
    same = site.argument("padding", "valid") == "same"
    options = f"{told(window)}, {told(strides)}"
    if kind.startswith("Max"):
        given = _padded(site, x, rank, 'float("-inf")') if same else x.name
        return _output(site, f"F.max_pool{rank}d({given}, {options})", name, "first")
    if kind.startswith("Average"):
        if not same:
            return _output(site, f"F.avg_pool{rank}d({x.name}, {options})", name, "first")
        borders = same_padding(x.shape[:-1], window, strides, (1,) * rank)
        if borders is None:
            raise site.refuse('has padding "same" on a size that is not known', "give its size")
        flat = tuple(each for border in reversed(borders) for each in border)
        site.helper("same_pool")
        if rank == 2:
            call = f"average_pool_same({x.name}, {window!r}, {strides!r}, {flat!r})"
            return _output(site, call, name, "first")
        call = (
            f"average_pool_same({x.name}[:, :, None], (1, {window[0]}), (1, {strides[0]}), "
            f"{flat!r})[:, :, 0]"
        )
        return _output(site, call, name, "first")
    if kind == "LpPooling2D":
        order = float(site.argument("order", 2.0))
        given = _padded(site, x, rank) if same else x.name
        call = f"F.lp_pool2d(({given}).abs(), {order!r}, {window!r}, {strides!r})"
        return _output(site, call, name, "first")
    raise site.refuse("draws at random in a way that PyTorch does not have", "use MaxPooling2D")


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
    return _output(site, f"{x.name}.flatten(1)", name)


def reshape(site: Site, name: str) -> list[Variable]:
    """Reshape."""
    x = site.writer.laid_out(site.inputs[0], "last")
    shape = ", ".join(str(each) for each in site.argument("target_shape"))
    return _output(site, f"{x.name}.reshape(-1, {shape})" if -1 not in site.argument("target_shape")
                   else f"{x.name}.reshape(len({x.name}), {shape})", name)  # fmt: skip


def permute(site: Site, name: str) -> list[Variable]:
    """Permute."""
    x = site.writer.laid_out(site.inputs[0], "last")
    dims = ", ".join(str(each) for each in site.argument("dims"))
    return _output(site, f"{x.name}.permute(0, {dims})", name)


def repeat(site: Site, name: str) -> list[Variable]:
    """RepeatVector."""
    x = site.inputs[0]
    return _output(site, f"{x.name}[:, None].expand(-1, {site.argument('n')}, -1)", name)


def upsampling(site: Site, name: str) -> list[Variable]:
    """UpSampling2D."""
    x = site.writer.laid_out(site.inputs[0], "first")
    factors = tuple(float(each) for each in pair(site.argument("size", 2), 2))
    call = f'F.interpolate({x.name}, scale_factor={factors!r}, mode="nearest")'
    return _output(site, call, name, "first")


def zero_padding(site: Site, name: str) -> list[Variable]:
    """ZeroPadding2D."""
    x = site.writer.laid_out(site.inputs[0], "first")
    rows, columns = pair(site.argument("padding", 1), 2)
    flat = (*pair(columns, 2), *pair(rows, 2))
    return _output(site, f"F.pad({x.name}, {flat!r})", name, "first")


def dropout(site: Site, name: str) -> list[Variable]:
    """Dropout and GaussianNoise."""
    x = site.inputs[0]
    if site.layer.kind == "Dropout":
        site.module(f"nn.Dropout({site.argument('rate')!r})")
    else:
        site.helper("GaussianNoise")
        site.module(f"GaussianNoise({site.argument('stddev')!r})")
    return _output(site, f"self.{site.attribute}({x.name})", name, x.layout)


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
        alpha = config.get("alpha")
        slope = config.get("negative_slope", 0.3) if alpha is None else alpha
        expression = f"F.leaky_relu({x.name}, {slope!r})"
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
    return _output(site, f"self.{site.attribute}({x.name})", name, x.layout)


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
    return _output(site, f"self.{site.attribute}({x.name})", name)


def _freeze_missing(site: Site, names: Mapping[str, str]) -> None:
    """What Keras leaves out is there and is not trained."""
    for own, other in names.items():
        if own not in site.weights and not site.made:
            site.writer.frozen.append(f"{site.attribute}.{other}")


def embedding(site: Site, name: str) -> list[Variable]:
    """Embedding."""
    table = site.weights["embeddings"]
    site.module(f"nn.Embedding({table.shape[0]}, {table.shape[1]})", weight=table)
    return _output(site, f"self.{site.attribute}({site.inputs[0].name}.long())", name)


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
    return _output(site, f"self.{site.attribute}({given})", name)


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
