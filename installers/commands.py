"""The bootstrap's commands."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from installers import system_packages
from installers.environment import Environment
from installers.progress import SetupError

ROOT = Path(__file__).resolve().parent.parent

USAGE = """\
usage: python3 installers/bootstrap.py COMMAND [ARGUMENT…]

  run [ARGUMENT…]   set up what is missing, then open the app
  test [ARGUMENT…]  set up what is missing, then run all the tests, or what arguments tell pytest
  setup             set up what is missing for work without a window
  check             list what is missing, and change nothing

The set-up goes into the folder .venv beside README.md. On Debian and its relatives, missing system
packages are installed if this runs as root; otherwise it prints the command that installs them.
"""

_WITHOUT_WINDOW = [*system_packages.VENV, *system_packages.PICTURES]
_NEEDS = {
    "setup": _WITHOUT_WINDOW,
    "run": [*_WITHOUT_WINDOW, *system_packages.WINDOW],
    "test": [*_WITHOUT_WINDOW, *system_packages.WINDOW, *system_packages.TEST_TOOLS],
}
_EXTRAS = {"setup": "", "run": "", "test": "test"}
# A file's tests share what was made for the first of them, so they stay in one process.
_ALL_TESTS = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit status."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", ())
    if command in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0
    if command not in {*_NEEDS, "check"}:
        wrong = f"there is no command {command!r}" if command else "a command is missing"
        print(f"bootstrap.py: {wrong}; one of run, test, setup, check", file=sys.stderr)
        return 2
    if rest and command in {"setup", "check"}:
        print(f"bootstrap.py: {command} takes no arguments, not {rest[0]!r}", file=sys.stderr)
        return 2
    try:
        return _carry_out(command, rest)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


def _carry_out(command: str, rest: Sequence[str]) -> int:
    environment = Environment(ROOT)
    if command == "check":
        return _check(environment)
    system_packages.require(_NEEDS[command])
    environment.prepare(_EXTRAS[command])
    if command == "setup":
        return 0
    if command == "test":
        os.chdir(ROOT)
        return _become(str(environment.python), "-m", "pytest", *(rest or _ALL_TESTS))
    # -P: a file of the learner's folder must not be taken for one of Python's modules.
    return _become(str(environment.python), "-P", "-m", "simulator", "run", *rest)


def _become(*command: str) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    # There, a program that replaces itself gives the prompt back before its successor ends.
    return subprocess.call(command)


def _check(environment: Environment) -> int:
    complete = True
    for command, needs in _NEEDS.items():
        lacking = [
            f"{need.name} (Debian: {need.package})" for need in system_packages.missing(needs)
        ]
        if not environment.is_ready(_EXTRAS[command]):
            extra = _EXTRAS[command]
            lacking.append(f"the Python packages{f' for {extra}' if extra else ''} in .venv")
        print(f"{command}: {'missing ' + ', '.join(lacking) if lacking else 'ready'}")
        complete = complete and not lacking
    return 0 if complete else 1
