"""The controls and cards that the window is put together from."""

from simulator.gui.widgets.button import Button
from simulator.gui.widgets.choice import Choice
from simulator.gui.widgets.field_row import FieldRow
from simulator.gui.widgets.hover_card import HoverCard
from simulator.gui.widgets.icon_button import IconButton
from simulator.gui.widgets.lesson_list import LessonList
from simulator.gui.widgets.notice import Notice
from simulator.gui.widgets.number_field import NumberField
from simulator.gui.widgets.padding_choice import PaddingChoice
from simulator.gui.widgets.pips import Pips
from simulator.gui.widgets.play_button import PlayButton
from simulator.gui.widgets.scrub_bar import ScrubBar
from simulator.gui.widgets.section import Section
from simulator.gui.widgets.segmented import Segmented
from simulator.gui.widgets.shortcuts_dialog import ShortcutsDialog
from simulator.gui.widgets.speed_choice import SpeedChoice
from simulator.gui.widgets.spinner import Spinner
from simulator.gui.widgets.stepper import Stepper
from simulator.gui.widgets.text import Part, Text
from simulator.gui.widgets.toggle import Toggle
from simulator.gui.widgets.top_bar import TopBar
from simulator.gui.widgets.transport import Transport

__all__ = [
    "Button",
    "Choice",
    "FieldRow",
    "HoverCard",
    "IconButton",
    "LessonList",
    "Notice",
    "NumberField",
    "PaddingChoice",
    "Part",
    "Pips",
    "PlayButton",
    "ScrubBar",
    "Section",
    "Segmented",
    "ShortcutsDialog",
    "SpeedChoice",
    "Spinner",
    "Stepper",
    "Text",
    "Toggle",
    "TopBar",
    "Transport",
]
