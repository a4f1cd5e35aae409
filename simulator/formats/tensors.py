"""Arrays in the format of safetensors, written piece by piece from where they lie.

The library makes the whole file in memory, and every array in it once more before: a copy of a long
training took twice what its checkpoints take. What is written here is the same to the byte
(https://github.com/huggingface/safetensors, "Format"): the length of a header in eight bytes, the
header in JSON, padded with spaces to a multiple of eight, and the arrays, by type, the largest
first, and by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

PIECE = 2**20
"""Bytes that are put together before they are written, at least, while there are more."""
_CODES = {
    np.dtype("uint64"): "U64",
    np.dtype("int64"): "I64",
    np.dtype("float64"): "F64",
    np.dtype("float32"): "F32",
    np.dtype("uint32"): "U32",
    np.dtype("int32"): "I32",
    np.dtype("uint8"): "U8",
    np.dtype("bool"): "BOOL",
}
_RANKS = {dtype: rank for rank, dtype in enumerate(_CODES)}
DTYPES = frozenset(_CODES)
"""The types of arrays that can be written."""


def pieces(arrays: Mapping[str, npt.NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """The file, in pieces that can be written one after the other.

    Small arrays are put together to pieces of about `PIECE` bytes, larger ones are not copied.
    Raises KeyError for an array of another type than `DTYPES`.
    """
    ordered = sorted(arrays.items(), key=lambda each: (_RANKS[each[1].dtype], each[0]))
    gathered = [_header(ordered)]
    size = len(gathered[0])
    for _, array in ordered:
        if array.nbytes >= PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
            yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
            continue
        gathered.append(array.tobytes())
        size += array.nbytes
        if size >= PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


def _header(arrays: Iterable[tuple[str, npt.NDArray[Any]]]) -> bytes:
    parts: list[str] = []
    end = 0
    for name, array in arrays:
        begin, end = end, end + array.nbytes
        shape = ",".join(map(str, array.shape))
        parts.append(
            f'{json.dumps(name, ensure_ascii=False)}:{{"dtype":"{_CODES[array.dtype]}",'
            f'"shape":[{shape}],"data_offsets":[{begin},{end}]}}'
        )
    text = f"{{{','.join(parts)}}}".encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text
