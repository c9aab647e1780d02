"""The time line below the map: one row that is looked at, clicked, and walked with the arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from k8stui.tui import timerow
from k8stui.tui.paint import Row
from k8stui.tui.view import Instant, View
from k8stui.tui.widgets.rows import Rows


class TimeLine(Rows, can_focus=True):
    """Shows the stops of a view. Left and right walk by seconds, up and down by what happened."""

    DEFAULT_CSS = """
    TimeLine { height: 1; background: $k8s-page; overflow: hidden; }
    """
    ground = "page"
    BINDINGS = [
        Binding("left,h", "walk(-1)", "Back", id="time.left", show=False, tooltip="Look a second further back"),
        Binding("right,l", "walk(1)", "Forward", id="time.right", show=False, tooltip="Look a second further on"),
        Binding("pageup,up", "leap(-1)", "Event before", id="time.up", show=False, tooltip="To what happened before"),
        Binding("pagedown,down", "leap(1)", "Next event", id="time.down", show=False, tooltip="To what happened next"),
        Binding("home,g", "visit(0)", "Start", id="time.home", show=False, tooltip="Look at the start"),
        Binding("end,G", "visit(999999)", "Now", id="time.end", show=False, tooltip="Back to the present"),
        Binding("enter", "branch", "Go on from here", id="time.enter", show=False, tooltip="Make it the present"),
    ]

    @dataclass
    class Visited(Message):
        """A stop is to be shown; the last one is the present."""

        line: TimeLine
        index: int

        @property
        def control(self) -> TimeLine:
            return self.line

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TimeLine.Visited)

    @dataclass
    class Branched(Message):
        """The stop on show is to become the present."""

        line: TimeLine

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._instants: tuple[Instant, ...] = ()
        self._wanted: int | None = None
        self._drawn = timerow.draw((), None, 0)

    def show(self, view: View) -> None:
        """Show another moment."""
        self._instants, self._wanted = view.instants, view.shown
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        self._drawn = timerow.draw(self._instants, self._wanted, width, lit=self.has_focus)
        return [self._drawn.row]

    @property
    def last(self) -> int:
        """The number of the present."""
        return max(len(self._instants) - 1, 0)

    def action_walk(self, by: int) -> None:
        """Look at the stop beside."""
        self.action_visit((self.last if self._wanted is None else self._wanted) + by)

    def action_leap(self, by: int) -> None:
        """Look at the nearest stop at which something happened."""
        here = self.last if self._wanted is None else self._wanted
        self.action_visit(timerow.next_mark(self._instants, here, by))

    def action_visit(self, index: int) -> None:
        """Look at a stop."""
        index = min(max(index, 0), self.last)
        before = self.last if self._wanted is None else self._wanted
        if index != before:
            self._wanted = None if index == self.last else index
            self.redraw()
            self.post_message(self.Visited(self, index))

    def action_branch(self) -> None:
        """Ask that the stop on show becomes the present."""
        if self._wanted is not None:
            self.post_message(self.Branched(self))

    def on_click(self, event: events.Click) -> None:
        cell = event.x - self._drawn.left
        if 0 <= cell < len(self._drawn.columns):
            self.action_visit(self._drawn.columns[cell])

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_walk(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_walk(1)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.redraw()
