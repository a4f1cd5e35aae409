"""The line that sets a layer's output, and its activation after it."""

from __future__ import annotations

from simulator.formats.exports import pytorch_activations
from simulator.formats.exports.writing import Site, Variable
from simulator.formats.json_values import Json


def output(site: Site, expression: str, name: str, layout: str = "last") -> list[Variable]:
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
