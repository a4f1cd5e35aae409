"""The engine against Keras 3 and PyTorch: values, gradients and training curves, as committed.

Tolerances, always of the largest number in the array, or of 1 where that is more. Golden values
are float64; those of losses and curves are there in float32 too.
- Layers: both sides sum the same products in different orders, at most some dozens. In float64,
  whose rounding is 1e-16, they have to agree within 1e-13; in float32, whose rounding is 6e-8,
  within 2e-6. (Seen: 1e-15 and 3e-7.)
- Losses, compared with Keras's of the same type: as layers.
- Optimizers: in float32 Adam's 1 − 0.999ᵗ has few digits at the first steps, which moves a step by
  up to 3e-5 of itself: 5e-6 with steps of 0.1. In float64 1e-13.
- Curves: rounding grows with each step, and Adam divides small gradients by their own size. In
  float64, 20 steps stay within 1e-10. In float32 Keras leaves its own float64 curve by what it
  rounds, and so may ours: by 2e-5, or three times what Keras does where that is more.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import engine
from simulator.engine import Input, Sequential, layers, losses, metrics, optimizers
from simulator.engine.backends import select
from simulator.engine.layers.base import Context
from tests.golden import curve_cases, draws, layer_cases, task_cases

VALUES = Path(__file__).resolve().parent / "values"
MANIFEST = json.loads((VALUES / "manifest.json").read_text())

TOLERANCE = {"float32": 2e-6, "float64": 1e-13}


@functools.cache
def values(kind: str) -> dict[str, Any]:
    with np.load(VALUES / f"{kind}.npz") as archive:
        return dict(archive)


def golden(kind: str, name: str) -> dict[str, Any]:
    """Everything kept for one case, by the rest of its key."""
    start = f"{name}/"
    return {k.removeprefix(start): v for k, v in values(kind).items() if k.startswith(start)}


def named(each: Any) -> str:
    return each.name


class Typed:
    """The layers, made with a type that the case does not mention."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def __getattr__(self, name: str) -> Any:
        return functools.partial(getattr(layers, name), dtype=self.dtype)


def close(
    actual: Any, expected: Any, dtype: str, what: str, tolerance: float | None = None
) -> None:
    assert np.asarray(actual).dtype == dtype, what
    assert np.shape(actual) == expected.shape, what
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    atol = scale * (TOLERANCE[dtype] if tolerance is None else tolerance)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=atol, err_msg=what)


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def set_weights(owner: Any, case: str, described: list[Any]) -> None:
    """The weights that Keras had, after a look that they have Keras's names and order."""
    own = [[name.rsplit("/", 1)[-1], list(each.shape)] for name, each in owner.weights.items()]
    assert own == described
    owner.set_weights(
        [
            draws.weight(case, index, name, tuple(shape))
            for index, (name, shape) in enumerate(described)
        ]
    )


@pytest.fixture(params=select.available(), scope="module")
def backend(request: pytest.FixtureRequest) -> Any:
    return select.create(request.param)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", layer_cases.LAYERS, ids=named)
def test_layer(case: layer_cases.LayerCase, dtype: str, backend: Any) -> None:
    expected, described = golden("layers", case.name), MANIFEST["layers"][case.name]
    layer = case.make(Typed(dtype))
    case.call(layer, [Input(shape, dtype=dtype) for shape in case.inputs])
    layer.build(case.inputs[0] if len(case.inputs) == 1 else case.inputs, np.random.default_rng(0))
    set_weights(layer, case.name, described["weights"])
    assert layer.count_params() == described["parameters"]

    inputs = [x if x.dtype.kind == "i" else x.astype(dtype) for x in case.arrays()]
    context = Context(backend, case.training, np.random.default_rng(0))
    y, cache = layer.forward(inputs[0] if len(inputs) == 1 else tuple(inputs), context)
    outputs = as_tuple(y)
    assert len(outputs) == sum(key.startswith("output:") for key in expected)
    for n, output in enumerate(outputs):
        close(output, expected[f"output:{n}"], dtype, f"output {n}")

    slopes = tuple(case.slopes(n, out.shape).astype(dtype) for n, out in enumerate(outputs))
    to_inputs, gradients = layer.backward(
        slopes if isinstance(y, tuple) else slopes[0], cache, context
    )
    if case.below is None:
        for n, gradient in enumerate(as_tuple(to_inputs)):
            close(gradient, expected[f"input_gradient:{n}"], dtype, f"input gradient {n}")
    for n, name in enumerate(layer.weights):
        if f"weight_gradient:{n}" in expected:
            close(gradients[name], expected[f"weight_gradient:{n}"], dtype, name)
        else:
            assert name not in gradients
        if f"update:{n}" in expected:
            close(cache[f"updates:{name}"], expected[f"update:{n}"], dtype, f"new {name}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", task_cases.LOSSES, ids=named)
def test_loss(case: task_cases.LossCase, dtype: str) -> None:
    expected = golden("losses", f"{case.name}/{dtype}")
    targets, outputs, weights = case.arrays()
    if targets.dtype.kind == "f":
        targets = targets.astype(dtype)
    outputs, weights = outputs.astype(dtype), weights.astype(dtype)
    loss = case.make(losses)
    for actual, key in (
        (loss.value(targets, outputs), "each"),
        (loss(targets, outputs), "plain"),
        (loss(targets, outputs, weights), "weighted"),
        (loss.gradient(targets, outputs), "plain_gradient"),
        (loss.gradient(targets, outputs, weights), "weighted_gradient"),
    ):
        close(actual, expected[key], dtype, key)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", task_cases.OPTIMIZERS, ids=named)
def test_optimizer(case: task_cases.OptimizerCase, dtype: str) -> None:
    expected = golden("optimizers", case.name)
    optimizer = case.make(optimizers, optimizers.schedules)
    parameters = {name: start.astype(dtype) for name, start in case.parameters().items()}
    for step in range(draws.STEPS):
        gradients = {name: each.astype(dtype) for name, each in case.gradients(step).items()}
        optimizer.step(parameters, gradients)
        for name, parameter in parameters.items():
            what = f"{name} after step {step + 1}"
            close(parameter, expected[name][step], dtype, what, {"float32": 5e-6}.get(dtype))


@pytest.mark.parametrize("case", task_cases.METRICS, ids=named)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_metric(case: task_cases.MetricCase, weighted: bool) -> None:
    expected = golden("metrics", case.name)["weighted" if weighted else "plain"]
    metric = case.make(metrics)
    results = []
    for targets, outputs, weights in case.batches():
        metric.update(targets, outputs, weights if weighted else None)
        results.append(metric.result())
    np.testing.assert_allclose(results, expected, rtol=0, atol=1e-6)  # Keras's are float32


def model_of(case: curve_cases.CurveCase, dtype: str) -> Any:
    model = case.network(engine, Typed(dtype), Input(case.input_shape, dtype=dtype))
    described = MANIFEST["curves"][case.name]
    set_weights(model, case.name, described["weights"])
    assert model.count_params() == described["parameters"]
    model.compile(optimizer=case.optimizer(optimizers), loss=case.loss, metrics=list(case.metrics))
    return model


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", curve_cases.CURVES, ids=named)
def test_curve(case: curve_cases.CurveCase, dtype: str) -> None:
    exact, rounded = (
        golden("curves", f"{case.name}/float64"),
        golden("curves", f"{case.name}/float32"),
    )
    model = model_of(case, dtype)
    found: dict[str, list[float]] = {}
    batches = case.batches()
    for step in range(draws.STEPS):
        x, y = batches[step % len(batches)]
        if case.below is None:
            x = x.astype(dtype)
        model.reset_metrics()
        for key, value in model.train_on_batch(x, y, return_dict=True).items():
            found.setdefault(key, []).append(float(value))
    assert set(found) == set(exact) - {"weight_sums"}
    for key, curve in found.items():
        atol = 1e-10
        if dtype == "float32":
            atol = max(2e-5, 3 * float(np.max(np.abs(rounded[key] - exact[key]))))
        np.testing.assert_allclose(curve, exact[key], rtol=0, atol=atol, err_msg=key)
    totals = [float(np.abs(w, dtype=np.float64).sum()) for w in model.weights.values()]
    relative = 1e-9 if dtype == "float64" else 1e-3
    np.testing.assert_allclose(totals, exact["weight_sums"], rtol=relative, atol=relative)


@pytest.mark.slow
def test_vgg16_has_as_many_parameters() -> None:
    model = Sequential([Input((224, 224, 3)), *curve_cases.vgg16(layers)])
    expected = MANIFEST["curves"]["course_vgg16"]
    assert model.count_params() == expected["parameters"]
    trainable = sum(model.weights[name].size for name in model.trainable_names)
    assert trainable == expected["trainable"]
