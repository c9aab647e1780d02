"""A level's traffic: flows on the clock, and how many of their requests failed between two seconds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from k8stui.engine import traffic
from k8stui.engine.variables import expanded

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.store import Store
    from k8stui.engine.trace import Cause, Trace
    from k8stui.engine.world import World
    from k8stui.game.level import Level
    from k8stui.game.world_spec import Flow


@dataclass(frozen=True, slots=True)
class Failures:
    """How many requests there were and failed.

    `when`, `first`, `trace` and `cause` are the second of the first failure, its reason, its packet and what decided.
    """

    total: int = 0
    count: int = 0
    when: float = 0.0
    first: str = ""
    trace: Trace | None = None
    cause: Cause | None = None


def start(cluster: Cluster, level: Level) -> None:
    """Let the level's flows begin."""
    for flow in level.world.traffic:
        wire: dict[str, object] = {
            "id": flow.id,
            "from": flow.source,
            "to": reference(level, flow.to),
            "perSecond": flow.per_second,
            "keepAlive": flow.keep_alive,
            "balance": reference(level, flow.balance),
            "start": flow.start,
            "crowd": flow.crowd,
            "fallback": flow.fallback,
        }
        if flow.end is not None:
            wire["end"] = flow.end
        cluster.do({"traffic": wire})


def reference(level: Level, text: str) -> str:
    """Return a flow's target as the engine reads it: ``$NAME`` becomes a reference to the client's setting."""
    if not text.startswith("$") or text.startswith("${"):
        return text
    target = level.world.targets.get(text[1:])
    if target is None:
        return text
    kind = f"configMap:{target.config_map}" if target.config_map else f"env:{target.workload}"
    called = f"${{{kind}:{target.key or target.env}}}"
    return f"{called}#${{{kind}:{target.server_name}}}" if target.server_name else called


def balances(store: Store, level: Level, flow: Flow) -> bool:
    """Tell whether the client of a flow now chooses among the addresses of the name by itself."""
    return flow.keep_alive and expanded(store, reference(level, flow.balance), None) == "round_robin"


def answers(world: World, flow: str, start: float, end: float) -> Counter[str]:
    """Return how many requests of a flow each pod answered well between two simulated seconds."""
    found: Counter[str] = Counter()
    for result, number in traffic.between(world, flow, start, end).items():
        if result.good:
            found[result.answered_by or result.backend] += number
    return found


_MADE_UP = "[bcdfghjklmnpqrstvwxz2456789]"
"""The letters that Kubernetes takes for the ends of names; there is no vowel among them."""


def _is_in(result: traffic.Result, names: tuple[str, ...]) -> bool:
    """Tell whether who answered is one of these pods and addresses, or was a pod of one of these workloads."""
    who = result.answered_by or result.backend
    return any(who == name or _pod_name(name).fullmatch(who) for name in names)


@lru_cache(maxsize=256)
def _pod_name(workload: str) -> re.Pattern[str]:
    """Return what the names of a workload's pods look like, those that are gone included; ``NS/*`` is any of NS."""
    if workload.endswith("/*"):
        return re.compile(rf"{re.escape(workload[:-1])}.+")
    return re.compile(rf"{re.escape(workload)}(-{_MADE_UP}{{6,10}})?-({_MADE_UP}{{5}}|\d+)")


def failures(world: World, flows: tuple[str, ...], start: float, end: float, via: tuple[str, ...] = ()) -> Failures:
    """Return what became of the requests of these flows (all where none is named) between two simulated seconds.

    An answer of somebody who is not in `via`, where that names anybody, is a failure.
    """
    ids = flows or tuple(traffic.flows(world))
    total, count = 0, 0
    first: tuple[int, str, traffic.Result] | None = None
    for flow in ids:
        for second, results in traffic.counts(world, flow).items():
            if not start <= second < end:
                continue
            for result, number in results.items():
                total += number
                if result.good and (not via or _is_in(result, via)):
                    continue
                count += number
                if first is None or (second, flow) < first[:2]:
                    first = (second, flow, result)
    if first is None:
        return Failures(total, count)
    second, flow, result = first
    trace = traffic.sample(world, flow, result)
    return Failures(total, count, second, f"{flow}: {_why(result, trace)}", trace, result.cause)


def _why(result: traffic.Result, trace: Trace | None) -> str:
    """Return why a request failed: who answered, what decided, or else what its last hop says."""
    who = result.answered_by or result.backend
    if result.good:
        return f"answered by {who}"
    if result.status is not None:
        return f"{who} answered with status {result.status}"
    if result.cause is not None and result.cause.message:
        return result.cause.message
    return trace.hops[-1].summary if trace is not None and trace.hops else result.outcome
