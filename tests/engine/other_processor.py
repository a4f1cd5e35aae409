"""What a process of its own does that compiles for another processor: `python … neon|avx2`.

Kernels and programs against the reference, in float32, there and back; writes what it compared.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simulator.engine.backends import cpu_target

OTHERS = {"avx2": cpu_target.AVX2, "neon": cpu_target.NEON, "sse": cpu_target.SSE}
if sys.argv[1] == "neon":
    cpu_target.TILES = cpu_target.NEON  # the code is x86's, with registers of the same width
assert OTHERS[sys.argv[1]] == cpu_target.TILES, cpu_target.TILES

# Only now: what is imported from here on is made for those tiles.
from simulator.engine import Input, Sequential, layers  # noqa: E402
from simulator.engine.backends import cpu_builder, cpu_shared, cpu_tiles  # noqa: E402
from simulator.engine.backends.base import Backend  # noqa: E402
from simulator.engine.backends.cpu import CpuBackend  # noqa: E402
from simulator.engine.geometry import WindowGeometry  # noqa: E402
from simulator.engine.layers import (  # noqa: E402
    GRU,
    LSTM,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
)

RNG = np.random.default_rng(7)
FROZEN = {"padding": "same", "activation": "relu", "trainable": False}
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[], Sequence[layers.Layer]]]] = {
    "convolution": (
        (11, 13, 3),
        lambda: [
            Conv2D(37, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(18, 2, padding="same", activation="tanh"),
            Flatten(),
            Dense(45, activation="relu"),
            Dense(5, activation="softmax"),
        ],
    ),
    "few filters": (
        (9, 10, 2),
        lambda: [
            Conv2D(5, 3, activation="relu"),
            MaxPooling2D(2),
            Flatten(),
            Dense(5, activation="softmax"),
        ],
    ),
    "LSTM": ((7, 3), lambda: [LSTM(19), Dense(5, activation="softmax")]),
    "GRU": ((7, 3), lambda: [GRU(21), Dense(5, activation="softmax")]),
    "Winograd": (
        (12, 10, 16),
        lambda: [Conv2D(32, 3, **FROZEN), Flatten(), Dense(5, activation="softmax")],
    ),
}


def agree(what: str, found: Any, expected: Any, tolerance: float = 2e-5) -> None:
    """Sums in another order part by some units in the last place, and training adds them up."""
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale, err_msg=what)
    sys.stdout.write(f"{what}\n")


def numbers(*shape: int) -> Any:
    return RNG.standard_normal(shape).astype(np.float32)


def compare_operations(fast: CpuBackend, slow: Backend) -> None:
    x, kernel, bias = numbers(3, 9, 11, 5), numbers(3, 2, 5, 35), numbers(35)
    geometry = WindowGeometry.convolution((9, 11), kernel_size=(3, 2), padding="same")
    slope = numbers(3, 9, 11, 35)
    pooling = WindowGeometry.pooling((9, 11), window=2)
    below, left, right = numbers(3, 4, 5, 5), numbers(13, 70), numbers(70, 37)
    options = {"geometry": geometry}
    calls: dict[str, Callable[[Backend], Any]] = {
        "convolution2d": lambda b: b.convolution2d(x, kernel, bias, **options),
        "its kernel's": lambda b: b.convolution2d_kernel_gradient(x, slope, **options),
        "its input's": lambda b: b.convolution2d_input_gradient(slope, kernel, **options),
        "max_pooling2d": lambda b: b.max_pooling2d(x, geometry=pooling)[0],
        "its gradient": lambda b: b.max_pooling2d_gradient(
            below, b.max_pooling2d(x, geometry=pooling)[1], geometry=pooling
        ),
        "average_pooling2d": lambda b: b.average_pooling2d(x, geometry=pooling),
        "dense": lambda b: b.dense(left, right, numbers(37) * 0),
        "a matrix product": lambda b: b.matmul(left, right),
    }
    for name, call in calls.items():
        agree(name, call(fast), call(slow))


def compare_training(name: str) -> None:
    shape, make = NETWORKS[name]
    x, y = numbers(37, *shape), RNG.integers(0, 5, 37)
    results = []
    for backend in (CpuBackend(threads=2), Backend()):
        model = Sequential([Input(shape), *make()], seed=2)
        model.backend = backend
        model.compile("sgd", "sparse_categorical_crossentropy")
        history = model.fit(x, y, batch_size=16, epochs=3, verbose=0, seed=3)
        results.append((history.history["loss"], *model.get_weights(), model.predict(x)))
    for number, (found, expected) in enumerate(zip(*results, strict=True)):
        agree(f"{name} {number}", found, expected, tolerance=1e-4)


def main() -> None:
    code = cpu_shared._kept[0]._library.get_asm_str()
    widest = next(each for each in ("%zmm", "%ymm", "%xmm") if each in code)
    assert widest == ("%ymm" if sys.argv[1] == "avx2" else "%xmm"), widest
    assert (
        cpu_target.TILES.wide,
        cpu_target.TILES.rows,
        cpu_target.TILES.few,
    ) == (cpu_tiles.WIDE, cpu_tiles.ROWS, cpu_tiles.FEW)
    parts: list[str] = []
    own = cpu_builder.WinogradPart

    def noted(*arguments: Any, **options: Any) -> Any:
        parts.append("Winograd")
        return own(*arguments, **options)

    cpu_builder.WinogradPart = noted  # type: ignore[assignment, misc]
    compare_operations(CpuBackend(), Backend())
    for name in NETWORKS:
        compare_training(name)
    assert parts, "no convolution went by Winograd's way"


if __name__ == "__main__":
    main()
