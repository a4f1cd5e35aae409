"""The backends under test: a backend that joins `available()` joins every test here."""

import sys

import pytest

from simulator.engine.backends import cuda_driver, select
from simulator.engine.backends.base import Backend

if cuda_driver.simulated():
    # The simulator asks its threads in a busy loop whether they have come to a barrier; by
    # default they get a turn only every 5 ms.
    sys.setswitchinterval(1e-5)


def made(name: str) -> Backend:
    if name == "cuda":
        from simulator.engine.backends.cuda import CudaBackend  # noqa: PLC0415 - only where it runs

        # So small that tiny arrays take several blocks, and more blocks than the grid has.
        return CudaBackend(block_size=9, most_blocks=3)
    return select.create(name)


@pytest.fixture(params=select.available(), scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    return made(request.param)


@pytest.fixture(params=["float32", "float64"], scope="session")
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def reference() -> Backend:
    return Backend()
