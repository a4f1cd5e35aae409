"""A whole Keras program: the network, its weights from a file, and training."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats import keras_values
from simulator.formats.exports.writing import Array, ExportError, array_names
from simulator.formats.keras_writer import NOT_IN_KERAS, write_network
from simulator.formats.network import LayerSpec, NetworkSpec
from simulator.formats.program import ProgramSpec


def write_program(
    program: ProgramSpec, weights: Mapping[str, Array], stem: str
) -> tuple[str, dict[str, Array]]:
    """Return the source of STEM.py, and the arrays of STEM.npz beside it.

    Raises ExportError for layers that Keras does not have.
    """
    network = _without_downloads(program.network)
    for layer in network.layers:
        if layer.kind in NOT_IN_KERAS:
            raise ExportError(
                f"{layer.name} ({layer.kind}) is not in Keras: use MaxPooling2D or "
                "AveragePooling2D.",
                layer=layer.name,
            )
    lines, variable = write_network(network)
    held = program.fit.validation
    x, y = array_names(network)
    held_x, held_y = ([f"{each}_val" for each in names] for names in (x, y))
    names = (_read(x), _read(y), _read(held_x), _read(held_y))
    text = _PROGRAM.format(
        stem=stem,
        network="\n".join(f"    {line}" if line else "" for line in lines),
        variable=variable,
        compiled=keras_values.compiled(program.compile),
        fitted=keras_values.fitted(program.fit, names),
        seed=program.seed,
        needs=", ".join([*x, *y, *([*held_x, *held_y] if held else [])]),
    )
    return text, {f"{number:04}": array for number, array in enumerate(weights.values())}


def _read(names: list[str]) -> str:
    told = ", ".join(f'data["{name}"]' for name in names)
    return told if len(names) == 1 else f"[{told}]"


def _without_downloads(network: NetworkSpec) -> NetworkSpec:
    """VGG16 with `weights=None`: its weights are in the file."""

    def changed(layer: LayerSpec) -> LayerSpec:
        return layer.with_argument("weights", None) if layer.kind == "VGG16" else layer

    layers = tuple(changed(layer) for layer in network.layers)
    return NetworkSpec(network.name, network.inputs, layers, network.outputs, network.sequential)


_PROGRAM = '''"""A network from the Deep Learning Simulator, with its weights, in Keras 3.

    python {stem}.py

Training reads {stem}_data.npz, with the arrays {needs}, and writes {stem}_trained.keras.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).resolve().parent
STEM = Path(__file__).stem


def make_network():
{network}
    return {variable}


def load_network():
    """The network with the weights of the file beside this one."""
    network = make_network()
    with np.load(HERE / f"{{STEM}}.npz") as arrays:
        network.set_weights([arrays[name] for name in sorted(arrays.files)])
    return network


def main():
    keras.utils.set_random_seed({seed})
    model = load_network()
    model.compile({compiled})
    model.summary()
    path = HERE / f"{{STEM}}_data.npz"
    if not path.exists():
        raise SystemExit(f"{{path}} is missing: save the data there with np.savez. {{__doc__}}")
    with np.load(path) as arrays:
        data = dict(arrays)
    model.fit({fitted})
    model.save(HERE / f"{{STEM}}_trained.keras")


if __name__ == "__main__":
    main()
'''
