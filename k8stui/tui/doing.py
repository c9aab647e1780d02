"""What a player may do to a thing on the map, and the cluster's switches: the part of a session that operates."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8stui.api.core import Node, Pod, Service
from k8stui.engine.container import listening
from k8stui.engine.ends import find_source
from k8stui.engine.faults import node_down
from k8stui.engine.world import Key
from k8stui.game.ends import balancer_addresses, pods_of
from k8stui.game.frame import operation_refusal
from k8stui.game.sandbox import Sandbox
from k8stui.tui.scene.build import namespaces_of
from k8stui.tui.scene.probes import short_name, workload_of
from k8stui.tui.view import View

if TYPE_CHECKING:
    from k8stui.engine.store import Store
    from k8stui.game.attempt import Attempt

MOST_KEPT = 3_000_000
_SCALED = ("Deployment", "StatefulSet", "ReplicaSet")


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of a menu: an operation, or (`verb` from, to, label, show) something that a screen asks more about.

    `about` is an end of a connection, or the object for a label.
    """

    label: str
    note: str = ""
    operation: Mapping[str, Any] | None = None
    verb: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """One of the cluster's switches: what it is set to, and the operation that turns it on to the next position."""

    name: str
    value: str
    note: str
    turn: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ends:
    """Who may call, and what may be called; each with a word about it."""

    sources: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]


class Doing:
    """Operates on the game. The cluster of a level only takes what the level allows."""

    game: Attempt | Sandbox
    attempt: Attempt | None
    lock: threading.RLock
    home: str
    title: str = ""

    def _view(self) -> View:
        raise NotImplementedError

    def operate(self, operation: Mapping[str, Any]) -> View:
        """Do something to the cluster; raises ValueError where that is not possible or not allowed.

        In a dump nobody lets a pod come to its end, so what is deleted there goes at once.
        """
        with self.lock:
            if self.recorded and "delete" in operation:
                operation = {**operation, "grace": 0}
            self.game.operate(operation)
            return self._view()

    @property
    def recorded(self) -> bool:
        """Whether the cluster is a dump: as it was recorded, with its controllers off."""
        return not self.game.cluster.world.settings.controllers

    def kept(self) -> dict[str, Any] | None:
        """Return a sandbox as JSON values to be saved; None for a level, and for what is too large."""
        with self.lock:
            if not isinstance(self.game, Sandbox):
                return None
            kept = {**self.game.kept(), "title": self.title}
        texts = (*kept["start"].values(), *kept["files"].values())
        return kept if sum(map(len, texts)) < MOST_KEPT else None

    def deeds(self, key: str) -> tuple[str, tuple[Deed, ...]]:
        """Return the name of a thing on the map and what may be done to it; nothing where it is not there any more.

        Without a key it is what a level offers to do whatever is selected.
        """
        with self.lock:
            kind, _, name = key.partition(":")
            store = self.game.cluster.store
            match kind:
                case "node":
                    found = list(_of_node(store, name))
                case "service":
                    found = list(_of_service(store, name))
                case "pod" | "caller":
                    found = list(self._of_pods(store, name))
                case _:
                    found = []
            found += self._own_deeds()
            title = name.partition("@")[0].removeprefix(f"{self.home}/") or "The cluster"
            return title, tuple(deed for deed in found if self._allowed(deed))

    def _own_deeds(self) -> Iterator[Deed]:
        """Yield what the level itself offers to do."""
        if self.attempt is None:
            return
        level = self.attempt.act
        for name, deed in level.deeds.items():
            yield Deed(level.words.deeds.get(name, name), "", deed.do)

    def _allowed(self, deed: Deed) -> bool:
        operation = deed.operation or ({"label": deed.about} if deed.verb == "label" else None)
        if operation is None:
            return True
        if self.attempt is not None:
            return operation_refusal(self.attempt.act, self.attempt.opened, operation) is None
        return not self.recorded or bool({"delete", "label", "down", "up"} & set(operation))

    def _of_pods(self, store: Store, name: str) -> Iterator[Deed]:
        name = name.partition("@")[0]
        namespace, _, short = name.partition("/")
        if namespace.startswith("external:"):
            yield Deed("Trace from here", namespace, verb="from", about=namespace)
            return
        pod = store.get(Pod, namespace, short)
        if pod is not None:
            yield from _of_pod(store, pod)
            name = f"{namespace}/{workload_of(pod)}"
        elif pods_of(store, name):
            yield Deed("Trace from here", "one of its pods calls", verb="from", about=name)
        yield from _of_workload(store, name)

    def switches(self) -> tuple[Switch, ...]:
        """Return the switches of the cluster."""
        with self.lock:
            world = self.game.cluster.world.settings
            return (
                _switch(
                    "network policies", "enforcesPolicy", world.enforces_policy, {True: "enforced", False: "ignored"},
                    "whether the network plugin enforces them",
                ),
                _switch(
                    "kube-proxy", "proxyMode", world.proxy_mode, {"iptables": "iptables", "nftables": "nftables"},
                    "how each node writes its rules",
                ),
                _switch(
                    "load balancer", "loadBalancer", world.load_balancer,
                    {"none": "none", "cloud": "cloud", "pool": "pool"}, "who hands out addresses",
                ),
                _switch(
                    "news travels", "propagationDelay", world.propagation_delay,
                    {0.0: "at once", 1.0: "in 1 s", 5.0: "in 5 s", 15.0: "in 15 s"}, "from the API server to the nodes",
                ),
                _switch(
                    "C library", "resolver", world.resolver, {"glibc": "glibc", "musl": "musl"},
                    "which resolver the containers have",
                ),
                _switch(
                    "containers start", "startSeconds", world.start_seconds,
                    {1.0: "in 1 s", 5.0: "in 5 s", 20.0: "in 20 s"}, "unless they say otherwise",
                ),
            )  # fmt: skip

    def check_source(self, text: str) -> None:
        """Raise BadEnd where nobody has the name of a caller."""
        with self.lock:
            find_source(self.game.cluster.store, text if "/" in text or ":" in text else f"{self.home}/{text}")

    def ends(self) -> Ends:
        """Return who may call whom, for a dialog that asks."""
        with self.lock:
            store = self.game.cluster.store
            sources, targets = [], []
            for namespace in namespaces_of(store):
                for service in store.list(Service, namespace):
                    targets += list(_dialled(store, service, self.home))
                for pod in store.list(Pod, namespace):
                    if pod.ips and not pod.finished:
                        sources.append(
                            (f"{namespace}/{pod.name}".removeprefix(f"{self.home}/"), pod.spec.node_name or "")
                        )
                        targets += [(target, short_name(pod)) for target in _sockets(store, pod)]
            nodes = [(f"node:{node.name}", ", ".join(node.addresses())) for node in store.list(Node)]
            outside = ("external:203.0.113.9", "a client outside")
            return Ends((*sources, *nodes, outside), (*targets, ("kubernetes.default:443/tcp", "the API server")))


def _of_node(store: Store, name: str) -> Iterator[Deed]:
    node = store.get(Node, "", name)
    if node is None:
        return
    yield Deed("Trace from here", f"node:{name} calls", verb="from", about=f"node:{name}")
    if node.spec.unschedulable:
        yield Deed("Uncordon", "it takes pods again", {"uncordon": name})
    else:
        yield Deed("Cordon", "it takes no new pods", {"cordon": name})
    yield Deed("Drain", "cordon it and evict its pods", {"drain": name})
    if node_down(store.world, name):
        yield Deed("Boot", "the machine comes up again", {"up": name})
    else:
        yield Deed("Pull the plug", "the machine dies at once", {"down": name})


def _of_service(store: Store, name: str) -> Iterator[Deed]:
    namespace, _, short = name.partition("/")
    service = store.get(Service, namespace, short)
    if service is None:
        return
    yield Deed("Show endpoints", "who stands behind it", verb="show")
    for target, note in _dialled(store, service, ""):
        yield Deed("Trace to here", f"{target} {note}".strip(), verb="to", about=target)
    yield Deed("Label …", "", verb="label", about=f"Service/{name}")
    yield Deed("Delete Service", "its name and address go", {"delete": f"Service/{name}"})


def _dialled(store: Store, service: Service, home: str) -> Iterator[tuple[str, str]]:
    name = service.name if service.namespace == home else f"{service.name}.{service.namespace}"
    node = next((address for item in store.list(Node) for address in item.addresses()), "")
    for port in service.spec.ports or ():
        protocol = (port.protocol or "TCP").lower()
        suffix = "" if protocol == "tcp" else f"/{protocol}"
        web = port.port == 80 and not suffix
        yield (f"http://{name}" if web else f"{name}:{port.port}{suffix}"), "Service"
        if port.node_port and node:
            yield f"{node}:{port.node_port}{suffix}", f"node port of {service.name}"
        for address in balancer_addresses(service):
            yield f"{address}:{port.port}{suffix}", f"load balancer of {service.name}"


def _of_pod(store: Store, pod: Pod) -> Iterator[Deed]:
    name = f"{pod.namespace}/{pod.name}"
    yield Deed("Trace from here", "", verb="from", about=name)
    for target in list(_sockets(store, pod))[:3]:
        yield Deed("Trace to here", target, verb="to", about=target)
    yield Deed("Kill pod", "deleted; its owner makes another", {"delete": f"pod:{name}"})
    for container in pod.spec.containers or ():
        yield Deed("Crash container", container.name, {"crash": f"pod:{name}", "container": container.name})
    if pod.ready:
        yield Deed("Not ready", "whatever its probes find", {"unready": f"pod:{name}"})
    else:
        yield Deed("Ready", "whatever its probes find", {"ready": f"pod:{name}"})
    yield Deed("Let probes decide", "", {"probe": f"pod:{name}"})
    labels = ", ".join(f"{key}={value}" for key, value in pod.labels.items() if key != "pod-template-hash")
    yield Deed("Label …", labels, verb="label", about=f"Pod/{name}")


def _sockets(store: Store, pod: Pod) -> Iterator[str]:
    if not pod.ips:
        return
    host = f"[{pod.ips[0]}]" if ":" in pod.ips[0] else pod.ips[0]
    for socket in listening(pod, store):
        if not socket.address.startswith("127."):
            yield f"{host}:{socket.port}" + ("" if socket.protocol == "TCP" else f"/{socket.protocol.lower()}")


def _of_workload(store: Store, name: str) -> Iterator[Deed]:
    namespace, _, short = name.partition("/")
    for kind in (*_SCALED, "DaemonSet"):
        found = store.at(Key(kind, namespace, short))
        if found is None:
            continue
        if kind in _SCALED:
            replicas = getattr(found, "spec", None).replicas  # type: ignore[union-attr]
            present = 1 if replicas is None else replicas
            yield Deed(f"Scale {short} up", f"{present} → {present + 1}", {"scale": name, "replicas": present + 1})
            if present:
                yield Deed(
                    f"Scale {short} down", f"{present} → {present - 1}", {"scale": name, "replicas": present - 1}
                )
        if kind != "ReplicaSet":
            yield Deed(f"Roll {short}", "all its pods are made anew", {"roll": name})
        return


def _switch(name: str, setting: str, value: object, positions: Mapping[Any, str], note: str) -> Switch:
    known = list(positions)
    here = known.index(value) if value in known else -1
    return Switch(name, positions.get(value, str(value)), note, {"set": {setting: known[(here + 1) % len(known)]}})
