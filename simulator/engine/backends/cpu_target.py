"""The processor that kernels are made for: the one at hand, or the one that Numba is told.

NUMBA_CPU_NAME and NUMBA_CPU_FEATURES name another. What follows from them is found by asking LLVM,
which knows all processors, and nowhere else.
"""
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Any, Final

from simulator.engine.backends import cache

cache.prepare()  # Numba reads its place when it is imported

import llvmlite.binding as llvm  # noqa: E402
from numba import config as numba_config  # noqa: E402

_config: Any = numba_config
MACHINE: Final = platform.machine().lower()
X86: Final = MACHINE in ("x86_64", "amd64", "i386", "i686")
ARM: Final = MACHINE in ("aarch64", "arm64")

_SUM = """
define void @sum(ptr %a, ptr %b) {
  %x = load <16 x float>, ptr %a
  %y = load <16 x float>, ptr %b
  %z = fadd <16 x float> %x, %y
  store <16 x float> %z, ptr %a
  ret void
}
"""


@dataclass(frozen=True, slots=True)
class Tiles:
    """How many sums an inner loop keeps in registers: vectors are of 64 bytes, whatever those hold.

    Beside the sums, one row's vectors and one number have to fit.
    """

    wide: int  # vectors of a full tile, side by side
    rows: int  # of a full tile
    few: int  # rows of a tile for those that are left over


AVX512 = Tiles(wide=2, rows=8, few=4)
"""32 registers of 64 bytes."""
AVX2 = Tiles(wide=1, rows=6, few=3)
"""16 of 32 bytes: 12 for the sums, two and one."""
NEON = Tiles(wide=1, rows=6, few=3)
"""32 of 16 bytes: 24 for the sums, four and one."""
SSE = Tiles(wide=1, rows=2, few=1)
"""16 of 16 bytes: 8 for the sums, four and one."""


def _tell_numba() -> None:
    """Say what the processor can do, where the user has not."""
    if _config.CPU_FEATURES is not None:
        return
    # A processor that is named has its own features, and not those of the one at hand.
    features = "" if _config.CPU_NAME else llvm.get_host_cpu_features().flatten()
    if X86:
        # For Intel's processors LLVM would fill half of a register in the loops that it makes
        # vectors of, lest the clock slow down. The inner loops fill all of it anyway.
        features = ",".join(each for each in (features, "-prefer-256-bit") if each)
    _config.CPU_FEATURES = features


def _tiles() -> Tiles:
    """What suits the registers that LLVM takes for a sum of vectors."""
    if not X86:
        return NEON
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=_config.CPU_NAME or llvm.get_host_cpu_name(), features=_config.CPU_FEATURES, opt=2
    )
    code = target.emit_assembly(llvm.parse_assembly(_SUM))
    return AVX512 if "%zmm" in code else AVX2 if "%ymm" in code else SSE


llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
_tell_numba()
TILES = _tiles()
"""Those of the kernels."""
