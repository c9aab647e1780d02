"""How endpoints are packed into slices: changed slices are filled first, and as few as possible are touched.

kubernetes: staging/src/k8s.io/endpointslice/reconciler.go (reconcileByPortMapping).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from k8stui.api.core import EndpointPort, Endpoints, Service, ServicePort
from k8stui.api.discovery import HEADLESS_LABEL, MANAGED_BY_LABEL, SERVICE_NAME_LABEL, Endpoint, EndpointSlice
from k8stui.api.meta import ObjectMeta
from k8stui.engine.controllers import pods

MAX_ENDPOINTS = 100
_NAME_MAX = 253
RESERVED_LABELS = frozenset({MANAGED_BY_LABEL, SERVICE_NAME_LABEL, HEADLESS_LABEL})

PortKey = tuple[tuple[str | None, int | None, str | None, str | None], ...]
Identity = tuple[tuple[str, ...], str | None, str | None, str | None]


def identity(endpoint: Endpoint) -> Identity:
    """Return what makes two endpoints the same one: addresses, hostname and the pod behind them."""
    target = endpoint.target_ref
    return (
        endpoint.addresses,
        endpoint.hostname,
        target.namespace if target else None,
        target.name if target else None,
    )


def port_key(ports: Iterable[EndpointPort]) -> PortKey:
    """Return what two lists of the same ports share, whatever their order."""
    return tuple(sorted(((p.name, p.port, p.protocol, p.app_protocol) for p in ports), key=str))


def slice_port(port: ServicePort | EndpointPort, number: int | None) -> EndpointPort:
    """Return a port as a slice has it: with this number at the endpoints, name and protocol filled in."""
    found = EndpointPort(name=port.name or "", protocol=port.protocol or "TCP", port=number)
    return found if port.app_protocol is None else found.with_(app_protocol=port.app_protocol)


def new_slice(
    owner: Service | Endpoints, family: str, ports: tuple[EndpointPort, ...], labels: Mapping[str, str]
) -> EndpointSlice:
    """Return a slice of a Service or Endpoints that is to be made, without endpoints."""
    return EndpointSlice(
        api_version="discovery.k8s.io/v1",
        kind="EndpointSlice",
        metadata=ObjectMeta(
            generate_name=f"{owner.name}-" if len(owner.name) < _NAME_MAX else owner.name,
            namespace=owner.namespace,
            generation=1,
            labels=dict(labels),
            owner_references=(pods.owner_reference(owner),),
        ),
        address_type=family,
        endpoints=(),
        ports=ports,
    )


def looks_equal(one: Endpoint, other: Endpoint) -> bool:
    """Tell whether two endpoints of one identity show the same; hints do not count."""
    return one is other or (
        one.conditions == other.conditions
        and one.node_name == other.node_name
        and one.zone == other.zone
        and (one.target_ref.uid if one.target_ref else None) == (other.target_ref.uid if other.target_ref else None)
    )


@dataclass(slots=True)
class Plan:
    """What is to be done about the slices of one Service and address family."""

    create: list[EndpointSlice] = field(default_factory=list)
    update: list[EndpointSlice] = field(default_factory=list)
    delete: list[EndpointSlice] = field(default_factory=list)

    def extend(self, other: Plan) -> None:
        """Add another plan's work to this one."""
        self.create += other.create
        self.update += other.update
        self.delete += other.delete

    def unchanged(self, existing: Sequence[EndpointSlice]) -> list[EndpointSlice]:
        """Return the slices that the plan leaves alone."""
        named = {slice_.name for slice_ in (*self.update, *self.delete)}
        return [slice_ for slice_ in existing if slice_.name not in named]


def pack(
    existing: Sequence[EndpointSlice],
    desired: Mapping[Identity, Endpoint],
    labels: Mapping[str, str],
    fresh: Callable[[], EndpointSlice],
) -> Plan:
    """Return how slices of one port list come to hold the desired endpoints.

    `labels` are those that every slice must have, `fresh` makes a new empty slice.
    """
    left = dict(desired)
    unchanged: dict[str, EndpointSlice] = {}
    touched: dict[str, EndpointSlice] = {}
    plan = Plan()
    for slice_ in existing:
        kept, changed = _keep(slice_, left)
        if changed and not kept:
            plan.delete.append(slice_)
        elif changed:
            touched[slice_.name] = _relabelled(slice_, labels).with_(endpoints=tuple(kept))
        elif _inherited(slice_.labels) != _inherited(labels):
            touched[slice_.name] = _relabelled(slice_, labels)
        else:
            unchanged[slice_.name] = slice_
    for slice_ in sorted(touched.values(), key=lambda s: -len(s.endpoints or ())):
        touched[slice_.name] = _filled(slice_, left)
    while left:
        target = _tightest(unchanged.values(), len(left)) if len(left) < MAX_ENDPOINTS else None
        if target is None:
            plan.create.append(_filled(fresh(), left))
        else:
            del unchanged[target.name]
            touched[target.name] = _filled(target, left)
    plan.update += touched.values()
    return plan


def _keep(slice_: EndpointSlice, left: dict[Identity, Endpoint]) -> tuple[list[Endpoint], bool]:
    """Take the endpoints of a slice that are still desired out of `left`; tell whether any changed or is gone."""
    endpoints = slice_.endpoints or ()
    kept = []
    changed = False
    for endpoint in endpoints:
        wanted = left.pop(identity(endpoint), None)
        if wanted is not None:
            kept.append(wanted)
            changed = changed or not looks_equal(wanted, endpoint)
    return kept, changed or len(kept) != len(endpoints)


def _filled(slice_: EndpointSlice, left: dict[Identity, Endpoint]) -> EndpointSlice:
    endpoints = list(slice_.endpoints or ())
    room = MAX_ENDPOINTS - len(endpoints)
    taken = [left.pop(key) for key in list(left)[: max(room, 0)]]
    return slice_.with_(endpoints=(*endpoints, *taken)) if taken else slice_


def _tightest(slices: Iterable[EndpointSlice], count: int) -> EndpointSlice | None:
    """Return the slice that is closest to full once it has taken `count` endpoints; an empty one is none."""
    best, least = None, MAX_ENDPOINTS
    for slice_ in slices:
        rest = MAX_ENDPOINTS - count - len(slice_.endpoints or ())
        if 0 <= rest < least:
            best, least = slice_, rest
    return best


def _inherited(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that come from the Service; the controller's own are no reason to rewrite a slice."""
    return {name: value for name, value in labels.items() if name not in RESERVED_LABELS}


def _relabelled(slice_: EndpointSlice, labels: Mapping[str, str]) -> EndpointSlice:
    return slice_.with_(metadata=slice_.metadata.with_(labels=dict(labels)))
