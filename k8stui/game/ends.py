"""Who and what a goal names: sources become pods, targets become what a client dials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8stui.api.apps import Deployment, StatefulSet
from k8stui.api.core import ConfigMap, Node, Pod, Service
from k8stui.api.discovery import SERVICE_NAME_LABEL, EndpointSlice
from k8stui.engine import lists
from k8stui.engine.ends import BadEnd, expecting, find_pods
from k8stui.engine.store import Store
from k8stui.engine.world import Key, World
from k8stui.game.readends import each_port

if TYPE_CHECKING:
    from k8stui.game.level import Level
    from k8stui.game.world_spec import Target

STRANGER = "stranger"
NAMED = "k8stui.dev/named"
"""The annotation by which a level calls one pod of a workload by a name of its own."""


def pods_of(store: Store, name: str) -> list[Pod]:
    """Return the live pods of ``NS/NAME`` (a pod or a workload) or ``NS/*``; none where nothing has that name."""
    namespace, _, rest = name.partition("/")
    if rest == "*":
        pods = [pod for pod in store.list(Pod, namespace) if pod.ips and not pod.terminating and not pod.finished]
        return [pod for pod in pods if pod.name != STRANGER]
    try:
        return find_pods(store, name)
    except BadEnd:
        return [pod for pod in store.list(Pod, namespace) if pod.annotations.get(NAMED) == rest]


def sources(store: Store, name: str) -> list[str]:
    """Return the single ends that a source of a goal stands for, as `Cluster.connect` takes them."""
    if name == STRANGER:
        return [f"pod:{pod.namespace}/{pod.name}" for pod in store.list(Pod) if pod.name == STRANGER]
    if name.startswith(f"{STRANGER}:"):
        namespace = name.partition(":")[2]
        return [f"pod:{pod.namespace}/{pod.name}" for pod in store.list(Pod, namespace) if pod.name == STRANGER]
    if name.startswith("node:*"):
        return [f"node:{node.name}" for node in store.list(Node)]
    if name.startswith(("external:", "node:")):
        return [name]
    return [f"pod:{pod.namespace}/{pod.name}" for pod in pods_of(store, name.removeprefix("pod:"))]


def source_name(level: Level, name: str) -> str:
    """Return a source with its namespace: a name without one is of the level's first namespace."""
    if "/" in name or ":" in name or name == STRANGER:
        return name
    return f"{level.namespace}/{name}"


def targets(store: Store, level: Level, text: str, but: tuple[str, ...] = ()) -> list[str]:
    """Return what a client dials for a target of a goal; nothing where the objects for it are missing.

    `but` are Services that `services` leaves out.
    """
    if text.startswith("$"):
        value = target_value(store, level.world.targets.get(text[1:]))
        listed = lists.entries(store, value)
        return list(listed) if listed is not None else [value] if value else []
    if text == "services":
        return list(_services(store, but))
    kind, colon, rest = text.partition(":")
    expand = _EXPANDERS.get(kind) if colon else None
    if expand is None:
        return list(each_port(text))
    return [end for single in each_port(rest) for end in expand(store, single)]


def target_value(store: Store, target: Target | None) -> str:
    """Return the address that a client of the level calls now; empty where it has none.

    ``#NAME`` at its end is the name that the client expects in the certificate, where that is not the one it dials.
    """
    if target is None:
        return ""
    called = _setting(store, target, target.key or target.env)
    expected = _setting(store, target, target.server_name) if called and target.server_name else ""
    return expecting(called, expected)


def _setting(store: Store, target: Target, key: str) -> str:
    if target.config_map:
        namespace, _, name = target.config_map.partition("/")
        config = store.get(ConfigMap, namespace, name)
        return str((config.data or {}).get(key, "")).strip() if config is not None else ""
    namespace, _, name = target.workload.partition("/")
    workload = store.get(Deployment, namespace, name) or store.get(StatefulSet, namespace, name)
    containers = workload.spec.template.spec.containers if workload is not None else None
    for container in containers or ():
        for variable in container.env or ():
            if variable.name == key:
                return str(variable.value or "").strip()
    return ""


def _pods(store: Store, rest: str) -> Iterator[str]:
    name, _, port = rest.rpartition(":")
    for pod in pods_of(store, name):
        if pod.ips:
            yield join(pod.ips[0], port)


def _node(store: Store, rest: str) -> Iterator[str]:
    name, _, port = rest.rpartition(":")
    node = store.get(Node, "", name)
    for ip in node.addresses("InternalIP") if node is not None else ():
        yield join(ip, port)


def _nodes(store: Store, port: str) -> Iterator[str]:
    for node in store.list(Node):
        yield from _node(store, f"{node.name}:{port}")


def _cluster_ip(store: Store, rest: str) -> Iterator[str]:
    name, _, port = rest.rpartition(":")
    service = service_of(store, name)
    address = service.spec.cluster_ip if service is not None else None
    if address and address != "None":
        yield join(address, port)


def _services(store: Store, but: tuple[str, ...]) -> Iterator[str]:
    for service in store.list(Service):
        name = f"{service.namespace}/{service.name}"
        for entry in (service.spec.ports or ()) if name not in but else ():
            yield from _cluster_ip(store, f"{name}:{entry.port}/{(entry.protocol or 'TCP').lower()}")


def _node_port(store: Store, rest: str) -> Iterator[str]:
    rest, _, node = rest.partition("@")
    name, _, port = rest.partition(":")
    service = service_of(store, name)
    for entry in (service.spec.ports or ()) if service is not None else ():
        if entry.node_port and port in ("", str(entry.port)):
            protocol = (entry.protocol or "TCP").lower()
            at = f"{entry.node_port}/{protocol}"
            yield from _node(store, f"{node}:{at}") if node else _nodes(store, at)


def _balancer(store: Store, rest: str) -> Iterator[str]:
    name, _, port = rest.rpartition(":")
    service = service_of(store, name)
    for address in balancer_addresses(service) if service is not None else ():
        yield join(address, port)


def balancer_addresses(service: Service) -> list[str]:
    """Return the addresses that a balancer was given."""
    status = service.status.load_balancer if service.status is not None else None
    return [entry.ip for entry in (status.ingress or () if status is not None else ()) if entry.ip]


def service_of(store: Store, name: str) -> Service | None:
    """Return the Service ``NS/NAME``, or None."""
    namespace, _, rest = name.partition("/")
    return store.get(Service, namespace, rest)


def _doors(store: Store, port: str) -> Iterator[str]:
    """Yield every way in from outside that ends at this port of pods, and every balancer at the port itself."""
    number, _, protocol = port.partition("/")
    protocol = protocol.upper() or "TCP"
    found: list[str] = []
    for service in store.list(Service):
        addresses = [*balancer_addresses(service), *(service.spec.external_ips or ())]
        found += [join(address, port) for address in balancer_addresses(service)]
        leading = {
            entry.name or ""
            for part in store.select(EndpointSlice, service.namespace, {SERVICE_NAME_LABEL: service.name})
            for entry in part.ports or ()
            if entry.port == int(number) and (entry.protocol or "TCP") == protocol
        }
        for entry in service.spec.ports or ():
            if (entry.name or "") in leading:
                found += [join(address, f"{entry.port}/{protocol.lower()}") for address in addresses]
                found += _nodes(store, f"{entry.node_port}/{protocol.lower()}") if entry.node_port else ()
    yield from dict.fromkeys(found)


def join(ip: str, port: str) -> str:
    """Return an address with a port as a client dials it."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


_EXPANDERS: dict[str, Any] = {
    "pods": _pods,
    "node": _node,
    "nodes": _nodes,
    "clusterip": _cluster_ip,
    "nodeport": _node_port,
    "lb": _balancer,
    "doors": _doors,
}


def no_address(store: Store, target: str) -> str:
    """Return why there is nothing to dial for a target of a goal, in one sentence."""
    kind, _, rest = target.partition(":")
    if target.startswith("$"):
        return f"the client's setting {target[1:]} is empty"
    name = rest.partition("@")[0].partition(":")[0]
    if kind == "pods":
        return f"{name} has no running pod"
    if kind not in UNDIALLED:
        return f"{target} has no address to call"
    service = service_of(store, name)
    short = name.partition("/")[2]
    if service is None:
        return f"there is no Service {short}"
    what, wanted = UNDIALLED[kind]
    type_ = service.spec.type or "ClusterIP"
    if type_ == wanted:
        return f"{short} has no {what} yet: nobody has given it one"
    return f"{short} has no {what}: its type is {type_}"


UNDIALLED = {"clusterip": ("cluster IP", ""), "nodeport": ("node port", ""), "lb": ("external IP", "LoadBalancer")}
"""By the kind of a target: what a Service lacks, and the type that has to wait for it."""


def object_at(world: World, name: str) -> Any:
    """Return the object ``KIND/NS/NAME`` or ``KIND/NAME`` of a world, or None."""
    kind, _, rest = name.partition("/")
    namespace, slash, last = rest.partition("/")
    return world.get(Key(kind, namespace, last) if slash else Key(kind, "", namespace))


def workload_of(pod: Pod) -> str:
    """Return the name of the workload that a pod belongs to: its own where nobody owns it."""
    owner = pod.metadata.controller
    if owner is None:
        return pod.name
    tag = pod.labels.get("pod-template-hash")
    return owner.name.removesuffix(f"-{tag}") if tag else owner.name
