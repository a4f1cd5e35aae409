"""What of Keras, TensorFlow and NumPy is known, and by which names."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.formats import arguments, training_arguments
from simulator.formats.keras_reader.values import Reference

KERAS_ROOTS = (
    "tensorflow.python.keras", "tensorflow.compat.v1.keras", "tensorflow.keras", "tf_keras",
    "keras.api", "keras.src", "simulator.engine", "keras",
)  # fmt: skip
_SHORT = (
    "tensorflow.optimizers", "tensorflow.losses", "tensorflow.metrics", "tensorflow.initializers",
)  # fmt: skip
"""Modules of Keras that TensorFlow shows by itself, too."""
MODULES = (
    "layers", "models", "optimizers", "losses", "metrics", "initializers", "regularizers",
    "activations", "callbacks", "applications", "datasets", "utils", "preprocessing", "backend",
    "constraints",
)  # fmt: skip
NOT_RUN = (
    "matplotlib", "seaborn", "pandas", "sklearn", "scipy", "os", "sys", "time", "datetime",
    "random", "math", "warnings", "pathlib", "glob", "cv2", "PIL", "json", "pickle", "itertools",
    "collections", "plotly", "tqdm", "google", "IPython", "urllib", "zipfile", "string", "re",
    "typing", "__future__", "pprint", "h5py", "tensorflow_datasets", "kagglehub", "requests",
    "visualkeras", "keras_tuner", "functools", "copy", "csv", "io", "shutil", "gc", "logging",
)  # fmt: skip
"""Libraries that programs import for plots, files and the like: what they give is not read."""

INSTEAD: Mapping[str, str] = {
    "SeparableConv2D": "Use DepthwiseConv2D, and Conv2D(filters, 1) after it.",
    "SeparableConv1D": "Use Conv1D.",
    "PReLU": "Use LeakyReLU.",
    "SpatialDropout1D": "Use Dropout.",
    "SpatialDropout2D": "Use Dropout.",
    "AlphaDropout": "Use Dropout.",
    "Attention": "Use MultiHeadAttention.",
    "AdditiveAttention": "Use MultiHeadAttention.",
    "ZeroPadding1D": 'Use padding="same" in the next layer.',
    "Cropping2D": 'Use padding="valid" in the layers before.',
    "UpSampling1D": "Use UpSampling2D on images, or RepeatVector on vectors.",
    "Conv1DTranspose": "Use Conv2DTranspose on images.",
    "GroupNormalization": "Use LayerNormalization.",
    "Lambda": "A function of your own cannot be read: use a layer for it.",
    "ConvLSTM2D": "Use TimeDistributed(Conv2D(…)) and an LSTM after Flatten.",
    "Conv3D": "There are layers for sequences and for images.",
    "MaxPooling3D": "There are layers for sequences and for images.",
    "Dot": "Use Multiply.",
    "TextVectorization": "Leave it out: text data here are numbers already.",
}
"""What is possible in the place of layers that are not here."""

ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(
        ("Rescaling", "Normalization", "Identity"), "the data sets here are scaled already"
    ),
    **dict.fromkeys(
        ("RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "RandomTranslation",
         "RandomBrightness", "RandomCrop", "Resizing", "CenterCrop"),
        "data sets here have settings for that",
    ),
}  # fmt: skip
"""Layers that are left out, and why."""
OTHER_METRICS = (
    "F1Score", "FBetaScore", "CosineSimilarity", "Poisson", "R2Score", "MeanIoU", "Mean",
    "CategoricalHinge", "SquaredHinge", "LogCoshError", "MeanSquaredLogarithmicError",
    "MeanAbsolutePercentageError", "TruePositives", "TrueNegatives", "FalsePositives",
    "FalseNegatives", "mape", "msle", "cosine_similarity",
)  # fmt: skip
"""Metrics of Keras that are not here: they change nothing in training, and are left out."""
METRICS_BEYOND = {"AUC": ("multi_label", "num_labels", "label_weights", "thresholds")}
"""Arguments with which a metric is another one, that isn't here."""
AS_ACTIVATIONS = {"ELU": "elu", "GELU": "gelu", "Selu": "selu"}
OTHER_GROUPS = (
    "VGG19", "ResNet50", "ResNet50V2", "ResNet101", "MobileNet", "MobileNetV2", "InceptionV3",
    "InceptionResNetV2", "Xception", "DenseNet121", "EfficientNetB0", "NASNetMobile",
)  # fmt: skip
"""Groups of layers that Keras has and that are not here."""
MERGES = ("add", "concatenate", "multiply", "average", "maximum", "minimum", "subtract")
"""Functions of Keras that make a merging layer and call it."""

SAMPLES = (
    "load_iris", "load_digits", "load_wine", "load_diabetes", "load_breast_cancer", "make_moons",
    "make_circles", "make_classification", "make_blobs", "make_regression", "fetch_openml",
    "fetch_california_housing",
)  # fmt: skip
"""What scikit-learn reads or makes data sets by."""

BARE: Mapping[str, str] = {
    **{name: f"keras.layers.{name}" for name in (*arguments.LAYERS, *arguments.ALIASES)},
    **{name: f"keras.layers.{name}" for name in (*INSTEAD, *ELSEWHERE, *AS_ACTIVATIONS)},
    **{name: f"keras.applications.{name}" for name in OTHER_GROUPS},
    **{name: f"keras.optimizers.{name}" for name in training_arguments.OPTIMIZERS},
    **{name: f"keras.callbacks.{name}" for name in training_arguments.CALLBACKS},
    **{name: f"keras.{name}" for name in MODULES},
    "keras": "keras",
    **{name: f"keras.layers.{name}" for name in MERGES},
    "tf": "tensorflow",
    "tensorflow": "tensorflow",
    "np": "numpy",
    "numpy": "numpy",
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "sns": "seaborn",
    "math": "math",
    "random": "random",
    "os": "os",
    "Sequential": "keras.Sequential",
    "Model": "keras.Model",
    "Input": "keras.Input",
    "InputLayer": "keras.layers.InputLayer",
    "VGG16": "keras.applications.VGG16",
    "to_categorical": "keras.utils.to_categorical",
    "np_utils": "keras.utils",
    "l1": "keras.regularizers.l1",
    "l2": "keras.regularizers.l2",
    "l1_l2": "keras.regularizers.l1_l2",
    "mnist": "keras.datasets.mnist",
    "fashion_mnist": "keras.datasets.fashion_mnist",
    "cifar10": "keras.datasets.cifar10",
    "cifar100": "keras.datasets.cifar100",
    "imdb": "keras.datasets.imdb",
    "boston_housing": "keras.datasets.boston_housing",
    **{name: f"sklearn.datasets.{name}" for name in SAMPLES},
    "train_test_split": "sklearn.model_selection.train_test_split",
    "StandardScaler": "sklearn.preprocessing.StandardScaler",
    "MinMaxScaler": "sklearn.preprocessing.MinMaxScaler",
    "pad_sequences": "keras.preprocessing.sequence.pad_sequences",
    "ImageDataGenerator": "keras.preprocessing.image.ImageDataGenerator",
    "Tokenizer": "keras.preprocessing.text.Tokenizer",
    "ModelCheckpoint": "keras.callbacks.ModelCheckpoint",
}
"""What a name means that nothing in the source explains: the import line was not copied."""


def canonical(path: str) -> str:
    """One path for all by which Keras's things can be reached: "keras.layers.Conv2D"."""
    if path.startswith(_SHORT):
        return canonical(f"keras.{path.removeprefix('tensorflow.')}")
    for root in KERAS_ROOTS:
        if path == root:
            return "keras"
        if path.startswith(f"{root}."):
            return _in_keras(path.removeprefix(f"{root}."))
    return path


def _in_keras(rest: str) -> str:
    parts = rest.split(".")
    last = parts[-1]
    if last in ("Sequential", "Model", "Input"):
        return f"keras.{last}"
    if last == "Functional":
        return "keras.Model"
    module = "applications" if "applications" in parts else parts[0]
    if module in ("layers", "applications") and len(parts) > 1:
        return f"keras.{module}.{last}"
    if module in ("optimizers", "metrics", "losses", "utils") and len(parts) > 2:
        return f"keras.{module}.{last}"
    return f"keras.{rest}"


def member(reference: Reference, name: str) -> Reference:
    """What stands in a module under that name."""
    return Reference(canonical(f"{reference.path}.{name}"))


def is_not_run(path: str) -> bool:
    """Whether something belongs to a library whose results are not read."""
    return path.split(".", maxsplit=1)[0] in NOT_RUN
