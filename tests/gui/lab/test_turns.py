"""Parts in turn: one at each go of the window, and what each of them took."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from simulator.gui.lab.turns import Turns


def test_parts_are_done_in_order_and_what_they_take_is_told_once(qapp: QApplication) -> None:
    owner, done, ended = QObject(), list[str](), list[bool]()
    turns = Turns(owner)
    turns.done.connect(lambda: ended.append(True))
    turns.take(((name, lambda name=name: done.append(name)) for name in "aba"), at_once=False)
    assert turns.busy
    assert not done
    while turns.busy:
        qapp.processEvents()
    assert (done, ended) == (["a", "b", "a"], [True])
    costs = turns.costs()
    assert set(costs) == {"a", "b"}
    assert min(costs.values()) >= 0
    assert turns.costs() == {}


def test_all_at_once_are_done_at_once(qapp: QApplication) -> None:
    del qapp
    owner, done = QObject(), list[str]()
    turns = Turns(owner)
    turns.take([("a", lambda: done.append("a"))], at_once=True)
    assert done == ["a"]
    assert not turns.busy
    assert turns.costs() == {}
