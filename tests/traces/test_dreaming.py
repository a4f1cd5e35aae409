import numpy as np
import pytest

from simulator.engine.rbm import BernoulliRBM
from simulator.traces.dreaming import DreamTrace
from simulator.traces.formula import Fact
from tests.traces.invariants import check_level

FACT = Fact("Model", "1")


def machine(seed=0):
    rbm = BernoulliRBM(6, 4, stddev=1.5, seed=seed)
    rng = np.random.default_rng(seed)
    for name in ("visible_bias", "hidden_bias"):
        rbm.weights[name][...] = rng.normal(0, 1, rbm.weights[name].shape)
    return rbm


def picture(missing):
    x = np.array([[1, 0, 1], [0, 0, 1]], dtype=np.float32)
    for cell in missing:
        x[cell] = np.nan
    return x


def traced(missing, *, steps=5, chains=2, seed=1):
    return DreamTrace(machine(), picture(missing), chains=chains, steps=steps, seed=seed, fact=FACT)


@pytest.mark.parametrize("missing", [[], [(0, 0)], [(0, 1), (1, 2), (1, 0)]])
def test_every_trace_keeps_to_the_invariants(missing):
    check_level(traced(missing))


def test_known_cells_stay_as_they_are():
    trace = traced([(0, 1), (1, 2)], steps=40)
    kept = trace.arrays["visible"].values[:, 0]
    known = ~np.isnan(picture([(0, 1), (1, 2)]))
    assert (kept[:, known] == picture([])[known]).all()
    assert len({bytes(each.tobytes()) for each in kept}) > 1
    np.testing.assert_array_equal(trace.arrays["estimate"].values[-1][known], picture([])[known])


def test_the_estimate_comes_to_what_enumeration_says():
    gaps = [(0, 1), (1, 2)]
    trace = traced(gaps, steps=6000)
    rbm, x = trace.machine, picture([])
    states = []
    for first in (0, 1):
        for second in (0, 1):
            filled = x.copy()
            filled[0, 1], filled[1, 2] = first, second
            states.append(filled.reshape(-1))
    weights = np.exp(-rbm.free_energy(np.array(states, np.float32)).astype(np.float64))
    weights /= weights.sum()
    expected = weights @ np.array(states)
    found = trace.arrays["estimate"].values[-1].reshape(-1)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_a_step_back_shows_the_same_flips_and_another_seed_others():
    first, again, other = traced([(0, 0)]), traced([(0, 0)]), traced([(0, 0)], seed=2)
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(array.values, again.arrays[name].values)
    draws = first.arrays["visible_draws"].values, other.arrays["visible_draws"].values
    assert (draws[0] != draws[1]).all()


def test_what_is_told_speaks_of_a_missing_cell():
    trace = traced([(1, 0)])
    assert trace.looked_at == (1, 0)
    assert "cell (1, 0)" in str(trace.explain(3).sentence)
    assert "paint over the picture" in str(traced([]).explain(0).sentence)
