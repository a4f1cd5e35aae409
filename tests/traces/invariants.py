"""What holds for every trace, at every level: the one check that each kind of trace has to pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.traces.formula import Explanation, TermState
from simulator.traces.model import Trace, TraceArray, Write
from simulator.traces.numbers import number
from simulator.traces.region import Region
from simulator.traces.staged import StagedTrace
from simulator.traces.window import WindowTrace
from tests.traces.told import plain_text

Array = NDArray[Any]

# What float32's rounding may do to a sum of some hundred terms.
TOLERANCE = {"rtol": 2e-5, "atol": 2e-5}


def check(trace: WindowTrace, output: Array) -> None:
    """Check a trace at all its levels, and its output against what it should be."""
    np.testing.assert_allclose(trace.arrays["output"].values, output, **TOLERANCE)
    for level in trace.levels:
        check_level(trace.at(level))
    check_provenance(trace)


def check_staged(trace: StagedTrace, outputs: Mapping[str, Array]) -> None:
    """Check a trace that goes part by part, and some of its arrays against the engine's."""
    for name, expected in outputs.items():
        np.testing.assert_allclose(trace.arrays[name].values, expected, **TOLERANCE)
    for level in trace.levels:
        check_level(trace.at(level))
    check_direct_provenance(trace)


def check_level(trace: Trace) -> None:
    written = {
        name: np.full(array.shape, array.given, dtype=bool) for name, array in trace.arrays.items()
    }
    for index in range(len(trace)):
        step = trace.step(index)
        assert step.index == index
        assert str(step.title)
        assert step.formula is step.writes[0].formula
        for write in step.writes:
            for source in write.sources:
                _check_readable(trace.arrays[source.array], source, written[source.array])
            _check_write(trace, write, written)
        for target in step.targets:
            np.testing.assert_array_equal(trace.written_at(target), index)
        if index in (0, len(trace) // 2, len(trace) - 1):
            _check_masks(trace, index, written)
        _check_explanation(trace, index)
    assert all(mask.all() for mask in written.values())


def _check_readable(array: TraceArray, source: Region, written: NDArray[np.bool_]) -> None:
    inside = source.inside(array.shape)
    assert written[inside.positions()].all(), f"{source} is read before it is written"
    if array.padding is None:
        assert inside.shape == source.shape, f"{source} reaches outside {array.shape}"


def _check_write(trace: Trace, write: Write, written: dict[str, NDArray[np.bool_]]) -> None:
    target, mask = write.target, written[write.target.array]
    assert not trace.arrays[target.array].given
    assert target.size > 0
    assert not mask[target.positions()].any(), f"{target} is written twice"
    mask[target.positions()] = True
    value = write.formula.value(*(trace.read(source) for source in write.sources))
    assert value.shape == target.shape
    np.testing.assert_allclose(value, trace.read(target), **TOLERANCE)
    assert write.formula.symbols


def _check_masks(trace: Trace, index: int, written: dict[str, NDArray[np.bool_]]) -> None:
    for name, mask in written.items():
        whole = Region.whole(name, mask.shape)
        np.testing.assert_array_equal(trace.written(whole, index), mask)
        # What exists once goes on existing.
        assert not (mask & ~trace.written(whole, index + 1)).any()


def _check_explanation(trace: Trace, index: int) -> None:
    told = trace.explain(index)
    assert told.result.text == number(trace.read(trace.told_cell(index)).item())
    assert told.headline
    for text in (told.sentence, told.caption, told.progress_caption, plain_text(told.headline)):
        assert str(text)
        assert "{" not in str(text)
    done, total = told.progress
    assert 1 <= done <= total
    if isinstance(trace, WindowTrace):
        place = trace.focus(index)
        for letter in ("r", "c"):
            value = {"r": place.row, "c": place.column}[letter]
            assert f"{letter} = {value}" in [piece.text for piece in told.where]
        _check_terms(trace, told, place.number if trace.level == "product" else None)
    elif isinstance(trace, StagedTrace):
        _check_view(trace, told, index)


def _check_view(trace: StagedTrace, told: Explanation, index: int) -> None:
    assert told.terms
    assert 1 <= told.columns <= 9
    if trace.level == "product":
        assert [term.state for term in told.terms].count(TermState.CURRENT) <= 1
    spot = trace.focus(index)
    part = trace.parts[spot.part]
    assert trace.spot(trace.finest_of(spot)) == spot
    view = part.view(spot.unit, spot.at, whole=trace.whole_units)
    for shown in (view.input, view.weights, view.terms, view.output):
        assert shown is None or shown.array in trace.arrays
        assert shown is None or str(shown.title)


def _check_terms(trace: WindowTrace, told: Explanation, current: int | None) -> None:
    before, after = told.elided
    assert before + len(told.terms) + after == trace.terms_per_cell
    assert before >= 0
    assert after >= 0
    assert len(told.terms) <= 27
    assert 1 <= told.columns <= 9
    states = [term.state for term in told.terms]
    if current is None:
        assert set(states) == {TermState.DONE}
        return
    at = current - before
    assert states[at] is TermState.CURRENT
    assert set(states[:at]) <= {TermState.DONE}
    assert set(states[at + 1 :]) <= {TermState.PENDING}


def check_provenance(trace: Trace) -> None:
    """Each output cell's sources are exactly the given cells that name it as their dependant."""
    shape = trace.arrays["output"].shape
    forwards: dict[tuple[str, tuple[int, ...]], set[tuple[int, ...]]] = defaultdict(set)
    for output in Region.whole("output", shape).cells():
        for region in trace.sources("output", output):
            array = trace.arrays[region.array]
            assert array.given
            for cell in region.inside(array.shape).cells():
                forwards[region.array, cell].add(output)
    for name, array in trace.arrays.items():
        for cell in Region.whole(name, array.shape).cells():
            dependants = trace.dependants(name, cell)
            assert all(region.array == "output" for region in dependants)
            found = {index for region in dependants for index in region.cells()}
            if array.given:
                assert found == forwards[name, cell]
            elif name == "output":
                assert not dependants
                continue
            assert all(index in Region.whole("output", shape) for index in found)
            _check_sources_of(trace, name, cell, found)


def check_links(trace: Trace) -> None:
    """A cell names another as its source exactly if the other names it as its dependant."""
    read: set[tuple[object, ...]] = set()
    fed: set[tuple[object, ...]] = set()
    for name, array in trace.arrays.items():
        for cell in Region.whole(name, array.shape).cells():
            for region in trace.sources(name, cell):
                assert region.inside(trace.arrays[region.array].shape) == region
                read |= {(region.array, source, name, cell) for source in region.cells()}
            for region in trace.dependants(name, cell):
                assert region.inside(trace.arrays[region.array].shape) == region
                fed |= {(name, cell, region.array, other) for other in region.cells()}
    assert read
    assert read == fed


def check_direct_provenance(trace: StagedTrace) -> None:
    """What a unit was computed from names it as what it has a part in, and the other way round."""
    forwards: dict[tuple[str, tuple[int, ...]], set[tuple[str, tuple[int, ...]]]]
    forwards = defaultdict(set)
    for part in trace.parts:
        for cell in Region.whole(part.output, trace.arrays[part.output].shape).cells():
            for region in trace.sources(part.output, cell):
                array = trace.arrays[region.array]
                assert region.inside(array.shape) == region
                for source in region.cells():
                    forwards[region.array, source].add((part.output, cell))
    outputs = {part.output for part in trace.parts}
    for name, array in trace.arrays.items():
        assert str(trace.titles[name])
        for cell in Region.whole(name, array.shape).cells():
            dependants = trace.dependants(name, cell)
            found = {(region.array, index) for region in dependants for index in region.cells()}
            assert all(target in outputs for target, _ in found)
            if array.given or name in outputs:
                assert found == forwards[name, cell]
            if array.given:
                assert trace.sources(name, cell) == ()
                continue
            sources = trace.sources(name, cell)
            assert sources or _reads_nothing(trace, name, cell)
            made_from = {(region.array, each) for region in sources for each in region.cells()}
            for target, index in found if name not in outputs else ():
                whole = {
                    (region.array, each)
                    for region in trace.sources(target, index)
                    for each in region.cells()
                }
                # A sum on view in a later part is an operand there, which names it itself.
                assert made_from <= whole or (name, cell) in whole


def _reads_nothing(trace: StagedTrace, name: str, cell: tuple[int, ...]) -> bool:
    """Whether a cell is written without reading any other, as a zero between others is."""
    region = Region.cell(name, *cell)
    finest = trace.at("product")
    writes = finest.step(int(finest.written_at(region).item())).writes
    (write,) = (each for each in writes if each.target == region)
    return all(
        read.array in {each.target.array for each in writes}
        or not all(read.inside(trace.arrays[read.array].shape).axes)
        for read in write.sources
    )


def _check_sources_of(
    trace: Trace, name: str, cell: tuple[int, ...], dependants: set[tuple[int, ...]]
) -> None:
    """What a cell on the way was made from, the output cells that it goes into were made from."""
    sources = trace.sources(name, cell)
    if trace.arrays[name].given:
        assert sources == ()
        return
    assert dependants
    made_from = {(region.array, index) for region in sources for index in region.cells()}
    assert made_from
    for output in dependants:
        whole = {
            (region.array, index)
            for region in trace.sources("output", output)
            for index in region.cells()
        }
        assert made_from <= whole
