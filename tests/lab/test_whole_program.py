"""What the knobs show and change of a whole program."""

import pytest

from simulator.formats.keras_reader import read
from simulator.formats.presets import PRESETS
from simulator.formats.program import ProgramSpec
from simulator.lab.presenting import whole_program as whole

CHAIN = """model = Sequential([Input((8,)), Dense(6, activation="{0}"), {1}
  Dense(4, activation="{0}"), Dense(3, activation="softmax")])
"""


def program(source: str) -> ProgramSpec:
    found = read(source).program
    assert found is not None
    return found


def test_a_network_that_was_made_linear_can_be_bent_again() -> None:
    bent = program(CHAIN.format("tanh", ""))
    assert whole.activation(bent) == "tanh"
    linear = whole.with_activation(bent, "linear")
    assert whole.has_activation(linear)
    assert whole.activation(linear) == "linear"
    again = whole.with_activation(linear, "relu")
    assert [layer.arguments.get("activation") for layer in again.network.layers] == [
        "relu",
        "relu",
        "softmax",
    ]


def test_a_layer_that_is_linear_among_others_stays_so() -> None:
    mixed = program(CHAIN.format("tanh", "Dense(2),"))
    changed = whole.with_activation(mixed, "relu")
    given = [layer.arguments.get("activation") for layer in changed.network.layers]
    assert given == ["relu", None, "relu", "softmax"] or given[1] == "linear"
    assert given[0] == given[2] == "relu"


@pytest.mark.parametrize("identity", ["autoencoder", "autoencoder-28", "denoising-autoencoder"])
def test_what_comes_out_through_a_reshape_is_no_hidden_layer(identity: str) -> None:
    preset = PRESETS[identity].program
    assert whole.activation(preset) == "relu", "the pixels' sigmoid is none of them"
    changed = whole.with_activation(preset, "tanh")
    last = [layer for layer in changed.network.layers if layer.kind == "Dense"][-1]
    assert last.arguments["activation"] == "sigmoid"


@pytest.mark.parametrize("identity", ["adding-lstm", "names", "plane", "blobs"])
def test_without_a_hidden_layer_there_is_nothing_to_change(identity: str) -> None:
    preset = PRESETS[identity].program
    assert not whole.has_activation(preset)
    assert whole.activation(preset) == whole.NOWHERE
    assert whole.with_activation(preset, "relu") == preset
