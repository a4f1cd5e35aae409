"""The lab's smaller views, and what they are called."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from simulator.gui.lab.heat_views import ConfusionView, MapsView
from simulator.gui.lab.layer_views import HistogramsView, LayerBarsView
from simulator.gui.lab.titled_view import TitledView


def tiles() -> dict[str, TitledView]:
    """Return a view for each key, in the order in which they stand."""
    made: dict[str, TitledView] = {
        "confusion": ConfusionView(_tr("Confusion")),
        "filters": MapsView(_tr("Weights of the layer")),
        "slopes": MapsView(_tr("Gradients of its weights")),
        "weights": HistogramsView(_tr("Histograms of weights"), "weights"),
        "activations": HistogramsView(_tr("Histograms of outputs"), "writes"),
        "gradients": HistogramsView(_tr("Weights’ gradients"), "gradient"),
        "activation_gradients": HistogramsView(_tr("Outputs’ gradients"), "gradient"),
        "norms": LayerBarsView(_tr("Gradient norm"), "gradient"),
        "ratios": LayerBarsView(_tr("Update ÷ weights"), "weights"),
        "dead": LayerBarsView(
            _tr("Dead units"), "ink2", empty=_tr("Only units with ReLU can die.")
        ),
    }
    made["norms"].set_caption(_tr("of the last batch"))
    made["ratios"].set_caption(_tr("about 0.001 is usual"))
    made["dead"].set_caption(_tr("never above 0"))
    return made


def _tr(words: str) -> str:
    return QCoreApplication.translate("ViewTiles", words)
