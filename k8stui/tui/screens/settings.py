"""The settings: every one takes effect at once and is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from k8stui.tui import legend
from k8stui.tui.paint import row
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.themes import NAMES
from k8stui.tui.widgets.bars import Head, KeyBar, TitleBar
from k8stui.tui.widgets.choices import Choice, Choices
from k8stui.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from k8stui.tui.app import K8sTui

_THEMES = {
    "harbour-night": "dark",
    "harbour-day": "light",
    "harbour-signal": "high contrast",
    "harbour-mono": "greys, no colour",
    "harbour-16": "the terminal's sixteen",
}


def switched(game: K8sTui) -> Iterator[tuple[str, str, str, object]]:
    """Yield title, explanation, setting and its new value for everything that a palette offers to change."""
    for name, words in _THEMES.items():
        yield f"Theme {name}: {words}", "Change the colours", "theme", name
    if game.motion:
        yield "Motion off: still pictures, no animation", "Numbers change once a second", "motion", False
    else:
        yield "Motion on: animation, packets move", "Packets run along the lines of the map", "motion", True
    if game.ascii_only:
        yield "ASCII off: Unicode characters", "Draw with all glyphs", "ascii", False
    else:
        yield "ASCII on: plain characters, no Unicode", "For terminals without Unicode glyphs", "ascii", True


class Settings(HarbourScreen):
    """Colours, motion and glyphs."""

    CSS_PATH = "settings.tcss"
    HEADING = "Settings"
    GUIDE = "What you choose takes effect at once and is kept for the next time."
    BINDINGS = [Binding("escape", "app.pop_screen", "Back", id="back", tooltip="Back to where you came from")]
    choices = getters.query_one(Choices)

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(("Settings",))
        with Horizontal(id="board"):
            with Vertical(id="list"):
                yield Head("SETTINGS")
                yield Choices(id="settings")
            with Vertical(id="sample"):
                yield Head("HOW IT LOOKS")
                yield Preview()
        yield KeyBar(("choose", "open", "back", "help"), "palette")

    def on_mount(self) -> None:
        self.choices.focus()
        self._show()
        words = "A call that arrives, and one that dies at a policy; below, what the signs of the map mean."
        self.query_one(Preview).show(words, legend.sample(), legend.rows(68), caption="A HARBOUR")

    def _show(self) -> None:
        rows = [Choice("", row()), Choice("", row(("COLOURS", "dim")))]
        for name in NAMES:
            here = self.app.theme == name
            rows.append(_choice(name, name, _THEMES[name], here, round_mark=True))
        rows += [Choice("", row()), Choice("", row(("PICTURE", "dim")))]
        rows.append(_choice("motion", "packets move", "off: still pictures", self.game.motion))
        rows.append(_choice("ascii", "plain characters", "ASCII, no Unicode", self.game.ascii_only))
        rows += [Choice("", row()), Choice("", row(("HELP", "dim")))]
        rows.append(Choice("introduction", row(("  introduction      ", "text"), ("your first packet", "soft"))))
        self.choices.show(rows)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        if event.id == "motion":
            self.game.change("motion", not self.game.motion)
        elif event.id == "ascii":
            self.game.change("ascii", not self.game.ascii_only)
        elif event.id == "introduction":
            self.game.open_introduction()
            return
        else:
            self.game.change("theme", event.id)
        self._show()


def _choice(name: str, label: str, note: str, chosen: bool, round_mark: bool = False) -> Choice:
    marks = ("●", "○") if round_mark else ("✓", "·")
    mark = (marks[0], "pod") if chosen else (marks[1], "dim")
    return Choice(name, row(mark, (f" {label:<18}", "text"), (note, "soft")))
