"""MNIST, and what else is kept in its files: Fashion-MNIST, Kuzushiji-MNIST, EMNIST."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.data.datasets import idx_files
from simulator.data.datasets.dataset import Samples, refuse_large
from simulator.data.datasets.entry import DatasetEntry
from simulator.data.datasets.files import bad, called, failures, found, path_setting
from simulator.data.datasets.picture_samples import FINISHING, finished, picture_bytes
from simulator.data.datasets.settings import TRAIN_SHARE, Settings, Whole

MOST = Whole(
    name="samples",
    label="Samples",
    help="At most so many are taken, drawn at random.",
    default=10_000,
    minimum=10,
    maximum=70_000,
)
_LARGEST_SIDE = 512

Bytes = npt.NDArray[np.uint8]


def _pairs(path: Path) -> list[tuple[Path, Path, bool]]:
    """Files of pictures and of labels that belong together, and whether they are held back."""
    if path.is_dir():
        with failures(path):
            images = sorted(each for each in path.iterdir() if _is_images(each))
        train = [each for each in images if "train" in each.name.lower()]
        held = [each for each in images if "t10k" in each.name.lower() or "test" in each.name]
        if not train and not held:
            raise bad(
                f"{called(path)} holds no file of MNIST's pictures: choose the folder with "
                "train-images-idx3-ubyte and train-labels-idx1-ubyte."
            )
        for several, part in ((train, "train"), (held, "test")):
            if len({_plain(each) for each in several}) > 1:
                raise bad(
                    f"{called(path)} holds several files of pictures to {part} with: choose one "
                    f"of them, such as {several[0].name}."
                )
        return [
            *((each, _labels_of(each), False) for each in train[:1]),
            *((each, _labels_of(each), True) for each in held[:1]),
        ]
    pictures = _images_of(path)
    return [(pictures, _labels_of(pictures), False)]


def holds_pictures(folder: Path) -> bool:
    """Whether a folder holds files of MNIST's kind. Raises DataError where it can't be read."""
    with failures(folder):
        return any(_is_images(each) for each in folder.iterdir())


def _is_images(path: Path) -> bool:
    name = path.name.lower()
    return path.is_file() and "images" in name and ("idx3" in name or "ubyte" in name)


def _images_of(path: Path) -> Path:
    """The file of pictures, where the file of labels was chosen."""
    for old, new in (("labels", "images"), ("Labels", "Images"), ("LABELS", "IMAGES")):
        beside = path.with_name(path.name.replace(old, new).replace("idx1", "idx3"))
        if old in path.name and beside.is_file():
            return beside
    return path


def _plain(path: Path) -> str:
    return path.name.removesuffix(".gz")


def _labels_of(images: Path) -> Path:
    """The file of labels beside a file of pictures. Raises DataError."""
    names = _label_names(images.name)
    for name in names:
        beside = images.with_name(name)
        if beside.is_file():
            return beside
    if not names:
        raise bad(
            f"{called(images)} has no “images” in its name, so that its labels cannot be found: "
            "name the two as MNIST does, train-images-idx3-ubyte and train-labels-idx1-ubyte."
        )
    raise bad(f"There is no “{names[0]}” beside {called(images)}: the labels are needed too.")


def _label_names(images: str) -> list[str]:
    """What the labels' file may be called, for the pictures' name: packed alike or not."""
    for old, new in (("images", "labels"), ("Images", "Labels"), ("IMAGES", "LABELS")):
        if old in images:
            name = images.replace(old, new).replace("idx3", "idx1")
            return [name, name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"]
    return []


def _read(images: Path, labels: Path) -> tuple[Bytes, Bytes]:
    pictures, classes = idx_files.read(images, axes=3), idx_files.read(labels, axes=1)
    if len(pictures) != len(classes):
        raise bad(
            f"{called(images)} holds {len(pictures):,} pictures, but {called(labels)} "
            f"{len(classes):,} labels: they do not belong together."
        )
    if max(pictures.shape[1:]) > _LARGEST_SIDE:
        height, width = pictures.shape[1:]
        raise bad(
            f"The pictures in {called(images)} are {height} × {width}: at most {_LARGEST_SIDE} "
            "on a side can be taken."
        )
    return pictures, classes


def _make(settings: Settings, generator: np.random.Generator) -> Samples:
    parts = [(*_read(images, labels), held) for images, labels, held in _pairs_of(settings)]
    shapes = {part[0].shape[1:] for part in parts}
    if len(shapes) > 1:
        raise bad(
            "The pictures to train and to test with differ in size: "
            f"{' and '.join(f'{height} × {width}' for height, width in sorted(shapes))}."
        )
    height, width = shapes.pop()
    total = sum(len(classes) for _, classes, _ in parts)
    most = min(settings["samples"], total)
    refuse_large(
        picture_bytes(most, (height, width), settings),
        f"{most:,} pictures of {height} × {width}",
        "take fewer samples.",
        setting="samples",
    )
    chosen = np.sort(generator.permutation(total)[:most])
    pictures = np.empty((most, height, width, 1), np.float32)
    classes = np.concatenate([labels for _, labels, _ in parts])[chosen].astype(np.int64)
    held = np.concatenate([np.full(len(labels), back) for _, labels, back in parts])[chosen]
    start = 0
    for images, labels, _ in parts:
        own = (chosen >= start) & (chosen < start + len(labels))
        pictures[own, :, :, 0] = images[chosen[own] - start]
        start += len(labels)
    pictures /= 255
    known = np.unique(np.concatenate([labels for _, labels, _ in parts]))
    if len(known) < 2:
        raise bad("All labels are the same: there must be at least two classes.")
    notices = () if most == total else (f"{most:,} of {total:,} samples were drawn at random.",)
    samples = finished(
        pictures,
        np.searchsorted(known, classes).astype(np.int64),
        tuple(str(label) for label in known),
        settings,
        generator,
        notices=notices,
    )
    # Where the files prescribe the parts, they stay apart.
    return replace(samples, held_back=held) if held.any() and not held.all() else samples


def _pairs_of(settings: Settings) -> list[tuple[Path, Path, bool]]:
    return _pairs(found(settings["path"]))


ENTRIES = (
    DatasetEntry(
        "own-mnist",
        "MNIST from files",
        "Your own",
        "IDX files, packed or not: MNIST, Fashion-MNIST and their like",
        "classification",
        (
            path_setting(
                "Folder or file",
                "the path of a folder, or of a file of pictures",
                "A folder of MNIST files",
                folder=True,
            ),
            MOST,
            *FINISHING,
            TRAIN_SHARE,
        ),
        lambda _: 0,
        _make,
    ),
)
