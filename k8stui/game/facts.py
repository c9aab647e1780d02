"""Goals that are judged by looking at the objects of a world: eps, keep and cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from k8stui.api.core import Pod, Service
from k8stui.api.discovery import Endpoint, EndpointSlice
from k8stui.engine.trace import Cause
from k8stui.game import blame
from k8stui.game.checks import Cost, Eps, Keep, Members
from k8stui.game.declared import declared
from k8stui.game.ends import object_at, pods_of
from k8stui.game.frame import changed_paths, key_from_text
from k8stui.game.packets import MET, Finding

if TYPE_CHECKING:
    from k8stui.api.meta import KubeObject
    from k8stui.engine.store import Store
    from k8stui.engine.world import World


def slices_of(world: World, service: str) -> list[EndpointSlice]:
    """Return the slices of the Service ``NS/NAME``, by name."""
    namespace, _, name = service.partition("/")
    found = (obj for obj in world.of_kind("EndpointSlice") if isinstance(obj, EndpointSlice))
    return sorted((s for s in found if s.namespace == namespace and s.service == name), key=lambda s: s.name)


def endpoints_of(world: World, service: str, *, ready: bool) -> dict[str, Endpoint]:
    """Return the ready (or the not ready, not terminating) endpoints of a Service by their first address."""
    found: dict[str, Endpoint] = {}
    for part in slices_of(world, service):
        for endpoint in part.endpoints or ():
            is_ready = endpoint.conditions.ready is not False
            if endpoint.addresses and is_ready is ready and (ready or not endpoint.conditions.terminating):
                found[endpoint.addresses[0]] = endpoint
    return found


def eps(store: Store, check: Eps) -> Finding:
    """Judge the list of a Service's endpoints; a set may name pods, addresses, and workloads (all their pods)."""
    world = store.world
    ready = endpoints_of(world, check.service, ready=True)
    problem = _differs(store, check.service, ready, check.ready, "ready")
    if problem is None and check.not_ready is not None:
        unready = endpoints_of(world, check.service, ready=False)
        problem = _differs(store, check.service, unready, check.not_ready, "not ready")
    if problem is None and check.without:
        problem = _listed_anyway(store, check)
    if problem is None and check.ports:
        problem = _ports_differ(store, check)
    if problem is None:
        return MET
    wanted = len(check.ready.names) if check.ready.names is not None else check.ready.least
    progress = min(len(ready) / wanted, 0.9) if wanted else 0.0
    return Finding(False, problem.text, "endpoints", progress=progress, causes=problem.causes)


class _Problem(NamedTuple):
    text: str
    causes: tuple[Cause, ...]


def _listed_anyway(store: Store, check: Eps) -> _Problem | None:
    namespace = check.service.partition("/")[0]
    unwanted = {member for name in check.without for member in _members(store, namespace, name)}
    for part in slices_of(store.world, check.service):
        for endpoint in part.endpoints or ():
            name = f"{namespace}/{endpoint.target_ref.name}" if endpoint.target_ref is not None else ""
            if {name, *endpoint.addresses} & unwanted:
                text = f"{check.service} lists {name or endpoint.addresses[0]}"
                return _Problem(text, blame.listed(store, check.service, name or endpoint.addresses[0], text))
    return None


def _ports_differ(store: Store, check: Eps) -> _Problem | None:
    found = {
        port.port
        for part in slices_of(store.world, check.service)
        if part.endpoints
        for port in part.ports or ()
        if port.port is not None
    }
    if found == set(check.ports):
        return None
    listed = ", ".join(map(str, sorted(found))) or "no port"
    missing = ", ".join(str(port) for port in check.ports if port not in found)
    half = missing and found & set(check.ports)
    text = f"the endpoints of {check.service} are on {listed}" + (f", not on {missing}" if half else "")
    return _Problem(text, blame.ports(store, check.service, check.ports, text))


def _differs(store: Store, service: str, found: dict[str, Endpoint], wanted: Members, word: str) -> _Problem | None:
    count = f"{len(found)} address{'' if len(found) == 1 else 'es'}"
    if wanted.names is None:
        most = wanted.most if wanted.most is not None else len(found)
        if wanted.least <= len(found) <= most:
            return None
        few = len(found) < wanted.least
        left = _left_out(store, service, found) if word == "ready" and few else ""
        text = f"{service} lists {count} as {word}" + (f", and not {left}" if left else "")
        if not few:
            return _Problem(text, blame.listed(store, service, _loose(store, service, found), text))
        off = [pod for pod in store.list(Pod, service.partition("/")[0]) if not set(pod.ips) & set(found)]
        return _Problem(text, blame.unlisted(store, service, off, text))
    namespace = service.partition("/")[0]
    listed = {
        address: f"{ref.namespace or namespace}/{ref.name}" if (ref := endpoint.target_ref) is not None else address
        for address, endpoint in found.items()
    }
    members = {member for name in wanted.names for member in _members(store, namespace, name)}
    missing = sorted(members - set(listed.values()) - set(listed))
    if missing:
        text = f"{service} lists {count} as {word}, and {missing[0]} is not among them"
        told = word == "ready" and "/" in missing[0] and not _by_hand(store, service, found)
        text = f"{text}: {unlisted(store, service, missing[0])}" if told else text
        pod = store.get(Pod, *missing[0].split("/", 1)) if "/" in missing[0] else None
        return _Problem(text, blame.unlisted(store, service, [pod] if pod is not None else [], text))
    strangers = sorted(name for address, name in listed.items() if not {address, name} & members)
    if strangers:
        text = f"{service} lists {count} as {word}, {strangers[0]} among them"
        return _Problem(text, blame.listed(store, service, strangers[0], text))
    return None


def _loose(store: Store, service: str, found: dict[str, Endpoint]) -> str:
    """Return the first pod of a list that nobody owns, as ``NS/NAME``; empty where all are owned."""
    namespace = service.partition("/")[0]
    listed = (store.get(Pod, namespace, end.target_ref.name or "") for end in found.values() if end.target_ref)
    owned = (pod for pod in listed if pod is not None and pod.metadata.controller is None)
    return next((f"{namespace}/{pod.name}" for pod in owned), "")


def _by_hand(store: Store, service: str, found: dict[str, Endpoint]) -> bool:
    """Tell whether somebody else than the endpoint controller wrote a list."""
    asked = store.get(Service, *service.split("/", 1))
    return bool(found) and asked is not None and not asked.spec.selector


def _left_out(store: Store, service: str, found: dict[str, Endpoint]) -> str:
    """Name the first pod that a Service selects and that is not on its list, with the reason."""
    asked = store.get(Service, *service.split("/", 1))
    if asked is None or not asked.spec.selector:
        return ""
    for pod in store.list(Pod, asked.namespace):
        fits = all(pod.labels.get(key) == value for key, value in asked.spec.selector.items())
        if fits and not pod.finished and not pod.terminating and not set(pod.ips) & set(found):
            return f"{pod.name}: {unlisted(store, service, f'{pod.namespace}/{pod.name}')}"
    return ""


def unlisted(store: Store, service: str, name: str) -> str:
    """Tell the first thing that keeps a pod off the list of a Service's ready addresses."""
    found = store.get(Service, *service.split("/", 1))
    pod = store.get(Pod, *name.split("/", 1)) if "/" in name else None
    if found is None or pod is None:
        return f"there is no {'Service ' + service if found is None else 'pod ' + name}"
    if not found.spec.selector:
        return f"the Service {found.name} has no selector, so it lists nobody"
    if pod.namespace != found.namespace:
        return f"it lives in {pod.namespace}; the Service selects in {found.namespace} alone"
    for key, value in found.spec.selector.items():
        own = pod.labels.get(key)
        if own != value:
            has = f"its {key} is {own}" if own is not None else f"it has no label {key}"
            return f"{has}, and the selector asks for {key}: {value}"
    return _not_ready(pod)


def _not_ready(pod: Pod) -> str:
    if pod.finished:
        return "it has ended, and its address was given back"
    if not pod.ips:
        return f"it has no address: its phase is {pod.status.phase}"
    if pod.terminating:
        return "it is being deleted, and whoever terminates is never ready"
    waiting = [s.state.get("waiting") for s in pod.status.container_statuses or () if s.state]
    words = [str(item.get("reason")) for item in waiting if isinstance(item, dict)]
    return f"its container is waiting: {words[0]}" if words else "it runs, and its readiness probe fails"


def _members(store: Store, namespace: str, name: str) -> set[str]:
    """Return the pods (``NS/NAME``) that a member of a set stands for, or the address that it is."""
    if name[:1].isdigit() and name.replace(".", "").isdigit():
        return {name}
    full = name if "/" in name else f"{namespace}/{name}"
    return {f"{pod.namespace}/{pod.name}" for pod in pods_of(store, full)} or {full}


def keep(start: World, world: World, check: Keep) -> Finding:
    """Judge that objects are as they were at the start."""
    for name in check.objects:
        before, after = object_at(start, name), object_at(world, name)
        if after is None:
            return Finding(False, f"{name} is gone", "changed", causes=(_cause_of(name, f"{name} is gone", gone=True),))
        if before is None or declared(before) != declared(after):
            paths = changed_paths(declared(before) if before is not None else {}, declared(after))
            text = f"{name} was changed"
            return Finding(False, text, "changed", causes=(_cause_of(name, text, paths[0]),))
    return MET


def _cause_of(name: str, message: str, path: str = "", *, gone: bool = False) -> Cause:
    key = key_from_text(name)
    return Cause(key.kind, key.namespace, key.name, path, message, missing=gone)


def cost(world: World, check: Cost) -> Finding:
    """Judge a budget."""
    spent = list(_spent(world, check.what))
    if len(spent) <= check.limit:
        return MET
    text = f"{len(spent)} {check.what}, and {check.limit} are paid for"
    causes = tuple(Cause(obj.kind, obj.namespace, obj.name, path, text) for obj, path in spent)
    return Finding(False, text, "cost", causes=causes)


def _spent(world: World, what: str) -> Iterator[tuple[KubeObject, str]]:
    """Yield what a budget pays for, each with the field by which it is one."""
    if what == "policies":
        yield from ((policy, "metadata.name") for policy in world.of_kind("NetworkPolicy"))
        return
    for service in world.of_kind("Service"):
        if not isinstance(service, Service) or service.namespace in ("kube-system", "default"):
            continue
        if what == "services" or (what == "balancers" and service.spec.type == "LoadBalancer"):
            yield service, "metadata.name" if what == "services" else "spec.type"
        elif what == "nodePorts":
            held = [index for index, port in enumerate(service.spec.ports or ()) if port.node_port]
            yield from ((service, f"spec.ports[{index}].nodePort") for index in held)
