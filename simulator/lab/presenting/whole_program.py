"""A program's settings that concern all of it, as the knobs show and change them."""

from __future__ import annotations

from dataclasses import replace

from simulator.formats.arguments import LAYERS
from simulator.formats.layer_arguments import ACTIVATIONS
from simulator.formats.network import LayerSpec, NetworkSpec, base_name
from simulator.formats.program import CompileSpec, OptimizerSpec, ProgramSpec
from simulator.formats.training_arguments import LOSSES, OPTIMIZERS
from simulator.lab.presenting import words

MIXED = "several"
"""Stands for activations that differ."""
NOWHERE = "none"
"""Stands for the activation of a network that has no hidden layer which takes one."""
OPTIMIZER_NAMES: tuple[str, ...] = tuple(OPTIMIZERS)
LOSS_NAMES: tuple[str, ...] = tuple(each.names[0] for each in LOSSES.values() if each.names)
ACTIVATION_NAMES: tuple[str, ...] = tuple(
    each for each in ACTIVATIONS if each not in {"softmax", "softplus"}
)
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 1.2, 2.0, 3.0)
"""Learning rates that are offered."""
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
DECAYS = (0.0, 1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Weight decays and strengths of regularizers."""
SHARES = tuple(step / 20 for step in range(20))
"""Rates of dropout."""
_NONE = ("linear", "softmax", "None", "")
_MOVING = ("Reshape", "Flatten", "Permute", "Cropping2D", "Dropout")
"""Layers that hand on the numbers of the one before."""
_DEFAULT_RATE = 0.001


def learning_rate(program: ProgramSpec) -> float:
    """Return the learning rate that the program begins with."""
    kind = OPTIMIZERS.get(program.compile.optimizer.kind)
    default = _DEFAULT_RATE
    if kind is not None and isinstance(kind.argument("learning_rate").default, int | float):
        default = float(kind.argument("learning_rate").default)
    value = program.compile.optimizer.arguments.get("learning_rate", default)
    if isinstance(value, dict):
        value = value.get("config", {}).get("initial_learning_rate", default)
    return float(value) if isinstance(value, int | float) else default


def with_optimizer(program: ProgramSpec, kind: str) -> ProgramSpec:
    """Return the program with another optimizer, at that one's own learning rate."""
    return replace(program, compile=_compiled(program.compile, OptimizerSpec(kind)))


def _compiled(spec: CompileSpec, optimizer: OptimizerSpec) -> CompileSpec:
    return replace(spec, optimizer=optimizer)


def loss_name(program: ProgramSpec) -> str:
    """Return what the loss is called."""
    return words.named(program.compile.loss)


def activation(program: ProgramSpec) -> str:
    """Return the activation that all hidden layers have, or ``MIXED``, or ``NOWHERE``."""
    given = (program.network.layer(name).arguments.get("activation") for name in _hidden(program))
    found = {"linear" if each is None else str(each) for each in given}
    if not found:
        return NOWHERE
    return found.pop() if len(found) == 1 else MIXED


def has_activation(program: ProgramSpec) -> bool:
    """Return whether there is a hidden layer of which the activation can be changed."""
    return bool(_hidden(program))


def with_activation(program: ProgramSpec, name: str) -> ProgramSpec:
    """Return the program with another activation in all hidden layers that have one."""
    network: NetworkSpec = program.network
    for layer in _hidden(program):
        network = network.with_argument(layer, "activation", name)
    return replace(program, network=network)


def _hidden(program: ProgramSpec) -> list[str]:
    """Return the layers with an activation to be changed: not those that the answers come from.

    Where none has any, those are meant that could: so a linear network can be bent again.
    """
    ends = _answering(program.network)
    layers = [layer for layer in program.network.layers if layer.name not in ends]
    bent = [each for each in layers if str(each.arguments.get("activation", "")) not in _NONE]
    return [each.name for each in bent or layers if each in bent or _could_bend(each)]


def _could_bend(layer: LayerSpec) -> bool:
    """Return whether a layer takes an activation, and has none unless it is given."""
    kind = LAYERS.get(layer.kind)
    known = () if kind is None else kind.arguments
    return any(each.name == "activation" and each.default is None for each in known)


def _answering(network: NetworkSpec) -> set[str]:
    """Return the layers whose numbers the network puts out, in whatever form."""
    ends = set()
    for name in network.outputs:
        layer = network.layer(base_name(name))
        while layer.kind in _MOVING and layer.inputs[0] in {each.name for each in network.layers}:
            layer = network.layer(layer.inputs[0])
        ends.add(layer.name)
    return ends
