"""The output whose answers are on view, of a network with several."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from simulator.gui.widgets.choice import Choice


class OutputChoice(Choice):
    """Offers the outputs by their names; its values are their numbers, as texts."""

    def __init__(self, choose: Callable[[int], object], *, parent: QWidget | None = None) -> None:
        """``choose`` is called with the number of an output."""
        super().__init__("", [("0", "", None)], parent=parent)
        self.setAccessibleName(self.tr("Output"))
        self.setToolTip(
            self.tr("The output whose answers are on view: samples, confusion, boundary.")
        )
        self.value_changed.connect(lambda key: choose(int(key)))

    def offer(self, names: Sequence[str], chosen: int) -> bool:
        """Offer these, silently; return whether there is anything to choose."""
        if len(names) > 1:
            blocked = self.blockSignals(True)
            options = [(str(number), name, None) for number, name in enumerate(names)]
            self.set_options(options, str(chosen))
            self.blockSignals(blocked)
        return len(names) > 1
