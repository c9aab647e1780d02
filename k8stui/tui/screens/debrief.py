"""The debrief: what was learned, the player's YAML beside the reference, and the way on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from k8stui.tui.highlight import marks
from k8stui.tui.paint import Row, Span, row, wrap
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.widgets.bars import Head as CardHead
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.rows import Lines, Rows

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.game.score import Score
    from k8stui.tui.app import K8sTui
    from k8stui.tui.reports import StormReport
    from k8stui.tui.session import Session


class Listing(Rows, can_focus=True):
    """A file to read, with numbers; lines that say what the other file does not are marked.

    Its `partner` scrolls along, as far as it goes.
    """

    BINDINGS = [
        Binding("j", "scroll_down", "Down", id="listing.down", show=False, tooltip="Scroll down"),
        Binding("k", "scroll_up", "Up", id="listing.up", show=False, tooltip="Scroll up"),
    ]
    partner: Listing | None = None

    def __init__(self, text: str, other: str, sign: str) -> None:
        super().__init__()
        self._lines = text.rstrip("\n").splitlines()
        from k8stui.game.unlike import own_lines

        self._own = own_lines(text, other)
        self._sign = sign

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        other = self.partner
        if other is not None and min(other.scroll_y, self.max_scroll_y) != self.scroll_y:
            other.scroll_to(y=self.scroll_y, animate=False, immediate=True)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        rows: list[Row] = [row()]
        for index in range(len(self._lines)):
            own = index in self._own
            number: list[Span] = [(f"{'▌' if own else ' '}{index + 1:>4} ", "traffic b" if own else "dim")]
            number.append((f"{self._sign if own else ' '} ", "traffic b"))
            rows.append((*number, *_coloured(self._lines, index)))
        return rows


def _coloured(lines: Sequence[str], index: int) -> list[Span]:
    line = lines[index]
    styles = ["text"] * len(line)
    for start, end, style in marks(lines, index):
        styles[start:end] = [style] * (end - start)
    return list(row(*zip(line, styles, strict=True)))


class Debrief(HarbourScreen):
    """The end of a level; it never leaves by itself."""

    CSS_PATH = "debrief.tcss"
    HEADING = "Debrief"
    GUIDE = (
        "What the level was about, and your YAML beside the reference. They scroll together; a plus marks what only "
        "one of them says, comments apart."
    )
    BINDINGS = [
        Binding("n,enter", "next", "Next level", id="next", key_display="n", tooltip="Go on to the next level"),
        Binding(
            "a",
            "again",
            "Other names",
            id="again",
            tooltip="Again, with other names, ports and addresses: nothing to copy",
        ),
        Binding("g", "gallery", "Gallery", id="gallery", tooltip="All ways in which you solved this, in numbers"),
        Binding("f", "guide", "Field guide", id="guide", tooltip="Read more about it, with the engine's own answer"),
        Binding("l", "levels", "Levels", id="to-levels", tooltip="Choose a level"),
        Binding("b,escape", "app.pop_screen", "Back to the level", id="back", key_display="b", tooltip="Play on here"),
    ]

    def __init__(self, head: Head, session: Session, report: StormReport, chapter: str) -> None:
        super().__init__()
        self._head, self._session, self._report, self._chapter = head, session, report, chapter
        self._next: Head | None = None
        self._again = 0
        self._fact = ""

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        assert self._session.attempt is not None
        level = self._session.attempt.level
        yours, reference = self._texts()
        score = self._report.score
        yield TitleBar((self._chapter, self._head.label), id="title")
        with Vertical(id="insight-card"):
            yield Insight(level.words.insight, level.words.notes, score)
        with Horizontal(id="texts"):
            with Vertical():
                yield CardHead("YOURS", id="yours-head")
                yield Listing(yours, reference, "+")
            with Vertical():
                yield CardHead("REFERENCE", id="reference-head")
                yield Listing(reference, yours, "+")
        yield Lines(id="next-line")
        yield KeyBar(("next", "again", "gallery", "guide", "to-levels", "back"))

    def _texts(self) -> tuple[str, str]:
        from k8stui.game.debrief import in_one, own_files, reference_files
        from k8stui.game.solve import BadPatch

        attempt = self._session.attempt
        assert attempt is not None
        yours = in_one(own_files(attempt, self._session.applied))
        try:
            return yours, in_one(reference_files(attempt))
        except BadPatch:
            return yours, ""

    def on_mount(self) -> None:
        yours, reference = self.query(Listing)
        yours.partner, reference.partner = reference, yours
        yours.focus()
        score = self._report.score
        self.query_one(KeyBar).show_due("next", *(("again",) if score is not None and score.misses else ()))
        self._look_ahead()

    @work(thread=True, group="next", exit_on_error=False)
    def _look_ahead(self) -> None:
        from k8stui.game.catalogue import heads

        found = [head for head in heads(self.game.folder) if not head.error]
        order = [head.id for head in found]
        here = order.index(self._head.id) + 1 if self._head.id in order else len(order)
        self._again = self.game.storage.fresh_seed(self._head.id)
        self.app.call_from_thread(self._show_next, found[here] if here < len(found) else None, self._page())
        attempt = self._session.attempt
        if attempt is not None:
            from k8stui.game.debrief import compare

            sentences = tuple(self._session.locked(lambda: compare(attempt)).sentences())
            if sentences:
                self.app.call_from_thread(self.query_one(Insight).add, sentences)

    def _page(self) -> tuple[str, str]:
        """Return id and title of the page of the field guide that tells what the level teaches."""
        from k8stui.game import guide
        from k8stui.game.source import LevelError

        level = self._session.attempt.level if self._session.attempt is not None else None
        try:
            pages = guide.pages_of(level.teaches, guide.facts()) if level is not None else []
        except (LevelError, OSError):
            pages = []
        return (pages[0].id, pages[0].title) if pages else ("", "")

    def _show_next(self, head: Head | None, page: tuple[str, str]) -> None:
        self._next = head
        self._fact, title = page
        self.refresh_bindings()
        words = f"{head.id} {head.title}" if head is not None else "this was the last level so far"
        more = row(("   f ", "text b"), (title, "text u")) if title else ()
        self.query_one("#next-line", Lines).show([row("  ", ("next ", "soft"), (words, "text b"), *more)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out the field guide where it has no page about the level, and other names where it has no others."""
        if action == "again":
            attempt = self._session.attempt
            return attempt is not None and attempt.level.seed.redraw.anything and self._again > 0
        return bool(self._fact) if action == "guide" else True

    def action_again(self) -> None:
        """Play the level with a seed that was not played yet."""
        self._leave()
        self.game.open_level(replace(self._head, seed=max(self._again, self._head.seed + 1)))

    def action_gallery(self) -> None:
        """Compare the solutions."""
        from k8stui.tui.screens.gallery import Gallery

        self.app.push_screen(Gallery(self._head, self._chapter, self._session))

    def action_guide(self) -> None:
        """Read more about what the level teaches."""
        self.game.open_guide(self._fact)

    def action_next(self) -> None:
        """Go to the next level, or to the list after the last."""
        self._leave()
        if self._next is not None:
            self.game.open_level(self._next)
        else:
            self.game.open_levels()

    def action_levels(self) -> None:
        """Go to the list of levels."""
        self._leave()
        self.game.open_levels()

    def _leave(self) -> None:
        from k8stui.tui.screens.levels import Levels
        from k8stui.tui.screens.menu import Menu

        while not isinstance(self.app.screen, Menu | Levels):
            self.app.pop_screen()
        if isinstance(self.app.screen, Levels):
            self.app.pop_screen()


class Insight(Rows):
    """What was learned, and the stars."""

    def __init__(self, insight: str, notes: Sequence[str], score: Score | None) -> None:
        super().__init__(id="insight")
        self._insight, self._notes, self._score = insight, notes, score

    def add(self, notes: Sequence[str]) -> None:
        """Say more below the notes."""
        self._notes = (*self._notes, *notes)
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        room = max(width - 6, 20)
        badge = row(("▌ ", "pod"), (" ✓ SOLVED ", "on-solid b on pod"), ("  the storm passed, every goal held", "soft"))
        rows: list[Row] = [row(), badge, *self._stars(room), row()]
        first, _, rest = self._insight.partition(". ")
        heading = first if not rest else f"{first}."
        rows += [row(("▌ ", "pod"), (line, "text b")) for line in wrap(heading, room)]
        for text in (rest, *self._notes):
            rows += [row(("▌ ", "pod"), (line, "soft")) for line in wrap(text, room)] if text else []
        rows.append(row())
        return [spans if spans and spans[0][0].startswith("▌") else (("▌ ", "pod"), *spans) for spans in rows]

    def _stars(self, room: int) -> list[Row]:
        """Return the stars with what they are for, in as many rows as that takes."""
        if self._score is None:
            return []
        score = self._score
        words = ("goals and storm", _par(score), "nothing in vain" if score.vain else "no stumble, or few hints")
        rows: list[list[Span]] = [[]]
        for won, word in zip(score.stars, words, strict=True):
            star: list[Span] = [("★ " if won else "☆ ", "traffic" if won else "dim")]
            star.append((f"{word}   ", "text" if won else "dim"))
            if rows[-1] and sum(len(text) for text, _ in (*rows[-1], *star)) - 3 > room:
                rows.append([])
            rows[-1] += star
        return [tuple(spans) for spans in rows]


def _par(score: Score) -> str:
    parts = [(score.edits, score.par_edits, "edit"), (score.resources, score.par_resources, "resource")]
    said = [f"{got} {word}{'s' if got != 1 else ''}, par {par}" for got, par, word in parts if got or par]
    if score.misses:
        said.append(f"{score.misses} wrong sheet{'s' if score.misses > 1 else ''}, par {score.par_misses}")
    return " · ".join(said) or "par"
