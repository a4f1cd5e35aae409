"""A network as PyTorch classes, and its weights as they want them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simulator.formats import building
from simulator.formats.exports.pytorch_layers import LAYERS
from simulator.formats.exports.pytorch_recurrent import bidirectional, recurrent
from simulator.formats.exports.writing import Array, ClassWriter, ExportError, Site, Variable
from simulator.formats.keras_values import identifier
from simulator.formats.network import LayerSpec, NetworkSpec, base_name


@dataclass(slots=True)
class Module:
    """Source of the classes, the helpers that they use, weights by PyTorch's names, and notes."""

    classes: list[str] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    state: dict[str, Array] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def write_module(network: NetworkSpec, weights: Mapping[str, Array]) -> Module:
    """Return the network as a class `Network`, with a class for each network within it.

    Raises:
        ExportError: a layer has no counterpart in PyTorch.
        SpecError: shapes do not fit or are not known.
    """
    module = Module()
    writer = _network(network, weights, "Network", module)
    module.state = writer.state
    return module


def _network(
    network: NetworkSpec, weights: Mapping[str, Array], class_name: str, module: Module
) -> ClassWriter:
    facts = building.facts(network)
    writer = ClassWriter()
    variables: dict[str, Variable] = {}
    parameters = []
    for entry in network.inputs:
        name = "x" if len(network.inputs) == 1 else identifier(entry.name)
        variables[entry.name] = Variable(name, entry.shape or ())
        parameters.append(name)
    taken = set(parameters)
    attributes: dict[str, str] = {}
    for number, layer in enumerate(network.layers):
        owner = network.layer(layer.shared_with) if layer.shared_with else layer
        attribute = attributes.setdefault(owner.name, _attribute(owner.name, attributes))
        inputs = [_read(network, layer, variables, source) for source in layer.inputs]
        name = _name(network, number, inputs, taken)
        own = {
            key.removeprefix(f"{owner.name}/"): array
            for key, array in weights.items()
            if key.startswith(f"{owner.name}/")
        }
        site = Site(
            writer, owner, attribute, inputs, facts.layer(layer.name).output_shapes, own,
            made=bool(layer.shared_with),
        )  # fmt: skip
        for index, output in enumerate(_written(site, name, module)):
            variables[f"{layer.name}#{index}" if index else layer.name] = output
    outputs = [
        writer.laid_out(_variable(variables, source), "last").name for source in network.outputs
    ]
    module.classes.append(_class(class_name, writer, parameters, outputs))
    module.helpers |= writer.helpers
    module.notes += writer.notes
    return writer


def _name(network: NetworkSpec, number: int, inputs: list[Variable], taken: set[str]) -> str:
    """x, unless another layer still needs what x holds."""
    layer = network.layers[number]
    source = base_name(layer.inputs[0])
    only = network.consumers(source) == (layer,) and source not in {
        base_name(each) for each in network.outputs
    }
    if only and len(inputs) == 1 and inputs[0].name == "x":
        return "x"
    if "x" not in taken:
        taken.add("x")
        return "x"
    name = identifier(layer.name)
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _attribute(name: str, attributes: Mapping[str, str]) -> str:
    wanted = identifier(name)
    while wanted in attributes.values() or hasattr(object, wanted) or wanted in _OF_MODULES:
        wanted += "_"
    return wanted


_OF_MODULES = (
    "forward", "train", "eval", "training", "half", "float", "double", "type", "apply",
    "children", "modules", "parameters", "buffers", "state_dict", "to", "cpu", "cuda",
)  # fmt: skip


def _read(
    network: NetworkSpec, layer: LayerSpec, variables: Mapping[str, Variable], source: str
) -> Variable:
    """A value as a layer reads it, shared with whatever else reads it."""
    name = base_name(source)
    others = network.consumers(name) != (layer,) or name in {
        base_name(each) for each in network.outputs
    }
    return replace(_variable(variables, source), shared=others)


def _variable(variables: Mapping[str, Variable], source: str) -> Variable:
    name, _, index = source.partition("#")
    return variables[f"{name}#{index}" if index and index != "0" else name]


def _written(site: Site, name: str, module: Module) -> list[Variable]:
    kind = site.layer.kind
    inner = building.inner_network(site.layer)
    if inner is not None:
        return _inner(site, inner, name, module)
    if kind in ("SimpleRNN", "LSTM", "GRU"):
        return recurrent(site, name)
    if kind == "Bidirectional":
        return bidirectional(site, name)
    if kind == "TimeDistributed":
        return _at_each_step(site, name, module)
    if kind not in LAYERS:
        raise site.refuse("has no counterpart in PyTorch", "leave it out")
    return LAYERS[kind](site, name)


def _inner(site: Site, inner: NetworkSpec, name: str, module: Module) -> list[Variable]:
    """A network within the network: a class of its own, with channels last in and out."""
    inputs = [site.writer.laid_out(each, "last") for each in site.inputs]
    for entry, given in zip(inner.inputs, inputs, strict=True):
        inner = inner.with_input_shape(given.shape if entry.shape is None else entry.shape,
                                       entry.name)  # fmt: skip
    if not site.made:
        class_name = "".join(part.capitalize() for part in identifier(site.layer.name).split("_"))
        class_name += "Network"
        writer = _network(inner, site.weights, class_name, module)
        site.module(f"{class_name}()")
        for inner_key, array in writer.state.items():
            site.writer.state[f"{site.attribute}.{inner_key}"] = array
    told = ", ".join(each.name for each in inputs)
    count = len(site.output_shapes)
    names = [name, *(f"{name}_{index}" for index in range(1, count))]
    site.writer.line(f"{', '.join(names)} = self.{site.attribute}({told})")
    return [Variable(n, shape) for n, shape in zip(names, site.output_shapes, strict=True)]


def _at_each_step(site: Site, name: str, module: Module) -> list[Variable]:
    """TimeDistributed: all steps together, as a batch of B · T."""
    stored = site.argument("layer")
    own_name = stored.get("name") or f"{site.layer.name}_layer"
    layer = LayerSpec(stored["kind"], own_name, stored.get("arguments", {}))
    x = site.writer.laid_out(site.inputs[0], "last")
    prefix = f"{own_name}/"
    weights = {
        key.removeprefix(prefix): array
        for key, array in site.weights.items()
        if key.startswith(prefix)
    }
    line = site.writer.line
    line(f"{name}_steps = {x.name}.flatten(0, 1)")
    inner = Site(
        site.writer, layer.with_argument("trainable", site.layer.trainable), site.attribute,
        [Variable(f"{name}_steps", x.shape[1:])],
        tuple(shape[1:] for shape in site.output_shapes), weights, site.made,
    )  # fmt: skip
    found = site.writer.laid_out(_written(inner, f"{name}_steps", module)[0], "last")
    line(f"{name} = {found.name}.unflatten(0, (-1, {x.name}.shape[1]))")
    return [Variable(name, site.output_shapes[0])]


def _class(name: str, writer: ClassWriter, parameters: list[str], outputs: list[str]) -> str:
    made = writer.made or ["pass"]
    frozen = [f"self.{each}.requires_grad_(False)" for each in writer.frozen]
    lines = [
        f"class {name}(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in (made if writer.made else [])),
        *(f"        {line}" for line in frozen if not _without_weights(line, made)),
        "",
        f"    def forward(self, {', '.join(parameters)}):",
        *(f"        {line}" for line in writer.done),
        f"        return {', '.join(outputs)}",
    ]
    return "\n".join(lines)


def _without_weights(line: str, made: list[str]) -> bool:
    """Whether a frozen module has no weights anyway."""
    attribute = line.removesuffix(".requires_grad_(False)")
    return any(each.startswith((f"{attribute} = nn.Dropout", f"{attribute} = Gaussian"))
               for each in made)  # fmt: skip


__all__ = ["ExportError", "Module", "write_module"]
