"""The judge: each goal of a level asked of a world, by packets wherever packets can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from k8stui.engine.ip import is_ip
from k8stui.engine.trace import Cause
from k8stui.engine.world import World
from k8stui.game import blame, ends, facts, joining, packets, records, traffic
from k8stui.game.checks import (
    Answer,
    Check,
    Cost,
    Deny,
    Dns,
    Eps,
    Joins,
    Keep,
    Local,
    Matrix,
    Reach,
    Shares,
    Span,
    Spread,
    Src,
    Stick,
    Timeline,
    clocked,
)
from k8stui.game.describe import describe
from k8stui.game.matrix import matrix
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
    and `solution` what the engine says to them (both by cell).
    """

    start: World
    zero: float | None = None
    trail: tuple[World, ...] = ()
    answers: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    solution: Mapping[tuple[str, ...], str] = field(default_factory=dict)


Memo = dict[tuple[str, int], tuple[World, Any]]
"""What was found about a check in a world of the trail (held, so that its id stays its own)."""


def judge(
    cluster: Cluster, level: Level, evidence: Evidence, *, clock: bool = True, memo: Memo | None = None
) -> tuple[Verdict, ...]:
    """Return the verdict on every goal, in the level's order; the world is afterwards as it was before.

    With `clock` false the goals with a clock, and predictions, are left out (the storm asks so). `memo` keeps what was
    found in the worlds of the trail from one call to the next.
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
            if clocked(check):
                finding = _Clocked(court, evidence, before, memo if memo is not None else {}).judge(name, check)
            else:
                finding = _asked(court, check, evidence)
            verdicts.append(_verdict(level, name, check, finding, clocked(check)))
        if level.strangers:
            verdicts.append(_strangers(court, evidence))
        return tuple(verdicts)
    finally:
        cluster.restore(before)


_CLOSE = 1e-6
_STRANGER_TEXT = "a stranger gets in nowhere"


def clock_end(level: Level) -> float:
    """Return the second of the level's clock at which its last goal with a clock is decided."""
    spans = [when for check in level.parsed.values() if (when := getattr(check, "when", None)) is not None]
    return max((span.end for span in spans), default=0.0)


def _verdict(level: Level, name: str, check: Check, finding: Finding, timed: bool) -> Verdict:
    return Verdict(
        id=name,
        text=text_of(level, name),
        met=finding.met,
        reason=finding.reason,
        outcome=finding.outcome,
        trace=finding.trace,
        cause=next(iter(finding.causes), None),
        clocked=timed,
        progress=finding.progress,
    )


def _asked(court: Court, check: Check, evidence: Evidence) -> Finding:
    return _blamed(court, check, _found(court, check, evidence))


def _blamed(court: Court, check: Check, finding: Finding) -> Finding:
    """Return a finding with the one field that decided, where the goal is not met."""
    if finding.met is not False:
        return finding
    cause = blame.decided(court, finding, _targets(court.level, check))
    trace = replace(finding.trace, cause=cause) if finding.trace is not None else None
    return replace(finding, trace=trace, causes=(cause,) if cause is not None else ())


def _targets(level: Level, check: Check) -> tuple[str, ...]:
    """Return what is called, as a goal or its flows name it."""
    match check:
        case Reach() | Deny():
            return check.targets
        case Spread() | Stick() | Local() | Src() | Joins():
            return (check.target,)
        case Dns():
            return (check.name,)
        case Timeline() | Shares():
            flows = check.flows if isinstance(check, Timeline) else (check.flow,)
            return tuple(flow.to for flow in level.world.traffic if not flows or flow.id in flows)
    return ()


def _found(court: Court, check: Check, evidence: Evidence) -> Finding:
    world = court.cluster.snapshot()
    match check:
        case Eps():
            return facts.eps(court.cluster.store, check)
        case Keep():
            return facts.keep(evidence.start, world, check)
        case Cost():
            return facts.cost(world, check)
        case Answer():
            return _answer(check, evidence)
        case Timeline() | Shares() | Joins():
            raise AssertionError("it always has a clock")
    return _PACKETS[type(check)](court, check)


_PACKETS: dict[type, Callable[[Court, Any], Finding]] = {
    Reach: packets.reach,
    Deny: packets.deny,
    Matrix: matrix,
    Spread: packets.spread,
    Stick: packets.stick,
    Local: packets.local,
    Src: packets.src,
    Dns: records.dns,
}


def _answer(check: Answer, evidence: Evidence) -> Finding:
    wanted = {
        cell: answer for cell, answer in evidence.solution.items() if not check.questions or cell[0] in check.questions
    }
    open_ = [cell for cell in wanted if evidence.answers.get(cell, "_") == "_"]
    if open_ or not wanted:
        left = f"{len(open_)} of {len(wanted)} cells are open" if wanted else "nothing predicted yet"
        return Finding(None, left, "answer", progress=0.0)
    wrong = [cell for cell, answer in wanted.items() if evidence.answers[cell] != answer]
    if wrong:
        reason = f"{len(wanted) - len(wrong)} of {len(wanted)} cells are as the cluster has it"
        return Finding(False, reason, "answer", progress=1 - len(wrong) / len(wanted))
    return MET


# Goals with a clock


@dataclass(frozen=True, slots=True)
class _Clocked:
    """Judges goals with a clock: by the worlds of the trail, or by what the traffic counted."""

    court: Court
    evidence: Evidence
    present: World
    memo: Memo

    def judge(self, name: str, check: Check) -> Finding:
        span: Span = check.when  # type: ignore[union-attr,assignment]
        zero = self.evidence.zero
        if zero is None:
            return Finding(None, "the clock has not started")
        elapsed = self.present.now - zero
        if isinstance(check, Timeline):
            return _blamed(self.court, check, self._timeline(check, zero, elapsed))
        if isinstance(check, Shares):
            return _blamed(self.court, check, self._shares(check, zero, elapsed))
        if isinstance(check, Joins):
            return _blamed(self.court, check, self._joins(name, check, zero, elapsed))
        if elapsed < span.start - _CLOSE:
            return Finding(None, f"asked at second {span.start:g}", progress=min(elapsed / span.end, 0.9))
        return self._sampled(name, check, span, zero, elapsed)

    def _sampled(self, name: str, check: Check, span: Span, zero: float, elapsed: float) -> Finding:
        worlds = self._worlds(span, zero)
        for world in worlds[:1] if span.start == span.end else worlds:
            finding: Finding = self._in(name, world, lambda: _asked(self.court, check, self.evidence))
            if finding.met is False:
                reason = f"at second {world.now - zero:g}: {finding.reason}"
                return replace(finding, reason=reason, progress=0.0)
        if elapsed < span.end - _CLOSE:
            return Finding(None, "so far so good", progress=elapsed / span.end)
        return MET if worlds else Finding(None, "nobody looked at that moment")

    def _worlds(self, span: Span, zero: float) -> list[World]:
        trail = (*self.evidence.trail, self.present)
        return [w for w in trail if span.start - _CLOSE <= w.now - zero <= max(span.end, span.start + 1) + _CLOSE]

    def _joins(self, name: str, check: Joins, zero: float, elapsed: float) -> Finding:
        joined: set[str] = set()
        since: dict[str, float] = {}
        for world in self._worlds(check.when, zero):
            now: joining.Standing = self._in(name, world, lambda: joining.standing(self.court, check))
            joined |= now.listed
            for pod in sorted(now.waiting - joined):
                first = since.setdefault(pod, world.now)
                if world.now - first > check.seconds + _CLOSE:
                    text = f"{pod} has answered well since second {first - zero:g} and is not on the list"
                    text = f"at second {world.now - zero:g}: {text}"
                    causes = (Cause("Pod", self.court.level.namespace, pod, "spec.containers[0].readinessProbe", text),)
                    return Finding(False, text, "endpoints", causes=causes)
        if elapsed < check.when.end - _CLOSE:
            return Finding(None, "so far so good", progress=max(elapsed, 0.0) / check.when.end)
        return MET if joined else Finding(False, "nobody came to the list", "endpoints")

    def _in(self, name: str, world: World, ask: Callable[[], Any]) -> Any:
        slot = (name, id(world))
        known = self.memo.get(slot)
        if known is None:
            self.court.cluster.restore(world)
            try:
                known = self.memo[slot] = (world, ask())
            finally:
                self.court.cluster.restore(self.present)
        return known[1]

    def _timeline(self, check: Timeline, zero: float, elapsed: float) -> Finding:
        start, end = zero + check.when.start, zero + check.when.end
        via = tuple(name if is_ip(name) else ends.source_name(self.court.level, name) for name in check.via)
        failed = traffic.failures(self.present, check.flows, start, min(end, self.present.now), via)
        if failed.count > check.limit:
            reason = f"{failed.count} request{'s' * (failed.count != 1)} failed"
            if failed.first:
                reason += f", the first at second {failed.when - zero:g}: {failed.first}"
            return Finding(False, reason, "traffic", failed.trace, causes=_causes(self.court, failed))
        if elapsed < check.when.end - _CLOSE:
            progress = min(max(elapsed / check.when.end, 0.0), 0.99)
            return Finding(None, f"{failed.total} requests so far, {failed.count} failed", progress=progress)
        return MET if failed.total else Finding(False, "nobody called", "traffic")

    def _shares(self, check: Shares, zero: float, elapsed: float) -> Finding:
        start, end = zero + check.when.start, min(zero + check.when.end, self.present.now)
        failed = traffic.failures(self.present, (check.flow,), start, end)
        if failed.count:
            reason = f"a request failed at second {failed.when - zero:g}: {failed.first}"
            return Finding(False, reason, "traffic", failed.trace, causes=_causes(self.court, failed))
        if elapsed < check.when.end - _CLOSE:
            progress = min(max(elapsed / check.when.end, 0.0), 0.99)
            return Finding(None, f"{failed.total} requests so far", progress=progress)
        if not failed.total:
            return Finding(False, "nobody called", "traffic")
        return packets.shared(traffic.answers(self.present, check.flow, start, end), check)


def _causes(court: Court, failed: traffic.Failures) -> tuple[Cause, ...]:
    """Return what made a request of the traffic fail: what led it to the wrong pod, or what its trace names."""
    if failed.trace is not None and packets.good(failed.trace):
        return blame.astray(court, failed.trace)
    return (failed.cause,) if failed.trace is None and failed.cause is not None else ()


# Strangers


def _strangers(court: Court, evidence: Evidence) -> Verdict:
    text = court.level.words.checks.get(STRANGER_CHECK) or _STRANGER_TEXT
    for check in stranger_checks(court):
        finding = _asked(court, check, evidence)
        if finding.met is False:
            return _verdict(court.level, STRANGER_CHECK, check, finding, False)
    return Verdict(STRANGER_CHECK, text, True, progress=1.0)


def text_of(level: Level, name: str) -> str:
    """Return a goal in words."""
    check = level.parsed.get(name)
    return level.words.checks.get(name) or (describe(check) if check is not None else _STRANGER_TEXT)


def all_checks(level: Level) -> Iterator[str]:
    """Yield the ids of all goals, the stranger's included."""
    yield from level.checks
    if level.strangers:
        yield STRANGER_CHECK
