"""Project files come back as they were, or are refused by name and place."""

import io
import json
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.formats import building, presets, project_file, tensors
from simulator.formats.project import Project, ProjectError
from simulator.formats.replacing import PlaceError, try_place


def project() -> Project:
    program = presets.PRESETS["circle"].program
    model = building.build(program.network, seed=program.seed)
    rng = np.random.default_rng(0)
    return Project(
        program,
        "model = Sequential()\n# “as typed”\n",
        {"dataset": "circle", "settings": {"samples": 100}, "seed": 3},
        {name: weight.copy() for name, weight in model.weights.items()},
        {"version": 1, "branches": [{"name": "first run", "loss": 0.1}]},
        {
            "array/0": rng.random((3, 4)).T,
            "array/1": np.array(5),
            "array/2": np.array([True, False]),
            "array/3": np.zeros((0, 3), np.float32),
        },
        {"page": "lab", "views": ["boundary"]},
    )


def assert_same(one: Project, other: Project) -> None:
    assert one.program == other.program
    for name in ("source", "recipe", "history", "view"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("weights", "history_arrays"):
        first, second = getattr(one, name), getattr(other, name)
        assert list(first) == list(second) or set(first) == set(second)
        for key, array in first.items():
            np.testing.assert_array_equal(array, second[key], strict=True)


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "a project.simulator"
    project_file.save(project(), path)
    assert_same(project(), project_file.load(path))
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_project_gives_the_same_bytes() -> None:
    assert project_file.to_bytes(project()) == project_file.to_bytes(project())


def test_a_project_without_history_or_weights() -> None:
    small = Project(presets.PRESETS["vgg16-frozen"].program)
    again = project_file.from_bytes(project_file.to_bytes(small))
    assert again.history is None
    assert again.recipe is None
    assert again.weights == {}
    assert again.program == small.program


def test_no_pickle_and_nothing_else_lies_in_it() -> None:
    with zipfile.ZipFile(io.BytesIO(project_file.to_bytes(project()))) as archive:
        assert sorted(archive.namelist()) == [
            "history.json", "history.safetensors", "project.json", "weights.safetensors",
        ]  # fmt: skip
        json.loads(archive.read("project.json"))


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.simulator"
    project_file.save(project(), path)
    path.chmod(0o640)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match=r"p\.simulator cannot be written: No space left"):
        project_file.save(Project(project().program), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    project_file.save(Project(project().program), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    with pytest.raises(ProjectError, match=r"there is no folder .*nowhere"):
        project_file.save(project(), tmp_path / "nowhere" / "p.simulator")
    with pytest.raises(ProjectError, match="cannot be opened: No such file"):
        project_file.load(tmp_path / "none.simulator")


def test_a_file_that_is_write_protected_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.simulator"
    project_file.save(project(), path)
    try_place(path)
    path.chmod(0o444)
    before = path.read_bytes()
    for write in (try_place, lambda path: project_file.save(project(), path)):
        with pytest.raises(ValueError, match=r"p\.simulator cannot be written: it is write-prot"):
            write(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege there")
def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    path, link = tmp_path / "far" / "p.simulator", tmp_path / "link.simulator"
    link.symlink_to(path)
    project_file.save(project(), link)
    assert link.is_symlink()
    assert_same(project_file.load(path), project_file.load(link))
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(ProjectError, match="cannot be written"):
        project_file.save(project(), link)
    with pytest.raises(ProjectError, match="cannot be opened"):
        project_file.load(link)


@pytest.mark.parametrize(
    "name", ["a name with spaces", "naïve “quotes” 网络", "a" * 240, "%s{0}", "-rf", ".hidden"]
)
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.simulator"
    try_place(path)
    project_file.save(project(), path)
    assert project_file.load(path).source == project().source
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "x" * 5000])
def test_what_no_file_can_be_called_is_refused_in_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.simulator"
    for use, told in (
        (try_place, "cannot be written: "),
        (lambda path: project_file.save(project(), path), "cannot be written: "),
        (project_file.load, "cannot be opened: "),
    ):
        with pytest.raises((ProjectError, PlaceError), match=told) as caught:
            use(path)
        assert "codec" not in str(caught.value)
        assert "null" not in str(caught.value)
    with pytest.raises(ProjectError, match="it is a folder"):
        project_file.save(project(), tmp_path)


def test_what_is_saved_is_not_in_memory_once_more(tmp_path: Path) -> None:
    large = {f"array/{number}": np.full(2**16, number, np.float32) for number in range(64)}
    project_file.save(project(), tmp_path / "first.simulator")  # what is made once is made now
    whole = Project(project().program, history={}, history_arrays=large)
    tracemalloc.start()
    project_file.save(whole, tmp_path / "p.simulator")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 0.2 * sum(array.nbytes for array in large.values())
    loaded = project_file.load(tmp_path / "p.simulator")
    np.testing.assert_array_equal(loaded.history_arrays["array/7"], large["array/7"])


def test_nothing_half_written_stays_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_memory(_: object) -> Iterator[bytes]:
        yield b"the beginning"
        raise MemoryError

    monkeypatch.setattr(tensors, "pieces", short_of_memory)
    with pytest.raises(MemoryError):
        project_file.save(project(), tmp_path / "p.simulator")
    assert list(tmp_path.iterdir()) == []


def changed(**parts: bytes | None) -> bytes:
    """The bytes of a project with some of its parts replaced, or left out for None."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(project_file.to_bytes(project()))) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in old.namelist():
            content = parts.get(name.replace(".", "_"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def described(**changes: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(project_file.to_bytes(project()))) as archive:
        value = json.loads(archive.read("project.json"))
    return json.dumps({**value, **changes}).encode()


def wrong_layer() -> bytes:
    value = json.loads(described())
    value["program"]["network"]["layers"][1]["arguments"]["units"] = -3
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("content", "place", "told"),
    [
        (b"", "", "no complete zip"),
        (b"not a zip at all", "", "no complete zip"),
        (project_file.to_bytes(project())[:-400], "", "no complete zip"),
        (changed(project_json=None), "project.json", "missing"),
        (changed(weights_safetensors=None), "weights.safetensors", "missing"),
        (changed(project_json=b"{"), "project.json", "line 1, column 2"),
        (changed(project_json=b"[1]"), "project.json", "no object"),
        (changed(project_json=b"\xff"), "project.json", "byte 0"),
        (changed(project_json=b'{"a": NaN}'), "project.json", "NaN"),
        (changed(project_json=b"[" * 100_000), "project.json", "no JSON"),
        (changed(project_json=b"{}"), "project.json", "no project"),
        (changed(project_json=described(version=3)), "project.json", "newer version"),
        (changed(project_json=described(version="x")), "project.json: version", "whole number"),
        (changed(project_json=described(more=1)), "project.json: more", "unknown key"),
        (changed(project_json=described(program=3)), "project.json: program", "object"),
        (changed(project_json=wrong_layer()),
         "project.json: program.network.layers[1].arguments", "units is -3"),
        (changed(weights_safetensors=b"\x08"), "weights.safetensors", "damaged"),
        (changed(history_safetensors=b"\x08" * 9), "history.safetensors", "damaged"),
        (changed(history_json=b"nul"), "history.json", "line 1"),
    ],
)  # fmt: skip
def test_damage_is_told_by_name_and_place(content: bytes, place: str, told: str) -> None:
    with pytest.raises(ProjectError) as caught:
        project_file.from_bytes(content, "mine.simulator")
    assert caught.value.place == place
    assert str(caught.value).startswith("mine.simulator cannot be opened: ")
    assert told in str(caught.value)
    _, sign, inner = place.partition(": ")
    assert not sign or str(caught.value).count(sign + inner) == 1
    assert "\n" not in str(caught.value)


def test_files_of_the_first_version_are_read() -> None:
    old = project_file.from_bytes(changed(project_json=described(version=1)))
    assert old.program == project().program
    assert old.twins is None


def test_a_flipped_bit_in_the_weights_is_found() -> None:
    content = bytearray(project_file.to_bytes(project()))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        entry = archive.getinfo("weights.safetensors")
    content[entry.header_offset + 30 + len(entry.filename) + entry.file_size - 3] ^= 4
    with pytest.raises(ProjectError, match=r"weights\.safetensors: its bytes are damaged"):
        project_file.from_bytes(bytes(content))


def test_a_zip_bomb_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", b" " * (project_file.MOST_JSON + 1))
        archive.writestr("weights.safetensors", b"")
    with pytest.raises(ProjectError, match="more than any has"):
        project_file.from_bytes(buffer.getvalue())


def test_what_json_cannot_hold_is_refused_before_it_is_written() -> None:
    program = project().program
    with pytest.raises(ProjectError, match="finite"):
        Project(program, view={"zoom": float("nan")})
    with pytest.raises(ProjectError, match="complex"):
        Project(program, weights={"a": np.zeros(2, complex)})


WHOLE = project_file.to_bytes(project())


def test_metrics_that_are_none_are_no_metrics() -> None:
    value = json.loads(described())
    value["program"]["compile"]["metrics"] = [None]
    read = project_file.from_bytes(changed(project_json=json.dumps(value).encode()))
    model = building.build(read.program.network, seed=0)
    building.compile_model(model, read.program.compile)
    model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=4)), min_size=1,
                max_size=4))  # fmt: skip
def test_any_damage_is_refused_or_harmless(changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(WHOLE)
    for place, replacement in changes:
        content[place : place + len(replacement)] = replacement
        if not replacement:
            del content[place:]
    try:
        read = project_file.from_bytes(bytes(content))
    except ProjectError:
        return
    # What the checksums do not cover, such as dates, was hit.
    assert read.program == project().program


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ProjectError):
        project_file.from_bytes(content)


def corrupted_members(path: Path, *names: str) -> None:
    """Flip bytes of some of a project's members."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        for name in names:
            entry = archive.getinfo(name)
            content[entry.header_offset + 30 + len(name) + entry.compress_size // 2] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize(
    "names",
    [
        ("history.json",), ("history.safetensors",), ("weights.safetensors",),
        ("history.json", "history.safetensors"), ("history.safetensors", "weights.safetensors"),
    ],
)  # fmt: skip
def test_what_is_whole_of_a_damaged_project_is_found(tmp_path: Path, names: tuple[str]) -> None:
    path = tmp_path / "p.simulator"
    path.write_bytes(WHOLE)
    corrupted_members(path, *names)
    with pytest.raises(ProjectError, match=r"(history|weights)\.\w+: its bytes are damaged"):
        project_file.load(path)
    found, lost = project_file.salvage(path)
    assert set(lost) == set(names)
    assert (found.program, found.source) == (project().program, project().source)
    assert (found.recipe, found.view) == (project().recipe, project().view)
    assert (found.history is None) == any("history" in name for name in names)
    assert bool(found.history_arrays) == (found.history is not None)
    kept = {} if "weights.safetensors" in names else project().weights
    assert {key: each.tobytes() for key, each in found.weights.items()} == {
        key: each.tobytes() for key, each in kept.items()
    }


def test_all_of_a_whole_project_is_found_and_nothing_without_its_program(tmp_path: Path) -> None:
    path = tmp_path / "p.simulator"
    path.write_bytes(WHOLE)
    found, lost = project_file.salvage(path)
    assert lost == ()
    assert_same(found, project())
    corrupted_members(path, "project.json")
    with pytest.raises(ProjectError, match=r"project\.json: its bytes are damaged"):
        project_file.salvage(path)
