"""The sheet of predictions: what keys do there is kept, and counted on both of its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from k8stui.game import predict
from k8stui.game.storage import Storage
from k8stui.tui.paint import text_of
from k8stui.tui.screens.timetravel import TimeTravel
from k8stui.tui.widgets.drawer import TabRow
from k8stui.tui.widgets.files import EditorCard, Status
from k8stui.tui.widgets.grid import AnswerGrid
from tests.screens.conftest import calm

Game = Callable[..., Any]
BINGO = Path(__file__).parent / "predict" / "06-selector-bingo.yaml"


def count_of(app: Any) -> str:
    tabs = app.screen.query_one("#pages", TabRow)
    return "".join(text_of(row) for row in tabs.draw(tabs.size.width, 1))


async def test_a_newcomer_sees_the_story_before_the_answers(game: Game) -> None:
    app = game(str(BINGO))
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        assert app.screen.material.has_focus and app.screen.material.region.height > 10
        await pilot.press("f3", "y", "escape")
        await calm(pilot)
    again = game(str(BINGO))
    async with again.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        assert again.screen.grid.has_focus, "who has begun to answer goes on with that"


async def test_answers_are_kept_while_they_are_given(game: Game, storage: Storage) -> None:
    """Whoever loses the window loses no cell: nothing was handed in, and nobody left the sheet."""
    app = game(str(BINGO))
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("f3", "y", "right", "n")
        await calm(pilot)
        assert ["ferry: yes, deck: no, ferry-deck: _" in text for text in _drafts(storage)] == [True]
        play = app.screen_stack[-2]
        play._save(play.editor_card.texts)
        await calm(pilot)
        assert ["ferry: yes, deck: no, ferry-deck: _" in text for text in _drafts(storage)] == [True]


async def test_the_clock_of_the_level_waits_below_another_screen(game: Game) -> None:
    app = game(str(BINGO))
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        play = app.screen_stack[-2]
        before = play._session.view().clock
        TimeTravel._second(play)
        await calm(pilot)
        assert play._session.view().clock == before
        app.screen._hand_in(play._session.attempt.solution())
        await calm(pilot)
        await pilot.press("f3", "enter")
        await calm(pilot)
        TimeTravel._second(play)
        await calm(pilot)
        assert play._session.view().clock > before


def _drafts(storage: Storage) -> list[str]:
    return [path.read_text() for path in storage.data.rglob(predict.FILE)]


async def test_the_count_stands_on_both_pages_and_goes_down_with_what_is_changed(game: Game) -> None:
    app = game(str(BINGO))
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("f2")
        assert "0/48 answered" in count_of(app)
        await pilot.press("f3")
        assert "0/48 answered" in count_of(app)
        grid = app.screen.query_one(AnswerGrid)
        app.screen._hand_in(dict.fromkeys(grid.cells, "no"))
        await calm(pilot)
        missed = len(app.screen._sheet.misses)
        assert f"{missed} missed" in count_of(app)
        await pilot.press("y")
        assert f"{missed - 1} missed" in count_of(app)


async def test_right_answers_can_only_be_read_from_then_on(game: Game) -> None:
    """A changed answer would turn its goal red, while the sheet would go on to say that all is right."""
    app = game(str(BINGO))
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        session = app.screen._session
        app.screen._hand_in(session.attempt.solution())
        await calm(pilot)
        await pilot.press("f3", "enter")
        await calm(pilot)
        card = app.screen.query_one(EditorCard)
        assert [name for name, _ in card.editors()][-1] == predict.FILE
        await pilot.press("f3", "f3", "x")
        await calm(pilot)
        assert card.current == predict.FILE and "x" not in card.editor.text[:1]
        status = card.query_one(Status)
        assert "can only be read" in "".join(text_of(row) for row in status.draw(78, 1))
