"""Folded lines mean what the long one meant, and fit."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.folding import folded
from simulator.formats.keras_writer import WIDTH, write
from simulator.formats.presets import PRESETS

_NAMES = st.sampled_from(["x", "units", "learning_rate", "layers.Dense", '"a, (b"', "'it\\'s ['"])


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=4).map(", ".join)
    return st.one_of(
        arguments.map(lambda told: f"f.made({told})"),
        arguments.map(lambda told: f"[{told}]"),
        inner.map(lambda told: f"(({told}) > 0).shape"),
    )


@given(st.recursive(_NAMES, _calls, max_leaves=12), st.integers(8, 60))
def test_the_same_is_meant(told: str, width: int) -> None:
    lines = folded(f"y = {told}", width)
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(f"y = {told}"))
    assert all(line == line.rstrip() for line in lines)


def test_what_goes_on_is_indented() -> None:
    line = "    model.fit(x, y, epochs=30, callbacks=[Stop(patience=3, monitor='loss')])"
    assert folded(line, 40) == [
        "    model.fit(x, y, epochs=30,",
        "        callbacks=[Stop(patience=3,",
        "            monitor='loss')])",
    ]
    assert folded(line, 100) == [line]
    assert folded("# " + line, 40) == ["# " + line]


@pytest.mark.parametrize("preset", [each for each in PRESETS.values() if each.program.data is None])
def test_programs_fit_the_column(preset: object) -> None:
    source = write(preset.program)  # type: ignore[attr-defined]
    assert max(map(len, source.split("\n"))) <= WIDTH
