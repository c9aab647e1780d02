"""The field guide: how things work, in a few sentences each, and the engine's own answer beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.worker import get_current_worker

from k8stui.tui.paint import Row, Span, row, wrap
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.screens.help import Page
from k8stui.tui.widgets.bars import Head, KeyBar, TitleBar
from k8stui.tui.widgets.choices import Choice, Choices, TypingChoices

if TYPE_CHECKING:
    from k8stui.game.guide import Fact
    from k8stui.tui.app import K8sTui
    from k8stui.tui.guidepages import FactPage

LOOK_AFTER = 0.15


class FactText(Page):
    """The page of a fact."""

    def __init__(self) -> None:
        super().__init__(id="fact")
        self._page: FactPage | None = None
        self._words = ""

    def show(self, page: FactPage | None, words: str = "") -> None:
        """Show a page, or (without one) words."""
        self._page, self._words = page, words
        self.redraw()
        self.scroll_home(animate=False)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self._page is None:
            return [row(), *[row("  ", (line, "soft")) for line in wrap(self._words, max(width - 4, 10))]]
        from k8stui.tui.guidepages import rows_of

        return rows_of(self._page, width)


class Guide(HarbourScreen):
    """The facts at the left, filtered by what is typed; the page of the one under the cursor at the right."""

    CSS_PATH = "guide.tcss"
    AUTO_FOCUS = ""
    HEADING = "Field guide"
    GUIDE = (
        "Each page tells one thing about Services, DNS or policies. Below the words the simulator plays a small scene "
        "and answers: nothing there is written by hand. Type to search; Enter goes into the page, Esc back to the list."
    )
    BINDINGS = [
        Binding("escape", "back", "Back", id="back", tooltip="To the list, clear the search, or leave"),
        Binding("slash", "search", "Search", id="search", tooltip="Just type: only facts that hold the words stay"),
        Binding(
            "tab", "other", "List or page", id="guide.other", show=False, tooltip="From the list to the page, or back"
        ),
        Binding(
            "backspace", "erase", "Erase", id="erase", show=False, tooltip="Take the last letter of the search away"
        ),
    ]
    choices = getters.query_one(Choices)
    title_bar = getters.query_one(TitleBar)
    page = getters.query_one(FactText)

    def __init__(self, fact: str = "") -> None:
        super().__init__(classes="-reading" if fact else "")
        self._wanted = fact
        self._facts: list[Fact] = []
        self._words = ""
        self._timer: Timer | None = None

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(("Field guide",))
        with Horizontal(id="board"):
            with Vertical(id="list"):
                yield Head("/ type to search", id="search-head")
                yield TypingChoices(id="facts")
            with Vertical(id="page"):
                yield Head("", id="fact-head")
                yield FactText()
        yield KeyBar(("choose", "open", "search", "back", "help"))

    def on_mount(self) -> None:
        (self.page if self._wanted else self.choices).focus()
        self.page.show(None, "The guide is being opened …")
        self._read()

    @work(thread=True, exclusive=True, group="facts", exit_on_error=False)
    def _read(self) -> None:
        from k8stui.game import guide
        from k8stui.game.source import LevelError

        try:
            found = guide.facts()
        except (LevelError, OSError) as error:
            self.app.call_from_thread(self._broken, str(error))
        else:
            self.app.call_from_thread(self._fill, found)

    def _broken(self, words: str) -> None:
        self.page.show(None, words)
        self.choices.show([Choice("", row()), *[Choice("", row((line, "fail"))) for line in wrap(words, 48)]])

    def _fill(self, found: list[Fact]) -> None:
        self._facts = found
        if not found:
            self._broken("No fact was found: the folder levels/guide is missing.")
            return
        self._show(next((fact.id for fact in found if self._wanted in (fact.id, *fact.also)), ""))

    # The list

    def _show(self, lit: str = "") -> None:
        from k8stui.game import guide

        found = guide.search(self._facts, self._words) if self._words.strip() else self._facts
        entries: list[Choice] = [Choice("", row())]
        if self._words.strip():
            entries += [_choice(fact) for fact in found]
        else:
            for tag in dict.fromkeys(fact.tags[0] for fact in found):
                entries += [Choice("", row())] if len(entries) > 1 else []
                entries.append(Choice("", row((tag.upper(), "dim b"))))
                entries += [_choice(fact) for fact in found if fact.tags[0] == tag]
        if self._facts and not found:
            entries.append(Choice("", row(("no fact holds these words", "soft"))))
        self.choices.show(entries, lit)
        title = f"/ {self._words}▏" if self._words else "/ type to search"
        self.query_one("#search-head", Head).show(title, row((f"{len(found)} fact{'s' * (len(found) != 1)}", "soft")))

    def on_key(self, event: events.Key) -> None:
        """Letters, digits and blanks search while the list has the focus."""
        if not self.choices.has_focus or not event.is_printable or not event.character:
            return
        if event.character not in "/?" and len(self._words) < 40:
            event.stop()
            event.prevent_default()
            self._words += event.character
            self._show()

    def action_search(self) -> None:
        """Go to the list, where letters search."""
        self._leave_page()
        self.notify("Type words: only facts that hold them stay. Esc clears.", markup=False, timeout=3)

    def action_erase(self) -> None:
        """Take the last letter of the search away."""
        self._words = self._words[:-1]
        self._show()

    def action_other(self) -> None:
        """Go from the list to the page, or back."""
        if self.page.has_focus:
            self._leave_page()
        else:
            self._enter_page()

    def action_back(self) -> None:
        """Go to the list, clear the search, or leave."""
        if self.page.has_focus and not self._wanted:
            self._leave_page()
        elif self._words and self.choices.has_focus:
            self._words = ""
            self._show()
        else:
            self.app.pop_screen()

    # The page

    def _enter_page(self) -> None:
        self.add_class("-reading")
        self.page.focus()

    def _leave_page(self) -> None:
        self.remove_class("-reading")
        self._wanted = ""
        self.choices.focus()

    @on(Choices.Taken)
    def _taken(self) -> None:
        self._enter_page()

    @on(Choices.Lit)
    def _lit(self, event: Choices.Lit) -> None:
        if self._timer is not None:
            self._timer.stop()
        fact = next((fact for fact in self._facts if fact.id == event.id), None)
        if fact is None and self._facts:
            self.query_one("#fact-head", Head).show("", ())
            self.page.show(None)
        elif fact is not None:
            self.query_one("#fact-head", Head).show(
                " · ".join(fact.tags).upper(), row(("up to the implementation", "policy") if fact.by else "")
            )
            self._timer = self.set_timer(LOOK_AFTER, lambda: self._play(fact))

    @work(thread=True, exclusive=True, group="play", exit_on_error=False)
    def _play(self, fact: Fact) -> None:
        from k8stui.api.errors import StatusError
        from k8stui.tui.guidepages import page_of

        try:
            page, words = page_of(fact), ""
        except (StatusError, ValueError) as error:
            page, words = None, f"The scene of this fact cannot be played: {error}"
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._played, fact, page, words)

    def _played(self, fact: Fact, page: FactPage | None, words: str) -> None:
        if self.choices.lit == fact.id:
            self.page.show(page, words)

    def on_descendant_focus(self) -> None:
        self.query_one("#search-head", Head).light(self.choices.has_focus)
        self.query_one("#fact-head", Head).light(self.page.has_focus)


def _choice(fact: Fact) -> Choice:
    mark: Span = ("*", "policy") if fact.by else (" ", "text")
    return Choice(fact.id, row((fact.title, "text")), row(mark))
