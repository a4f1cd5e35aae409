"""Where the texts, fonts, icons and sample images are, however the simulator was installed.

In a checkout they lie in the top-level folder ``resources/``. The wheel, and a frozen app built
from it, carries the same tree inside the package as ``simulator/_resources/``.
"""

from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).resolve().parent
_PACKED = _PACKAGE / "_resources"
_CHECKOUT = _PACKAGE.parent / "resources"


def path(name: str) -> Path:
    """Return the file or folder ``name`` of the resources.

    ``name`` is relative and its parts are separated by ``/`` on every system, for example
    ``"fonts/Inter-Regular.ttf"``.

    Raises ``ValueError`` if ``name`` is absolute or climbs out with ``..``, and
    ``FileNotFoundError`` if this installation has no such file.
    """
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"a resource is named by a relative path without '..', not {name!r}")
    root = _PACKED if _PACKED.is_dir() else _CHECKOUT
    found = root / parts
    if not found.exists():
        raise FileNotFoundError(
            f"the simulator's file {name!r} is missing in {root}: install the simulator again"
        )
    return found
