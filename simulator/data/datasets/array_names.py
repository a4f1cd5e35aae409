"""Which arrays of a file are inputs, which are targets: by what was chosen, or by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from simulator.data.datasets import npz_files
from simulator.data.datasets.entry import Part, Role
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import called, found
from simulator.data.datasets.npz_files import Header
from simulator.data.datasets.settings import Settings

_X = ("x", "inputs", "input", "data", "images", "features", "samples", "arr_0")
_Y = ("y", "targets", "target", "labels", "label", "classes", "arr_1")
_HELD = ("test", "val", "valid", "validation")
Names = tuple[str, ...]
"""An array's name, and that of the part of it that is held back, if there is one."""


def resolved(
    path: Path, headers: Mapping[str, Header], settings: Settings
) -> tuple[tuple[Names, ...], tuple[Names, ...]]:
    """Return the names of each input, and of each target: none where it is the input itself.

    Raises:
        DataError: there is no such array, or nothing tells which one is meant.
    """
    wanted = [name for name in settings["inputs"].split(";") if name.strip()]
    inputs = tuple(_chosen(path, headers, name, _X, "inputs") for name in wanted)
    itself = settings["task"] == "itself"
    if not inputs and _usual(headers, _X) is None and not itself:
        inputs = _beside(headers, _usual(headers, _Y) or ())
    inputs = inputs or (_chosen(path, headers, "", _X, "inputs"),)
    if itself:
        return inputs, ()
    meant = [name for name in settings["targets"].split(";") if name.strip()] or [""]
    return inputs, tuple(_chosen(path, headers, name, _Y, "targets") for name in meant)


def listed(settings: Settings) -> tuple[Part, ...]:
    """Return every array in the file. Raises DataError if it is no such file."""
    headers = npz_files.headers(found(settings["path"]))
    inputs: tuple[Names, ...] = ()
    targets: tuple[Names, ...] = ()
    with suppress(DataError):
        inputs, targets = resolved(Path(settings["path"]), headers, settings)
    parts = []
    for name, header in headers.items():
        role: Role = "left out"
        if any(name in each for each in inputs):
            role = "input"
        elif any(name in each for each in targets):
            role = "target"
        lengths = " × ".join(map(str, header.shape)) or "a single value"
        held = any(name in each[1:] for each in (*inputs, *targets))
        told = f"{lengths}, {header.dtype.name}{', held out' if held else ''}"
        parts.append(Part(name, told, role))
    return tuple(parts)


def assigned(settings: Settings, parts: Sequence[Part], name: str, role: Role) -> Settings:
    """Return the settings with which an array has another role. A target that is chosen becomes
    the first: the others are for networks with several outputs.

    Raises:
        DataError: no input would be left.
    """
    roles = {part.name: part.role for part in parts}
    folded = {part.name.lower(): part.name for part in parts}
    pair = _with_held(name, folded)
    roles |= dict.fromkeys(pair, role)
    held = {other for each in roles for other in _with_held(each, folded)[1:]}
    inputs = [each for each, one in roles.items() if one == "input" and each not in held]
    targets = [each for each, one in roles.items() if one == "target" and each not in held]
    before = [each.strip() for each in settings["targets"].split(";")]
    targets.sort(key=lambda each: (each not in pair, each not in before, _place(before, each)))
    if not inputs:
        raise DataError("No array would be left to learn from: use another one first.",
                        setting="inputs")  # fmt: skip
    task = settings["task"]
    if not targets:
        task = "itself"  # what goes in is to come out
    elif task == "itself":
        task = "auto"
    return {**settings, "inputs": "; ".join(inputs), "targets": "; ".join(targets), "task": task}


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _chosen(
    path: Path, headers: Mapping[str, Header], wanted: str, usual: tuple[str, ...], setting: str
) -> Names:
    """The array with that name, or the one that is meant: two where a part is held back."""
    wanted = wanted.strip()
    if wanted:
        if wanted in headers:
            return _with_held(wanted, {name.lower(): name for name in headers})
        raise DataError(
            f"{called(path)} has no array “{shown(wanted)}”: choose one of {_named(headers)}.",
            setting=setting,
        )
    by_name = _usual(headers, usual)
    if by_name is not None:
        return by_name
    if len(headers) == 1 and setting == "inputs":
        return tuple(headers)
    if len(headers) == 1:
        raise DataError(
            f"{called(path)} holds one array only, {_named(headers)}, and no targets: let the "
            "target be the input itself, or save the targets beside it with numpy.savez.",
            setting="task",
        )
    raise DataError(
        f"{called(path)} does not say which array holds the {setting}: choose one of "
        f"{_named(headers)}.",
        setting=setting,
    )


def _usual(headers: Mapping[str, Header], usual: tuple[str, ...]) -> Names | None:
    """What goes by one of the usual names."""
    folded = {name.lower(): name for name in headers}
    for word in usual:
        for name in (f"{word}_train", f"train_{word}", word):
            if name in folded:
                return _with_held(folded[name], folded)
    return None


def _with_held(name: str, folded: Mapping[str, str]) -> Names:
    """An array's name, and that of the part of it that is held back, where there is one."""
    lower = name.lower()
    if lower.endswith("_train"):
        word = lower.removesuffix("_train")
    elif lower.startswith("train_"):
        word = lower.removeprefix("train_")
    else:
        return (name,)
    held = [f"{word}_{part}" for part in _HELD] + [f"{part}_{word}" for part in _HELD]
    beside = next((folded[each] for each in held if each in folded), None)
    return (name,) if beside is None else (name, beside)


def _beside(headers: Mapping[str, Header], targets: Names) -> tuple[Names, ...]:
    """The arrays that have as many samples as the targets: each is an input."""
    if not targets:
        return ()
    folded = {name.lower(): name for name in headers}
    pairs = [_with_held(name, folded) for name in headers if name not in targets]
    held = {other for pair in pairs for other in pair[1:]}
    wanted = [headers[name].shape[:1] for name in targets]
    return tuple(
        pair
        for pair in pairs
        if pair[0] not in held and [headers[name].shape[:1] for name in pair] == wanted
    )


def _named(headers: Mapping[str, Header]) -> str:
    shown_first = [str(each) for each in list(headers.values())[:6]]
    more = len(headers) - len(shown_first)
    return ", ".join(shown_first) + (f" and {more} more" if more else "")
