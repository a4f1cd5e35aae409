import pytest

from simulator.engine.geometry import WindowGeometry
from simulator.traces.sizes import output_size_fact


def fact(size, **options):
    found = output_size_fact(WindowGeometry.convolution(size, **options))
    return found.latex.replace(r"\weights", ""), str(found.remark)


def test_the_plain_formula():
    assert fact((64, 64), kernel_size=3) == (
        r"O=\frac{I-{K}+2P}{S}+1=\frac{64-3+0}{1}+1=\mathbf{62}",
        "",
    )


def test_a_remainder_is_rounded_down_and_said():
    latex, remark = fact((8, 8), kernel_size=3, stride=2)
    assert latex == (
        r"O=\left\lfloor\frac{I-{K}+2P}{S}\right\rfloor+1"
        r"=\left\lfloor\frac{8-3+0}{2}\right\rfloor+1=\mathbf{3}"
    )
    assert remark == "The division has a remainder and is rounded down: no further window fits."


def test_dilation_spans_more_cells():
    latex, remark = fact((9, 9), kernel_size=3, dilation=2)
    assert latex == r"O=\frac{I-{D(K-1)}-1+2P}{S}+1=\frac{9-5+0}{1}+1=\mathbf{5}"
    assert remark == "With dilation 2, a kernel of 3 cells spans 5."


def test_the_width_has_its_own_numbers():
    latex, remark = fact((5, 9), kernel_size=(3, 4), dilation=(1, 2))
    assert latex.endswith(r"\frac{5-3+0}{1}+1=\mathbf{3}")
    assert remark == (
        "These are the numbers of the height; the width comes to 3 in the same way. "
        "With dilation 2, a kernel of 4 cells spans 7."
    )


@pytest.mark.parametrize(
    ("options", "remark"),
    [
        (
            {"kernel_size": 3, "padding": "same"},
            "This is what “same” adds: the output is as large as the input.",
        ),
        (
            {"kernel_size": 4, "stride": 2, "padding": "same"},
            "This is what “same” adds: the output has I / S cells, rounded up.",
        ),
        ({"kernel_size": 1, "padding": "same"}, ""),
        ({"kernel_size": 2, "padding": 1}, ""),
        (
            {"kernel_size": 3, "padding": ((0, 3), (1, 1))},
            "These are the numbers of the height; the width comes to 8 in the same way. "
            "2P counts both sides: 0 above and 3 below.",
        ),
        (
            {"kernel_size": 3, "padding": ((1, 1), (0, 2))},
            "2P counts both sides: 0 on the left and 2 on the right.",
        ),
    ],
)
def test_padding_is_explained(options, remark):
    assert fact((8, 8), **options)[1] == remark
