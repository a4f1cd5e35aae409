"""Functions that older versions of ONNX have no node for, and that files spell out in several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt

import numpy as np

from simulator.formats.onnx_graph import Array, Graph, Node


def with_gelu(graph: Graph) -> Graph:
    """The graph with Gelu for x · (1 + erf(x / √2)) / 2, in whichever order it multiplies."""
    if all(node.kind != "Erf" for node in graph.nodes):
        return graph
    readers: dict[str, list[Node]] = {}
    makers: dict[str, Node] = {}
    constants = dict(graph.constants)
    for node in graph.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
        makers.update(dict.fromkeys(node.outputs, node))
        if node.kind == "Constant" and isinstance(node.attributes.get("value"), np.ndarray):
            constants[node.outputs[0]] = np.asarray(node.attributes["value"])
    found: dict[str, Node] = {}
    gone: set[str] = set()
    for erf in graph.nodes:
        if erf.kind == "Erf" and (match := _gelu(erf, readers, makers, constants)) is not None:
            last, x, inner = match
            found[last.name] = Node("Gelu", (x,), last.outputs, {}, last.name)
            gone |= {node.name for node in inner}
    nodes = (found.get(node.name, node) for node in graph.nodes if node.name not in gone)
    return replace(graph, nodes=tuple(nodes))


def _gelu(
    erf: Node, readers: Mapping[str, list[Node]], makers: Mapping[str, Node],
    constants: Mapping[str, Array],
) -> tuple[Node, str, list[Node]] | None:  # fmt: skip
    """The last node of a GELU, what it is of, and the nodes before the last."""

    def is_of_two(node: Node, *kinds: str) -> bool:
        return node.kind in kinds and len(node.inputs) == 2 and len(node.outputs) == 1

    def only(node: Node, *kinds: str) -> Node | None:
        after = readers.get(node.outputs[0], [])
        return after[0] if len(after) == 1 and is_of_two(after[0], *kinds) else None

    def other(node: Node, name: str) -> str:
        return node.inputs[1] if node.inputs[0] == name else node.inputs[0]

    def is_number(name: str, number: float) -> bool:
        array = constants.get(name)
        return array is not None and array.size == 1 and abs(array.item() - number) < 1e-4

    if len(erf.inputs) != 1 or len(erf.outputs) != 1:
        return None
    scaled = makers.get(erf.inputs[0])
    if scaled is None or not is_of_two(scaled, "Div", "Mul"):
        return None
    number = next((name for name in scaled.inputs if name in constants), "")
    if not is_number(number, sqrt(2) if scaled.kind == "Div" else sqrt(0.5)):
        return None
    x = other(scaled, number)
    share = only(erf, "Add")
    if share is None or not is_number(other(share, erf.outputs[0]), 1):
        return None
    product = only(share, "Mul")
    if product is None:
        return None
    factor = other(product, share.outputs[0])
    half = makers.get(factor)
    if half is not None and is_of_two(half, "Mul") and x in half.inputs:
        if not is_number(other(half, x), 0.5):
            return None
        return product, x, [scaled, erf, share, half]
    last = only(product, "Mul")
    if last is None:
        return None
    rest = {factor, other(last, product.outputs[0])}
    if x not in rest or not is_number((rest - {x}).pop() if len(rest) == 2 else "", 0.5):
        return None
    return last, x, [scaled, erf, share, product]
