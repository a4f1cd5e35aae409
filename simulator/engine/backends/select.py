"""Which backends this machine has, and which to use."""

from __future__ import annotations

import importlib
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from simulator.engine.backends import cache
from simulator.engine.backends.base import Backend
from simulator.engine.geometry import WindowGeometry


def available() -> tuple[str, ...]:
    """The names that `create` takes, the fastest first. Loads none of them."""
    return ("cpu", "numpy") if find_spec("numba") is not None else ("numpy",)


def create(name: str = "auto") -> Backend:
    """A backend by its name; "auto" is the fastest that is there.

    Raises ValueError for a name that is not in `available()`.
    """
    names = available()
    if name == "auto":
        name = names[0]
    if name not in names:
        *others, last = ("auto", *names)
        raise ValueError(
            f"There is no backend {name!r} here: choose {', '.join(others)} or {last}."
        )
    if name == "cpu":
        # Imported here because Numba takes a quarter of a second and the window should not wait.
        from simulator.engine.backends.cpu import CpuBackend  # noqa: PLC0415

        return CpuBackend()
    return Backend()


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


def describe() -> dict[str, str]:
    """What the backends run on, a line each: versions, threads, GPU, and where code is kept."""
    facts = {
        "backends": ", ".join(available()),
        "numpy": np.__version__,
        "numba": _version("numba"),
        "llvmlite": _version("llvmlite"),
    }
    if "cpu" in available():
        facts["kernel cache"] = str(cache.prepare())
        facts["threading layers"] = _threading_layers()
        facts["CUDA"] = _cuda()
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


def _cuda() -> str:
    """The GPU, or why there is none; asking for it loads the driver and nothing else."""
    cuda = importlib.import_module("numba.cuda")
    try:
        if not cuda.is_available():
            return "no driver or no device found"
        device = cuda.get_current_device()
        major, minor = device.compute_capability
        name = device.name.decode() if isinstance(device.name, bytes) else device.name
    except Exception as error:  # a broken driver fails in many ways, and each is worth its line
        return f"not usable: {error}".splitlines()[0]
    return f"{name}, compute capability {major}.{minor}"
