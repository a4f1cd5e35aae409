"""Python's lock is handed over sooner while somebody asks for it, and as usual afterwards."""

import sys

import pytest

from simulator.gui import handing_over


def test_the_last_who_asked_for_it_ends_it() -> None:
    usual = sys.getswitchinterval()
    first, second = handing_over.sooner(), handing_over.sooner()
    first.__enter__()
    second.__enter__()
    assert sys.getswitchinterval() == pytest.approx(handing_over.SWITCH_INTERVAL)
    first.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(handing_over.SWITCH_INTERVAL)
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_the_least_that_is_asked_for_counts() -> None:
    usual = sys.getswitchinterval()
    with handing_over.sooner(usual / 2):
        with handing_over.sooner(usual / 4):
            assert sys.getswitchinterval() == pytest.approx(usual / 4)
        assert sys.getswitchinterval() == pytest.approx(usual / 2)
        with handing_over.sooner(2 * usual):
            assert sys.getswitchinterval() == pytest.approx(usual / 2)
    assert sys.getswitchinterval() == pytest.approx(usual)
