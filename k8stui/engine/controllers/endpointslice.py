"""The EndpointSlice controller: the pods that a Service selects, as endpoints in slices.

kubernetes: pkg/controller/endpointslice, staging/src/k8s.io/endpointslice/{reconciler,utils}.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from k8stui.api.core import EndpointPort, Node, ObjectReference, Pod, Service
from k8stui.api.discovery import (
    HEADLESS_LABEL,
    MANAGED_BY_LABEL,
    SERVICE_NAME_LABEL,
    Endpoint,
    EndpointConditions,
    EndpointSlice,
)
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.hints import apply_hints, distribution_of, hints_for, wants_topology
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
from k8stui.engine.controllers.packing import (
    RESERVED_LABELS,
    Identity,
    Plan,
    PortKey,
    identity,
    new_slice,
    pack,
    port_key,
    slice_port,
)
from k8stui.engine.controllers.remembered import Remembered
from k8stui.engine.controllers.selectors import SelectorIndex
from k8stui.engine.controllers.topology import apply_topology, forget_topology, overloaded
from k8stui.engine.ip import V4, V6, family
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

MANAGER = "endpointslice-controller.k8s.io"


@dataclass(slots=True)
class _Group:
    """The endpoints of a Service that have one list of ports."""

    ports: tuple[EndpointPort, ...]
    endpoints: dict[Identity, Endpoint] = field(default_factory=dict)


_Made = tuple[Pod, str | None, Endpoint | None]
"""A pod, the zone of its node, and the endpoint that was made of them."""


class EndpointSliceController(Controller):
    """Keeps the slices of Services with a selector equal to what their pods imply; leaves all others alone."""

    name = "endpoint-slice-controller"
    kinds = frozenset({"Service", "Pod", "Node", "EndpointSlice"})

    def __init__(self) -> None:
        self._services = SelectorIndex()
        self._endpoints: Remembered[tuple[str, str], _Made] = Remembered()
        self._ports: Remembered[str, tuple[Pod, PortKey]] = Remembered()
        self._writing = False

    def observe(self, change: Change) -> None:
        if change.key.kind == "Service":
            self._services.observe(change)
            self._endpoints.observe(change)
            self._ports.observe(change)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        match change.key.kind:
            case "Service":
                return [change.key]
            case "Pod":
                return services_of(change, self._services)
            case "Node":
                return self._after_node(change, store)
        return [] if self._writing else _after_slice(change)

    def _after_node(self, change: Change, store: Store) -> list[Key]:
        """Return the Services that a node's coming and going or its zone and readiness concern."""
        old, new = change.old, change.new
        if isinstance(old, Node) and isinstance(new, Node):
            return overloaded(store) if (old.ready, old.zone) != (new.ready, new.zone) else []
        concerned = {
            key: None
            for pod in store.pods_on(change.key.name)
            for key in self._services.selecting(pod.namespace, pod.labels)
        }
        return list(concerned | dict.fromkeys(overloaded(store)))

    def reconcile(self, key: Key, ctx: Context) -> None:
        service = ctx.store.at(key)
        if not isinstance(service, Service) or not derives_endpoints(service):
            return
        existing = _own_slices(ctx.store, service)
        families = _families(service)
        selected = [pod for pod in selected_pods(ctx.store, service) if belongs(pod, include_terminating=True)]
        self._writing = True
        try:
            for name in families:
                of_family = [slice_ for slice_ in existing if slice_.address_type == name]
                self._reconcile_family(ctx, service, name, selected, of_family)
            for slice_ in existing:
                if slice_.address_type not in families:
                    pods.delete(ctx.store, slice_)
        finally:
            self._writing = False
        if not service.spec.publish_not_ready_addresses:
            _complain(ctx, service, selected)

    def _reconcile_family(
        self, ctx: Context, service: Service, name: str, selected: Sequence[Pod], existing: list[EndpointSlice]
    ) -> None:
        groups = self._groups(ctx, service, name, selected)
        by_ports: dict[PortKey, list[EndpointSlice]] = {}
        plan = Plan()
        for slice_ in existing:
            if any(ref.uid == (service.metadata.uid or "") for ref in slice_.metadata.owner_references or ()):
                by_ports.setdefault(port_key(slice_.ports or ()), []).append(slice_)
            else:
                plan.delete.append(slice_)
        labels = _labels(service)
        for key, group in groups.items():
            fresh = partial(new_slice, service, name, group.ports, labels)
            plan.extend(pack(by_ports.get(key, ()), group.endpoints, labels, fresh))
        for key, slices in by_ports.items():
            if key not in groups:
                plan.delete += slices
        if len(existing) == len(plan.delete) and not plan.create:
            _keep_one(plan, new_slice(service, name, (), labels))
        if wants_topology(service):
            apply_topology(ctx, service, name, plan, existing)
        else:
            forget_topology(ctx, service, name)
            apply_hints(plan, existing, hints_for(distribution_of(service)))
        _carry_out(ctx, service, plan)

    def _groups(self, ctx: Context, service: Service, name: str, selected: Sequence[Pod]) -> dict[PortKey, _Group]:
        endpoints = self._endpoints.of(service, len(selected))
        ports = self._ports.of(service, len(selected))
        groups: dict[PortKey, _Group] = {}
        for pod in selected:
            known = ports.get(pod.name)
            if known is None or known[0].spec is not pod.spec:
                known = ports[pod.name] = (pod, port_key(_ports(service, pod)))
            group = groups.get(known[1])
            if group is None:
                group = groups[known[1]] = _Group(_ports(service, pod))
            node = ctx.store.get(Node, "", pod.spec.node_name or "")
            if node is None and not service.spec.publish_not_ready_addresses:
                continue
            endpoint = _remembered(endpoints, service, name, pod, node)
            if endpoint is not None:
                group.endpoints[identity(endpoint)] = endpoint
        return groups


def _remembered(
    made: dict[tuple[str, str], _Made], service: Service, name: str, pod: Pod, node: Node | None
) -> Endpoint | None:
    zone = node.zone if node is not None else None
    known = made.get((name, pod.name))
    if known is not None and known[0] is pod and known[1] == zone:
        return known[2]
    endpoint = _endpoint(service, name, pod, zone)
    made[name, pod.name] = (pod, zone, endpoint)
    return endpoint


def _endpoint(service: Service, name: str, pod: Pod, zone: str | None) -> Endpoint | None:
    """Return a pod as endpoint of one address family, or None where it has no such address."""
    addresses = tuple(ip for ip in pod.ips if family(ip) == name)
    if not addresses:
        return None
    serving, terminating = pod.ready, pod.terminating
    ready = bool(service.spec.publish_not_ready_addresses) or (serving and not terminating)
    optional: dict[str, Any] = {
        "hostname": hostname_for(pod, service),
        "node_name": pod.spec.node_name or None,
        "zone": zone or None,
    }
    return Endpoint(
        addresses=addresses,
        conditions=EndpointConditions(ready=ready, serving=serving, terminating=terminating),
        target_ref=ObjectReference(kind="Pod", namespace=pod.namespace, name=pod.name, uid=pod.metadata.uid),
        **{field: value for field, value in optional.items() if value is not None},
    )


def _ports(service: Service, pod: Pod) -> tuple[EndpointPort, ...]:
    """Return the ports of a Service as this pod resolves them; what it does not resolve is left out."""
    return tuple(
        slice_port(port, number) for port in service.spec.ports or () if (number := find_port(pod, port)) is not None
    )


def _families(service: Service) -> list[str]:
    """Return the address families of a Service; one without defaults tells by its address, a headless one has both."""
    if service.spec.ip_families:
        return [name for name in service.spec.ip_families if name in (V4, V6)]
    if has_cluster_ip(service):
        return [family(service.spec.cluster_ip or "")]
    return [V4, V6]


def _own_slices(store: Store, service: Service) -> list[EndpointSlice]:
    labels = {SERVICE_NAME_LABEL: service.name, MANAGED_BY_LABEL: MANAGER}
    return [slice_ for slice_ in store.select(EndpointSlice, service.namespace, labels) if not slice_.terminating]


def _labels(service: Service) -> dict[str, str]:
    labels = {name: value for name, value in service.labels.items() if name not in RESERVED_LABELS}
    if not has_cluster_ip(service):
        labels[HEADLESS_LABEL] = ""
    return {**labels, SERVICE_NAME_LABEL: service.name, MANAGED_BY_LABEL: MANAGER}


def _keep_one(plan: Plan, placeholder: EndpointSlice) -> None:
    """See to it that a Service without endpoints has one empty slice."""
    last = plan.delete[0] if len(plan.delete) == 1 else None
    if last is not None and not last.endpoints and not last.ports and last.labels == placeholder.labels:
        plan.delete.clear()
    else:
        plan.create.append(placeholder)


def _carry_out(ctx: Context, service: Service, plan: Plan) -> None:
    """Write what a plan says; slices that would go are reused for those that would come."""
    stored = {slice_.name: slice_ for slice_ in plan.delete}
    for doomed in list(plan.delete):
        if not plan.create:
            break
        if any(ref.uid == (service.metadata.uid or "") for ref in doomed.metadata.owner_references or ()):
            fresh = plan.create.pop()
            meta = doomed.metadata.with_(labels=fresh.metadata.labels, annotations=None)
            plan.update.append(fresh.with_(metadata=meta))
            plan.delete.remove(doomed)
    if not service.terminating and pods.may_create(ctx.store, service.namespace):
        for slice_ in plan.create:
            ctx.store.create(_stamped(slice_, ctx))
    for slice_ in plan.update:
        old = stored.get(slice_.name) or ctx.store.get(EndpointSlice, slice_.namespace, slice_.name)
        moved = old is None or _content(old) != _content(slice_)
        meta = slice_.metadata.with_(generation=(slice_.metadata.generation or 0) + moved)
        ctx.store.update(_stamped(slice_.with_(metadata=meta), ctx))
    for slice_ in plan.delete:
        pods.delete(ctx.store, slice_)


def _content(slice_: EndpointSlice) -> tuple[object, ...]:
    return slice_.endpoints, slice_.ports, slice_.labels


def _stamped(slice_: EndpointSlice, ctx: Context) -> EndpointSlice:
    annotations: Mapping[str, str] = {**slice_.annotations, TRIGGER_TIME: ctx.timestamp()}
    return slice_.with_(metadata=slice_.metadata.with_(annotations=annotations))


def _complain(ctx: Context, service: Service, selected: Iterable[Pod]) -> None:
    """Tell of the pods that are left out because their node does not exist."""
    name = f"{service.namespace}/{service.name}"
    lost = [pod for pod in selected if ctx.store.get(Node, "", pod.spec.node_name or "") is None]
    if lost:
        skipped = [f"skipping Pod {p.name} for Service {name}: Node {p.spec.node_name or ''} Not Found" for p in lost]
        text = skipped[0] if len(skipped) == 1 else f"[{', '.join(skipped)}]"
        message = f"Error updating Endpoint Slices for Service {name}: {text}"
        ctx.event(service, "Warning", "FailedToUpdateEndpointSlices", message)


def _after_slice(change: Change) -> list[Key]:
    """Return the Services whose slices somebody else has changed or deleted."""
    found: dict[Key, None] = {}
    slices = [obj for obj in (change.old, change.new) if isinstance(obj, EndpointSlice)]
    if any(slice_.labels.get(MANAGED_BY_LABEL) == MANAGER for slice_ in slices):
        found = {Key("Service", s.namespace, s.service): None for s in slices if s.service}
    return list(found)
