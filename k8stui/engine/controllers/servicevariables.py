"""The environment variables of Services that a container is given at its start.

kubernetes: pkg/kubelet/envvars/envvars.go, pkg/kubelet/kubelet_pods.go
"""

from __future__ import annotations

from collections.abc import Iterator

from immutables import Map

from k8stui.api.core import Service
from k8stui.engine.controllers.membership import has_cluster_ip
from k8stui.engine.store import Store

_MASTER = ("default", "kubernetes")


class ServiceVariables:
    """Answers for a namespace, remembered until one of its Services changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], Map[str, str]] = {}

    def forget(self, namespace: str) -> None:
        """Ask again for a namespace, one of whose Services has changed."""
        if namespace == _MASTER[0]:
            self._known.clear()
        self._known.pop((namespace, True), None)
        self._known.pop((namespace, False), None)

    def of(self, store: Store, namespace: str, links: bool) -> Map[str, str]:
        """Return the variables of a container that starts now; without `links` the API's Service alone."""
        known = self._known.get((namespace, links))
        if known is None:
            known = Map(_variables(store, namespace, links))
            self._known[namespace, links] = known
        return known


def _variables(store: Store, namespace: str, links: bool) -> Iterator[tuple[str, str]]:
    services = store.list(Service, namespace) if links else []
    master = store.get(Service, *_MASTER)
    if master is not None and not any(service.name == _MASTER[1] for service in services):
        services = [master, *services]
    for service in services:
        if has_cluster_ip(service) and service.spec.type != "ExternalName":
            yield from _of_service(service)


def _of_service(service: Service) -> Iterator[tuple[str, str]]:
    name = service.name.upper().replace("-", "_")
    ip = service.spec.cluster_ip or ""
    ports = service.spec.ports or ()
    yield f"{name}_SERVICE_HOST", ip
    if ports:
        yield f"{name}_SERVICE_PORT", str(ports[0].port)
    for port in ports:
        if port.name:
            yield f"{name}_SERVICE_PORT_{port.name.upper().replace('-', '_')}", str(port.port)
    host = f"[{ip}]" if ":" in ip else ip
    for index, port in enumerate(ports):
        protocol = (port.protocol or "TCP").upper()
        url = f"{protocol.lower()}://{host}:{port.port}"
        prefix = f"{name}_PORT_{port.port}_{protocol}"
        if index == 0:
            yield f"{name}_PORT", url
        yield prefix, url
        yield f"{prefix}_PROTO", protocol.lower()
        yield f"{prefix}_PORT", str(port.port)
        yield f"{prefix}_ADDR", ip
