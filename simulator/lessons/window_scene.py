"""The picture of every lesson in which a window slides: input, weights, terms, output."""

from __future__ import annotations

from dataclasses import replace

from simulator.lessons import image_input
from simulator.lessons.frame import Attention, Card, Extents, Frame, Grid, Pointer, Room, Strip
from simulator.lessons.hover_card import card_of
from simulator.lessons.input_grids import input_grid, input_overview
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.map_choices import map_choices
from simulator.lessons.output_grids import output_grid, output_overview
from simulator.lessons.pointing import marked, pointed
from simulator.lessons.running_strip import running_strip
from simulator.lessons.scene import Scene
from simulator.lessons.sight import FINE_LEVELS, Sight
from simulator.lessons.toned import Toned
from simulator.lessons.window_grids import terms_grid, weights_grid
from simulator.lessons.window_planes import WindowPlanes
from simulator.lessons.window_views import ViewFinder, terms_on_view
from simulator.lessons.written import WrittenCells
from simulator.traces.formula import Explanation, Message, Tone
from simulator.traces.numbers import number
from simulator.traces.places import Place
from simulator.traces.timeline import Moment
from simulator.traces.window import WindowTrace


class WindowScene(Scene):
    """Makes frames of one trace: the same moment and attention always give the same frame."""

    def __init__(self, lesson: Lesson, trace: WindowTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        self._trace = trace
        self._lesson = lesson
        self._state = state
        self.white = image_input.white(state.settings)
        self._planes = WindowPlanes(
            trace,
            white=self.white,
            edits=state.edits,
            of_picture=image_input.is_picture(state),
        )
        self._written = WrittenCells()
        self._finder = ViewFinder(trace)
        self._picture_title = image_input.picture_title(state)
        self._told: tuple[tuple[object, ...], Explanation] | None = None
        self._strip: tuple[tuple[object, ...], Strip] | None = None

    @property
    def trace(self) -> WindowTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._trace.at(level)

    # What is looked at

    @property
    def _fine(self) -> bool:
        return self.trace.level in FINE_LEVELS

    def place(self, step: int, attention: Attention) -> Place:
        """Return where the picture of a step stands.

        A step of one output cell stands there, and at its term. The coarse levels write many
        cells; of these the pinned one is looked at, or else the one in the middle. Where a step
        is about every map or channel, it is the one that was picked.
        """
        place = self.trace.focus(step)
        if self.trace.level == "layer":
            place = replace(place, map=attention.map)
        if not self._fine and attention.pinned is not None and attention.pinned.array == "output":
            row, column, _ = attention.pinned.index
            place = replace(place, row=row, column=column)
        depth = self.trace.term_shape[0]
        if depth > 1 and self.trace.level != "product":
            place = replace(place, channel=min(attention.channel, depth - 1))
        return place

    def input_channel(self, place: Place) -> int:
        """Return the channel of the input on view at a place: pooling has one for each map."""
        return place.channel if self.trace.term_shape[0] > 1 else min(place.map, self.channels - 1)

    @property
    def channels(self) -> int:
        """Return how many channels the input has."""
        return self._planes.depth

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the arithmetic of a step: at the coarse levels, of the cell that is looked at."""
        place = self.place(step, attention)
        key = (self.trace.level, step, place.map, place.row, place.column)
        if self._told is None or self._told[0] != key:
            self._told = (key, self._explain(step, place))
        return self._told[1]

    def _explain(self, step: int, place: Place) -> Explanation:
        told = self.trace.explain(step)
        if self._fine:
            return told
        cells = self.trace.at("cell")
        cell = cells.step_computing((place.row, place.column, place.map))
        return replace(
            cells.explain(cell),
            headline=told.headline,
            sentence=told.sentence,
            progress=told.progress,
            progress_caption=told.progress_caption,
        )

    def _running_strip(self, place: Place) -> Strip:
        """Return the strip of a place; the last one is kept, for it stays while a step rests."""
        key = (self.trace.level, place.map, place.row, place.column, place.number)
        if self._strip is None or self._strip[0] != key:
            self._strip = (key, running_strip(self.trace, place))
        return self._strip[1]

    # The frame

    def frame(self, moment: Moment, room: Room, attention: Attention) -> Frame:
        """Return what to paint at a moment."""
        before, after = (self.place(step, attention) for step in (moment.previous, moment.step))
        place = after if moment.arrived == moment.step else before
        sight = Sight(
            trace=self.trace,
            planes=self._planes,
            written=self._written,
            finder=self._finder,
            views=self._finder.views(before, after, moment.blend, room),
            place=place,
            channel=self.input_channel(place),
            arrived=moment.arrived,
            enlarges_input=self._finder.enlarges_input(room),
            enlarges_output=self._finder.enlarges_output(room),
        )
        cells = pointed(self.trace, attention)

        def with_marks(grid: Grid) -> Grid:
            return marked(self.trace, grid, cells) if cells else grid

        def with_marks_if_any(grid: Grid | None) -> Grid | None:
            return None if grid is None else with_marks(grid)

        name = self._lesson.weights_name(self._state, place.map)
        return Frame(
            explanation=self.explanation(moment.arrived, attention),
            input=with_marks(input_grid(sight)),
            input_overview=with_marks_if_any(input_overview(sight)),
            weights=with_marks_if_any(weights_grid(sight, name)),
            terms=with_marks(terms_grid(sight)),
            output=with_marks(output_grid(sight)),
            output_overview=with_marks_if_any(output_overview(sight)),
            node=self.trace.scene_words.sign,
            rule=self.trace.scene_words.rule,
            where=self._where(place),
            strip=self._running_strip(place) if sight.fine else None,
            choices=tuple(
                replace(choice, grids=tuple(with_marks(grid) for grid in choice.grids))
                for choice in map_choices(sight)
            ),
        )

    def _where(self, place: Place) -> tuple[Toned, ...]:
        """Return, line by line, which picture it is and where its window stands."""
        title = Toned(self._picture_title, Tone.PLAIN)
        if not self._fine:
            return (title, Toned(Message("every window"), Tone.PLAIN))
        row = self.trace.geometry.window_rows(place.row).start
        column = self.trace.geometry.window_columns(place.column).start
        return (
            title,
            Toned(Message("window at"), Tone.PLAIN),
            Toned(Message("row {row}", {"row": number(row)}), Tone.READS),
            Toned(Message("column {column}", {"column": number(column)}), Tone.READS),
        )

    def extents(self, step: int, attention: Attention) -> Extents:  # noqa: ARG002
        """Return how many cells there are to lay out: the same at every step of a level."""
        extent = self._finder.extent
        return Extents(
            input=(int(extent.height), int(extent.width)),
            window=self.trace.geometry.effective_kernel_size,
            terms=terms_on_view(self.trace.geometry.kernel_size),
            output=self.trace.geometry.output_size,
            has_weights=self._planes.convolves,
            has_strip=self._fine,
            channel_maps=self.trace.term_shape[0],
            maps=self.trace.maps,
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell once step ``arrived`` is done."""
        return card_of(self.trace, pointer, arrived, pinned=pinned, picture=self._planes.of_picture)
