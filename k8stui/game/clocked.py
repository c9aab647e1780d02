"""The clock of an attempt: time passes, the level's script runs with it, and goals with a clock are decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from k8stui.game import goals, scene
from k8stui.game.checks import Timeline, clocked
from k8stui.game.moment import Moment
from k8stui.game.past import CLOSE, Past
from k8stui.game.verdict import Verdict

if TYPE_CHECKING:
    from k8stui.engine.world import World
    from k8stui.game.level import Level

CALM_SECONDS = 90
"""How long a roll-out may take before nobody waits for it any more."""


class Clocked(Past):
    """What of an attempt has to do with time."""

    level: Level
    _judged: tuple[World, tuple[Verdict, ...]] | None

    @property
    def start(self) -> World:
        """The world at the level's start."""
        return self._history.first.world

    @property
    def moment(self) -> Moment:
        """Where the attempt is in its list of moments."""
        return self._history.moment

    @property
    def act(self) -> Level:
        """What is played now."""
        raise NotImplementedError

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge all goals on the world as it is."""
        raise NotImplementedError

    def advance(self, seconds: float, *, halt: bool = False) -> None:
        """Let simulated time pass; the level's script runs with it.

        With `halt`, no further than to a second at which the level's clock waits for the player.
        """
        until = self.cluster.now + seconds
        while self.cluster.now < until - CLOSE:
            moment = self.moment
            base = moment.zero if moment.zero is not None else self.start.now
            mark = base + int(self.cluster.now - base + CLOSE) + 1.0
            self.cluster.advance(min(mark, until) - self.cluster.now)
            if abs(self.cluster.now - mark) < CLOSE:
                self._second()
                if halt and self.waits:
                    break
        self._keep_world()

    def _second(self) -> None:
        """Keep the world of a full second of the level's clock, and start the clock once it is due."""
        moment = self.moment
        if moment.zero is not None and self.cluster.now - moment.zero <= self.clock_end + CLOSE:
            self._history.change(trail=(*moment.trail, self.cluster.snapshot()))
        self._start_clock_if_due()
        self._tape()

    @property
    def clock(self) -> float | None:
        """Seconds on the level's own clock, None while it has not started."""
        zero = self.moment.zero
        return None if zero is None else self.cluster.now - zero

    @property
    def waits(self) -> bool:
        """Whether the level's clock is at a second at which it waits for the player."""
        clock = self.clock
        return clock is not None and any(step.wait and abs(step.at - clock) < CLOSE for step in self.act.timeline)

    @property
    def waits_for_apply(self) -> bool:
        """Whether the level's clock starts with an apply that has not come yet."""
        unapplied = self.act.clock == "apply" and not self._applied_once()
        return self.moment.zero is None and bool(self.clock_end) and unapplied

    @property
    def clock_end(self) -> float:
        """The second at which every goal with a clock is decided; 0 where no goal has one."""
        return goals.clock_end(self.act)

    def run_clock(self) -> tuple[Verdict, ...]:
        """Let time pass until every goal with a clock is decided (or will not be), and judge."""
        self._settle_rollouts()
        if self.clock_end and self.clock is not None and self.clock < self.clock_end:
            self.advance(self.clock_end - self.clock)
        return self.verdicts()

    def _settle_rollouts(self) -> None:
        waited = 0
        while not scene.calm(self.cluster.store, self.start) and waited < CALM_SECONDS:
            self.advance(1.0)
            waited += 1
        self._start_clock_if_due()

    def _calm(self, before: World) -> None:
        """Let a roll-out that an apply began come to its end (on a copy of the world)."""
        waited = 0
        while not scene.calm(self.cluster.store, before) and waited < CALM_SECONDS:
            self.cluster.advance(1.0)
            waited += 1

    def _start_clock_if_due(self) -> None:
        """Start the level's clock once, when the first apply (or the one that makes all green) has rolled out."""
        if self.moment.zero is not None or not self.clock_end or not self._applied_once():
            return
        if not scene.calm(self.cluster.store, self.start):
            return
        if self.act.clock == "apply" or self._all_untimed_met():
            started = self._started(self.moment)
            self._history.change(world=started.world, zero=started.zero, trail=started.trail)

    def _clock_anew(self, before: World, lost: bool) -> dict[str, Any]:
        """Return the level's clock at 0 after an apply that changed something, where each is held to the goals.

        That is where nothing is scripted and calls are counted: what happens there is the applies. What was lost
        before one of them stays lost.
        """
        timed = [check for check in self.act.parsed.values() if clocked(check)]
        scripted = self.act.clock != "apply" or self.act.timeline or not all(isinstance(c, Timeline) for c in timed)
        present = self.cluster.snapshot()
        if self.moment.zero is None or scripted or lost or present is before:
            return {}
        return {"zero": self.cluster.now, "trail": (present,)}

    def _all_untimed_met(self) -> bool:
        return all(verdict.met is True for verdict in self.verdicts() if not verdict.clocked)

    def _with_clocked(self, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
        known = {verdict.id: verdict for verdict in verdicts}
        present = {verdict.id: verdict for verdict in self._judged[1]} if self._judged else {}
        rows = []
        for name in goals.all_checks(self.act):
            found = known.get(name) or present.get(name)
            rows.append(found or Verdict(name, goals.text_of(self.act, name), None, clocked=True))
        return tuple(rows)

    def _applied_once(self) -> bool:
        present = self.moment.act
        return any(m.action == "apply" and not m.failed and m.act == present for m in self._history.line)

    def _started(self, moment: Moment) -> Moment:
        """Return the moment with the level's clock at 0 and its script on the cluster's timers."""
        zero = self.cluster.now
        for step in self.act.timeline:
            if step.do:
                self.cluster.schedule(zero + step.at, step.do)
        world = self.cluster.snapshot()
        return replace(moment, world=world, zero=zero, trail=(world,))
