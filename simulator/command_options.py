"""What can be said after a command, apart from what carries it out."""

from __future__ import annotations

import argparse

PROGRAM = "simulator"

RENDER_EXAMPLES = f"""\
examples:
  {PROGRAM} render convolution --set padding=same --step 40 -o picture.png
  {PROGRAM} render convolution --set picture=mine.jpg --set preset=blur --level layer -o blur.svg
  {PROGRAM} render pooling --set kind=max --level cell --steps 1:20 --theme dark -o pooling.gif
"""


def add_render_options(parser: argparse.ArgumentParser) -> None:
    """What "render" takes."""
    parser.add_argument("lesson", metavar="LESSON", help=f"one of those in {PROGRAM} lessons")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="settings",
        help=f"change a setting; {PROGRAM} lessons LESSON lists them",
    )
    for option, metavar, told in (
        ("--level", "LEVEL", "what counts as a step: one product, a cell, a map or the layer"),
        ("--step", "K", "the step to paint, counted from 1; if left out, one in the middle"),
        ("--steps", "A:B", "the steps of an animation; if A is left out the first, if B the last"),
        ("--size", "WxH", "width and height in pixels (776x664)"),
        ("--scale", "S", "paint every pixel S times as large, with finer detail (1)"),
        ("--theme", "THEME", "light or dark (light)"),
        ("--filter", "F", "look at this filter, counted from 1"),
        ("--channel", "C", "look at this channel, counted from 1"),
        ("--fps", "N", "pictures a second while an animation glides (25)"),
    ):
        parser.add_argument(option, metavar=metavar, help=told)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="where to write; the ending says what: .png, .svg, .gif, .webp or .apng",
    )


TRAIN_EXAMPLES = f"""\
examples:
  {PROGRAM} train my_program.py --data digits
  {PROGRAM} train my_program.py --data spiral --set noise=0 --epochs 50 --save spiral.simulator
  {PROGRAM} train spiral.simulator --epochs 20 --save spiral.simulator
"""


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """What "train" takes."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a program in Keras, a project, a network in ONNX, or the name of a preset",
    )
    for option, metavar, told in (
        ("--data", "NAME", "the data set to train on, where the program makes none itself"),
        ("--epochs", "N", "so many epochs, whatever the program says; of a project, more"),
        ("--seed", "S", "what initial weights, shuffling and dropout are drawn from (0)"),
        ("--save", "FILE", "keep network, weights and history in a project, also after Ctrl+C"),
    ):
        parser.add_argument(option, metavar=metavar, help=told)
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="change a setting of the data set",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="build the network and print its summary only"
    )
