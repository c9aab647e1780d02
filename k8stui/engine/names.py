"""How a caller finds the address behind a name."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.api.core import Service
from k8stui.engine.ends import Source
from k8stui.engine.fabric import Fabric
from k8stui.engine.trace import Cause, Hop


class Found(NamedTuple):
    """The address behind a name, or why there is none."""

    ip: str | None
    cause: Cause | None = None


class Names:
    """Looks names up for callers, each the way its own resolver does."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric

    def address(self, caller: Source, name: str, hops: list[Hop]) -> Found:
        """Return the address of a name as a caller finds it, and add the hops of the look-up."""
        own = caller.pod.namespace if caller.pod is not None else "default"
        service_name, namespace = _service_of(name, own, self._fabric.store.world.settings.cluster_domain)
        service = self._fabric.store.get(Service, namespace, service_name)
        ip = service.spec.cluster_ip if service is not None else None
        if ip in (None, "", "None"):
            cause = Cause("Service", namespace, service_name, "", f"no Service {service_name} in {namespace}", True)
            hops.append(Hop("DNS", False, f"{name}: no such name", caller.node, cause=cause))
            return Found(None, cause)
        hops.append(Hop("DNS", True, f"{name} → {ip}", caller.node))
        return Found(ip)


def _service_of(name: str, own: str, domain: str) -> tuple[str, str]:
    short = name.rstrip(".").removesuffix(f".{domain}").removesuffix(".svc")
    service, _, namespace = short.partition(".")
    return service, namespace or own
