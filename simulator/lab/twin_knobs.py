"""What can be changed of a program's twin: one thing each, with values to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from simulator.engine.names import snake_case
from simulator.formats.arguments import LAYERS
from simulator.formats.json_values import Json
from simulator.formats.layer_arguments import INITIALIZERS
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.formats.program import ProgramSpec, made
from simulator.formats.training_arguments import OPTIMIZERS
from simulator.lab.presenting import whole_program as whole
from simulator.lab.presenting import words

Value: TypeAlias = float | str

SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512)
"""Numbers of units and filters that are offered."""
MOMENTA = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
PENALTIES = (0.0, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1)
OF_THE_PROGRAM = "the program’s"
"""Stands for start weights that are drawn from the program's own seed."""
SEEDS = ("1", "2", "3", "4", "5")
YES, NO = "each epoch", "never"
_DRAWN = tuple(name for name in INITIALIZERS if name not in {"zeros", "ones"})
_DROPOUT = "Dropout"


@dataclass(frozen=True, slots=True, eq=False)
class Knob:
    """One thing to be changed. `value` is the program's own, `values` all that are offered.

    `change(value)` gives the program with another value. `suggested` is one that shows something.
    """

    key: str
    title: str
    value: Value
    values: tuple[Value, ...]
    suggested: Value
    change: Callable[[Value], ProgramSpec]

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, which rise."""
        return isinstance(self.value, float)

    def written(self, value: Value) -> str:
        """A value in words."""
        return value if isinstance(value, str) else f"{value:g}"


def knobs(program: ProgramSpec) -> tuple[Knob, ...]:
    """All that this program has, by keys of their own, those that are wanted most often first."""
    families = (
        *(_of_training, _of_activation, _of_dropout, _of_penalties),
        *(_of_sizes, _of_start, _of_order),
    )
    return tuple(_or_same(program, each) for family in families for each in family(program))


def _or_same(program: ProgramSpec, knob: Knob) -> Knob:
    """The knob, for which the program's own value changes nothing."""
    return replace(
        knob, change=lambda value: program if value == knob.value else knob.change(value)
    )


def _numbers(
    key: str,
    title: str,
    value: float,
    offered: tuple[float, ...],
    change: Callable[[Any], ProgramSpec],
    *,
    suggested: float | None = None,
) -> Knob:
    values = tuple(sorted({float(each) for each in offered} | {float(value)}))
    if suggested is None or suggested == value:  # a neighbour, two further if there are so many
        at = values.index(float(value))
        suggested = values[at + 2] if at + 2 < len(values) else values[max(at - 2, 0)]
    return Knob(key, title, float(value), values, float(suggested), change)


def _names(
    key: str,
    title: str,
    value: str,
    offered: tuple[str, ...],
    change: Callable[[Any], ProgramSpec],
    *,
    suggested: tuple[str, ...] = (),
) -> Knob:
    values = offered if value in offered else (value, *offered)
    first = next(each for each in (*suggested, *values) if each != value)
    return Knob(key, title, value, values, first, change)


def _of_training(program: ProgramSpec) -> Iterator[Knob]:
    optimizer = program.compile.optimizer

    def with_argument(name: str) -> Callable[[float], ProgramSpec]:
        none = name == "weight_decay"

        def change(value: float) -> ProgramSpec:
            changed = optimizer.with_argument(name, None if none and not value else value)
            return replace(program, compile=replace(program.compile, optimizer=changed))

        return change

    if not isinstance(optimizer.arguments.get("learning_rate"), Mapping):  # else it is a schedule
        yield _numbers(
            *("learning_rate", "Learning rate", whole.learning_rate(program), whole.RATES),
            with_argument("learning_rate"),
        )
    yield _names(
        *("optimizer", "Optimizer", optimizer.kind, whole.OPTIMIZER_NAMES),
        lambda kind: whole.with_optimizer(program, kind),
        suggested=("Adam", "SGD"),
    )
    yield _numbers(
        *("batch_size", "Batch size", program.fit.batch_size, whole.BATCH_SIZES),
        lambda size: replace(program, fit=replace(program.fit, batch_size=int(size))),
    )
    for name, title, values, suggested in (
        ("momentum", "Momentum", MOMENTA, 0.9),
        ("weight_decay", "Weight decay", whole.DECAYS, 0.01),
    ):
        known = {each.name: each for each in OPTIMIZERS[optimizer.kind].arguments}
        if name in known:
            value = optimizer.arguments.get(name, known[name].default)
            yield _numbers(
                *(name, title, _number(value), values, with_argument(name)), suggested=suggested
            )


def _of_activation(program: ProgramSpec) -> Iterator[Knob]:
    if whole.has_activation(program):
        yield _names(
            *("activation", "Activation", whole.activation(program), whole.ACTIVATION_NAMES),
            lambda name: whole.with_activation(program, name),
            suggested=("tanh", "relu"),
        )


def _of_dropout(program: ProgramSpec) -> Iterator[Knob]:
    network = program.network
    present = [layer for layer in network.layers if layer.kind == _DROPOUT]
    for layer in present:
        title = "Dropout rate" if len(present) == 1 else f"Rate of {layer.name}"
        yield _numbers(
            *(f"{layer.name} rate", title),
            *(_number(layer.arguments.get("rate")), whole.SHARES),
            _argument(program, layer.name, "rate"),
            suggested=0.5,
        )
    if not present and network.sequential and len(network.layers) > 1:
        last = len(network.layers) - 1

        def add(rate: float) -> ProgramSpec:
            layer = LayerSpec(_DROPOUT, "dropout", {"rate": rate})
            return replace(program, network=network.with_layer_added(layer, last))

        title = f"Dropout before {network.layers[last].name}"
        yield _numbers("dropout", title, 0.0, whole.SHARES, add, suggested=0.5)


def _of_penalties(program: ProgramSpec) -> Iterator[Knob]:
    layers = [each for each in program.network.layers if _has(each, "kernel_regularizer")]
    if not layers or any(each.arguments.get("kernel_regularizer") for each in layers):
        return  # a program that penalizes already does so layer by layer
    for name, title in (("L2", "L2 penalty"), ("L1", "L1 penalty")):

        def change(strength: float, name: str = name) -> ProgramSpec:
            network = program.network
            for layer in layers:
                penalty = made(name, **{name.lower(): strength})
                network = network.with_argument(layer.name, "kernel_regularizer", penalty)
            return replace(program, network=network)

        yield _numbers(name.lower(), title, 0.0, PENALTIES, change, suggested=0.003)


def _of_sizes(program: ProgramSpec) -> Iterator[Knob]:
    network = program.network
    ends = set(network.outputs)
    for layer in network.layers:
        for argument in ("units", "filters"):
            size = layer.arguments.get(argument)
            if isinstance(size, int) and layer.name not in ends and not layer.shared_with:
                yield _numbers(
                    *(f"{layer.name} {argument}", f"{argument.capitalize()} of {layer.name}"),
                    *(size, SIZES),
                    _argument(program, layer.name, argument, int),
                )


def _of_start(program: ProgramSpec) -> Iterator[Knob]:
    network = program.network
    layers = [each for each in network.layers if _has(each, "kernel_initializer")]
    if not layers:
        return
    kinds = {layer.name: _initializer(layer) for layer in layers}

    def with_kind(kind: str) -> ProgramSpec:
        changed = network
        for layer in layers:
            changed = changed.with_argument(layer.name, "kernel_initializer", kind)
        return replace(program, network=changed)

    def with_seed(seed: str) -> ProgramSpec:
        changed: NetworkSpec = network
        for number, layer in enumerate(layers):
            # Layers of one shape would begin alike with one seed.
            start = made(kinds[layer.name], seed=1000 * int(seed) + number)
            changed = changed.with_argument(layer.name, "kernel_initializer", start)
        return replace(program, network=changed)

    shown = kinds[layers[0].name] if len(set(kinds.values())) == 1 else whole.MIXED
    yield _names(
        *("initializer", "Start weights", shown, INITIALIZERS, with_kind),
        suggested=("he_normal", "zeros"),
    )
    if set(kinds.values()) <= set(_DRAWN) and not any(
        isinstance(each.arguments.get("kernel_initializer"), Mapping) for each in layers
    ):
        values = (OF_THE_PROGRAM, *SEEDS)
        yield _names("start_seed", "Seed of the start weights", OF_THE_PROGRAM, values, with_seed)


def _of_order(program: ProgramSpec) -> Iterator[Knob]:
    yield _names(
        *("shuffle", "Samples shuffled", YES if program.fit.shuffle else NO, (YES, NO)),
        lambda value: replace(program, fit=replace(program.fit, shuffle=value == YES)),
    )


def _argument(
    program: ProgramSpec, layer: str, argument: str, kind: Callable[[float], Json] = float
) -> Callable[[float], ProgramSpec]:
    """What sets one argument of one layer."""

    def change(value: float) -> ProgramSpec:
        network = program.network.with_argument(layer, argument, kind(value))
        return replace(program, network=network)

    return change


def _has(layer: LayerSpec, argument: str) -> bool:
    """Whether a layer's kind has an argument; layers that share weights have none of their own."""
    kind = LAYERS.get(layer.kind)
    if kind is None or layer.shared_with:
        return False
    return any(each.name == argument for each in kind.arguments)


def _initializer(layer: LayerSpec) -> str:
    """The name of what a layer's kernel is drawn by."""
    default = LAYERS[layer.kind].argument("kernel_initializer").default
    return snake_case(words.named(layer.arguments.get("kernel_initializer", default)))


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
