"""Arrays of the learner's own: inputs and targets by their names in a file of NumPy's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.data.datasets import array_names, npz_files
from simulator.data.datasets.dataset import (
    Column,
    Further,
    FurtherTarget,
    Rescaling,
    Samples,
    Values,
    View,
    refuse_large,
)
from simulator.data.datasets.entry import DatasetEntry, Parts
from simulator.data.datasets.errors import DataError, shown
from simulator.data.datasets.files import bad, called, found, path_setting
from simulator.data.datasets.npz_files import Header
from simulator.data.datasets.settings import TRAIN_SHARE, Choice, Settings, Words

ENDINGS = (".npz", ".npy")
MOST_CLASSES = 1_000
MOST_SAMPLES = 1_000_000
_MOST_WHOLE, _FEW = 100, 20
"""Targets of so many different whole numbers, saved as such or as floats, are classes."""

INPUTS = Words(
    name="inputs",
    label="Inputs",
    help="The array's name in the file, or several with ; between them for a network with several "
    "inputs; found by itself if nothing is given.",
    what="the name of an array",
    longest=200,
)
TARGETS = Words(
    name="targets",
    label="Targets",
    help="The array's name in the file, or several with ; between them for a network with several "
    "outputs; found by itself if nothing is given.",
    what="the name of an array",
    longest=200,
)
KIND = Choice(
    name="task",
    label="Target is",
    help="Automatic: whole numbers, texts and one-hot rows are classes.",
    options=(
        ("auto", "Automatic"),
        ("classes", "Classes"),
        ("numbers", "Numbers"),
        ("itself", "The input itself"),
    ),
    default="auto",
)
LOOKS = Choice(
    name="view",
    label="A sample is",
    options=(
        ("auto", "Automatic"),
        ("image", "A picture"),
        ("sequence", "A sequence"),
        ("table", "A row of numbers"),
    ),
    default="auto",
)
SCALING = Choice(
    name="scaling",
    label="Scaling",
    help="Automatic: bytes are divided by 255, other numbers stay.",
    options=(
        ("auto", "Automatic"),
        ("bytes", "Divided by 255"),
        ("standard", "Mean 0, deviation 1"),
        ("range", "From 0 to 1"),
        ("none", "As they are"),
    ),
    default="auto",
)


def _make(settings: Settings, _: np.random.Generator) -> Samples:
    path = found(settings["path"])
    headers = npz_files.headers(path)
    names, targets = array_names.resolved(path, headers, settings)
    x_names, y_names = names[0], targets[0] if targets else ()
    parts = [headers[name] for each in names for name in each]
    refuse_large(
        sum(4 * part.nbytes // max(part.dtype.itemsize, 1) for part in parts),
        f"The array {parts[0]}",
        "save a part of it.",
    )
    x, bytes_ = _inputs(path, [headers[name] for name in x_names])
    view = _view(x, bytes_, settings["view"])
    if view == "image" and x.ndim == 3:
        x = x[..., np.newaxis]
    scaling = settings["scaling"]
    if scaling == "auto":
        scaling = "bytes" if bytes_ else "none"
    if scaling == "bytes":
        x = x / np.float32(255)
    further = [_further(path, each, x_names, headers, settings["scaling"]) for each in names[1:]]
    labels, classes = None, None
    if not y_names:
        y: Values = x
        column = Column("input", _kind(view), "target", "the input itself")
        task: Any = "autoencoder"
    else:
        if len(y_names) != len(x_names):
            y_names = y_names[: len(x_names)]
        given = _joined(path, [headers[name] for name in y_names])
        _same_length(path, x_names, y_names, headers)
        y, classes, column = _targets(path, given, y_names[0], settings["task"])
        labels = y if classes is not None and y.ndim == 1 else None
        task = "regression" if classes is None else (
            "binary" if len(classes) == 2 else "classification"
        )  # fmt: skip
    further_y = []
    own_columns = [column]
    for each in targets[1:]:
        others_y, others_column = _further_target(path, each, x_names, headers)
        further_y.append(others_y)
        own_columns.append(others_column)
    held = None
    if len(x_names) == 2:
        held = np.repeat([False, True], [headers[name].shape[0] for name in x_names])
    others = [Column(each.name, "number", told=_told(each.x)) for each in further]
    samples = Samples(
        x=x,
        y=y,
        labels=labels,
        task=task,
        view=view,
        classes=classes,
        columns=(Column(x_names[0], _kind(view), told=_told(x)), *others, *own_columns),
        scaling={
            "bytes": "divided by 255",
            "standard": "all less their mean, divided by their deviation (of the training part)",
            "range": "from 0 to 1 (by the training part)",
            "none": "none: numbers as they stand in the file",
        }[scaling],
        per_step=classes is not None and y.ndim == 2,
        rescaling=(_rescaling(scaling, x, view),) if scaling in ("standard", "range") else (),
        further=tuple(further),
        further_y=tuple(further_y),
    )
    return samples if held is None else replace(samples, held_back=held)


def _further(
    path: Path,
    names: tuple[str, ...],
    first: tuple[str, ...],
    headers: dict[str, Header],
    scaling: str,
) -> Further:
    """Another input beside the first, of as many samples in each part."""
    if [headers[name].shape[:1] for name in names] != [headers[name].shape[:1] for name in first]:
        raise DataError(
            f"{called(path)}: the inputs {headers[first[0]]} and {headers[names[0]]} differ in the "
            "number of samples: leave one of them out.",
            setting="inputs",
        )
    x, bytes_ = _inputs(path, [headers[name] for name in names])
    if scaling == "bytes" or (scaling == "auto" and bytes_):
        x = x / np.float32(255)
    return Further(names[0], x)


def _further_target(
    path: Path, names: tuple[str, ...], x_names: tuple[str, ...], headers: dict[str, Header]
) -> tuple[FurtherTarget, Column]:
    """Another target beside the first; whether it is classes or numbers shows by itself."""
    names = names[: len(x_names)]
    _same_length(path, x_names, names, headers)
    given = _joined(path, [headers[name] for name in names])
    y, classes, column = _targets(path, given, names[0], "auto")
    return FurtherTarget(names[0], y, classes), column


def _rescaling(scaling: Any, x: Values, view: View) -> Rescaling:
    return Rescaling(scaling, np.arange(x.shape[-1]) if view == "table" else None)


def _kind(view: View) -> Any:
    return {"image": "picture", "sequence": "series"}.get(view, "number")


def _told(x: Values) -> str:
    return f"{' × '.join(map(str, x.shape[1:])) or 'one number'}"


def _inputs(path: Path, parts: list[Header]) -> tuple[Values, bool]:
    """The inputs as float32, and whether they were bytes."""
    given = _joined(path, parts)
    if given.dtype.kind not in "biuf":
        raise bad(f"{called(path)}: the inputs {parts[0]} are texts, and must be numbers.")
    if given.ndim < 2:
        given = given.reshape(-1, 1)
    if given.ndim > 4:
        raise bad(
            f"{called(path)}: a sample of {parts[0]} has {given.ndim - 1} axes: 1 to 3 can be "
            "taken, (values), (steps, values) or (height, width, channels)."
        )
    with np.errstate(over="ignore"):
        x = given.astype(np.float32)
    _refuse_unusable(path, x, parts[0].name)
    return x, given.dtype == np.uint8


def _joined(path: Path, parts: list[Header]) -> npt.NDArray[Any]:
    for each in parts:
        if not each.shape or not each.shape[0] or 0 in each.shape:
            raise bad(f"{called(path)}: the array {each} holds no samples.")
        if each.shape[0] > MOST_SAMPLES:
            raise bad(f"{called(path)}: the array {each} holds more than {MOST_SAMPLES:,} samples.")
    arrays = [npz_files.read(path, each) for each in parts]
    if len({array.shape[1:] for array in arrays}) > 1:
        raise bad(
            f"{called(path)}: the samples of {parts[0]} and of {parts[1]} differ in shape: both "
            "parts must have the same."
        )
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]


def _same_length(
    path: Path, x_names: tuple[str, ...], y_names: tuple[str, ...], headers: dict[str, Header]
) -> None:
    pairs = list(zip(x_names, y_names, strict=False))
    if len(y_names) < len(x_names):
        raise DataError(
            f"{called(path)}: {headers[x_names[1]]} holds inputs to test with, but there are no "
            "targets for them: save them too, or name the inputs and the targets.",
            setting="targets",
        )
    for x, y in pairs:
        if headers[x].shape[0] != headers[y].shape[0]:
            raise DataError(
                f"{called(path)}: the inputs {headers[x]} and the targets {headers[y]} differ in "
                "the number of samples.",
                setting="targets",
            )


def _refuse_unusable(path: Path, array: Values, name: str) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(place) for place in np.argwhere(~finite)[0])
        inside = f", position {first[1:]}" if len(first) > 1 else ""
        raise bad(
            f"{called(path)}: the array “{shown(name)}” holds {int((~finite).sum()):,} values that "
            f"are no finite numbers: the first is at sample {first[0]}{inside}. Replace them, or "
            "leave those samples out."
        )


def _view(x: Values, is_bytes: bool, wanted: str) -> View:
    if wanted == "image" and x.ndim in (3, 4) and (x.ndim == 3 or x.shape[-1] in (1, 3)):
        return "image"
    if wanted == "sequence" and x.ndim == 3:
        return "sequence"
    if x.ndim == 4 and x.shape[-1] in (1, 3):
        return "image"
    if x.ndim == 3:
        square = x.shape[1] == x.shape[2] and x.shape[1] >= 8
        return "image" if is_bytes or square else "sequence"
    return "table"


def _targets(
    path: Path, given: npt.NDArray[Any], name: str, kind: str
) -> tuple[Values, tuple[str, ...] | None, Column]:
    """Targets, the names of classes where they are, and their column."""
    if given.ndim > 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if given.ndim > 2:
        raise bad(
            f"{called(path)}: a target of “{shown(name)}” has {given.ndim - 1} axes: give a "
            "number, a class, or a row of them."
        )
    texts = given.dtype.kind in "US"
    if not texts:
        _refuse_unusable(path, given.astype(np.float64), name)
    if kind == "numbers" and texts:
        raise DataError(
            f"{called(path)}: the targets “{shown(name)}” are texts: let them be classes.",
            setting="task",
        )
    one_hot = (
        not texts
        and given.ndim == 2
        and given.shape[1] > 1
        and bool(np.isin(given, (0, 1)).all() and (given.sum(axis=1) == 1).all())
    )
    whole = not texts and bool((given == np.floor(given)).all())
    distinct = np.unique(given)
    most = _MOST_WHOLE if given.dtype.kind in "biu" else _FEW
    as_classes = texts or one_hot or (whole and len(distinct) <= most)
    if kind == "numbers" or (kind == "auto" and not as_classes):
        rows = given.astype(np.float32).reshape(len(given), -1)
        _refuse_unusable(path, rows, name)
        told = f"from {rows.min():g} to {rows.max():g}"
        return rows, None, Column(name, "number", "target", told)
    if one_hot:
        labels = given.argmax(axis=1).astype(np.int64)
        classes = tuple(str(number) for number in range(given.shape[1]))
    else:
        labels = np.searchsorted(distinct, given).astype(np.int64)
        classes = tuple(shown(_class_name(value)) for value in distinct.tolist())
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(
            f"{called(path)}: the targets “{shown(name)}” have "
            f"{'one class only' if len(classes) == 1 else f'{len(classes):,} classes'}, and there "
            f"must be 2 to {MOST_CLASSES:,}.",
            setting="targets",
        )
    told = ", ".join(classes)
    return (
        labels,
        classes,
        Column(name, "class", "target", told if len(told) < 200 else shown(told)),
    )


def _class_name(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


ENTRIES = (
    DatasetEntry(
        "own-arrays",
        "Arrays from a file",
        "Your own",
        "an NPZ or NPY file of NumPy's with inputs and targets",
        "classification",
        (
            path_setting(
                "File", "the path of an .npz or .npy file", "Arrays (NPZ)", endings=ENDINGS
            ),
            INPUTS,
            TARGETS,
            KIND,
            LOOKS,
            SCALING,
            TRAIN_SHARE,
        ),
        lambda _: 0,
        _make,
        Parts(array_names.listed, array_names.assigned),
    ),
)
