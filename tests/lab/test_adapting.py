"""Programs made to fit a data set train on it, whatever they were written for."""

import pytest

from simulator.data.datasets import make
from simulator.formats.keras_reader import read
from simulator.formats.keras_writer import write
from simulator.formats.presets import PRESETS
from simulator.lab import Experiment, LabError
from simulator.lab.adapting import adapted, suited
from tests.lab.programs import digits, moons, plane


@pytest.mark.parametrize(
    ("data", "settings", "last", "loss"),
    [
        ("circle", {}, (1, "sigmoid"), "binary_crossentropy"),
        ("blobs", {"classes": 4}, (4, "softmax"), "sparse_categorical_crossentropy"),
        ("plane", {}, (1, "linear"), "mse"),
        ("digits", {}, (10, "softmax"), "sparse_categorical_crossentropy"),
    ],
)
@pytest.mark.parametrize("program", [moons()[0], plane()[0]], ids=["classes", "numbers"])
def test_last_layer_and_loss_become_those_of_the_data(program, data, settings, last, loss):
    dataset = make(data, settings)
    found = adapted(program, dataset)
    layer = found.network.layers[-1]
    assert (layer.arguments["units"], layer.arguments["activation"]) == last
    assert found.compile.loss == loss
    Experiment(found, dataset).run_for(batches=1)
    assert adapted(found, dataset) == found, "what fits is left as it is"


def test_pictures_are_made_flat_for_a_dense_network():
    found = adapted(moons()[0], make("digits"))
    assert [layer.kind for layer in found.network.layers][:2] == ["Flatten", "Dense"]
    assert found.network.inputs[0].shape == (8, 8, 1)
    assert found.compile.metrics == ("accuracy",)


def test_a_categorical_loss_stays_one():
    program, _ = digits()
    found = adapted(program, make("typed-digits", {"samples": 40}))
    assert found.compile.loss == "categorical_crossentropy"
    assert found.network.inputs[0].shape == (28, 28, 1)


def test_what_cannot_be_changed_is_told():
    with pytest.raises(LabError, match="begins with Conv2D can’t take samples of the shape 2"):
        adapted(digits()[0], make("circle"))


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ("circle", {}), ("plane", {}), ("digits", {}), ("digits", {"targets": "itself"}),
        ("sine", {}), ("delayed-copy", {}), ("names", {}), ("shapes", {}), ("reviews", {}),
        ("names", {"encoding": "numbers"}),
    ],
)  # fmt: skip
def test_a_small_network_suits_every_kind_of_data(data, settings):
    dataset = make(data, settings)
    Experiment(suited(dataset), dataset).run_for(batches=1)


def test_presets_already_fit_their_data():
    for name in ("circle", "digits-cnn", "noisy-wave", "autoencoder"):
        preset = PRESETS[name]
        dataset = make(preset.dataset, preset.settings, preset.data_seed)
        assert adapted(preset.program, dataset).network.outputs == preset.program.network.outputs


@pytest.mark.parametrize(
    ("targets", "heads", "losses"),
    [
        ("kind;mass", {"kind": 3, "mass": 1}, ["sparse_categorical_crossentropy", "mse"]),
        ("2 high;on/off", {"target_2_high": 1, "on_off": 1}, ["mse", "binary_crossentropy"]),
    ],
)
def test_every_target_gets_an_output_of_its_own(tmp_path, targets, heads, losses):
    path = tmp_path / "table.csv"
    rows = (
        f"{n % 7},{n / 3},{n * 2.5},{('oak', 'elm', 'yew')[n % 3]},{('on', 'off')[n % 2]}\n"
        for n in range(40)
    )
    path.write_text("length,2 high,mass,kind,on/off\n" + "".join(rows))
    dataset = make("own-table", {"path": str(path), "target": targets})
    with pytest.raises(LabError, match="2 targets"):
        adapted(moons()[0], dataset)
    found = suited(dataset)
    assert {name: found.network.layer(name).arguments["units"] for name in heads} == heads
    assert list(found.compile.loss.values()) == losses
    experiment = Experiment(found, dataset)
    experiment.run_for(batches=2)
    bound = experiment.timeline.run.data
    assert len(bound.y) == 2
    assert read(write(found)).program.network == found.network
