"""The title bar above, the key bar below, and the head of a card."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.screen import Screen

from k8stui.tui.dressed import key_name
from k8stui.tui.paint import Row, Span, both, cut, on, width
from k8stui.tui.widgets.rows import Rows


class TitleBar(Rows):
    """One row on the page: where we are at the left, the state of things at the right."""

    DEFAULT_CSS = """
    TitleBar { height: 1; background: $k8s-page; }
    """
    ground = "page"

    def __init__(self, place: Sequence[str] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._place = tuple(place)
        self._right: Row = ()

    def show(self, *place: str, right: Row = ()) -> None:
        """Say where we are (chapter, level) and what stands at the right."""
        self._place, self._right = place, right
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        spans: list[Span] = [(" ⎈ ", "service b")]
        narrow = width < 100 and len(self._place) > 1
        if not narrow:
            spans.append(("k8stui   ", "text b"))
        shown = self._place[-1:] if narrow else self._place
        for index, part in enumerate(shown):
            last = index == len(shown) - 1
            spans += [(" › ", "dim")] if index else []
            spans.append((part, "text b" if last else "soft"))
        return [both(tuple(spans), (*self._right, (" ", "text")), width)]


class Head(Rows):
    """The head of a card: its title, and what is worth knowing at the right; lit while its card has the focus."""

    DEFAULT_CSS = """
    Head { height: 1; background: $k8s-raised; }
    """
    ground = "raised"

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._right: Row = ()
        self._lit = False

    def show(self, title: str | None = None, right: Row | None = None) -> None:
        """Change the title, the right part, or both."""
        self._title = self._title if title is None else title
        self._right = self._right if right is None else right
        self.redraw()

    def light(self, lit: bool) -> None:
        """Show whether the card has the focus."""
        self._lit = lit
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        ground = "bar" if self._lit else "raised"
        left = (("▌ " if self._lit else "  ", "select"), (self._title, "text b"))
        return [on(both(left, (*self._right, (" ", "text")), width), ground)]


class KeyBar(Rows):
    """The keys of this screen, read from its bindings: at most six at the left, one at the right.

    `due` are the ids of bindings whose moment has come; they are lit.
    """

    DEFAULT_CSS = """
    KeyBar { height: 1; dock: bottom; background: $k8s-page; }
    """
    ground = "page"

    def __init__(self, left: Sequence[str], right: str = "palette") -> None:
        super().__init__(id="keys")
        self._left, self._right = tuple(left), right
        self._due: frozenset[str] = frozenset()
        self._areas: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        super().on_mount()
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.redraw()

    def show_due(self, *ids: str) -> None:
        """Light these keys and no others."""
        self._due = frozenset(ids)
        self.redraw()

    def _caps(self) -> dict[str, tuple[str, str, bool, str]]:
        caps: dict[str, tuple[str, str, bool, str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id and binding.id not in caps:
                name = key_name(binding.key_display or binding.key)
                caps[binding.id] = (name, binding.description, active.enabled, binding.key)
        return caps

    def draw(self, width: int, height: int) -> Sequence[Row]:
        caps = self._caps()
        self._areas = []
        right = self._cap(self._right, caps)
        spans: list[Span] = [(" ", "text")]
        for name in self._left:
            cap = self._cap(name, caps)
            if cap and sum(len(text) for text, _ in (*spans, *cap, *right)) + 1 < width:
                self._note(name, caps, len_of(spans), len_of(cap))
                spans += [*cap, ("  ", "text")]
        if right:
            self._note(self._right, caps, width - len_of(right) - 1, len_of(right))
        return [both(tuple(spans), (*right, (" ", "text")), width)]

    def _note(self, name: str, caps: dict[str, tuple[str, str, bool, str]], start: int, length: int) -> None:
        self._areas.append((start, start + length, caps[name][3]))

    def _cap(self, name: str, caps: dict[str, tuple[str, str, bool, str]]) -> list[Span]:
        if name not in caps:
            return []
        key, label, enabled, _ = caps[name]
        if name in self._due and enabled:
            return [(f" {key} {label} ", "on-solid b on pod")]
        cap = "text b on raised" if enabled else "dim on raised"
        return [(f" {key} ", cap), (f" {label}", "soft" if enabled else "dim")]

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._areas:
            if start <= event.x < end:
                self.app.simulate_key(key.split(",")[0])


def len_of(spans: Sequence[Span]) -> int:
    """Return the cells that spans take."""
    return width(cut(tuple(spans), 10_000))
