"""No layer, loss or optimizer without golden values: each is looked for in the cases.

What is left out has a reason beside it; whoever adds a layer finds here which cases it still needs.
Differences in float64 are held to the same in `tests/engine`: `test_layers`, `test_losses` and,
for every layer on every backend, `test_random_networks`.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import pytest

from simulator.engine import layers as engine_layers
from simulator.engine import losses, optimizers
from simulator.engine.layers.base import Layer
from simulator.engine.layers.tensors import Tensor
from simulator.engine.losses import Loss
from simulator.engine.optimizers import Optimizer
from tests.golden import curve_cases, layer_cases, task_cases
from tests.golden.test_golden import golden

NOT_COMPARED = {
    "InputLayer": "computes nothing",
    "StochasticPooling2D": "neither Keras nor PyTorch has it: compared with loops in tests/engine",
}
NO_CURVE = NOT_COMPARED | {
    "Dropout": "draws other numbers than Keras's generator",
    "GaussianNoise": "draws other numbers than Keras's generator",
    "LpPooling2D": "Keras has none to train with; PyTorch's values and gradients are compared",
}


def concrete(module: ModuleType, base: type) -> set[str]:
    """The names of the classes that a program can make, aliases counted once."""
    return {
        each.__name__
        for name in module.__all__
        if inspect.isclass(each := getattr(module, name))
        and issubclass(each, base)
        and not inspect.isabstract(each)
        and each not in (base, Layer)
    }


class Seen:
    """The engine's layers, optimizers or losses; notes which of them a case made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        if inspect.isclass(found):
            self.names.add(found.__name__)
        return found


def layers_with_golden_values() -> set[str]:
    seen = set()
    for case in layer_cases.LAYERS:
        kept = golden("layers", case.name)
        layer = case.make(engine_layers)
        assert "output:0" in kept, case.name
        slopes = [key for key in kept if "gradient" in key]
        assert slopes or not case.inputs, case.name
        seen |= {type(each).__name__ for _, each in layer.walk()}
    return seen


def layers_with_golden_curves() -> set[str]:
    seen = set()
    for case in curve_cases.CURVES:
        assert len(golden("curves", f"{case.name}/float64")["loss"]) == 20, case.name
        assert len(golden("curves", f"{case.name}/float32")["loss"]) == 20, case.name
        noted = Seen(engine_layers)
        made = case.layers(noted)
        if callable(made):
            output: Tensor = made(engine_layers.Input(case.input_shape))
            assert isinstance(output, Tensor)
        seen |= noted.names
    return seen


def test_every_layer_has_golden_values_and_gradients() -> None:
    every = concrete(engine_layers, Layer)
    assert every - layers_with_golden_values() == set(NOT_COMPARED)


def test_every_layer_has_a_golden_curve() -> None:
    every = concrete(engine_layers, Layer)
    assert every - layers_with_golden_curves() == set(NO_CURVE)


def test_every_loss_has_golden_values_gradients_and_a_curve() -> None:
    every = concrete(losses, Loss)
    for dtype in ("float32", "float64"):
        for case in task_cases.LOSSES:
            assert "weighted_gradient" in golden("losses", f"{case.name}/{dtype}"), case.name
    assert every == {type(case.make(losses)).__name__ for case in task_cases.LOSSES}
    trained = {type(losses.get(case.loss)).__name__ for case in curve_cases.CURVES}
    assert every == trained


@pytest.mark.parametrize("loss", ["Binary", "Categorical", "SparseCategorical"])
def test_every_cross_entropy_has_golden_values_from_logits(loss: str) -> None:
    made = [case.make(losses) for case in task_cases.LOSSES]
    own = [each for each in made if type(each).__name__ == f"{loss}Crossentropy"]
    assert {getattr(each, "from_logits", None) for each in own} == {False, True}


def test_every_optimizer_has_golden_steps_and_a_curve() -> None:
    every = concrete(optimizers, Optimizer)
    for case in task_cases.OPTIMIZERS:
        assert len(golden("optimizers", case.name)["kernel"]) == 20, case.name
    stepped = {
        type(case.make(optimizers, optimizers.schedules)).__name__ for case in task_cases.OPTIMIZERS
    }
    trained = {type(case.optimizer(optimizers)).__name__ for case in curve_cases.CURVES}
    assert every == stepped
    assert every == trained


def test_every_schedule_and_every_way_to_clip_has_golden_steps() -> None:
    schedules = Seen(optimizers.schedules)
    made = [case.make(optimizers, schedules) for case in task_cases.OPTIMIZERS]
    every = {
        name
        for name, each in vars(optimizers.schedules).items()
        if inspect.isclass(each) and not inspect.isabstract(each)
    }
    assert schedules.names == every - {"LearningRateSchedule"}
    for option in ("clipnorm", "clipvalue", "global_clipnorm", "weight_decay"):
        assert any(getattr(each, option) for each in made), option
