"""The bootstrap as a user types it, in a copy that holds a project without dependencies."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from installers import bootstrap

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "installers" / "bootstrap.py"

# A build backend with no needs of its own, so that nothing is fetched.
BACKEND = """
import pathlib, zipfile
NAME = "sample-1"
def build_editable(folder, config_settings=None, metadata_directory=None):
    if pathlib.Path("broken").exists():
        raise SystemExit("the sample is broken")
    with zipfile.ZipFile(pathlib.Path(folder, NAME + "-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("sample.pth", str(pathlib.Path.cwd()))
        info = NAME + ".dist-info/"
        wheel.writestr(info + "METADATA",
            "Metadata-Version: 2.1\\nName: sample\\nVersion: 1\\nProvides-Extra: test\\n")
        wheel.writestr(info + "WHEEL",
            "Wheel-Version: 1.0\\nGenerator: sample\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return NAME + "-py3-none-any.whl"
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "sample"
version = "1"
requires-python = ">=3.11,<3.14"
optional-dependencies.test = []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "a project"
    shutil.copytree(ROOT / "installers", root / "installers")
    (root / "simulator").mkdir()
    (root / "simulator" / "__main__.py").write_text("import sys; print('app', *sys.argv[1:])")
    (root / "pytest.py").write_text("import os, sys; print('tests', os.getcwd(), *sys.argv[1:])")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


def start(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, project / "installers" / "bootstrap.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=project.parent,
    )


@pytest.mark.slow
def test_the_first_start_sets_up_and_the_second_is_quick(project: Path) -> None:
    first = start(project, "run", "--theme", "dark")
    assert (first.returncode, first.stdout) == (0, "app run --theme dark\n"), first.stderr
    assert "Installing the simulator" in first.stderr

    began = time.perf_counter()
    second = start(project, "run")
    took = time.perf_counter() - began
    assert (second.returncode, second.stdout, second.stderr) == (0, "app run\n", "")
    assert took < 2

    tests = start(project, "test", "-k", "one")
    assert (tests.returncode, tests.stdout) == (0, f"tests {project} -k one\n"), tests.stderr
    assert "virtual environment" not in tests.stderr  # filled further, not made again
    assert start(project, "run").stderr == ""  # what the tests need includes what the app needs


@pytest.mark.slow
def test_an_interrupted_set_up_is_done_again(project: Path) -> None:
    half = project / ".venv"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").write_text("not yet a program")
    (half / "bootstrap.json").write_text(
        json.dumps({"python": "", "root": "", "project": "", "extras": [], "changing": True})
    )
    done = start(project, "run")
    assert (done.returncode, done.stdout) == (0, "app run\n"), done.stderr
    assert "Starting over" in done.stderr


@pytest.mark.slow
def test_a_failed_installation_tells_why_and_goes_on_once_mended(project: Path) -> None:
    (project / "broken").touch()
    failed = start(project, "run")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "The packages can't be installed." in failed.stderr
    assert "the sample is broken" in failed.stderr
    assert "Traceback" not in failed.stderr

    (project / "broken").unlink()
    mended = start(project, "run")
    assert (mended.returncode, mended.stdout) == (0, "app run\n"), mended.stderr
    assert "Making" not in mended.stderr  # the environment itself had come out sound


def test_help_names_every_command(project: Path) -> None:
    shown = start(project, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.findall(r"^  (\w+)", shown.stdout, re.MULTILINE) == ["run", "test", "setup", "check"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "a command is missing"),
        (("start",), "there is no command 'start'"),
        (("setup", "test"), "setup takes no arguments, not 'test'"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(
    project: Path, arguments: Sequence[str], complaint: str
) -> None:
    refused = start(project, *arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert complaint in refused.stderr
    assert not (project / ".venv").exists()


def test_check_changes_nothing(project: Path) -> None:
    checked = start(project, "check")
    assert checked.returncode == 1
    assert "run: missing" in checked.stdout
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 9)])
def test_a_supported_python_is_not_refused(version: tuple[int, int, int]) -> None:
    assert bootstrap.refusal(ROOT, version) is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 12), (3, 14, 0)])
def test_another_python_is_refused_in_one_line(
    version: tuple[int, int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = bootstrap.refusal(ROOT, version)
    needed = re.search(r">=3\.(\d+),<3\.(\d+)", (ROOT / "pyproject.toml").read_text())
    assert needed is not None
    assert refused == (
        f"The simulator needs Python 3.{needed[1]} to 3.{int(needed[2]) - 1}, and this is"
        f" {'.'.join(map(str, version))}: install one of those and use it instead."
    )


def test_the_refusal_names_a_python_that_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("python3.10", "python3.11", "python3.12", "python3.14"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(["/nowhere", str(tmp_path)]))
    refused = bootstrap.refusal(ROOT, (3, 14, 0))
    assert refused is not None
    assert refused.endswith("this is 3.14.0: use python3.12 instead.")


def test_old_pythons_can_read_the_refusal() -> None:
    tree = ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 4))
    # The parser's own check is lenient: these came with Python 3, 3.6 and 3.8.
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Starred)
    assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        assert function.returns is None
        assert not function.args.posonlyargs
        assert not function.args.kwonlyargs
        assert all(argument.annotation is None for argument in function.args.args)
    imported = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported == {"io", "os", "re", "sys"}
