"""The stage widget: paints the document's frame and tells it where the learner points."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.gui import metrics, theme
from simulator.gui.document import Document
from simulator.gui.stage.cell_editor import CellEditor
from simulator.gui.stage.grid_painter import CellSpace
from simulator.gui.stage.keys import begins_number, is_shifted
from simulator.gui.stage.picture import DragTarget
from simulator.gui.stage.pictures import PICTURES
from simulator.gui.stage.pointer_card import PointerCard
from simulator.gui.stage.zooms import Zooms
from simulator.gui.widgets.painting import painting
from simulator.gui.widgets.parts import Sheet
from simulator.gui.widgets.wheel import Notches
from simulator.lessons.frame import AnyFrame, Box, Grid, Pointer

MOVED = 4.0
"""Pixels that a press may move and still be a click."""
_LOOK = QEvent.Type(QEvent.registerEventType())
"""Tells the stage to see what has become another."""


class Stage(QWidget):
    """The picture of the open lesson."""

    picture_dropped = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        """Follow ``document``."""
        super().__init__(parent)
        self._document = document
        self._picture = PICTURES[document.lesson.scene]()
        self._zooms = Zooms()
        self._extents = document.session.extents()
        self._frame: AnyFrame | None = None
        self._sheet = Sheet()
        self._places: list[tuple[Grid, CellSpace]] | None = None
        self._looking = False
        self._looked: tuple[AnyFrame, dict[str, Box]] | None = None
        self._pressed: QPointF | None = None
        self._dragged: tuple[Grid, CellSpace, QPointF] | None = None
        self._panned = False
        self._drawn_to: tuple[int, int] | None = None
        self._drawing = False
        self._held: DragTarget | None = None
        self._notches = Notches()
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(metrics.STAGE_LEAST[0], 380))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Stage"))
        self._card = PointerCard(document, self)
        self._editor = CellEditor(self)
        self._editor.entered.connect(self._typed)
        document.view_changed.connect(self._outdated)
        document.state_changed.connect(self._state_changed)
        self._outdated()

    # What is painted

    def frame(self) -> AnyFrame:
        """Return the frame that is on view now."""
        if self._frame is None:
            session = self._document.session
            self._picture.lay_out(self.width(), self.height(), session.extents())
            self._frame = session.frame(self._picture.room)
            self._places = None
        return self._frame

    @property
    def _placed(self) -> list[tuple[Grid, CellSpace]]:
        """Where each grid of the frame on view is; asked for by the mouse, seldom by a frame."""
        frame = self.frame()
        if self._places is None:
            self._places = self._picture.spaces(frame, self._zooms.boxes)
        return self._places

    def grid_rect(self, key: str) -> QRectF | None:
        """Return where the grid of this key is, for what is to stand beside it."""
        return next((space.rect for grid, space in self._placed if grid.key == key), None)

    def cell_rect(self, key: str, row: int, column: int) -> QRectF | None:
        """Return where a cell of a grid is."""
        for grid, space in self._placed:
            if grid.key == key:
                return space.box(Box(row, column, 1, 1))
        return None

    @property
    def drawing(self) -> bool:
        """Return whether the mouse draws."""
        return self._drawing

    def set_drawing(self, drawing: bool) -> None:
        """Let the mouse draw on the input, or point again."""
        self._drawing = drawing
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)

    def _outdated(self) -> None:
        self._frame = None
        if not self._looking:
            self._looking = True  # once, however much changes until then
            QCoreApplication.postEvent(self, QEvent(_LOOK))

    def _look(self) -> None:
        """Have painted what the frame on view shows otherwise than the one before it."""
        self._looking = False
        frame, zooms = self.frame(), dict(self._zooms.boxes)
        if self._looked is None or self._looked[0] is not frame or self._looked[1] != zooms:
            self._looked = frame, zooms
            self._paint(frame)
        bare = self._picture.bare(frame)
        self._card.follow(self._pointed_rect(), self._picture.foot, bare)

    def _paint(self, frame: AnyFrame) -> None:
        parts = self._picture.parts(frame, self._zooms.boxes)
        ground = theme.colour("stage")
        region = self._sheet.show(parts, self.size(), self.devicePixelRatioF(), ground)
        if not region.isEmpty():
            self.update(region)

    def _anew(self) -> None:
        """Have everything painted again."""
        self._sheet.clear()
        self._looked = None
        self._outdated()
        self.update()

    def _state_changed(self) -> None:
        extents = self._document.session.extents()
        if extents != self._extents:
            self._extents = extents
            self._zooms.clear()
        self._editor.cancel()
        self._outdated()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._editor.cancel()
        self._anew()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._picture.clear()
            self._anew()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._looking:
            self._look()
        with painting(self) as painter:
            self._sheet.paint(painter, event.region())

    # Where the mouse is

    def _at(self, point: QPointF) -> tuple[Grid, CellSpace, tuple[int, int]] | None:
        for grid, space in reversed(self._placed):
            cell = space.cell_at(point)
            if cell is not None:
                return grid, space, cell
        return None

    def _pointer_at(self, point: QPointF) -> Pointer | None:
        found = self._at(point)
        if found is None or not found[0].holds(*found[2]):
            return None
        grid, _, (row, column) = found
        return Pointer(grid.plane.array, grid.plane.cell_index(row, column))

    def _pointed_rect(self) -> QRectF | None:
        """Return the rectangle of the cell that the card speaks of, the largest it is shown in."""
        session = self._document.session
        pointer = session.hovered or session.pinned
        if pointer is None:
            return None
        best: QRectF | None = None
        for grid, space in self._placed:
            if grid.plane.array != pointer.array:
                continue
            at = grid.plane.position(pointer.index)
            if at is None:
                continue
            rect = space.box(Box(*at, 1, 1))
            inside = rect.intersected(space.rect)
            if inside.width() * 2 < rect.width() or inside.height() * 2 < rect.height():
                continue
            if best is None or rect.width() > best.width():
                best = rect
        return best

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._held is not None:
            self._document.drag(self._held.key, *self._held.values(point))
            return
        if self._drawn_to is not None:
            self._draw(point, event.buttons())
            return
        if self._dragged is not None and self._pressed is not None:
            if not self._panned and (point - self._pressed).manhattanLength() <= MOVED:
                return
            grid, space, last = self._dragged
            self._zooms.drag(grid, space, point - last)
            self._dragged = (grid, space, point)
            self._panned = True
            self._outdated()
            return
        self._document.hover(self._pointer_at(point))

    def leaveEvent(self, event: QEvent) -> None:
        self._document.hover(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = event.position()
        self._pressed = point
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        if event.button() == Qt.MouseButton.LeftButton and not self._drawing:
            self._held = self._picture.drag_target(self.frame(), point)
            if self._held is not None:
                self._document.hold()
                self._document.drag(self._held.key, *self._held.values(point))
                return
        found = self._at(point)
        if found is None:
            return
        grid, space, _ = found
        if self._drawing and grid.plane.array == "input":
            self._draw(point, event.buttons())
        elif self._zooms.is_zoomed(grid) and event.button() == Qt.MouseButton.LeftButton:
            self._dragged = (grid, space, point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drawn_to, self._drawn_to = self._drawn_to, None
        pressed, self._pressed = self._pressed, None
        panned, self._panned = self._panned, False
        self._dragged = None
        if self._held is not None:
            self._held = None
            self._document.let_go()
            return
        if drawn_to is not None:
            self._document.end_stroke()
            return
        if panned or pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if (event.position() - pressed).manhattanLength() > MOVED:
            return
        picked = self._picture.pick_at(self.frame(), event.position())
        if picked is not None:
            self._document.pick(*picked)
            return
        found = self._at(event.position())
        if found is None:
            self._document.free()
            return
        if not self._pick(found[0]):
            self._document.pin(self._pointer_at(event.position()))

    def _pick(self, grid: Grid) -> bool:
        """Look at the map whose small picture was clicked; return whether it was one."""
        for choice in self.frame().choices:
            for index, small in enumerate(choice.grids):
                if small.key == grid.key:
                    self._document.pick(choice.key, index)
                    return True
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is None:
            return
        grid, space, cell = found
        if self._zooms.is_zoomed(grid):
            self._document.pin(self._pointer_at(event.position()))  # as before the first click
            self._zooms.reset(grid)
            self._outdated()
        elif grid.editable and grid.holds(*cell):
            self._document.pause()
            self._edit(grid, space, cell)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._drawing:
            super().contextMenuEvent(event)

    # Changing cells

    def _edit(self, grid: Grid, space: CellSpace, cell: tuple[int, int], typed: str = "") -> None:
        pointer = Pointer(grid.plane.array, grid.plane.cell_index(*cell))
        self._editor.open(space.box(Box(*cell, 1, 1)), pointer, grid.text(*cell), typed)

    def edit_pinned(self, typed: str = "") -> bool:
        """Open the editor over the cell that is pinned or pointed at, if it can be changed."""
        session = self._document.session
        found = self._editable_place(session.hovered or session.pinned)
        if found is None:
            return False
        self._document.pause()
        self._edit(*found, typed)
        return True

    def _editable_place(
        self, pointer: Pointer | None
    ) -> tuple[Grid, CellSpace, tuple[int, int]] | None:
        """Return where a cell can be typed over; None where it can't, or isn't on view."""
        if pointer is None:
            return None
        for grid, space in self._placed:
            if not grid.editable or grid.plane.array != pointer.array:
                continue
            at = grid.plane.position(pointer.index)
            if at is not None and space.rect.contains(space.box(Box(*at, 1, 1)).center()):
                return grid, space, at
        return None

    def _typed(self, pointer: Pointer, value: float) -> None:
        self._document.edit_cells(pointer.array, {pointer.index: value})

    def _draw(self, point: QPointF, buttons: Qt.MouseButton) -> None:
        found = self._at(point)
        if found is None or found[0].plane.array != "input" or not found[0].holds(*found[2]):
            return
        cell = found[2]
        erase = bool(buttons & Qt.MouseButton.RightButton)
        self._document.draw(self._drawn_to or cell, cell, erase=erase)
        self._drawn_to = cell

    def wheelEvent(self, event: QWheelEvent) -> None:
        found = self._at(event.position())
        notches = self._notches.turned(event)
        event.accept()
        if found is None or not notches:
            return
        grid, space, cell = found
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if grid.editable and not zooms:
            if grid.holds(*cell):
                self._turn(grid, cell, notches, fine=is_shifted(event))
            return
        if self._zooms.zoom(grid, space, event.position(), notches):
            self._outdated()

    def _turn(self, grid: Grid, cell: tuple[int, int], notches: int, *, fine: bool) -> None:
        self._document.turn_cell(
            Pointer(grid.plane.array, grid.plane.cell_index(*cell)), notches, fine=fine
        )

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._anew()
        if event.type() == _LOOK:
            if self._looking and self.isVisible():
                self._look()  # what is hidden is looked at when it is painted
            return True
        # With a cell pinned a minus begins a number, and is no shortcut.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pinned = self._document.session.pinned
            if begins_number(event) and self._editable_place(pinned) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (begins_number(event) and self.edit_pinned(event.text())):
            super().keyPressEvent(event)

    # Pictures dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.picture_dropped.emit(event.mimeData().urls()[0].toLocalFile())
