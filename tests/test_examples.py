"""Every example runs, has as many parameters as Keras counts, and learns."""

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
PARAMETERS = {
    "colour_pictures_64": 1_626_442,
    "colour_pictures_128": 3_077_992,
    "digits_cnn": 693_962,
    "sequence_classes_lstm": 66_689,
    "sequence_classes_rnn": 1_345,
    "wave_forecast_lstm": 10_451,
    "vgg16_frozen": 14_714_688 + 25_691_136 + 262_400 + 2_570,
}


def test_every_example_is_run() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set(PARAMETERS)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == "vgg16_frozen" else name
        for name in PARAMETERS
    ],
)
def test_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = runpy.run_path(str(FOLDER / f"{name}.py"))
    losses = names["history"].history["loss"]
    assert losses[-1] < losses[0]
    assert names["model"].count_params() == PARAMETERS[name]
    assert f"{PARAMETERS[name]:,}" in capsys.readouterr().out
