"""What is told of a driver and a GPU, with a driver that answers as told."""
# ruff: noqa: N802 - The driver's functions have its own names.

import ctypes
from types import SimpleNamespace

import pytest

from simulator.engine.backends import cuda_driver


class Driver:
    """The calls that are made of the driver's library."""

    def __init__(self, *, devices=1, version=13_050, capability=(9, 0), fails=""):
        self.devices, self.version = devices, version
        self.capability, self.fails = capability, fails

    def __getattr__(self, name):
        def call(*arguments):
            if name == self.fails:
                return 999
            return getattr(self, f"_{name}")(*arguments) or 0

        return call

    def _cuInit(self, flags):
        assert flags == 0

    def _cuDeviceGetCount(self, count):
        count._obj.value = self.devices

    def _cuDeviceGetName(self, name, length, device):
        assert (length, device) == (256, 0)
        ctypes.memmove(name, b"A GPU\0", 6)

    def _cuDriverGetVersion(self, version):
        version._obj.value = self.version

    def _cuDeviceGetAttribute(self, value, attribute, device):
        # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR in the driver's header.
        value._obj.value = {75: self.capability[0], 76: self.capability[1]}[attribute]


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.setattr(cuda_driver, "find_spec", lambda name: SimpleNamespace(name=name))


@pytest.mark.parametrize(
    ("driver", "state"),
    [
        (None, (False, "no NVIDIA driver found")),
        (
            Driver(fails="cuInit"),
            (False, "the NVIDIA driver does not start (error 999 of CUDA)"),
        ),
        (
            Driver(fails="cuDeviceGetCount"),
            (False, "the NVIDIA driver does not start (error 999 of CUDA)"),
        ),
        (Driver(devices=0), (False, "no NVIDIA GPU found")),
        (
            Driver(fails="cuDeviceGetAttribute"),
            (False, "the NVIDIA driver does not tell its GPU (error 999 of CUDA)"),
        ),
        (
            Driver(capability=(7, 0)),
            (False, "A GPU, compute capability 7.0: 7.5 or more is needed"),
        ),
        (
            Driver(capability=(7, 5), version=12_080),
            (
                False,
                "A GPU, compute capability 7.5: the driver is for CUDA 12.8, update it to one for "
                "13.0 or later",
            ),
        ),
        (Driver(capability=(7, 5), version=13_000), (True, "A GPU, compute capability 7.5")),
        (Driver(capability=(12, 0)), (True, "A GPU, compute capability 12.0")),
    ],
)
def test_what_is_found(monkeypatch, installed, driver, state):
    monkeypatch.setattr(cuda_driver, "_driver", lambda: driver)
    assert cuda_driver.state() == state


def test_without_the_packages_it_is_told_how_to_get_them(monkeypatch, installed):
    monkeypatch.setattr(cuda_driver, "_driver", Driver)
    monkeypatch.setattr(cuda_driver, "find_spec", lambda _: None)
    usable, text = cuda_driver.state()
    assert not usable
    assert text.endswith('to use it, pip install "numba-cuda[cu13]"')


def test_a_driver_that_cannot_be_loaded_is_none(monkeypatch, installed):
    def refuse(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(cuda_driver.ctypes, "CDLL", refuse)
    assert cuda_driver.state() == (False, "no NVIDIA driver found")


@pytest.mark.parametrize(("value", "simulated"), [("1", True), ("0", False), ("", False)])
def test_the_simulator_counts_as_a_device(monkeypatch, value, simulated):
    monkeypatch.setattr(cuda_driver, "_driver", lambda: None)
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", value)
    assert cuda_driver.state().usable is simulated
