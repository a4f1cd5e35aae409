"""Which backends this machine has, and which to use."""

from __future__ import annotations

import importlib
from importlib import metadata
from importlib.util import find_spec

import numpy as np

from simulator.engine.backends import cache, cuda_driver
from simulator.engine.backends.base import Backend


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
