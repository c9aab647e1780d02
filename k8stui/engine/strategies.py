"""What each kind does with an object before it is validated, and how its generation counts.

kubernetes: pkg/registry/*/*/strategy.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Kinds whose generation counts; the field that does not count is their status.
_COUNTED = frozenset(
    {
        "Pod",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "EndpointSlice",
        "NetworkPolicy",
        "Ingress",
        "IngressClass",
    }
)
_STATUS_OF_NEW: Mapping[str, Mapping[str, Any]] = {
    "Deployment": {},
    "ReplicaSet": {"replicas": 0},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "DaemonSet": {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    "Ingress": {"loadBalancer": {}},
    "Job": {},
}
_SYSTEM_META = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "resourceVersion",
    "selfLink",
    "managedFields",
)


def prepare_create(value: dict[str, Any]) -> None:
    """Clear what only the system writes: its part of the metadata, and the status."""
    meta = value["metadata"]
    for name in _SYSTEM_META:
        meta.pop(name, None)
    kind = value["kind"]
    if kind in _COUNTED:
        meta["generation"] = 1
    if kind in _STATUS_OF_NEW:
        value["status"] = dict(_STATUS_OF_NEW[kind])
    if kind == "Pod":
        if value["spec"].get("terminationGracePeriodSeconds", 0) < 0:
            value["spec"]["terminationGracePeriodSeconds"] = 1
        value["status"] = {"phase": "Pending", "qosClass": qos_class(value["spec"])}
    elif kind == "EndpointSlice":
        drop_topology(value, {})
    elif kind == "StatefulSet":
        drop_max_unavailable(value)
    elif kind == "Namespace":
        value["spec"] = {**value.get("spec", {}), "finalizers": ["kubernetes"]}
        value["status"] = {"phase": "Active"}


def drop_topology(value: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Drop the topology of older API versions from the endpoints of a slice, unless it is stored already."""
    if not any("deprecatedTopology" in endpoint for endpoint in old.get("endpoints") or ()):
        for endpoint in value.get("endpoints") or ():
            endpoint.pop("deprecatedTopology", None)


def drop_max_unavailable(value: dict[str, Any]) -> None:
    """Drop a field of StatefulSets that is behind a feature gate."""
    value["spec"].get("updateStrategy", {}).get("rollingUpdate", {}).pop("maxUnavailable", None)


def carry_over(value: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Keep the metadata that only the system writes (kubernetes: rest.BeforeUpdate, ValidateObjectMetaUpdate)."""
    meta, before = value.setdefault("metadata", {}), old["metadata"]
    for name in ("managedFields", "selfLink"):
        meta.pop(name, None)
    for name in ("uid", "resourceVersion", "deletionGracePeriodSeconds"):
        if name in before:
            meta.setdefault(name, before[name])
    for name in ("creationTimestamp", "deletionTimestamp"):
        if name in before:
            meta[name] = before[name]
    if "generation" in before:
        meta["generation"] = before["generation"]
    else:
        meta.pop("generation", None)


def prepare_update(value: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Keep the status as it is stored: the main endpoint does not write it."""
    if value["kind"] == "EndpointSlice":
        drop_topology(value, old)
    elif value["kind"] == "StatefulSet":
        drop_max_unavailable(value)
    if value["kind"] in ("Service", "ConfigMap", "Endpoints", "EndpointSlice", "NetworkPolicy", "Event"):
        return
    if "status" in old:
        value["status"] = old["status"]
    else:
        value.pop("status", None)
    if value["kind"] == "Namespace" and "finalizers" in old.get("spec", {}):
        value["spec"] = {**value.get("spec", {}), "finalizers": old["spec"]["finalizers"]}


def count_generation(value: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Count a change of anything but metadata and status; EndpointSlices count labels, too."""
    kind = value["kind"]
    if kind not in _COUNTED:
        return
    changed = _counted_part(value) != _counted_part(old)
    if kind == "EndpointSlice":
        changed = changed or value["metadata"].get("labels") != old["metadata"].get("labels")
    if kind == "Deployment":
        changed = changed or value["metadata"].get("annotations") != old["metadata"].get("annotations")
    if changed:
        value["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _counted_part(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name not in ("metadata", "status", "kind", "apiVersion")}


def unchanged(value: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Tell whether an update changes nothing, so that nothing is written."""
    return value == old


def released(value: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Tell whether an update takes the last finalizer off an object that was deleted before."""
    meta, before = value["metadata"], old["metadata"]
    waits = "deletionTimestamp" in before and bool(before.get("finalizers"))
    return waits and not meta.get("finalizers") and not before.get("deletionGracePeriodSeconds")


def answer(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the value as the server prints it: a slice without endpoints says ``null``."""
    if value["kind"] == "EndpointSlice":
        return {**value, "endpoints": value.get("endpoints"), "ports": value.get("ports")}
    return value


def qos_class(spec: Mapping[str, Any]) -> str:
    """Return a pod's quality of service (kubernetes: pkg/apis/core/helper/qos)."""
    containers = [*spec.get("containers", ()), *spec.get("initContainers", ())]
    guaranteed = bool(containers)
    any_set = False
    for container in containers:
        resources = container.get("resources", {})
        limits, wanted = resources.get("limits", {}), resources.get("requests", {})
        for name in ("cpu", "memory"):
            limit, request = limits.get(name), wanted.get(name, limits.get(name))
            any_set = any_set or limit is not None or request is not None
            if limit is None or request != limit:
                guaranteed = False
    if not any_set:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"
