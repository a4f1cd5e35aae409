"""The arguments of each family of layers, in Keras's order, with what a card says of them."""

from __future__ import annotations

from simulator.formats.argument_types import (
    Argument,
    Choice,
    InnerLayer,
    Lengths,
    Named,
    Real,
    Sizes,
    Truth,
    Whole,
)
from simulator.formats.json_values import Json

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus",
    "softsign", "swish", "softmax",
)  # fmt: skip
INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "orthogonal", "random_normal", "random_uniform", "truncated_normal", "zeros", "ones",
)  # fmt: skip
REGULARIZERS = ("l1", "l2", "l1_l2")

Arguments = tuple[Argument, ...]

TRAINABLE = Truth(
    name="trainable", label="Trained", help="Off: the weights stay as they are (frozen).",
    default=True, live=True,
)  # fmt: skip
ACTIVATION = Named(
    name="activation", label="Activation", help="The function of each value.",
    family="activations", options=ACTIVATIONS, needed=True, start="relu",
)  # fmt: skip
DATA_FORMAT = Choice(
    name="data_format", label="Data format", help="Channels come last.",
    options=("channels_last",), optional=True, more=True,
)  # fmt: skip
_SEED = Whole(
    name="seed", label="Seed", help="For chance of its own; None takes the network's.",
    minimum=0, maximum=2**31 - 1, optional=True, more=True,
)  # fmt: skip
_USE_BIAS = Truth(
    name="use_bias", label="Bias", help="Whether a number is added for each unit.",
    default=True, more=True,
)  # fmt: skip


def _activation(default: str | None = None, name: str = "activation") -> Named:
    label = name.replace("_", " ").capitalize()
    return Named(
        name=name, label=label, help="The function of each sum; linear leaves it as it is.",
        family="activations", options=ACTIVATIONS, default=default, optional=default is None,
    )  # fmt: skip


def _initializer(weight: str, default: str) -> Named:
    return Named(
        name=f"{weight}_initializer", label=f"{_told(weight)} at the start",
        help="How its numbers are drawn before training.", family="initializers",
        options=INITIALIZERS, default=default, more=True,
    )  # fmt: skip


def _regularizer(weight: str) -> Named:
    return Named(
        name=f"{weight}_regularizer", label=f"{_told(weight)}: penalty",
        help="What large values of it add to the loss.", family="regularizers",
        options=REGULARIZERS, optional=True, more=True, live=True,
    )  # fmt: skip


def _told(weight: str) -> str:
    return weight.replace("_", " ").capitalize()


def _kernel(kernel: str = "kernel") -> Arguments:
    return (
        _initializer(kernel, "glorot_uniform"), _initializer("bias", "zeros"),
        _regularizer(kernel), _regularizer("bias"), _regularizer("activity"),
    )  # fmt: skip


def _units(told: str = "How many numbers come out.") -> Whole:
    return Whole(name="units", label="Units", help=told, needed=True, start=32, maximum=100_000)


def dense() -> Arguments:
    """Dense."""
    return (_units(), _activation(), _USE_BIAS, *_kernel())


def relu() -> Arguments:
    """ReLU."""
    return (
        Real(name="max_value", label="Largest value", help="Values above it are cut; None: none.",
             maximum=1e6, optional=True),
        _slope(0.0, "Slope of negative values."),
        Real(name="threshold", label="Threshold", help="Values below it become 0.", default=0.0,
             maximum=1e6, more=True),
    )  # fmt: skip


def leaky_relu() -> Arguments:
    """LeakyReLU."""
    return (_slope(0.3, "Slope of negative values."),)


def _slope(default: float, told: str) -> Real:
    return Real(
        name="negative_slope", label="Negative slope", help=told, default=default, maximum=1e3
    )


def axis(default: int = -1) -> Whole:
    """Along which axis; −1 is the last."""
    return Whole(
        name="axis", label="Axis", help="Along which axis; −1 is the last.", default=default,
        minimum=-8, maximum=8, more=True,
    )  # fmt: skip


def embedding() -> Arguments:
    """Embedding."""
    return (
        Whole(name="input_dim", label="Vocabulary", help="How many different numbers come in.",
              needed=True, start=1000, maximum=10_000_000),
        Whole(name="output_dim", label="Vector length", help="How many numbers stand for each.",
              needed=True, start=16, maximum=100_000),
        _initializer("embeddings", "uniform"),
        _regularizer("embeddings"),
        _regularizer("activity"),
        Truth(name="mask_zero", label="Skip zeros", help="Whether 0 stands for nothing.",
              default=False, more=True),
        Whole(name="input_length", label="Length", help="How many numbers a sequence has.",
              optional=True, more=True),
    )  # fmt: skip


def masking() -> Arguments:
    """Masking."""
    return (
        Real(name="mask_value", label="Filling", help="A step with this value alone is no data.",
             minimum=-1e6, maximum=1e6, default=0.0),
    )  # fmt: skip


def convolution(rank: int, *, groups: bool = True) -> Arguments:
    """Conv1D and Conv2D; without groups Conv2DTranspose."""
    paddings = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    return (
        Whole(name="filters", label="Filters", help="How many channels come out.", needed=True,
              start=16, maximum=16_384),
        Sizes(name="kernel_size", label="Kernel size", help="The window of each filter.",
              needed=True, start=3, rank=rank, maximum=255),
        _strides(rank, 1),
        _padding(paddings),
        DATA_FORMAT,
        _dilation(rank),
        *((_groups(),) if groups else ()),
        _activation(),
        _USE_BIAS,
        *_kernel(),
    )  # fmt: skip


def depthwise() -> Arguments:
    """DepthwiseConv2D."""
    return (
        Sizes(name="kernel_size", label="Kernel size", help="The window of each filter.",
              needed=True, start=3, rank=2, maximum=255),
        _strides(2, 1),
        _padding(("valid", "same")),
        Whole(name="depth_multiplier", label="Depth multiplier",
              help="How many filters each channel has.", default=1, maximum=1024),
        DATA_FORMAT,
        _dilation(2),
        _activation(),
        _USE_BIAS,
        *_kernel("depthwise"),
    )  # fmt: skip


def _strides(rank: int, default: Json) -> Sizes:
    return Sizes(
        name="strides", label="Strides", default=default, rank=rank, maximum=255,
        help="How far the window moves." if default else
        "How far the window moves; None: as far as it is long.",
        optional=default is None,
    )  # fmt: skip


def _padding(options: tuple[str, ...] = ("valid", "same")) -> Choice:
    return Choice(
        name="padding", label="Padding", default="valid", options=options,
        help="valid: only whole windows; same: zeros around, so that the size stays.",
    )  # fmt: skip


def _dilation(rank: int) -> Sizes:
    return Sizes(
        name="dilation_rate", label="Dilation", default=1, rank=rank, maximum=255, more=True,
        help="How far apart the window's cells lie.",
    )  # fmt: skip


def _groups() -> Whole:
    return Whole(
        name="groups", label="Groups", default=1, maximum=16_384, more=True,
        help="Into how many parts channels and filters are divided.",
    )  # fmt: skip


def pooling(kind: str, rank: int) -> Arguments:
    """The pooling layers with a window."""
    window: Arguments = (
        Sizes(name="pool_size", label="Pool size", help="The window.", default=2, rank=rank,
              maximum=1024),
        _strides(rank, None),
        _padding(),
    )  # fmt: skip
    if kind == "LpPooling2D":
        order = Real(
            name="order", label="Order", help="The p of the norm.", default=2.0, minimum=1.0,
            maximum=64.0,
        )  # fmt: skip
        return (*window, order, DATA_FORMAT)
    if kind == "StochasticPooling2D":
        return (*window, _SEED, DATA_FORMAT)
    return (*window, DATA_FORMAT)


def pooling_whole() -> Arguments:
    """The global pooling layers."""
    keep = Truth(
        name="keepdims", label="Keep axes", help="Whether axes of length 1 stay.", default=False,
        more=True,
    )  # fmt: skip
    return (DATA_FORMAT, keep)


def recurrent(kind: str) -> Arguments:
    """SimpleRNN, LSTM and GRU."""
    first: Arguments = (_units("How many numbers the state has."), _activation("tanh"))
    if kind != "SimpleRNN":
        first = (*first, _activation("sigmoid", "recurrent_activation"))
    own: Arguments = ()
    if kind == "LSTM":
        own = (
            Truth(name="unit_forget_bias", label="Forget bias 1", default=True, more=True,
                  help="Whether the forget gate begins open."),
        )  # fmt: skip
    if kind == "GRU":
        own = (
            Truth(name="reset_after", label="Reset after", default=True, more=True,
                  help="Whether the reset gate acts after the matrix product."),
        )  # fmt: skip
    return (
        *first,
        _USE_BIAS,
        _initializer("kernel", "glorot_uniform"),
        _initializer("recurrent", "orthogonal"),
        _initializer("bias", "zeros"),
        *(own if kind == "LSTM" else ()),
        _regularizer("kernel"),
        _regularizer("recurrent"),
        _regularizer("bias"),
        _regularizer("activity"),
        _rate("dropout", "Share of the inputs that is left out in training.", 0.0),
        _rate("recurrent_dropout", "Share of the state that is left out in training.", 0.0),
        _SEED,
        Truth(name="return_sequences", label="All steps", default=False,
              help="Off: the last output alone. On: the output of each step."),
        Truth(name="return_state", label="Give state", default=False, more=True,
              help="Whether the end state comes out too."),
        Truth(name="go_backwards", label="Backwards", default=False, more=True,
              help="Whether the sequence is read from its end."),
        Truth(name="zero_output_for_mask", label="Zeros at filling", default=False, more=True,
              help="Whether steps without data give zeros, and not the last output again."),
        Truth(name="unroll", label="Unroll", default=False, more=True,
              help="Changes nothing here."),
        *(own if kind == "GRU" else ()),
    )  # fmt: skip


def _rate(name: str, told: str, default: float | None = None) -> Real:
    return Real(
        name=name, label=_told(name), help=told, default=default, needed=default is None,
        start=0.5, maximum=1.0, below=name == "rate", live=True,
    )  # fmt: skip


def dropout() -> Arguments:
    """Dropout."""
    return (_rate("rate", "Share of the values that is left out in training."), _SEED)


def noise() -> Arguments:
    """GaussianNoise."""
    return (
        Real(name="stddev", label="Spread", help="The noise's standard deviation.", needed=True,
             start=0.1, maximum=1e3, live=True),
        _SEED,
    )  # fmt: skip


def normalization(kind: str) -> Arguments:
    """BatchNormalization and LayerNormalization."""
    batch = kind == "BatchNormalization"
    momentum = Real(
        name="momentum", label="Momentum", default=0.99, maximum=1.0,
        help="How slowly the kept mean and variance follow the batches'.",
    )  # fmt: skip
    return (
        axis(),
        *((momentum,) if batch else ()),
        Real(name="epsilon", label="Epsilon", help="Added to the variance.", default=1e-3,
             maximum=1.0, more=True),
        Truth(name="center", label="Shift", help="Whether a trained number is added.",
              default=True, more=True),
        Truth(name="scale", label="Scale", help="Whether a trained factor is applied.",
              default=True, more=True),
        _initializer("beta", "zeros"),
        _initializer("gamma", "ones"),
        *((_initializer("moving_mean", "zeros"), _initializer("moving_variance", "ones"))
          if batch else ()),
        _regularizer("beta"),
        _regularizer("gamma"),
    )  # fmt: skip


def merging_axis() -> Arguments:
    """Concatenate."""
    return (axis(),)


def attention() -> Arguments:
    """MultiHeadAttention."""
    return (
        Whole(name="num_heads", label="Heads", help="How many look at once.", needed=True, start=2,
              maximum=256),
        Whole(name="key_dim", label="Key length", help="Numbers of each head's query and key.",
              needed=True, start=16, maximum=16_384),
        Whole(name="value_dim", label="Value length", help="None: as long as the key.",
              optional=True, maximum=16_384),
        _rate("dropout", "Share of the attention that is left out in training.", 0.0),
        _USE_BIAS,
        Whole(name="output_shape", label="Output length", help="None: as long as the query.",
              optional=True, maximum=100_000, more=True),
        *_kernel(),
        _SEED,
    )  # fmt: skip


def wrapper(inner: InnerLayer) -> Arguments:
    """Bidirectional."""
    return (
        inner,
        Choice(name="merge_mode", label="Merge", default="concat", optional=True,
               options=("concat", "sum", "ave", "mul"),
               help="How the two outputs become one: side by side, sum, mean or product."),
        InnerLayer(name="backward_layer", label="Backward layer", optional=True, more=True,
                   help="None: a copy of the layer.", kinds=inner.kinds),
    )  # fmt: skip


def vgg16() -> Arguments:
    """VGG16, as `keras.applications` makes it."""
    return (
        Truth(name="include_top", label="With its top", default=True,
              help="Whether its three dense layers are there."),
        Choice(name="weights", label="Weights", options=("imagenet",), default="imagenet",
               optional=True,
               help="Learned weights are not bundled: the layers begin with drawn ones."),
        Lengths(name="input_shape", label="Input shape", help="Height, width and channels.",
                default=None, most=3),
        Choice(name="pooling", label="Pooling", options=("avg", "max"), optional=True,
               help="Without its top: the mean or the largest value of each channel."),
        Whole(name="classes", label="Classes", help="With its top: how many classes.",
              default=1000, maximum=100_000),
        Choice(name="classifier_activation", label="Activation", options=ACTIVATIONS,
               default="softmax", optional=True, more=True, help="With its top."),
    )  # fmt: skip
