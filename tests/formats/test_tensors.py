"""What is written piece by piece is what the library writes at once."""

import tracemalloc

import numpy as np
import pytest
from safetensors.numpy import load, save

from simulator.formats import tensors

RNG = np.random.default_rng(3)
ARRAYS = {
    "dense/kernel": RNG.random((3, 4), np.float32),
    "dense/bias": np.zeros(0, np.float32),
    "steps": np.arange(5),
    "number": np.array(3.5),
    "none of four": np.zeros((0, 4), np.uint8),
    "truths": np.array([True, False, True]),
    "turned": RNG.random((30, 40)).T,
    "every second": np.arange(20, dtype=np.int32)[::2],
    'größe „quoted\\"': np.array([7], np.uint32),
    "generator": np.arange(3, dtype=np.uint64),
    "large": RNG.random((600, 700), np.float32),
    "large and turned": RNG.random((500, 300)).T,
}


def written(arrays: dict[str, np.ndarray]) -> bytes:
    return b"".join(tensors.pieces(arrays))


@pytest.mark.parametrize("names", [[], ["number"], ["large"], list(ARRAYS), list(ARRAYS)[::-1]])
def test_it_is_what_the_library_writes(names: list[str]) -> None:
    chosen = {name: ARRAYS[name] for name in names}
    content = written(chosen)
    assert content == save({name: np.asarray(each, order="C") for name, each in chosen.items()})
    for name, array in load(content).items():
        np.testing.assert_array_equal(array, chosen[name])


def test_many_small_ones_come_in_pieces_and_large_ones_as_they_lie() -> None:
    small = {f"array/{n}": np.full(1000, n, np.float32) for n in range(1000)}
    found = list(tensors.pieces({**small, "large": ARRAYS["large"]}))
    assert b"".join(found) == save({**small, "large": ARRAYS["large"]})
    large = [each for each in found if isinstance(each, memoryview)]
    assert [np.shares_memory(each, ARRAYS["large"]) for each in large] == [True]
    assert 4 <= len(found) <= 8
    assert all(len(each) < 2 * tensors.PIECE for each in found)


def test_writing_takes_a_piece_of_memory_and_no_copy() -> None:
    arrays = {f"array/{n}": np.zeros(4096, np.float32) for n in range(1000)}  # 16 MiB
    tracemalloc.start()
    try:
        for piece in tensors.pieces(arrays):
            assert piece
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 4 * tensors.PIECE


def test_a_type_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        written({"half": np.zeros(3, np.float16)})
