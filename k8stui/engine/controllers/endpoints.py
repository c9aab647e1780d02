"""The Endpoints controller: the older list of a Service's endpoints, one object, at most 1,000 addresses.

kubernetes: pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from k8stui.api.core import (
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    ObjectReference,
    Pod,
    Service,
)
from k8stui.api.discovery import HEADLESS_LABEL
from k8stui.api.meta import ObjectMeta
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.membership import (
    TRIGGER_TIME,
    belongs,
    derives_endpoints,
    find_port,
    has_cluster_ip,
    hostname_for,
    selected_pods,
    services_of,
)
from k8stui.engine.controllers.remembered import Remembered
from k8stui.engine.controllers.selectors import SelectorIndex
from k8stui.engine.ip import V4, family
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
_MANAGER = "endpoint-controller"
_CAPACITY = 1000
_OWN_LABELS = frozenset({HEADLESS_LABEL, MANAGED_BY})

_Port = tuple[str, int, str, str | None]
_Members = Sequence[tuple[EndpointAddress, bool]]
_Entry = tuple[tuple[str, str], EndpointAddress, bool]


class EndpointsController(Controller):
    """Keeps one Endpoints object for each Service with a selector, of its first address family."""

    name = "endpoint-controller"
    kinds = frozenset({"Service", "Pod", "Endpoints"})

    def __init__(self) -> None:
        self._services = SelectorIndex()
        self._addresses: Remembered[str, tuple[Pod, EndpointAddress, list[_Port]]] = Remembered()

    def observe(self, change: Change) -> None:
        if change.key.kind == "Service":
            self._services.observe(change)
            self._addresses.observe(change)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        match change.key.kind:
            case "Service":
                return [change.key]
            case "Pod":
                return services_of(change, self._services)
        # What somebody writes into the object stays until the next occasion; a deleted one comes back.
        return [Key("Service", change.key.namespace, change.key.name)] if change.new is None else []

    def reconcile(self, key: Key, ctx: Context) -> None:
        service = ctx.store.at(key)
        present = ctx.store.get(Endpoints, key.namespace, key.name)
        if not isinstance(service, Service):
            if present is not None:
                pods.delete(ctx.store, present)
            return
        if not derives_endpoints(service):
            return
        subsets = repacked(self._entries(ctx.store, service))
        if present is None:
            if pods.may_create(ctx.store, key.namespace):
                ctx.store.create(_written(ctx, _empty(service), service, subsets))
        elif not _is_right(present, service, subsets):
            ctx.store.update(_written(ctx, present, service, subsets))

    def _entries(self, store: Store, service: Service) -> Iterable[tuple[_Port | None, _Entry]]:
        """Yield port and address of every pod of a Service; no port for a headless Service without any."""
        tolerant = bool(service.spec.publish_not_ready_addresses)
        selected = selected_pods(store, service)
        known = self._addresses.of(service, len(selected))
        for pod in selected:
            if not belongs(pod, include_terminating=tolerant):
                continue
            entry = known.get(pod.name)
            if entry is None or entry[0] is not pod:
                address = _address(service, pod)
                if address is None:
                    continue
                entry = known[pod.name] = (pod, address, _ports(service, pod))
            ready = tolerant or pod.ready
            item = ((entry[1].ip, pod.metadata.uid or ""), entry[1], ready)
            if not service.spec.ports and service.spec.cluster_ip == "None":
                yield None, item
            for port in entry[2]:
                yield port, item


def _ports(service: Service, pod: Pod) -> list[_Port]:
    return [
        (port.name or "", number, port.protocol or "TCP", port.app_protocol)
        for port in service.spec.ports or ()
        if (number := find_port(pod, port)) is not None
    ]


def _address(service: Service, pod: Pod) -> EndpointAddress | None:
    """Return a pod as address of the Service's first family, or None where it has none of it."""
    wanted = (service.spec.ip_families or (None,))[0]
    if wanted is None:
        wanted = family(service.spec.cluster_ip or "") if has_cluster_ip(service) else family((pod.ips or ("",))[0])
    ip = next((ip for ip in pod.ips if family(ip) == (wanted or V4)), None)
    if ip is None:
        return None
    address = EndpointAddress(
        ip=ip,
        target_ref=ObjectReference(kind="Pod", namespace=pod.namespace, name=pod.name, uid=pod.metadata.uid),
    )
    if pod.spec.node_name:
        address = address.with_(node_name=pod.spec.node_name)
    hostname = hostname_for(pod, service)
    return address.with_(hostname=hostname) if hostname else address


def repacked(entries: Iterable[tuple[_Port | None, _Entry]]) -> tuple[EndpointSubset, ...]:
    """Return addresses grouped into subsets: those with the same ports and readiness in every port are together.

    An address that is ready and not ready for one port is not ready; addresses are sorted by the bytes of their text,
    then by uid; ports and subsets by themselves.
    """
    by_port: dict[_Port | None, dict[tuple[str, str], tuple[EndpointAddress, bool]]] = {}
    for port, (identity, address, ready) in entries:
        known = by_port.setdefault(port, {})
        before = known.get(identity)
        known[identity] = (before[0] if before else address, ready and (before is None or before[1]))
    groups: dict[frozenset[tuple[tuple[str, str], bool]], tuple[list[_Port], _Members]] = {}
    for port, known in sorted(by_port.items(), key=lambda item: str(item[0])):
        group = frozenset((identity, ready) for identity, (_, ready) in known.items())
        if group not in groups:
            ordered = [known[identity] for identity in sorted(known, key=lambda i: (i[0].encode(), i[1]))]
            groups[group] = ([], ordered)
        if port is not None:
            groups[group][0].append(port)
    return tuple(_subset(ports, members) for ports, members in groups.values())


def _subset(ports: Sequence[_Port], members: _Members) -> EndpointSubset:
    subset = EndpointSubset()
    ready = tuple(address for address, is_ready in members if is_ready)
    waiting = tuple(address for address, is_ready in members if not is_ready)
    if ready:
        subset = subset.with_(addresses=ready)
    if waiting:
        subset = subset.with_(not_ready_addresses=waiting)
    return subset.with_(ports=tuple(map(_port, ports))) if ports else subset


def _port(port: _Port) -> EndpointPort:
    name, number, protocol, app_protocol = port
    given = {"name": name or None, "app_protocol": app_protocol}
    return EndpointPort(port=number, protocol=protocol).with_(**{k: v for k, v in given.items() if v is not None})


def _empty(service: Service) -> Endpoints:
    return Endpoints(
        api_version="v1", kind="Endpoints", metadata=ObjectMeta(name=service.name, namespace=service.namespace)
    )


def _count(subsets: Iterable[EndpointSubset]) -> tuple[int, int]:
    ready = waiting = 0
    for subset in subsets:
        ready += len(subset.addresses or ())
        waiting += len(subset.not_ready_addresses or ())
    return ready, waiting


def _is_right(present: Endpoints, service: Service, subsets: tuple[EndpointSubset, ...]) -> bool:
    labels = {name: value for name, value in present.labels.items() if name not in _OWN_LABELS}
    wanted = {name: value for name, value in service.labels.items() if name not in _OWN_LABELS}
    return (
        (present.subsets or ()) == subsets
        and labels == wanted
        and present.labels.get(MANAGED_BY) == _MANAGER
        and OVER_CAPACITY not in present.annotations
    )


def _written(ctx: Context, present: Endpoints, service: Service, subsets: tuple[EndpointSubset, ...]) -> Endpoints:
    annotations = {**present.annotations, TRIGGER_TIME: ctx.timestamp()}
    annotations.pop(OVER_CAPACITY, None)
    if sum(_count(subsets)) > _CAPACITY:
        annotations[OVER_CAPACITY] = "truncated"
        subsets = truncated(subsets)
    labels = {**{k: v for k, v in service.labels.items() if k != HEADLESS_LABEL}, MANAGED_BY: _MANAGER}
    if not has_cluster_ip(service):
        labels[HEADLESS_LABEL] = ""
    meta = present.metadata.with_(labels=labels, annotations=annotations)
    return present.with_(metadata=meta, subsets=subsets or None)


def truncated(subsets: Sequence[EndpointSubset]) -> tuple[EndpointSubset, ...]:
    """Return subsets cut to 1,000 addresses: ready ones are kept first, each subset keeps its share of the rest."""
    ready, waiting = _count(subsets)
    cut_ready = ready > _CAPACITY
    most, total = (_CAPACITY, ready) if cut_ready else (_CAPACITY - ready, waiting)
    left = most
    result = []
    for subset in subsets:
        addresses = (subset.addresses if cut_ready else subset.not_ready_addresses) or ()
        kept = addresses[: min(math.ceil(len(addresses) / total * most), left)]
        left -= len(kept)
        if cut_ready:
            result.append(subset.with_(addresses=kept or None, not_ready_addresses=None))
        else:
            result.append(subset.with_(not_ready_addresses=kept or None))
    return tuple(result)
