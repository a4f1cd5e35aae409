"""The backends under test: a backend that joins `available()` joins every test here."""

import pytest

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend


@pytest.fixture(params=select.available(), scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    return select.create(request.param)


@pytest.fixture(params=["float32", "float64"], scope="session")
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def reference() -> Backend:
    return Backend()
