"""The backends that traces are made with."""

import pytest

from simulator.engine.backends import select
from simulator.engine.backends.base import Backend


@pytest.fixture(params=select.available(), scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    return select.create(request.param)


@pytest.fixture(scope="session")
def reference() -> Backend:
    return Backend()
