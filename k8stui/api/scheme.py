"""Which kinds exist: their API group, names and Python models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8stui.api import apps, core, discovery, networking
from k8stui.api.meta import KubeObject


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of the API: `plural` names it in URLs and messages, `short_names` are kubectl's."""

    kind: str
    group: str
    version: str
    plural: str
    model: type[KubeObject]
    namespaced: bool = True
    short_names: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The resource as messages name it: ``deployments.apps``, ``services``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """The kind as messages name it: ``Deployment.apps``, ``Service``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


RESOURCES: tuple[Resource, ...] = (
    Resource("Namespace", "", "v1", "namespaces", core.Namespace, False, ("ns",)),
    Resource("Node", "", "v1", "nodes", core.Node, False, ("no",)),
    Resource("Pod", "", "v1", "pods", core.Pod, True, ("po",)),
    Resource("Service", "", "v1", "services", core.Service, True, ("svc",)),
    Resource("Endpoints", "", "v1", "endpoints", core.Endpoints, True, ("ep",)),
    Resource("ConfigMap", "", "v1", "configmaps", core.ConfigMap, True, ("cm",)),
    Resource("Event", "", "v1", "events", core.Event, True, ("ev",)),
    Resource("Deployment", "apps", "v1", "deployments", apps.Deployment, True, ("deploy",)),
    Resource("ReplicaSet", "apps", "v1", "replicasets", apps.ReplicaSet, True, ("rs",)),
    Resource("StatefulSet", "apps", "v1", "statefulsets", apps.StatefulSet, True, ("sts",)),
    Resource("DaemonSet", "apps", "v1", "daemonsets", apps.DaemonSet, True, ("ds",)),
    Resource("ControllerRevision", "apps", "v1", "controllerrevisions", apps.ControllerRevision),
    Resource("Job", "batch", "v1", "jobs", apps.Job),
    Resource("EndpointSlice", "discovery.k8s.io", "v1", "endpointslices", discovery.EndpointSlice),
    Resource(
        "NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", networking.NetworkPolicy, True, ("netpol",)
    ),
    Resource("Ingress", "networking.k8s.io", "v1", "ingresses", networking.Ingress, True, ("ing",)),
    Resource("IngressClass", "networking.k8s.io", "v1", "ingressclasses", networking.IngressClass, False),
)

_BY_KIND = {(resource.api_version, resource.kind): resource for resource in RESOURCES}
_BY_NAME = {resource.kind: resource for resource in RESOURCES}


def resource_of(api_version: str, kind: str) -> Resource | None:
    """Return the resource of an apiVersion and kind, or None."""
    return _BY_KIND.get((api_version, kind))


def resource_named(kind: str) -> Resource:
    """Return the resource of a kind alone (no two kinds here share a name); raises KeyError."""
    return _BY_NAME[kind]


def decode(wire: Mapping[str, Any]) -> KubeObject:
    """Return the typed object of a JSON value whose fields are known to be right.

    Namespaced objects without a namespace get ``default``. Raises KeyError for an unknown kind and
    pydantic.ValidationError where a field has the wrong type.
    """
    resource = _BY_KIND[wire.get("apiVersion", ""), wire.get("kind", "")]
    obj = resource.model.model_validate(wire)
    if resource.namespaced and not obj.namespace:
        return obj.with_(metadata=obj.metadata.with_(namespace="default"))
    if not resource.namespaced and obj.namespace:
        return obj.with_(metadata=obj.metadata.with_(namespace=None))
    return obj
