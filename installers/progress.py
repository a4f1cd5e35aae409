"""Long commands with one moving line, and failures told in a few."""

import shlex
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

_KEPT_LINES = 20
_SHOWN_LINES = 5
# What pip wraps the cause in, and the tries before the last one.
_NOISE = (
    "×",
    "│",
    "╰─>",
    "[end of output]",
    "[notice]",
    "INFO:",
    "WARNING: Retrying",
    "hint:",
    "note:",
)


class SetupError(Exception):
    """The set-up can't go on; the message tells the user why and what to do."""


class CommandError(SetupError):
    """A command ended with an error.

    ``output`` holds the last lines it printed, oldest first; the message shows the telling ones.
    """

    def __init__(self, command: Sequence[str], returncode: int, output: Sequence[str]) -> None:
        self.output = tuple(output)
        telling = [line for line in self.output if not line.startswith(_NOISE)]
        said = "".join(f"\n    {line}" for line in telling[-_SHOWN_LINES:])
        super().__init__(
            f"{shlex.join(command)} failed (exit {returncode}){':' + said if said else '.'}"
        )


def run_quietly(
    command: Sequence[str],
    title: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> None:
    """Run ``command`` to its end and show ``title`` while it runs.

    On a terminal its latest line of output follows the title and is overwritten by the next one.
    Raises ``CommandError`` if it exits with an error, and ``SetupError`` if it can't be started.
    """
    moving = sys.stderr.isatty()
    print(title, end="" if moving else " …\n", file=sys.stderr, flush=True)
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    try:
        with subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if text := line.strip():
                    last.append(text)
                    if moving:
                        _overwrite(f"{title}: {text}")
    except OSError as error:
        raise SetupError(f"{command[0]} can't be started: {error.strerror}.") from error
    finally:
        if moving:
            _overwrite("")
    if process.returncode:
        raise CommandError(command, process.returncode, last)
    if moving:
        print(f"{title}: done", file=sys.stderr)


def _overwrite(text: str) -> None:
    width = shutil.get_terminal_size().columns - 1
    print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
