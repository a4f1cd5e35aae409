"""A screen where there is none: Xvfb, an X server that paints in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


class NoDisplayServerError(RuntimeError):
    """Xvfb is not installed, or did not start."""


@contextmanager
def virtual_display(width: int, height: int) -> Iterator[str]:
    """Run an X server with a screen of this many pixels; yield its name, such as ":1".

    The server picks a free number itself, and says so once it takes connections.

    Raises:
        NoDisplayServerError: there is no Xvfb, or it did not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise NoDisplayServerError("Xvfb is missing: install the system package xvfb.")
    told, tell = os.pipe()
    screen = ("-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp")
    with subprocess.Popen(
        [program, "-displayfd", str(tell), *screen], pass_fds=(tell,), stderr=subprocess.PIPE
    ) as server:
        os.close(tell)
        try:
            with os.fdopen(told) as answer:
                number = answer.readline().strip()  # ends without a line if the server gives up
            if not number:
                assert server.stderr is not None
                reason = server.stderr.read().decode(errors="replace").strip()
                raise NoDisplayServerError(f"Xvfb did not start: {reason}")
            yield f":{number}"
        finally:
            server.terminate()
