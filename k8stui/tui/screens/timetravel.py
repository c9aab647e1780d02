"""The clock of the play screen: how fast it runs, and the way back along the time line."""

from __future__ import annotations

from time import monotonic
from typing import Any, ClassVar

from textual import getters, on, work
from textual.binding import Binding

from k8stui.tui.screens.drafting import Drafting
from k8stui.tui.view import View
from k8stui.tui.widgets.timeline import TimeLine

FAST = 5.0
IDLE, DAY = 600, 86_400
"""The clock stops after so many seconds without a key or the mouse, and says so for as long as that."""
_NOT_IN_THE_PAST = frozenset(("apply", "ship", "undo", "redo", "reset", "step", "hint", "new_file", "predict", "time"))


class TimeTravel(Drafting):
    """Lets the clock run at a pace, and shows the past. The screen binds `TIME_KEYS` after its own keys."""

    TIME_KEYS: ClassVar = [
        Binding("f9", "time", "Pause", id="time", tooltip="Stop or start the simulated clock"),
        Binding("space", "time", "Pause", id="time.space", show=False, tooltip="Stop or start the simulated clock"),
        Binding("ctrl+o", "step", "Step", id="step", tooltip="Let one simulated second pass"),
        Binding("plus", "pace(1)", "Faster", id="faster", show=False, key_display="+", tooltip="Let time run faster"),
        Binding("minus", "pace(-1)", "Slower", id="slower", show=False, key_display="-", tooltip="Let time run slower"),
        Binding("f10", "timeline", "Time line", id="timeline", show=False, tooltip="Go to the time line below the map"),
        Binding("comma", "past(-1)", "Look back", id="rewind", show=False, key_display=",", tooltip="One second back"),
        Binding("full_stop", "past(1)", "Look on", id="forward", show=False, tooltip="One second on"),
        Binding(
            "less_than_sign", "leap(-1)", "Event before", id="leap.back", show=False, key_display="<",
            tooltip="Back to where something happened",
        ),
        Binding(
            "greater_than_sign", "leap(1)", "Next event", id="leap.on", show=False, key_display=">",
            tooltip="On to where something happened",
        ),
        Binding("b", "branch", "Go on from here", id="branch", show=False, tooltip="Make the past on show the present"),
    ]  # fmt: skip
    time_line = getters.query_one(TimeLine)
    _playing = True

    @property
    def in_past(self) -> bool:
        """Whether the past is on show."""
        return self._view.shown is not None

    def _speed(self) -> float:
        """Time runs faster while only goals on the level's clock are open: nobody should wait for them.

        Not so where that clock waits for the player: there the moment of an apply counts.
        """
        pending = [goal for goal in self._view.goals if goal.state == "pending"]
        failing = any(goal.state == "failing" for goal in self._view.goals)
        waiting = pending and not failing and not self._view.waits_for_apply
        if self._level is not None and any(step.wait for step in self._level.timeline):
            return self.game.pace
        return FAST if waiting and self.game.pace == 1.0 else self.game.pace

    def _second(self) -> None:
        seen = self.app.screen is self
        if not (self._playing and self._session is not None and seen and not self.in_past):
            return
        if monotonic() - self.game.touched > IDLE:
            self.action_time()
            self.notify(f"Nobody was here for {IDLE // 60} minutes: the clock waits. F9 lets it go on.", timeout=DAY)
        else:
            self._tick(self._speed())

    def halt_at(self, view: View) -> None:
        """Stop the clock at a moment, new on the screen, at which the level waits for the player."""
        if view.waits and not self._view.waits:
            self._playing = False

    def time_forbids(self, action: str) -> bool:
        """Tell whether something cannot be done because the past is on show, or is not."""
        if action == "branch":
            return not self.in_past
        return self.in_past and action in _NOT_IN_THE_PAST

    def _show_clock(self, view: View) -> None:
        """Show a moment on the time line; keys that belong to the present or to the past follow."""
        before = self.time_line._wanted is not None
        self.time_line.show(view)
        if before or self.in_past:
            self.refresh_bindings()

    def to_present(self) -> bool:
        """Show the present again; False where it is on show."""
        if not self.in_past:
            return False
        self.time_line.action_visit(self.time_line.last)
        return True

    # Work

    @work(thread=True, exclusive=True, group="past", exit_on_error=False)
    def _visit(self, index: int, reach: bool | None) -> View | None:
        return self._session.look_back(index, reach=reach) if self._session is not None else None

    @work(thread=True, exclusive=True, group="walk", exit_on_error=False)
    def _go_on_from(self, index: int) -> View | None:
        return self._session.go_on_from(index) if self._session is not None else None

    def look_again(self, reach: bool) -> None:
        """Show the moment on show again, with or without the matrix."""
        if self._view.shown is not None:
            self._visit(self._view.shown, reach)
        else:
            self._look_again(reach)

    def overtaken(self, group: str, result: Any) -> bool:
        """Tell whether a view of the present came after the player went back."""
        return group in ("tick", "view") and self.time_line._wanted is not None and isinstance(result, View)

    # Actions

    def action_time(self) -> None:
        """Stop or start the clock."""
        self._playing = not self._playing
        self.map_card.show(self._view, not self._playing)
        self._show_title()

    def _show_title(self) -> None:
        raise NotImplementedError

    def action_step(self) -> None:
        """Let a second pass."""
        if self._session is not None:
            self._tick(1.0)

    def action_pace(self, by: int) -> None:
        """Let time run faster or slower."""
        self.game.change_pace(by)
        self._show_title()

    def action_timeline(self) -> None:
        """Go to the time line."""
        if self._is_narrow():
            self.action_region("cluster")
        self.time_line.focus()

    def action_past(self, by: int) -> None:
        """Look a second further back, or on."""
        self.time_line.action_walk(by)

    def action_leap(self, by: int) -> None:
        """Look at what happened before, or next."""
        self.time_line.action_leap(by)

    def action_branch(self) -> None:
        """Make the past on show the present."""
        if self._view.shown is not None:
            self._go_on_from(self._view.shown)
            self.notify("Time goes on from here. u brings the other future back.", markup=False, timeout=4)

    @on(TimeLine.Visited)
    def _visited(self, event: TimeLine.Visited) -> None:
        self._visit(event.index, None)

    @on(TimeLine.Branched)
    def _branch_asked(self) -> None:
        self.action_branch()


def pace_name(pace: float) -> str:
    """Write a pace as ``1/4x``, ``1x``."""
    return {0.25: "1/4x", 0.5: "1/2x"}.get(pace, f"{pace:g}x")
