"""The list of levels by chapter, with a filter, and at the right the story and the harbour at the start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.worker import get_current_worker

from k8stui.game.progress import Progress, Record
from k8stui.tui.paint import Row, Span, row
from k8stui.tui.scene.model import Scene
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.screens.menu import next_level
from k8stui.tui.widgets.bars import Head as CardHead
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.choices import Choice, Choices, TypingChoices
from k8stui.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from k8stui.game.catalogue import Chapter, Head
    from k8stui.game.level import Par
    from k8stui.tui.app import K8sTui

LOOK_AFTER = 0.25
_TITLE = 27
_LEAST_TITLE = 8


class Levels(HarbourScreen):
    """Every level; nothing is locked."""

    CSS_PATH = "levels.tcss"
    HEADING = "Levels"
    GUIDE = "Every level can be played at once; the arrow marks the one that comes next. Type to filter the list."
    BINDINGS = [
        Binding("escape", "back", "Menu", id="back", tooltip="Clear the filter, or back to the menu"),
        Binding(
            "ctrl+n", "again", "Other names", id="list-again", tooltip="Again, with other names, ports and addresses"
        ),
        Binding("ctrl+g", "gallery", "Solutions", id="list-gallery", tooltip="All ways in which you solved it"),
        Binding("slash", "filter", "Filter", id="filter", tooltip="Just type: only levels that hold the letters stay"),
        Binding(
            "backspace", "erase", "Erase", id="erase", show=False, tooltip="Take the last letter of the filter away"
        ),
    ]
    choices = getters.query_one(Choices)
    title_bar = getters.query_one(TitleBar)

    def __init__(self) -> None:
        super().__init__()
        self._heads: list[Head] = []
        self._chapters: dict[int, Chapter] = {}
        self._progress: Progress | None = None
        self._filter = ""
        self._timer: Timer | None = None

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(("Levels",))
        with Horizontal(id="board"):
            with Vertical(id="list"):
                yield CardHead("/", id="filter-head")
                yield TypingChoices(id="levels")
            with Vertical(id="story"):
                yield CardHead("", id="story-head")
                yield Preview()
        yield KeyBar(("open", "help", "list-again", "list-gallery", "back", "choose"))

    def on_mount(self) -> None:
        self.choices.focus()
        self._show()
        self._read()

    def on_screen_resume(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="heads", exit_on_error=False)
    def _read(self) -> None:
        from k8stui.game.catalogue import chapters, heads

        folder = self.game.folder
        self.app.call_from_thread(self._fill, heads(folder), chapters(folder), self.game.storage.progress())

    def _fill(self, heads: list[Head], chapters: list[Chapter], progress: Progress) -> None:
        first = not self._heads
        self._heads, self._progress = heads, progress
        self._chapters = {chapter.number: chapter for chapter in chapters}
        onward = next_level([head for head in heads if not head.error], progress)
        self._show(onward.id if first and onward is not None else "")
        self.game.tell_storage()

    # The list

    def _show(self, lit: str = "") -> None:
        shown = [head for head in self._heads if self._fits(head)]
        onward = (
            next_level([head for head in self._heads if not head.error], self._progress) if self._progress else None
        )
        entries: list[Choice] = [Choice("", row())]
        part = None
        for head in shown:
            if (bool(head.error), head.chapter) != part:
                entries += [Choice("", row())] if part is not None else []
                part = (bool(head.error), head.chapter)
                entries.append(self._broken_row() if head.error else self._chapter_row(head.chapter))
            entries.append(self._level_row(head, onward is not None and head.id == onward.id))
        if not shown and self._heads:
            entries.append(Choice("", row(("no level holds these letters", "soft"))))
        self.choices.show(entries, lit)
        count = row((f"{len(shown)} of {len(self._heads)}", "soft")) if self._filter else ()
        title = f"/ {self._filter}" if self._filter else "/ type to filter"
        self.query_one("#filter-head", CardHead).show(title, count)
        self._show_title()

    def _fits(self, head: Head) -> bool:
        words = f"{head.id} {head.title} {head.verb}".lower()
        return all(part in words for part in self._filter.lower().split())

    def _chapter_row(self, number: int) -> Choice:
        inside = [head for head in self._heads if head.chapter == number and not head.error]
        chapter = self._chapters.get(number)
        title = chapter.title if chapter is not None else f"Chapter {number}" if number else "Levels"
        solved = sum(self._solved(head) for head in inside)
        full = round(8 * solved / max(len(inside), 1))
        right = row(("▄" * full, "pod"), ("▄" * (8 - full), "faint"), (f" {solved:>2}/{len(inside)}", "soft"))
        return Choice("", row((f"{number or '–'}  ", "soft b"), (title, "text b")), right)

    def _broken_row(self) -> Choice:
        count = sum(bool(head.error) for head in self._heads)
        return Choice("", row(("!  ", "soft b"), ("Cannot be played", "text b")), row((str(count), "soft")))

    def _solved(self, head: Head) -> bool:
        return self._progress is not None and self._progress.record(head.id).solved

    def _level_row(self, head: Head, onward: bool) -> Choice:
        if head.error:
            return Choice(f"!{head.path}", row("   ", ("✘ ", "fail"), (head.title, "fail")))
        stars = self._progress.record(head.id).stars if self._progress is not None else (False, False, False)
        mark: Span = ("► ", "traffic") if onward else ("  ", "text")
        tone = "text b" if onward else "text" if any(stars) else "soft"
        wide = self.app.size.width >= 90
        ids = max(5, *(len(head.id) + 1 for head in self._heads if not head.error))
        titles = max(_TITLE + 5 - ids, _LEAST_TITLE)
        title = head.title if len(head.title) <= titles else f"{head.title[: titles - 1]}…"
        name = (f"{head.id:<{ids}}", tone)
        left = row(mark, name, (f"{title:<{titles}} ", tone), (f"{head.verb.upper():<8}", "dim"))
        gate = row(("gate ", "dim i")) if head.gate and wide else ()
        return Choice(head.id, left, (*gate, *[("★" if won else "☆", "traffic" if won else "dim") for won in stars]))

    def _show_title(self) -> None:
        playable = [head for head in self._heads if not head.error]
        if self._progress is None:
            return
        solved = sum(self._solved(head) for head in playable)
        stars = sum(sum(self._progress.record(head.id).stars) for head in playable)
        right = row(
            (str(solved), "text b"), (f"/{len(playable)} solved   ", "soft"), ("★ ", "traffic"),
            (str(stars), "text b"), (f"/{3 * len(playable)}", "soft"),
        )  # fmt: skip
        self.title_bar.show("Levels", right=right)

    # Filter

    def on_key(self, event: events.Key) -> None:
        """Letters, digits and blanks filter; the arrows still choose."""
        if event.is_printable and event.character and event.character not in "/?" and len(self._filter) < 30:
            event.stop()
            event.prevent_default()
            self._filter += event.character
            self._show()

    def action_filter(self) -> None:
        """Say how to filter."""
        self.notify("Type letters: only levels that hold them stay. Esc clears.", markup=False, timeout=3)

    def action_erase(self) -> None:
        """Take the last letter away."""
        self._filter = self._filter[:-1]
        self._show()

    def action_back(self) -> None:
        """Clear the filter, or go back."""
        if self._filter:
            self._filter = ""
            self._show()
        else:
            self.app.pop_screen()

    # The right half

    def _head_of(self, name: str) -> Head | None:
        return next((head for head in self._heads if name in (head.id, f"!{head.path}")), None)

    @on(Choices.Lit)
    def _lit(self, event: Choices.Lit) -> None:
        head = self._head_of(event.id)
        if self._timer is not None:
            self._timer.stop()
        self.refresh_bindings()
        if head is None:
            return
        title = self.query_one("#story-head", CardHead)
        title.show(f"{head.id} {head.title}" if not head.error else head.title, row((head.verb.upper(), "soft")))
        if head.error:
            words = f"{head.error}\n\nCorrect the file; the list reads it again when you return."
            self.query_one(Preview).show(words)
            return
        self._timer = self.set_timer(LOOK_AFTER, lambda: self._look(head))

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self, head: Head) -> None:
        from k8stui.game.level import load
        from k8stui.game.source import LevelError
        from k8stui.tui.session import Session

        try:
            level = load(head.path)
            session = Session.level(level, {})
            story, view = level.words.story, session.view()
            scene, par = view.scene, _par(level.par)
        except (LevelError, ValueError) as error:
            story, scene, par = str(error), Scene(), ""
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._looked, head, story, scene, par)

    def _looked(self, head: Head, story: str, scene: Scene, par: str) -> None:
        if self.choices.lit == head.id:
            self.query_one(Preview).show(story, scene, self._stars(head, par) if scene.nodes else ())

    def _stars(self, head: Head, par: str) -> list[Row]:
        """Say what each star is for, and what the best attempt was."""
        record = self._progress.record(head.id) if self._progress is not None else Record()
        words = ("every goal, and the storm", par, "no stumble, or few hints")
        rows = [row("  ", ("THE STARS", "dim b"))]
        for won, word in zip(record.stars, words, strict=True):
            sign = ("★ ", "traffic") if won else ("☆ ", "dim")
            rows.append(row("  ", sign, (word, "text" if won else "soft")))
        if record.solved:
            edits = f"{record.edits} edits" if record.edits != 1 else "1 edit"
            best = f"{edits}, {record.resources} added, in {int(record.seconds or 0)} simulated seconds"
            rows += [row(), row("  ", ("YOUR BEST  ", "dim b"), (best, "soft"))]
        return rows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer other names and the solutions of what was solved with the names that the level was written with."""
        if action not in ("again", "gallery"):
            return True
        head = self._head_of(self.choices.lit) if self.is_mounted else None
        return head is not None and self._solved(head)

    def action_gallery(self) -> None:
        """Compare the solutions of the level under the cursor."""
        from k8stui.tui.screens.gallery import Gallery

        head = self._head_of(self.choices.lit)
        if head is not None:
            chapter = self._chapters.get(head.chapter)
            self.app.push_screen(Gallery(head, chapter.title if chapter is not None else f"Chapter {head.chapter}"))

    def action_again(self) -> None:
        """Play the level under the cursor with a seed with which it was not finished yet."""
        head = self._head_of(self.choices.lit)
        if head is not None:
            self._draw_anew(head)

    @work(thread=True, exclusive=True, group="again", exit_on_error=False)
    def _draw_anew(self, head: Head) -> None:
        drawn = replace(head, seed=self.game.storage.fresh_seed(head.id))
        self.app.call_from_thread(self.game.open_level, drawn)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        head = self._head_of(event.id)
        if head is not None and not head.error:
            self.game.open_level(head)


def _par(par: Par) -> str:
    parts = [(par.edits, "edit"), (par.resources, "new object")]
    words = " and ".join(f"{count} {name}{'s' if count > 1 else ''}" for count, name in parts if count)
    return f"no more than {words}" if words else "no change more than needed"
