"""Views in turn: each as often as its cost allows, and all of them within their time."""

import pytest

from simulator.lab import VIEWS, Wanted
from simulator.lab.looking import look
from simulator.lab.rota import Rota, groups
from tests.lab.test_looking import pictures


def _know(rota: Rota, costs: dict) -> None:
    rota.note(dict.fromkeys(costs, 9.0))  # the first time does not count
    rota.note(costs)


def test_views_of_one_pass_are_put_together():
    found = groups(frozenset(VIEWS))
    assert frozenset(("standing", "confusion")) in found
    assert sorted(view for group in found for view in group) == sorted(VIEWS)
    assert groups(frozenset(("confusion", "sample"))) == ({"confusion"}, {"sample"})


def test_what_was_never_computed_is_due():
    assert Rota().due(frozenset(VIEWS), 0.0) == frozenset(VIEWS)


def test_the_cheap_come_every_time_and_the_costly_in_turn():
    rota = Rota()
    costs = {"curves": 0.001, "sample": 0.001, "standing": 0.008, "histograms": 0.016}
    views = frozenset(costs)
    _know(rota, costs)
    looks = [rota.due(views, 0.006) for _ in range(240)]
    counts = {view: sum(view in look for look in looks) for view in views}
    # 4 of the 6 ms are left for the two that cost more, half for each.
    assert counts == {"curves": 240, "sample": 240, "standing": 60, "histograms": 30}
    assert sum(costs[view] * count for view, count in counts.items()) <= 240 * 0.006


def test_with_time_enough_all_come_every_time():
    rota = Rota()
    _know(rota, {"curves": 0.001, "standing": 0.004})
    both = frozenset(("curves", "standing"))
    assert all(rota.due(both, 0.0051) == both for _ in range(9))


def test_with_too_little_time_for_the_cheapest_looks_stay_within_it():
    rota = Rota()
    _know(rota, {"curves": 0.01})
    due = [bool(rota.due(frozenset(("curves",)), 0.001)) for _ in range(40)]
    assert sum(due) == 4


def test_what_is_not_due_is_what_it_was():
    line, _, _ = pictures(steps=2)
    wanted = Wanted(frozenset(("standing", "curves")))
    first = look(line, wanted)
    line.advance()
    second = look(line, wanted, before=first, due=frozenset(("curves",)))
    assert second.standing is first.standing
    assert second.step == first.step + 1
    assert second.curves[0, "batch_loss"].steps[-1] == second.step
    assert set(second.costs) == {"curves"}
    fresh = look(line, wanted)
    assert fresh.standing.loss != pytest.approx(first.standing.loss)


def test_what_showing_takes_counts_like_what_computing_takes():
    rota = Rota()
    _know(rota, {"curves": 0.001, "sample": 0.001})
    rota.note_shown({"sample": 0.007})
    views = frozenset(("curves", "sample"))
    looks = [rota.due(views, 0.003) for _ in range(120)]
    assert sum("curves" in look for look in looks) == 120
    assert sum("sample" in look for look in looks) == 30


def test_weights_that_are_wanted_whole_take_turns_too():
    line, _, _ = pictures(steps=2)
    name = next(iter(line.model.weights))
    wanted = Wanted(frozenset(("curves",)), arrays=(name,))
    assert wanted.all_views == {"curves", "arrays"}
    first = look(line, wanted)
    line.advance()
    between = look(line, wanted, before=first, due=frozenset(("curves",)))
    assert between.arrays is first.arrays
    after = look(line, wanted, before=first, due=frozenset(("arrays",)))
    assert (after.arrays[name] == line.model.weights[name]).all()
    assert (after.arrays[name] != first.arrays[name]).any()


def test_no_view_waits_for_ever():
    rota = Rota()
    _know(rota, {"standing": 5.0})
    due = [bool(rota.due(frozenset(("standing",)), 0.001)) for _ in range(480)]
    assert sum(due) == 4


def test_of_views_that_wait_no_longer_one_comes_with_each_look():
    rota = Rota()
    costs = {"standing": 5.0, "histograms": 9.0, "sample": 7.0, "curves": 0.0001}
    _know(rota, costs)
    looks = [rota.due(frozenset(costs), 0.001) for _ in range(480)]
    assert all("curves" in look for look in looks)
    costly = [look - {"curves"} for look in looks]
    assert max(map(len, costly)) == 1
    counts = {view: sum(view in look for look in looks) for view in costs}
    assert all(3 <= counts[view] <= 4 for view in ("standing", "histograms", "sample"))


def test_a_look_without_time_takes_nothing_from_what_was_saved_up():
    rota = Rota()
    _know(rota, {"standing": 0.01})
    views = frozenset(("standing",))
    for _ in range(9):
        assert not rota.due(views, 0.001)
    for _ in range(20):
        assert not rota.due(views, -0.05)
    assert rota.due(views, 0.001) == views
