"""Random window geometries, every one of them valid."""

from hypothesis import settings
from hypothesis import strategies as st

from simulator.engine.backends import cuda_driver
from simulator.engine.geometry import WindowGeometry

# Numba's CUDA simulator takes some microseconds for each product.
SIMULATED = cuda_driver.simulated()
LARGEST = 5 if SIMULATED else 9
sizes = st.tuples(st.integers(1, LARGEST), st.integers(1, LARGEST))


def examples(count):
    # No deadline: the first example of a test may wait for a kernel to be compiled.
    return settings(max_examples=max(2, count // 10) if SIMULATED else count, deadline=None)


randomly = examples(100)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def convolutions(draw, largest_kernel=5):
    """Strides larger than the kernel, padding larger than the kernel, and all between."""
    input_size = draw(sizes)
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    dilation = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    side = st.tuples(st.integers(0, 6), st.integers(0, 6))
    padding = draw(st.one_of(st.just("same"), st.just("valid"), st.tuples(side, side)))
    room = [
        largest_kernel
        if padding == "same"
        else (length + (0 if padding == "valid" else sum(padding[axis])) - 1) // dilation[axis] + 1
        for axis, length in enumerate(input_size)
    ]
    kernel_size = tuple(draw(st.integers(1, min(largest_kernel, most))) for most in room)
    return WindowGeometry.convolution(
        input_size, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation
    )


@st.composite
def poolings(draw):
    input_size = draw(sizes)
    window, padding = [], []
    for length in input_size:
        before_and_after = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
        smallest, most = max(before_and_after) + 1, length + sum(before_and_after)
        if smallest > most:
            before_and_after, smallest, most = (0, 0), 1, length
        padding.append(before_and_after)
        window.append(draw(st.integers(smallest, min(most, max(smallest, 5)))))
    stride = draw(st.one_of(st.none(), st.tuples(st.integers(1, 6), st.integers(1, 6))))
    chosen = draw(st.sampled_from([tuple(padding), "same", "valid"]))
    if chosen == "valid":
        window = [min(pair) for pair in zip(window, input_size, strict=True)]
    return WindowGeometry.pooling(input_size, window=tuple(window), stride=stride, padding=chosen)
