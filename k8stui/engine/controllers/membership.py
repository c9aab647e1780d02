"""Which pods are endpoints of which Services, and what of a pod an endpoint shows.

kubernetes: staging/src/k8s.io/endpointslice/util/controller_utils.go, staging/src/k8s.io/endpointslice/utils.go.
"""

from __future__ import annotations

from k8stui.api.core import Pod, Service, ServicePort
from k8stui.engine.controllers.selectors import SelectorIndex
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"


def derives_endpoints(service: Service) -> bool:
    """Tell whether controllers derive this Service's endpoints from pods."""
    return service.spec.type != "ExternalName" and bool(service.spec.selector)


def has_cluster_ip(service: Service) -> bool:
    """Tell whether a Service has an address of its own: it is not headless."""
    return service.spec.cluster_ip not in (None, "", "None")


def belongs(pod: Pod, *, include_terminating: bool) -> bool:
    """Tell whether a pod that a Service selects is an endpoint at all."""
    return not pod.finished and bool(pod.ips) and (include_terminating or not pod.terminating)


def hostname_for(pod: Pod, service: Service) -> str | None:
    """Return the hostname that a pod has under a Service, or None: its subdomain must be the Service's name."""
    return pod.spec.hostname if pod.spec.hostname and pod.spec.subdomain == service.name else None


def find_port(pod: Pod, port: ServicePort) -> int | None:
    """Return the number of a Service port's target on a pod, or None where no container port has that name."""
    target = port.target_port
    if target is None or target in (0, ""):
        return port.port
    if isinstance(target, int):
        return target
    protocol = port.protocol or "TCP"
    for container in pod.lasting_containers:
        for candidate in container.ports or ():
            if candidate.name == target and (candidate.protocol or "TCP") == protocol:
                return candidate.container_port
    return None


def services_of(change: Change, services: SelectorIndex) -> list[Key]:
    """Return the Services whose endpoints a pod's change may alter."""
    old, new = change.old, change.new
    assert old is None or isinstance(old, Pod)
    assert new is None or isinstance(new, Pod)
    endpoints = [pod for pod in (old, new) if pod is not None and belongs(pod, include_terminating=True)]
    if len(endpoints) == 2 and _shown(endpoints[0]) == _shown(endpoints[1]):
        return []
    found: dict[Key, None] = {}
    for pod in endpoints:
        found |= dict.fromkeys(services.selecting(pod.namespace, pod.labels))
    return list(found)


def _shown(pod: Pod) -> tuple[object, ...]:
    """Return what endpoints show of a pod, and its labels."""
    return (
        pod.labels,
        pod.metadata.deletion_timestamp is None,
        pod.ready,
        pod.ips,
        pod.spec.node_name,
        pod.spec.hostname,
        pod.spec.subdomain,
    )


def selected_pods(store: Store, service: Service) -> list[Pod]:
    """Return the pods that a Service selects, by name."""
    return store.select(Pod, service.namespace, service.spec.selector or {})
