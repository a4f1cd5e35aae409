"""A folder of the learner's pictures: each folder in it is a class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simulator.data.datasets.dataset import Samples, refuse_large
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.errors import shown
from simulator.data.datasets.files import bad, called, failures, folder, path_setting
from simulator.data.datasets.picture_samples import FINISHING, finished, picture_bytes, side
from simulator.data.datasets.settings import TRAIN_SHARE, Choice, Settings, Whole
from simulator.data.picture_files import fit, load_picture
from simulator.data.pixels import PictureError

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif"})
MOST_CLASSES = 200
MOST_FILES = 200_000
_TRAIN = ("train", "training")
_HELD = ("validation", "val", "valid", "test", "testing")

MOST = Whole(
    name="samples",
    label="Pictures",
    help="At most so many are read, as many of each class as can be.",
    default=2_000,
    minimum=10,
    maximum=20_000,
)
COLOURS = Choice(
    name="colours",
    label="Colours",
    options=(("rgb", "Red, green and blue"), ("grey", "Grey")),
    default="rgb",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A picture's file, its class, and whether its folder holds it back for validation."""

    file: Path
    label: int
    held: bool


def _folders(parent: Path) -> list[Path]:
    with failures(parent):
        inner = [
            each
            for each in parent.iterdir()
            if not each.name.startswith((".", "__")) and each.is_dir()
        ]
    return sorted(inner, key=lambda each: each.name)


def _parts(root: Path) -> list[tuple[Path, bool]]:
    """The folders that hold classes, and whether they are held back: one, or train and test."""
    by_name = {each.name.lower(): each for each in _folders(root)}
    train = next((by_name[name] for name in _TRAIN if name in by_name), None)
    held = next((by_name[name] for name in _HELD if name in by_name), None)
    if train is not None and held is not None and _folders(train) and _folders(held):
        return [(train, False), (held, True)]
    return [(root, False)]


def _listed(root: Path) -> tuple[list[_Found], tuple[str, ...], list[str]]:
    """All pictures by class and name, the classes, and notices."""
    parts = _parts(root)
    names = sorted({each.name for part, _ in parts for each in _folders(part)})
    if len(names) > MOST_CLASSES:
        raise bad(
            f"{called(root)} holds {len(names)} folders, and there may be {MOST_CLASSES} classes "
            "at most: choose a folder with one folder for each class."
        )
    pictures: list[_Found] = []
    passed_over = 0
    kept: list[str] = []
    for name in names:
        own: list[_Found] = []
        for part, held in parts:
            inside = part / name
            if not inside.is_dir():
                continue
            with failures(inside):
                files = sorted(each for each in inside.iterdir() if each.is_file())
            good = [each for each in files if each.suffix.lower() in ENDINGS]
            passed_over += len(files) - len(good)
            own += [_Found(each, len(kept), held) for each in good]
        if own:
            kept.append(name)
            pictures += own
    if len(pictures) > MOST_FILES:
        raise bad(
            f"{called(root)} holds {len(pictures):,} pictures, and {MOST_FILES:,} at most can be "
            "looked through: choose a smaller folder."
        )
    if len(kept) < 2:
        raise bad(
            f"{called(root)} holds {'pictures of one class' if kept else 'no folder of pictures'}: "
            "choose a folder with a folder for each of at least two classes, such as cats and dogs."
        )
    notices = []
    if passed_over:
        one = passed_over == 1
        told = "1 file is no picture" if one else f"{passed_over:,} files are no pictures"
        notices.append(f"{told} and {'was' if one else 'were'} passed over.")
    return pictures, tuple(shown(name) for name in kept), notices


def _chosen(
    pictures: list[_Found], most: int, generator: np.random.Generator
) -> tuple[list[_Found], list[str]]:
    """At most so many pictures, drawn at random, the classes as even as can be."""
    if len(pictures) <= most:
        return pictures, []
    labels = np.array([each.label for each in pictures])
    order = generator.permutation(len(pictures))
    # The rank of each picture within its class; the lowest ranks of all classes are taken.
    ranks = np.empty(len(pictures), np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        ranks[members] = np.arange(len(members))
    taken = np.sort(np.lexsort((labels, ranks))[:most])
    told = f"{most:,} of the {len(pictures):,} pictures were drawn at random."
    return [pictures[index] for index in taken], [told]


def _make(settings: Settings, generator: np.random.Generator) -> Samples:
    root = folder(settings["path"])
    listed, classes, notices = _listed(root)
    pictures, told = _chosen(listed, settings["samples"], generator)
    notices += told
    length, channels = settings["size"], 3 if settings["colours"] == "rgb" else 1
    refuse_large(
        picture_bytes(len(pictures), (length, length, channels), settings),
        f"{len(pictures):,} pictures of {length} × {length}",
        "choose a smaller size, or fewer pictures.",
        setting="size",
    )
    x = np.empty((len(pictures), length, length, channels), np.float32)
    good = np.zeros(len(pictures), np.bool_)
    broken: list[tuple[int, str]] = []
    for row, each in enumerate(pictures):
        try:
            x[row] = fit(load_picture(each.file), size=length, channels=channels)
            good[row] = True
        except PictureError as error:
            broken.append((each.label, str(error)))
    labels = np.array([each.label for each in pictures], np.int64)
    for label, name in enumerate(classes):
        if not good[labels == label].any():
            why = next(told for each, told in broken if each == label)
            raise bad(f"None of the pictures of the class “{name}” can be read: {why}")
    if broken:
        several = f" So were {len(broken) - 1:,} more." if len(broken) > 1 else ""
        notices.append(f"A picture was passed over: {broken[0][1]}{several}")
    x = x[good] if broken else x
    x /= 255
    samples = finished(x, labels[good], classes, settings, generator, notices=tuple(notices))
    held = np.array([each.held for each in pictures])[good]
    return replace(samples, held_back=held) if held.any() and not held.all() else samples


ENTRIES = (
    DatasetEntry(
        "own-pictures",
        "Folder of pictures",
        "Your own",
        "a folder for each class; folders named train and test are kept apart",
        "classification",
        (
            path_setting("Folder", "the path of a folder", "A folder of pictures", folder=True),
            side(32),
            COLOURS,
            MOST,
            *FINISHING,
            TRAIN_SHARE,
        ),
        lambda _: 0,
        _make,
    ),
)
