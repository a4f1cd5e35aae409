"""The kernels as they are made for other processors, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.engine.backends import cpu_target

ROOT = Path(__file__).resolve().parents[2]
x86 = pytest.mark.skipif(not cpu_target.X86, reason="names processors of x86")


@x86
@pytest.mark.slow
@pytest.mark.parametrize(
    ("tiles", "processor"), [("avx2", "haswell"), ("neon", "nehalem"), ("sse", "nehalem")]
)
def test_results_are_the_references(tiles: str, processor: str) -> None:
    """NEON's registers are as wide as nehalem's, so that its tiles can be tried without an ARM."""
    # Machine code is kept for each processor, but not for each choice of tiles.
    kept = ROOT / ".pytest_cache" / f"home-{tiles}"
    settings = {"NUMBA_CPU_NAME": processor, "XDG_CACHE_HOME": str(kept), "PYTHONPATH": str(ROOT)}
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.engine.other_processor", tiles],
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "Winograd 4" in done.stdout.splitlines()


@x86
@pytest.mark.parametrize(
    ("settings", "tiles"),
    [
        ({"NUMBA_CPU_NAME": "haswell"}, "AVX2"),
        ({"NUMBA_CPU_NAME": "znver4"}, "AVX512"),
        ({"NUMBA_CPU_NAME": "nehalem"}, "SSE"),
        ({"NUMBA_CPU_NAME": "generic"}, "SSE"),
        ({"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+avx2,+fma"}, "AVX2"),
        ({"NUMBA_CPU_NAME": "znver4", "NUMBA_CPU_FEATURES": "-avx512f"}, "AVX2"),
    ],
)
def test_the_processor_that_numba_is_told_has_its_tiles(
    settings: dict[str, str], tiles: str
) -> None:
    code = (
        "from simulator.engine.backends import cpu_target as target\n"
        "names = ['AVX512', 'AVX2', 'SSE']\n"
        "print([name for name in names if target.TILES == getattr(target, name)][0])\n"
        "from numba.core.registry import cpu_target\n"
        "codegen = cpu_target.target_context.codegen()\n"
        "print(codegen._get_host_cpu_name(), codegen._get_host_cpu_features())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, told = done.stdout.splitlines()
    assert found == tiles
    assert told.startswith(settings["NUMBA_CPU_NAME"] + " ")
    assert "+avx512f" not in told
