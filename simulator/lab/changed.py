"""A program with what was changed while it ran: what an export of the present state says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from simulator.formats.network import NetworkSpec
from simulator.formats.program import ProgramSpec, made
from simulator.lab.commands import (
    Command,
    Freeze,
    SetArgument,
    SetBatchSize,
    SetLearningRate,
    SetOptimizerArgument,
)
from simulator.lab.controls import REGULARIZER


def changed(program: ProgramSpec, commands: Iterable[Command]) -> ProgramSpec:
    """The program as if it had begun with what these commands set, one after another.

    Weights are none of a program's business, and changes of layers within a layer cannot be told
    in one: these are left out.
    """
    for command in commands:
        program = _changed(program, command)
    return program


def _changed(program: ProgramSpec, command: Command) -> ProgramSpec:
    match command:
        case SetLearningRate():
            return _with_optimizer(program, "learning_rate", command.value)
        case SetOptimizerArgument():
            none = command.value == 0 and command.argument != "momentum"
            return _with_optimizer(program, command.argument, None if none else command.value)
        case SetBatchSize():
            return replace(program, fit=replace(program.fit, batch_size=command.value))
        case Freeze() if _has(program.network, command.layer):
            network = program.network.with_argument(command.layer, "trainable", not command.frozen)
            return replace(program, network=network)
        case SetArgument() if _has(program.network, command.layer):
            return replace(program, network=_with_argument(program.network, command))
    return program


def _has(network: NetworkSpec, layer: str) -> bool:
    return any(each.name == layer for each in network.layers)


def _with_optimizer(program: ProgramSpec, name: str, value: Any) -> ProgramSpec:
    optimizer = program.compile.optimizer.with_argument(name, value)
    return replace(program, compile=replace(program.compile, optimizer=optimizer))


def _with_argument(network: NetworkSpec, command: SetArgument) -> NetworkSpec:
    weight, sign, norm = command.argument.partition(f"{REGULARIZER}.")
    if not sign:
        return network.with_argument(command.layer, command.argument, command.value)
    name = weight + REGULARIZER
    norms = {"l1": 0.0, "l2": 0.0}
    old = network.layer(command.layer).arguments.get(name)
    if isinstance(old, str):
        norms |= {each: 0.01 for each in norms if each == old.lower()}
    elif old is not None:
        norms |= {each: float(old["config"][each]) for each in norms if each in old["config"]}
    norms[norm] = command.value
    return network.with_argument(command.layer, name, made("L1L2", **norms))
