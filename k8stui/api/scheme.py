"""Which kinds exist: their API group, names and Python models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

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
        """Group and version as manifests write them: ``apps/v1``, ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The resource as messages name it: ``deployments.apps``, ``services``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """The kind as messages name it: ``Deployment.apps``, ``Service``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


def _stored(kind: str, group: str, plural: str, *short: str, version: str = "v1", namespaced: bool = True) -> Resource:
    """A kind that is stored and returned as it is; nothing here acts on it."""
    body = {"__module__": __name__, "__doc__": f"A {kind}; stored and returned.", "model_config": {"defer_build": True}}
    model = cast("type[KubeObject]", type(kind, (KubeObject,), body))
    return Resource(kind, group, version, plural, model, namespaced, short)


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
    _stored("Secret", "", "secrets"),
    _stored("ServiceAccount", "", "serviceaccounts", "sa"),
    _stored("PersistentVolumeClaim", "", "persistentvolumeclaims", "pvc"),
    _stored("PersistentVolume", "", "persistentvolumes", "pv", namespaced=False),
    _stored("ReplicationController", "", "replicationcontrollers", "rc"),
    _stored("PodTemplate", "", "podtemplates"),
    _stored("LimitRange", "", "limitranges", "limits"),
    _stored("ResourceQuota", "", "resourcequotas", "quota"),
    _stored("CronJob", "batch", "cronjobs", "cj"),
    _stored("PodDisruptionBudget", "policy", "poddisruptionbudgets", "pdb"),
    _stored("HorizontalPodAutoscaler", "autoscaling", "horizontalpodautoscalers", "hpa", version="v2"),
    _stored("IPAddress", "networking.k8s.io", "ipaddresses", "ip", namespaced=False),
    _stored("ServiceCIDR", "networking.k8s.io", "servicecidrs", namespaced=False),
    _stored("Role", "rbac.authorization.k8s.io", "roles"),
    _stored("RoleBinding", "rbac.authorization.k8s.io", "rolebindings"),
    _stored("ClusterRole", "rbac.authorization.k8s.io", "clusterroles", namespaced=False),
    _stored("ClusterRoleBinding", "rbac.authorization.k8s.io", "clusterrolebindings", namespaced=False),
    _stored("StorageClass", "storage.k8s.io", "storageclasses", "sc", namespaced=False),
    _stored("PriorityClass", "scheduling.k8s.io", "priorityclasses", "pc", namespaced=False),
    _stored("Lease", "coordination.k8s.io", "leases"),
    _stored("RuntimeClass", "node.k8s.io", "runtimeclasses", namespaced=False),
    _stored("CustomResourceDefinition", "apiextensions.k8s.io", "customresourcedefinitions", "crd", namespaced=False),
)

_BY_KIND = {(resource.api_version, resource.kind): resource for resource in RESOURCES}
_BY_NAME = {resource.kind: resource for resource in RESOURCES}


def resource_of(api_version: str, kind: str) -> Resource | None:
    """Return the resource of an apiVersion and kind, or None."""
    return _BY_KIND.get((api_version, kind))


def resource_named(kind: str) -> Resource:
    """Return the resource of a kind alone (no two kinds here share a name); raises KeyError."""
    return _BY_NAME[kind]


def no_match(api_version: str, kind: str) -> str:
    """Return what a client says of a kind that the API does not serve in this version."""
    return f'no matches for kind "{kind}" in version "{api_version}"'


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
