"""What keys and mouse do on the play screen: nothing typed is lost, and every way leads where it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.fuzzy import Matcher

from k8stui.game.catalogue import heads
from k8stui.game.progress import Record
from k8stui.game.score import Score
from k8stui.game.storage import Storage
from k8stui.tui.app import K8sTui
from k8stui.tui.paint import text_of
from k8stui.tui.reports import StormReport
from k8stui.tui.screens.debrief import Debrief, Insight, Listing
from k8stui.tui.screens.dialogs import Confirm
from k8stui.tui.screens.gallery import Gallery
from k8stui.tui.screens.help import keys_of
from k8stui.tui.screens.levels import Levels
from k8stui.tui.screens.menu import Menu
from k8stui.tui.screens.play import Play
from k8stui.tui.screens.storm import Storm
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.completion import Offers
from k8stui.tui.widgets.drawer import Drawer, TabRow, TracePage
from k8stui.tui.widgets.files import EditorCard, Status
from k8stui.tui.widgets.grid import AnswerGrid
from k8stui.tui.widgets.mission import HintCard, HintText
from k8stui.tui.widgets.rows import Rows
from tests.game.scenes import BODY, HEAD
from tests.screens.conftest import calm, typed

Game = Callable[..., Any]
LEVEL = HEAD.format(verb="debug") + BODY
OWN = LEVEL + 'checks:\n  ends: "eps shop/backend = 2"\n'
PREDICT = Path(__file__).parent / "predict" / "10-the-paper-wall.yaml"


def editor_of(app: Any) -> Any:
    return app.screen.query_one(EditorCard).editor


async def test_reset_asks_first_and_the_editor_can_undo_it(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        before = editor_of(app).text
        await pilot.press("f3", *typed("# mine"), "enter")
        mine = editor_of(app).text
        await pilot.press("ctrl+r")
        await calm(pilot)
        await pilot.press("enter")
        await calm(pilot)
        assert editor_of(app).text == mine
        await pilot.press("ctrl+r", "y")
        await calm(pilot)
        assert editor_of(app).text == before
        await pilot.press("ctrl+z")
        assert editor_of(app).text == mine


async def test_enter_on_a_trace_jumps_to_the_line_that_decided(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("ctrl+t")
        await calm(pilot)
        await pilot.press("enter")
        await calm(pilot)
        assert editor_of(app).has_focus
        assert editor_of(app).cursor_location[0] == 9


async def test_typing_is_kept_across_sizes_and_visits(game: Game, storage: Storage) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f3", *typed("# mine"))
        for size in ((80, 24), (20, 5), (200, 50)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert "# mine" in editor_of(app).text
        await calm(pilot)
    assert any("# mine" in text for text in storage.draft("2.1").values())
    again = game("2.1")
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert "# mine" in editor_of(again).text


async def test_tab_takes_what_is_offered_and_enter_does_not(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f3", *["down"] * 9, "end", "enter", *typed("tar"))
        await calm(pilot)
        assert app.screen.query_one(Offers).display
        await pilot.press("tab", *typed("8080"))
        await calm(pilot)
        assert "    targetPort: 8080\n" in editor_of(app).text


async def test_comments_go_there_and_back(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        before = editor_of(app).text
        await pilot.press("f3", "ctrl+underscore")
        assert editor_of(app).text.startswith("# apiVersion")
        await pilot.press("ctrl+underscore")
        assert editor_of(app).text == before


async def test_the_mouse_reaches_tabs_footer_and_map(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.click("#drawer-tabs", offset=(9, 0))
        await calm(pilot)
        assert app.screen.query_one(Drawer).tab == "endpoints"
        area = next(a for a in app.screen.query_one(ClusterMap)._picture.areas if a.key.startswith("service:"))
        await pilot.click("#map", offset=(area.x + 5, area.y))
        assert app.screen.query_one(ClusterMap).chosen == area.key
        await pilot.click("#keys", offset=(3, 0))
        await calm(pilot)
        assert type(app.screen).__name__ == "Help"
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await pilot.click(next(iter(app.screen.query("#regions").results(TabRow))), offset=(15, 0))
        await calm(pilot)
        assert editor_of(app).has_focus


async def test_escape_leads_back_to_the_menu_and_quit_works_everywhere(game: Game) -> None:
    app = game()
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("down", "enter")
        await calm(pilot)
        assert isinstance(app.screen, Levels)
        await pilot.press("enter")
        await calm(pilot)
        assert isinstance(app.screen, Play)
        await pilot.press("escape", "escape")
        await calm(pilot)
        assert isinstance(app.screen, Menu)
        await pilot.press("enter")
        await calm(pilot)
        await pilot.press("f3", "ctrl+q")
        await pilot.pause()
    assert app.return_code == 0


async def test_keys_can_be_bound_anew(game: Game) -> None:
    app = game("2.1", keys={"hint": "f11"})
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f11")
        await calm(pilot)
        assert app.screen.query_one("#hint-text").rows_text.strip()


async def test_markup_in_a_name_is_only_a_name(game: Game, tmp_path: Any) -> None:
    path = tmp_path / "[red]a.yaml"
    path.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: '[red]x[/red]'}\nspec: {ports: [{port: 80}]}\n")
    app = game(files=[str(path)])
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert "[red]x[/red]" in app.screen.query_one("#opening").rows_text


async def test_a_hint_is_seen_from_every_page_of_a_narrow_terminal(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        for page in ("f5", "f3"):
            await pilot.press(page, "f8")
            await calm(pilot)
            assert app.screen.query_one(HintCard).region.height > 0
            await pilot.press("escape")


async def test_the_first_hint_opens_the_view_that_it_is_about(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert app.screen.query_one(Drawer).tab == "trace"
        await pilot.press("f8")
        await calm(pilot)
        assert app.screen.query_one(Drawer).tab == "endpoints"
        await pilot.press("f5", "right", "f8")
        await calm(pilot)
        assert app.screen.query_one(Drawer).tab == "dns"


async def test_escape_in_the_editor_closes_the_hint_as_the_hint_says(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f3", "f8")
        await calm(pilot)
        await pilot.press("escape")
        assert not app.screen.query_one(HintCard).display
        assert editor_of(app).has_focus
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.query_one(ClusterMap).has_focus


async def test_every_line_of_a_long_hint_can_be_read(game: Game) -> None:
    app = game("1.2")
    for size in ((80, 24), (120, 40)):
        async with app.run_test(size=size) as pilot:
            await calm(pilot)
            for _ in range(3):
                await pilot.press("f8")
                await calm(pilot)
            text = app.screen.query_one(HintText)
            foot = app.screen.query_one("#hint-foot")
            assert foot.region.bottom <= size[1]
            assert text.region.bottom <= foot.region.y
            assert text.max_scroll_y == 0 or text.has_focus
            await pilot.press("end")
            await pilot.pause(0.6)
            assert text.scroll_y == text.max_scroll_y
        app = game("1.2")


async def test_letters_and_arrows_of_one_burst_answer_cell_after_cell(game: Game) -> None:
    app = game(str(PREDICT))
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        grid = app.screen.query_one(AnswerGrid)
        grid.focus()
        await pilot.pause()
        for key, char in (("y", "y"), ("right", None), ("n", "n"), ("down", None), ("y", "y")):
            app.post_message(events.Key(key, char))
        await pilot.pause()
        await pilot.pause()
        assert list(grid.said.values()) == ["yes", "no", "yes"]


async def test_the_palette_finds_every_setting_by_the_obvious_words(game: Game) -> None:
    app = game()
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        for word, title in {
            "ascii": "ASCII on", "unicode": "ASCII on", "plain": "ASCII on", "animation": "Motion", "motion": "Motion",
            "dark": "harbour-night", "light": "harbour-day", "contrast": "harbour-signal", "no colour": "harbour-mono",
            "sixteen": "harbour-16", "theme": "harbour-night", "settings": "Settings", "tutorial": "Introduction",
        }.items():  # fmt: skip
            found = [c.title for c in app.get_system_commands(app.screen) if Matcher(word).match(c.title) > 0]
            assert any(title in name for name in found), word
        await pilot.press("ctrl+p", *typed("ascii"))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await calm(pilot)
        assert app.ascii_only
        assert any(command.title.startswith("ASCII off") for command in app.get_system_commands(app.screen))


async def test_the_palette_offers_what_letters_do_while_text_is_typed(game: Game) -> None:
    """The editor takes the letters, so that the palette is the only way to these commands from there."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        attempt = app.screen._session.attempt
        fixed = attempt.files["service-backend.yaml"].replace("port: 80", "port: 81")
        attempt.apply({**attempt.files, "service-backend.yaml": fixed})
        await pilot.press("f3")
        assert "u" not in app.screen.active_bindings and attempt.can_undo()
        await pilot.press("ctrl+p", *typed("undo apply"))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await calm(pilot)
        assert not attempt.can_undo()


async def test_the_pace_of_the_clock_is_remembered(game: Game, storage: Storage) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f4", "+", "+")
        await pilot.pause()
        assert " 4x" in app.screen.title_bar.rows_text
    again = game("1.1")
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert " 4x" in again.screen.title_bar.rows_text
    storage.set(pace="soon")
    other = game("1.1")
    async with other.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert " 1x" in other.screen.title_bar.rows_text


async def test_the_title_of_the_introduction_has_no_number(game: Game) -> None:
    app = game()
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        app.open_introduction()
        await calm(pilot)
        assert "Introduction › A first packet" in app.screen.title_bar.rows_text


async def test_a_paste_brings_no_invisible_characters_and_says_so(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("f3")
        before = editor_of(app).text
        app.post_message(events.Paste("\x1b[31m# a\u00a0b\u200b\r\n\x00# \u202ec\td\n"))
        await pilot.pause()
        assert editor_of(app).text == "[31m# a b\n# c\td\n" + before
        assert [note.message for note in app._notifications] == [
            "5 invisible characters of what was pasted are left out or are blanks now."
        ]
        await pilot.press("ctrl+z")
        assert editor_of(app).text == before
        app.clear_notifications()
        app.post_message(events.Paste("# plain: é 日本\n"))
        await pilot.pause()
        assert editor_of(app).text == "# plain: é 日本\n" + before
        assert list(app._notifications) == []


async def test_own_solutions_are_compared_from_the_list_of_levels(game: Game, storage: Storage) -> None:
    solution = {"text": "a: b\n", "objects": 1, "edits": 7, "resources": 0, "pairs": 3, "stars": 2}
    storage.keep_solutions("1.1", [solution])
    app = game()
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        app.open_levels()
        await calm(pilot)
        await pilot.press("ctrl+g")
        await calm(pilot)
        assert isinstance(app.screen, Levels)
        storage.record("1.1", Record(solved=True, stars=(True, True, False)))
        app.screen._read()
        await calm(pilot)
        await pilot.press("up", "up", "ctrl+g")
        await calm(pilot)
        assert isinstance(app.screen, Gallery)
        assert "yours 1" in app.screen.choices.rows_text and "level: " in app.screen.choices.rows_text
        await pilot.press("escape")
        await calm(pilot)
        assert isinstance(app.screen, Levels)


async def test_help_lists_no_key_that_is_typed_as_text(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        for region, listed in (("f4", True), ("f3", False)):
            await pilot.press(region)
            keys = {key for row in keys_of(app.screen) for key in re.split("(?<!Esc) ", row.key)}
            assert {"^s", "F8", "Esc", "F1"} <= keys
            assert all((key in keys) is listed for key in ("u", "U", "+", "-", ",", "?", "Space"))
            assert all((f"Esc {key}" in keys) is not listed for key in ("u", "U", "+", "-", ",", "Space"))
            assert not {key for key in keys if key.islower() and len(key) > 1 and key[0] != "^"}


async def test_messages_of_a_screen_end_with_it(game: Game) -> None:
    app = game(str(PREDICT))
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert ["still open" in note.message for note in app._notifications] == [True]
        await pilot.press("escape")
        await calm(pilot)
        assert isinstance(app.screen, Menu)
        assert list(app._notifications) == []


async def test_enter_on_a_trace_that_nothing_stopped_says_so(game: Game) -> None:
    app = game("7.2")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("ctrl+t", "n", "n", "n", "enter")
        await pilot.pause()
        assert app.screen.query_one(TracePage).sheet.delivered
        assert [note.message for note in app._notifications] == ["Nothing stopped this packet; arrows choose a hop."]


async def test_an_object_whose_field_cannot_change_is_made_anew_after_a_question(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "level.yaml"
    path.write_text(OWN)
    app = game(str(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        before = app.screen._session.game.cluster.list("Service", "shop")[0].metadata.uid
        await pilot.press("f3", "down", "down", "down", "down", "down", "end", "enter", *typed("clusterIP: None"))
        await pilot.press("ctrl+s")
        await calm(pilot)
        assert isinstance(app.screen, Confirm)
        await pilot.press("y")
        await calm(pilot)
        (service,) = app.screen._session.game.cluster.list("Service", "shop")
        assert service.headless and service.metadata.uid != before


async def test_a_new_apply_takes_the_message_of_the_last_one_away(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("f3", "x", "ctrl+s")
        await calm(pilot)
        assert ["Refused" in note.title for note in app._notifications] == [True]
        await pilot.press("ctrl+z", "ctrl+s")
        await calm(pilot)
        assert ["Applied" in note.title for note in app._notifications] == [True]


async def test_a_reset_shows_the_packet_that_fails_again(game: Game) -> None:
    """After a solved level the trace of an answer lay there beside a map that told of a refusal."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        page = app.screen.query_one(TracePage)
        first = page.sheet
        page.action_other(1)
        assert page.sheet != first
        await pilot.press("ctrl+r")
        await calm(pilot)
        await pilot.press("y")
        await calm(pilot)
        assert (page.sheet.source, page.sheet.target) == (first.source, first.target)


async def test_a_storm_that_asks_no_goal_counts_none(game: Game) -> None:
    """Goals with a clock are not asked again: nobody may say that they were."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        app.push_screen(Storm(StormReport(True, (), (), app.screen._view)))
        await pilot.pause()
        said = " ".join(widget.rows_text for widget in app.screen.query(Rows))
        assert "0/0" not in said and "ran again" not in said and "solved" in said


def test_every_star_of_the_debrief_says_what_it_is_for() -> None:
    """With two pars the third star ran out of a narrow screen."""
    score = Score(True, 5, 2, par_edits=4, par_resources=2, failed_applies=1, hints=3, seconds=9.0)
    said = [text_of(spans).rstrip() for spans in Insight("An alias.", (), score).draw(80, 20)]
    assert any("no stumble, or few hints" in line for line in said)
    assert max(map(len, said)) <= 78


async def test_an_error_further_up_in_the_open_file_is_told_with_its_line_alone(game: Game) -> None:
    """The file's own name took the room of the message on a narrow screen."""
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        editor_of(app).put_text(editor_of(app).text.replace("spec:", "spek:"))
        await pilot.press("f3", "ctrl+end")
        await calm(pilot)
        said = app.screen.query_one(Status).rows_text
        assert ".yaml" not in said and 'line 6: unknown field "spek"' in said


async def test_format_indents_the_open_file_and_undo_takes_it_back(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        editor = editor_of(app)
        tidy = editor.text
        wild = tidy.replace("\n  ", "\n      ") + "# mine\n"
        editor.put_text(wild)
        await pilot.press("f3", "ctrl+right_square_bracket")
        assert editor.text == tidy + "# mine\n"
        await pilot.press("ctrl+z")
        assert editor.text == wild
        editor.put_text("a: [")
        await pilot.press("ctrl+right_square_bracket")
        await pilot.pause()
        assert editor.text == "a: ["
        assert any("is no YAML" in note.message for note in app._notifications)
        assert any(command.title.startswith("Format") for command in app.get_system_commands(app.screen))


async def test_shipping_too_early_names_the_first_goal_that_is_not_met(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        await pilot.press("ctrl+g")
        await pilot.pause()
        (message,) = (note.message for note in app._notifications)
        first = app.screen._view.goals[0].text
        assert message == f"Not green yet: {first}, and 2 more."


async def test_a_folder_of_levels_is_listed_by_itself(storage: Storage) -> None:
    app = K8sTui(storage, folder=PREDICT.parent)
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert isinstance(app.screen, Levels)
        assert [head.id for head in app.screen._heads] == [head.id for head in heads(PREDICT.parent)] != []


async def test_levels_of_ones_own_are_not_listed_among_the_broken_ones(storage: Storage, tmp_path: Path) -> None:
    """A new level has chapter 0, and an id of any length."""
    (tmp_path / "own.yaml").write_text(HEAD.format(verb="debug").replace("0.1", "harbour.12") + BODY)
    (tmp_path / "torn.yaml").write_text("id: [\n---\n")
    app = K8sTui(storage, folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        listed = [" ".join(line.split()) for line in app.screen.choices.rows_text.splitlines() if line.strip()]
        assert listed[0].startswith("– Levels ▄"), listed
        assert "harbour.12 Test DEBUG" in listed[1]
        assert listed[2].startswith("! Cannot be played") and "torn.yaml" in listed[3]


async def test_the_debrief_leads_to_the_same_level_with_other_names(game: Game, storage: Storage) -> None:
    """What is kept of a drawing stands apart from the level as it is written, and each time the names are new ones."""
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        editor_of(app).put_text(editor_of(app).text.replace("port: 80", "port: 80\n    targetPort: 8080"))
        for key in ("ctrl+s", "ctrl+g", "enter", "a"):
            await pilot.press(key)
            await calm(pilot)
        level = app.screen._level
        assert isinstance(app.screen, Play) and level.drawn == 1 and level.namespace != "shop"
        assert f"namespace: {level.namespace}" in editor_of(app).text
        assert "8080" not in level.name and f"{level.name} · seed 1" in str(app.screen.title_bar.draw(120, 1))
        editor_of(app).put_text(editor_of(app).text + "# mine\n")
        await calm(pilot)
        assert "mine" in str(storage.draft("2.1_1")) and "mine" not in str(storage.draft("2.1"))
    again = game("2.1")
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert "namespace: shop" in editor_of(again).text and storage.progress().record("2.1").solved
    listed = K8sTui(storage)
    async with listed.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        listed.open_levels()
        await calm(pilot)
        await pilot.press("2", ".", "1", "ctrl+n")
        await calm(pilot)
        assert listed.screen._head.label == f"{level.id} {level.name} · seed 1"
        assert "# mine" in editor_of(listed).text, "a drawing that was left is gone on with"
        await pilot.press("escape")
        await pilot.press("escape", "1", ".", "1", "ctrl+n")
        await calm(pilot)
        assert isinstance(listed.screen, Levels), "what is not solved yet is played as it is written"


async def test_a_hint_is_not_covered_by_what_was_said_before(game: Game) -> None:
    for level in ("2.1", str(PREDICT)):
        app = game(level)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await calm(pilot)
            app.screen.notify("One service, three cooks: the sea is calm today.")
            await pilot.press("f8")
            await calm(pilot)
            assert app.screen.query_one(HintCard).display and not app._notifications


def tabs_of(app: Any) -> str:
    tabs = app.screen.query_one("#files", TabRow)
    return "".join(text_of(line) for line in tabs.draw(tabs.size.width, 1))


async def test_a_plus_stands_beside_the_files_only_where_one_can_be_added(game: Game, tmp_path: Path) -> None:
    closed, opened = tmp_path / "closed.yaml", tmp_path / "opened.yaml"
    closed.write_text(OWN.replace("create:\n- {kind: NetworkPolicy, namespace: shop}\n", ""))
    opened.write_text(OWN)
    for path, plus in ((closed, False), (opened, True)):
        app = game(str(path))
        async with app.run_test(size=(120, 40)) as pilot:
            await calm(pilot)
            assert ("+" in tabs_of(app)) is plus


async def test_an_added_file_is_taken_away_again_for_good(game: Game, tmp_path: Path) -> None:
    path = tmp_path / "level.yaml"
    path.write_text(OWN.replace("name: backend}\ncreate", "name: backend, delete: false}\ncreate"))
    app = game(str(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        before = set(app.screen.query_one(EditorCard).texts)
        await pilot.press("ctrl+n")
        await calm(pilot)
        (added,) = set(app.screen.query_one(EditorCard).texts) - before
        await pilot.press("f2", "D")
        await calm(pilot)
        assert isinstance(app.screen, Confirm)
        await pilot.press("escape")
        assert added in tabs_of(app)
        editor_of(app).put_text("")
        await calm(pilot)
        await pilot.press("f2", "D")
        await calm(pilot)
        assert set(app.screen.query_one(EditorCard).texts) == before and added not in tabs_of(app)
        await pilot.press("f2", "D", "y")
        await calm(pilot)
        assert set(app.screen.query_one(EditorCard).texts) == before, "what the level is about stays"
    again = game(str(path))
    async with again.run_test(size=(120, 40)) as pilot:
        await calm(pilot)
        assert added not in tabs_of(again)


async def test_help_in_the_editor_tells_the_letters_and_how_to_reach_them(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(80, 24)) as pilot:
        await calm(pilot)
        await pilot.press("f3")
        keys = {item.id: item.key for item in keys_of(app.screen)}
        assert (keys["undo"], keys["redo"]) == ("Esc u", "Esc U")
        await pilot.press("escape")
        keys = {item.id: item.key for item in keys_of(app.screen)}
        assert (keys["undo"], keys["redo"]) == ("u", "U")


async def test_yours_and_the_reference_scroll_together_and_comments_are_no_difference(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Debrief, "_texts", lambda self: ("# mine\n" * 60 + "a: 1\n", "a: 1  # his\n\n" + "# two\n" * 50)
    )
    app = game("2.1")
    async with app.run_test(size=(120, 24)) as pilot:
        await calm(pilot)
        editor_of(app).put_text(editor_of(app).text.replace("port: 80", "port: 80\n    targetPort: 8080"))
        await calm(pilot)
        await pilot.press("ctrl+s")
        await calm(pilot)
        await pilot.press("ctrl+g")
        await calm(pilot)
        await pilot.press("enter")
        await calm(pilot)
        yours, reference = app.screen.query(Listing)
        assert not yours._own and not reference._own
        assert yours.has_focus and yours.max_scroll_y > reference.max_scroll_y > 1
        await pilot.press("down", "down")
        await pilot.pause(0.4)
        assert yours.scroll_y == reference.scroll_y == 2
        await pilot.press("end")
        await pilot.pause(0.6)
        assert (yours.scroll_y, reference.scroll_y) == (yours.max_scroll_y, reference.max_scroll_y)
        await pilot.press("tab", "home")
        await pilot.pause(0.4)
        assert yours.scroll_y == reference.scroll_y == 0
