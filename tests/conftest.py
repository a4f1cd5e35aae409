"""What every test gets: no screen, no trace of the developer's own settings, and leak checks."""

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine takes its time: no test depends on how fast it is.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# Qt, Numba and platformdirs read these once, when they are first imported, and so they are set
# before any test module is.
_HOME = Path(tempfile.mkdtemp(prefix="simulator-tests-"))
for _name in ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "STATE_HOME"):
    _folder = _HOME / _name.lower()
    _folder.mkdir(mode=0o700)
    os.environ[f"XDG_{_name}"] = str(_folder)
# Kept from run to run: it holds the compiled kernels, in a folder named after their sources.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).resolve().parent.parent / ".pytest_cache/home")
os.environ.pop("NUMBA_CACHE_DIR", None)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the app
os.environ["HOME"] = os.environ["USERPROFILE"] = str(_HOME)
os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """What is given no seed draws one: each test begins alike, whichever ran before it."""
    from simulator.engine.seeds import set_random_seed  # noqa: PLC0415 - after what is set above

    set_random_seed(1)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    threads, windows = set(_threads()), set(_windows())
    yield
    left_threads = [thread for thread in _threads() if thread not in threads]
    for thread in left_threads:
        # One that is on its way out is let go; one that still works after that was forgotten.
        thread.join(timeout=10)
    forgotten = [thread.name for thread in left_threads if thread.is_alive()]
    assert not forgotten, f"threads still at work after the test: {', '.join(forgotten)}"
    shown = [window for number, window in _windows().items() if number not in windows]
    assert not shown, f"windows still shown after the test: {', '.join(shown)}"


def _threads() -> list[threading.Thread]:
    # A QThread that has run Python code stays listed as a dummy for good, ended or not. Qt itself
    # aborts when one is destroyed at work.
    return [
        thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    ]


def _windows() -> dict[int, str]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    return {
        id(window): f"{type(window).__name__} {window.windowTitle()!r}"
        for window in widgets.QApplication.topLevelWidgets()
        if window.isVisible()
    }
