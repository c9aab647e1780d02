"""Who gives addresses to Services of type LoadBalancer: nobody, a cloud after a delay, or a pool at once.

kubernetes: staging/src/k8s.io/cloud-provider/controllers/service/controller.go; the pool behaves like MetalLB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from immutables import Map

from k8stui.api.core import LoadBalancerIngress, LoadBalancerStatus, Service, ServiceStatus
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.ip import family, is_ip
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
_WANTED = ("metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs")
_ROOM = "load-balancers"
_MAX_TRIED = 1 << 16


class LoadBalancerController(Controller):
    """Writes the address of a load balancer into the status of Services that ask for one.

    The setting ``load_balancer`` says who does so; without anybody such a Service waits for ever. Services of a class
    (``spec.loadBalancerClass``) wait for a provider of that class, which there is none of.
    """

    name = "service-controller"
    kinds = frozenset({"Service"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if store.world.settings.load_balancer == "none":
            return []
        freed = _addresses(change.old) and _addresses(change.old) != _addresses(change.new)
        waiting = _waiting(store) if freed and store.world.settings.load_balancer == "pool" else []
        return [change.key, *waiting]

    def reconcile(self, key: Key, ctx: Context) -> None:
        service = ctx.store.at(key)
        provider = ctx.store.world.settings.load_balancer
        if not isinstance(service, Service) or provider == "none":
            return
        if service.terminating or not _asks(service):
            _clean_up(ctx, service)
        elif not _addresses(service):
            if provider == "pool":
                _assign_from_pool(ctx, service)
            else:
                _build(ctx, service)


def _asks(service: Service) -> bool:
    return service.spec.type == "LoadBalancer" and service.spec.load_balancer_class is None


def _addresses(service: object) -> tuple[str, ...]:
    """Return the load balancer addresses in a Service's status."""
    if not isinstance(service, Service) or service.status is None or service.status.load_balancer is None:
        return ()
    return tuple(entry.ip for entry in service.status.load_balancer.ingress or () if entry.ip)


def _waiting(store: Store) -> list[Key]:
    return [key_of(s) for s in store.list(Service) if _asks(s) and not _addresses(s)]


def _build(ctx: Context, service: Service) -> None:
    """Build a cloud's load balancer: it is there after the setting's delay, counted from when it was asked for."""
    if FINALIZER not in (service.metadata.finalizers or ()):
        ctx.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer")
        finalizers = (*(service.metadata.finalizers or ()), FINALIZER)
        ctx.store.update(service.with_(metadata=service.metadata.with_(finalizers=finalizers)))
        delay = ctx.store.world.settings.load_balancer_delay
        _promise(ctx.store, service, ctx.now + delay)
        ctx.after(delay, key_of(service))
        return
    if _promised(ctx.store).get(service.metadata.uid or "", ctx.now) > ctx.now:
        return
    ip = _free(ctx.store, service, skip_edges=True)
    if ip is None:
        message = "Error syncing load balancer: failed to ensure load balancer: no address left"
        ctx.event(service, "Warning", "SyncLoadBalancerFailed", message)
        ctx.after(5, key_of(service))
        return
    _write(ctx, service, ip)
    ctx.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer")


def _promised(store: Store) -> Map[str, float]:
    """Return when the load balancers that are being built will be there, by the Service's uid."""
    promised: Map[str, float] = store.world.state.get(_ROOM, Map())
    return promised


def _promise(store: Store, service: Service, due: float | None) -> None:
    promised, uid = _promised(store), service.metadata.uid or ""
    if due is not None:
        store.world = store.world.with_state(_ROOM, promised.set(uid, due))
    elif uid in promised:
        store.world = store.world.with_state(_ROOM, promised.delete(uid))


def _assign_from_pool(ctx: Context, service: Service) -> None:
    name = f"{service.namespace}/{service.name}"
    ip = _free(ctx.store, service, skip_edges=False)
    if ip is None:
        wanted = _requested(service)
        why = f'["{wanted}"] is not allowed in config' if wanted else "no available IPs"
        ctx.event(service, "Warning", "AllocationFailed", f'Failed to allocate IP for "{name}": {why}')
        return
    _write(ctx, service, ip)
    ctx.event(service, "Normal", "IPAllocated", f'Assigned IP ["{ip}"]')


def _requested(service: Service) -> str | None:
    return next((service.annotations[a] for a in _WANTED if a in service.annotations), service.spec.load_balancer_ip)


def _free(store: Store, service: Service, *, skip_edges: bool) -> str | None:
    """Return the address that a Service asks for, or the lowest one of its family that no other Service has."""
    taken = {ip for other in store.list(Service) if key_of(other) != key_of(service) for ip in _addresses(other)}
    pool = store.world.settings.load_balancer_pool
    wanted = _requested(service)
    if wanted:
        if not is_ip(wanted):
            return None
        inside = any(ip_address(wanted) in ip_network(cidr) for cidr in pool if family(cidr) == family(wanted))
        return wanted if inside and wanted not in taken else None
    kind = (service.spec.ip_families or ("IPv4",))[0]
    candidates = (ip for cidr in pool if family(cidr) == kind for ip in _of(cidr, skip_edges))
    return next((ip for ip in candidates if ip not in taken), None)


def _of(cidr: str, skip_edges: bool) -> Iterator[str]:
    network = ip_network(cidr)
    first = int(network.network_address) + skip_edges
    last = int(network.broadcast_address) - skip_edges
    kind = type(network.network_address)
    for number in range(first, min(last + 1, first + _MAX_TRIED)):
        yield str(kind(number))


def _write(ctx: Context, service: Service, ip: str) -> None:
    ingress = (LoadBalancerIngress(ip=ip, ip_mode="VIP"),)
    status = (service.status or ServiceStatus()).with_(load_balancer=LoadBalancerStatus(ingress=ingress))
    _promise(ctx.store, service, None)
    ctx.store.update(service.with_(status=status))


def _clean_up(ctx: Context, service: Service) -> None:
    """Take the address off a Service that is deleted or of another type now, and let it go."""
    finalizers = service.metadata.finalizers or ()
    if FINALIZER not in finalizers and not (_addresses(service) and service.spec.type != "LoadBalancer"):
        return
    _promise(ctx.store, service, None)
    if FINALIZER in finalizers:
        ctx.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer")
    rest = tuple(name for name in finalizers if name != FINALIZER)
    status = (service.status or ServiceStatus()).with_(load_balancer=LoadBalancerStatus())
    cleaned = service.with_(metadata=service.metadata.with_(finalizers=rest or None), status=status)
    if service.terminating and not rest:
        ctx.store.remove(key_of(service))
    else:
        ctx.store.update(cleaned)
    if FINALIZER in finalizers:
        ctx.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer")
