"""The warnings that the API server sends along with an answer.

kubernetes: pkg/api/{service,pod,endpoints,…}/warnings.go, apimachinery pkg/util/validation/ip.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from k8stui.api.validation.addresses import parse_cidr, parse_ip
from k8stui.api.validation.field import quote
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
            yield from _ip(f"spec.clusterIPs[{index}]", address)
    for index, address in enumerate(external):
        yield from _ip(f"spec.externalIPs[{index}]", address)
    if external and not headless and kind != "ExternalName":
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    yield from _ip("spec.loadBalancerIP", spec.get("loadBalancerIP", ""))
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from _cidr(f"spec.loadBalancerSourceRanges[{index}]", cidr)
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
                yield from _ip(f"subsets[{index}].{name}[{number}].ip", address.get("ip", ""))


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
                yield from _cidr(f"{path}.cidr", block.get("cidr", ""))
                for place, cidr in enumerate(block.get("except") or ()):
                    yield from _cidr(f"{path}.except[{place}]", cidr)


def _pod(wire: Wire) -> Iterator[str]:
    return _pod_spec(wire.get("spec") or {}, "spec")


def _workload(wire: Wire) -> Iterator[str]:
    template = (wire.get("spec") or {}).get("template") or {}
    return _pod_spec(template.get("spec") or {}, "spec.template.spec")


def _pod_spec(spec: Wire, path: str) -> Iterator[str]:
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        if constraint.get("labelSelector") is None:
            where = f"{path}.topologySpreadConstraints[{index}].labelSelector"
            yield f"{where}: a null labelSelector results in matching no pod"
    yield from _repeated(spec.get("hostAliases") or (), "ip", f"{path}.hostAliases")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        yield from _ip(f"{path}.hostAliases[{index}].ip", alias.get("ip", ""))
    for index, server in enumerate((spec.get("dnsConfig") or {}).get("nameservers") or ()):
        yield from _ip(f"{path}.dnsConfig.nameservers[{index}]", server)
    yield from _repeated(spec.get("imagePullSecrets") or (), "name", f"{path}.imagePullSecrets")
    containers = [
        (f"{path}.{name}[{index}]", container)
        for name in ("initContainers", "containers")
        for index, container in enumerate(spec.get(name) or ())
    ]
    for where, container in containers:
        yield from _environment(container.get("env") or (), where)
    ports = [
        (f"{where}.ports[{number}]", port)
        for where, container in containers
        for number, port in enumerate(container.get("ports") or ())
    ]
    yield from _same_ports(ports)
    yield from _same_names(ports)
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        where = f"{path}.terminationGracePeriodSeconds"
        yield f"{where}: must be >= 0; negative values are invalid and will be treated as 1"


def _repeated(entries: Sequence[Wire], name: str, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        value = entry.get(name, "")
        if value in seen:
            yield f"{path}[{index}].{name}: duplicate {name} {quote(value)}"
        seen.add(value)


def _environment(variables: Sequence[Wire], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name", ""), variable.get("value", "")
        reference = f"$({name})"
        extends = reference in value and value != reference and variable.get("valueFrom") is None
        if name in seen and not extends:
            where = f"{path}.env[{index}]"
            yield f"{where}: hides previous definition of {quote(name)}, which may be dropped when using apply"
        seen.add(name)


def _same_ports(ports: Sequence[tuple[str, Wire]]) -> Iterator[str]:
    """Warn of equal ports of a pod's containers, all of which share one network."""
    seen: dict[tuple[Any, ...], list[tuple[str, Wire]]] = {}
    for where, port in ports:
        others = seen.setdefault((port.get("containerPort"), port.get("protocol")), [])
        for place, other in others:
            host, address = port.get("hostPort", 0), port.get("hostIP", "")
            other_host, other_address = other.get("hostPort", 0), other.get("hostIP", "")
            if (host, address) == (other_host, other_address):
                yield f"{where}: duplicate port definition with {place}"
            elif not host or not other_host:
                yield f"{where}: overlapping port definition with {place}"
            elif host == other_host and bool(address) != bool(other_address):
                yield f"{where}: dangerously ambiguous port definition with {place}"
        others.append((where, port))


def _same_names(ports: Sequence[tuple[str, Wire]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for where, port in ports:
        name = port.get("name", "")
        if name in seen:
            other = seen[name]
            yield (
                f"{where}: duplicate port name {quote(name)} with {other}, "
                f"services and probes that select ports by name will use {other}"
            )
        elif name:
            seen[name] = where


def _ip(path: str, text: str) -> Iterator[str]:
    address = parse_ip(text)
    if address is None or str(address) == text:
        return
    if address.version == 4:
        yield f"{path}: non-standard IP address {quote(text)} is invalid: use {quote(str(address))}"
    else:
        usual = quote(str(address))
        yield f"{path}: IPv6 address {quote(text)} should be in RFC 5952 canonical format ({usual})"


def _cidr(path: str, text: str) -> Iterator[str]:
    parsed = parse_cidr(text.strip())
    if parsed is None:
        return
    address, network = parsed
    if address != network.network_address:
        single = f"{address}/{address.max_prefixlen}"
        yield (
            f"{path}: CIDR value {quote(text)} is ambiguous in this context "
            f"(should be {quote(str(network))} or {quote(single)}?)"
        )
    elif str(network) != text.strip():
        if address.version == 4:
            yield f"{path}: non-standard CIDR value {quote(text)} is invalid: use {quote(str(network))}"
        else:
            usual = quote(str(network))
            yield f"{path}: IPv6 CIDR value {quote(text)} should be in RFC 5952 canonical format ({usual})"


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
