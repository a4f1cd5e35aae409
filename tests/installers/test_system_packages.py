"""Which system packages are found missing, and what is then done."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from installers import system_packages
from installers.progress import CommandError, SetupError
from installers.system_packages import PICTURES, TEST_TOOLS, VENV, WINDOW, Need, missing, require


class System:
    """A Debian-like system of our own making, on which apt-get works or does not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there: set[str] = set()
        self.lists = True
        self.ran: list[str] = []
        self.refused: list[str] = []  # beginnings of commands that fail once
        self.archive = {"liba1": {"liba.so.1", "liba-extra.so.1"}, "toolbox": {"tool"}}
        monkeypatch.setattr(system_packages, "run_quietly", self.run)
        monkeypatch.setattr(system_packages, "_apt_has_lists", lambda: self.lists)
        monkeypatch.setattr(system_packages, "_debian_like", lambda: True)
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    def run(
        self,
        command: Sequence[str],
        title: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        assert environment is not None
        assert environment["DEBIAN_FRONTEND"] == "noninteractive"
        line = " ".join(word for word in command if word not in {"-o", "DPkg::Lock::Timeout=120"})
        self.ran.append(line)
        for beginning in self.refused:
            if line.startswith(beginning):
                self.refused.remove(beginning)
                raise CommandError(command, 100, ["E: 404 Not Found"])
        if command[1] == "update":
            self.lists = True
        else:
            for package in command:
                self.there |= self.archive.get(package, set())

    @property
    def needs(self) -> list[Need]:
        return [
            Need("liba.so.1", "liba1", self.there.__contains__),
            Need("liba-extra.so.1", "liba1", self.there.__contains__),
            Need("tool", "toolbox", self.there.__contains__),
        ]


INSTALL = "apt-get install -y --no-install-recommends"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    return System(monkeypatch)


def test_nothing_is_done_when_all_is_there(system: System) -> None:
    system.there = {"liba.so.1", "liba-extra.so.1", "tool"}
    require(system.needs)
    assert system.ran == []


def test_root_gets_what_is_missing_installed(system: System) -> None:
    system.there = {"tool"}
    require(system.needs)
    assert system.ran == [f"{INSTALL} liba1"]


def test_empty_lists_are_read_first(system: System) -> None:
    system.lists = False
    require(system.needs)
    assert system.ran == ["apt-get update", f"{INSTALL} liba1 toolbox"]


def test_stale_lists_are_read_again(system: System) -> None:
    system.refused = [INSTALL]
    require(system.needs)
    assert system.ran == [
        f"{INSTALL} liba1 toolbox",
        "apt-get update",
        f"{INSTALL} liba1 toolbox",
    ]


def test_a_failure_of_apt_is_passed_on(system: System) -> None:
    system.refused = [INSTALL, INSTALL]
    with pytest.raises(SetupError, match=r"(?s)apt-get install .*failed.*404 Not Found"):
        require(system.needs)


def test_what_is_still_missing_after_an_installation_is_named(system: System) -> None:
    system.archive["liba1"] = {"liba.so.1"}
    with pytest.raises(SetupError, match=r"still lacks liba-extra\.so\.1\."):
        require(system.needs)


@pytest.mark.parametrize(
    ("lists", "command"),
    [
        (True, f"sudo {INSTALL} liba1 toolbox"),
        (False, f"sudo apt-get update && sudo {INSTALL} liba1 toolbox"),
    ],
)
def test_others_get_the_command(
    system: System, monkeypatch: pytest.MonkeyPatch, lists: bool, command: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    system.lists = lists
    with pytest.raises(SetupError) as refusal:
        require(system.needs)
    first, *_, last = str(refusal.value).splitlines()
    assert first == "This system lacks liba.so.1, liba-extra.so.1, tool."
    assert last == command
    assert system.ran == []


def test_elsewhere_the_names_are_given(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "_debian_like", lambda: False)
    with pytest.raises(SetupError, match=r"(?s)lacks liba\.so\.1, .*Debian's .*: liba1 toolbox$"):
        require(system.needs)
    assert system.ran == []


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_off_linux_nothing_is_looked_for(system: System, platform: str) -> None:
    assert missing(system.needs, platform) == []
    assert missing(system.needs, "linux") == system.needs


def test_a_library_is_looked_for_as_the_loader_does() -> None:
    libraries = [
        Need("libc.so.6", "libc6", PICTURES[0].present),
        Need("libnowhere.so.9", "libnowhere9", PICTURES[0].present),
    ]
    assert [need.name for need in missing(libraries, "linux")] == ["libnowhere.so.9"]


def test_what_a_small_debian_lacks_is_asked_for() -> None:
    packages = {need.package for need in [*VENV, *PICTURES, *WINDOW, *TEST_TOOLS]}
    # Those that Qt's own messages do not name, or name wrongly.
    assert packages >= {"libegl1", "libgomp1", "libxcb-cursor0", "libxkbcommon-x11-0", "xvfb"}
