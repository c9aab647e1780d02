"""Topology-aware hints: endpoints shared out over zones in proportion to the CPUs of their nodes.

kubernetes: staging/src/k8s.io/endpointslice/topologycache. What a Service's zones were given is kept in the world.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from immutables import Map

from k8stui.api.core import Node, Service
from k8stui.api.discovery import Endpoint, EndpointHints, EndpointSlice, ZoneHint
from k8stui.api.quantity import amount
from k8stui.engine.controllers.hints import apply_hints, hints_for, with_hints
from k8stui.engine.controllers.manager import Context
from k8stui.engine.controllers.packing import Plan, identity
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key

_ROOM = "topology"
_OVERLOAD = 0.2
_EXCLUDED = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_ENABLED = "Topology Aware Hints has been enabled"
_DISABLED = "Topology Aware Hints has been disabled"
_TOO_LITTLE_KNOWN = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes"
_TOO_FEW = "Insufficient number of endpoints"
_OVERLOADED = "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
_NO_ZONE = "One or more endpoints do not have a zone specified"

_Given = Map[tuple[Key, str], Map[str, int]]


class _Share(NamedTuple):
    """How many of the endpoints a zone must have, may have at most, and should have."""

    least: int
    most: int
    target: float


class Refused(Exception):
    """Hints are not possible; the text says why."""


def cpu_shares(nodes: Iterable[Node]) -> dict[str, float] | None:
    """Return each zone's part of all ready nodes' CPUs, or None where a node lacks zone or CPU or there is one zone."""
    cpus: Counter[str] = Counter()
    for node in nodes:
        if any(label in node.labels for label in _EXCLUDED) or not node.ready:
            continue
        cpu = _milli_cpu(node)
        if not node.zone or not cpu:
            return None
        cpus[node.zone] += cpu
    total = sum(cpus.values())
    return {zone: cpu / total for zone, cpu in cpus.items()} if len(cpus) >= 2 else None


def _milli_cpu(node: Node) -> int:
    allocatable = (node.status.model_extra or {}).get("allocatable") or {}
    return int((amount(str(allocatable.get("cpu", "0"))) or 0) * 1000)


def apply_topology(ctx: Context, service: Service, family: str, plan: Plan, existing: Sequence[EndpointSlice]) -> None:
    """Add hints to the slices of one address family, or take all off where that is impossible; tell it by an Event."""
    try:
        given = _spread(ctx.store, plan, existing)
    except Refused as refusal:
        _remember(ctx.store, service, family, None)
        apply_hints(plan, existing, hints_for(None))
        ctx.event(service, "Warning", "TopologyAwareHintsDisabled", f"{refusal}, addressType: {family}")
        return
    known = any(key == key_of(service) for key, _ in _given(ctx.store))
    _remember(ctx.store, service, family, given)
    if not known:
        ctx.event(service, "Normal", "TopologyAwareHintsEnabled", f"{_ENABLED}, addressType: {family}")


def forget_topology(ctx: Context, service: Service, family: str) -> None:
    """Note that a Service does not ask for such hints (any longer)."""
    if (key_of(service), family) in _given(ctx.store):
        ctx.event(service, "Warning", "TopologyAwareHintsDisabled", f"{_DISABLED}, addressType: {family}")
        _remember(ctx.store, service, family, None)


def overloaded(store: Store) -> list[Key]:
    """Return the Services whose hints leave a zone with too few endpoints now that nodes have changed."""
    given = _given(store)
    if not given:
        return []
    shares = cpu_shares(store.list(Node))
    return sorted({key for (key, _), counts in given.items() if _is_overloaded(counts, shares)})


def _is_overloaded(counts: Mapping[str, int], shares: Mapping[str, float] | None) -> bool:
    if not counts:
        return False
    total = sum(counts.values())
    return shares is None or any(
        counts.get(zone, 0) < math.ceil(total * share / (1 + _OVERLOAD)) or zone not in counts
        for zone, share in shares.items()
    )


def _given(store: Store) -> _Given:
    given: _Given = store.world.state.get(_ROOM, Map())
    return given


def _remember(store: Store, service: Service, family: str, counts: Mapping[str, int] | None) -> None:
    given = _given(store)
    slot = (key_of(service), family)
    if counts is None:
        if slot in given:
            store.world = store.world.with_state(_ROOM, given.delete(slot))
    elif given.get(slot) != Map(counts):
        store.world = store.world.with_state(_ROOM, given.set(slot, Map(counts)))


def _ready(slices: Iterable[EndpointSlice]) -> list[Endpoint]:
    return [endpoint for slice_ in slices for endpoint in slice_.endpoints or () if endpoint.conditions.ready]


def _spread(store: Store, plan: Plan, existing: Sequence[EndpointSlice]) -> dict[str, int]:
    """Give hints to the slices of a plan; return how many endpoints each zone has. Raises Refused."""
    still = plan.unchanged(existing)
    shares = _allocate(cpu_shares(store.list(Node)), len(_ready((*plan.create, *plan.update, *still))))
    given: Counter[str] = Counter()
    for slice_ in still:
        counted = _count_hints(slice_, given, shares)
        if counted is None:
            plan.update.append(slice_)
        else:
            given += counted
    hints: dict[object, EndpointHints | None] = {}
    movable = _ready((*plan.create, *plan.update))
    for endpoint in movable:
        if not endpoint.zone:
            raise Refused(_NO_ZONE)
        given[endpoint.zone] += 1
        hints[identity(endpoint)] = _zone(endpoint.zone)
    _redistribute(movable, hints, given, shares)
    apply_hints(plan, (), lambda endpoint: hints.get(identity(endpoint)) if endpoint.conditions.ready else None)
    return dict(given)


def _zone(name: str) -> EndpointHints | None:
    return with_hints((ZoneHint(name=name),))


def _allocate(ratios: Mapping[str, float] | None, count: int) -> dict[str, _Share]:
    if ratios is None:
        raise Refused(_TOO_LITTLE_KNOWN)
    if len(ratios) > count:
        raise Refused(f"{_TOO_FEW} ({count} endpoints, {len(ratios)} zones)")
    least = {zone: math.ceil(ratio * count * (1 / (1 + _OVERLOAD))) for zone, ratio in ratios.items()}
    spare = count - sum(least.values())
    if spare < 0:
        raise Refused(f"{_OVERLOADED} ({count} endpoints, {len(ratios)} zones)")
    return {
        zone: _Share(least[zone], least[zone] + spare, max(ratio * count, least[zone]))
        for zone, ratio in ratios.items()
    }


def _count_hints(slice_: EndpointSlice, given: Counter[str], shares: Mapping[str, _Share]) -> Counter[str] | None:
    """Return the zones that a slice's hints name, or None where the slice needs new ones."""
    counted: Counter[str] = Counter()
    for endpoint in _ready((slice_,)):
        zones = endpoint.hints.for_zones if endpoint.hints else None
        if not zones or any(zone.name not in shares for zone in zones):
            return None
        counted.update(zone.name for zone in zones)
    if any(number + given[zone] > shares[zone].most for zone, number in counted.items()):
        return None
    return counted


def _redistribute(
    movable: Sequence[Endpoint],
    hints: dict[object, EndpointHints | None],
    given: Counter[str],
    shares: Mapping[str, _Share],
) -> None:
    """Let zones with too many endpoints give some to those with too few."""
    giving, receiving = _moves(given, shares)
    for endpoint in movable:
        if not +giving or not +receiving:
            return
        zone = endpoint.zone or ""
        if giving[zone] > 0:
            taker = min(zone for zone, number in receiving.items() if number > 0)
            hints[identity(endpoint)] = _zone(taker)
            giving[zone] -= 1
            receiving[taker] -= 1
            given[zone] -= 1
            given[taker] += 1


def _moves(given: Mapping[str, int], shares: Mapping[str, _Share]) -> tuple[Counter[str], Counter[str]]:
    """Return how many endpoints each zone gives away and how many each takes."""
    spare = {zone: given.get(zone, 0) - share.target for zone, share in sorted(shares.items())}
    too_many = {zone: number for zone, number in spare.items() if number > 0}
    too_few = {zone: -number for zone, number in spare.items() if number < 0}
    giving: Counter[str] = Counter()
    receiving: Counter[str] = Counter()
    while too_many and too_few:
        giver, taker = max(too_many, key=too_many.__getitem__), max(too_few, key=too_few.__getitem__)
        surplus, lack = too_many[giver], too_few[taker]
        if (surplus < 1 and lack < 1) or surplus < 0.5 or lack < 0.5:
            break
        giving[giver] += 1
        receiving[taker] += 1
        too_many[giver] -= 1
        too_few[taker] -= 1
    return giving, receiving
