"""The one thing that the verdict below the map tells: the first failure, or that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from k8stui.engine.trace import Outcome, Trace
from k8stui.game.packets import good
from k8stui.tui.plainwords import PlainWords
from k8stui.tui.scene.model import Story
from k8stui.tui.scene.probes import dialled, parts
from k8stui.tui.sheets import amiss_of, end_name

if TYPE_CHECKING:
    from k8stui.engine.store import Store
    from k8stui.engine.trace import Cause
    from k8stui.game.verdict import Verdict
    from k8stui.tui.scene.probes import Probed
    from k8stui.tui.sources import Sources

OUTCOMES = {
    Outcome.DELIVERED: "ANSWERED",
    Outcome.REJECTED: "REFUSED",
    Outcome.DROPPED: "DROPPED",
    Outcome.UNREACHABLE: "NO ROUTE",
    Outcome.RESET: "RESET",
    Outcome.UNTRUSTED: "NOT TRUSTED",
    Outcome.UNRESOLVED: "NO SUCH NAME",
}


def story_of(
    verdicts: Sequence[Verdict],
    probed: Sequence[Probed],
    sources: Sources,
    store: Store,
    home: str,
    *,
    ready: bool,
    clock: str = "",
) -> Story | None:
    """Return what to tell of a moment; None where nobody calls and nobody asks.

    `ready` says that every goal holds, `clock` what the level's clock stands for, where it stands.
    """
    broken = next((item for item in probed if not item.call.wanted and item.answered < len(item.traces)), None)
    for verdict in verdicts:
        if verdict.met is False and verdict.trace is not None:
            item = _probe_of(verdict.trace, probed)
            return _failure(verdict.trace, item, sources, store, home, amiss_of(verdict))
    if broken is not None:
        return _failure(broken.worst, broken, sources, store, home)
    failing = next((verdict for verdict in verdicts if verdict.met is False), None)
    if failing is not None:
        said = f"{failing.text}: {failing.reason}" if failing.reason else failing.text
        return Story(False, "NOT YET", reason=PlainWords(store, home)(said), place=_where(failing.cause, sources))
    return _success(verdicts, probed, store, home, ready=ready, clock=clock)


def _failure(trace: Trace, item: Probed | None, sources: Sources, store: Store, home: str, amiss: str = "") -> Story:
    hop = next((number for number, hop in enumerate(trace.hops, 1) if not hop.ok), 0)
    place = sources.find(trace.cause) or sources.expectation(trace)
    place = place or (None if trace.delivered else sources.mention(parts(trace.target)[0]))
    count = ""
    if item is not None and len(item.traces) > 1:
        count = f"{item.answered} of {len(item.traces)} backends answer"
    reason = trace.cause.message if trace.cause is not None else ""
    if not reason:
        reason = trace.hops[hop - 1].summary if hop else "nobody knows this name"
    outcome = "DNS IS SILENT" if trace.unheard else OUTCOMES[trace.outcome]
    if trace.delivered:
        outcome = amiss.upper() or outcome
        reason = reason if trace.cause is not None else f"answered by {trace.answered_by or trace.backend}"
    if trace.delivered and not good(trace):
        outcome, reason = f"ANSWERED {trace.status}", f"{trace.answered_by or trace.backend} answers, but not well"
    return Story(
        ok=False,
        outcome=outcome,
        who=end_name(trace.source, store, home),
        what=dialled(trace.target),
        count=count,
        reason=PlainWords(store, home)(reason),
        hop=f"hop {hop}" if hop else "",
        place=str(place) if place else _where(trace.cause, sources),
        rate=f"{item.call.rate:g}/s" if item is not None and item.call.rate else "",
    )


def _where(cause: Cause | None, sources: Sources) -> str:
    """Return where the field of a cause stands, or else the object's name."""
    if cause is None:
        return ""
    if place := sources.find(cause):
        return str(place)
    name = f"{cause.kind} {cause.name}"
    return name if not cause.missing else f"{name} is missing" if cause.name else ""


def _probe_of(trace: Trace, probed: Sequence[Probed]) -> Probed | None:
    return next(
        (item for item in probed if item.call.source == trace.source and item.call.target == trace.target), None
    )


def _success(
    verdicts: Sequence[Verdict], probed: Sequence[Probed], store: Store, home: str, *, ready: bool, clock: str
) -> Story | None:
    answered = next((item for item in probed if not item.call.wanted), None)
    details = ("All goals hold: ", "^g ships it") if ready else ()
    if answered is None:
        return Story(True, "HOLDS", details=details, reason="every goal holds") if ready else None
    backends = len(answered.traces)
    shared = f"{backends} backends share the calls" if backends > 1 else f"answered by {_who(answered, store, home)}"
    waiting = sum(verdict.met is None for verdict in verdicts)
    if waiting and not ready:
        goals = f"{waiting} goal{'s' if waiting > 1 else ''}"
        details = ("", clock or f"{goals} still running on the level's clock")
    return Story(
        ok=True,
        outcome="ANSWERED",
        who=end_name(answered.call.source, store, home),
        what=dialled(answered.call.target),
        count=f"{backends} of {backends} backends answer" if backends > 1 else "",
        reason=shared,
        rate=f"{answered.call.rate:g}/s" if answered.call.rate else "",
        details=details,
    )


def _who(item: Probed, store: Store, home: str) -> str:
    name = item.traces[0].answered_by or item.traces[0].backend or "nobody"
    return end_name(name, store, home)
