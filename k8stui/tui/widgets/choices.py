"""A list of rows of which one is chosen: by arrows, j and k, the mouse, or Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from k8stui.tui.paint import Row, both, on
from k8stui.tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class Choice:
    """One row: its id (empty: it cannot be chosen), what stands left and right, and what stands when it is lit."""

    id: str
    left: Row
    right: Row = ()
    lit: Row | None = None


_ARROWS = [
    Binding("up,down", "move(0)", "Choose", id="choose", key_display="↑↓", tooltip="Move the cursor", show=False),
    Binding("home", "edge(-1)", "First", id="choose.first", show=False, tooltip="Go to the first row"),
    Binding("end", "edge(1)", "Last", id="choose.last", show=False, tooltip="Go to the last row"),
    Binding("pageup", "move(-10)", "Page up", id="choose.pageup", show=False, tooltip="Move ten rows up"),
    Binding("pagedown", "move(10)", "Page down", id="choose.pagedown", show=False, tooltip="Move ten rows down"),
    Binding("enter", "take", "Open", id="open", tooltip="Take what is under the cursor"),
]
_LETTERS = [
    Binding("k", "move(-1)", "Up", id="choose.up", show=False, tooltip="Move up"),
    Binding("j", "move(1)", "Down", id="choose.down", show=False, tooltip="Move down"),
    Binding("g", "edge(-1)", "First", id="choose.first", show=False, tooltip="Go to the first row"),
    Binding("G", "edge(1)", "Last", id="choose.last", show=False, tooltip="Go to the last row"),
]


class Choices(Rows, can_focus=True):
    """Shows choices and posts which one is under the cursor and which one is taken."""

    BINDINGS = [*_ARROWS, *_LETTERS]

    @dataclass
    class Lit(Message):
        """The cursor has moved to another choice."""

        choices: Choices
        id: str

        @property
        def control(self) -> Choices:
            return self.choices

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Choices.Lit)

    @dataclass
    class Taken(Message):
        """A choice was taken."""

        choices: Choices
        id: str

        @property
        def control(self) -> Choices:
            return self.choices

    def __init__(
        self,
        choices: Sequence[Choice] = (),
        *,
        ground: str = "surface",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.ground = ground
        self._choices = list(choices)
        self._cursor = next((index for index, choice in enumerate(self._choices) if choice.id), 0)

    def show(self, choices: Sequence[Choice], lit: str = "") -> None:
        """Show other choices; the cursor goes to `lit`, stays on its choice, or takes the first."""
        wanted = lit or self.lit
        self._choices = list(choices)
        ids = [choice.id for choice in self._choices]
        self._cursor = (
            ids.index(wanted) if wanted and wanted in ids else next((i for i, name in enumerate(ids) if name), 0)
        )
        self.redraw()
        self._follow()
        self.post_message(self.Lit(self, self.lit))

    @property
    def lit(self) -> str:
        """The id under the cursor, empty where there is none."""
        return self._choices[self._cursor].id if self._cursor < len(self._choices) else ""

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return [self._row(index, choice, width) for index, choice in enumerate(self._choices)]

    def _row(self, index: int, choice: Choice, width: int) -> Row:
        lit = index == self._cursor and bool(choice.id)
        if not lit:
            return both((("  ", "text"), *choice.left), (*choice.right, ("  ", "text")), width)
        left = choice.lit if choice.lit is not None else tuple((text, f"{style} b") for text, style in choice.left)
        return on(both((("▌ ", "select"), *left), (*choice.right, ("  ", "text")), width), "bar")

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down"):
            event.stop()
            event.prevent_default()
            self.action_move(-1 if event.key == "up" else 1)

    def action_move(self, by: int) -> None:
        """Move the cursor, over rows that cannot be chosen, to the end at most."""
        rows = [index for index, choice in enumerate(self._choices) if choice.id]
        if not rows or not by:
            return
        here = rows.index(self._cursor) if self._cursor in rows else 0
        self._go(rows[min(max(here + by, 0), len(rows) - 1)])

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first or the last choice."""
        rows = [index for index, choice in enumerate(self._choices) if choice.id]
        if rows:
            self._go(rows[0 if side < 0 else -1])

    def action_take(self) -> None:
        """Take the choice under the cursor."""
        if self.lit:
            self.post_message(self.Taken(self, self.lit))

    def on_click(self, event: events.Click) -> None:
        index = event.y + round(self.scroll_y)
        if index < len(self._choices) and self._choices[index].id:
            self._go(index)
            self.action_take()

    def _go(self, index: int) -> None:
        if index != self._cursor:
            self._cursor = index
            self.redraw()
            self._follow()
            self.post_message(self.Lit(self, self.lit))

    def _follow(self) -> None:
        height = self.size.height
        if not height:
            return
        top = round(self.scroll_y)
        first = self._cursor if any(choice.id for choice in self._choices[: self._cursor]) else 0
        if first < top:
            self.scroll_to(y=max(first - 1, 0), animate=False)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)


class TypingChoices(Choices, inherit_bindings=False):
    """Choices on a screen where letters are typed: only arrows and their kin move the cursor."""

    BINDINGS = list(_ARROWS)
