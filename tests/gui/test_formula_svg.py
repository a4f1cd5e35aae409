"""Formulas: set once, in any thread, and coloured afterwards."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from simulator.gui import formula_images, formula_svg, theme
from simulator.gui.lesson_page import LessonPage
from simulator.gui.preparation import prepare_lesson
from simulator.lessons.catalogue import LESSONS

LATEX = r"\writes{y} = b + \reads{x} \cdot \weights{k}"


def test_each_role_and_the_ink_have_their_colour() -> None:
    colours = tuple(f"#{number:x}{number:x}1111" for number in range(1, 10))
    marked = " ".join(rf"\{name}{{x}}" for name in formula_svg.COLOURS)
    plain = formula_svg.formula(marked + " + b")
    svg = formula_svg.coloured(plain, colours)
    assert all(colour in svg for colour in colours)
    assert not any(colour in plain for colour in colours)
    assert QSvgRenderer(svg.encode()).isValid()
    assert len(svg) == len(plain)


def test_another_theme_only_colours_it_anew(qapp: QApplication) -> None:
    theme.apply(qapp, theme.LIGHT)
    light = formula_images.formula(LATEX)
    misses = formula_svg._set.cache_info().misses
    theme.apply(qapp, theme.DARK)
    dark = formula_images.formula(LATEX)
    assert formula_svg._set.cache_info().misses == misses
    assert dark is not light
    assert dark.viewBoxF() == light.viewBoxF()
    theme.apply(qapp, theme.LIGHT)
    assert formula_images.formula(LATEX) is light


@pytest.mark.parametrize("lesson", [lesson.id for lesson in LESSONS])
def test_a_lesson_that_was_prepared_opens_without_setting_a_formula(
    lesson: str, open_page: Callable[..., LessonPage]
) -> None:
    formula_svg._set.cache_clear()
    thread = threading.Thread(target=prepare_lesson, args=(lesson, {}))
    thread.start()
    thread.join()
    misses = formula_svg._set.cache_info().misses
    assert misses >= 2
    formula_images._renderer.cache_clear()
    open_page(lesson)
    assert formula_svg._set.cache_info().misses == misses


def test_settings_that_no_lesson_can_have_are_prepared_as_its_beginning() -> None:
    formula_svg._set.cache_clear()
    prepare_lesson("convolution", {})
    misses = formula_svg._set.cache_info().misses
    prepare_lesson("convolution", {"size": 3, "kernel_size": 15, "padding": "valid"})
    prepare_lesson("convolution", {"no such": 1, "stride": "x"})
    assert formula_svg._set.cache_info().misses == misses
