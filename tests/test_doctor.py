import os
import platform
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from installers import system_packages
from simulator import __version__, doctor, resources
from simulator.doctor import Library, examine, missing_libraries, report
from simulator.engine.backends import cache, select

ROOT = Path(__file__).resolve().parent.parent
ALL = (*doctor.QT_LIBRARIES, *doctor.X11_LIBRARIES, *doctor.WAYLAND_LIBRARIES)


def found() -> dict[str, doctor.Finding]:
    findings = examine()
    by_subject = {finding.subject: finding for finding in findings}
    assert len(by_subject) == len(findings)
    return by_subject


def loading_all_but(monkeypatch, *sonames: str) -> None:
    monkeypatch.setattr(doctor, "_loads", lambda soname: soname not in sonames)


def test_versions_are_those_that_run():
    there = found()
    assert there["simulator"].text == __version__
    assert there["Python"].text == f"{platform.python_version()} (CPython)"
    assert there["numpy"].text == np.__version__
    assert there["PySide6 and Qt"].text == metadata.version("PySide6-Essentials")


def test_every_dependency_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {line.partition(">=")[0].casefold() for line in project["dependencies"]}
    assert needed <= {name.casefold() for name, _ in doctor.PACKAGES}


def test_the_engine_tells_what_it_runs_on():
    there = found()
    assert there["backend"].text.startswith(f"{select.create().name} is used")
    assert there["threading layers"].text == select.describe()["threading layers"]
    assert there["CUDA"].text == select.describe()["CUDA"]
    assert str(cache.prepare()) in there["kernel cache"].text
    assert f"of {os.cpu_count()} cores usable" in there["processor"].text


def test_no_window_toolkit_is_loaded_and_no_display_is_needed():
    script = (
        "import sys\n"
        "from simulator.cli import main\n"
        "status = main(['doctor'])\n"
        "print(*(name for name in ('PySide6', 'shiboken6') if name in sys.modules))\n"
        "sys.exit(status)\n"
    )
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    *lines, last, loaded = ran.stdout.splitlines()
    assert (last, loaded) == ("All is well.", "")
    if sys.platform.startswith("linux"):
        assert any(line.startswith("display ") and "none" in line for line in lines)


def test_a_package_that_is_missing_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", (("no-such-package", "no_such_module"),))
    finding = found()["no-such-package"]
    assert finding.text == "not installed"
    assert finding.problem.endswith("-m pip install no-such-package")


def test_a_package_without_its_papers_is_there(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", (("no-such-package", "json"),))
    finding = found()["no-such-package"]
    assert (finding.text, finding.problem) == ("there, version unknown", "")


def test_an_engine_that_cannot_be_loaded_is_a_problem(monkeypatch):
    def broken() -> None:
        raise OSError("Could not find/load shared\nobject file")

    monkeypatch.setattr(select, "create", broken)
    finding = found()["backend"]
    assert finding.text == "not usable"
    assert "(Could not find/load shared object file)" in finding.problem


@pytest.mark.parametrize("subject", ["cache folder", "config folder"])
def test_folders_are_told_and_whether_they_can_be_written(monkeypatch, tmp_path, subject):
    place = tmp_path / "not" / "there yet"
    monkeypatch.setattr(cache, "user_folder", lambda: place)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: place)
    finding = found()[subject]
    assert finding.text == f"{place} (writable, made when needed)"
    assert not place.parent.exists()
    place.mkdir(parents=True)
    assert found()[subject].text == f"{place} (writable)"
    assert list(place.iterdir()) == []
    place.rmdir()
    place.touch()  # what stands there is no folder
    finding = found()[subject]
    assert finding.text == f"{place} (not writable)"
    assert str(place) in finding.problem


def test_a_place_relative_to_nowhere_is_not_writable(monkeypatch):
    monkeypatch.setattr(cache, "user_folder", lambda: Path("~/.cache/somewhere"))
    assert "not writable" in found()["cache folder"].text


def test_the_kernel_cache_tells_how_full_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert found()["kernel cache"].text.startswith("empty: ")
    (tmp_path / "cpu_abc").mkdir()
    for number in range(3):
        (tmp_path / "cpu_abc" / f"kernel-{number}.nbc").write_bytes(bytes(500_000))
        (tmp_path / "cpu_abc" / f"kernel-{number}.nbi").write_bytes(bytes(10))
    assert found()["kernel cache"].text == f"3 compiled kernels, 1.5 MB, in {tmp_path}"


def test_resources_that_are_missing_are_a_problem(monkeypatch, tmp_path):
    assert found()["resources"].text == str(resources.path("fonts").parent)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "play.svg").touch()

    def path(name: str) -> Path:
        return tmp_path / name

    monkeypatch.setattr(resources, "path", path)
    assert "(fonts, lessons, pictures)" in found()["resources"].problem


# Libraries


def test_the_libraries_are_those_that_the_bootstrap_installs():
    needs = [*system_packages.PICTURES, *system_packages.WINDOW]
    packages = {need.name: need.package for need in needs}
    for library in ALL:
        assert packages[library.soname] == library.package
    assert len({library.soname for library in ALL}) == len(ALL)


def test_what_can_be_loaded_is_not_missing(monkeypatch):
    loading_all_but(monkeypatch)
    assert missing_libraries(system="linux") == []
    assert found()["system libraries"].problem == ""


def test_the_loader_itself_is_asked():
    assert not doctor._loads("libno-such-library.so.9")
    if sys.platform.startswith("linux"):
        assert doctor._loads("libc.so.6")


def test_missing_libraries_are_named_with_what_to_do(monkeypatch):
    loading_all_but(monkeypatch, "libxcb-cursor.so.0", "libgthread-2.0.so.0", "libEGL.so.1")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(
        doctor.missing_libraries, "__kwdefaults__", {"window": True, "system": "linux"}
    )
    finding = found()["system libraries"]
    assert finding.text == "missing libEGL.so.1, libgthread-2.0.so.0, libxcb-cursor.so.0"
    assert finding.problem.endswith(": apt-get install libegl1 libglib2.0-0 libxcb-cursor0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert ": sudo apt-get install " in found()["system libraries"].problem


def test_other_systems_get_the_names_alone(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    told = doctor.how_to_install([Library("libxcb-cursor.so.0", "libxcb-cursor0")])
    assert told == "install them; Debian calls their packages libxcb-cursor0"


def test_wayland_does_without_x11_and_the_other_way_round(monkeypatch):
    x11, wayland = doctor.X11_LIBRARIES[1].soname, doctor.WAYLAND_LIBRARIES[0].soname
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    loading_all_but(monkeypatch, wayland)
    assert missing_libraries(system="linux") == []
    loading_all_but(monkeypatch, x11)
    assert [library.soname for library in missing_libraries(system="linux")] == [x11]
    assert missing_libraries(window=False, system="linux") == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert missing_libraries(system="linux") == []
    loading_all_but(monkeypatch, x11, wayland)
    assert [library.soname for library in missing_libraries(system="linux")] == [x11]


def test_off_linux_nothing_is_looked_for(monkeypatch):
    loading_all_but(monkeypatch, *(library.soname for library in ALL))
    assert missing_libraries(system="darwin") == missing_libraries(system="win32") == []


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_a_display_is_what_the_environment_names(monkeypatch, name):
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(other, raising=False)
    assert not doctor.has_display("linux")
    assert doctor.has_display("darwin")
    monkeypatch.setenv(name, "")
    assert not doctor.has_display("linux")
    monkeypatch.setenv(name, "something")
    assert doctor.has_display("linux")


def test_the_report_ends_with_what_there_is_to_do():
    lines = report(
        [
            doctor.Finding("a", "1", "Do this."),
            doctor.Finding("long", "2"),
            doctor.Finding("b", "3", "And that."),
        ]
    )
    assert lines == ["a     1", "long  2", "b     3", "", "Do this.", "And that."]
