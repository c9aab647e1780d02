"""The mirroring controller: Endpoints that somebody wrote by hand, as slices.

kubernetes: pkg/controller/endpointslicemirroring.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.api.core import EndpointAddress, EndpointPort, Endpoints, Service
from k8stui.api.discovery import (
    MANAGED_BY_LABEL,
    SERVICE_NAME_LABEL,
    Endpoint,
    EndpointConditions,
    EndpointSlice,
)
from k8stui.engine import ip as addresses
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.membership import TRIGGER_TIME
from k8stui.engine.controllers.packing import Identity, PortKey, identity, looks_equal, new_slice, port_key, slice_port
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

MANAGER = "endpointslicemirroring-controller.k8s.io"
_SKIP = "endpointslice.kubernetes.io/skip-mirror"
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_NOT_COPIED = (TRIGGER_TIME, "kubectl.kubernetes.io/last-applied-configuration")
_MOST = 1000

_Group = tuple[str, PortKey]


class MirroringController(Controller):
    """Copies the Endpoints of Services without selector into slices of its own."""

    name = "endpoint-slice-mirroring-controller"
    kinds = frozenset({"Service", "Endpoints", "EndpointSlice"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind != "EndpointSlice":
            return [Key("Endpoints", change.key.namespace, change.key.name)]
        found = (obj for obj in (change.old, change.new) if isinstance(obj, EndpointSlice))
        return [
            Key("Endpoints", slice_.namespace, slice_.service)
            for slice_ in found
            if slice_.service and slice_.labels.get(MANAGED_BY_LABEL) == MANAGER
        ]

    def reconcile(self, key: Key, ctx: Context) -> None:
        labels = {SERVICE_NAME_LABEL: key.name, MANAGED_BY_LABEL: MANAGER}
        present = [s for s in ctx.store.select(EndpointSlice, key.namespace, labels) if not s.terminating]
        endpoints = ctx.store.get(Endpoints, key.namespace, key.name)
        if endpoints is None or not _is_mirrored(ctx.store, endpoints):
            for slice_ in present:
                pods.delete(ctx.store, slice_)
            return
        _mirror(ctx, endpoints, present)


def _is_mirrored(store: Store, endpoints: Endpoints) -> bool:
    service = store.get(Service, endpoints.namespace, endpoints.name)
    return (
        service is not None
        and not service.spec.selector
        and endpoints.labels.get(_SKIP) != "true"
        and _LEADER not in endpoints.annotations
    )


def _mirror(ctx: Context, endpoints: Endpoints, present: list[EndpointSlice]) -> None:
    wanted, ports, bad, skipped = _desired(endpoints)
    if bad:
        message = f"Skipped {bad} invalid IP addresses when mirroring to EndpointSlices"
        ctx.event(endpoints, "Warning", "InvalidIPAddress", message)
    if skipped > bad:
        message = (
            f"A max of {_MOST} addresses can be mirrored to EndpointSlices per Endpoints subset. "
            f"{skipped} addresses were skipped"
        )
        ctx.event(endpoints, "Warning", "TooManyAddressesToMirror", message)
    spare: list[EndpointSlice] = []
    by_group: dict[_Group, list[EndpointSlice]] = {}
    for slice_ in present:
        by_group.setdefault((slice_.address_type, port_key(slice_.ports or ())), []).append(slice_)
    writes: list[tuple[EndpointSlice | None, EndpointSlice]] = []
    for group, members in wanted.items():
        of_group = by_group.pop(group, [])
        first = of_group[0] if of_group else None
        spare += of_group[1:]
        fresh = _slice(endpoints, group[0], ports[group], tuple(members.values()))
        if first is None or not _is_right(first, fresh):
            writes.append((first, fresh))
    spare += [slice_ for slices in by_group.values() for slice_ in slices]
    _write(ctx, endpoints, writes, spare)


def _write(
    ctx: Context,
    endpoints: Endpoints,
    writes: list[tuple[EndpointSlice | None, EndpointSlice]],
    spare: list[EndpointSlice],
) -> None:
    """Store slices over those that they replace; what is to go is reused for what is new."""
    for old, fresh in writes:
        target = old
        if target is None:
            target = next((slice_ for slice_ in spare if slice_.address_type == fresh.address_type), None)
            if target is not None:
                spare.remove(target)
        if target is not None:
            meta = target.metadata.with_(
                labels=fresh.metadata.labels,
                annotations=fresh.metadata.annotations,
                owner_references=fresh.metadata.owner_references,
                generation=(target.metadata.generation or 0) + 1,
            )
            ctx.store.update(fresh.with_(metadata=meta))
        elif not endpoints.terminating and pods.may_create(ctx.store, endpoints.namespace):
            ctx.store.create(fresh)
    for slice_ in spare:
        pods.delete(ctx.store, slice_)


def _desired(
    endpoints: Endpoints,
) -> tuple[dict[_Group, dict[Identity, Endpoint]], dict[_Group, tuple[EndpointPort, ...]], int, int]:
    """Return endpoints by family and ports, those ports, and how many addresses are invalid or skipped in all."""
    wanted: dict[_Group, dict[Identity, Endpoint]] = {}
    ports: dict[_Group, tuple[EndpointPort, ...]] = {}
    bad = skipped = 0
    for subset in endpoints.subsets or ():
        listed = tuple(slice_port(port, port.port) for port in subset.ports or ())
        entries = [(a, True) for a in subset.addresses or ()] + [(a, False) for a in subset.not_ready_addresses or ()]
        added = 0
        for address, ready in entries:
            if added >= _MOST:
                break
            if not addresses.is_ip(address.ip):
                bad += 1
                continue
            group = (addresses.family(address.ip), port_key(listed))
            ports.setdefault(group, listed)
            endpoint = _endpoint(address, ready)
            wanted.setdefault(group, {})[identity(endpoint)] = endpoint
            added += 1
        skipped += len(entries) - added
    return wanted, ports, bad, skipped


def _endpoint(address: EndpointAddress, ready: bool) -> Endpoint:
    endpoint = Endpoint(addresses=(address.ip,), conditions=EndpointConditions(ready=ready))
    given = {"hostname": address.hostname, "node_name": address.node_name, "target_ref": address.target_ref}
    return endpoint.with_(**{name: value for name, value in given.items() if value})


def _slice(
    endpoints: Endpoints, family: str, ports: tuple[EndpointPort, ...], members: tuple[Endpoint, ...]
) -> EndpointSlice:
    labels = {**endpoints.labels, SERVICE_NAME_LABEL: endpoints.name, MANAGED_BY_LABEL: MANAGER}
    copied = {name: value for name, value in endpoints.annotations.items() if name not in _NOT_COPIED}
    fresh = new_slice(endpoints, family, ports, labels)
    meta = fresh.metadata.with_(annotations=copied) if copied else fresh.metadata
    return fresh.with_(metadata=meta, endpoints=members[:_MOST])


def _is_right(present: EndpointSlice, fresh: EndpointSlice) -> bool:
    """Tell whether a slice shows these endpoints, with the same labels and annotations."""
    mine = {identity(endpoint): endpoint for endpoint in present.endpoints or ()}
    wanted = {identity(endpoint): endpoint for endpoint in fresh.endpoints or ()}
    return (
        mine.keys() == wanted.keys()
        and all(looks_equal(mine[name], endpoint) for name, endpoint in wanted.items())
        and present.labels == fresh.labels
        and dict(present.annotations) == dict(fresh.annotations)
    )
