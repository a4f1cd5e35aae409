"""Which picture a lesson has on the stage, by the name of its scene."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.gui.stage.back_picture import BackPicture
from simulator.gui.stage.board_picture import BoardPicture
from simulator.gui.stage.cell_picture import CellPicture
from simulator.gui.stage.grid_picture import GridPicture
from simulator.gui.stage.picture import StagePicture
from simulator.gui.stage.window_picture import WindowPicture

PICTURES: Mapping[str, type[StagePicture]] = {
    "window": WindowPicture,
    "layers": WindowPicture,
    "cell": CellPicture,
    "back": BackPicture,
    "grid": GridPicture,
    "course": BoardPicture,
    "compare": BoardPicture,
    "race": BoardPicture,
    "two_readers": BoardPicture,
    "walk": BoardPicture,
    "dream": BoardPicture,
    "balance": BoardPicture,
    "features": BoardPicture,
}
