"""An experiment as a program or a file for elsewhere: as it stands, with weights and data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from simulator.engine.layers.base import Array
from simulator.engine.memory import readable
from simulator.formats import exports
from simulator.formats.exports.writing import array_names
from simulator.lab.experiment import Experiment

MOST_DATA = 256 * 2**20
"""Bytes of data that are written beside a program at most."""
_WITHOUT_DATA = ("onnx",)


def export(
    experiment: Experiment, path: str | os.PathLike[str], framework: str
) -> tuple[tuple[Path, ...], str]:
    """Write what another framework reads of the network where it stands, and the data beside a
    program, so that it runs. Returns the files, and what is to be said of them, if anything.

    Raises ExportError, as `simulator.formats.exports.export`.
    """
    weights = {name: array.copy() for name, array in experiment.model.weights.items()}
    program = experiment.present_program
    data: dict[str, Array] | None = None
    said = ""
    if framework not in _WITHOUT_DATA:
        data = data_of(experiment)
        size = sum(array.nbytes for array in data.values())
        if size > MOST_DATA:
            data = None
            said = (
                f"The data take {readable(size)} and are not in it: the program says their names."
            )
    return exports.export(program, weights, path, framework, data), said


def data_of(experiment: Experiment) -> dict[str, Array]:
    """The arrays that it trains with, by the names that exported programs read."""
    x_names, y_names = array_names(experiment.program.network)
    run = experiment.timeline.run
    parts = [("", run.data)]
    if run.validation is not None and experiment.program.fit.validation_split:
        # The program holds back the last samples itself.
        pairs = zip((*run.data.x, *run.data.y), (*run.validation.x, *run.validation.y), strict=True)
        joined = [np.concatenate(pair) for pair in pairs]
        return dict(zip([*x_names, *y_names], joined, strict=True))
    if run.validation is not None:
        parts.append(("_val", run.validation))
    return {
        f"{name}{end}": array
        for end, data in parts
        for name, array in zip([*x_names, *y_names], (*data.x, *data.y), strict=True)
    }
