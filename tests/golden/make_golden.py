"""Make the values that the engine is compared with, from Keras 3 on PyTorch.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install torch==2.13.0 keras
    /tmp/golden/bin/python tests/golden/make_golden.py

writes tests/golden/values/*.npz and manifest.json. Everything is computed in float64 on the
processor, on one thread; training curves in float32 too. LSTM, GRU and attention are made a second
time with PyTorch's own layers, and must agree with Keras before anything is written.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import torch
from keras.src.backend.common import dtypes

# On PyTorch, Keras computes products and means of float64 in float32, unless this table says that
# float64 stays. The attention and LSTM of PyTorch itself confirm it below.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

ROOT = Path(__file__).resolve().parents[2]
VALUES = Path(__file__).resolve().parent / "values"
sys.path.insert(0, str(ROOT))

from tests.golden import curve_cases, draws, layer_cases, task_cases  # noqa: E402 - the path is set above


def with_type(dtype: str) -> None:
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def array(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()


def weights_of(layer: Any) -> list[Any]:
    return list(layer.weights)


def set_weights(owner: Any, case: str) -> list[list[Any]]:
    """Draw all weights; gives their names and shapes, for the manifest."""
    described = []
    for index, weight in enumerate(weights_of(owner)):
        shape = tuple(weight.shape)
        weight.assign(draws.weight(case, index, weight.name, shape))
        described.append([weight.name, list(shape)])
    return described


class LpPooling2D(keras.layers.Layer):
    """What Keras lacks, by PyTorch's own operation: p-th roots of sums of p-th powers."""

    def __init__(self, pool_size: Any, strides: Any = None, order: float = 2) -> None:
        super().__init__()
        self.pool_size, self.strides, self.order = pool_size, strides, order

    def call(self, x: Any) -> Any:
        channels_first = torch.movedim(x, -1, 1)
        y = torch.nn.functional.lp_pool2d(channels_first, self.order, self.pool_size, self.strides)
        return torch.movedim(y, 1, -1)


class Layers:
    """Keras's layers, and those of PyTorch that it lacks."""

    LpPooling2D = LpPooling2D

    def __getattr__(self, name: str) -> Any:
        return getattr(keras.layers, name)


def layers() -> tuple[dict[str, Any], dict[str, Any]]:
    values, manifest = {}, {}
    for case in layer_cases.LAYERS:
        layer = case.make(Layers())
        inputs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in case.arrays()]
        case.call(layer, inputs)  # builds it
        described = set_weights(layer, case.name)
        if case.training:
            outputs = as_tuple(layer(inputs[0], training=True))
        else:
            outputs = as_tuple(case.call(layer, inputs))
        loss = sum(
            (y * torch.tensor(case.slopes(n, tuple(y.shape)))).sum() for n, y in enumerate(outputs)
        )
        trainable = [w for w in weights_of(layer) if w.trainable]
        leaves = [x for x in inputs if x.requires_grad]
        gradients = torch.autograd.grad(loss, leaves + [w.value for w in trainable])
        found = {f"output:{n}": array(y) for n, y in enumerate(outputs)}
        found |= {f"input_gradient:{n}": array(g) for n, g in enumerate(gradients[: len(leaves)])}
        by_weight = dict(zip(map(id, trainable), gradients[len(leaves) :], strict=True))
        for n, weight in enumerate(weights_of(layer)):
            if id(weight) in by_weight:
                found[f"weight_gradient:{n}"] = array(by_weight[id(weight)])
            elif case.training:
                found[f"update:{n}"] = array(weight.value)
        values |= {f"{case.name}/{key}": value for key, value in found.items()}
        manifest[case.name] = {
            "weights": described,
            "parameters": layer.count_params() if described else 0,
        }
    return values, manifest


def losses() -> tuple[dict[str, Any], dict[str, Any]]:
    values = {}
    for case in task_cases.LOSSES:
        for dtype in ("float32", "float64"):
            with_type(dtype)
            targets, outputs, weights = (
                torch.tensor(each, dtype=getattr(torch, dtype) if each.dtype.kind == "f" else None)
                for each in case.arrays()
            )
            loss = case.make(keras.losses)
            y = outputs.requires_grad_()
            plain = loss(targets, y)
            weighted = loss(targets, y, sample_weight=weights)
            found = {
                "each": loss.call(targets, y),
                "plain": plain,
                "weighted": weighted,
                "plain_gradient": torch.autograd.grad(plain, y, retain_graph=True)[0],
                "weighted_gradient": torch.autograd.grad(weighted, y)[0],
            }
            values |= {f"{case.name}/{dtype}/{key}": array(each) for key, each in found.items()}
    return values, {case.name: {} for case in task_cases.LOSSES}


def optimizers() -> tuple[dict[str, Any], dict[str, Any]]:
    values = {}
    for case in task_cases.OPTIMIZERS:
        optimizer = case.make(keras.optimizers, keras.optimizers.schedules)
        variables = {
            name: keras.Variable(start, name=name) for name, start in case.parameters().items()
        }
        optimizer.build(list(variables.values()))
        steps: dict[str, list[Any]] = {name: [] for name in variables}
        for step in range(draws.STEPS):
            gradients = case.gradients(step)
            optimizer.apply_gradients(
                [(torch.tensor(gradients[name]), variable) for name, variable in variables.items()]
            )
            for name, variable in variables.items():
                steps[name].append(array(variable.value).copy())
        values |= {f"{case.name}/{name}": np.stack(found) for name, found in steps.items()}
    return values, {case.name: {} for case in task_cases.OPTIMIZERS}


def metrics() -> tuple[dict[str, Any], dict[str, Any]]:
    values = {}
    for case in task_cases.METRICS:
        for weighted in (False, True):
            metric = case.make(keras.metrics)
            results = []
            for targets, outputs, weights in case.batches():
                metric.update_state(targets, outputs, weights if weighted else None)
                results.append(float(metric.result()))
            values[f"{case.name}/{'weighted' if weighted else 'plain'}"] = np.array(results)
    return values, {case.name: {} for case in task_cases.METRICS}


def curves() -> tuple[dict[str, Any], dict[str, Any]]:
    values, manifest = {}, {}
    for case in curve_cases.CURVES:
        for dtype in ("float32", "float64"):
            with_type(dtype)
            given = keras.Input(case.input_shape, dtype=dtype if case.below is None else "int64")
            model = case.network(keras, keras.layers, given)
            described = set_weights(model, case.name)
            model.compile(
                optimizer=case.optimizer(keras.optimizers),
                loss=case.loss,
                metrics=list(case.metrics),
                jit_compile=False,
            )
            found: dict[str, list[float]] = {}
            batches = case.batches()
            for step in range(draws.STEPS):
                x, y = batches[step % len(batches)]
                model.reset_metrics()  # Keras's own numbers are means over all steps otherwise
                logs = model.train_on_batch(
                    x.astype(dtype) if case.below is None else x, y, return_dict=True
                )
                for key, value in logs.items():
                    found.setdefault(key, []).append(float(value))
            values |= {f"{case.name}/{dtype}/{key}": np.array(v) for key, v in found.items()}
            totals = [float(np.abs(array(w.value)).sum()) for w in weights_of(model)]
            values[f"{case.name}/{dtype}/weight_sums"] = np.array(totals)
            manifest[case.name] = {"weights": described, "parameters": model.count_params()}
    with_type("float32")
    model = keras.Sequential([keras.Input((224, 224, 3)), *curve_cases.vgg16(keras.layers)])
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    manifest["course_vgg16"] = {"parameters": model.count_params(), "trainable": trainable}
    with_type("float64")
    return values, manifest


def second_opinion() -> None:
    """PyTorch's own LSTM, GRU and attention agree with Keras's, weights turned to their layouts."""
    x = draws.numbers("second/x", (2, 5, 3))
    for kind, theirs, blocks in (
        (keras.layers.LSTM, torch.nn.LSTM, 4),
        (keras.layers.GRU, torch.nn.GRU, 3),
    ):
        layer = kind(4, return_sequences=True)
        layer.build(x.shape)
        set_weights(layer, f"second/{kind.__name__}")
        other = theirs(3, 4, batch_first=True, dtype=torch.float64)
        kernel, recurrent, bias = (np.array(array(w.value)) for w in layer.weights)
        order = [0, 1, 2, 3] if blocks == 4 else [1, 0, 2]  # PyTorch: i f g o, and r z n

        def turned(matrix: Any, order: list[int] = order) -> Any:
            parts = np.split(matrix, len(order), axis=-1)
            return torch.tensor(np.concatenate([parts[n] for n in order], axis=-1).T.copy())

        if bias.ndim == 1:
            bias = np.stack([bias, np.zeros_like(bias)])
        with torch.no_grad():
            other.weight_ih_l0.copy_(turned(kernel))
            other.weight_hh_l0.copy_(turned(recurrent))
            other.bias_ih_l0.copy_(turned(bias[0]))
            other.bias_hh_l0.copy_(turned(bias[1]))
            np.testing.assert_allclose(
                array(layer(x)), array(other(torch.tensor(x))[0]), rtol=0, atol=1e-12
            )
    layer = keras.layers.MultiHeadAttention(2, 3)
    query = torch.tensor(draws.numbers("second/query", (2, 4, 6)))
    layer(query, query)
    set_weights(layer, "second/attention")
    w = [w.value for w in layer.weights]
    other = torch.nn.MultiheadAttention(6, 2, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        other.in_proj_weight.copy_(torch.cat([w[n].reshape(6, 6).T for n in (0, 2, 4)]))
        other.in_proj_bias.copy_(torch.cat([w[n].reshape(6) for n in (1, 3, 5)]))
        other.out_proj.weight.copy_(w[6].reshape(6, 6).T)
        other.out_proj.bias.copy_(w[7])
        np.testing.assert_allclose(
            array(layer(query, query)), array(other(query, query, query)[0]), rtol=0, atol=1e-12
        )


def main() -> None:
    torch.set_num_threads(1)
    with_type("float64")
    second_opinion()
    VALUES.mkdir(exist_ok=True)
    manifest: dict[str, Any] = {
        "made_with": {
            "keras": keras.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
        },
        "numbers": "PCG64, seeded with the CRC-32 of each name: tests/golden/draws.py",
        "steps": draws.STEPS,
    }
    makers: dict[str, Callable[[], tuple[dict[str, Any], dict[str, Any]]]] = {
        "layers": layers,
        "losses": losses,
        "optimizers": optimizers,
        "metrics": metrics,
        "curves": curves,
    }
    for kind, make in makers.items():
        values, described = make()
        np.savez_compressed(VALUES / f"{kind}.npz", **values)
        manifest[kind] = described
    text = json.dumps(manifest, indent=1)
    (VALUES / "manifest.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
