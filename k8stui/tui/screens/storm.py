"""The storm: three seconds to watch, then the word whether the solution held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.timer import Timer

from k8stui.tui import panels
from k8stui.tui.dressed import DressedApp
from k8stui.tui.paint import Row, row, wrap
from k8stui.tui.widgets.bars import Head, KeyBar
from k8stui.tui.widgets.rows import Lines
from k8stui.tui.widgets.storm_map import StormMap

if TYPE_CHECKING:
    from k8stui.tui.reports import StormReport

SECONDS = 3.0
PICTURES = 24
_BAR = 20


class Storm(ModalScreen[None]):
    """Shows a storm that has been reckoned already, picture by picture."""

    CSS_PATH = "storm.tcss"
    BINDINGS = [
        Binding("enter,space,escape", "go_on", "Go on", id="go-on", key_display="⏎", tooltip="To the end, then on"),
    ]

    def __init__(self, report: StormReport) -> None:
        super().__init__()
        self._report = report
        self._picture = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="storm"):
            yield Head("STORM")
            yield StormMap()
            yield Lines(id="words")
            yield KeyBar(("go-on",), "quit")

    def on_mount(self) -> None:
        moving = isinstance(self.app, DressedApp) and self.app.motion and self._report.frames
        if moving:
            self._show()
            self._timer = self.set_interval(SECONDS / PICTURES, self._next)
        else:
            self._end()

    def _next(self) -> None:
        self._picture += 1
        if self._picture >= PICTURES:
            self._end()
        else:
            self._show()

    def _show(self) -> None:
        frames = self._report.frames
        share = self._picture / PICTURES
        scene, text, _ = frames[min(int(share * len(frames)), len(frames) - 1)]
        map_ = self.query_one(StormMap)
        map_.rain = self._picture + 1
        map_.show(scene, paused=True)
        map_.redraw()
        full = round(share * _BAR)
        bar = row(("█" * full, "select"), ("█" * (_BAR - full), "faint"), "  ", ("goals wait", "soft"))
        self.query_one(Head).show("STORM", bar)
        self.query_one("#words", Lines).show([row(), row("  ", (text, "text"))])

    def _end(self) -> None:
        self._picture = PICTURES
        if self._timer is not None:
            self._timer.stop()
        report = self._report
        map_ = self.query_one(StormMap)
        map_.rain = 0
        if report.frames:
            map_.show(report.frames[-1][0], paused=True)
        map_.redraw()
        met = sum(goal.state == "met" for goal in report.goals)
        tone = "pod" if report.passed else "fail"
        count = row((f"goals {met}/{len(report.goals)}", f"{tone} b")) if report.goals else ()
        self.query_one(Head).show("✓ PASSED" if report.passed else "✘ IT FELL OVER", count)
        self.query_one("#words", Lines).show(self._words())

    def _words(self) -> list[Row]:
        width = max(self.size.width - 8, 40)
        if self._report.passed:
            won = self._report.won
            said = "Every pod was replaced and has another address. "
            said += "The goals ran again" if self._report.goals else "The goals held before it"
            said += f": {won} is won." if won else ": solved."
            then = " opens the next act, with this cluster." if won else " leads to the debrief."
            rows = [row("  ", (line, "text")) for line in wrap(said, width)]
            return [row(), *rows, row("  ", ("⏎", "text b"), (then, "soft"))]
        rows = [row(), row("  ", ("After the storm this no longer holds:", "fail b"))]
        for goal in self._report.goals:
            if goal.state == "failing":
                rows += panels.goal_rows(goal, width)
        more = "What leans on a name or an address of today falls with it. ⏎ goes back to your files."
        return rows + [row("  ", (line, "soft")) for line in wrap(more, width)]

    def action_go_on(self) -> None:
        """Jump to the end of the storm, or leave it."""
        if self._picture < PICTURES:
            self._end()
        else:
            self.dismiss(None)
