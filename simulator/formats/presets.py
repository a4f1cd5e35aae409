"""Programs to begin with: those of the course, and one for each kind of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from simulator.engine.names import snake_case
from simulator.formats import arguments, made_data, vgg16
from simulator.formats.json_values import Json
from simulator.formats.network import LayerSpec, NetworkSpec, Shape, sequential
from simulator.formats.program import CompileSpec, DataSpec, FitSpec, OptimizerSpec, ProgramSpec

Group: TypeAlias = Literal["Course", "Points", "Pictures", "Autoencoders", "Sequences"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A program, and the data set that fits it: its id in the catalogue, settings and seed."""

    id: str
    title: str
    group: Group
    summary: str
    program: ProgramSpec
    dataset: str
    settings: Mapping[str, Json] = field(default_factory=dict, hash=False)
    data_seed: int = 0


def _chain(shape: Shape, *layers: tuple[str, dict[str, Json]]) -> NetworkSpec:
    """Layers in a row, named as Keras names them."""
    counted: dict[str, int] = {}
    specs = []
    for kind, given in layers:
        base = snake_case(kind)
        number = counted[base] = counted.get(base, -1) + 1
        name = "vgg16" if kind == "VGG16" else f"{base}_{number}" if number else base
        specs.append(LayerSpec(kind, name, arguments.check(kind, given)))
    return sequential(specs, shape=shape)


def _dense(units: int, activation: str | None = None, **more: Json) -> tuple[str, dict[str, Json]]:
    return "Dense", {"units": units, "activation": activation, **more}


def _conv(filters: int, size: int, **more: Json) -> tuple[str, dict[str, Json]]:
    given = {"filters": filters, "kernel_size": (size, size), "activation": "relu"}
    return "Conv2D", {**given, **more}


_POOL: tuple[str, dict[str, Json]] = ("MaxPooling2D", {"pool_size": (2, 2)})
_FLATTEN: tuple[str, dict[str, Json]] = ("Flatten", {})


def _program(
    network: NetworkSpec, loss: str, *, epochs: int, batch_size: int = 32,
    rate: float | None = None,
    optimizer: str = "Adam", accuracy: bool = True, seed: int = 1, validation: bool = True,
    **optimizer_arguments: Any,
) -> ProgramSpec:  # fmt: skip
    given = dict(optimizer_arguments)
    if rate is not None:
        given["learning_rate"] = rate
    return ProgramSpec(
        network,
        CompileSpec(OptimizerSpec(optimizer, given), loss, ("accuracy",) if accuracy else ()),
        FitSpec(epochs=epochs, batch_size=batch_size, validation=validation),
        seed=seed,
    )


_SPARSE = "sparse_categorical_crossentropy"
_BINARY = "binary_crossentropy"


def _signs(shape: tuple[int, ...], held: tuple[int, ...] | None = None) -> DataSpec:
    """Random sequences; the class says whether their first values add up to more than 0."""

    def classes(x: Json) -> Json:
        first = made_data.expression("index", x, index=((None, None, None), (None, None, None), 0))
        total = made_data.expression("sum", first, axis=1)
        return made_data.expression("cast", made_data.expression("greater", total, 0),
                                    dtype="int64")  # fmt: skip

    x = made_data.expression("normal", shape=shape, draw=0)
    if held is None:
        return DataSpec(x, classes(x))
    x_held = made_data.expression("normal", shape=held, draw=1)
    return DataSpec(x, classes(x), x_held, classes(x_held))


def _course() -> tuple[Preset, ...]:
    top = _conv(16, 2), ("MaxPooling2D", {"pool_size": (2, 2), "strides": 2})
    second = _conv(32, 2), ("MaxPooling2D", {"pool_size": (2, 2), "strides": 2})
    frozen = {"include_top": False, "trainable": False, "input_shape": vgg16.DEFAULT_SHAPE}
    return (
        Preset(
            "wave-forecast", "Forecast of a wave", "Course",
            "An LSTM with ReLU reads ten values and tells the next.",
            _program(_chain((10, 1), ("LSTM", {"units": 50, "activation": "relu"}), _dense(1)),
                     "mse", epochs=20, accuracy=False),
            "sine", {"length": 10},
        ),
        Preset(
            "colour-pictures-64", "Colour pictures, 64 × 64", "Course",
            "Two convolutions, each with a pooling, and two dense layers.",
            _program(_chain((64, 64, 3), _conv(32, 3), _POOL, _conv(64, 3), _POOL, _FLATTEN,
                            _dense(128, "relu"), _dense(10, "softmax")), _SPARSE, epochs=4),
            "shapes", {"size": 64, "samples": 1000},
        ),
        Preset(
            "sequence-classes-rnn", "Sequences in two classes", "Course",
            "Did the first of eight values add up to more than 0 in ten steps?",
            replace(
                _program(_chain((10, 8), ("SimpleRNN", {"units": 32}), _dense(1, "sigmoid")),
                         _BINARY, epochs=5, batch_size=16, validation=False),
                data=_signs((100, 10, 8)),
            ),
            "parity", {"length": 10},
        ),
        Preset(
            "digits-cnn-28", "Digits, 28 × 28", "Course",
            "One convolution, one pooling, two dense layers; classes as rows of zeros and a one.",
            _program(_chain((28, 28, 1), _conv(32, 3), _POOL, _FLATTEN, _dense(128, "relu"),
                            _dense(10, "softmax")), "categorical_crossentropy", epochs=5),
            "digits", {"size": "28"},
        ),
        Preset(
            "sequence-classes-lstm", "Sequences in two classes, LSTM", "Course",
            "An LSTM of 128 units, validated on sequences of its own.",
            replace(
                _program(_chain((10, 1), ("LSTM", {"units": 128}), _dense(1, "sigmoid")), _BINARY,
                         epochs=10, validation=True),
                data=_signs((400, 10, 1), (100, 10, 1)),
            ),
            "parity", {"length": 10},
        ),
        Preset(
            "colour-pictures-128", "Colour pictures, 128 × 128", "Course",
            "Windows of 2 × 2, for pictures of 128 × 128.",
            _program(_chain((128, 128, 3), *top, *second, _FLATTEN, _dense(100, "relu"),
                            _dense(10, "softmax")), _SPARSE, epochs=4),
            "shapes", {"size": 128, "samples": 400},
        ),
        Preset(
            "vgg16-frozen", "VGG16, frozen", "Course",
            "A frozen VGG16 without its top, and a new head that is trained.",
            _program(_chain(vgg16.DEFAULT_SHAPE, ("VGG16", frozen), _FLATTEN,
                            _dense(1024, "relu"), _dense(256, "relu"), _dense(10, "softmax")),
                     _SPARSE, epochs=2, batch_size=4),
            "shapes", {"size": 224, "samples": 40},
        ),
    )  # fmt: skip


def _points() -> tuple[Preset, ...]:
    def classifier(
        identity: str, title: str, summary: str, dataset: str, hidden: tuple[int, ...],
        activation: str, *, epochs: int, rate: float, batch_size: int = 16,
    ) -> Preset:  # fmt: skip
        layers = [_dense(units, activation) for units in hidden]
        return Preset(
            identity, title, "Points", summary,
            _program(_chain((2,), *layers, _dense(1, "sigmoid")), _BINARY, epochs=epochs,
                     batch_size=batch_size, rate=rate),
            dataset,
        )  # fmt: skip

    def regression(identity: str, title: str, summary: str, hidden: tuple[int, ...]) -> Preset:
        layers = [_dense(units, "tanh") for units in hidden]
        return Preset(
            identity, title, "Points", summary,
            _program(_chain((2,), *layers, _dense(1)), "mse", epochs=50, batch_size=16,
                     rate=0.01, accuracy=False),
            identity,
        )  # fmt: skip

    return (
        classifier("blobs", "Two blobs: one neuron", "One neuron draws a line.", "blobs", (),
                   "tanh", epochs=20, rate=0.05),
        classifier("circle", "A circle", "Four neurons close a curve.", "circle", (4,), "tanh",
                   epochs=40, rate=0.03),
        classifier("exclusive-or", "Exclusive or", "What one neuron cannot do, and a few can.",
                   "exclusive-or", (8,), "tanh", epochs=60, rate=0.03),
        classifier("moons", "Two moons", "Two hidden layers bend the border.", "moons", (8, 8),
                   "tanh", epochs=40, rate=0.02),
        classifier("spiral", "A spiral", "Three hidden layers for two arms.", "spiral",
                   (32, 32, 16), "tanh", epochs=120, rate=0.005),
        regression("plane", "A plane", "One neuron without activation fits a plane.", ()),
        regression("gaussian", "Hills and hollows", "A surface with hills and hollows.", (16, 8)),
    )  # fmt: skip


def _pictures() -> tuple[Preset, ...]:
    return (
        Preset(
            "digits-dense", "Handwritten digits, dense", "Pictures",
            "One hidden layer on 64 numbers.",
            _program(_chain((8, 8, 1), _FLATTEN, _dense(32, "relu"), _dense(10, "softmax")),
                     _SPARSE, epochs=30),
            "digits",
        ),
        Preset(
            "digits-cnn", "Handwritten digits", "Pictures",
            "Filters, pooling and one dense layer on real digits of 8 × 8.",
            _program(_chain((8, 8, 1), _conv(16, 3, padding="same"), _POOL, _conv(32, 3),
                            _FLATTEN, ("Dropout", {"rate": 0.25}), _dense(10, "softmax")),
                     _SPARSE, epochs=30, rate=0.003),
            "digits",
        ),
        Preset(
            "typed-letters", "Typed letters", "Pictures",
            "26 classes, turned and shifted at random.",
            _program(_chain((28, 28, 1), _conv(16, 3), _POOL, _conv(32, 3), _POOL, _FLATTEN,
                            _dense(64, "relu"), _dense(26, "softmax")), _SPARSE, epochs=8),
            "typed-letters",
        ),
        Preset(
            "coloured-shapes", "Coloured shapes", "Pictures", "Ten shapes in colour, 32 × 32.",
            _program(_chain((32, 32, 3), _conv(16, 3), _POOL, _conv(32, 3), _POOL, _FLATTEN,
                            _dense(64, "relu"), _dense(10, "softmax")), _SPARSE, epochs=8),
            "shapes",
        ),
    )  # fmt: skip


def _autoencoders() -> tuple[Preset, ...]:
    unflatten = ("Reshape", {"target_shape": (8, 8, 1)})
    dense = _chain((8, 8, 1), _FLATTEN, _dense(32, "relu"), _dense(8, "relu"), _dense(32, "relu"),
                   _dense(64, "sigmoid"), unflatten)  # fmt: skip
    up = ("UpSampling2D", {"size": (2, 2)})
    convolutional = _chain(
        (8, 8, 1), _conv(16, 3, padding="same"), _POOL, _conv(4, 3, padding="same"), up,
        _conv(16, 3, padding="same"), _conv(1, 3, padding="same", activation="sigmoid"),
    )  # fmt: skip
    large = _chain((28, 28, 1), _FLATTEN, _dense(128, "relu"), _dense(32, "relu"),
                   _dense(128, "relu"), _dense(784, "sigmoid"),
                   ("Reshape", {"target_shape": (28, 28, 1)}))  # fmt: skip
    itself = {"targets": "itself"}
    return (
        Preset(
            "autoencoder", "Digits through 8 numbers", "Autoencoders",
            "64 numbers are squeezed into 8, and come back.",
            _program(dense, "mse", epochs=40, accuracy=False), "digits", itself,
        ),
        Preset(
            "denoising-autoencoder", "Noise taken away", "Autoencoders",
            "Noisy digits go in, clean ones are to come out.",
            _program(dense, "mse", epochs=40, accuracy=False), "digits",
            {"targets": "clean", "noise": 0.3},
        ),
        Preset(
            "convolutional-autoencoder", "A convolutional autoencoder", "Autoencoders",
            "Pooling makes the code, upsampling the picture.",
            _program(convolutional, "mse", epochs=20, accuracy=False), "digits", itself,
        ),
        Preset(
            "autoencoder-28", "Digits of 28 × 28 through 32 numbers", "Autoencoders",
            "784 numbers are squeezed into 32, and come back.",
            _program(large, "mse", epochs=15, accuracy=False), "typed-digits", itself,
        ),
    )  # fmt: skip


def _sequences() -> tuple[Preset, ...]:
    def adding(kind: str) -> ProgramSpec:
        network = _chain((50, 2), (kind, {"units": 32}), _dense(1))
        return _program(network, "mse", epochs=30, batch_size=32, rate=0.003, accuracy=False,
                        clipnorm=1.0)  # fmt: skip

    return (
        Preset(
            "adding-lstm", "The adding problem, LSTM", "Sequences",
            "Two marked numbers among fifty are to be added.", adding("LSTM"), "adding",
        ),
        Preset(
            "adding-rnn", "The adding problem, SimpleRNN", "Sequences",
            "The same with a plain recurrent network, which forgets.", adding("SimpleRNN"),
            "adding",
        ),
        Preset(
            "noisy-wave", "A noisy wave", "Sequences", "A GRU tells how a noisy wave goes on.",
            _program(_chain((30, 1), ("GRU", {"units": 24}), _dense(1)), "mse", epochs=20,
                     accuracy=False),
            "noisy-wave",
        ),
        Preset(
            "wave-kinds", "Kinds of waves", "Sequences",
            "A Conv1D and a pooling tell four kinds of waves apart.",
            _program(_chain((40, 1),
                            ("Conv1D", {"filters": 8, "kernel_size": 5, "activation": "relu"}),
                            ("MaxPooling1D", {"pool_size": 2}),
                            ("LSTM", {"units": 16}), _dense(4, "softmax")), _SPARSE, epochs=20),
            "wave-kinds",
        ),
        Preset(
            "delayed-copy", "Delayed copy", "Sequences",
            "At each step, what came in five steps ago.",
            _program(_chain((20, 4), ("LSTM", {"units": 48, "return_sequences": True}),
                            _dense(5, "softmax")), _SPARSE, epochs=30, rate=0.01),
            "delayed-copy",
        ),
        Preset(
            "names", "Invented names", "Sequences", "A GRU guesses the next letter.",
            _program(_chain((12, 27), ("GRU", {"units": 64}), _dense(27, "softmax")), _SPARSE,
                     epochs=20),
            "names",
        ),
        Preset(
            "name-styles", "Styles of names", "Sequences",
            "A network that reads names in both directions.",
            _program(_chain((18, 27), ("Bidirectional", {
                "layer": {"kind": "LSTM", "name": "lstm", "arguments": {"units": 16}},
            }), _dense(3, "softmax")), _SPARSE, epochs=15),
            "name-styles",
        ),
        Preset(
            "reviews", "Film reviews", "Sequences",
            "Words become vectors, and an LSTM tells praise from blame.",
            _program(_chain((20,), ("Embedding", {"input_dim": 60, "output_dim": 16}),
                            ("LSTM", {"units": 16}), _dense(1, "sigmoid")),
                     "binary_crossentropy", epochs=15, rate=0.003),
            "reviews",
        ),
    )  # fmt: skip


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.id: preset
        for preset in (*_course(), *_points(), *_pictures(), *_autoencoders(), *_sequences())
    }
)
"""Every preset by its id, in the order in which a gallery shows them."""
