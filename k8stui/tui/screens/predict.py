"""The screen on which the player answers before the engine does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from k8stui.tui import predictions, visits
from k8stui.tui.paint import Row, row
from k8stui.tui.predictions import Cell, Predictions
from k8stui.tui.screens import drafting
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.screens.help import Page
from k8stui.tui.widgets.bars import Head as CardHead
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.drawer import TabRow
from k8stui.tui.widgets.grid import AnswerGrid
from k8stui.tui.widgets.mission import HintCard
from k8stui.tui.widgets.rows import Lines

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.tui.app import K8sTui
    from k8stui.tui.session import Session

_PAGES = [("known", "F2 Harbour", ""), ("sheet", "F3 Answers", "")]


class MaterialPage(Page):
    """What is known of the cluster."""

    def __init__(self) -> None:
        super().__init__(id="material")
        self._sheet: Predictions | None = None

    def show(self, sheet: Predictions) -> None:
        """Show what a sheet is about."""
        self._sheet = sheet
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return predictions.material_rows(self._sheet.material, width) if self._sheet is not None else []


class Predict(HarbourScreen):
    """The objects at the left, the sheet of answers at the right, and below it what the engine says."""

    CSS_PATH = "predict.tcss"
    AUTO_FOCUS = "#answers"
    HEADING = "Prediction"
    GUIDE = (
        "Say first, then look. Arrows go from cell to cell, Space or the first letter answers, Enter hands the sheet "
        "in once every cell is filled. Then the cluster answers, and each miss tells its reason. When all is right, "
        "the level goes on."
    )
    BINDINGS = [
        Binding("f8", "hint", "Hint", id="hint", tooltip="Open the next hint"),
        Binding("f2", "page('known')", "Harbour", id="page.known", show=False, tooltip="Go to the objects"),
        Binding("f3", "page('sheet')", "Answers", id="page.sheet", show=False, tooltip="Go to the answers"),
        Binding("tab", "other", "Other page", id="page.other", show=False, tooltip="From answers to objects, or back"),
        Binding("escape", "back", "Back", id="back", tooltip="Close the hint, or leave; answers are kept"),
    ]
    grid = getters.query_one(AnswerGrid)
    material = getters.query_one(MaterialPage)
    hint_card = getters.query_one(HintCard)
    keys = getters.query_one(KeyBar)

    def __init__(self, head: Head, chapter: str, session: Session) -> None:
        super().__init__()
        self._head, self._chapter, self._session = head, chapter, session
        self._sheet: Predictions | None = None
        self._timer: Timer | None = None

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar((self._chapter, self._head.label))
        yield TabRow(id="pages")
        with Horizontal(id="board"):
            with Vertical(id="known"):
                yield CardHead("THE HARBOUR", id="known-head")
                yield MaterialPage()
            with Vertical(id="sheet"):
                yield CardHead("YOUR PREDICTION", id="sheet-head")
                yield AnswerGrid()
                yield Lines(id="why")
        yield HintCard()
        yield KeyBar(("cell", "answer", "hand-in", "page.sheet", "hint", "help", "back"))

    def on_mount(self) -> None:
        self.query_one(TitleBar).show(self._chapter, self._head.label, right=row((self._head.verb.upper(), "soft")))
        self.grid.focus()
        self._show_pages()
        self._open()

    # Work

    @work(thread=True, exclusive=True, group="sheet", exit_on_error=False)
    def _open(self) -> None:
        self.app.call_from_thread(self._show, predictions.sheet_of(self._session), False)

    @work(thread=True, exclusive=True, group="sheet", exit_on_error=False)
    def _hand_in(self, said: Mapping[Cell, str]) -> None:
        sheet = predictions.hand_in(self._session, said)
        self._keep(said)
        self.app.call_from_thread(self._show, sheet, True)

    @work(thread=True, exclusive=True, group="sheet", exit_on_error=False)
    def _leave(self, said: Mapping[Cell, str]) -> None:
        self._keep(said)
        self.app.call_from_thread(self.dismiss)

    def _soon(self) -> None:
        """Keep the answers once the player pauses: a sheet may have many cells."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(drafting.SAVE_AFTER, lambda: self._save(self.grid.said))

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _save(self, said: Mapping[Cell, str]) -> None:
        self._keep(said)

    def _keep(self, said: Mapping[Cell, str]) -> None:
        predictions.keep(self._session, said)
        visits.keep(self.game.storage, self._head.shelf, self._session, self._session.texts())

    @work(thread=True, exclusive=True, group="hint", exit_on_error=False)
    def _hint(self) -> None:
        self.app.call_from_thread(self._show_hint, self._session.hint().hints)

    # Showing

    def _show_hint(self, hints: tuple[str, ...]) -> None:
        self.app.clear_notifications()
        self.hint_card.show(hints)

    def _show(self, sheet: Predictions, judged: bool) -> None:
        if not self.is_attached:
            return
        first, self._sheet = self._sheet is None, sheet
        self.material.show(sheet)
        self.grid.show(sheet, judged)
        if first and not self.grid.said and not sheet.done and self.has_class("-narrow"):
            self.action_page("known")
        elif self.focused is None:
            self.grid.focus()
        if sheet.problem:
            self.notify(sheet.problem, title="✘ Not accepted", severity="error", markup=False, timeout=6)
        self.keys.show_due(*(("hand-in",) if sheet.done else ()))

    @on(AnswerGrid.Moved)
    def _moved(self) -> None:
        sheet, grid = self._sheet, self.grid
        if sheet is None:
            return
        if grid.said != sheet.said and not sheet.done:
            self._soon()
        self.query_one("#sheet-head", CardHead).show(right=self._count())
        self._show_pages()
        self._show_why(sheet)

    def _count(self) -> Row:
        """Return how far the sheet is: missed are the answers that still stand as they were judged."""
        sheet, grid = self._sheet, self.grid
        if sheet is None:
            return ()
        if sheet.done:
            return row(("✓ all as the cluster has it", "pod b"))
        if missed := sum(grid.said.get(cell) == miss.said for cell, miss in sheet.misses.items()):
            return row((f"{missed} missed", "fail b"))
        return row((f"{len(grid.said)}", "text b"), (f"/{len(grid.cells)} answered", "soft"))

    def _show_why(self, sheet: Predictions) -> None:
        grid, question = self.grid, self.grid.question
        why = self.query_one("#why", Lines)
        if sheet.done:
            banner = row("  ", (" ✓ RIGHT ", "on-solid b on pod"), ("  Enter goes on", "soft"))
            why.show([banner, row()])
        elif question is not None:
            where = " · ".join(grid.cell[1:]) or "this one"
            rows = predictions.miss_rows(grid.miss, where, question.options, max(why.size.width, 30))
            unread = self.has_class("-narrow") and not grid.said
            why.show([*rows[:-1], row("  ", ("F2 tells the story and what there is", "soft"))] if unread else rows)

    def _show_pages(self) -> None:
        here = "known" if self.has_class("-known") else "sheet"
        self.query_one("#pages", TabRow).show(_PAGES, here, self._count())

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who is at the answers need not go there."""
        at_answers = any(grid.has_focus for grid in self.query(AnswerGrid))
        return not (action == "page" and parameters == ("sheet",) and at_answers)

    @on(AnswerGrid.HandedIn)
    def _handed_in(self, event: AnswerGrid.HandedIn) -> None:
        if self._sheet is not None and self._sheet.done:
            self.dismiss()
        else:
            self._hand_in(event.said)

    @on(TabRow.Picked, "#pages")
    def _picked(self, event: TabRow.Picked) -> None:
        self.action_page(event.tab)

    def action_page(self, page: str) -> None:
        """Go to the objects or to the answers."""
        self.set_class(page == "known", "-known")
        self._show_pages()
        (self.material if page == "known" else self.grid).focus()

    def action_other(self) -> None:
        """Go from the answers to the objects, or back."""
        self.action_page("sheet" if self.material.has_focus else "known")

    def action_hint(self) -> None:
        """Open the next hint."""
        self._hint()

    def action_back(self) -> None:
        """Close the hint, or leave and keep the answers."""
        if self.hint_card.display:
            self.hint_card.display = False
        elif self._sheet is None or self._sheet.done:
            self.dismiss()
        else:
            self._leave(self.grid.said)

    def on_descendant_focus(self) -> None:
        self.query_one("#known-head", CardHead).light(self.material.has_focus)
        self.query_one("#sheet-head", CardHead).light(self.grid.has_focus)
