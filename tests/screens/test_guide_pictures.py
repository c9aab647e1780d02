"""The field guide and the sheets of predictions, as pictures at both sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens.conftest import calm, keys, typed

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
Size = tuple[int, int]
Game = Callable[..., Any]
Compare = Callable[..., bool]

LEVELS = Path(__file__).parent / "predict"
BINGO = str(LEVELS / "06-selector-bingo.yaml")
PACKET = str(LEVELS / "07-follow-the-packet.yaml")
WALL = str(LEVELS / "10-the-paper-wall.yaml")
OPEN = ["down", "down", "down", "enter", "calm"]
ALL_BUT_ONE = ["f3", "y", "right", "y", "down", "y", "left", "y", "down", "y", "right", "n", "enter", "calm"]


@SIZES
@pytest.mark.parametrize("words", ["", "and or", "affinity", "ports policy", "nobody wrote this"])
def test_the_guide(game: Game, snap_compare: Compare, size: Size, words: str) -> None:
    assert snap_compare(game(), terminal_size=size, run_before=keys(*OPEN, *typed(words)))


@SIZES
@pytest.mark.parametrize("words", ["and or", "ndots", "selector"])
def test_a_page_of_the_guide(game: Game, snap_compare: Compare, size: Size, words: str) -> None:
    assert snap_compare(game(), terminal_size=size, run_before=keys(*OPEN, *typed(words), "calm", "enter"))


@SIZES
@pytest.mark.parametrize("level", [BINGO, PACKET, WALL], ids=["bingo", "packet", "wall"])
def test_an_empty_sheet(game: Game, snap_compare: Compare, size: Size, level: str) -> None:
    assert snap_compare(game(level), terminal_size=size, run_before=keys("f3"))


@SIZES
def test_answers_are_typed_where_there_are_no_options(game: Game, snap_compare: Compare, size: Size) -> None:
    assert snap_compare(
        game(PACKET), terminal_size=size, run_before=keys("f3", *typed("10.96.0.10"), "down", *typed("10"))
    )


@SIZES
def test_a_miss_with_its_reason(game: Game, snap_compare: Compare, size: Size) -> None:
    assert snap_compare(game(WALL), terminal_size=size, run_before=keys(*ALL_BUT_ONE))


@SIZES
def test_all_right(game: Game, snap_compare: Compare, size: Size) -> None:
    assert snap_compare(game(WALL), terminal_size=size, run_before=keys(*ALL_BUT_ONE, "y", "enter"))


def test_what_is_known_on_a_narrow_terminal(game: Game, snap_compare: Compare) -> None:
    assert snap_compare(game(BINGO), terminal_size=(80, 24), run_before=keys())


def test_a_sheet_in_ascii_without_colours(game: Game, snap_compare: Compare) -> None:
    app = game(WALL, theme="harbour-mono", ascii=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys(*ALL_BUT_ONE))


async def test_the_cluster_is_shown_once_the_predictions_are_right(game: Game) -> None:
    app = game(WALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await keys(*ALL_BUT_ONE, "enter")(pilot)
        assert type(app.screen).__name__ == "Predict"
        await keys("y", "enter", "calm", "enter")(pilot)
        assert type(app.screen).__name__ == "Play"


async def test_who_leaves_early_sees_nothing_and_finds_the_answers_again(game: Game) -> None:
    app = game(WALL)
    async with app.run_test(size=(80, 24)) as pilot:
        await keys("f3", "y", "right", "n", "escape")(pilot)
        assert type(app.screen).__name__ == "Menu"
        app.open_level(app._level)
        await calm(pilot)
        assert list(app.screen.grid.said.values()) == ["yes", "no"]


@SIZES
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_the_introduction(game: Game, snap_compare: Compare, size: Size, step: int) -> None:
    way = [["enter"], ["ctrl+t"], ["enter"], ["end", "8", "0"], ["ctrl+s"]][:step]
    pressed = [key for keys_ in way for key in (*keys_, "calm")]
    assert snap_compare(game(), terminal_size=size, run_before=keys(*pressed))


async def test_newcomers_are_introduced_once(game: Game) -> None:
    app = game()
    async with app.run_test(size=(80, 24)) as pilot:
        await keys("enter")(pilot)
        assert type(app.screen).__name__ == "Introduction"
        await keys("ctrl+t", "calm", "enter", "calm", "end", "8", "0", "calm", "ctrl+s", "calm", "calm")(pilot)
        assert "Delivered!" in app.screen.query_one("#coach-text").rows_text
        assert not list(app._notifications), "no message covers what the coach says"
        await keys("n")(pilot)
        assert type(app.screen).__name__ == "Play"
        assert app.screen._head.id == "1.1"
        await keys("escape", "calm", "escape", "calm", "enter")(pilot)
        assert type(app.screen).__name__ == "Play"


async def test_escape_skips_the_introduction_from_everywhere(game: Game) -> None:
    app = game()
    async with app.run_test(size=(80, 24)) as pilot:
        for way in ([], ["ctrl+t"], ["f3"]):
            app.open_introduction()
            await keys(*way, "escape")(pilot)
            assert type(app.screen).__name__ == "Menu"
        await keys("enter")(pilot)
        assert type(app.screen).__name__ == "Play"


FIX = ["f3", *["down"] * 9, "end", "enter", *typed("targetPort: 8080"), "calm", "ctrl+s", "calm", "ctrl+g", "calm"]


@SIZES
def test_the_gallery_of_solutions(game: Game, snap_compare: Compare, size: Size) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*FIX, "enter", "calm", "g"))


async def test_the_debrief_leads_to_the_page_of_the_guide(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await keys(*FIX, "enter", "calm", "f")(pilot)
        assert "No targetPort means the same number" in app.screen.page.rows_text
        await keys("escape")(pilot)
        assert type(app.screen).__name__ == "Debrief"


async def test_the_mouse_answers_too(game: Game) -> None:
    app = game(WALL)
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        line, start, _ = app.screen.grid._places["open", "prom", "port 9102"]
        await pilot.click("#answers", offset=(start + 2, line))
        assert app.screen.grid.said == {("open", "prom", "port 9102"): "yes"}
        await pilot.click("#answers", offset=(start + 2, line))
        assert app.screen.grid.said == {("open", "prom", "port 9102"): "no"}
