"""A window to put the lab's widgets in."""

from tests.gui.widgets.conftest import _light, colours, pixel, place, turn

__all__ = ["_light", "colours", "pixel", "place", "turn"]
