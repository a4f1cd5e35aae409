"""The list of lessons as the window shows it at once: this module imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of a lesson."""

    id: str
    title: str
    group: str
    icon: str
    summary: str


DENSE = Entry(
    id="dense",
    title="Dense layers",
    group="Basics",
    icon="sliders-horizontal",
    summary="Units weigh all inputs; a softmax makes probabilities of their sums.",
)

CONVOLUTION = Entry(
    id="convolution",
    title="Convolution",
    group="Images",
    icon="scan",
    summary="A kernel slides over a picture, one multiplication at a time.",
)
POOLING = Entry(
    id="pooling",
    title="Pooling",
    group="Images",
    icon="shrink",
    summary="A window shrinks a picture and keeps what matters.",
)

RNN_UNROLLED = Entry(
    id="rnn-unrolled",
    title="RNN unrolled",
    group="Sequences",
    icon="repeat",
    summary="A network reads a sequence step by step and hands what it knows to the next step.",
)
LSTM_GATES = Entry(
    id="lstm-gates",
    title="LSTM gates",
    group="Sequences",
    icon="git-commit-horizontal",
    summary="Gates decide what a memory keeps, lets in and shows: hold one and see.",
)
GRU_GATES = Entry(
    id="gru-gates",
    title="GRU gates",
    group="Sequences",
    icon="history",
    summary="Two gates and no separate memory: what is kept, and what is seen of the past.",
)

AUTOENCODER = Entry(
    id="autoencoder",
    title="Autoencoder",
    group="Compression",
    icon="hourglass",
    summary="A picture is squeezed into a few numbers and drawn again from them.",
)
WATCH_LEARNING = Entry(
    id="watch-learning",
    title="Watch it compress",
    group="Compression",
    icon="activity",
    summary="An autoencoder learns, and its code comes into order.",
)
EXPLORE_CODE = Entry(
    id="explore-code",
    title="Explore the code",
    group="Compression",
    icon="chart-scatter",
    summary="Drag a code of two numbers, and the decoder draws what lies there.",
)
DENOISING = Entry(
    id="denoising",
    title="Denoising",
    group="Compression",
    icon="eraser",
    summary="An autoencoder learns to draw clean pictures of noisy ones.",
)
AGAINST_PCA = Entry(
    id="against-pca",
    title="Against PCA",
    group="Compression",
    icon="layers",
    summary="The same code size by PCA, and by a linear and a non-linear autoencoder.",
)
BOLTZMANN = Entry(
    id="boltzmann",
    title="Boltzmann machine",
    group="Compression",
    icon="dices",
    summary="Units flip coins, dream up pictures, and learn from the difference.",
)
MACHINE_AT_WORK = Entry(
    id="machine-at-work",
    title="Boltzmann at work",
    group="Compression",
    icon="pencil",
    summary="A trained machine dreams, and fills in what is missing of a picture.",
)
RARE_CLASS = Entry(
    id="rare-class",
    title="Balance a rare class",
    group="Compression",
    icon="copy",
    summary="A machine draws more samples of a digit that there are only a few of.",
)
LEARNED_FEATURES = Entry(
    id="learned-features",
    title="Features or pixels",
    group="Compression",
    icon="zoom-in",
    summary="A classifier reads a machine’s hidden units instead of pixels.",
)
BACK_THROUGH_TIME = Entry(
    id="back-through-time",
    title="Back through time",
    group="Sequences",
    icon="rotate-ccw",
    summary="A gradient goes back step by step, and dies, explodes or survives.",
)
DEEP_BIDIRECTIONAL = Entry(
    id="deep-bidirectional",
    title="Deep and bidirectional",
    group="Sequences",
    icon="layers",
    summary="Layers on layers, and reading from both ends: a grid of cells in order.",
)
RACE = Entry(
    id="race",
    title="RNN, LSTM, GRU race",
    group="Sequences",
    icon="flag",
    summary="Three networks learn the same task side by side.",
)
APPLICATIONS = Entry(
    id="applications",
    title="Forecast, classify, write",
    group="Sequences",
    icon="activity",
    summary="A network goes on with a wave, names a shape, or writes text.",
)
CNN_AND_RNN = Entry(
    id="cnn-and-rnn",
    title="CNN and RNN compared",
    group="Sequences",
    icon="grid-3x3",
    summary="The same picture, read window by window and row by row.",
)

LAB = "lab"
"""What the training lab is called where a lesson's id can stand."""

LAYER_AT_WORK = Entry(
    id="layer-at-work",
    title="A layer at work",
    group="Basics",
    icon="grid-3x3",
    summary="Any other kind of layer, cell by cell: where each number comes from.",
)

ENTRIES = (
    DENSE,
    LAYER_AT_WORK,
    CONVOLUTION,
    POOLING,
    RNN_UNROLLED,
    LSTM_GATES,
    GRU_GATES,
    BACK_THROUGH_TIME,
    DEEP_BIDIRECTIONAL,
    RACE,
    APPLICATIONS,
    CNN_AND_RNN,
    AUTOENCODER,
    WATCH_LEARNING,
    EXPLORE_CODE,
    DENOISING,
    AGAINST_PCA,
    BOLTZMANN,
    MACHINE_AT_WORK,
    RARE_CLASS,
    LEARNED_FEATURES,
)
"""Every lesson, in the order of the list."""
