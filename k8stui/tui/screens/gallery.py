"""The gallery of a level: all ways in which it was solved, side by side in numbers, each with its YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from k8stui.tui.guidepages import yaml_rows
from k8stui.tui.paint import Row, Span, row
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.screens.help import Page
from k8stui.tui.widgets.bars import Head as CardHead
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.choices import Choice, Choices

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.game.gallery import Entry
    from k8stui.tui.app import K8sTui
    from k8stui.tui.session import Session

_COLUMNS = ("objects", "edits", "resources", "pairs")
_LONGEST = 24
_HEADINGS = ("OBJECTS", "EDITS", "ADDED", "PAIRS")


class SolutionText(Page):
    """The YAML of a solution."""

    def __init__(self) -> None:
        super().__init__(id="text")
        self._text = ""

    def show(self, text: str) -> None:
        """Show another solution."""
        self._text = text
        self.redraw()
        self.scroll_home(animate=False)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if not self._text:
            return [row(), row("  ", ("No object differs from the start.", "soft"))]
        return [row(), *yaml_rows(self._text, set(), width)]


class Gallery(HarbourScreen):
    """Own solutions and the level's own; the least of each number is lit."""

    CSS_PATH = "gallery.tcss"
    HEADING = "Gallery"
    GUIDE = (
        "Every distinct way in which you solved the level, and the level's own. Objects: how many differ from the "
        "start or are new. Edits and added: as the score counts them. Pairs: how many pairs of workload and port "
        "connect; fewer open doors are better where nobody needs them. The bars count your wins by what they cost."
    )
    BINDINGS = [
        Binding("escape,b", "back", "Back", id="back", key_display="Esc", tooltip="To the list, or back"),
        Binding("tab", "other", "List or YAML", id="gallery.other", show=False, tooltip="From the list to the YAML"),
    ]
    choices = getters.query_one(Choices)
    text = getters.query_one(SolutionText)

    def __init__(self, head: Head, chapter: str, session: Session | None = None) -> None:
        """Show the solutions of a level; `session` is the one that is being played, if one is."""
        super().__init__()
        self._head, self._chapter, self._session = head, chapter, session
        self._entries: list[Entry] = []

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar((self._chapter, self._head.label))
        with Horizontal(id="board"):
            with Vertical(id="list"):
                yield CardHead("SOLUTIONS", id="list-head")
                yield Choices([Choice("", row()), Choice("", row(("being counted …", "soft")))], id="solutions")
            with Vertical(id="solution"):
                yield CardHead("", id="text-head")
                yield SolutionText()
        yield KeyBar(("choose", "open", "back", "help"))

    def on_mount(self) -> None:
        self.choices.focus()
        self._read()

    @work(thread=True, exclusive=True, group="gallery", exit_on_error=False)
    def _read(self) -> None:
        from k8stui.game import gallery

        own = gallery.own(self.game.storage, self._head.shelf)
        references = self._references()
        what = "resources" if any(entry.resources for entry in references) else "edits"
        bars = _bars(what, gallery.wins(own, what), min((getattr(entry, what) for entry in references), default=0))
        self.app.call_from_thread(self._fill, own, references, gallery.best([*own, *references]), bars)

    def _references(self) -> list[Entry]:
        from k8stui.game import gallery
        from k8stui.game.attempt import Attempt
        from k8stui.game.level import load

        attempt = self._session.attempt if self._session is not None else None
        if attempt is None or self._session is None:
            return gallery.references(Attempt(load(self._head.path, self._head.seed)))
        return self._session.locked(lambda: gallery.references(attempt))

    def _fill(self, own: list[Entry], references: list[Entry], best: Mapping[str, int], bars: list[Row]) -> None:
        self._entries = [*own, *references]
        heading = "".join(f"{word:>9}" for word in _HEADINGS)
        rows = [Choice("", row()), Choice("", row((" " * 17, "dim"), (heading, "dim")))]
        for number, entry in enumerate(own):
            rows.append(_choice(str(number), f"yours {number + 1}", entry, best))
        for number, entry in enumerate(references, len(own)):
            rows.append(_choice(str(number), f"level: {entry.reference}", entry, best))
        rows += [Choice("", line) for line in bars]
        self.choices.show(rows)
        self.query_one("#list-head", CardHead).show(right=row((f"{len(own)} of your own", "soft")))
        self.game.tell_storage()

    @on(Choices.Lit)
    def _lit(self, event: Choices.Lit) -> None:
        if event.id:
            entry = self._entries[int(event.id)]
            title = f"LEVEL: {entry.reference.upper()}" if entry.reference else f"YOURS {int(event.id) + 1}"
            stars: Row = () if entry.reference else row(("★" * entry.stars + "☆" * (3 - entry.stars), "traffic"))
            self.query_one("#text-head", CardHead).show(title, stars)
            self.text.show(entry.text)

    @on(Choices.Taken)
    def _taken(self) -> None:
        self.add_class("-reading")
        self.text.focus()

    def action_other(self) -> None:
        """Go from the list to the YAML, or back."""
        if self.text.has_focus:
            self.action_back()
        else:
            self._taken()

    def action_back(self) -> None:
        """Go to the list, or leave."""
        if self.text.has_focus:
            self.remove_class("-reading")
            self.choices.focus()
        else:
            self.app.pop_screen()

    def on_descendant_focus(self) -> None:
        self.query_one("#list-head", CardHead).light(self.choices.has_focus)
        self.query_one("#text-head", CardHead).light(self.text.has_focus)


def _choice(name: str, label: str, entry: Entry, best: Mapping[str, int]) -> Choice:
    numbers: list[Span] = []
    for column in _COLUMNS:
        number = getattr(entry, column)
        numbers.append((f"{number:>9}", "pod b" if number == best[column] else "text"))
    return Choice(name, row((f"{label:<17.16}", "text"), *numbers))


def _bars(what: str, wins: Mapping[int, int], least: int) -> list[Row]:
    """Return the histogram of the player's wins by what they cost; nothing before the first."""
    if not wins:
        return []
    words = _HEADINGS[_COLUMNS.index(what)]
    rows = [row(), row(("  YOUR WINS BY ", "dim"), (words, "dim"))]
    unit = max(max(wins.values()) / _LONGEST, 1.0)
    for value, count in wins.items():
        bar = "█" * max(round(count / unit), 1)
        level = (("  as the level's own", "soft"),) if value == least else ()
        rows.append(row((f"{value:>6} ", "text"), (bar, "pod"), (f" {count}", "text b"), *level))
    return rows
