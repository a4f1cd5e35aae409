"""Programs for the tests of the lab."""

from dataclasses import replace

from simulator.data.datasets import make
from simulator.formats.network import LayerSpec, sequential
from simulator.formats.program import CompileSpec, FitSpec, OptimizerSpec, ProgramSpec, made


def layer(kind, name, **arguments):
    return LayerSpec(kind, name, arguments)


def moons(samples=60, **fit):
    """A small network for two moons, and the moons."""
    network = sequential(
        [
            layer("Dense", "hidden", units=6, activation="relu"),
            layer("Dropout", "drop", rate=0.1),
            layer("Dense", "out", units=1, activation="sigmoid"),
        ],
        shape=(2,),
    )
    program = ProgramSpec(
        network,
        CompileSpec(OptimizerSpec("Adam", {"learning_rate": 0.02}), "binary_crossentropy",
                    ("accuracy",)),
        FitSpec(**({"epochs": 3, "batch_size": 16} | fit)),
        seed=5,
    )  # fmt: skip
    return program, make("moons", {"samples": samples}, seed=1)


def digits(samples=200, **fit):
    """A small convolutional network whose input shape is not told, and digits."""
    network = sequential(
        [
            layer("Conv2D", "conv", filters=4, kernel_size=3, activation="relu"),
            layer("MaxPooling2D", "pool"),
            layer("Flatten", "flat"),
            layer("Dense", "out", units=10, activation="softmax"),
        ],
        shape=None,
    )
    program = ProgramSpec(
        network,
        CompileSpec(OptimizerSpec("Adam"), "categorical_crossentropy", ("accuracy",)),
        FitSpec(**({"epochs": 2, "batch_size": 32} | fit)),
        seed=3,
    )
    return program, make("digits", {}, seed=1)


def plane(rate=0.05, **fit):
    """A small network for numbers over the plane, by the square of its error."""
    network = sequential(
        [layer("Dense", "hidden", units=6, activation="relu"), layer("Dense", "out", units=1)],
        shape=(2,),
    )
    program = ProgramSpec(
        network,
        CompileSpec(OptimizerSpec("SGD", {"learning_rate": rate}), "mse"),
        FitSpec(**({"epochs": 3, "batch_size": 16} | fit)),
        seed=5,
    )
    return program, make("plane", {"samples": 60}, seed=1)


def callback(name, **config):
    return made(name, **config)


def with_optimizer(program, optimizer):
    return replace(program, compile=replace(program.compile, optimizer=optimizer))


def with_network(program, network):
    return replace(program, network=network)
