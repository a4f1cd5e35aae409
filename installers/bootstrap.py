"""Set the simulator up and start it, with nothing but Python there.

The work is done in the modules beside this one. This file only looks at Python's version, and so it
is written for Pythons far older than the project's: they must be able to read the refusal.
"""

import io
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def supported(root):
    """Return the first supported (major, minor) and the first that is too new."""
    with io.open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as file:
        text = file.read()
    bounds = re.search(r'requires-python = ">=(\d+)\.(\d+),<(\d+)\.(\d+)"', text)
    numbers = [int(number) for number in bounds.groups()]
    return tuple(numbers[:2]), tuple(numbers[2:])


def supported_on_path(first, end):
    """Return the name of the newest supported Python on the search path, or None."""
    for minor in range(end[1] - 1, first[1] - 1, -1):
        name = "python%d.%d" % (end[0], minor)
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.access(os.path.join(folder, name), os.X_OK):
                return name
    return None


def refusal(root, version):
    """Return one line that says why this Python can't be used, or None if it can."""
    first, end = supported(root)
    if first <= tuple(version[:2]) < end:
        return None
    other = supported_on_path(first, end)
    needed = "Python %d.%d to %d.%d" % (first[0], first[1], end[0], end[1] - 1)
    found = "%d.%d.%d" % (version[0], version[1], version[2])
    advice = "use %s instead" % other if other else "install one of those and use it instead"
    return "The simulator needs %s, and this is %s: %s." % (needed, found, advice)


def main():
    """Hand over to the commands, unless this Python is too old or too new for them."""
    message = refusal(ROOT, sys.version_info)
    if message:
        sys.stderr.write(message + "\n")
        return 1
    sys.path.insert(0, ROOT)
    from installers import commands  # noqa: PLC0415 - an old Python can't read it

    return commands.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
