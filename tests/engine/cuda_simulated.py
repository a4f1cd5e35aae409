"""What only a running CUDA backend can show; `test_cuda.py` runs this in Numba's simulator."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from simulator.engine.backends import cuda as cuda_backend
from simulator.engine.backends import cuda_driver
from simulator.engine.backends.cuda import CudaBackend
from simulator.engine.geometry import WindowGeometry
from tests.engine.test_cuda import every_operation

assert cuda_driver.simulated(), "run this with NUMBA_ENABLE_CUDASIM=1"


class Recorder(CudaBackend):
    """Keeps what every operation returned, in order."""

    def __init__(self, **options):
        super().__init__(**options)
        self.results = []

    def __getattribute__(self, name):
        member = super().__getattribute__(name)
        if name.startswith("_") or not callable(member):
            return member

        def called(*arguments, **options):
            result = member(*arguments, **options)
            self.results += result if isinstance(result, tuple) else [result]
            return result

        return called


@pytest.mark.parametrize(("block_size", "most_blocks"), [(1, 1), (1, 100), (9, 2), (25, 50)])
def test_blocks_change_no_bit(block_size, most_blocks):
    once, again = Recorder(block_size=4), Recorder(block_size=block_size, most_blocks=most_blocks)
    every_operation(once, "float32")
    every_operation(again, "float32")
    assert len(once.results) == len(again.results) >= 13
    for mine, theirs in zip(once.results, again.results, strict=True):
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("most_parts", [1, 2, 5, 1000])
def test_sums_are_whole_in_however_many_parts(monkeypatch, reference, most_parts):
    monkeypatch.setattr(cuda_backend, "MOST_PARTS", most_parts)
    rng = np.random.default_rng(2)
    geometry = WindowGeometry.convolution((4, 3), kernel_size=2, padding=1, stride=(1, 2))
    x = rng.normal(size=(3, 4, 3, 2))
    slopes = rng.normal(size=(3, *geometry.output_size, 2))
    backend = CudaBackend(block_size=4)
    for operation, arguments, options in [
        ("convolution2d_kernel_gradient", (x, slopes), {"geometry": geometry}),
        ("convolution2d_bias_gradient", (slopes,), {}),
        ("dense_bias_gradient", (slopes,), {}),
    ]:
        mine, theirs = (
            getattr(each, operation)(*arguments, **options) for each in (backend, reference)
        )
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-13, strict=True)


def test_parts_are_no_more_than_keep_a_device_at_work():
    assert cuda_backend._parts(7, 10) == 7
    assert cuda_backend._parts(100_000, 10) == 256
    assert cuda_backend._parts(100_000, 2**14) == 8
    assert cuda_backend._parts(100_000, 2**20) == 1
    assert cuda_backend._parts(0, 10) == 1


def test_threads_that_call_at_once_wait_for_each_other(dtype):
    """The window's and the trainer's; the simulator refuses a second kernel while one runs."""
    recorders = [Recorder(block_size=4) for _ in range(3)]
    with ThreadPoolExecutor(len(recorders)) as threads:
        list(threads.map(lambda each: every_operation(each, dtype), recorders))
    first, *others = recorders
    for other in others:
        for mine, theirs in zip(other.results, first.results, strict=True):
            assert mine.tobytes() == theirs.tobytes()


def test_a_failed_operation_lets_the_next_one_in(monkeypatch):
    backend = CudaBackend(block_size=4)
    monkeypatch.setattr(backend._device, "fetch", lambda _: 1 / 0)
    x = np.ones((2, 2))
    with pytest.raises(ZeroDivisionError):
        backend.matmul(x, x)
    monkeypatch.undo()
    np.testing.assert_array_equal(backend.matmul(x, x), 2 * x)
