"""The kinds of the API group discovery.k8s.io/v1."""

from __future__ import annotations

from k8stui.api.core import EndpointPort, ObjectReference
from k8stui.api.meta import KubeObject, Model

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
HEADLESS_LABEL = "service.kubernetes.io/headless"


class EndpointConditions(Model):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class ZoneHint(Model):
    name: str = ""


class EndpointHints(Model):
    for_zones: tuple[ZoneHint, ...] | None = None
    for_nodes: tuple[ZoneHint, ...] | None = None


class Endpoint(Model):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    hostname: str | None = None
    node_name: str | None = None
    zone: str | None = None
    target_ref: ObjectReference | None = None
    hints: EndpointHints | None = None


class EndpointSlice(KubeObject):
    """A part of a Service's endpoints: one address family, one list of ports."""

    address_type: str = ""
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None

    @property
    def service(self) -> str | None:
        """The name of the Service that these endpoints belong to."""
        return self.labels.get(SERVICE_NAME_LABEL)
