"""The ports of a Service as a proxy captures them: which addresses, which policies.

kubernetes: pkg/proxy/serviceport.go
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from k8stui.api.core import Service
from k8stui.engine.ip import Cidrs, family, is_ip
from k8stui.engine.world import Key

PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
_DEFAULT_AFFINITY = 10800


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service in one address family.

    `index` is its place in ``spec.ports``; `portals` are the addresses that it is captured at, each with its sort
    (clusterIP, externalIP, loadBalancerIP); `ranges` are the source ranges of load-balancer IPs, None without any;
    `affinity` is the time-out in seconds, 0 without session affinity.
    """

    service: Key
    index: int
    family: str
    name: str
    protocol: str
    port: int
    node_port: int
    portals: tuple[tuple[str, str], ...]
    internal_local: bool
    external_local: bool
    ranges: Cidrs | None
    affinity: int

    @property
    def reachable_from_outside(self) -> bool:
        """Whether it is captured at anything but its cluster IP."""
        return bool(self.node_port) or len(self.portals) > 1


def is_proxied(service: Service) -> bool:
    """Tell whether kube-proxy has rules for a Service at all."""
    spec = service.spec
    if spec.type == "ExternalName" or spec.cluster_ip in (None, "", "None"):
        return False
    return PROXY_NAME_LABEL not in service.labels


def service_ports(key: Key, service: Service) -> Iterator[ServicePort]:
    """Yield the ports of a Service for each of its address families."""
    spec = service.spec
    for cluster_ip in spec.cluster_ips or (spec.cluster_ip or "",):
        own = family(cluster_ip)
        ranges = [text for text in spec.load_balancer_source_ranges or () if text.strip() and family(text) == own]
        portals = (("clusterIP", cluster_ip), *_outer(service, own))
        for index, port in enumerate(spec.ports or ()):
            yield ServicePort(
                service=key,
                index=index,
                family=own,
                name=port.name or "",
                protocol=port.protocol or "TCP",
                port=port.port,
                node_port=port.node_port or 0,
                portals=portals,
                internal_local=spec.internal_traffic_policy == "Local",
                external_local=spec.external_traffic_policy == "Local",
                ranges=Cidrs(ranges) if ranges else None,
                affinity=_affinity(service),
            )


def published_addresses(service: Service) -> set[str]:
    """Return the external IPs and load-balancer IPs of a Service, those that no proxy handles included."""
    balancer = service.status.load_balancer if service.status else None
    ingress = (balancer.ingress if balancer else None) or ()
    return {*(service.spec.external_ips or ()), *(entry.ip for entry in ingress if entry.ip)}


def _outer(service: Service, own: str) -> Iterator[tuple[str, str]]:
    for ip in service.spec.external_ips or ():
        if is_ip(ip) and family(ip) == own:
            yield "externalIP", ip
    balancer = service.status.load_balancer if service.status else None
    for ingress in (balancer.ingress if balancer else None) or ():
        if ingress.ip and family(ingress.ip) == own and ingress.ip_mode in (None, "VIP"):
            yield "loadBalancerIP", ingress.ip


def _affinity(service: Service) -> int:
    spec = service.spec
    if spec.session_affinity != "ClientIP":
        return 0
    config = spec.session_affinity_config
    chosen = config.client_ip.timeout_seconds if config and config.client_ip else None
    return chosen or _DEFAULT_AFFINITY
