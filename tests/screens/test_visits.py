"""A level that is left goes on where it stood: the cluster, the way back, hints, predictions and texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from textual.pilot import Pilot

from k8stui.game.storage import Storage
from k8stui.tui.screens.introduction import Introduction
from k8stui.tui.screens.menu import Menu
from k8stui.tui.screens.play import Play
from k8stui.tui.screens.predict import Predict
from k8stui.tui.screens.timetravel import IDLE, TimeTravel
from k8stui.tui.widgets.files import EditorCard
from k8stui.tui.widgets.grid import AnswerGrid
from k8stui.tui.widgets.mission import HintCard
from tests.screens.conftest import LEVELS, calm, keys, typed

Game = Callable[..., Any]
FIX = ["f3", *["down"] * 9, "end", "enter", *typed("targetPort: 8080"), "calm"]
PREDICT = Path(__file__).parent / "predict" / "10-the-paper-wall.yaml"
RED_TEAM = Path(__file__).parents[1] / "game" / "mechanisms" / "7.11-red-team.yaml"
DOOR = LEVELS / "02-ports-of-call" / "01-door-80-desk-8080.yaml"


async def press(pilot: Pilot[Any], *names: str) -> None:
    await keys(*names)(pilot)


def view_of(app: Any) -> Any:
    assert isinstance(app.screen, Play)
    return app.screen._view


def said(app: Any) -> list[str]:
    return [note.message for note in app._notifications]


async def test_esc_loses_nothing(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *FIX, "ctrl+s", "calm", "f8", "calm", "f4", *["ctrl+o", "calm"] * 3, "f3", *typed("# mine"))
        before = view_of(app)
        assert before.ready and before.can_undo
        texts = app.screen.query_one(EditorCard).texts
        await press(pilot, "escape", "escape", "escape")
        assert isinstance(app.screen, Menu)
        await press(pilot, "enter")
        after = view_of(app)
        assert any("Back where you left off" in message for message in said(app))
        assert (after.clock, after.hints, after.applied) == (before.clock, before.hints, before.applied)
        assert after.ready and after.can_undo and after.goals == before.goals
        assert len(after.instants) == len(before.instants)
        assert app.screen.query_one(EditorCard).texts == texts
        await press(pilot, "f4", "u")
        assert not view_of(app).ready and not view_of(app).can_undo
        await press(pilot, "U")
        assert view_of(app).ready


async def test_a_killed_program_has_kept_all_but_the_last_moments(game: Game, storage: Storage) -> None:
    """The first app never ends properly before the second one opens the level."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *FIX, "ctrl+s", "calm", "f8", "calm")
        other = type(app)(Storage(storage.data, storage.config), level=app._level)
        async with other.run_test(size=(120, 40)) as second:
            await calm(second)
            assert view_of(other).ready and len(view_of(other).hints) == 1


async def test_a_look_alone_is_no_attempt(game: Game, storage: Storage) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "ctrl+t", "calm", "escape", "escape")
        assert storage.attempt("2.1") is None and storage.draft("2.1") == {}
        await press(pilot, "enter")
        assert said(app) == []


async def test_a_level_that_is_won_begins_anew_with_the_texts(game: Game, storage: Storage) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *FIX, "ctrl+s", "calm", "ctrl+g", "calm", "enter", "calm")
        assert storage.attempt("2.1") is None
        await press(pilot, "b", "escape", "escape", "enter")
        if isinstance(app.screen, Menu):
            await press(pilot, "enter")
    again = game("2.1")
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        view = view_of(again)
        assert not view.ready and not view.can_undo
        assert any("targetPort: 8080" in text for text in again.screen.query_one(EditorCard).texts.values())


async def test_a_level_that_has_changed_since_begins_anew_and_says_so(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "level.yaml"
    path.write_text(DOOR.read_text("utf-8"), "utf-8")
    for text in ("", "# one more line\n"):
        path.write_text(path.read_text("utf-8") + text, "utf-8")
        app = game(str(path))
        async with app.run_test(size=(120, 40)) as pilot:
            await calm(pilot)
            if text:
                assert any("has changed since" in message for message in said(app))
                assert not view_of(app).can_undo
                assert any("targetPort" in found for found in app.screen.query_one(EditorCard).texts.values())
            else:
                await press(pilot, *FIX, "ctrl+s", "calm")
                assert view_of(app).can_undo


async def test_a_broken_log_begins_anew(game: Game, storage: Storage) -> None:
    storage.save_attempt("2.1", {"version": 1, "edition": "x", "log": {"format": 1, "actions": [3]}})
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert not view_of(app).can_undo


async def test_predictions_that_were_right_need_no_second_time(game: Game, storage: Storage) -> None:
    app = game(str(PREDICT))
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert isinstance(app.screen, Predict)
        truth = app.screen._session.attempt.solution()
        grid = app.screen.query_one(AnswerGrid)
        grid.said.update(truth)
        grid.post_message(AnswerGrid.HandedIn(grid, dict(truth)))
        await calm(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, Play)
    again = game(str(PREDICT))
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert isinstance(again.screen, Play) and view_of(again).can_undo
    name = yaml.safe_load(PREDICT.read_text("utf-8").split("---")[0])["id"]
    assert storage.attempt(name) is not None


async def test_the_introduction_keeps_nothing(game: Game, storage: Storage) -> None:
    app = game()
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        app.open_introduction()
        await press(pilot, *["f3", *["down"] * 11, "end", *typed("80"), "calm", "ctrl+s", "calm"])
        assert isinstance(app.screen, Introduction)
        name = app.screen._draft_name
        await press(pilot, "escape", "escape")
    assert storage.attempt(name) is None and storage.draft(name) == {}


async def test_the_second_act_opens_on_the_same_screen_and_is_gone_on_with(game: Game) -> None:
    wear = ["f3", *["down"] * 6, "end", *["backspace"] * 5, *typed("teller"), "calm", "ctrl+s", "calm"]
    app = game(str(RED_TEAM))
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "f8", "calm", *wear)
        board = app.screen
        assert view_of(app).act == "act 1 of 2" and view_of(app).hints
        await press(pilot, "ctrl+g", "calm", "enter", "calm")
        assert app.screen is board and view_of(app).act == "act 2 of 2"
        assert list(board.query_one(EditorCard).texts) == ["networkpolicy-vault.yaml"]
        assert not board.query_one(HintCard).display and not view_of(app).hints
        await press(pilot, "f3", *typed("# mine"), "calm")
    again = game(str(RED_TEAM))
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert view_of(again).act == "act 2 of 2"
        assert "# mine" in again.screen.query_one(EditorCard).texts["networkpolicy-vault.yaml"]


async def test_the_clock_waits_for_a_player_who_has_gone(game: Game) -> None:
    """A night before the open level would otherwise be lived through again at every visit."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "f4", "calm")
        begun = view_of(app).clock
        TimeTravel._second(app.screen)
        await calm(pilot)
        assert view_of(app).clock == begun + 1
        app.touched -= IDLE + 1
        for _ in range(3):
            TimeTravel._second(app.screen)
            await calm(pilot)
        assert view_of(app).clock == begun + 1
        assert any("the clock waits" in message for message in said(app))
        await press(pilot, "f9")
        TimeTravel._second(app.screen)
        await calm(pilot)
        assert view_of(app).clock == begun + 2
