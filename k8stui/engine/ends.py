"""The two ends of a connection as people write them: who calls, and what is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Node, Pod
from k8stui.engine.ip import canonical, family, is_ip
from k8stui.engine.store import Store
from k8stui.engine.world import Key

PROTOCOLS = ("TCP", "UDP", "SCTP")
_SCHEME_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "grpc": 80, "dns": 53, "tcp": 0, "udp": 0, "sctp": 0}
_WITH_TLS = ("https", "wss")
_WITH_PATH = ("http", "https", "grpc", "ws", "wss")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


class BadEnd(ValueError):
    """An end of a connection that cannot be read or does not exist; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who calls: a pod, a node, or a host outside.

    `name` is ``namespace/name`` of the pod, the node's name or the address. `node` is where its packets enter the
    cluster's nodes; empty outside. A pod with the node's network keeps `pod`, and its addresses are the node's.
    """

    kind: str
    name: str
    ips: tuple[str, ...]
    node: str = ""
    pod: Pod | None = None

    def ip(self, wanted: str) -> str | None:
        """Return its first address of a family (IPv4 or IPv6), or None."""
        return next((ip for ip in self.ips if family(ip) == wanted), None)

    @property
    def on_node(self) -> bool:
        """Whether its packets leave from the node itself: a node's process, or a pod with the node's network."""
        return self.kind == "node" or (self.pod is not None and self.pod.host_network)


@dataclass(frozen=True, slots=True)
class Target:
    """What is called: `host` is a name or an address; `scheme` and `path` are those of a URL, else empty.

    `server_name` is the name that the client expects in the server's certificate, empty where it does not speak TLS.
    """

    host: str
    port: int
    protocol: str = "TCP"
    scheme: str = ""
    path: str = ""
    server_name: str = ""


@lru_cache(maxsize=4096)
def parse_target(text: str, protocol: str | None = None) -> Target:
    """Read a URL, ``HOST:PORT`` or ``HOST:PORT/udp``; raises BadEnd. `protocol` stands over what the text says.

    A client of ``https`` and ``wss`` expects a certificate for the host that it dials. ``#NAME`` at the end says which
    name it expects instead, and makes a client of ``HOST:PORT`` speak TLS.
    """
    text, _, server_name = text.partition("#")
    scheme, separator, _ = text.partition("://")
    if separator:
        called = _url(text, scheme.lower(), protocol)
        return replace(called, server_name=server_name or (called.host if called.scheme in _WITH_TLS else ""))
    body, slash, said = text.rpartition("/")
    if not slash:
        body, said = text, ""
    chosen = (protocol or said or "TCP").upper()
    if chosen not in PROTOCOLS:
        raise BadEnd(f"{text!r}: {said!r} is no protocol; write HOST:PORT/tcp, /udp or /sctp")
    host, port = _host_and_port(body)
    if not host or port is None:
        raise BadEnd(f"{text!r} is no target; write a URL, or HOST:PORT")
    return Target(canonical(host), port, chosen, server_name=server_name)


def expecting(called: str, expected: str) -> str:
    """Return a target whose client expects this name in the certificate; nothing is added where it does so anyway."""
    try:
        as_it_is = parse_target(called).server_name == expected
    except BadEnd:
        as_it_is = False
    return called if not expected or as_it_is else f"{called}#{expected}"


def _url(text: str, scheme: str, protocol: str | None) -> Target:
    if scheme not in _SCHEME_PORTS:
        raise BadEnd(f"{text!r}: {scheme!r} is none of {', '.join(sorted(_SCHEME_PORTS))}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadEnd(f"{text!r} is no URL; the port must be a number from 1 to 65535") from None
    chosen = (protocol or {"udp": "UDP", "sctp": "SCTP", "dns": "UDP"}.get(scheme, "TCP")).upper()
    port = port or _SCHEME_PORTS[scheme]
    if not host or not port or chosen not in PROTOCOLS:
        raise BadEnd(f"{text!r} names no {'port' if host else 'host'}; write {scheme}://HOST:PORT")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(canonical(host), port, chosen, scheme, path if scheme in _WITH_PATH else "")


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, _port(rest[1:]) if rest.startswith(":") else None
    host, _, port = text.rpartition(":")
    return host, _port(port)


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 65536 else None


def find_source(store: Store, text: str, number: float = 0.0) -> Source:
    """Return who is meant by ``NS/NAME``, ``pod:NS/NAME``, ``node:NAME`` or ``external:IP``; raises BadEnd.

    Where a workload is named, `number` in [0, 1) picks one of its pods.
    """
    kind, colon, rest = text.partition(":")
    match kind if colon and kind in ("pod", "node", "external") else "":
        case "node":
            return node_source(store, rest)
        case "external":
            if not is_ip(rest):
                raise BadEnd(f"{text!r}: {rest!r} is no IP address; write external:IP")
            return Source("external", rest, (canonical(rest),))
        case "pod":
            text = rest
    pods = find_pods(store, text)
    return pod_source(store, pods[int(number * len(pods))])


def node_source(store: Store, name: str) -> Source:
    """Return a node as a source; raises BadEnd where there is no such node."""
    node = store.get(Node, "", name)
    if node is None:
        known = ", ".join(n.name for n in store.list(Node)[:5]) or "none"
        raise BadEnd(f"there is no node {name!r}; nodes: {known}")
    return Source("node", name, node.addresses("InternalIP"), name)


def pod_source(store: Store, pod: Pod) -> Source:
    """Return a pod as a source."""
    ips = pod.ips
    node = pod.spec.node_name or ""
    if pod.host_network and not ips:
        found = store.get(Node, "", node)
        ips = found.addresses("InternalIP") if found is not None else ()
    return Source("pod", f"{pod.namespace}/{pod.name}", ips, node, pod)


def find_pods(store: Store, text: str) -> list[Pod]:
    """Return the pods that ``NS/NAME`` may mean: the pod of that name, else those of the workload.

    Running ones are preferred: those that terminate or have no address count only where there are no others.
    Raises BadEnd where nothing of that name exists, or the workload has no pod.
    """
    namespace, slash, name = text.rpartition("/")
    if not slash:
        namespace = "default"
    if not name or not namespace or "/" in namespace:
        raise BadEnd(f"{text!r} is no source; write NAMESPACE/POD, node:NAME or external:IP")
    pod = store.get(Pod, namespace, name)
    if pod is not None:
        return [pod]
    pods, known = _workload_pods(store, namespace, name)
    if not pods:
        what = "has no pod" if known else "is neither a pod nor a workload"
        raise BadEnd(f"{namespace}/{name} {what}")
    running = [p for p in pods if p.ips and not p.finished]
    return [p for p in running if not p.terminating] or running or pods


def _workload_pods(store: Store, namespace: str, name: str) -> tuple[list[Pod], bool]:
    for kind in _WORKLOADS:
        workload = store.at(Key(kind, namespace, name))
        if not isinstance(workload, Deployment | StatefulSet | DaemonSet | ReplicaSet):
            continue
        owned = {name}
        if workload.metadata.uid:
            owned |= {child.name for child in store.owned(workload.metadata.uid) if child.kind == "ReplicaSet"}
        selector = workload.spec.selector
        pods = store.select(Pod, namespace, selector) if selector is not None else []
        owners = [(p, p.metadata.controller) for p in pods]
        return [p for p, owner in owners if owner is None or owner.name in owned], True
    pods = store.list(Pod, namespace)
    return [p for p in pods if p.metadata.controller and _named_by(p.metadata.controller.name, name)], False


def _named_by(owner: str, name: str) -> bool:
    """Tell whether an owner is the workload itself or a ReplicaSet whose name was made from it."""
    return owner == name or owner.rpartition("-")[0] == name
