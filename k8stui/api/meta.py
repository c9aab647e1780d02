"""The parts that every Kubernetes object has: metadata, owner references, label selectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_IRREGULAR = {
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "external_ips": "externalIPs",
    "load_balancer_ip": "loadBalancerIP",
    "pod_ip": "podIP",
    "pod_ips": "podIPs",
    "host_ip": "hostIP",
    "host_ips": "hostIPs",
    "pod_cidr": "podCIDR",
    "pod_cidrs": "podCIDRs",
    "provider_id": "providerID",
    "container_id": "containerID",
    "image_id": "imageID",
    "client_ip": "clientIP",
    "from_": "from",
    "except_": "except",
    "http_get": "httpGet",
    "api_version": "apiVersion",
}


def wire_name(attribute: str) -> str:
    """Return the field name on the wire (``clusterIP``) of a model attribute (``cluster_ip``)."""
    return _IRREGULAR.get(attribute) or to_camel(attribute)


class Model(BaseModel):
    """A frozen value read from the wire. Fields without an attribute of their own are kept unchanged."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=wire_name,
        populate_by_name=True,
        protected_namespaces=(),
    )

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON value of this object: lists and dicts, no field that is not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)

    def with_(self, **changes: Any) -> Self:
        """Return a copy with these attributes replaced; the new values are trusted."""
        return self.model_copy(update=changes)


class OwnerReference(Model):
    """The object that another one belongs to."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ObjectMeta(Model):
    """Name, labels, owners and life span of an object. Times are RFC 3339 texts."""

    name: str = ""
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    finalizers: tuple[str, ...] | None = None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages this object, if there is one."""
        for reference in self.owner_references or ():
            if reference.controller:
                return reference
        return None


class KubeObject(Model):
    """An object with kind and metadata; the kinds of one API group are its subclasses."""

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = ObjectMeta()

    @property
    def name(self) -> str:
        """The name, empty before a generated one is drawn."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The namespace, or an empty text for objects that belong to the cluster."""
        return self.metadata.namespace or ""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels, empty where there are none."""
        return self.metadata.labels or {}

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations, empty where there are none."""
        return self.metadata.annotations or {}

    @property
    def terminating(self) -> bool:
        """Whether the object was deleted and still waits for its end."""
        return self.metadata.deletion_timestamp is not None


class LabelSelectorRequirement(Model):
    """One expression of a selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels satisfy this expression (``NotIn`` holds where the key is absent)."""
        values = self.values or ()
        match self.operator:
            case "In":
                return labels.get(self.key) in values if self.key in labels else False
            case "NotIn":
                return self.key not in labels or labels[self.key] not in values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
        return False


class LabelSelector(Model):
    """A selector with labels and expressions; all must hold. An empty one matches everything."""

    match_labels: Mapping[str, str] | None = None
    match_expressions: tuple[LabelSelectorRequirement, ...] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels satisfy every condition."""
        return all(labels.get(key) == value for key, value in (self.match_labels or {}).items()) and all(
            expression.matches(labels) for expression in self.match_expressions or ()
        )
