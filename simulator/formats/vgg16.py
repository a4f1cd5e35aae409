"""The layers of VGG16 (Simonyan & Zisserman 2014, table 1, column D), named as Keras names them."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats.json_values import Json
from simulator.formats.network import InputSpec, LayerSpec, NetworkSpec, sequential

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Filters and number of convolutions of each block."""
DEFAULT_SHAPE = (224, 224, 3)


def network(arguments: Mapping[str, Json], name: str = "vgg16") -> NetworkSpec:
    """The group as a network of its own, for the arguments of a LayerSpec of the kind VGG16."""
    layers: list[LayerSpec] = []
    for block, (filters, depth) in enumerate(BLOCKS, start=1):
        window = {"filters": filters, "kernel_size": (3, 3), "activation": "relu"}
        layers += [
            LayerSpec("Conv2D", f"block{block}_conv{number}", {**window, "padding": "same"})
            for number in range(1, depth + 1)
        ]
        layers.append(
            LayerSpec("MaxPooling2D", f"block{block}_pool", {"pool_size": (2, 2), "strides": 2})
        )
    if arguments.get("include_top", True):
        layers.append(LayerSpec("Flatten", "flatten"))
        hidden = {"units": 4096, "activation": "relu"}
        layers += [LayerSpec("Dense", f"fc{number}", hidden) for number in (1, 2)]
        last = {
            "units": arguments.get("classes", 1000),
            "activation": arguments.get("classifier_activation", "softmax"),
        }
        layers.append(LayerSpec("Dense", "predictions", last))
    elif arguments.get("pooling") is not None:
        kind, what = {
            "avg": ("GlobalAveragePooling2D", "average"),
            "max": ("GlobalMaxPooling2D", "max"),
        }[arguments["pooling"]]
        layers.append(LayerSpec(kind, f"global_{what}_pooling2d"))
    if not arguments.get("trainable", True):
        layers = [layer.with_argument("trainable", False) for layer in layers]
    shape = arguments.get("input_shape") or DEFAULT_SHAPE
    chain = sequential(layers, shape=shape, name=name, input_name="input_layer")
    return NetworkSpec(
        name, (InputSpec("input_layer", shape),), chain.layers, chain.outputs, sequential=False
    )
