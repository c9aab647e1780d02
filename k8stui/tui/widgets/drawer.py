"""The drawer below the map: why things are as they are, in tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher

from k8stui.tui import panels
from k8stui.tui.messages import Jump
from k8stui.tui.paint import Row, Span, both
from k8stui.tui.paint import on as grounded
from k8stui.tui.paint import width as row_width
from k8stui.tui.view import BlastSheet, TraceSheet, View
from k8stui.tui.widgets.rows import Rows

TABS = ("trace", "endpoints", "dns", "reach", "events")
TITLES = {"trace": "Trace", "endpoints": "Endpoints", "dns": "DNS", "reach": "Reach", "events": "Events"}


class TabRow(Rows):
    """The names of tabs; the open one stands on the card's ground."""

    DEFAULT_CSS = """
    TabRow { height: 1; background: $k8s-raised; }
    """
    ground = "raised"

    @dataclass
    class Picked(Message):
        """A tab was clicked."""

        row: TabRow
        tab: str

        @property
        def control(self) -> TabRow:
            return self.row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tabs: tuple[tuple[str, str, str], ...] = ()
        self._open = ""
        self._lit = False
        self._right: Row = ()
        self._areas: list[tuple[int, int, str]] = []
        self._first = 0

    def show(self, tabs: Sequence[tuple[str, str, str]], opened: str, right: Row = ()) -> None:
        """Show tabs (id, title, a mark behind it) and which is open."""
        self._tabs, self._open, self._right = tuple(tabs), opened, right
        self.redraw()

    def light(self, lit: bool) -> None:
        """Show whether the card has the focus."""
        self._lit = lit
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        ground = "bar" if self._lit else "raised"
        spans: list[Span] = [("▌" if self._lit else " ", f"select on {ground}")]
        self._areas = []
        right = (*self._right, (" ", "text"))
        shown, room = self._window(width - 1 - row_width(right))
        if shown.start:
            self._put(spans, self._tabs[shown.start - 1][0], "‹ ", "", f"text b on {ground}")
        for index in shown:
            tab, title, mark = self._tabs[index]
            style = "text b on surface" if tab == self._open else f"soft on {ground}"
            self._put(spans, tab, f" {_shortened(title, room - (4 if mark else 2))} ", mark, style)
        if shown.stop < len(self._tabs):
            self._put(spans, self._tabs[shown.stop][0], " ›", "", f"text b on {ground}")
        return [grounded(both(tuple(spans), right, width), ground)]

    def _put(self, spans: list[Span], tab: str, text: str, mark: str, style: str) -> None:
        column = row_width(tuple(spans))
        spans += [(text, style), (f"{mark} " if mark else "", f"traffic {style.partition(' ')[2]}")]
        self._areas.append((column, row_width(tuple(spans)), tab))

    def _window(self, room: int) -> tuple[range, int]:
        """Return which tabs are shown, the open one among them, and the cells that one may take at most."""
        sizes = [len(title) + (4 if mark else 2) for _, title, mark in self._tabs]
        if sum(sizes) <= room:
            self._first = 0
            return range(len(sizes)), room
        room = max(room - 4, 6)
        opened = next((index for index, tab in enumerate(self._tabs) if tab[0] == self._open), 0)
        first = min(self._first, opened)
        while first < opened and sum(sizes[first : opened + 1]) > room:
            first += 1
        last = first + 1
        while last < len(sizes) and sum(sizes[first : last + 1]) <= room:
            last += 1
        self._first = first
        return range(first, last), room

    def on_click(self, event: events.Click) -> None:
        for start, end, tab in self._areas:
            if start <= event.x < end:
                self.post_message(self.Picked(self, tab))


def _shortened(title: str, cells: int) -> str:
    """Return a title in so many cells; of a file's name beginning and end stay."""
    if len(title) <= cells:
        return title
    end = min(8, cells // 2)
    return f"{title[: cells - end - 1]}…{title[-end:]}"


class TracePage(Rows, can_focus=True):
    """One of the traces, hop by hop. Left and right change the trace, Enter jumps to the line that decided."""

    BINDINGS = [
        Binding("up,k", "hop(-1)", "Hop", id="trace.up", show=False, tooltip="Go to the hop before"),
        Binding("down,j", "hop(1)", "Hop", id="trace.down", show=False, tooltip="Go to the next hop"),
        Binding("n", "other(1)", "Next trace", id="trace.next", show=False, tooltip="Show the next connection"),
        Binding("N", "other(-1)", "Trace before", id="trace.before", show=False, tooltip="Show the connection before"),
        Binding("enter", "jump", "Jump", id="trace.jump", show=False, tooltip="Go to the line that decided"),
    ]

    def __init__(self) -> None:
        super().__init__(id="trace")
        self._sheets: tuple[TraceSheet, ...] = ()
        self._index = 0
        self._hop = -1

    def show(self, sheets: Sequence[TraceSheet], index: int | None = None) -> None:
        """Show these traces; `index` is the one to open, else the one of the same ends stays."""
        before = self.sheet
        self._sheets = tuple(sheets)
        if index is None and before is not None:
            ends = [(sheet.source, sheet.target) for sheet in self._sheets]
            wanted = (before.source, before.target)
            index = ends.index(wanted) if wanted in ends else 0
        self._index = min(index or 0, max(len(self._sheets) - 1, 0))
        self.redraw()

    @property
    def sheet(self) -> TraceSheet | None:
        """The trace on show."""
        return self._sheets[self._index] if self._index < len(self._sheets) else None

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self.sheet is None:
            return panels.empty_trace()
        rows = panels.trace(self.sheet, width, self._hop if self.has_focus else -1)
        if len(self._sheets) > 1:
            more = f"{self._index + 1} of {len(self._sheets)} · n shows the next"
            rows += [(), (("  ", "text"), (more, "dim"))]
        return rows

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def action_hop(self, by: int) -> None:
        """Go to another hop; past the ends the page scrolls."""
        if self.sheet is None:
            return
        self._hop = min(max(self._hop + by, 0), len(self.sheet.hops) - 1)
        self.redraw()
        self.scroll_to(y=max(self._hop + 3 - self.size.height // 2, 0), animate=False)

    def action_other(self, by: int) -> None:
        """Show another trace."""
        if self._sheets:
            self._index = (self._index + by) % len(self._sheets)
            self._hop = -1
            self.redraw()

    def action_jump(self) -> None:
        """Go to the line that decided the hop under the cursor, or the whole."""
        sheet = self.sheet
        if sheet is None:
            return
        hop = sheet.hops[self._hop] if 0 <= self._hop < len(sheet.hops) else None
        place = (hop.place if hop is not None else None) or sheet.place
        if place is not None:
            self.post_message(Jump(place.file, place.line, place.column))
        elif sheet.cause:
            self.app.notify(sheet.cause, markup=False)
        elif hop is None:
            self.app.notify("Nothing stopped this packet; arrows choose a hop.", markup=False, timeout=3)
        else:
            self.app.notify("No line of yours decided this hop.", markup=False, timeout=3)

    def on_click(self) -> None:
        self.action_jump()


class Sheet(Rows, can_focus=True):
    """A page of the drawer that scrolls."""

    BINDINGS = [
        Binding("j", "scroll_down", "Down", id="sheet.down", show=False, tooltip="Scroll down"),
        Binding("k", "scroll_up", "Up", id="sheet.up", show=False, tooltip="Scroll up"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._view = View()
        self._blast: BlastSheet | None = None

    def show(self, view: View) -> None:
        """Show another moment."""
        self._view = view
        self.redraw()

    def show_blast(self, blast: BlastSheet | None) -> None:
        """Show what a draft would open and close."""
        if blast != self._blast:
            self._blast = blast
            self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        match self.id:
            case "endpoints":
                return panels.endpoints(self._view.endpoints, width)
            case "dns":
                return panels.dns(self._view.dns, width)
            case "reach":
                blast = self._blast if self._view.shown is None else None
                return panels.reach(self._view.reach, width, blast)
        return panels.events(self._view.events, width)


class Drawer(Vertical):
    """All tabs of the drawer."""

    BINDINGS = [
        Binding("left", "turn(-1)", "Tab", id="drawer.left", show=False, tooltip="Open the tab at the left"),
        Binding("right", "turn(1)", "Tab", id="drawer.right", show=False, tooltip="Open the tab at the right"),
    ]
    DEFAULT_CSS = """
    Drawer { background: $k8s-surface; }
    Drawer ContentSwitcher { height: 1fr; }
    Drawer ContentSwitcher > * { height: 1fr; }
    """

    @dataclass
    class Opened(Message):
        """Another tab is open."""

        drawer: Drawer
        tab: str

        @property
        def control(self) -> Drawer:
            return self.drawer

    def compose(self) -> ComposeResult:
        yield TabRow(id="drawer-tabs")
        with ContentSwitcher(initial="trace"):
            yield TracePage()
            for name in TABS[1:]:
                yield Sheet(name)

    def on_mount(self) -> None:
        self._tabs()

    def _tabs(self) -> None:
        self.query_one(TabRow).show([(tab, TITLES[tab], "") for tab in TABS], self.tab)

    @property
    def tab(self) -> str:
        """The open tab."""
        return self.query_one(ContentSwitcher).current or "trace"

    def open(self, tab: str, focus: bool = False) -> None:
        """Open a tab, and give it the focus where that is asked or the drawer has it."""
        had_focus = self.has_focus_within
        self.query_one(ContentSwitcher).current = tab
        self._tabs()
        if focus or had_focus:
            self.query_one(f"#{tab}").focus()
        self.post_message(self.Opened(self, tab))

    def show(self, view: View, trace: int | None = None) -> None:
        """Show another moment in all tabs; `trace` is the one to open."""
        self.query_one(TracePage).show(view.traces, trace)
        for sheet in self.query(Sheet):
            sheet.show(view)

    def show_blast(self, blast: BlastSheet | None) -> None:
        """Show in the matrix what a draft would open and close; None where there is no draft."""
        self.query_one("#reach", Sheet).show_blast(blast)

    def action_turn(self, by: int) -> None:
        """Open the tab beside."""
        self.open(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    @on(TabRow.Picked)
    def _picked(self, event: TabRow.Picked) -> None:
        event.stop()
        self.open(event.tab, focus=True)

    def on_descendant_focus(self) -> None:
        self.query_one(TabRow).light(True)

    def on_descendant_blur(self) -> None:
        self.query_one(TabRow).light(False)
