"""A line about each thing on the map, for whoever selects it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from k8stui.api.core import Node, Pod, Service
from k8stui.engine.container import listening
from k8stui.tui.scene.probes import workload_of

if TYPE_CHECKING:
    from k8stui.engine.store import Store

_HIDDEN = frozenset(("pod-template-hash", "controller-revision-hash"))


def details_of(store: Store, pods: Iterable[Pod], services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    """Yield (key of the area, line) for pods, Services and nodes."""
    for pod in pods:
        sockets = ", ".join(f"{item.port}/{item.protocol.lower()}" for item in listening(pod, store))
        listens = f"listens on {sockets}" if sockets else "listens on nothing"
        line = f"{_labels(pod.labels)} · {listens} · {pod.spec.node_name or 'no node yet'}"
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


def _labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in labels.items() if name not in _HIDDEN)
