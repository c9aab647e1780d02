"""The help of a screen: its guide, and its keys as they are bound right now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen

from k8stui.tui.dressed import key_name
from k8stui.tui.paint import Row, row, wrap
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.widgets.bars import Head
from k8stui.tui.widgets.rows import Rows


class Page(Rows, can_focus=True):
    """A page that scrolls by its keys."""

    BINDINGS = [
        Binding("j", "scroll_down", "Down", id="page.down", show=False, tooltip="Scroll down"),
        Binding("k", "scroll_up", "Up", id="page.up", show=False, tooltip="Scroll up"),
        Binding("g", "scroll_home", "Top", id="page.top", show=False, tooltip="Go to the top"),
        Binding("G", "scroll_end", "End", id="page.end", show=False, tooltip="Go to the end"),
    ]


class HelpPage(Page):
    """What a screen is for, and a row for each of its keys."""

    def __init__(self, guide: str, keys: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(id="help-page")
        self._guide, self._keys = guide, keys

    def draw(self, width: int, height: int) -> list[Row]:
        rows: list[Row] = [row()]
        rows += [row("  ", (line, "text")) for line in wrap(self._guide, width - 4)] if self._guide else []
        rows += [row(), row("  ", ("KEYS", "dim b"))]
        label = max((len(label) for _, label, _ in self._keys), default=0)
        for key, name, tip in self._keys:
            lines = wrap(tip, max(width - label - 18, 10)) or [""]
            rows.append(row("  ", (f" {key:^8} ", "text b on raised"), f" {name:<{label}}  ", (lines[0], "soft")))
            rows += [row(" " * (label + 15), (line, "soft")) for line in lines[1:]]
        return rows


class Help(ModalScreen[None]):
    """The help of the screen below it."""

    CSS_PATH = "help.tcss"
    BINDINGS = [
        Binding("escape,f1,question_mark,q", "dismiss", "Close", id="help.close", tooltip="Go back"),
    ]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        self._guide = below.GUIDE if isinstance(below, HarbourScreen) else ""
        self._heading = below.HEADING if isinstance(below, HarbourScreen) else ""
        self._keys = keys_of(below)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Head(f"HELP  {self._heading}")
            yield HelpPage(self._guide, self._keys)

    def on_mount(self) -> None:
        self.query_one(HelpPage).focus()


def keys_of(screen: Screen[object]) -> list[tuple[str, str, str]]:
    """Return key, name and explanation of everything that can be done on a screen, each action once."""
    found: dict[str, tuple[list[str], str, str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.id or binding.system:
            continue
        keys, _, _ = found.setdefault(binding.id, ([], binding.description, binding.tooltip or ""))
        name = key_name(binding.key_display or binding.key)
        if name not in keys:
            keys.append(name)
    return [(" ".join(keys), name, tip) for keys, name, tip in found.values() if name]
