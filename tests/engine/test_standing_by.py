"""Helpers that stand by for the next call look again and again: only as many as have a core."""

import threading

import numpy as np
import pytest

from simulator.engine.backends import cpu_sharing
from simulator.engine.backends.cpu_sharing import JOB, StandBy, stand_by

LIKE = np.float32(0)


def test_no_more_stand_by_than_have_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    standing: list[int] = []
    monkeypatch.setattr(cpu_sharing, "stand_by", lambda *_: standing.append(len(StandBy._all)))
    monkeypatch.setattr(cpu_sharing, "_MOST", 2)
    monkeypatch.setattr(StandBy, "_all", [StandBy(LIKE)])
    StandBy(LIKE).wait()
    assert standing == [2]
    StandBy._all.append(StandBy(LIKE))
    StandBy(LIKE).wait()
    assert standing == [2], "a third one would take the time of others"
    assert len(StandBy._all) == 2


def test_who_stands_by_leaves_when_others_have_the_cores() -> None:
    mail, working = np.zeros(2 * JOB, np.int64), np.zeros(32, np.int64)
    stand_by(mail, 0, LIKE, working, 1)  # compiles it
    working[0] = 1
    helper = threading.Thread(target=stand_by, args=(mail, 1 << 33, LIKE, working, 1), daemon=True)
    helper.start()
    helper.join(timeout=5)
    assert not helper.is_alive()
    assert mail[0] == 0, "it can't be called any more"
