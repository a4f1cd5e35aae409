"""What a training shows is other numbers at each look: no store fills with them for hours."""

import sys
from collections.abc import Callable
from functools import _lru_cache_wrapper

from simulator.gui.lab.offered_views import OFFERED
from tests.gui.lab.conftest import SMALL, Lab

MANY = 512
"""Larger stores are for what is met again."""


def large_stores() -> dict[str, int]:
    """How much is in each of the stores that can grow for long, by the function it belongs to."""
    return {
        f"{name}.{key}": each.cache_info().currsize
        for name, module in list(sys.modules.items())
        if name.startswith("simulator")
        for key, each in vars(module).items()
        if isinstance(each, _lru_cache_wrapper)
        and each.__module__ == name
        and (each.cache_info().maxsize is None or each.cache_info().maxsize > MANY)
    }


def test_numbers_of_a_training_fill_no_large_store(open_lab: Callable[..., Lab]) -> None:
    lab = open_lab(SMALL)
    for each in OFFERED:
        lab.page.views.show_view(each.key, True)
    lab.document.choose_layer("dense")
    lab.turn(3)
    for _ in range(10):
        lab.train(1)
    before = large_stores()
    assert "simulator.traces.numbers.number" in before
    for _ in range(40):
        lab.train(1)
    after = large_stores()
    grown = {name: size - before.get(name, 0) for name, size in after.items()}
    assert {name: more for name, more in grown.items() if more > 5} == {}
