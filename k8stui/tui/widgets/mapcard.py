"""What happens: the map, and below it the failure that matters."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from k8stui.tui.messages import Jump
from k8stui.tui.paint import Row, row
from k8stui.tui.scene.model import Story
from k8stui.tui.scene.verdict import HEIGHT, verdict_rows
from k8stui.tui.timerow import clock
from k8stui.tui.view import View
from k8stui.tui.widgets.bars import Head
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.rows import Lines, Rows


class Verdict(Rows):
    """Three rows: the failure that matters, or that all goals hold."""

    DEFAULT_CSS = """
    Verdict { height: 3; background: $k8s-surface; overflow: hidden; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._story: Story | None = None

    def show(self, story: Story | None) -> None:
        """Show another story."""
        self._story = story
        self.display = story is not None
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return verdict_rows(self._story, width)[:HEIGHT]

    def on_click(self) -> None:
        if self._story is not None and ":" in self._story.place:
            file, _, line = self._story.place.rpartition(":")
            self.post_message(Jump(file, int(line)))


class MapCard(Vertical):
    """What happens."""

    def __init__(self) -> None:
        super().__init__()
        self._details: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield Head("CLUSTER", id="map-head")
        yield ClusterMap(id="map")
        yield Lines(id="detail")
        yield Verdict()

    def show(self, view: View, paused: bool) -> None:
        """Show another moment."""
        names = ", ".join(view.scene.namespaces[:3]) + (" …" if len(view.scene.namespaces) > 3 else "")
        state = (("waits for you · F9" if view.waits else "paused"), "traffic") if paused else ("live", "text")
        if view.shown is not None:
            state = (f" PAST {clock(view.clock)} ", "on-solid b on traffic")
        right = row(
            ("ns " if names else "", "dim"), (names, "soft"), "  ", (view.scene.proxy_mode, "dim"), "   ", state
        )
        self.query_one("#map-head", Head).show(right=right)
        self._details = dict(view.scene.details)
        self.query_one(ClusterMap).show(view.scene, paused=paused)
        self._tell()
        self.query_one(Verdict).show(view.story)

    @on(ClusterMap.Chosen)
    def _chosen(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """Say more of what is selected."""
        key = self.query_one(ClusterMap).chosen
        line = self.query_one("#detail", Lines)
        line.display = bool(key)
        name = key.partition(":")[2]
        line.show([row("  ", (name, "text b"), "  ", (self._details.get(key, ""), "soft"))])

    def on_descendant_focus(self) -> None:
        self.query_one("#map-head", Head).light(True)

    def on_descendant_blur(self) -> None:
        self.query_one("#map-head", Head).light(False)
