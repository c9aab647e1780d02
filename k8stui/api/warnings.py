"""The warnings that the API server sends along with an answer.

kubernetes: pkg/api/{service,pod,endpoints,…}/warnings.go, apimachinery pkg/util/validation/ip.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from k8stui.api.pod_warnings import pod_warnings
from k8stui.api.spelling import cidr_spelling, ip_spelling
from k8stui.api.validation.names import dns_label
from k8stui.api.validation.services import is_headless

Wire = Mapping[str, Any]
_HINTS = "service.kubernetes.io/topology-aware-hints"
_MODE = "service.kubernetes.io/topology-mode"
_WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job")
_LABEL_ADVISED = "which can result in surprising behavior; a DNS label is recommended"


def warnings_of(wire: Wire, old: Wire | None) -> list[str]:
    """Return the warnings of an object that is accepted; `old` is the stored one that it replaces.

    Changes of pods are not warned of, nor those of workloads that leave their spec alone.
    """
    kind = wire.get("kind", "")
    if old is not None and (kind == "Pod" or (kind in _WORKLOADS and wire.get("spec") == old.get("spec"))):
        return []
    check = _CHECKS.get(kind)
    found = list(check(wire)) if check is not None else []
    if old is None:
        found[:0] = _name(wire)
    return found


def _name(wire: Wire) -> Iterator[str]:
    kind, name = wire.get("kind", ""), (wire.get("metadata") or {}).get("name", "")
    used = {
        "Pod": "the Pod's hostname",
        "Deployment": "Pod names and hostnames",
        "ReplicaSet": "Pod names and hostnames",
        "Job": "Pod names and hostnames",
    }.get(kind)
    details = dns_label(name) if used else ()
    if details:
        yield f"metadata.name: this is used in {used}, {_LABEL_ADVISED}: [{' '.join(details)}]"


def _service(wire: Wire) -> Iterator[str]:
    spec = wire.get("spec") or {}
    kind, headless = spec.get("type"), is_headless(spec)
    external = spec.get("externalIPs") or ()
    if _HINTS in ((wire.get("metadata") or {}).get("annotations") or {}):
        yield f"annotation {_HINTS} is deprecated, please use {_MODE} instead"
    if headless:
        if spec.get("loadBalancerIP"):
            yield "spec.loadBalancerIP is ignored for headless services"
        if external:
            yield "spec.externalIPs is ignored for headless services"
        if spec.get("sessionAffinity") != "None":
            yield "spec.SessionAffinity is ignored for headless services"
    else:
        for index, address in enumerate(spec.get("clusterIPs") or ()):
            yield from ip_spelling(f"spec.clusterIPs[{index}]", address)
    for index, address in enumerate(external):
        yield from ip_spelling(f"spec.externalIPs[{index}]", address)
    if external and not headless and kind != "ExternalName":
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    yield from ip_spelling("spec.loadBalancerIP", spec.get("loadBalancerIP", ""))
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from cidr_spelling(f"spec.loadBalancerSourceRanges[{index}]", cidr)
    if kind == "ExternalName" and external:
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    if kind != "ExternalName" and spec.get("externalName"):
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _endpoints(wire: Wire) -> Iterator[str]:
    for index, subset in enumerate(wire.get("subsets") or ()):
        for name in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(name) or ()):
                yield from ip_spelling(f"subsets[{index}].{name}[{number}].ip", address.get("ip", ""))


def _endpoint_slice(wire: Wire) -> Iterator[str]:
    if wire.get("addressType") == "FQDN":
        yield "spec.addressType: FQDN endpoints are deprecated"


def _network_policy(wire: Wire) -> Iterator[str]:
    spec = wire.get("spec") or {}
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            for number, peer in enumerate(rule.get(peers) or ()):
                block = peer.get("ipBlock") or {}
                path = f"spec.{direction}[{index}].{peers}[{number}].ipBlock"
                yield from cidr_spelling(f"{path}.cidr", block.get("cidr", ""))
                for place, cidr in enumerate(block.get("except") or ()):
                    yield from cidr_spelling(f"{path}.except[{place}]", cidr)


def _pod(wire: Wire) -> Iterator[str]:
    return pod_warnings(wire, "")


def _workload(wire: Wire) -> Iterator[str]:
    template = (wire.get("spec") or {}).get("template") or {}
    return pod_warnings(template, "spec.template.")


_CHECKS: Mapping[str, Callable[[Wire], Iterator[str]]] = {
    "Service": _service,
    "Endpoints": _endpoints,
    "EndpointSlice": _endpoint_slice,
    "NetworkPolicy": _network_policy,
    "Pod": _pod,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "Job": _workload,
}
