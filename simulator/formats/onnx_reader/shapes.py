"""Nodes that move values and compute nothing, and arithmetic with constants and lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from simulator.formats.onnx_graph import Array
from simulator.formats.onnx_reader.draft import NodeSite
from simulator.formats.onnx_reader.plain import concatenate
from simulator.formats.onnx_reader.values import (
    DIRECTION,
    Filled,
    Layout,
    Lengths,
    Tensor,
    Value,
    flat_order,
    identity,
)

MOST_FOLDED = 2**28
"""Constants that nodes make of constants have so many values at most."""


def constant(site: NodeSite) -> list[Value]:
    """Constant."""
    given = site.node.attributes
    if "value" in given:
        return [np.asarray(given["value"])]
    for name, kind in (("value_float", np.float32), ("value_int", np.int64),
                       ("value_floats", np.float32), ("value_ints", np.int64)):  # fmt: skip
        if name in given:
            return [np.asarray(given[name], kind)]
    raise site.refuse("holds no numbers")


def same(site: NodeSite) -> list[Value]:
    """Identity, and Cast: what is computed here are real numbers all along."""
    return [site.value(0)]


def transpose(site: NodeSite) -> list[Value]:
    """Transpose."""
    value = site.value(0)
    rank = len(value.layout) if isinstance(value, Tensor) else np.ndim(_array(site, 0))
    order = site.attribute("perm", tuple(reversed(range(rank))))
    if sorted(order) != list(range(rank)):
        raise site.refuse(f"moves {rank} axes to {order}")
    if not isinstance(value, Tensor):
        return [_array(site, 0).transpose(order)]
    return [value.moved(tuple(value.layout[axis] for axis in order))]


def _array(site: NodeSite, number: int) -> Array:
    """A constant, or lengths that are all known."""
    value = site.value(number)
    if isinstance(value, Lengths) and None not in value.values:
        made = np.array(value.values, np.int64)
        return made.reshape(()) if value.scalar else made
    return site.constant(number, "an operand")


def _whole(site: NodeSite, name: str, number: int) -> tuple[int, ...] | None:
    """Axes and the like: an attribute in older versions, an input in newer ones."""
    if name in site.node.attributes:
        given = site.attribute(name, ())
        return tuple(int(each) for each in given)
    if site.value(number) is None:
        return None
    return tuple(int(each) for each in _array(site, number).reshape(-1))


def unsqueeze(site: NodeSite) -> list[Value]:
    """Unsqueeze."""
    axes = _whole(site, "axes", 1) or ()
    value = site.value(0)
    if isinstance(value, Lengths):
        return [replace(value, scalar=False)]
    if isinstance(value, Filled):
        return [value]
    if not isinstance(value, Tensor):
        array = _array(site, 0)
        _check_axes(site, axes, array.ndim + len(axes))
        return [np.expand_dims(array, axes)]
    rank = len(value.layout) + len(axes)
    _check_axes(site, axes, rank)
    layout: list[int | None] = list(value.layout)
    for axis in sorted(each % rank for each in axes):
        layout.insert(axis, None)
    return [value.moved(tuple(layout))]


def squeeze(site: NodeSite) -> list[Value]:
    """Squeeze, of axes of length 1 that no sample has."""
    axes = _whole(site, "axes", 1)
    value = site.value(0)
    if isinstance(value, Lengths | Filled):
        return [replace(value, scalar=True) if isinstance(value, Lengths) else value]
    if not isinstance(value, Tensor):
        array = _array(site, 0)
        try:
            return [array.squeeze(axes)]
        except ValueError as error:
            raise site.refuse(f"cannot be computed: {error}") from error
    rank = len(value.layout)
    if axes is None:
        axes = tuple(place for place, axis in enumerate(value.layout) if axis is None)
    _check_axes(site, axes, rank)
    gone = {axis % rank for axis in axes}
    if any(value.layout[axis] is not None for axis in gone):
        return [_without(site, value, gone)]
    return [value.moved(tuple(a for i, a in enumerate(value.layout) if i not in gone))]


def _without(site: NodeSite, value: Tensor, gone: set[int]) -> Tensor:
    """Drop axes of length 1 that a sample does have: a Reshape."""
    ours = {value.layout[place] for place in gone}
    if value.order is not None or any(
        axis is None or axis <= 0 or value.shape[axis - 1] != 1 for axis in ours
    ):
        raise site.refuse("drops an axis whose length is not 1")
    kept = [axis for axis in range(value.rank) if axis not in ours]
    target = tuple(value.shape[axis - 1] or -1 for axis in kept[1:])
    if target.count(-1) > 1 or not target:
        raise site.refuse("leaves a shape that is not known")
    layout = tuple(
        None if axis is None else kept.index(axis)
        for place, axis in enumerate(value.layout)
        if place not in gone
    )
    return site.layer("Reshape", {"target_shape": target}, value, layout=layout)


def _check_axes(site: NodeSite, axes: Sequence[int], rank: int) -> None:
    if any(not -rank <= axis < rank for axis in axes) or len({a % rank for a in axes}) < len(axes):
        raise site.refuse(f"names the axes {tuple(axes)} of {rank}")


def flatten(site: NodeSite) -> list[Value]:
    """Flatten from the axis behind the batch's."""
    value = site.tensor()
    number = site.attribute("axis", 1)
    if number % max(len(value.layout), 1) != 1:
        raise site.refuse(f"flattens from the axis {number}", "only from 1, behind the batch’s")
    return [flat(site, value)]


def flat(site: NodeSite, value: Tensor) -> Tensor:
    """All values of a sample in one row."""
    if value.layout[0] != 0 or DIRECTION in value.layout:
        raise site.refuse("flattens over the samples of a batch")
    if value.rank == 2:
        return value.moved((0, 1))
    try:
        order = flat_order(value)
    except ValueError as error:
        raise site.refuse(f"flattens a picture whose size {error}", "give its size") from None
    if order is not None and site.node.name in site.explicit:
        real = [axis for axis in value.layout if axis not in (None, 0)]
        value = site.layer("Permute", {"dims": tuple(real)}, value).moved(identity(value.rank))
        order = None
    made = site.layer("Flatten", {}, value, layout=(0, 1))
    return replace(made, order=order, flattened=site.node.name)


def reshape(site: NodeSite) -> list[Value]:
    """Reshape, of constants or of what a layer gave."""
    target_value = site.value(1)
    if isinstance(target_value, Lengths):
        target = target_value.values
    else:
        target = tuple(_whole(site, "shape", 1) or ())
    value = site.value(0)
    if isinstance(value, Lengths | Filled):
        return [value]
    if not isinstance(value, Tensor):
        return [_reshaped(site, _array(site, 0), target)]
    lengths = value.lengths
    target = tuple(
        (lengths[place] if place < len(lengths) else None) if length == 0 and place else length
        for place, length in enumerate(target)
    )
    kept = tuple(axis for axis in value.layout if axis is not None)
    if len(target) == len(kept) and all(
        _is_length(site, value, axis, length) for axis, length in zip(kept, target, strict=True)
    ):
        return [value.moved(kept)]  # at most axes of length 1 are gone
    if DIRECTION in value.layout:
        return [_joined_directions(site, value, target)]
    if not target or value.layout[0] != 0 or not _is_batch(site, target):
        raise site.refuse("changes the number of samples in a batch", "keep the first axis")
    rest = target[1:]
    own = prod(length or 0 for length in value.shape)
    known = None not in value.shape and not {None, -1} & set(rest)
    if known and prod(length or 0 for length in rest) != own:
        raise site.refuse("changes the number of samples in a batch", "keep the first axis")
    if len(rest) == 1 and rest[0] in (-1, own):
        return [flat(site, value)]
    if value.order is not None:
        value = site.read()
    value = site.laid_out(value.moved(kept), identity(value.rank))
    if any(length is None for length in rest):
        raise site.refuse("makes a shape of lengths that are not known", "give the input’s size")
    wanted = tuple(int(length) for length in rest if length is not None)
    return [site.layer("Reshape", {"target_shape": wanted}, value, layout=identity(len(target)))]


def _is_length(site: NodeSite, value: Tensor, axis: int, length: int | None) -> bool:
    """Whether a length in a target is certainly that of an axis."""
    if axis == DIRECTION:
        return False
    if axis == 0:
        return length is None or length in (0, site.batch)
    return length is not None and length == value.shape[axis - 1]


def _is_batch(site: NodeSite, target: tuple[int | None, ...]) -> bool:
    first = target[0]
    return first in (0, None) or first == site.batch or (first == -1 and -1 not in target[1:])


def _joined_directions(site: NodeSite, value: Tensor, target: tuple[int | None, ...]) -> Tensor:
    """The two directions of a recurrent layer, side by side: as our last axis has them."""
    place = value.layout.index(DIRECTION)
    behind = value.layout[place + 1 :]
    if behind == (value.rank - 1,) and len(target) == place + 1:
        joined: Layout = (*value.layout[:place], value.rank - 1)
        return value.moved(joined)
    raise site.refuse("takes the directions of a recurrent layer apart in an unknown way")


def _reshaped(site: NodeSite, array: Array, target: tuple[int | None, ...]) -> Array:
    lengths = [
        array.shape[place] if length == 0 and place < array.ndim else length
        for place, length in enumerate(target)
    ]
    try:
        return array.reshape([int(length) for length in lengths if length is not None])
    except ValueError as error:
        raise site.refuse(f"cannot be computed: {error}") from error


def shape(site: NodeSite) -> list[Value]:
    """Shape: lengths, that of the batch not known."""
    value = site.value(0)
    lengths: tuple[int | None, ...]
    if isinstance(value, Tensor):
        lengths = value.lengths
        if any(
            length is None and axis not in (0, None)
            for length, axis in zip(lengths, value.layout, strict=True)
        ):
            raise site.refuse("asks for a length that varies", "export the network with fixed ones")
    else:
        lengths = _array(site, 0).shape
    return [Lengths(lengths[site.attribute("start", 0) : site.attribute("end", 2**31)])]


def gather(site: NodeSite) -> list[Value]:
    """Gather: one length of a shape, a table of vectors, or the last step of a sequence."""
    value, indices = site.value(0), site.value(1)
    if isinstance(value, np.ndarray) and isinstance(indices, Tensor):
        return [_embedded(site, value, indices)]
    index = _array(site, 1)
    if isinstance(value, Lengths):
        try:
            found = [value.values[int(each)] for each in index.reshape(-1)]
        except IndexError as error:
            raise site.refuse("asks for an axis that there is not") from error
        return [Lengths(tuple(found), scalar=index.ndim == 0)]
    if isinstance(value, np.ndarray):
        try:
            return [np.take(value, index, site.attribute("axis", 0))]
        except (IndexError, ValueError) as error:
            raise site.refuse(f"cannot be computed: {error}") from error
    if index.size == 1:
        return [_one_of(site, site.read(), site.attribute("axis", 0), int(index.reshape(-1)[0]))]
    raise site.refuse("takes some of the values out", "no layer here does that")


def _embedded(site: NodeSite, table: Array, indices: Tensor) -> Tensor:
    if table.ndim != 2 or site.attribute("axis", 0):
        raise site.refuse("looks values up in a table that is not one of vectors")
    rows, columns = table.shape
    layout: Layout = (*indices.layout, indices.rank)
    given = {"input_dim": rows, "output_dim": columns}
    return site.layer("Embedding", given, indices, weights={"embeddings": table}, layout=layout)


def _one_of(site: NodeSite, value: Tensor, number: int, index: int) -> Tensor:
    """The last step of what a recurrent layer gives, or the only one of an axis of length 1."""
    rank = len(value.layout)
    _check_axes(site, (number,), rank)
    place = number % rank
    axis = value.layout[place]
    left = (*value.layout[:place], *value.layout[place + 1 :])
    if axis is None and index in (0, -1):
        return value.moved(left)
    layer = site.last_layer(value, "SimpleRNN", "LSTM", "GRU")
    steps = value.shape[0] if value.shape else None
    last = index == -1 or (steps is not None and index == steps - 1)
    if axis == 1 and last and layer is not None and layer.arguments.get("return_sequences"):
        given = layer.arguments
        if not given.get("go_backwards") and not given.get("return_state"):
            site.draft.change(layer.name, return_sequences=False)
            layout = tuple(1 if axis == 2 else axis for axis in left)
            return Tensor(layer.name, value.shape[1:], layout)
    raise site.refuse(
        f"takes the part {index} of an axis", "only the last step of a recurrent layer is read"
    )


def concat(site: NodeSite) -> list[Value]:
    """Concat of lengths, of constants, or of outputs of layers."""
    if any(isinstance(value, Tensor) for value in site.values):
        return concatenate(site)
    found: list[int | None] = []
    if any(isinstance(value, Lengths) for value in site.values):
        for number, value in enumerate(site.values):
            if isinstance(value, Lengths):
                found += value.values
            else:
                found += [int(each) for each in _array(site, number).reshape(-1)]
        return [Lengths(tuple(found))]
    arrays = [_array(site, number) for number in range(len(site.values))]
    if sum(array.size for array in arrays) > MOST_FOLDED:
        raise site.refuse("makes a constant larger than any has a reason to be")
    try:
        return [np.concatenate(arrays, site.attribute("axis", 0))]
    except ValueError as error:
        raise site.refuse(f"cannot be computed: {error}") from error


def sliced(site: NodeSite) -> list[Value]:
    """Slice of lengths, of constants, or of zeros to start from."""
    starts, ends = (_whole(site, name, n) or () for name, n in (("starts", 1), ("ends", 2)))
    axes = _whole(site, "axes", 3) or tuple(range(len(starts)))
    steps = _whole(site, "steps", 4) or (1,) * len(starts)
    value = site.value(0)
    if isinstance(value, Filled):
        return [value]
    if isinstance(value, Lengths):
        if len(starts) != 1 or axes != (0,):
            raise site.refuse("takes some of the lengths out in an unknown way")
        return [Lengths(value.values[starts[0] : ends[0] : steps[0] or 1])]
    if isinstance(value, np.ndarray):
        chosen = [slice(None)] * value.ndim
        _check_axes(site, axes, value.ndim)
        for axis, start, end, step in zip(axes, starts, ends, steps, strict=False):
            chosen[axis] = slice(start, None if end < -(2**30) else end, step or 1)
        return [value[tuple(chosen)]]
    raise site.refuse("takes some of the values out", "no layer here does that")


def constant_of_shape(site: NodeSite) -> list[Value]:
    """ConstantOfShape: zeros to start from."""
    value = site.node.attributes.get("value")
    return [Filled(0.0 if value is None else float(np.asarray(value).reshape(-1)[0]))]


def expand(site: NodeSite) -> list[Value]:
    """Expand: zeros to start from, or a vector repeated at each step."""
    value = site.value(0)
    if isinstance(value, Filled):
        return [value]
    if isinstance(value, np.ndarray):
        if value.size and np.all(value == value.reshape(-1)[0]):
            return [Filled(float(value.reshape(-1)[0]))]
        raise site.refuse("repeats a constant", "no layer here does that")
    x = site.read()
    target = _whole(site, "shape", 1) or ()
    if x.layout == (0, None, 1) and len(target) == 3 and target[0] in (1, site.batch):
        return [site.layer("RepeatVector", {"n": target[1]}, x, layout=identity(3))]
    raise site.refuse("repeats values in an unknown way", "only vectors at each step are read")


OPERATORS: Mapping[str, Callable[[NodeSite], list[Value]]] = {
    "Constant": constant,
    "Identity": same,
    "Cast": same,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
    "Squeeze": squeeze,
    "Flatten": flatten,
    "Reshape": reshape,
    "Shape": shape,
    "Gather": gather,
    "Concat": concat,
    "Slice": sliced,
    "ConstantOfShape": constant_of_shape,
    "Expand": expand,
}
"""What reads each kind of node."""
