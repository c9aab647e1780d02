"""The help of a screen: its guide, and its keys as they are bound right now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen

from k8stui.tui.compat import covered_bindings
from k8stui.tui.dressed import key_name
from k8stui.tui.paint import Row, both, row, wrap
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.widgets.bars import Head
from k8stui.tui.widgets.rows import Rows

_ROOM_FOR_IDS = 90


class KeyHelp(NamedTuple):
    """A key, the name of what it does, a sentence about it, and the id by which it is bound anew."""

    key: str
    name: str
    tip: str
    id: str


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

    def __init__(self, guide: str, keys: Sequence[KeyHelp], settings: str) -> None:
        super().__init__(id="help-page")
        self._guide, self._keys, self._settings = guide, keys, settings

    def draw(self, width: int, height: int) -> list[Row]:
        rows: list[Row] = [row()]
        rows += [row("  ", (line, "text")) for line in wrap(self._guide, width - 4)] if self._guide else []
        rows += [row(), row("  ", ("KEYS", "dim b"))]
        label = max((len(item.name) for item in self._keys), default=0)
        ids = max((len(item.id) for item in self._keys), default=0) + 2 if width >= _ROOM_FOR_IDS else 0
        for item in self._keys:
            lines = wrap(item.tip, max(width - label - ids - 18, 10)) or [""]
            left = row("  ", (f" {item.key:^8} ", "text b on raised"), f" {item.name:<{label}}  ", (lines[0], "soft"))
            rows.append(both(left, row((f"{item.id}  ", "dim")) if ids else (), width))
            rows += [row(" " * (label + 15), (line, "soft")) for line in lines[1:]]
        example = next((item.id for item in self._keys if "." not in item.id), "help")
        words = f'Other keys: write "keys": {{"{example}": "f7"}} below "settings" in {self._settings}'
        return [*rows, row(), *[row("  ", (line, "dim")) for line in wrap(words, width - 4)]]


class Help(ModalScreen[None]):
    """The help of the screen below it."""

    CSS_PATH = "help.tcss"
    BINDINGS = [
        Binding("escape,f1,question_mark,q", "dismiss", "Close", id="help.close", tooltip="Go back"),
    ]

    def __init__(self, below: Screen[object], settings: str) -> None:
        """Explain a screen; `settings` is the file in which keys can be changed."""
        super().__init__()
        self._guide = below.GUIDE if isinstance(below, HarbourScreen) else ""
        self._heading = below.HEADING if isinstance(below, HarbourScreen) else ""
        self._keys = keys_of(below)
        self._settings = settings

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Head(f"HELP  {self._heading}")
            yield HelpPage(self._guide, self._keys, self._settings)

    def on_mount(self) -> None:
        self.query_one(HelpPage).focus()


def keys_of(screen: Screen[object]) -> list[KeyHelp]:
    """Return everything that can be done on a screen by a key, each action once.

    A letter that an editor takes as text stands behind the key that leaves the editor.
    """
    found: dict[str, tuple[list[str], str, str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.id or binding.system:
            continue
        keys, _, _ = found.setdefault(binding.id, ([], binding.description, binding.tooltip or ""))
        name = key_name(binding.key_display or binding.key)
        if name not in keys:
            keys.append(name)
    for _, binding in covered_bindings(screen):
        name = key_name(binding.key_display or binding.key)
        if binding.id and binding.id not in found and (len(name) == 1 or binding.key == "space"):
            found[binding.id] = ([f"{key_name('escape')} {name}"], binding.description, binding.tooltip or "")
    return [KeyHelp(" ".join(keys), name, tip, id_) for id_, (keys, name, tip) in found.items() if name]
