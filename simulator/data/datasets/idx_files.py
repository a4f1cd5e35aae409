"""Files in the format of MNIST: a magic number, the lengths of the axes, and then the bytes.

LeCun, Cortes & Burges, "The MNIST database of handwritten digits": two zero bytes, one byte for the
type (8: unsigned bytes), one for the number of axes, and each length as four bytes, the highest
first.
"""

from __future__ import annotations

import struct
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.data.datasets.dataset import size
from simulator.data.datasets.files import MOST_FILE_BYTES, bad, called, opened

_UNSIGNED_BYTES = 8
_TYPES = {8: "unsigned bytes", 9: "signed bytes", 11: "short numbers", 12: "whole numbers",
          13: "floats", 14: "doubles"}  # fmt: skip


def read(path: Path, *, axes: int) -> npt.NDArray[np.uint8]:
    """Return the array in an IDX file, packed with gzip or not.

    Raises:
        DataError: it is no such file, has another type or number of axes, or not as many bytes as
            its header says; the message names the file and the place.
    """
    with opened(path) as stream:
        magic = stream.read(4)
        if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
            raise bad(
                f"{called(path)} is no IDX file: it begins with the bytes {magic.hex(' ')}, and "
                f"not with 00 00 08 0{axes}. Choose a file of MNIST, such as "
                "train-images-idx3-ubyte."
            )
        if magic[2] != _UNSIGNED_BYTES:
            raise bad(
                f"{called(path)} holds {_TYPES[magic[2]]} (byte 3 is {magic[2]}): only unsigned "
                "bytes (8) can be read."
            )
        if magic[3] != axes:
            raise bad(
                f"{called(path)} has {magic[3]} axes, but {axes} are needed here: "
                f"{'pictures, and not labels' if axes == 3 else 'labels, and not pictures'}."
            )
        lengths = stream.read(4 * axes)
        if len(lengths) < 4 * axes:
            raise bad(f"{called(path)} is cut short within its header. Download it again.")
        shape = struct.unpack(f">{axes}I", lengths)
        wanted = prod(shape)
        if wanted == 0 or wanted > MOST_FILE_BYTES:
            raise bad(
                f"{called(path)} says that it holds {' × '.join(map(str, shape))} bytes: "
                f"between 1 and {size(MOST_FILE_BYTES)} can be read."
            )
        data = stream.read(wanted + 1)
    if len(data) != wanted:
        there = "more than" if len(data) > wanted else f"only {len(data):,} of"
        raise bad(
            f"{called(path)} has {there} the {wanted:,} bytes that its header tells "
            f"({' × '.join(map(str, shape))}). Download it again."
        )
    return np.frombuffer(data, np.uint8).reshape(shape)
