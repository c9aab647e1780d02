"""Hints of endpoints after ``spec.trafficDistribution``.

kubernetes: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from k8stui.api.core import Service
from k8stui.api.discovery import Endpoint, EndpointHints, EndpointSlice, ZoneHint
from k8stui.engine.controllers.packing import Plan

_MODES = ("PreferClose", "PreferSameZone", "PreferSameNode")
_TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
_DEPRECATED_MODE = "service.kubernetes.io/topology-aware-hints"

Hinted = Callable[[Endpoint], EndpointHints | None]


def wants_topology(service: Service) -> bool:
    """Tell whether an annotation asks for endpoints to be spread over zones in proportion to their CPUs."""
    value = service.annotations.get(_DEPRECATED_MODE, service.annotations.get(_TOPOLOGY_MODE))
    return value in ("Auto", "auto")


def distribution_of(service: Service) -> str | None:
    """Return the traffic distribution that counts, or None."""
    mode = service.spec.traffic_distribution
    return mode if mode in _MODES and not wants_topology(service) else None


def hints_for(mode: str | None) -> Hinted:
    """Return the function that says which hints an endpoint has under a traffic distribution."""

    def hinted(endpoint: Endpoint) -> EndpointHints | None:
        if mode is None or not endpoint.conditions.ready:
            return None
        zone = (ZoneHint(name=endpoint.zone),) if endpoint.zone else None
        node = (ZoneHint(name=endpoint.node_name),) if mode == "PreferSameNode" and endpoint.node_name else None
        return with_hints(zone, node)

    return hinted


def with_hints(zones: tuple[ZoneHint, ...] | None, nodes: tuple[ZoneHint, ...] | None = None) -> EndpointHints | None:
    """Return hints of zones and nodes, or None where there are neither."""
    given = {name: value for name, value in (("for_zones", zones), ("for_nodes", nodes)) if value}
    return EndpointHints(**given) if given else None


def apply_hints(plan: Plan, existing: Sequence[EndpointSlice], hinted: Hinted) -> None:
    """Give every endpoint the hints that it should have; a slice is touched only where one differs."""
    plan.create = [_hinted(slice_, hinted) for slice_ in plan.create]
    plan.update = [_hinted(slice_, hinted) for slice_ in plan.update]
    for slice_ in plan.unchanged(existing):
        changed = _hinted(slice_, hinted)
        if changed is not slice_:
            plan.update.append(changed)


def _hinted(slice_: EndpointSlice, hinted: Hinted) -> EndpointSlice:
    wanted = [hinted(endpoint) for endpoint in slice_.endpoints or ()]
    if all(endpoint.hints == hints for endpoint, hints in zip(slice_.endpoints or (), wanted, strict=True)):
        return slice_
    endpoints = tuple(
        endpoint if endpoint.hints == hints else endpoint.with_(hints=hints)
        for endpoint, hints in zip(slice_.endpoints or (), wanted, strict=True)
    )
    return slice_.with_(endpoints=endpoints)
