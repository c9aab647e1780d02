"""The sandbox and the time line by keys and mouse: doors, menus, switches, packets, the past, saving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from k8stui.game.storage import Storage
from k8stui.tui.screens.actions import Actions
from k8stui.tui.screens.door import Door
from k8stui.tui.screens.play import Play
from k8stui.tui.screens.tracing import Tracing
from k8stui.tui.widgets.choices import Choices
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.drawer import TracePage
from k8stui.tui.widgets.files import EditorCard
from k8stui.tui.widgets.timeline import TimeLine
from tests.screens.conftest import calm, keys, typed

Game = Callable[..., Any]
Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
SHOP = ["enter", "calm", "f4", "calm"]
STEP = ["ctrl+o", "calm"]


async def press(pilot: Pilot[Any], *names: str) -> None:
    await keys(*names)(pilot)


def texts_of(app: Any) -> dict[str, str]:
    return dict(app.screen.query_one(EditorCard).texts)


async def test_saved_sandboxes_are_renamed_and_deleted_at_the_door(game: Game, storage: Storage) -> None:
    for name in ("lab", "shop"):
        storage.save_sandbox({"version": 1}, name)
    app = game(files=[])
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "calm")
        assert app.screen.choices.lit.startswith("saved:")
        first = app.screen.choices.lit.partition(":")[2]
        other = ({"lab", "shop"} - {first}).pop()
        await press(pilot, "r", *typed(other), "enter", "calm")
        assert set(storage.sandboxes()) == {"lab", "shop"}
        assert any("already" in note.message for note in app._notifications)
        await press(pilot, "r", "end", *typed("-2"), "enter", "calm")
        assert set(storage.sandboxes()) == {f"{first}-2", other}
        await press(pilot, *["home"], "d", "calm", "enter", "calm")
        assert len(storage.sandboxes()) == 2
        gone = app.screen.choices.lit.partition(":")[2]
        await press(pilot, "d", "calm", "y", "calm")
        assert gone not in storage.sandboxes() and len(storage.sandboxes()) == 1
        await press(pilot, "end", "d", "r", "calm")
        assert isinstance(app.screen, Door) and len(storage.sandboxes()) == 1


# Pictures


@SIZES
def test_the_door(game: Game, storage: Storage, snap_compare: Compare, size: tuple[int, int]) -> None:
    storage.save_sandbox({"version": 1}, "my shop")
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys())


@SIZES
def test_a_stage(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP))


@SIZES
def test_the_menu_of_a_pod(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP, *["down"] * 7, "a"))


@SIZES
def test_the_switches(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP, "c", "calm", "enter"))


@SIZES
def test_a_packet_is_asked_for(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    asked = ["ctrl+t", "calm", *typed("node:node-1"), "enter", "calm", *typed("back")]
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP, *asked))


@SIZES
def test_a_packet_with_an_end_that_nobody_has(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    asked = ["ctrl+t", "calm", *typed("nobody"), "enter"]
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP, *asked))


@SIZES
def test_the_past_of_a_level(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = ["f4", *STEP, *STEP, "ctrl+s", "calm", *STEP, *STEP, *STEP, "comma", "calm", "less_than_sign"]

    async def without_toasts(pilot: Pilot[Any]) -> None:
        await keys(*before)(pilot)
        pilot.app.clear_notifications()
        await calm(pilot)

    assert snap_compare(game("2.1"), terminal_size=size, run_before=without_toasts)


@SIZES
def test_the_time_line_after_a_pod_was_killed(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    kill = [*STEP, "a", "calm", "down", "down", "enter", "calm", *STEP * 8, "f10"]
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*SHOP, "up", *kill))


@SIZES
def test_a_dump(game: Game, snap_compare: Compare, size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "dump.yaml"
    path.write_text(DUMP)
    assert snap_compare(game(files=[str(path)]), terminal_size=size, run_before=keys("f4"))


DUMP = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: web, namespace: shop, uid: 6f8a, labels: {app: web}, resourceVersion: "812"}
  spec:
    nodeName: worker
    containers: [{name: main, image: web, ports: [{containerPort: 8080}]}]
  status:
    phase: Running
    podIP: 10.244.1.7
    podIPs: [{ip: 10.244.1.7}]
    conditions: [{type: Ready, status: "True"}]
- apiVersion: v1
  kind: Node
  metadata: {name: worker, uid: 1a2b, resourceVersion: "4"}
  spec: {podCIDR: 10.244.1.0/24}
  status:
    addresses: [{type: InternalIP, address: 172.18.0.3}]
    conditions: [{type: Ready, status: "True"}]
"""


# Ways


async def test_a_deed_changes_the_cluster_and_u_takes_it_back(game: Game) -> None:
    app = game(files=[])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *SHOP)
        screen = app.screen
        chart = screen.query_one(ClusterMap)
        chart._select("node:node-2")
        await press(pilot, "enter", "calm")
        assert isinstance(app.screen, Actions)
        await press(pilot, "down", "enter", "calm")
        assert [node.cordoned for node in screen._view.scene.nodes] == [False, True, False]
        assert "cordon node-2" in screen.query_one(TimeLine).rows_text
        await press(pilot, "u", "calm")
        assert not any(node.cordoned for node in screen._view.scene.nodes)


async def test_the_mouse_alone_selects_opens_and_acts(game: Game) -> None:
    app = game(files=[])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *SHOP)
        screen = app.screen
        area = next(area for area in screen.query_one(ClusterMap)._picture.areas if area.key == "node:node-1")
        await pilot.click("#map", offset=(area.x + 2, area.y), times=2)
        await calm(pilot)
        assert isinstance(app.screen, Actions)
        await pilot.click(Choices, offset=(4, 1))
        await calm(pilot)
        assert screen._view.scene.nodes[0].cordoned


async def test_a_packet_of_ones_own_is_traced(game: Game) -> None:
    app = game(files=[])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *SHOP, "ctrl+t", "calm")
        assert isinstance(app.screen, Tracing)
        await press(pilot, *typed("front"), "down", "enter", "calm", *typed("http://backend.shop"), "enter", "calm")
        sheet = app.screen.query_one(TracePage).sheet
        assert sheet is not None and sheet.source.startswith("frontend-") and sheet.ending == "answered"


async def test_the_past_is_looked_at_and_gone_on_from(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "f4", *STEP * 4)
        screen = app.screen
        texts = texts_of(app)
        await press(pilot, "comma", "comma", "comma", "calm")
        assert screen.in_past and screen._view.clock == 1.0
        assert screen.check_action("apply", ()) is None and texts_of(app) == texts
        await press(pilot, *STEP, "ctrl+s", "calm")
        assert screen._view.clock == 1.0, "the past stands still"
        await press(pilot, "escape", "calm")
        assert not screen.in_past and screen._view.clock == 4.0 and isinstance(app.screen, Play)
        await press(pilot, "f10", "home", "calm", "right", "calm", "enter", "calm")
        assert not screen.in_past and screen._view.clock == 1.0
        await press(pilot, *STEP)
        assert screen._view.clock == 2.0
        await press(pilot, "u", "calm")
        assert screen._view.clock == 4.0


async def test_the_time_line_is_clicked(game: Game) -> None:
    app = game("2.1")
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "f4", *STEP * 5)
        line = app.screen.query_one(TimeLine)
        await pilot.click(TimeLine, offset=(line._drawn.left + 2, 0))
        await calm(pilot)
        assert app.screen._view.clock == 2.0
        await pilot.click(TimeLine, offset=(line._drawn.left + 20, 0))
        await calm(pilot)
        assert not app.screen.in_past


async def test_time_runs_slower_and_faster(game: Game) -> None:
    app = game(files=[])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *SHOP, "minus", "minus", "minus")
        assert app.screen._speed() == 0.25
        await press(pilot, *["plus"] * 9)
        assert app.screen._speed() == 8.0


async def test_a_sandbox_is_saved_left_and_opened_again(game: Game, storage: Storage) -> None:
    app = game(files=[])
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *SHOP, *STEP, *STEP, "s", *typed("mine"), "enter", "calm")
        assert storage.sandboxes() == ["mine"]
        await press(pilot, "f3", *typed("# draft"), "enter", "calm")
        await press(pilot, "escape", "escape", "calm")
        assert isinstance(app.screen, Door)
        await press(pilot, "home", "enter", "calm")
        assert any(text.startswith("# draft") for text in texts_of(app).values()), "what was typed is still there"
        await press(pilot, "f4", "escape", "calm", "home", "down", "enter", "calm", "f4")
        assert app.screen._view.clock == 2.0
        assert not any(text.startswith("# draft") for text in texts_of(app).values())


async def test_nonsense_is_answered_and_breaks_nothing(game: Game) -> None:
    app = game(files=[])
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *["down"] * 5, "enter", "calm", *typed("no/such file"), "enter", "calm")
        assert "cannot be opened" in app.screen.query_one("#opening").rows_text
        await press(pilot, "escape", "calm", "home", "enter", "calm", "f4", "a", "calm", "b", "calm")
        app.screen.query_one(ClusterMap)._select("pod:gone/gone")
        await press(pilot, "a", "calm")
        assert isinstance(app.screen, Play)
        await pilot.resize_terminal(20, 6)
        await calm(pilot)
        await pilot.resize_terminal(61, 18)
        await press(pilot, "ctrl+t", "calm", *typed("[]"), "enter", "calm", *typed("::::/x"), "enter", "calm")
        assert isinstance(app.screen, Tracing)
        await press(pilot, "escape", "c", "calm", "down", "enter", "calm", "escape", "calm")
        assert app.screen._view.scene.proxy_mode == "nftables"
