"""ONNX files as graphs of plain values, and back; the only module that knows the package `onnx`.

A file from elsewhere is data that nobody has checked: lengths are compared with the bytes that
are there before anything is made of them, what a file refers to outside of itself is not opened,
and every error names the part.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from simulator import __version__
from simulator.formats.json_values import shown
from simulator.formats.onnx_graph import Array, Attribute, Axis, Graph, Node, OnnxError, Port

MOST_BYTES = 2**31 - 1
"""More than that Protocol Buffers cannot hold in one file."""
MOST_NODES = 20_000
OLDEST_OPSET, NEWEST_OPSET = 7, 30
PRODUCER = "Deep Learning Simulator"
_IR_VERSION = 8  # what came with version 17 of the operators
_TYPES = ("float32", "float64", "int64", "int32", "uint8", "int8", "bool", "float16")


def to_bytes(graph: Graph) -> bytes:
    """Return what a file of this graph holds; the same bytes for the same graph.

    Raises:
        OnnxError: the package `onnx` is missing, or the graph is larger than a file can be.
    """
    onnx = _package()
    if sum(array.nbytes for array in graph.constants.values()) > MOST_BYTES:
        raise OnnxError("The weights take more than 2 GiB, which an ONNX file cannot hold.")
    helper = onnx.helper
    made = helper.make_graph(
        [
            helper.make_node(node.kind, node.inputs, node.outputs, node.name, **_given(node))
            for node in graph.nodes
        ],
        graph.name,
        [_port_to(onnx, port) for port in graph.inputs],
        [_port_to(onnx, port) for port in graph.outputs],
        [onnx.numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", graph.opset)], ir_version=_IR_VERSION,
        producer_name=PRODUCER, producer_version=__version__,
    )  # fmt: skip
    helper.set_model_props(model, dict(graph.notes))
    try:
        content: bytes = model.SerializeToString(deterministic=True)
    except ValueError as error:
        raise OnnxError("The network is larger than an ONNX file can be: 2 GiB.") from error
    return content


def _given(node: Node) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in node.attributes.items()
    }


def _port_to(onnx: Any, port: Port) -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(port.kind))
    return onnx.helper.make_tensor_value_info(port.name, kind, port.shape)


def from_bytes(content: bytes) -> Graph:
    """Return the graph that a file's bytes hold.

    Raises:
        OnnxError: the package `onnx` is missing, or the bytes are no ONNX file, are damaged, or
            hold something that is not read here; the message names the part.
    """
    onnx = _package()
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # Protocol Buffers' own kind of error, of several modules
        raise OnnxError(
            "It is no ONNX file, or it is damaged: its bytes cannot be read."
        ) from error
    if not model.HasField("graph") or not model.graph.output:
        raise OnnxError("It is no ONNX file: it holds no network.")
    graph = model.graph
    _check_texts(model)
    if len(graph.node) > MOST_NODES:
        raise OnnxError(f"It has {len(graph.node):,} nodes: at most {MOST_NODES:,} are read.")
    constants = {
        each.name: _array(onnx, each, f"the constant {shown(each.name)}")
        for each in graph.initializer
    }
    if graph.sparse_initializer:
        raise OnnxError("It holds sparse constants, which are not read.")
    return Graph(
        graph.name,
        tuple(_port(onnx, each) for each in graph.input if each.name not in constants),
        tuple(_port(onnx, each) for each in graph.output),
        tuple(_node(onnx, each, number) for number, each in enumerate(graph.node)),
        constants,
        {each.key: each.value for each in model.metadata_props},
        _opset(model),
    )


def _check_texts(model: Any) -> None:
    """Refuse names that are no text: of damaged ones Protocol Buffers hand out the bytes."""
    graph = model.graph
    names = [graph.name, *(each.domain for each in model.opset_import)]
    for each in (*graph.input, *graph.output):
        names += [each.name, *(axis.dim_param for axis in each.type.tensor_type.shape.dim)]
    for node in graph.node:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
        names += [attribute.name for attribute in node.attribute]
    names += [each.name for each in graph.initializer]
    names += [text for each in model.metadata_props for text in (each.key, each.value)]
    damaged = [name for name in names if not isinstance(name, str)]
    if damaged:
        raise OnnxError(f"It is damaged: the name {shown(damaged[0])} is no text.")


def _opset(model: Any) -> int:
    found = [each.version for each in model.opset_import if each.domain in ("", "ai.onnx")]
    if not found:
        raise OnnxError("It does not say which version of ONNX’s operators it uses.")
    version = int(found[0])
    if not OLDEST_OPSET <= version <= NEWEST_OPSET:
        raise OnnxError(
            f"It uses version {version} of ONNX’s operators: {OLDEST_OPSET} to {NEWEST_OPSET} "
            "are read. Export it again with one of these."
        )
    return version


def _port(onnx: Any, value: Any) -> Port:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        raise OnnxError(f"{shown(value.name)} is no array, but a sequence or the like.")
    shape: tuple[Axis, ...] | None = None
    if kind.HasField("shape"):
        shape = tuple(
            int(axis.dim_value)
            if axis.HasField("dim_value") and axis.dim_value > 0
            else (axis.dim_param or None)
            for axis in kind.shape.dim
        )
    return Port(value.name, _type(onnx, kind.elem_type, shown(value.name)), shape)


def _type(onnx: Any, number: int, what: str) -> str:
    try:
        name = str(onnx.helper.tensor_dtype_to_np_dtype(number))
    except (KeyError, ValueError, TypeError) as error:
        raise OnnxError(f"{what} has values of an unknown type ({number}).") from error
    if name not in _TYPES:
        raise OnnxError(f"{what} has values of the type {name}, which is not read.")
    return name


def _node(onnx: Any, node: Any, number: int) -> Node:
    name = node.name or f"{node.op_type} {number}"
    if node.domain not in ("", "ai.onnx"):
        raise OnnxError(
            f"The node {shown(name)} is {shown(node.op_type)} of {shown(node.domain)}: only "
            "ONNX’s own operators are read.",
            node=name,
        )
    attributes = {each.name: _attribute(onnx, each, name) for each in node.attribute}
    return Node(node.op_type, tuple(node.input), tuple(node.output), attributes, name)


def _attribute(onnx: Any, attribute: Any, node: str) -> Attribute:
    kinds = onnx.AttributeProto
    where = f"{shown(attribute.name)} of the node {shown(node)}"
    try:
        if attribute.type == kinds.INT:
            return int(attribute.i)
        if attribute.type == kinds.FLOAT:
            return float(attribute.f)
        if attribute.type == kinds.STRING:
            return str(attribute.s.decode())
        if attribute.type == kinds.TENSOR:
            return _array(onnx, attribute.t, where)
        if attribute.type == kinds.INTS:
            return tuple(int(each) for each in attribute.ints)
        if attribute.type == kinds.FLOATS:
            return tuple(float(each) for each in attribute.floats)
        if attribute.type == kinds.STRINGS:
            return tuple(each.decode() for each in attribute.strings)
    except UnicodeDecodeError as error:
        raise OnnxError(f"{where} is no text.", node=node) from error
    raise OnnxError(f"{where} is a graph or the like, which is not read.", node=node)


def _array(onnx: Any, tensor: Any, what: str) -> Array:
    kind = _type(onnx, tensor.data_type, what)
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise OnnxError(
            f"{what} lies in another file, which is not opened: save the network in one file."
        )
    shape = tuple(int(length) for length in tensor.dims)
    if any(length < 0 for length in shape) or len(shape) > 8:
        raise OnnxError(f"{what} has the shape {shown(shape)}, which no array has.")
    count = prod(shape)
    if tensor.HasField("raw_data"):
        there = len(tensor.raw_data) / np.dtype(kind).itemsize
    else:
        fields = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data,
                  tensor.uint64_data)  # fmt: skip
        there = max(len(each) for each in fields)
    if there != count:
        raise OnnxError(
            f"{what} is damaged: it holds {there:,.0f} values, but its shape {shown(shape)} "
            f"means {count:,}."
        )
    try:
        array: Array = onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, OverflowError) as error:
        raise OnnxError(f"{what} is damaged: {error}.") from error
    return np.array(array)


def _package() -> Any:
    try:
        import onnx  # noqa: PLC0415 - an extra, and slow to load
        import onnx.helper  # noqa: PLC0415
        import onnx.numpy_helper  # noqa: PLC0415
    except ImportError as error:
        raise OnnxError(
            "ONNX files need the package onnx, which is not installed: "
            'python -m pip install "deep-learning-simulator[onnx]".'
        ) from error
    return onnx
