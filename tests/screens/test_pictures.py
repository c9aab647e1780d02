"""Every screen and every state that matters, at both sizes, as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from k8stui.game.progress import Record
from k8stui.game.storage import Storage
from tests.screens.conftest import keys, typed

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
Game = Callable[..., Any]
Compare = Callable[..., bool]

FIX = ["f3", *["down"] * 9, "end", "enter", *typed("targetPort: 8080"), "calm"]
SERVICE = [
    *("f3", *typed("backend")),
    *("down", "down", "end", "enter"),
    *typed("selector: {app: backend}\nports:\n- port: 80\ntargetPort: 8080"),
    "calm",
]
WALL = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guests, namespace: shop}
spec:
  podSelector: {matchLabels: {app: backend}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: frontend}}
    ports:
    - port: 80
"""
KEPT_IN = """apiVersion: apps/v1
kind: Deployment
metadata: {name: backend}
spec:
  replicas: 3
  selector: {matchLabels: {app: backend}}
  template:
    metadata: {labels: {app: backend}}
    spec: {containers: [{name: main, image: backend, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {selector: {app: backend}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: client
  labels: {app: client}
  annotations:
    k8stui.dev/behaviour: '{"calls": [{"to": "http://backend", "perSecond": 2}]}'
spec: {containers: [{name: main, image: client}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: keep-in}
spec:
  podSelector: {matchLabels: {app: client}}
  policyTypes: [Egress]
  egress:
  - to: [{podSelector: {matchLabels: {app: backend}}}]
    ports: [{port: 80}]
  - ports: [{port: 53, protocol: UDP}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: no-way-out}
spec:
  podSelector: {matchLabels: {app: backend}}
  policyTypes: [Egress]
"""


@SIZES
def test_menu(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(), terminal_size=size, run_before=keys())


@SIZES
def test_levels_with_the_map_of_the_chosen_one(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(), terminal_size=size, run_before=keys("down", "enter", "calm", "down"))


@SIZES
def test_levels_filtered(game: Game, storage: Storage, snap_compare: Compare, size: tuple[int, int]) -> None:
    storage.record("2.1", Record(solved=True, stars=(True, True, False), edits=1, resources=0, seconds=42))
    assert snap_compare(game(), terminal_size=size, run_before=keys("down", "enter", "calm", *typed("door")))


@SIZES
def test_settings(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(), terminal_size=size, run_before=keys("down", "down", "down", "down", "enter"))


@SIZES
def test_help_of_the_play_screen(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys("f1"))


@SIZES
@pytest.mark.parametrize("level", ["1.1", "1.2", "1.3", "7.2"])
def test_a_level_at_its_start(game: Game, snap_compare: Compare, size: tuple[int, int], level: str) -> None:
    assert snap_compare(game(level), terminal_size=size, run_before=keys("f4"))


@pytest.mark.parametrize("region", ["f2", "f3", "f4", "f5"])
def test_the_four_pages_of_a_narrow_terminal(game: Game, snap_compare: Compare, region: str) -> None:
    assert snap_compare(game("2.1"), terminal_size=(80, 24), run_before=keys(region))


def test_a_wide_terminal(game: Game, snap_compare: Compare) -> None:
    assert snap_compare(game("2.1"), terminal_size=(200, 50), run_before=keys("f4"))


@SIZES
def test_a_draft_is_judged_before_it_is_applied(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    page = ["f2"] if size[0] < 100 else []
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*FIX, *page))


@SIZES
def test_a_refused_field_is_marked_with_the_servers_words(
    game: Game, snap_compare: Compare, size: tuple[int, int]
) -> None:
    typing = ["f3", *["down"] * 9, "end", "enter", *typed("targtPort: 8080")]
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*typing))


@SIZES
def test_won_and_ready_to_ship(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*FIX, "ctrl+s", "calm", "f4"))


@SIZES
@pytest.mark.parametrize("tab", ["trace", "endpoints", "dns", "reach", "events"])
def test_the_drawer(game: Game, snap_compare: Compare, size: tuple[int, int], tab: str) -> None:
    turns = ["trace", "endpoints", "dns", "reach", "events"].index(tab)
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys("ctrl+t", "calm", *["right"] * turns))


@SIZES
def test_a_hint(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys("f8"))


@SIZES
def test_reset_asks_and_the_safe_answer_is_selected(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys("ctrl+r"))


@SIZES
def test_the_storm_has_passed(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*FIX, "ctrl+s", "calm", "ctrl+g"))


@SIZES
def test_debrief(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    ship = [*FIX, "ctrl+s", "calm", "ctrl+g", "calm", "enter"]
    assert snap_compare(game("2.1"), terminal_size=size, run_before=keys(*ship))


@SIZES
def test_a_wall_without_the_right_door(
    game: Game, storage: Storage, snap_compare: Compare, size: tuple[int, int]
) -> None:
    storage.save_draft("7.2", {"new-networkpolicy.yaml": WALL})
    assert snap_compare(game("7.2"), terminal_size=size, run_before=keys("ctrl+s", "calm", "f4"))


@SIZES
def test_what_a_draft_opens_and_closes(
    game: Game, storage: Storage, snap_compare: Compare, size: tuple[int, int]
) -> None:
    storage.save_draft("7.2", {"new-networkpolicy.yaml": WALL})
    reach = ["ctrl+t", "calm", "right", "right", "right"]
    assert snap_compare(game("7.2"), terminal_size=size, run_before=keys(*reach))


@SIZES
def test_walls_that_keep_packets_in(game: Game, snap_compare: Compare, size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(KEPT_IN)
    assert snap_compare(game(files=[str(path)]), terminal_size=size, run_before=keys("f4"))


@SIZES
def test_an_empty_sandbox(game: Game, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(game(files=[]), terminal_size=size, run_before=keys(*["down"] * 4, "enter", "calm"))


@SIZES
def test_a_level_that_cannot_be_read(game: Game, snap_compare: Compare, size: tuple[int, int], tmp_path: Path) -> None:
    from k8stui.game.catalogue import Head

    head = Head("9.9", "Broken", 9, "debug", False, Path("no/such/level.yaml"))
    app = game()
    app._level = head
    assert snap_compare(app, terminal_size=size, run_before=keys())


@pytest.mark.parametrize("theme", ["harbour-day", "harbour-signal", "harbour-mono", "harbour-16"])
def test_other_dress(game: Game, snap_compare: Compare, theme: str) -> None:
    assert snap_compare(game("2.1", theme=theme), terminal_size=(120, 40), run_before=keys("f4"))


def test_ascii(game: Game, snap_compare: Compare) -> None:
    app = game("2.1", theme="harbour-mono", ascii=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys("f4"))


def test_too_small_a_terminal(game: Game, snap_compare: Compare) -> None:
    assert snap_compare(game("2.1"), terminal_size=(20, 5), run_before=keys())
