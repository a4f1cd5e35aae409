"""Programs as Keras source, so that reading it gives the same program again.

Names of layers are written where Keras itself would give others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.engine.names import snake_case
from simulator.formats import keras_values, serialization
from simulator.formats.folding import folded
from simulator.formats.json_values import Json
from simulator.formats.made_data_source import Writer
from simulator.formats.network import LayerSpec, NetworkSpec, base_name
from simulator.formats.outputs import STATES, count_outputs
from simulator.formats.program import DataSpec, FitSpec, ProgramSpec

WIDTH = 44
"""Letters in a line at most: so many stand side by side in the lab's column."""
NAMES = ("x_train", "y_train", "x_test", "y_test")
"""What data are called that come from elsewhere."""
NOT_IN_KERAS = ("LpPooling2D", "StochasticPooling2D")
MERGING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")


def write(program: ProgramSpec) -> str:
    """Return the program as Keras source."""
    network, variable = write_network(program.network)
    body = [*network, ""]
    if program.seed:
        body = [f"keras.utils.set_random_seed({program.seed})", "", *body]
    body.append(f"{variable}.compile({keras_values.compiled(program.compile)})")
    body += [f"{variable}.summary()", ""]
    data, names = _data(program.data, program.fit)
    body += [*data, *([""] if data else [])]
    body.append(f"{variable}.fit({keras_values.fitted(program.fit, names)})")
    imports = ["import numpy as np"] if any("np." in line for line in data) else []
    head = [*imports, "import keras", "from keras import layers", ""]
    lines = [part for line in (*head, *body) for part in folded(line, WIDTH)]
    return "\n".join(lines) + "\n"


def write_network(network: NetworkSpec, variable: str = "model") -> tuple[list[str], str]:
    """Return the lines that make a network, and the name of the variable that holds it."""
    writer = _Networks()
    writer.write(network, variable)
    return writer.lines, variable


@dataclass(slots=True)
class _Networks:
    """Writes a network, and before it those within it; counts names as Keras does."""

    lines: list[str] = field(default_factory=list)
    _counted: Counter[str] = field(default_factory=Counter)
    _taken: set[str] = field(default_factory=lambda: {"model", "x", "keras", "layers", "np"})

    def write(self, network: NetworkSpec, variable: str) -> None:
        inner = {
            layer.name: self._inner(layer)
            for layer in network.layers
            if layer.kind in ("Sequential", "Functional", "VGG16") and not layer.shared_with
        }
        if network.sequential:
            self._sequential(network, variable, inner)
        else:
            self._functional(network, variable, inner)

    def _inner(self, layer: LayerSpec) -> str:
        """Write the network within a layer, and return its variable."""
        variable = self._free(keras_values.identifier(layer.name))
        if layer.kind == "VGG16":
            told = [
                f"{name}={keras_values.value(each)}"
                for name, each in layer.arguments.items()
                if name != "trainable"
            ]
            if layer.name != "vgg16":
                told.append(f'name="{layer.name}"')
            self.lines.append(f"{variable} = keras.applications.VGG16({', '.join(told)})")
        else:
            network = serialization.network_from_json(layer.arguments["network"], layer.name)
            if not layer.trainable:
                network = _all_trained(network)
            self.write(
                NetworkSpec(
                    layer.name, network.inputs, network.layers, network.outputs, network.sequential
                ),
                variable,
            )
        if not layer.trainable:
            self.lines.append(f"{variable}.trainable = False")
        self.lines.append("")
        return variable

    def _sequential(self, network: NetworkSpec, variable: str, inner: Mapping[str, str]) -> None:
        entry = network.inputs[0]
        parts = []
        if entry.shape is not None:
            parts.append(self._input(entry.name, entry.shape))
        parts += [inner.get(layer.name) or self._made(layer) for layer in network.layers]
        given = self._name("Sequential", network.name)
        tail = "" if given is None else f', name="{given}"'
        body = [f"    {part}," for part in parts]
        self.lines += [f"{variable} = keras.Sequential([", *body, f"]{tail})"]

    def _functional(self, network: NetworkSpec, variable: str, inner: Mapping[str, str]) -> None:
        variables: dict[str, tuple[str, ...]] = {}
        for entry in network.inputs:
            wanted = "inputs" if len(network.inputs) == 1 else keras_values.identifier(entry.name)
            variables[entry.name] = (self._free(wanted),)
            told = self._input(entry.name, entry.shape)
            self.lines.append(f"{variables[entry.name][0]} = {told}")
        shared = {layer.shared_with for layer in network.layers if layer.shared_with}
        made: dict[str, str] = {}
        for number, layer in enumerate(network.layers):
            callee = made.get(layer.shared_with) or inner.get(layer.name) or self._made(layer)
            if layer.name in shared and layer.name not in inner:
                made[layer.name] = self._free(f"{keras_values.identifier(layer.name)}_layer")
                self.lines.append(f"{made[layer.name]} = {callee}")
                callee = made[layer.name]
            elif layer.name in inner:
                made[layer.name] = callee
            own = self._outputs(network, number)
            sources = [_of(variables, source) for source in layer.inputs]
            owner = network.layer(layer.shared_with) if layer.shared_with else layer
            call = _call(callee, owner, sources)
            variables[layer.name] = own
            self.lines.append(f"{', '.join(own)} = {call}")
        inputs = [variables[entry.name][0] for entry in network.inputs]
        outputs = [_of(variables, source) for source in network.outputs]
        told = f"{_one_or_list(inputs)}, {_one_or_list(outputs)}"
        name = self._name("Functional", network.name)
        tail = "" if name is None else f', name="{name}"'
        self.lines.append(f"{variable} = keras.Model({told}{tail})")

    def _outputs(self, network: NetworkSpec, number: int) -> tuple[str, ...]:
        """The variables of a layer's outputs: x where only the next layer reads it."""
        layer = network.layers[number]
        owner = network.layer(layer.shared_with) if layer.shared_with else layer
        count = count_outputs(owner.kind, owner.arguments)
        following = network.layers[number + 1] if number + 1 < len(network.layers) else None
        only_next = (
            following is not None
            and count == 1
            and network.consumers(layer.name) == (following,)
            and layer.name not in {base_name(each) for each in network.outputs}
        )
        if only_next:
            return ("x",)
        if count == 1 and network.outputs == (layer.name,):
            return (self._free("outputs"),)
        first = self._free(keras_values.identifier(layer.name))
        return (first, *(self._free(f"{first}_state_{each}") for each in range(1, count)))

    def _input(self, name: str, shape: Json) -> str:
        told = keras_values.value(shape) if shape is not None else "None"
        given = self._name("InputLayer", name)
        return f"keras.Input(shape={told}" + (f', name="{given}")' if given else ")")

    def _made(self, layer: LayerSpec) -> str:
        for inner in ("layer", "backward_layer"):
            within = layer.arguments.get(inner)
            if isinstance(within, Mapping) and self._name(within["kind"], within["name"]) is None:
                layer = layer.with_argument(inner, {**within, "name": None})
        if layer.kind in NOT_IN_KERAS:
            self.lines.append(f"# {layer.kind} is the simulator's own: Keras does not have it.")
        return keras_values.layer(layer, self._name(layer.kind, layer.name))

    def _name(self, kind: str, name: str) -> str | None:
        """The name to write, or None if Keras gives it by itself."""
        base = snake_case(kind)
        number = self._counted[base]
        expected = f"{base}_{number}" if number else base
        if name == expected:
            self._counted[base] += 1
            return None
        return name

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


def _all_trained(network: NetworkSpec) -> NetworkSpec:
    """Without `trainable=False` at the layers: the whole network is frozen by one line."""
    layers = tuple(layer.without_argument("trainable") for layer in network.layers)
    return NetworkSpec(network.name, network.inputs, layers, network.outputs, network.sequential)


def _call(callee: str, layer: LayerSpec, sources: list[str]) -> str:
    if len(sources) == 1 and layer.kind not in MERGING:
        return f"{callee}({sources[0]})"
    kind = layer.kind
    if kind == "Bidirectional":
        kind = layer.arguments["layer"]["kind"]
    if kind in STATES:
        return f"{callee}({sources[0]}, initial_state=[{', '.join(sources[1:])}])"
    if kind == "MultiHeadAttention":
        return f"{callee}({', '.join(sources)})"
    return f"{callee}([{', '.join(sources)}])"


def _of(variables: Mapping[str, tuple[str, ...]], source: str) -> str:
    return variables[base_name(source)][int(source.partition("#")[2] or 0)]


def _one_or_list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _data(data: DataSpec | None, fit: FitSpec) -> tuple[list[str], tuple[str, ...]]:
    """The lines that make the data, and their names."""
    if data is None or not data.made_up:
        given = tuple(name for name in (data.variables if data is not None else ()))
        if data is not None and data.itself:
            x, held = (*given, *("x_train", "x_test")[len(given) :])[:2]
            return [], (x, x, held, held)
        plain = len(given) == (4 if fit.validation else 2)
        return [], given if plain else NAMES
    writer = Writer()
    told = []
    for name, made in zip(NAMES, (data.x, data.y, data.x_validation, data.y_validation),
                          strict=True):  # fmt: skip
        if made is not None:
            told.append(f"{name} = {_arrays(writer, made)}")
    return [*writer.lines, *told], NAMES


def _arrays(writer: Writer, made: Json) -> str:
    """One array, or those of each input or output in a list or by their names."""
    if isinstance(made, tuple):
        return f"[{', '.join(writer.written(each) for each in made)}]"
    if isinstance(made, Mapping) and "op" not in made:
        told = (
            f"{keras_values.value(name)}: {writer.written(each)}" for name, each in made.items()
        )
        return f"{{{', '.join(told)}}}"
    return writer.written(made)
