"""The rules of docs/decisions.md about who may import whom, and what a source file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "simulator"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400


def test_the_sources_are_found() -> None:
    assert PACKAGE / "engine" / "__init__.py" in SOURCES


def test_without_the_window_no_qt_is_loaded() -> None:
    script = (
        "import importlib, pkgutil, sys, simulator\n"
        "def walk(package):\n"
        "    for found in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "        if found.name != 'simulator.gui':\n"
        "            module = importlib.import_module(found.name)\n"
        "            print(found.name)\n"
        "            if found.ispkg:\n"
        "                walk(module)\n"
        "walk(simulator)\n"
        "print('loaded:', *(name for name in ('PySide6', 'shiboken6')"
        " if name in sys.modules))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    *imported, loaded = ran.stdout.splitlines()
    expected = {
        ".".join(source.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for source in SOURCES
        if "gui" not in source.relative_to(ROOT).parts
    }
    assert {*imported, "simulator"} == expected
    assert loaded == "loaded:"


def test_the_import_contracts_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_files_are_asked_for_in_one_way() -> None:
    asking = [source.name for source in SOURCES if "QFileDialog" in source.read_text("utf-8")]
    assert asking == ["file_dialogs.py"]


@pytest.mark.parametrize(
    "source",
    [source for source in SOURCES if "engine" in source.relative_to(ROOT).parts],
    ids=lambda source: str(source.relative_to(ROOT)),
)
def test_the_engine_needs_only_numpy_and_numba(source: Path) -> None:
    imported = set[str]()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imported.add(str(node.module).partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names)
    # llvmlite is what Numba's intrinsics are written in.
    # platformdirs only says where compiled kernels may be kept.
    assert foreign <= {"simulator", "numpy", "numba", "llvmlite", "platformdirs"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_a_source_names_no_place_of_one_machine(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    places = re.findall(r"[\s\"'(=](?:/(?:home|mnt|opt|root|tmp|Users)/|[A-Z]:\\)\S*", text)
    assert str(ROOT) not in text
    assert places == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_a_source_stays_readable_in_one_sitting(source: Path) -> None:
    lines = len(source.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES
