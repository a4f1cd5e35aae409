"""Looking takes no more than its share of the time."""

import pytest

from simulator.lab import Pace


@pytest.mark.parametrize(("cost", "expected"), [(0.0001, 30), (0.01, 8), (0.2, 1)])
def test_looks_keep_to_their_share(cost, expected):
    pace, now, looks, end = Pace(share=0.08, most=30), 0.0, 0, 10.0
    while now < end:
        if pace.due(now):
            looks += 1
            pace.looked(now, cost)
            now += cost
        left = pace.seconds_left(now)
        assert left > 0
        now += left + 1e-9
    assert looks / end == pytest.approx(expected, rel=0.6)
    assert looks * cost <= 0.08 * end + cost
    assert looks <= 30 * end + 1
