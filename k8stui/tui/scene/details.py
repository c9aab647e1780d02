"""A line about each thing on the map, for whoever selects it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from k8stui.api.core import Node, Pod, Service
from k8stui.engine.behaviour import BehaviourError
from k8stui.engine.container import behaviour_of, environment, listening
from k8stui.tui.scene.probes import workload_of

if TYPE_CHECKING:
    from k8stui.engine.store import Store

_HIDDEN = frozenset(("pod-template-hash", "controller-revision-hash"))


def details_of(store: Store, pods: Iterable[Pod], services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    """Yield (key of the area, line) for pods, Services and nodes."""
    for pod in pods:
        does = _waiting(pod) or _listens(pod, store)
        parts = (*_variables(pod, store), _labels(pod.labels), does, pod.spec.node_name or "no node yet")
        line = " · ".join(filter(None, parts))
        yield f"pod:{pod.namespace}/{pod.name}", line
        yield f"caller:{pod.namespace}/{workload_of(pod)}", line
    for service in services:
        ports = ", ".join(f"{port.port}/{port.protocol or 'TCP'}" for port in service.spec.ports or ())
        selector = _labels(service.spec.selector or {}) or "no selector"
        yield f"service:{service.namespace}/{service.name}", f"{service.spec.type or 'ClusterIP'} {ports} · {selector}"
    for node in store.list(Node):
        state = "cordoned" if node.spec.unschedulable else "ready" if node.ready else "not ready"
        address = ", ".join(node.addresses())
        yield f"node:{node.name}", f"{address} · pods from {node.spec.pod_cidr or 'no range'} · {state}"


def _variables(pod: Pod, store: Store) -> Iterator[str]:
    """Yield what a pod's containers were given of the variables that decide whether they run."""
    try:
        behaviour = behaviour_of(pod)
    except BehaviourError:
        return
    for name, container in behaviour.containers:
        read = {word for end in container.exits for word in (end.if_not_number, end.if_set, end.if_unset) if word}
        given = environment(pod, store, name) if read else {}
        yield from (f"{word}={given[word]}" if word in given else f"{word} is not set" for word in sorted(read))


def _listens(pod: Pod, store: Store) -> str:
    """Return the sockets of a pod, with the names that its containers give to the ports."""
    ports = [port for container in pod.spec.containers or () for port in container.ports or ()]
    names = {(port.container_port, port.protocol or "TCP"): port.name for port in ports if port.name}
    sockets = [
        f"{item.port}/{item.protocol.lower()}" + (f" ({name})" if name else "")
        for item in listening(pod, store)
        for name in (names.get((item.port, item.protocol)),)
    ]
    return f"listens on {', '.join(sockets)}" if sockets else "listens on nothing"


def _waiting(pod: Pod) -> str:
    """Return why a container waits, where the kubelet says more than a word about it."""
    states = (status.state.get("waiting") or {} for status in pod.status.container_statuses or () if status.state)
    return next((f"{state.get('reason')}: {state['message']}" for state in states if state.get("message")), "")


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in labels.items() if name not in _HIDDEN)
