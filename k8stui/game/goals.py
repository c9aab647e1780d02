"""The judge: each goal of a level asked of a world, by packets wherever packets can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8stui.engine.world import World
from k8stui.game import facts, packets, traffic
from k8stui.game.checks import (
    Answer,
    Check,
    Cost,
    Deny,
    Dns,
    Eps,
    Keep,
    Reach,
    Span,
    Spread,
    Src,
    Stick,
    Timeline,
    clocked,
)
from k8stui.game.describe import describe
from k8stui.game.packets import MET, Court, Finding
from k8stui.game.stranger import STRANGER_CHECK, bring_strangers, needs_strangers, stranger_checks
from k8stui.game.verdict import Verdict

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.game.level import Level


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the judge knows beside the world of the moment.

    `start` is the world at the level's start. `zero` is the simulated second at which the level's clock began, None
    before; `trail` are the worlds of each second since then, oldest first. `answers` are the player's predictions
    and `solution` what the engine says to them (both by question).
    """

    start: World
    zero: float | None = None
    trail: tuple[World, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    solution: Mapping[str, Any] = field(default_factory=dict)


def judge(cluster: Cluster, level: Level, evidence: Evidence, *, clock: bool = True) -> tuple[Verdict, ...]:
    """Return the verdict on every goal, in the level's order; the world is afterwards as it was before.

    With `clock` false the goals with a clock, and predictions, are left out (the storm asks so).
    """
    before = cluster.snapshot()
    court = Court(cluster, level)
    try:
        if needs_strangers(level):
            bring_strangers(court)
        verdicts = []
        for name, check in level.parsed.items():
            timed = clocked(check) or isinstance(check, Answer)
            if timed and not clock:
                continue
            finding = _timed(court, check, evidence, before) if clocked(check) else _asked(court, check, evidence)
            verdicts.append(_verdict(level, name, check, finding, clocked(check)))
        if level.strangers:
            verdicts.append(_strangers(court, evidence))
        return tuple(verdicts)
    finally:
        cluster.restore(before)


def clock_end(level: Level) -> float:
    """Return the second of the level's clock at which its last goal with a clock is decided."""
    spans = [when for check in level.parsed.values() if (when := getattr(check, "when", None)) is not None]
    return max((span.end for span in spans), default=0.0)


def _verdict(level: Level, name: str, check: Check, finding: Finding, timed: bool) -> Verdict:
    return Verdict(
        id=name,
        text=level.words.checks.get(name) or describe(check),
        met=finding.met,
        reason=finding.reason,
        outcome=finding.outcome,
        trace=finding.trace,
        clocked=timed,
        progress=finding.progress,
    )


def _asked(court: Court, check: Check, evidence: Evidence) -> Finding:
    world = court.cluster.snapshot()
    match check:
        case Eps():
            return facts.eps(world, check)
        case Keep():
            return facts.keep(evidence.start, world, check)
        case Cost():
            return facts.cost(world, check)
        case Answer():
            return _answer(check, evidence)
        case Timeline():
            raise AssertionError("a timeline always has a clock")
    return _PACKETS[type(check)](court, check)


_PACKETS: dict[type, Callable[[Court, Any], Finding]] = {
    Reach: packets.reach,
    Deny: packets.deny,
    Spread: packets.spread,
    Stick: packets.stick,
    Src: packets.src,
    Dns: packets.dns,
}


def _answer(check: Answer, evidence: Evidence) -> Finding:
    wanted = check.questions or tuple(evidence.solution)
    missing = [name for name in wanted if name not in evidence.answers]
    if missing or not wanted:
        return Finding(None, "not answered yet", "answer", progress=0.0)
    wrong = [name for name in wanted if evidence.answers[name] != evidence.solution.get(name)]
    if wrong:
        return Finding(False, f"{len(wrong)} of {len(wanted)} answers differ from what the cluster does", "answer")
    return MET


# Goals with a clock


def _timed(court: Court, check: Check, evidence: Evidence, present: World) -> Finding:
    span: Span = check.when  # type: ignore[union-attr,assignment]
    if evidence.zero is None:
        return Finding(None, "the clock has not started")
    elapsed = present.now - evidence.zero
    if isinstance(check, Timeline):
        return _timeline(check, evidence, present, elapsed)
    if elapsed < span.start:
        return Finding(None, f"asked at second {span.start:g}", progress=min(elapsed / span.end, 0.9))
    worlds = [w for w in (*evidence.trail, present) if span.start <= w.now - evidence.zero <= span.end]
    if span.start == span.end:
        worlds = worlds[:1]
    try:
        for world in worlds:
            court.cluster.restore(world)
            finding = _asked(court, check, evidence)
            if finding.met is False:
                moment = world.now - evidence.zero
                reason = f"at second {moment:g}: {finding.reason}"
                return Finding(False, reason, finding.outcome, finding.trace)
    finally:
        court.cluster.restore(present)
    if elapsed < span.end:
        return Finding(None, "so far so good", progress=elapsed / span.end)
    return MET if worlds else Finding(None, "nobody looked at that moment")


def _timeline(check: Timeline, evidence: Evidence, present: World, elapsed: float) -> Finding:
    assert evidence.zero is not None
    start, end = evidence.zero + check.when.start, evidence.zero + check.when.end
    failed = traffic.failures(present, check.flows, start, min(end, present.now))
    if failed.count > check.limit:
        reason = f"{failed.count} request{'s' * (failed.count != 1)} failed"
        if failed.first:
            reason += f", the first at second {failed.when - evidence.zero:g}: {failed.first}"
        return Finding(False, reason, "traffic")
    if elapsed < check.when.end:
        progress = max(elapsed / check.when.end, 0.0)
        return Finding(None, f"{failed.total} requests so far, {failed.count} failed", progress=progress)
    if failed.total == 0:
        return Finding(False, "nobody called", "traffic")
    return MET


# Strangers


def _strangers(court: Court, evidence: Evidence) -> Verdict:
    text = "a stranger gets in nowhere"
    for check in stranger_checks(court):
        finding = _asked(court, check, evidence)
        if finding.met is False:
            return Verdict(STRANGER_CHECK, text, False, finding.reason, finding.outcome, finding.trace)
    return Verdict(STRANGER_CHECK, text, True, progress=1.0)


def all_checks(level: Level) -> Iterator[str]:
    """Yield the ids of all goals, the stranger's included."""
    yield from level.checks
    if level.strangers:
        yield STRANGER_CHECK
