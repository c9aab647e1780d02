"""The picture at sizes between those that are drawn in the other tests."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.tui.app import K8sTui
from k8stui.tui.paint import both, row, text_of, to_ascii
from k8stui.tui.scene.layout import lanes
from k8stui.tui.screens.base import NARROW_BELOW
from k8stui.tui.widgets.clustermap import ClusterMap
from tests.screens.conftest import calm

Game = Callable[..., K8sTui]


async def test_the_map_has_room_for_its_lanes_as_soon_as_it_stands_beside_the_editor(game: Game) -> None:
    app = game("1.3")
    async with app.run_test(size=(NARROW_BELOW, 30)) as pilot:
        await calm(pilot)
        shown = app.screen.query_one(ClusterMap)
        assert not app.screen.has_class("-narrow")
        parted = lanes(shown.size.width, (), walls=False)
        assert parted.chips + parted.chip_width < parted.trunk(0)


def test_what_is_cut_stands_apart_from_what_follows_it() -> None:
    shown = text_of(both(row("machine → http://backend.shop"), row("connection refused"), 40))
    assert shown == "machine → http://bac… connection refused"
    assert text_of(both(row("machine → http"), row(), 9)) == "machine …"


def test_without_unicode_a_cut_address_does_not_look_whole() -> None:
    assert to_ascii("10.96.61.11…") == "10.96.61.11~"
