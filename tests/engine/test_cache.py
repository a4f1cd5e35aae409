"""Where machine code is kept: found again, renewed when a kernel changes, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from simulator.engine.backends import cache

ROOT = Path(__file__).resolve().parents[2]

RUN_A_KERNEL = """
import numpy as np
from simulator.engine.backends import select
from simulator.engine.backends.cpu_convolution import accumulate_bias_gradient
gradient = select.create("cpu").convolution2d_bias_gradient(np.ones((1, 2, 3, 4), np.float32))
assert gradient.tolist() == [6, 6, 6, 6], gradient
print(sum(accumulate_bias_gradient.stats.cache_hits.values()))
"""


def run(code, **environment):
    """The lines that a fresh Python prints, in which nothing was prepared yet."""
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    settings = {**inherited, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        cwd=settings["PYTHONPATH"],
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A process in which nothing was prepared yet, and Numba never imported."""
    # Set first, so that what `prepare` sets is undone as well.
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "user")
    monkeypatch.setattr(cache.atexit, "register", lambda *_, **__: None)
    monkeypatch.setattr(cache.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_the_users_and_named_after_the_kernels(fresh):
    folder = cache.prepare()
    assert folder == fresh / "user" / f"kernels-{cache.fingerprint()}"
    assert folder.is_dir()
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
    assert cache.prepare() == folder


def test_a_folder_named_by_the_environment_is_respected(fresh, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(fresh / "mine"))
    assert cache.prepare() == fresh / "mine"
    assert os.environ["NUMBA_CACHE_DIR"] == str(fresh / "mine")
    assert not (fresh / "user").exists()


def test_where_the_user_folder_cannot_be_made_a_temporary_one_serves(fresh):
    (fresh / "user").write_text("a file where the folder should be")
    folder = cache.prepare()
    assert folder.parent == fresh
    assert folder.name.startswith("deep-learning-simulator-")
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder)


def test_a_folder_that_takes_no_files_is_not_used(fresh, monkeypatch):
    def refuse(**_):
        raise PermissionError("read-only")

    monkeypatch.setattr(cache.tempfile, "TemporaryFile", refuse)
    assert cache.prepare().parent == fresh


def test_without_a_home_nothing_lands_in_the_working_folder(fresh, monkeypatch):
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda *_, **__: Path("~/.cache"))
    monkeypatch.chdir(fresh)
    folder = cache.prepare()
    assert folder.is_absolute()
    assert [entry.name for entry in fresh.iterdir()] == [folder.name]


def test_folders_of_versions_long_unused_are_removed(fresh):
    user = fresh / "user"
    for age in range(5):
        old = user / f"kernels-{age}"
        (old / "inside").mkdir(parents=True)
        os.utime(old, (1000 - age, 1000 - age))
    (user / "something else").mkdir()
    current = cache.prepare()
    left = {entry.name for entry in user.iterdir()}
    assert left == {current.name, "kernels-0", "kernels-1", "something else"}


def test_the_fingerprint_follows_the_kernels_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "_SOURCES", tmp_path)
    (tmp_path / "cpu_one.py").write_text("1")
    (tmp_path / "other.py").write_text("1")
    before = cache.fingerprint()
    (tmp_path / "other.py").write_text("2")
    assert cache.fingerprint() == before
    (tmp_path / "cpu_one.py").write_text("2")
    changed = cache.fingerprint()
    assert changed != before
    monkeypatch.setattr(cache.metadata, "version", lambda _: "0.0")
    assert cache.fingerprint() != changed


def test_the_real_sources_are_in_the_fingerprint():
    names = {source.name for source in cache._SOURCES.glob("cpu*.py")}
    assert {"cpu_compile.py", "cpu_convolution.py", "cpu_plan.py", "cpu_tiles.py"} <= names


def test_the_user_folder_is_the_platforms():
    assert cache.user_folder() == Path(
        platformdirs.user_cache_dir("deep-learning-simulator", appauthor=False)
    )


def test_code_is_kept_for_the_next_start_and_not_beside_the_sources(tmp_path):
    """The package lies where it was installed, perhaps read-only: nothing may be written there."""
    installed = tmp_path / "installed" / "simulator"
    for source in (
        ROOT / "simulator" / "__init__.py",
        *(ROOT / "simulator" / "engine").rglob("*.py"),
    ):
        copy = installed / source.relative_to(ROOT / "simulator")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    before = {path for path in installed.rglob("*") if path.is_file()}
    settings = {
        "PYTHONPATH": str(installed.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }
    assert run(RUN_A_KERNEL, **settings) == ["0"]
    assert list((tmp_path / "cache").rglob("*.nbc"))
    assert run(RUN_A_KERNEL, **settings) == ["1"]
    assert {path for path in installed.rglob("*") if path.is_file()} == before


def test_kernels_run_where_nothing_can_be_kept(tmp_path):
    """The user's cache folder is a file; the temporary folder is gone after the run."""
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    settings = {"XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path / "temporary")}
    code = RUN_A_KERNEL + "import os; print(os.environ['NUMBA_CACHE_DIR'])"
    hits, folder = run(code, **settings)
    assert hits == "0"
    assert Path(folder).parent == tmp_path / "temporary"
    assert not list((tmp_path / "temporary").iterdir())


def test_a_numba_imported_before_is_told(tmp_path):
    code = (
        "import numba\n"
        "from simulator.engine.backends import cache\n"
        "folder = cache.prepare()\n"
        "assert numba.config.CACHE_DIR == str(folder), numba.config.CACHE_DIR"
    )
    run(code, XDG_CACHE_HOME=str(tmp_path))


def test_that_all_was_compiled_is_remembered_for_this_version_alone(fresh, monkeypatch):
    assert not cache.is_complete()
    cache.note_complete()
    assert cache.is_complete()
    monkeypatch.setattr(cache, "fingerprint", lambda: "of another version")
    assert not cache.is_complete()
