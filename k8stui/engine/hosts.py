"""Who answers beside the pods: hosts outside, the API server, and what nodes run themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8stui.engine.dns.resolvconf import HOST
from k8stui.engine.world import Key

if TYPE_CHECKING:
    from k8stui.engine.fabric import Fabric

KUBE_PROXY = "kube-proxy"
_API_SERVER = Key("Service", "default", "kubernetes")


class Hosts:
    """Looks up, in the settings and the proxy's table, what listens on addresses that no pod has."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric

    def answers(self, ip: str, port: int, protocol: str) -> str | None:
        """Return the name of who answers, an empty text where the host refuses, None where there is no such host."""
        ports = self._fabric.store.world.settings.hosts.get(ip)
        if ports is not None and f"{port}/{protocol.lower()}" in ports:
            return ip
        at_api_server = [b for p, row in self._fabric.table("").entries(_API_SERVER) for b in row if b.ip == ip]
        if any(b.port == port for b in at_api_server) and protocol == "TCP":
            return "kube-apiserver"
        if ip in HOST.nameservers and port == 53 and protocol != "SCTP":
            return ip
        return "" if ports is not None or at_api_server else None

    def at_node(self, node: str, ip: str, port: int, protocol: str) -> str:
        """Return the name of who answers on a node's own address, or an empty text."""
        answer = self.answers(ip, port, protocol)
        if answer:
            return node if answer == ip else answer
        if protocol == "TCP" and self._fabric.table(node).service_of_health_port(port) is not None:
            return KUBE_PROXY
        return ""
