"""The CUDA backend without a GPU: every kernel compiled for one, and run by Numba's simulator."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import cuda

from simulator.engine.backends import (
    cuda_convolution,
    cuda_dense,
    cuda_device,
    cuda_pooling,
)
from simulator.engine.backends.cuda import CudaBackend
from simulator.engine.geometry import WindowGeometry

ROOT = Path(__file__).resolve().parents[2]

SHARED_TESTS = [
    "test_backends.py",
    "test_values.py",
    "test_dense_operations.py",
    "test_gradients.py",
    "test_special_numbers.py",
    "test_random_networks.py",
    "cuda_simulated.py",
]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tests_of_every_backend_pass_in_the_simulator():
    """In a process of its own: Numba decides when it is imported whether CUDA is simulated."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-k", "cuda", "-p", "no:cacheprovider"),
        # NumPy's single numbers, which the simulator computes with, warn where its arrays do not.
        *("-o", "filterwarnings=error\nignore:.* encountered in scalar:RuntimeWarning"),
        *(str(Path(__file__).with_name(name)) for name in SHARED_TESTS),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None, done.stdout
    assert int(passed[1]) > 100, done.stdout
    assert "skipped" not in done.stdout, done.stdout


class CompilingDevice(cuda_device.Device):
    """Compiles what would be launched, for the types it would be launched with; runs nothing."""

    def __init__(self, capability):
        super().__init__(256, 65_535)
        self.capability = capability
        self.compiled = {}

    def empty(self, shape, dtype):
        return np.zeros(shape, dtype)

    def fetch(self, array):
        return array

    def _put(self, array):
        return np.ascontiguousarray(array)

    def _launch(self, kernel, blocks, threads, shared, shape, dtype, arguments):
        output = self.empty(shape, dtype)
        there = [self._put(each) if isinstance(each, np.ndarray) else each for each in arguments]
        types = tuple(map(numba.typeof, (output, *there)))
        if (kernel, types) not in self.compiled:
            text, _ = cuda.compile_ptx(kernel.py_func, types, cc=self.capability)
            self.compiled[kernel, types] = text
        return output


def every_operation(backend, dtype):
    x, kernel, bias = np.ones((1, 4, 4, 3), dtype), np.ones((2, 2, 3, 2), dtype), np.ones(2, dtype)
    geometry = WindowGeometry.convolution((4, 4), kernel_size=2)
    y = backend.convolution2d(x, kernel, bias, geometry=geometry)
    backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    backend.convolution2d_input_gradient(y, kernel, geometry=geometry)
    backend.convolution2d_bias_gradient(y)
    y = backend.dense(x, kernel[0, 0], bias)
    backend.dense_kernel_gradient(x, y)
    backend.dense_input_gradient(y, kernel[0, 0])
    backend.dense_bias_gradient(y)
    backend.matmul(x, kernel[0, 0][np.newaxis, np.newaxis].repeat(4, axis=1))
    geometry = WindowGeometry.pooling((4, 4), window=2)
    y, choice = backend.max_pooling2d(x, geometry=geometry)
    backend.max_pooling2d_gradient(y, choice, geometry=geometry)
    backend.average_pooling2d(x, geometry=geometry)
    backend.average_pooling2d_gradient(y, geometry=geometry)


def kernels():
    modules = (cuda_convolution, cuda_dense, cuda_pooling)
    return {
        value for module in modules for value in vars(module).values() if hasattr(value, "py_func")
    }


@pytest.mark.slow
@pytest.mark.parametrize("capability", [(7, 5), (9, 0)])
def test_every_kernel_compiles_to_ptx(capability):
    """The simulator runs kernels that a GPU's compiler refuses; no GPU is needed to ask it."""
    backend = CudaBackend()
    backend._device = device = CompilingDevice(capability)
    for dtype in ("float32", "float64"):
        every_operation(backend, dtype)
    assert {kernel for kernel, _ in device.compiled} == kernels()
    assert len(device.compiled) == 2 * len(kernels())
    for (kernel, types), text in device.compiled.items():
        assert f".target sm_{capability[0]}{capability[1]}" in text
        assert ".entry" in text
        # Added by whoever comes first, sums would differ from run to run.
        assert not re.search(r"\b(atom|red)\.", text), kernel
        # Single precision stays single: a GPU for games computes doubles 64 times as slowly.
        assert (".f64" in text) == (types[0].dtype == numba.float64), kernel
