"""The four regions of the play screen: cards beside each other, or pages of a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import getters, on

from k8stui.tui.messages import Jump
from k8stui.tui.paint import row
from k8stui.tui.screens.base import NARROW_BELOW
from k8stui.tui.screens.orders import Orders
from k8stui.tui.view import View
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.drawer import TITLES, Drawer, TabRow
from k8stui.tui.widgets.editor import YamlEditor
from k8stui.tui.widgets.files import EditorCard
from k8stui.tui.widgets.mapcard import MapCard
from k8stui.tui.widgets.mission import HintCard, MissionCard, MissionText

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.tui.opening import Opening

REGIONS = ("mission", "editor", "cluster", "why")
_NAMES = {"mission": "F2 Mission", "editor": "F3 Editor", "cluster": "F4 Cluster", "why": "F5 Why"}
_PLACES = {"pods": "the pods, in F4 Cluster", "map": "the map, in F4 Cluster", "editor": _NAMES["editor"]}


class Regions(Orders):
    """Knows the regions and which has the focus."""

    title_bar = getters.query_one(TitleBar)
    mission = getters.query_one(MissionCard)
    hint_card = getters.query_one(HintCard)
    editor_card = getters.query_one(EditorCard)
    map_card = getters.query_one(MapCard)
    drawer = getters.query_one(Drawer)
    keys = getters.query_one(KeyBar)

    def __init__(self, head: Head | None, opening: Opening | None, classes: str) -> None:
        super().__init__(head, opening, classes)
        self._view = View()
        self._region = "mission" if head is not None else "editor"

    def on_mount(self) -> None:
        self._show_region()

    def on_resize(self) -> None:
        self._show_regions()

    def _is_narrow(self) -> bool:
        return self.app.size.width < NARROW_BELOW

    def _show_region(self) -> None:
        for region in REGIONS:
            self.set_class(region == self._region, f"-{region}")
        self._show_regions()

    def _show_regions(self) -> None:
        signs = [{"met": ("✓", "pod"), "failing": ("✘", "fail")}.get(g.state, ("·", "soft")) for g in self._view.goals]
        right = row(*signs[:12], (f" goals {self._view.met}/{len(self._view.goals)}", "soft")) if signs else ()
        regions = REGIONS if self._head is not None else REGIONS[1:]
        self.query_one("#regions", TabRow).show([(name, _NAMES[name], "") for name in regions], self._region, right)

    def _open_hint(self) -> None:
        """Open the card on the last hint, and with the first one the view that it is about."""
        look = self._view.look
        if look in TITLES and len(self._view.hints) == 1:
            self.drawer.open(look)
        self.hint_card.show(
            self._view.hints, f"{TITLES[look]}, in {_NAMES['why']}" if look in TITLES else _PLACES.get(look, "")
        )

    def action_region(self, region: str) -> None:
        """Go to a region; the editor asked for twice goes to its next file."""
        if region == "mission" and self._head is None:
            return
        if region == "editor" and self._region == "editor" and isinstance(self.focused, YamlEditor):
            self.editor_card.next_file()
        self._region = region
        self._show_region()
        self._focus_region()

    def _focus_region(self) -> None:
        match self._region:
            case "mission":
                self.query_one(MissionText).focus()
            case "editor":
                self.editor_card.focus_editor()
            case "cluster":
                self.query_one(ClusterMap).focus()
            case "why":
                self.drawer.open(self.drawer.tab, focus=True)

    @on(TabRow.Picked, "#regions")
    def _region_picked(self, event: TabRow.Picked) -> None:
        self.action_region(event.tab)

    @on(TabRow.Picked, "#files")
    def _file_picked(self, event: TabRow.Picked) -> None:
        if event.tab != "+":
            self.editor_card.open(event.tab)

    @on(YamlEditor.Left)
    def _left_editor(self) -> None:
        """Close the hint, which says that Escape does; then leave."""
        if self.hint_card.display:
            self.hint_card.display = False
        else:
            self.action_region("cluster")

    @on(Jump)
    def _jump(self, event: Jump) -> None:
        self._region = "editor"
        self._show_region()
        self.editor_card.go_to(event.file, event.line, event.column)

    @on(Drawer.Opened)
    def _drawer_opened(self, event: Drawer.Opened) -> None:
        if event.tab == "trace":
            self._look()
        self.look_again(event.tab == "reach")

    def look_again(self, reach: bool) -> None:
        """Show the moment again, with or without the matrix."""
        self._look_again(reach)

    @on(ClusterMap.Chosen)
    def _chosen(self, event: ClusterMap.Chosen) -> None:
        if event.opened:
            self.open_chosen(event.key)

    def open_chosen(self, key: str) -> None:
        """Show more of what is selected on the map."""
        self.drawer.open("endpoints" if key.startswith("service:") else "trace", focus=False)
        self.action_region("why")

    # Work
