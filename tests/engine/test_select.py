import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.engine.backends import (
    cpu_convolution,
    cpu_pooling,
    cpu_stochastic_pooling,
    cuda_driver,
    select,
    warm_up,
)
from simulator.engine.backends.base import Backend
from simulator.engine.backends.cpu import CpuBackend
from simulator.engine.geometry import WindowGeometry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch):
    monkeypatch.setattr(cuda_driver, "_driver", lambda: None)


def test_the_first_is_auto():
    assert select.available() == ("cpu", "numpy")
    assert select.create().name == select.create("auto").name == "cpu"
    for name in select.available():
        assert select.create(name).name == name
    assert type(select.create("numpy")) is Backend


def test_without_numba_the_reference_remains(monkeypatch):
    monkeypatch.setattr(select, "find_spec", lambda _: None)
    monkeypatch.setattr(select.metadata, "version", lambda _: _missing())
    assert select.available() == ("numpy",)
    assert select.create().name == "numpy"
    with pytest.raises(ValueError, match="There is no backend 'cpu' here: choose auto or numpy"):
        select.create("cpu")
    facts = select.describe()
    assert facts["backends"] == "numpy"
    assert facts["numba"] == "not installed"


def _missing():
    raise select.metadata.PackageNotFoundError


def test_a_backend_that_is_not_there():
    with pytest.raises(ValueError, match="no backend 'gpu' here: choose auto, cpu or numpy"):
        select.create("gpu")
    with pytest.raises(
        ValueError,
        match=r"no backend 'cuda' here: no NVIDIA driver found\. Choose auto, cpu or numpy",
    ):
        select.create("cuda")


def test_a_gpu_is_for_those_who_ask_for_it(monkeypatch):
    monkeypatch.setattr(cuda_driver, "state", lambda: cuda_driver.State(True, "A GPU"))
    assert select.available() == ("cpu", "numpy", "cuda")
    assert select.create().name == "cpu"
    assert select.create("cuda").name == "cuda"
    assert select.describe()["backends"] == "cpu, numpy, cuda"
    assert select.describe()["CUDA"] == "A GPU"


def test_what_needs_no_gpu_starts_no_driver(monkeypatch):
    monkeypatch.setattr(cuda_driver, "state", lambda: pytest.fail("the driver was started"))
    for name in ("auto", "cpu", "numpy"):
        select.create(name)


def test_choosing_loads_nothing_that_was_not_chosen():
    code = """
import sys
import simulator.engine, simulator.engine.geometry, simulator.engine.arrays
from simulator.engine.backends import base, cache, checks, select
select.available()
select.create("numpy")
heavy = {"numba", "llvmlite"} & set(sys.modules)
assert not heavy, heavy
select.create("cpu")
assert "numba" in sys.modules
assert "numba.cuda" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_after_warming_up_float32_images_compile_nothing():
    backend = select.create("cpu")
    warm_up.operations(backend)
    kernels = {
        name: function
        for module in (cpu_convolution, cpu_pooling, cpu_stochastic_pooling)
        for name, function in vars(module).items()
        if hasattr(function, "signatures")
    }
    compiled = {name: len(function.signatures) for name, function in kernels.items()}
    assert compiled["correlate"] in (1, 2)  # float64 too, where another test has run

    x = np.zeros((9, 7, 2, 3), np.float32).transpose(2, 1, 0, 3)
    x.flags.writeable = False
    geometry = WindowGeometry.convolution((7, 9), kernel_size=(3, 2), dilation=2, padding="same")
    y = backend.convolution2d(x, np.ones((3, 2, 3, 17), np.float32), None, geometry=geometry)
    backend.convolution2d_kernel_gradient(x, y, geometry=geometry)
    pooled, choice = backend.max_pooling2d(x, geometry=WindowGeometry.whole((7, 9)))
    choice.flags.writeable = False
    backend.max_pooling2d_gradient(pooled, choice, geometry=WindowGeometry.whole((7, 9)))
    backend.lp_pooling2d(x, order=2.5, geometry=WindowGeometry.whole((7, 9)))
    backend.lp_pooling2d(x, order=np.float32(3), geometry=WindowGeometry.whole((7, 9)))
    assert {name: len(function.signatures) for name, function in kernels.items()} == compiled


def test_warming_up_runs_every_operation():
    """Each operation with a kernel of its own; the others are made of these."""
    called = set()

    class Recorder(Backend):
        def __getattribute__(self, name):
            called.add(name)
            return super().__getattribute__(name)

    recorder = Recorder()
    warm_up.operations(recorder)
    # It has no programs, and stops at the first.
    assert list(warm_up.training(recorder)) == ["dense layers", "Boltzmann machines"]
    assert "contrastive_divergence" in called
    own = {name for name in vars(CpuBackend) if not name.startswith("_")}
    # What programs are made for and run by is warmed up with them.
    assert own - {"name", "program_size", "in_turn"} <= called


def test_what_the_doctor_reads():
    facts = select.describe()
    assert list(facts) == [
        "backends",
        "numpy",
        "numba",
        "llvmlite",
        "kernel cache",
        "threading layers",
        "CUDA",
    ]
    assert facts["backends"] == "cpu, numpy"
    assert facts["numpy"] == np.__version__
    assert Path(facts["kernel cache"]).is_absolute()
    assert "workqueue" in facts["threading layers"]
    assert all(value and "\n" not in value for value in facts.values())
