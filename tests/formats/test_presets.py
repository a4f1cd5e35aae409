"""Every preset fits its data set, and trains."""

import numpy as np
import pytest

from simulator.data.datasets import make
from simulator.formats import made_data
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.formats.presets import PRESETS
from simulator.lab import Experiment
from simulator.lab.projects import own_data

LARGE = ("vgg16-frozen", "colour-pictures-128")


@pytest.mark.parametrize(
    "identity",
    [pytest.param(i, marks=pytest.mark.slow) if i in LARGE else i for i in PRESETS],
)
def test_a_preset_trains_on_its_data(identity: str) -> None:
    preset = PRESETS[identity]
    own = own_data(preset.program)
    if own is None:
        dataset = make(preset.dataset, preset.settings, preset.data_seed)
        experiment = Experiment(preset.program, dataset)
        assert dataset.input_shape == preset.program.network.inputs[0].shape
    else:
        experiment = Experiment(preset.program, arrays=own)
    before = {name: weight.copy() for name, weight in experiment.model.weights.items()}
    events = list(experiment.run_for(batches=1))
    assert events
    changed = [not np.array_equal(before[n], w) for n, w in experiment.model.weights.items()]
    assert any(changed)


def test_presets_that_make_their_data_write_it() -> None:
    found = [each for each in PRESETS.values() if each.program.data is not None]
    assert len(found) == 2
    for preset in found:
        data, again = preset.program.data, read(write(preset.program)).program
        assert data is not None
        assert again is not None
        assert again.data is not None
        for one, other in ((data.x, again.data.x), (data.y, again.data.y)):
            np.testing.assert_array_equal(made_data.compute(one, 1), made_data.compute(other, 1))


def test_seven_programs_are_the_courses() -> None:
    assert sum(preset.group == "Course" for preset in PRESETS.values()) == 7
