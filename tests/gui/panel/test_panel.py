"""The right panel: the arithmetic of the step on view, the output's size, and what to notice."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from simulator.gui.lesson_page import LessonPage
from simulator.gui.panel import formula_view
from simulator.gui.panel.fact_view import FactView
from simulator.gui.panel.formula_view import MOST_ROWS, FormulaView
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.text import Text
from simulator.lessons.texts import paragraphs
from simulator.traces.formula import Piece
from tests.gui.conftest import settle

Open = Callable[..., LessonPage]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """The runs of arithmetic that the formula paints, and whether each is bold."""
    heard: list[tuple[str, bool]] = []
    draw = formula_view.draw_pieces

    def listen(
        painter: QPainter,
        origin: QPointF,
        pieces: tuple[Piece, ...],
        font: QFont,
        *,
        gap: float,
        plain: QColor | None = None,
    ) -> float:
        heard.append(("".join(piece.text for piece in pieces), font.bold() or font.weight() >= 600))
        return draw(painter, origin, pieces, font, gap=gap, plain=plain)

    monkeypatch.setattr(formula_view, "draw_pieces", listen)
    return heard


def _formula(page: LessonPage) -> FormulaView:
    view = page.panel.findChild(FormulaView)
    assert view is not None
    return view


def _paint_anew(page: LessonPage) -> None:
    """Let the formula be painted whole, and not what has changed alone."""
    view = _formula(page)
    QApplication.sendEvent(view, QEvent(QEvent.Type.PaletteChange))
    view.grab()


def _product(x: float, weight: float) -> str:
    second = f"{weight:g}".replace("-", "\N{MINUS SIGN}")
    return f"{x:g}·" + (f"({second})" if weight < 0 else second)


def test_what_stands_below_the_formula_keeps_its_place_from_step_to_step(open_page: Open) -> None:
    page = open_page("lstm-gates", length=6, units=3)
    document, view = page.document, _formula(page)
    document.set_level("gate")
    for step in range(9):  # through all that one time step is made of, once
        document.seek(step)
    needed, heights = set(), set()
    for step in range(27):
        document.seek(step)
        needed.add(view._height())
        heights.add(view.height())
    assert len(needed) > 1
    assert len(heights) == 1
    assert heights.pop() >= max(needed)
    document.set_level("product")
    document.first()
    assert view.height() == round(view._height())


def test_every_term_has_the_numbers_of_its_cells(
    open_page: Open, drawn: list[tuple[str, bool]]
) -> None:
    page = open_page(size=6)
    arrays = page.document.lesson.arrays(page.document.state)
    x, kernel = arrays["input"][:, :, 0], arrays["kernel"][:, :, 0, 0]
    for step in (0, 4, 8, 9 * 6 + 5, 143):
        page.document.seek(step)
        drawn.clear()
        _paint_anew(page)
        row, column = divmod(step // 9, 4)
        expected = [
            _product(x[row + i, column + j], kernel[i, j]) for i in range(3) for j in range(3)
        ]
        where, *terms = drawn
        shown = where[0].replace(" ", "")
        assert shown == f"r={row}c={column}i={step % 9 // 3}j={step % 3}"
        assert [text for text, _ in terms] == expected
        assert [bold for _, bold in terms].index(True) == step % 9


def test_at_a_coarser_level_no_term_stands_out(
    open_page: Open, drawn: list[tuple[str, bool]]
) -> None:
    page = open_page(size=6)
    page.document.set_level("cell")
    drawn.clear()
    _paint_anew(page)
    assert len(drawn) == 10
    assert not any(bold for _, bold in drawn)


@pytest.mark.parametrize("size", [7, 15])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_of_many_terms_those_around_the_current_are_shown(
    open_page: Open, drawn: list[tuple[str, bool]], size: int, share: float
) -> None:
    page = open_page(size=16, kernel_size=size)
    page.document.seek(round(share * (size * size - 1)))
    told = page.document.session.explanation()
    drawn.clear()
    _paint_anew(page)
    terms = drawn[1:]
    assert sum(bold for _, bold in terms) == 1, "the current one is among them"
    assert len(terms) <= len(told.terms)
    assert sum(told.elided) + len(told.terms) == size * size
    assert _formula(page).height() == _formula(page).sizeHint().height()


def test_the_result_is_told_to_a_screen_reader(open_page: Open) -> None:
    page = open_page(size=6, bias=3.0)
    arrays = page.document.lesson.arrays(page.document.state)
    products = arrays["input"][:3, :3, 0] * arrays["kernel"][:, :, 0, 0]
    page.document.seek(4)
    so_far = 3 + float(products.ravel()[:5].sum())
    words = f"{so_far:g}".replace("-", "\N{MINUS SIGN}")
    assert words in _formula(page).accessibleDescription()


def test_a_formula_that_grows_squeezes_nothing(open_page: Open) -> None:
    page = open_page(size=8)
    body = page.panel.widget()
    heights: set[int] = set()
    for name, value in (
        ("preset", ("random",)),
        ("range", "1"),
        ("kernel_size", 7),
        ("padding", "same"),
        ("dilation", 3),
        ("kernel_size", 3),
    ):
        page.document.change(name, value)
        heights.add(_formula(page).height())
        for section in body.findChildren(Section):
            assert section.height() >= section.minimumSizeHint().height()
            assert body.rect().contains(section.geometry())
        now = [child.geometry().getRect() for child in body.findChildren(QWidget)]
        settle()
        assert now == [child.geometry().getRect() for child in body.findChildren(QWidget)]
    assert len(heights) > 2


def test_rows_of_terms_are_limited(open_page: Open) -> None:
    page = open_page(size=16, kernel_size=15, range="1", preset=("random",))
    page.document.seek(100)
    rows = (_formula(page).height() - 120) / formula_view.TERM_ROW
    assert rows < MOST_ROWS + 1


# The output's size


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [
        ({"size": 64}, ("64-3+0", "62")),
        ({"size": 10, "stride": 2, "padding": 1}, ("10-3+2", "5")),
        ({"size": 12, "dilation": 2}, ("12-5+0", "8")),
    ],
)
def test_the_size_follows_with_this_lessons_numbers(
    open_page: Open, settings: dict[str, int], numbers: tuple[str, str]
) -> None:
    page = open_page(**settings)
    fact = page.document.session.trace.size_fact()
    latex = fact.latex.replace("{", "").replace("}", "")
    assert all(words in latex for words in numbers)
    assert page.document.session.trace.geometry.output_size[0] == int(numbers[1])
    view = page.panel.findChild(FactView)
    assert view is not None
    assert view.accessibleName() == fact.title
    lines = [child for child in view.findChildren(QWidget) if getattr(child, "latex", "")]
    assert [line.latex for line in lines if line.isVisible()] == fact.latex.split(r"\\")  # type: ignore[attr-defined]
    assert all(line.width() >= 1 and line.height() >= 12 for line in lines if line.isVisible())
    remark = view.findChild(Text)
    assert remark is not None
    assert remark.text() == str(fact.remark)
    assert remark.isVisible() == bool(str(fact.remark))


def test_a_line_less_is_taken_off(open_page: Open) -> None:
    page = open_page("pooling", padding="same")
    view = page.panel.findChild(FactView)
    assert view is not None
    for kind in ("global_max", "max", "global_average"):
        page.document.change("kind", kind)
        fact = page.document.session.trace.size_fact()
        lines = [child for child in view.findChildren(QWidget) if hasattr(child, "latex")]
        assert [line.latex for line in lines if line.isVisible()] == fact.latex.split(r"\\")


# What to notice


def _noticed(page: LessonPage) -> str:
    sections = page.panel.widget().findChildren(Section)
    notice = next(one for one in sections if one.accessibleName() == "What to notice")
    text = notice.findChild(Text)
    assert text is not None
    return text.text()


def test_what_to_notice_suits_the_kind(open_page: Open) -> None:
    page = open_page("pooling")
    words = paragraphs("pooling")
    for kind in ("max", "average", "lp"):
        page.document.change("kind", kind)
        assert _noticed(page) == words[kind]


def test_what_to_notice_suits_the_filter_on_view(open_page: Open) -> None:
    page = open_page(size=8, filters=3)
    words = paragraphs("convolution")
    for index, preset in enumerate(("sobel_x", "sobel_y", "laplacian")):
        page.document.pick("map", index)
        assert _noticed(page) == words[preset]


def test_fewer_filters_in_sizes_that_do_not_fit_do_no_harm(open_page: Open) -> None:
    page = open_page(size=5, filters=3)
    page.document.pick("map", 2)
    page.document.change("kernel_size", 9)
    page.document.change("filters", 1)
    assert page.document.session.complaint is not None
    assert _noticed(page) == paragraphs("convolution")["laplacian"], "that is what is on view"
    page.document.change("kernel_size", 3)
    assert _noticed(page) == paragraphs("convolution")["sobel_x"]
    assert np.asarray(page.document.session.trace.arrays["output"].values).shape == (3, 3, 1)


def test_a_section_without_a_control_that_has_a_meaning_is_not_shown(open_page: Open) -> None:
    page = open_page("autoencoder", epochs=1)
    training = page.panel._sections["Training"]
    assert training.isVisible()
    page.document.change("network", "lab")
    assert not training.isVisible()
    assert "open a layer of an autoencoder there" in page.document.session.complaint.message
    assert page.document.session.complaint.control == "network"
    page.document.undo_stack.undo()
    assert training.isVisible()
    assert page.document.session.complaint is None
