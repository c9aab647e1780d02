"""What the API server does with a Service between its defaults and its validation: allocate and carry over.

kubernetes: pkg/registry/core/service/strategy.go, storage/storage.go, storage/alloc.go. Everything here changes the
given wire value in place; it is the request's own copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import Invalid, StatusError
from k8stui.api.validation import field
from k8stui.api.validation.services import needs_health_check
from k8stui.engine.allocators import Allocation, AllocationError
from k8stui.engine.refusals import internal_error, invalid_error
from k8stui.engine.service_families import families_on_read, init_families, same, stays_dual

Spec = dict[str, Any]
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def prepare_create(wire: dict[str, Any], allocation: Allocation) -> None:
    """Allocate what a new Service needs; raises Invalid, or StatusError where the server itself gives up."""
    spec = wire["spec"]
    name = wire["metadata"].get("name", "")
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    _families(name, spec, None, allocation)
    if spec.get("type") != "ExternalName" and "None" not in (spec.get("clusterIPs") or ())[:1]:
        _allocate_addresses(name, spec, allocation, range(len(spec["ipFamilies"])))
    if spec.get("type") in _WITH_NODE_PORTS:
        _first_node_ports(name, spec, allocation)
    if needs_health_check(spec):
        _health_check_port(spec, allocation)
    wire["status"] = {"loadBalancer": {}}


def prepare_update(wire: dict[str, Any], old_wire: Mapping[str, Any], allocation: Allocation) -> None:
    """Carry over and allocate what a changed Service needs; raises as `prepare_create` does."""
    spec, old = wire["spec"], old_wire["spec"]
    name = wire["metadata"].get("name", "")
    families_on_read(old, allocation.ranges)
    keep_allocated(spec, old)
    _families(name, spec, old, allocation)
    _update_addresses(name, spec, old, allocation)
    if spec.get("type") in _WITH_NODE_PORTS:
        _update_node_ports(name, spec, old, allocation)
    if needs_health_check(spec) and not needs_health_check(old):
        _health_check_port(spec, allocation)
    drop_unneeded(spec, old)
    status = old_wire.get("status") or {}
    if spec.get("type") != "LoadBalancer":
        status = {**status, "loadBalancer": {}}
    wire["status"] = status if "loadBalancer" in status else {**status, "loadBalancer": {}}


def finish(wire: dict[str, Any]) -> None:
    """Drop what a Service is not shown with (defaultOnReadInternalTrafficPolicy)."""
    if wire["spec"].get("type") == "ExternalName":
        wire["spec"].pop("internalTrafficPolicy", None)


def needs_cluster_ip(spec: Mapping[str, Any]) -> bool:
    """Tell whether a Service's type has cluster IPs (None is one, too)."""
    return spec.get("type") != "ExternalName"


def needs_node_port(spec: Mapping[str, Any]) -> bool:
    """Tell whether a Service's type has node ports."""
    return spec.get("type") in _WITH_NODE_PORTS


def needs_external_policy(spec: Mapping[str, Any]) -> bool:
    """Tell whether a Service can be reached from outside the cluster."""
    return needs_node_port(spec) or (spec.get("type") == "ClusterIP" and bool(spec.get("externalIPs")))


def _families(name: str, spec: Spec, old: Spec | None, allocation: Allocation) -> None:
    errors = init_families(spec, old, allocation.ranges)
    if errors:
        raise invalid_error("Service", name, errors)


# Addresses


def _allocate_addresses(name: str, spec: Spec, allocation: Allocation, indexes: range) -> None:
    addresses = list(spec.get("clusterIPs") or ())
    addresses += [""] * (indexes.stop - len(addresses))
    given = [_address(name, spec["ipFamilies"][index], addresses, index, allocation) for index in indexes]
    addresses[indexes.start : indexes.stop] = given
    spec["clusterIPs"] = addresses
    spec["clusterIP"] = addresses[0]


def _address(name: str, family: str, addresses: list[str], index: int, allocation: Allocation) -> str:
    wanted = addresses[index]
    try:
        given = wanted or allocation.next_address(family)
        if wanted:
            allocation.take_address(family, wanted)
    except AllocationError as error:
        if not wanted and name:
            raise internal_error(f'failed to allocate a serviceIP for Service "{name}": {error}') from error
        detail = f"failed to allocate IP{' ' if wanted else ''}{wanted}: {error}"
        raise invalid_error("Service", name, [field.invalid("spec.clusterIPs", addresses, detail)]) from error
    return given


def _update_addresses(name: str, spec: Spec, old: Spec, allocation: Allocation) -> None:
    if stays_dual(spec, old):
        return
    if old.get("type") == "ExternalName" and spec.get("type") != "ExternalName":
        if "None" not in (spec.get("clusterIPs") or ())[:1]:
            _allocate_addresses(name, spec, allocation, range(len(spec["ipFamilies"])))
        return
    if "None" in (old.get("clusterIPs") or ())[:1] or spec.get("type") == "ExternalName":
        return
    families = list(spec.get("ipFamilies") or ())
    # A headless Service without selector names both families on any cluster; validation refuses the change to it.
    if len(old.get("ipFamilies") or ()) == 1 and len(families) == 2 and families[1] in allocation.ranges:
        _allocate_addresses(name, spec, allocation, range(1, 2))


def keep_allocated(spec: Spec, old: Spec) -> None:
    """Take over what the client left out (patchAllocatedValues, normalizeClusterIPs)."""
    if needs_cluster_ip(old) and needs_cluster_ip(spec):
        if not spec.get("clusterIP") and old.get("clusterIP"):
            spec["clusterIP"] = old["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == old.get("clusterIP") and old.get("clusterIPs"):
            spec["clusterIPs"] = list(old["clusterIPs"])
    if needs_node_port(old) and needs_node_port(spec) and _automatic(spec):
        _keep_node_ports(spec.get("ports") or (), old.get("ports") or ())
    if needs_health_check(old) and needs_health_check(spec) and old.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", old["healthCheckNodePort"])
    _align_addresses(spec, old)


def _keep_node_ports(ports: Any, old_ports: Any) -> None:
    before = {port["nodePort"] for port in old_ports if port.get("nodePort")}
    used = before & {port["nodePort"] for port in ports if port.get("nodePort")}
    by_name = {port.get("name", ""): port.get("nodePort", 0) for port in old_ports}
    for port in ports:
        known = by_name.get(port.get("name", ""), 0)
        if not port.get("nodePort") and known and known not in used:
            port["nodePort"] = known
            used.add(known)


def _align_addresses(spec: Spec, old: Spec) -> None:
    """Make clusterIP and clusterIPs agree where a client knows only one of them (normalizeClusterIPs)."""
    if old.get("clusterIPs") and not spec.get("clusterIPs") and spec.get("clusterIP") == old.get("clusterIP"):
        spec["clusterIPs"] = list(old["clusterIPs"])
    if spec.get("clusterIP") != old.get("clusterIP") and (not spec.get("clusterIPs") or same(spec, old, "clusterIPs")):
        if spec.get("clusterIP"):
            spec["clusterIPs"] = [spec["clusterIP"]]
        else:
            spec.pop("clusterIPs", None)


# Ports


def _refuse_port(name: str, index: int, port: int, error: AllocationError) -> Invalid:
    return invalid_error("Service", name, [field.invalid(f"spec.ports[{index}].nodePort", port, str(error))])


def _next_port(allocation: Allocation, what: str) -> int:
    try:
        return allocation.next_port()
    except AllocationError as error:
        raise internal_error(f"failed to allocate a {what}: {error}") from error


def _automatic(spec: Spec) -> bool:
    """Whether node ports are chosen for ports without one (shouldAllocateNodePorts)."""
    return spec.get("type") == "NodePort" or bool(spec.get("allocateLoadBalancerNodePorts"))


def _first_node_ports(name: str, spec: Spec, allocation: Allocation) -> None:
    """Choose node ports of a new Service; equal port numbers share one (initNodePorts)."""
    chosen: dict[int, int] = {}
    ports = spec.get("ports") or ()
    for index, port in enumerate(ports):
        wanted = port.get("nodePort", 0)
        if not wanted and not _automatic(spec):
            continue
        shared = chosen.get(port["port"], 0)
        try:
            if not shared:
                asked = next((p["nodePort"] for p in ports if p["port"] == port["port"] and p.get("nodePort")), 0)
                wanted = asked
                if asked:
                    allocation.take_port(asked)
                port["nodePort"] = chosen[port["port"]] = asked or _next_port(allocation, "nodePort")
            elif not wanted:
                port["nodePort"] = shared
            elif wanted != shared:
                allocation.take_port(wanted)
        except AllocationError as error:
            raise _refuse_port(name, index, wanted, error) from error


def _update_node_ports(name: str, spec: Spec, old: Spec, allocation: Allocation) -> None:
    """Choose node ports of a changed Service (updateNodePorts)."""
    known = {port["nodePort"] for port in old.get("ports") or () if port.get("nodePort")}
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(spec.get("ports") or ()):
        wanted = port.get("nodePort", 0)
        if not wanted and not _automatic(spec):
            continue
        if not wanted:
            port["nodePort"] = _next_port(allocation, "nodePort")
        elif wanted not in known:
            try:
                allocation.take_port(wanted)
            except AllocationError as error:
                raise _refuse_port(name, index, wanted, error) from error
            known.add(wanted)
        entry = (port.get("protocol", ""), port["nodePort"])
        if entry in seen:
            raise StatusError(500, "", f"duplicate nodePort: {{{entry[0]} {entry[1]}}}")
        seen.add(entry)


def _health_check_port(spec: Spec, allocation: Allocation) -> None:
    port = spec.get("healthCheckNodePort", 0)
    if not port:
        spec["healthCheckNodePort"] = _next_port(allocation, "HealthCheck NodePort 0")
        return
    try:
        allocation.take_port(port)
    except AllocationError as error:
        raise internal_error(f"failed to allocate requested HealthCheck NodePort {port}: {error}") from error


# What another type cannot carry


def drop_unneeded(spec: Spec, old: Spec) -> None:
    """Wipe what the new type cannot carry and the client left as it was (dropTypeDependentFields)."""
    if needs_cluster_ip(old) and not needs_cluster_ip(spec):
        if same(spec, old, "clusterIPs") and spec.get("clusterIP") == old.get("clusterIP"):
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
        if same(spec, old, "ipFamilies"):
            spec.pop("ipFamilies", None)
        _drop_same(spec, old, "ipFamilyPolicy")
    if needs_node_port(old) and not needs_node_port(spec) and _node_ports(spec) <= _node_ports(old):
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
    if needs_health_check(old) and not needs_health_check(spec):
        _drop_same(spec, old, "healthCheckNodePort")
    if old.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        _drop_same(spec, old, "allocateLoadBalancerNodePorts")
        _drop_same(spec, old, "loadBalancerClass")
    if needs_external_policy(old) and not needs_external_policy(spec):
        _drop_same(spec, old, "externalTrafficPolicy")


def _drop_same(spec: Spec, old: Spec, name: str) -> None:
    if spec.get(name) == old.get(name):
        spec.pop(name, None)


def _node_ports(spec: Mapping[str, Any]) -> set[int]:
    return {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}
