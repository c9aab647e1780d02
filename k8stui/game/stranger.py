"""The stranger: a pod without labels in each namespace, which no door may let in unless a goal says so."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import TYPE_CHECKING

from k8stui.api import scheme
from k8stui.api.core import Namespace, Node, Pod
from k8stui.engine.store import Store, key_of
from k8stui.game import ends
from k8stui.game.checks import Check, Deny, Matrix, Reach

if TYPE_CHECKING:
    from k8stui.game.level import Level
    from k8stui.game.packets import Court

STRANGER_CHECK = "stranger"
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease")


def needs_strangers(level: Level) -> bool:
    """Tell whether any goal is about strangers."""
    if level.strangers:
        return True
    return any(_names_stranger(line) for line in level.checks.values())


def _names_stranger(line: str) -> bool:
    return ends.STRANGER in line


def bring_strangers(court: Court) -> None:
    """Put one stranger into each namespace, on the node of an admitted caller; they are there at once."""
    store = court.cluster.store
    node = _node(court)
    used = {ip for pod in store.list(Pod) for ip in pod.ips}
    for namespace in store.list(Namespace):
        if namespace.name in _SYSTEM or store.get(Pod, namespace.name, ends.STRANGER) is not None:
            continue
        address = _free_address(store, node, used)
        used.add(address)
        pod = scheme.decode(_stranger(namespace.name, node, address))
        store.put(key_of(pod), pod)


def _node(court: Court) -> str:
    for check in court.level.parsed.values():
        for source in _admitted(check):
            for pod in ends.pods_of(court.cluster.store, ends.source_name(court.level, source)):
                if pod.spec.node_name:
                    return pod.spec.node_name
    return court.cluster.store.list(Node)[0].name


def _admitted(check: Check) -> tuple[str, ...]:
    """Return the callers that a goal admits somewhere."""
    if isinstance(check, Matrix):
        return tuple(source for source, _ in check.ways)
    return check.sources if isinstance(check, Reach) else ()


def _free_address(store: Store, node: str, used: set[str]) -> str:
    found = store.get(Node, "", node)
    network = ip_network((found.spec.pod_cidr if found is not None else None) or "10.244.250.0/24")
    for number in range(network.num_addresses - 2, 0, -1):
        address = str(network[number])
        if address not in used:
            return address
    return str(network[1])


def _stranger(namespace: str, node: str, address: str) -> dict[str, object]:
    ports = [{"containerPort": port} for port in (80, 443, 8080, 9102)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": ends.STRANGER, "namespace": namespace, "uid": f"stranger-{namespace}"},
        "spec": {"nodeName": node, "containers": [{"name": "shell", "image": "stranger", "ports": ports}]},
        "status": {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [
                {"name": "shell", "ready": True, "state": {"running": {}}, "image": "", "imageID": ""}
            ],
        },
    }


def stranger_checks(court: Court) -> Iterator[Deny]:
    """Yield what no stranger may do: each target that some goal denies, for each namespace not admitted as a whole."""
    admitted = {
        (source.partition("/")[0], target)
        for check in court.level.parsed.values()
        if isinstance(check, Reach)
        for source in check.sources
        if source.endswith("/*")
        for target in check.targets
    }
    namespaces = [pod.namespace for pod in court.cluster.store.list(Pod) if pod.name == ends.STRANGER]
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for check in court.level.parsed.values():
        if not isinstance(check, Deny):
            continue
        for target in check.targets:
            for namespace in namespaces:
                door = (namespace, target, check.but)
                if door not in seen and (namespace, target) not in admitted:
                    seen.add(door)
                    yield Deny((f"{ends.STRANGER}:{namespace}",), (target,), count=1, but=check.but)
