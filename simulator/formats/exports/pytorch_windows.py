"""Convolutions and poolings as PyTorch source."""

from __future__ import annotations

import numpy as np

from simulator.formats.exports.pytorch_output import output
from simulator.formats.exports.writing import Site, Variable, pair, told


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
    return output(site, f"self.{site.attribute}({given})", name, "first")


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
    return output(site, expression, name, "first")


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
        return output(site, f"F.max_pool{rank}d({given}, {options})", name, "first")
    if kind.startswith("Average"):
        if not same:
            return output(site, f"F.avg_pool{rank}d({x.name}, {options})", name, "first")
        borders = same_padding(x.shape[:-1], window, strides, (1,) * rank)
        if borders is None:
            raise site.refuse('has padding "same" on a size that is not known', "give its size")
        flat = tuple(each for border in reversed(borders) for each in border)
        site.helper("same_pool")
        if rank == 2:
            call = f"average_pool_same({x.name}, {window!r}, {strides!r}, {flat!r})"
            return output(site, call, name, "first")
        call = (
            f"average_pool_same({x.name}[:, :, None], (1, {window[0]}), (1, {strides[0]}), "
            f"{flat!r})[:, :, 0]"
        )
        return output(site, call, name, "first")
    if kind == "LpPooling2D":
        order = float(site.argument("order", 2.0))
        given = _padded(site, x, rank) if same else x.name
        call = f"F.lp_pool2d(({given}).abs(), {order!r}, {window!r}, {strides!r})"
        return output(site, call, name, "first")
    raise site.refuse("draws at random in a way that PyTorch does not have", "use MaxPooling2D")
