"""The right panel of a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from simulator.gui import metrics, theme
from simulator.gui.binding import BankBinding, Binding
from simulator.gui.document import Document
from simulator.gui.panel.fact_view import FactView
from simulator.gui.panel.formula_view import FormulaView
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.text import Text
from simulator.lessons.controls import RealControl, Settings
from simulator.lessons.texts import notice_of

MOST_SLIDERS = 8
"""More sliders of one section stand small, side by side."""


class LessonPanel(QScrollArea):
    """Formula, the fact of the lesson, controls by section, and what to notice."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        """Follow ``document``."""
        super().__init__(parent)
        self._document = document
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFixedWidth(metrics.PANEL)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = body = _Body(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self._formula = FormulaView(body)
        section = Section(self.tr("Formula"), caption=self.tr("symbols and numbers"), parent=body)
        section.add(self._formula)
        rows.addWidget(section)
        self._fact = FactView(body)
        self._fact_section = Section("", parent=body)
        self._fact_section.add(self._fact)
        rows.addWidget(self._fact_section)
        self.bindings: dict[str, Binding] = {}
        self._laid_out: tuple[object, ...] = ()
        self._sections: dict[str, Section] = {}
        for name in dict.fromkeys(control.section for control in document.lesson.controls):
            self._sections[name] = self._controls(name, body)
            rows.addWidget(self._sections[name])
        self._notice = Text("", parent=body)
        notice = Section(self.tr("What to notice"), last=True, parent=body)
        notice.add(self._notice)
        rows.addWidget(notice)
        rows.addStretch(1)
        self.setWidget(body)
        document.state_changed.connect(self._show_state)
        document.step_changed.connect(self._show_step)
        self._show_state()
        self._show_step()

    def _controls(self, name: str, body: QWidget) -> Section:
        section = Section(self.tr(name), parent=body)
        controls = [c for c in self._document.lesson.controls if c.section == name]
        sliders = [c for c in controls if isinstance(c, RealControl) and c.stops]
        if len(sliders) > MOST_SLIDERS:
            controls = [c for c in controls if c not in sliders[MOST_SLIDERS:]]
            last = controls.index(sliders[MOST_SLIDERS - 1])
            controls[last - MOST_SLIDERS + 1 : last + 1] = _while_few(sliders)
        line: QHBoxLayout | None = None
        for control, following in pairwise([*controls, None]):
            assert control is not None
            shares = control.beside_previous or (
                following is not None and following.beside_previous
            )
            binding = Binding(self._document, control, section, labelled=not shares)
            self.bindings[control.name] = binding
            if not shares:
                section.add(binding.row)
                continue
            if line is None or not control.beside_previous:
                line = QHBoxLayout()
                line.setSpacing(metrics.GRID * 2)
                section.add(line)
            line.addWidget(binding.row)
        if len(sliders) > MOST_SLIDERS:
            bank = BankBinding(self._document, sliders, MOST_SLIDERS, section)
            section.add(bank.row)
        return section

    def _show_state(self) -> None:
        fact = self._document.session.scene.fact()
        self._fact_section.setVisible(fact is not None)
        if fact is not None:
            self._fact.set_fact(fact)
            self._fact_section.set_title(self.tr(fact.title))
        settings = self._document.state.settings
        for name, section in self._sections.items():
            controls = (each for each in self._document.lesson.controls if each.section == name)
            section.setVisible(any(control.shown(settings) for control in controls))
        self._show_notice()
        self._lay_out()

    def _show_step(self) -> None:
        before = self._formula.sizeHint(), self._notice.sizeHint()
        session = self._document.session
        walk = session.trace.level, session.timeline.length
        self._formula.set_explanation(session.explanation(), walk)
        self._show_notice()
        if (self._formula.sizeHint(), self._notice.sizeHint()) != before:
            self._lay_out()  # nearly all steps need as much room as the one before

    def _show_notice(self) -> None:
        document = self._document
        map_index = document.session.map_on_view
        self._notice.set_content(notice_of(document.lesson, document.shown_state, map_index))

    def _lay_out(self) -> None:
        """Give everything its new height at once.

        Left to itself, a change of height climbs from layout to layout, an event each, and what
        is painted on the way is squeezed.
        """
        body, session = self._body, self._document.session
        settings = self._document.state.settings
        now = (
            body.width(),
            self._formula.sizeHint(),
            self._notice.text(),
            session.scene.fact(),
            session.complaint,
            tuple(control.shown(settings) for control in self._document.lesson.controls),
        )
        if now == self._laid_out:
            return  # nothing has another height
        self._laid_out = now
        wanted = -1
        while wanted != (wanted := body.heightForWidth(body.width())):
            for child in reversed(body.findChildren(QWidget)):
                layout = child.layout()
                if layout is not None:
                    layout.activate()
            QApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))


def _while_few(sliders: Sequence[RealControl]) -> list[RealControl]:
    """Return the first few of many sliders, shown while no more than so many have a meaning.

    These are counted once for the settings of a state, which never change.
    """
    counted: list[tuple[Settings, int]] = []

    def few(settings: Settings) -> bool:
        if not counted or counted[0][0] is not settings:
            counted[:] = [(settings, sum(each.shown(settings) for each in sliders))]
        return counted[0][1] <= MOST_SLIDERS

    def shown(control: RealControl, settings: Settings) -> bool:
        return few(settings) and control.shown(settings)

    return [replace(each, shown=partial(shown, each)) for each in sliders[:MOST_SLIDERS]]


class _Body(QWidget):
    """The ground of the panel."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
            edge = QRectF(0, 0, metrics.HAIRLINE, self.height())
            painter.fillRect(edge, theme.colour("hairline"))
