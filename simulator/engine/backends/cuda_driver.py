"""Whether this machine has an NVIDIA GPU that the CUDA backend can use.

Asked of the driver itself, so that neither Numba nor its CUDA packages have to be loaded for it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from typing import Any, NamedTuple

CAPABILITY = (7, 5)
"""The oldest compute capability that CUDA 13 compiles for: Turing, of 2018."""

DRIVER = 13_000
"""The oldest driver that runs programs of CUDA 13, as `cuDriverGetVersion` counts: 13.0."""

PACKAGES = "numba-cuda[cu13]"

_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76  # of the driver's CUdevice_attribute


class State(NamedTuple):
    """Whether the CUDA backend can be used, and what was found or is missing, in a line."""

    usable: bool
    text: str


def state() -> State:
    """Look for a driver, a GPU and the packages, in this order; nothing is kept running.

    Takes no time where there is no driver; starting one may take a good part of a second.
    """
    if simulated():
        return State(True, "simulated on the processor by Numba, for tests")
    driver = _driver()
    if driver is None:
        return State(False, "no NVIDIA driver found")
    failed = driver.cuInit(0)
    count = ctypes.c_int()
    failed = failed or driver.cuDeviceGetCount(ctypes.byref(count))
    if failed:
        return State(False, f"the NVIDIA driver does not start (error {failed} of CUDA)")
    if count.value == 0:
        return State(False, "no NVIDIA GPU found")
    return _of_first_device(driver)


def simulated() -> bool:
    """Whether Numba was told to run CUDA kernels on the processor."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in {"", "0"}


def _driver() -> Any:
    """The driver's library, or None."""
    try:
        return ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None


def _of_first_device(driver: Any) -> State:
    name = ctypes.create_string_buffer(256)
    version, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    failed = (
        driver.cuDeviceGetName(name, len(name), 0)
        or driver.cuDriverGetVersion(ctypes.byref(version))
        or driver.cuDeviceGetAttribute(ctypes.byref(major), _CAPABILITY_MAJOR, 0)
        or driver.cuDeviceGetAttribute(ctypes.byref(minor), _CAPABILITY_MINOR, 0)
    )
    if failed:
        return State(False, f"the NVIDIA driver does not tell its GPU (error {failed} of CUDA)")
    capability = (major.value, minor.value)
    found = f"{name.value.decode(errors='replace')}, compute capability {_dotted(*capability)}"
    if capability < CAPABILITY:
        return State(False, f"{found}: {_dotted(*CAPABILITY)} or more is needed")
    if version.value < DRIVER:
        there = f"the driver is for CUDA {_version(version.value)}"
        return State(False, f"{found}: {there}, update it to one for {_version(DRIVER)} or later")
    if find_spec("numba_cuda") is None:
        return State(False, f'{found}: to use it, pip install "{PACKAGES}"')
    return State(True, found)


def _dotted(major: int, minor: int) -> str:
    return f"{major}.{minor}"


def _version(number: int) -> str:
    return _dotted(number // 1000, number % 1000 // 10)
