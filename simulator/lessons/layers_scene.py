"""The picture of a lesson that goes through a network part by part, unit by unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.lessons.frame import Attention, Card, Extents, Frame, Grid, Pointer, Room, Strip
from simulator.lessons.layers_card import layers_card
from simulator.lessons.layers_grids import LayersGrids, LayersSight
from simulator.lessons.layers_strip import layers_strip
from simulator.lessons.lesson import Lesson, LessonState
from simulator.lessons.pointing import marked, pointed
from simulator.lessons.running_strip import running_strip
from simulator.lessons.scene import Scene
from simulator.lessons.toned import Toned
from simulator.lessons.unit_graph import unit_graph
from simulator.lessons.window_views import terms_on_view
from simulator.traces.formula import Explanation, Message, Tone
from simulator.traces.part import PartView
from simulator.traces.staged import Spot, StagedTrace
from simulator.traces.timeline import Moment
from simulator.traces.window_part import WindowPart


class LayersScene(Scene):
    """Makes frames of one staged trace."""

    def __init__(self, lesson: Lesson, trace: StagedTrace, state: LessonState) -> None:
        """Take a lesson's trace and the state it was made from."""
        self._trace = trace
        self._editable = frozenset(lesson.remakes)
        self._grids = LayersGrids(trace, edits=state.edits, editable=self._editable)
        came = state.opened if lesson.is_from_elsewhere(state) else None
        self._opened = () if came is None else (Toned(Message(came.title), Tone.READS),)
        self._told: tuple[tuple[object, ...], Explanation] | None = None
        self._strip: tuple[tuple[object, ...], Strip | None] | None = None

    @property
    def trace(self) -> StagedTrace:
        """The trace, at the level that steps are counted in."""
        return self._trace

    def set_level(self, level: str) -> None:
        """Count steps in another level."""
        self._trace = self._trace.at(level)

    # What is looked at

    def place(self, step: int, attention: Attention) -> Spot:
        """Return where the picture of a step stands.

        Where a step does everything, it is the part that was picked; of a whole part, the unit
        that is pinned is looked at, or else the one in the middle of the map that was picked.
        """
        spot = self._trace.focus(step)
        if self._trace.level == "whole":
            number = self._trace.part_of_station(attention.map)
            part = self._trace.parts[number]
            spot = Spot(number, part.middle, part.steps_per_unit - 1)
        if self._trace.level in ("layer", "whole"):
            part, pinned = self._trace.parts[spot.part], attention.pinned
            unit = part.on_map(spot.unit, attention.channel)
            if pinned is not None and pinned.array == part.output:
                unit = int(part.unit_of(*map(np.asarray, pinned.index)).item())
            spot = replace(spot, unit=unit)
        return spot

    def view(self, spot: Spot) -> PartView:
        """Return what a picture shows at a spot."""
        part = self._trace.parts[spot.part]
        return part.view(spot.unit, spot.at, whole=self._trace.whole_units)

    def explanation(self, step: int, attention: Attention) -> Explanation:
        """Return the arithmetic of a step: at the coarse levels, of the unit that is looked at."""
        spot = self.place(step, attention)
        key = (self._trace.level, step, spot)
        if self._told is None or self._told[0] != key:
            self._told = (key, self._trace.explain_at(step, spot))
        return self._told[1]

    def _running_strip(self, spot: Spot, view: PartView) -> Strip | None:
        """Return the strip of a spot; the last one is kept, for it stays while a step rests."""
        key = (self._trace.level, spot)
        if self._strip is None or self._strip[0] != key:
            self._strip = (key, self._made_strip(spot, view))
        return self._strip[1]

    def _made_strip(self, spot: Spot, view: PartView) -> Strip | None:
        part = self._trace.parts[spot.part]
        if not isinstance(part, WindowPart):
            return layers_strip(self._trace, spot, view)
        window = part.window.at("cell" if self._trace.whole_units else "product")
        return running_strip(window, part.place(spot.unit, spot.at))

    # The frame

    def frame(self, moment: Moment, room: Room, attention: Attention) -> Frame:
        """Return what to paint at a moment."""
        before, after = (self.place(step, attention) for step in (moment.previous, moment.step))
        spot = after if moment.arrived == moment.step else before
        glides = before.part == after.part and moment.blend < 1
        view = self.view(spot)
        sight = LayersSight(
            trace=self._trace,
            spot=spot,
            view=view,
            before=self.view(before) if glides else view,
            after=self.view(after) if glides else view,
            blend=moment.blend if glides else 1.0,
            arrived=moment.arrived,
            room=room,
        )
        cells = pointed(self._trace, attention)
        grids = self._grids

        def with_marks(grid: Grid) -> Grid:
            return marked(self._trace, grid, cells) if cells else grid

        def with_marks_if_any(grid: Grid | None) -> Grid | None:
            return None if grid is None else with_marks(grid)

        choices = [each for each in (grids.maps(sight), grids.stations(sight)) if each]
        return Frame(
            explanation=self.explanation(moment.arrived, attention),
            input=with_marks(grids.input(sight)),
            input_overview=with_marks_if_any(grids.input_overview(sight)),
            weights=with_marks_if_any(grids.weights(sight)),
            terms=with_marks(grids.terms(sight)),
            output=with_marks(grids.output(sight)),
            output_overview=with_marks_if_any(grids.output_overview(sight)),
            node=sight.view.node,
            rule=sight.view.rule,
            where=(*self._opened, Toned(self._trace.parts[spot.part].title, Tone.READS)),
            strip=self._running_strip(spot, sight.view) if sight.fine else None,
            graph=unit_graph(self._trace, spot, moment.arrived),
            choices=tuple(
                replace(choice, grids=tuple(with_marks(grid) for grid in choice.grids))
                for choice in choices
            ),
        )

    def extents(self, step: int, attention: Attention) -> Extents:
        """Return how many cells there are to lay out at a step: each part has its own sizes."""
        view = self.view(self.place(step, attention))
        middle = view.terms or view.weights
        assert middle is not None
        reached, window = self._grids.reached(view), view.window
        # The graph of a machine of two layers stands where else the maps of a layer do.
        terms = self._grids.size(middle)
        if view.terms is not None and view.weights is not None:  # one stands above the other
            weights = self._grids.size(view.weights)
            terms = max(terms[0], weights[0]), max(terms[1], weights[1])
        maps = 2 if self._trace.two_sided else self._grids.channels(view.output.array)
        return Extents(
            input=(int(reached.height), int(reached.width)),
            window=(1, 1) if window is None else (window.rows, window.columns),
            terms=terms_on_view(terms),
            output=self._grids.size(view.output),
            has_weights=view.terms is not None and view.weights is not None,
            has_strip=self._trace.level in ("product", "unit") and bool(view.running),
            channel_maps=1 if view.output.first and not self._trace.two_sided else maps,
            maps=len(self._trace.stations),
        )

    def card(self, pointer: Pointer, arrived: int, *, pinned: bool) -> Card:
        """Return what there is to say of a cell once step ``arrived`` is done."""
        return layers_card(
            self._trace,
            pointer,
            arrived,
            pinned=pinned,
            editable=pointer.array in self._editable,
        )

    def notice(self, spot: Spot) -> Message:
        """Return what the part at a spot is called."""
        return self._trace.parts[spot.part].title
