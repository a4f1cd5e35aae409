"""What the bar of `fit` shows, by a clock that is set."""

import io

import pytest

from simulator.engine.progress import Progress


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.0, "0s 0us/step"), (0.005, "0s 500us/step"), (0.26, "0s 26ms/step"), (21, "21s 2s/step")],
)
def test_a_step_takes_seconds_milliseconds_or_microseconds(seconds, told):
    times = iter([100.0, 100.0 + seconds])
    stream = io.StringIO()
    progress = Progress(3, stream, bar=True, clock=lambda: next(times))
    progress.epoch_begin(0, 10)
    progress.epoch_end({"loss": 0.25, "accuracy": 1e-5})
    bar = "━" * 20
    assert stream.getvalue() == (
        f"Epoch 1/3\n\r10/10 {bar} {told} - accuracy: 1.0000e-05 - loss: 0.2500\n"
    )


def test_the_bar_is_redrawn_twenty_times_a_second_at_most():
    now = [0.0]
    stream = io.StringIO()
    progress = Progress(1, stream, bar=True, clock=lambda: now[0])
    progress.epoch_begin(0, 100)
    for batch in range(100):
        now[0] += 0.01
        progress.batch_end(batch, {"loss": 1.0})
    assert 18 <= stream.getvalue().count("\r") <= 21
