"""Which backends this machine has, and which to use."""

from __future__ import annotations

import importlib
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from simulator.engine.arrays import FloatArray
from simulator.engine.backends import cache, cuda_driver
from simulator.engine.backends.base import Backend
from simulator.engine.backends.program import (
    Chain,
    DenseStage,
    MaskStage,
    NotCompiled,
    Parameter,
    Source,
)
from simulator.engine.geometry import WindowGeometry


def available() -> tuple[str, ...]:
    """The names that `create` takes; the first is what "auto" means. Loads none of them.

    "cuda" is for those who ask for it: it copies every operation's arrays to the GPU and back,
    which takes longer than the small networks of a lesson take on the processor.
    """
    names = _without_a_device()
    return (*names, "cuda") if "cpu" in names and cuda_driver.state().usable else names


def create(name: str = "auto") -> Backend:
    """A backend by its name; "auto" is the fastest for small networks that is there.

    Raises ValueError for a name that is not in `available()`.
    """
    names = _without_a_device()  # no driver is started for them: the window asks for "auto"
    if name == "auto":
        name = names[0]
    if name not in names and name not in available():
        reason = f": {cuda_driver.state().text}. Choose" if name == "cuda" else ": choose"
        *others, last = ("auto", *available())
        raise ValueError(
            f"There is no backend {name!r} here{reason} {', '.join(others)} or {last}."
        )
    # Imported here because Numba takes a quarter of a second and the window should not wait.
    if name == "cpu":
        from simulator.engine.backends.cpu import CpuBackend  # noqa: PLC0415

        return CpuBackend()
    if name == "cuda":
        from simulator.engine.backends.cuda import CudaBackend  # noqa: PLC0415

        return CudaBackend()
    return Backend()


def _without_a_device() -> tuple[str, ...]:
    return ("cpu", "numpy") if find_spec("numba") is not None else ("numpy",)


def warm_up(backend: Backend) -> None:
    """Run every operation once on a small float32 image, so that all of them are compiled.

    Seconds the first time after an installation, well under a second from the kept machine code.
    """
    x = np.ones((1, 4, 4, 1), np.float32)
    kernel, bias = np.ones((2, 2, 1, 1), np.float32), np.ones(1, np.float32)
    geometry = WindowGeometry.convolution((4, 4), kernel_size=2)
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    backend.convolution2d_input_gradient(y, kernel, geometry=geometry)
    backend.convolution2d_bias_gradient(y)
    y = backend.depthwise_convolution2d(x, kernel, bias, geometry=geometry)
    backend.depthwise_convolution2d_kernel_gradient(x, y, geometry=geometry)
    backend.depthwise_convolution2d_input_gradient(y, kernel, geometry=geometry)
    matrix = np.ones((1, 1), np.float32)
    backend.dense(matrix, matrix, bias)
    backend.dense_kernel_gradient(matrix, matrix)
    backend.dense_input_gradient(matrix, matrix)
    backend.dense_bias_gradient(matrix)
    backend.matmul(matrix, matrix)

    geometry = WindowGeometry.pooling((4, 4), window=2)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    backend.max_pooling2d_gradient(y, choice, geometry=geometry)
    backend.average_pooling2d(x, geometry=geometry)
    backend.average_pooling2d_gradient(y, geometry=geometry)
    backend.lp_pooling2d(x, order=2, geometry=geometry)
    backend.lp_pooling2d_gradient(x, y, y, order=2, geometry=geometry)
    backend.stochastic_pooling2d(x, np.zeros_like(y), geometry=geometry)
    backend.stochastic_pooling2d_probabilities(x, geometry=geometry)
    backend.stochastic_pooling2d_expected(x, geometry=geometry)
    backend.stochastic_pooling2d_expected_gradient(x, y, geometry=geometry)
    with suppress(NotCompiled):
        _train_once(backend)


def _train_once(backend: Backend) -> None:
    """One step of training by a program, of a network with one of each stage."""

    def array(*shape: int) -> FloatArray:
        return np.zeros(shape, np.float32)

    def trained(weights: FloatArray) -> Parameter:
        like = np.zeros_like
        return Parameter(weights, like(weights), (like(weights), like(weights)), decays=False)

    kernel, bias, wide = array(2, 2), array(2), array(2, 1)
    chain = Chain(
        batch=1,
        dtype="float32",
        input_shape=(2,),
        stages=(
            (DenseStage(kernel, bias, "relu", trained(kernel), trained(bias)), (2,)),
            (MaskStage(), (2,)),
            (DenseStage(wide, None, "linear", trained(wide), None), (1,)),
        ),
        loss="mean_squared_error",
        weighted=False,
        optimizer="adam",
    )
    program = backend.program(chain)
    source = Source(array(1, 2), array(1, 1), None)
    order = np.zeros((1, 1), np.int64)
    program.run(source, order, array(1, program.columns), [array(1, 1, 2)], threads=1)


def describe() -> dict[str, str]:
    """What the backends run on, a line each: versions, threads, GPU, and where code is kept."""
    facts = {
        "backends": ", ".join(available()),
        "numpy": np.__version__,
        "numba": _version("numba"),
        "llvmlite": _version("llvmlite"),
    }
    if "cpu" in _without_a_device():
        facts["kernel cache"] = str(cache.prepare())
        facts["threading layers"] = _threading_layers()
        facts["CUDA"] = cuda_driver.state().text
    return facts


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown version" if find_spec(package) is not None else "not installed"


def _threading_layers() -> str:
    """The layers that Numba could run parallel kernels on; loading them starts no thread."""
    modules = {"tbb": "tbbpool", "omp": "omppool", "workqueue": "workqueue"}
    found = []
    for layer, module in modules.items():
        try:
            importlib.import_module(f"numba.np.ufunc.{module}")
        except ImportError:
            continue
        found.append(layer)
    return ", ".join(found) or "none"
