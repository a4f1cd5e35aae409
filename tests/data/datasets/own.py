"""Files as a learner might have them, and what a reader says of bad ones."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from simulator.data.datasets import DataError, make


def refusal(identity, path, **settings):
    """The line that refuses a file."""
    with pytest.raises(DataError) as caught:
        make(identity, {"path": str(path), **settings})
    told = str(caught.value)
    assert told.isprintable()
    assert "\n" not in told
    return told


def made_or_refused(make_it):
    """What is made, or None after a refusal in one line; any other exception comes through."""
    try:
        return make_it()
    except DataError as error:
        told = str(error)
    assert told.isprintable()
    return None


def whole(made):
    """Both parts together."""
    return np.concatenate([made.x, made.x_val]), np.concatenate([made.y, made.y_val])


def idx(array, *, packed=False):
    """The bytes of an IDX file."""
    lengths = struct.pack(f">{array.ndim}I", *array.shape)
    data = bytes([0, 0, 8, array.ndim]) + lengths + array.astype(np.uint8).tobytes()
    return gzip.compress(data, mtime=0) if packed else data


def save_picture(path, colour, size=(6, 4)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
