"""Random small networks in float64, with every kind of layer that there is."""

from hypothesis import strategies as st

from simulator.engine import Input, Model, layers
from tests.engine.geometries import seeds

bent = st.sampled_from(["tanh", "sigmoid", "softplus", "swish", "gelu"])
smooth = st.one_of(st.just("linear"), bent)
sizes = st.integers(1, 3)
padding = st.sampled_from(["same", "valid"])
dropout = st.sampled_from([0.0, 0.3])
F64 = {"dtype": "float64"}


@st.composite
def windows(draw, lengths):
    """Size, stride and padding of a window that fits these lengths."""
    own = draw(padding)
    most = 3 if own == "same" else min(3, *lengths)
    strides = draw(st.integers(1, 2))
    return draw(st.integers(1, most)), {"padding": own, "strides": strides}


# What each kind of layer is drawn as for an input of a shape without its batch; each returns a
# function of a tensor. One axis is a vector, two a sequence (T, C), three an image (H, W, C).


def in_groups(draw, shape):
    """Filters, in as many groups as the channels allow."""
    channels = shape[-1]
    groups = draw(st.sampled_from([n for n in range(1, channels + 1) if channels % n == 0]))
    return {"filters": groups * draw(sizes), "groups": groups}


def conv2d(draw, shape):
    size, options = draw(windows(shape[:2]))
    if draw(st.booleans()):
        options = {"padding": "same", "dilation_rate": draw(st.integers(1, 2))}
    options |= in_groups(draw, shape)
    return layers.Conv2D(kernel_size=size, activation=draw(smooth), **options, **F64)


def conv2d_transpose(draw, shape):
    size, options = draw(windows(shape[:2]))
    return layers.Conv2DTranspose(draw(sizes), size, activation=draw(smooth), **options, **F64)


def depthwise(draw, shape):
    size, options = draw(windows(shape[:2]))
    return layers.DepthwiseConv2D(size, depth_multiplier=draw(st.integers(1, 2)), **options, **F64)


def pooling2d(kind):
    def made(draw, shape):
        size, options = draw(windows(shape[:2]))
        return kind(size, **options, **F64)

    return made


def pooling1d(kind):
    def made(draw, shape):
        size, options = draw(windows(shape[:1]))
        return kind(size, **options, **F64)

    return made


def conv1d(draw, shape):
    size, options = draw(windows(shape[:1]))
    if draw(st.booleans()):
        options = {"padding": "causal", "dilation_rate": draw(st.integers(1, 2))}
    options |= in_groups(draw, shape)
    return layers.Conv1D(kernel_size=size, activation=draw(smooth), **options, **F64)


def recurrent(draw, kind):
    options = {"reset_after": draw(st.booleans())} if kind is layers.GRU else {}
    return kind(
        draw(sizes),
        activation=draw(bent),
        return_sequences=draw(st.booleans()),
        go_backwards=draw(st.booleans()),
        dropout=draw(dropout),
        recurrent_dropout=draw(dropout),
        **options,
        **F64,
    )


def bidirectional(draw, shape):
    kind = draw(st.sampled_from([layers.SimpleRNN, layers.LSTM, layers.GRU]))
    mode = draw(st.sampled_from(["sum", "mul", "concat", "ave"]))
    return layers.Bidirectional(recurrent(draw, kind), mode, **F64)


def masking(draw, shape):
    """Steps where nothing is positive are passed over by the recurrent layer that follows."""
    layer = recurrent(draw, draw(st.sampled_from([layers.SimpleRNN, layers.LSTM, layers.GRU])))
    layer.return_sequences = False  # few layers can follow a mask
    return lambda x: layer(layers.Masking(**F64)(layers.ReLU(**F64)(x)))


def attention(draw, shape):
    causal, own = draw(st.booleans()), draw(sizes)
    layer = layers.MultiHeadAttention(draw(st.integers(1, 2)), own, dropout=draw(dropout), **F64)
    return lambda x: layer(x, x, use_causal_mask=causal)


def merging(kind):
    """Of the tensor and of a dense layer of it."""

    def made(draw, shape):
        dense = layers.Dense(shape[-1], activation=draw(smooth), **F64)
        return lambda x: kind(**F64)([dense(x), x])

    return made


def plain(*arguments, **options):
    """A layer that takes any shape."""

    def of(kind):
        return lambda draw, shape: kind(*arguments, **options, **F64)

    return of


ANY = {
    "Activation": lambda draw, shape: layers.Activation(draw(smooth), **F64),
    "Add": merging(layers.Add),
    "Average": merging(layers.Average),
    "BatchNormalization": plain()(layers.BatchNormalization),
    "Concatenate": merging(layers.Concatenate),
    "Dense": lambda draw, shape: layers.Dense(draw(sizes), activation=draw(smooth), **F64),
    "Dropout": plain(0.3)(layers.Dropout),
    "Flatten": plain()(layers.Flatten),
    "GaussianNoise": plain(0.1)(layers.GaussianNoise),
    "LayerNormalization": plain()(layers.LayerNormalization),
    "LeakyReLU": plain(0.3)(layers.LeakyReLU),
    "Maximum": merging(layers.Maximum),
    "Minimum": merging(layers.Minimum),
    "Multiply": merging(layers.Multiply),
    "ReLU": plain(negative_slope=0.2)(layers.ReLU),
    "Softmax": plain()(layers.Softmax),
    "Subtract": merging(layers.Subtract),
}
IMAGE = {
    "AveragePooling2D": pooling2d(layers.AveragePooling2D),
    "Conv2D": conv2d,
    "Conv2DTranspose": conv2d_transpose,
    "DepthwiseConv2D": depthwise,
    "GlobalAveragePooling2D": plain()(layers.GlobalAveragePooling2D),
    "GlobalMaxPooling2D": plain()(layers.GlobalMaxPooling2D),
    "LpPooling2D": pooling2d(layers.LpPooling2D),
    "MaxPooling2D": pooling2d(layers.MaxPooling2D),
    "Permute": plain((2, 1, 3))(layers.Permute),
    "Reshape": lambda draw, shape: layers.Reshape((shape[0], -1), **F64),
    "StochasticPooling2D": pooling2d(layers.StochasticPooling2D),
    "UpSampling2D": plain((1, 2))(layers.UpSampling2D),
    "ZeroPadding2D": plain(1)(layers.ZeroPadding2D),
}
SEQUENCE = {
    "AveragePooling1D": pooling1d(layers.AveragePooling1D),
    "Bidirectional": bidirectional,
    "Conv1D": conv1d,
    "GRU": lambda draw, shape: recurrent(draw, layers.GRU),
    "GlobalAveragePooling1D": plain()(layers.GlobalAveragePooling1D),
    "GlobalMaxPooling1D": plain()(layers.GlobalMaxPooling1D),
    "LSTM": lambda draw, shape: recurrent(draw, layers.LSTM),
    "Masking": masking,
    "MaxPooling1D": pooling1d(layers.MaxPooling1D),
    "MultiHeadAttention": attention,
    "SimpleRNN": lambda draw, shape: recurrent(draw, layers.SimpleRNN),
    "TimeDistributed": lambda draw, shape: layers.TimeDistributed(
        layers.Dense(draw(sizes), activation=draw(smooth), **F64), **F64
    ),
}
VECTOR = {"RepeatVector": plain(2)(layers.RepeatVector)}
FIRST = {"Embedding", "InputLayer"}
"""What a network starts with."""


def kinds_of_layers():
    """The names of all kinds that there are, aliases left out."""
    return {
        name
        for name in layers.__all__
        if isinstance(kind := getattr(layers, name), type)
        and issubclass(kind, layers.Layer)
        and kind is not layers.Layer
        and kind.__name__ == name
    }


@st.composite
def networks(draw):
    """Vectors, sequences, images or whole numbers through some layers to a few classes."""
    start = draw(st.sampled_from(["vector", "sequence", "image", "numbers"]))
    if start == "numbers":
        given_input = Input((draw(sizes),))
        x = layers.Embedding(5, draw(sizes), **F64)(given_input)
    else:
        lengths = {"vector": 0, "sequence": 1, "image": 2}[start]
        shape = (*(draw(st.integers(2, 5)) for _ in range(lengths)), draw(sizes))
        x = given_input = Input(shape)
    for _ in range(draw(st.integers(1, 4))):
        special = {2: VECTOR, 3: SEQUENCE, 4: IMAGE}[len(x.shape)]
        # Those that suit no other shape come as often as all the others.
        table = special if draw(st.booleans()) else ANY
        x = table[draw(st.sampled_from(sorted(table)))](draw, x.shape[1:])(x)
    if len(x.shape) > 2:
        x = layers.Flatten(**F64)(x)
    if draw(st.booleans()):
        shared = layers.Dense(int(x.shape[-1]), activation=draw(smooth), **F64)
        x = layers.Concatenate(**F64)([shared(x), shared(shared(x)), x])
    classes = draw(st.integers(2, 3))
    output = layers.Dense(classes, activation="softmax", **F64)(x)
    model = Model(given_input, output, seed=draw(seeds))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, classes
