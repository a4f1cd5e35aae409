"""A network as a description: layers by name, what each reads, and edits that give new ones.

A description holds no weight and no array. `building` makes a model of it, `arguments` says what a
layer can be given, and `serialization` writes and reads it.

What a layer reads is told by names: "dense_1" is the output of that layer (or that input), and
"lstm#1" the second output of a layer with several. A layer that is called more than once has an
entry for each call: the later ones are named "dense:1", "dense:2" and so on, as the engine names
its steps, and tell in `shared_with` whose weights they use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simulator.formats.json_values import Json, SpecError, frozen

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Where data enters. `shape` is one sample's, with None for lengths that vary; as a whole it is
    None where only the data will tell.
    """

    name: str
    shape: Shape | None = None

    def __post_init__(self) -> None:
        if self.shape is not None:
            object.__setattr__(self, "shape", frozen(tuple(self.shape), self.name))


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One call of a layer.

    `kind` is the name of a class in `simulator.engine.layers`, or of a group of layers: "VGG16",
    or "Sequential" and "Functional" for a network within the network (argument "network").
    `arguments` are those that were given, by Keras's names; those left out have their defaults.
    """

    kind: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict, hash=False)
    inputs: tuple[str, ...] = ()
    shared_with: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", frozen(self.arguments, f"{self.name}.arguments"))
        object.__setattr__(self, "inputs", tuple(self.inputs))

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights."""
        return bool(self.arguments.get("trainable", True))

    def with_argument(self, argument: str, value: Json) -> LayerSpec:
        """The same layer with another value. It is not checked here: `arguments.check` does."""
        return replace(self, arguments={**self.arguments, argument: value})

    def without_argument(self, argument: str) -> LayerSpec:
        """The same layer with the default value."""
        return replace(
            self, arguments={key: v for key, v in self.arguments.items() if key != argument}
        )


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """Layers in the order in which they run.

    With `sequential` each layer reads the one before it, as in Keras's `Sequential`; then `inputs`
    has one entry, and `outputs` is the last layer.
    """

    name: str
    inputs: tuple[InputSpec, ...]
    layers: tuple[LayerSpec, ...]
    outputs: tuple[str, ...]
    sequential: bool = True

    def __post_init__(self) -> None:
        for attribute in ("inputs", "layers", "outputs"):
            object.__setattr__(self, attribute, tuple(getattr(self, attribute)))
        self._refuse_what_does_not_hang_together()

    def _refuse_what_does_not_hang_together(self) -> None:
        known: dict[str, LayerSpec | None] = {}
        for each in self.inputs:
            if each.name in known:
                raise SpecError(f"Two inputs are called {each.name!r}.", layer=each.name)
            known[each.name] = None
        if not known:
            raise SpecError(f"The network {self.name!r} has no input.")
        for number, layer in enumerate(self.layers):
            if layer.name in known:
                raise SpecError(
                    f"Two layers are called {layer.name!r}: give every layer a name of its own.",
                    place=f"layers[{number}].name",
                    layer=layer.name,
                )
            if not layer.inputs:
                raise SpecError(f"The layer {layer.name!r} reads nothing.", layer=layer.name)
            for source in layer.inputs:
                if base_name(source) not in known:
                    raise SpecError(
                        f"The layer {layer.name!r} reads {source!r}, which is no input and no "
                        "layer before it.",
                        place=f"layers[{number}].inputs",
                        layer=layer.name,
                    )
            if layer.shared_with:
                owner = known.get(layer.shared_with)
                if owner is None or owner.shared_with:
                    raise SpecError(
                        f"The layer {layer.name!r} shares the weights of {layer.shared_with!r}, "
                        "which is no layer before it.",
                        place=f"layers[{number}].shared_with",
                        layer=layer.name,
                    )
            known[layer.name] = layer
        for output in self.outputs:
            if base_name(output) not in known:
                raise SpecError(
                    f"The output {output!r} is no layer of the network.", place="outputs"
                )
        if not self.outputs:
            raise SpecError(f"The network {self.name!r} has no output.", place="outputs")
        if self.sequential:
            self._refuse_branches()

    def _refuse_branches(self) -> None:
        before = self.inputs[0].name
        for layer in self.layers:
            if layer.inputs != (before,) or layer.shared_with:
                raise SpecError(
                    f"The layer {layer.name!r} does not read the layer before it, as in a "
                    "Sequential.",
                    layer=layer.name,
                )
            before = layer.name
        if len(self.inputs) != 1 or self.outputs != (before,):
            raise SpecError("A Sequential has one input, and its last layer is its output.")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of inputs and layers."""
        return (*(each.name for each in self.inputs), *(each.name for each in self.layers))

    def layer(self, name: str) -> LayerSpec:
        """The layer of that name. Raises SpecError if there is none."""
        return self.layers[self.position(name)]

    def position(self, name: str) -> int:
        """Where the layer of that name stands. Raises SpecError if there is none."""
        for number, layer in enumerate(self.layers):
            if layer.name == name:
                return number
        raise SpecError(f"There is no layer {name!r}.", layer=name)

    def consumers(self, name: str) -> tuple[LayerSpec, ...]:
        """The layers that read this input or layer."""
        return tuple(
            layer for layer in self.layers if any(base_name(each) == name for each in layer.inputs)
        )

    def with_argument(self, layer: str, argument: str, value: Json) -> NetworkSpec:
        """The same network with another value of one argument of one layer."""
        return self._with_layer(self.layer(layer).with_argument(argument, value))

    def without_argument(self, layer: str, argument: str) -> NetworkSpec:
        """The same network with the default value of one argument of one layer."""
        return self._with_layer(self.layer(layer).without_argument(argument))

    def with_layer_added(self, layer: LayerSpec, at: int) -> NetworkSpec:
        """The layer before the one that is now the `at`-th, between that and what comes before it.

        Its `inputs` are overwritten, and so is its name if that is taken. Whatever read the layer
        before it reads the new one.
        """
        at = max(0, min(at, len(self.layers)))
        before = self.layers[at - 1].name if at else self.inputs[0].name
        new = replace(layer, name=self.free_name(layer.name), inputs=(before,), shared_with="")
        # What reads a further output ("lstm#1") goes on to read it.
        renamed = {before: new.name}
        layers = (
            *self.layers[:at],
            new,
            *(
                replace(each, inputs=tuple(renamed.get(source, source) for source in each.inputs))
                for each in self.layers[at:]
            ),
        )
        outputs = tuple(renamed.get(output, output) for output in self.outputs)
        return replace(self, layers=layers, outputs=outputs)

    def with_layer_removed(self, name: str) -> NetworkSpec:
        """The network without this layer: what read it reads what it read (the first of several).

        Branches that lead nowhere after that go with it, and so do calls that share its weights.
        """
        gone = self.layer(name)
        spec = self
        for other in self.layers:
            if other.shared_with == name:
                spec = spec.with_layer_removed(other.name)
        renamed = {name: gone.inputs[0]}
        layers = tuple(_reading(each, renamed) for each in spec.layers if each.name != name)
        outputs = _renamed(spec.outputs, renamed)
        return replace(spec, layers=_leading_to(outputs, layers), outputs=outputs)

    def with_layer_moved(self, name: str, to: int) -> NetworkSpec:
        """The layer as the `to`-th of those that there are.

        Raises SpecError for one that joins several others, or whose weights others share: where
        they would stand then, nobody could say.
        """
        if self.position(name) == to:
            return self
        layer = self.layer(name)
        shared = layer.shared_with or any(each.shared_with == name for each in self.layers)
        if len(layer.inputs) > 1 or shared:
            told = "shares its weights" if shared else f"joins {len(layer.inputs)} layers"
            raise SpecError(
                f"{name!r} {told}, and can't be moved as it is: change what it reads.", layer=name
            )
        return self.with_layer_removed(name).with_layer_added(self.layer(name), to)

    def with_layer_doubled(self, name: str) -> NetworkSpec:
        """The network with another such layer after this one, with weights of its own.

        Raises SpecError for one that joins several others.
        """
        layer = self.layer(name)
        if len(layer.inputs) > 1:
            raise SpecError(
                f"{name!r} joins {len(layer.inputs)} layers: a second one would have nothing to "
                "join.",
                layer=name,
            )
        original = self.layer(layer.shared_with) if layer.shared_with else layer
        again = LayerSpec(layer.kind, original.name, original.arguments)
        return self.with_layer_added(again, self.position(name) + 1)

    def with_sources(self, name: str, sources: Iterable[str]) -> NetworkSpec:
        """The network in which a layer reads these inputs or layers, as one that is no Sequential.

        Raises SpecError for a layer that doesn't come before it, and where a layer is left over
        that nothing reads.
        """
        layer = replace(self.layer(name), inputs=tuple(sources))
        after = replace(self, sequential=False)._with_layer(layer)
        read = {base_name(each) for one in after.layers for each in one.inputs}
        read |= {base_name(each) for each in after.outputs}
        unread = next((each.name for each in after.layers if each.name not in read), None)
        if unread is not None:
            raise SpecError(
                f"Nothing would read {unread!r} any more: let another layer read it first, or "
                "remove it.",
                layer=name,
            )
        return after

    def with_input_shape(self, shape: Shape | None, name: str = "") -> NetworkSpec:
        """The same network for samples of another shape."""
        wanted = name or self.inputs[0].name
        inputs = tuple(
            replace(each, shape=shape) if each.name == wanted else each for each in self.inputs
        )
        return replace(self, inputs=inputs)

    def free_name(self, wanted: str) -> str:
        """The name, or the first of name_1, name_2… that no input and no layer has."""
        taken = set(self.names)
        stem, number, name = wanted, 0, wanted
        head, _, tail = wanted.rpartition("_")
        if wanted in taken and head and tail.isdigit():
            stem = head
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        return name

    def _with_layer(self, layer: LayerSpec) -> NetworkSpec:
        return replace(
            self,
            layers=tuple(layer if each.name == layer.name else each for each in self.layers),
        )


def base_name(source: str) -> str:
    """The layer or input of a source: "lstm" for "lstm#1"."""
    return source.partition("#")[0]


def sequential(
    layers: Iterable[LayerSpec],
    *,
    shape: Shape | None,
    name: str = "sequential",
    input_name: str = "input_layer",
) -> NetworkSpec:
    """A network whose layers follow each other; what they say they read is overwritten."""
    chained: list[LayerSpec] = []
    before = input_name
    for layer in layers:
        chained.append(replace(layer, inputs=(before,)))
        before = layer.name
    return NetworkSpec(name, (InputSpec(input_name, shape),), tuple(chained), (before,))


def _reading(layer: LayerSpec, renamed: Mapping[str, str]) -> LayerSpec:
    inputs = _renamed(layer.inputs, renamed)
    shared_with = renamed.get(layer.shared_with, layer.shared_with)
    if inputs == layer.inputs and shared_with == layer.shared_with:
        return layer
    return replace(layer, inputs=inputs)


def _renamed(sources: tuple[str, ...], renamed: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(renamed.get(base_name(each), each) for each in sources)


def _leading_to(outputs: tuple[str, ...], layers: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    """The layers that an output hangs on."""
    needed = {base_name(output) for output in outputs}
    for layer in reversed(layers):
        if layer.name in needed:
            needed |= {base_name(source) for source in layer.inputs}
            needed |= {layer.shared_with} if layer.shared_with else set()
    return tuple(layer for layer in layers if layer.name in needed)
