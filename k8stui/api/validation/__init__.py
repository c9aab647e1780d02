"""What the API server refuses, in its own words; one module a group of kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import (
    endpoint_slices,
    endpoints,
    ingresses,
    jobs,
    network_policies,
    others,
    pod_update,
    pods,
    service_update,
    services,
    stateful_sets,
    workloads,
)
from k8stui.api.validation.meta import validate_common_meta, validate_meta_update

Wire = Mapping[str, Any]

_CREATE: Mapping[str, Callable[[Wire], list[FieldError]]] = {
    "Namespace": others.validate_namespace,
    "Pod": pods.validate_new_pod,
    "Service": services.validate_new_service,
    "Endpoints": endpoints.validate_endpoints,
    "EndpointSlice": endpoint_slices.validate_endpoint_slice,
    "NetworkPolicy": network_policies.validate_network_policy,
    "ConfigMap": others.validate_config_map,
    "Ingress": ingresses.validate_ingress,
    "IngressClass": ingresses.validate_ingress_class,
    "Job": jobs.validate_job,
    "Deployment": workloads.validate_deployment,
    "ReplicaSet": workloads.validate_replica_set,
    "DaemonSet": workloads.validate_daemon_set,
    "StatefulSet": stateful_sets.validate_stateful_set,
}
_UPDATE: Mapping[str, Callable[[Wire, Wire], list[FieldError]]] = {
    "Pod": pod_update.validate_pod_update,
    "Service": service_update.validate_service_update,
    "Endpoints": endpoints.validate_endpoints_update,
    "EndpointSlice": endpoint_slices.validate_endpoint_slice_update,
    "NetworkPolicy": network_policies.validate_network_policy_update,
    "ConfigMap": others.validate_config_map_update,
    "Ingress": ingresses.validate_ingress_update,
    "IngressClass": ingresses.validate_ingress_class_update,
    "Job": jobs.validate_job_update,
    "Deployment": workloads.validate_deployment_update,
    "ReplicaSet": workloads.validate_replica_set_update,
    "DaemonSet": workloads.validate_daemon_set_update,
    "StatefulSet": stateful_sets.validate_stateful_set_update,
}


def validate_create(wire: Wire) -> list[FieldError]:
    """Return the errors of a new object after its defaults, in the server's order."""
    check = _CREATE.get(wire.get("kind", ""), others.validate_other)
    return check(wire)


def validate_update(wire: Wire, old: Wire) -> list[FieldError]:
    """Return the errors of an object that replaces a stored one, in the server's order.

    What is wrong with the metadata is said as often as the server says it: by its common checks, then by the kind's.
    """
    meta, before = wire.get("metadata") or {}, old.get("metadata") or {}
    errors = validate_common_meta(meta) + validate_meta_update(meta, before)
    check = _UPDATE.get(wire.get("kind", ""))
    return errors + (check(wire, old) if check is not None else validate_meta_update(meta, before))


def validate_status_update(wire: Wire, old: Wire) -> list[FieldError]:
    """Return the errors of a status that replaces a stored one."""
    meta, before = wire.get("metadata") or {}, old.get("metadata") or {}
    errors = validate_common_meta(meta) + validate_meta_update(meta, before)
    if wire.get("kind") == "Service":
        errors += others.validate_load_balancer_status(wire)
    return errors
