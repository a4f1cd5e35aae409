"""The right of the lab: how well it does now, what can be changed of it, and what is on view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from simulator.gui import metrics, theme
from simulator.gui.lab.figures import Figure, Figures
from simulator.gui.lab.lab_document import LabDocument
from simulator.gui.lab.lab_views import LabViews
from simulator.gui.lab.layer_section import LayerSection
from simulator.gui.lab.on_view import OnView
from simulator.gui.lab.slider import Slider
from simulator.gui.lab.stop_section import StopSection
from simulator.gui.widgets.button import Button
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.text import Text
from simulator.lab import Command, SetArgument, SetLearningRate
from simulator.lab.commands import SetBatchSize, SetOptimizerArgument
from simulator.lab.controls import Adjustable
from simulator.lab.presenting import standing
from simulator.lab.presenting import whole_program as programs

WIDTH = 236


class Knobs(QScrollArea):
    """Follows a document and its views; every change is one of the document's edits."""

    twins_wanted = Signal()

    def __init__(
        self, document: LabDocument, views: LabViews, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._live: dict[str, Slider] = {}
        self._values: dict[str, float] = {}
        self.setAccessibleName(self.tr("Knobs"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = body = _Ground(self)
        rows = QVBoxLayout(body)
        rows.setContentsMargins(metrics.HAIRLINE, 0, 0, 0)
        rows.setSpacing(0)
        self.figures = Figures(parent=body)
        now = Section(self.tr("Now, on held-out data"), parent=body)
        now.add(self.figures)
        rows.addWidget(now)
        self._now = now
        self._changing = Section(self.tr("Change while it runs"), parent=body)
        rows.addWidget(self._changing)
        self.twin = Button(self.tr("Compare two runs…"), icon="copy", parent=self._changing)
        self.twin.setToolTip(
            self.tr(
                "Two runs side by side, with the same network, seed and data: change one thing "
                "and watch what it does."
            )
        )
        self.twin.clicked.connect(lambda _=False: self.twins_wanted.emit())
        self._changing.add(self.twin)
        self.on_view = OnView(document, views, body)
        rows.addWidget(self.on_view)
        self.layer = LayerSection(document, views, body)
        rows.addWidget(self.layer)
        rows.addWidget(self._between(body))
        self.stop = StopSection(document, body)
        rows.addWidget(self.stop)
        rows.addStretch(1)
        self.setWidget(body)
        document.opened.connect(self._show_opened)
        document.program_changed.connect(self._show_program)
        document.snapshot_changed.connect(self._show_snapshot)
        document.play_changed.connect(self._show_play)
        self._make_live()
        self._show_program()
        self._show_play()

    def slider(self, name: str) -> Slider:
        """Return a slider, such as that of "learning_rate"; raise KeyError if there is none."""
        return self._live[name]

    # While it runs

    def _show_opened(self) -> None:
        self._make_live()
        self._show_program()
        self._show_play()

    def _make_live(self) -> None:
        """Offer a slider for each number that this training lets be changed."""
        document, training = self._document, self._document.training
        program = document.program
        wanted: list[tuple[str, str, tuple[float, ...], float, Callable[[float], Command]]] = []
        if program is not None:
            rate = programs.learning_rate(program)
            wanted.append(
                ("learning_rate", self.tr("Learning rate"), programs.RATES, rate, SetLearningRate)
            )
            size = float(program.fit.batch_size)
            sizes = tuple(float(each) for each in programs.BATCH_SIZES)
            wanted.append(
                ("batch_size", self.tr("Batch size"), sizes, size, lambda v: SetBatchSize(int(v)))
            )
        if training is not None and "weight_decay" in training.optimizer_arguments:
            wanted.append(
                (
                    *("weight_decay", self.tr("Weight decay"), programs.DECAYS, 0.0),
                    lambda v: SetOptimizerArgument("weight_decay", v),
                )
            )
        for each in training.adjustable if training is not None else ():
            key = f"{each.layer} {each.argument}"
            stops = (
                programs.SHARES
                if each.argument in {"rate", "dropout", "recurrent_dropout"}
                else programs.DECAYS
            )
            wanted.append((key, _named(each), stops, each.value, _setter(each)))
        if tuple(self._live) != tuple(key for key, *_ in wanted):
            for slider in self._live.values():
                slider.hide()
                slider.deleteLater()
            self._live = {}
            for key, words, stops, value, make in wanted:
                slider = Slider(words, stops, value=value, parent=self._changing)
                slider.value_changed.connect(
                    lambda value, key=key, words=words, make=make: self._set_live(
                        key, words, value, make
                    )
                )
                slider.held.connect(self._document.bursts.hold)
                slider.let_go.connect(self._document.bursts.let_go)
                self._live[key] = slider
                self._changing.add(slider)
            self._changing.add(self.twin)  # below all of them
        for key, _, _, value, _ in wanted:
            self._values[key] = value
            self._live[key].set_number(value)

    def _set_live(
        self, key: str, words: str, value: float, make: Callable[[float], Command]
    ) -> None:
        before = self._values.get(key, value)

        def command(number: float) -> Command:
            self._values[key] = number
            self._live[key].set_number(number)
            return make(number)

        self._document.change_live(
            self.tr("{0} {1}").format(words, f"{value:g}"), command, before, value, ("live", key)
        )

    # Between runs

    def _between(self, body: QWidget) -> Section:
        section = Section(self.tr("Change between runs"), parent=body)
        self.optimizer = _choice(self.tr("Optimizer"), programs.OPTIMIZER_NAMES, section)
        self.loss = _choice(self.tr("Loss"), programs.LOSS_NAMES, section)
        self.activation = _choice(self.tr("Activation"), programs.ACTIVATION_NAMES, section)
        self.optimizer.value_changed.connect(self._choose_optimizer)
        self.loss.value_changed.connect(self._choose_loss)
        self.activation.value_changed.connect(self._choose_activation)
        section.add_row(self.optimizer.accessibleName(), self.optimizer)
        section.add_row(self.activation.accessibleName(), self.activation)
        # The names of losses are long: they have a line of their own.
        section.add(Text(self.loss.accessibleName(), parent=section))
        section.add(self.loss)
        self._pause = Text(
            self.tr("Pause, and they open. A change begins a new run."),
            size=metrics.CAPTION,
            ink="ink3",
            parent=section,
        )
        section.add(self._pause)
        return section

    def _choose_optimizer(self, kind: str) -> None:
        program = self._document.program
        if program is not None:
            after = programs.with_optimizer(program, kind)
            self._document.change_program(self.tr("optimizer {0}").format(kind), after)

    def _choose_loss(self, loss: str) -> None:
        program = self._document.program
        if program is not None:
            after = replace(program, compile=replace(program.compile, loss=loss))
            self._document.change_program(self.tr("loss {0}").format(loss), after)

    def _choose_activation(self, name: str) -> None:
        program = self._document.program
        if program is not None:
            after = programs.with_activation(program, name)
            self._document.change_program(self.tr("activation {0}").format(name), after)

    # What is shown

    def _show_program(self) -> None:
        program = self._document.program
        if program is None:
            return
        for choice, value in (
            (self.optimizer, program.compile.optimizer.kind),
            (self.loss, programs.loss_name(program)),
            (self.activation, programs.activation(program)),
        ):
            _set_silently(choice, value)
        self._show_play()

    def _show_snapshot(self) -> None:
        snapshot = self._document.snapshot
        if snapshot is None:
            return
        shown = standing.figures(snapshot)
        colour = next(
            (each.colour for each in snapshot.branches if each.number == snapshot.branch), 0
        )
        self.figures.set_figures(tuple(Figure(*each) for each in shown), colour)
        held_out = snapshot.standing is None or snapshot.standing.held_out
        title = self.tr("Now, on held-out data") if held_out else self.tr("Now, on training data")
        self._now.set_title(title)
        in_force = {
            "learning_rate": snapshot.learning_rate,
            "batch_size": float(snapshot.batch_size),
            **snapshot.optimizer,
            **{" ".join(place): value for place, value in snapshot.arguments.items()},
        }
        for key, slider in self._live.items():
            if key in in_force:
                self._values[key] = in_force[key]
                slider.set_number(in_force[key])

    def _show_play(self) -> None:
        playing = self._document.playing
        made = self._document.training is not None
        self.twin.set_disabled_reason(None if made else self.tr("There is no network yet."))
        reason = self.tr("Pause to change it.") if playing else None
        for choice in (self.optimizer, self.loss):
            choice.set_disabled_reason(reason)
        program = self._document.program
        none = program is None or not programs.has_activation(program)
        nowhere = self.tr("No hidden layer of this network takes an activation.") if none else None
        self.activation.set_disabled_reason(nowhere or reason)


class _Ground(QWidget):
    """The ground of the panel."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.colour("panel"))
            edge = QRectF(0, 0, metrics.HAIRLINE, self.height())
            painter.fillRect(edge, theme.colour("hairline"))


def _choice(name: str, values: tuple[str, ...], parent: QWidget) -> Choice:
    return Choice(name, [(value, value, None) for value in values], parent=parent)


def _set_silently(choice: Choice, value: str) -> None:
    """Show a value, with an option of its own if it is none of those offered."""
    blocked = choice.blockSignals(True)
    keys = [str(choice.itemData(index)) for index in range(choice.count())]
    if value not in keys:
        choice.set_options([(key, key, None) for key in (*keys, value)], value)
    choice.set_value(value)
    choice.blockSignals(blocked)


def _named(each: Adjustable) -> str:
    # Of a layer within another its own name is enough.
    return f"{each.layer.rpartition('/')[2]}: {each.argument.replace('_', ' ')}"


def _setter(each: Adjustable) -> Callable[[float], Command]:
    return lambda value: SetArgument(each.layer, each.argument, value)
