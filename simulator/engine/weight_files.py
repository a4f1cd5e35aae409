"""A network's weights in a file: a NumPy archive, one array for each, by its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from simulator.engine import names

if TYPE_CHECKING:
    from simulator.engine.network import Network


def name(given: Any, *, owner: str) -> str:
    """The file's name. Raises ValueError for one that does not end in .npz."""
    if not isinstance(given, str | os.PathLike) or not str(given).endswith(".npz"):
        raise ValueError(
            f"{owner}: the file is {names.shown(given)}: weights are kept as NumPy archives here, "
            "so that its name must end in .npz, such as 'best.weights.npz'."
        )
    return str(given)


def save(network: Network, given: Any, *, overwrite: bool) -> None:
    """Write the weights beside their place, and move them there when they are whole."""
    path = Path(name(given, owner="save_weights"))
    if path.exists() and not overwrite:
        raise FileExistsError(f"save_weights: {path} is there already: give overwrite=True.")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Numbered, because a network of another session gives its layers other names.
    arrays: dict[str, Any] = {
        f"{number:04d} {key.replace('/', ' ')}": weight
        for number, (key, weight) in enumerate(network.weights.items())
    }
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(network: Network, given: Any) -> None:
    """Copy the weights of a file into the network, in its order.

    Raises ValueError for a file that is no such archive, or of another network.
    """
    path = Path(name(given, owner="load_weights"))
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = [archive[key] for key in sorted(archive.files)]
    except (OSError, ValueError, EOFError, AttributeError, BadZipFile) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"load_weights: {path} is no archive of weights, or damaged.") from error
    network.set_weights(arrays)
