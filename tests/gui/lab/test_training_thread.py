"""The training's thread comes after the window's, however nice the process is itself."""

import os
import sys
import threading

import pytest

from simulator.gui.lab import training_thread


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no niceness")
def test_a_thread_of_a_nice_process_is_nicer_still(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "getpriority", lambda _kind, _who: 12)
    monkeypatch.setattr(os, "setpriority", lambda _kind, who, nice: asked.append((who, nice)))
    training_thread._give_way()
    assert asked == [(threading.get_native_id(), 22)], "Linux makes the most of it, which is 19"
