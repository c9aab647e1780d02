"""What the API server fills in where a manifest is silent (kubernetes: pkg/apis/*/v1/defaults.go)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8stui.api.defaults import others, pods, services, workloads
from k8stui.api.omit import omit

_DEFAULTERS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "Namespace": others.namespace,
    "Endpoints": others.endpoints,
    "EndpointSlice": others.endpoint_slice,
    "NetworkPolicy": others.network_policy,
    "IngressClass": others.ingress_class,
    "Pod": pods.pod,
    "Service": services.service,
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.replica_set,
    "StatefulSet": workloads.stateful_set,
    "DaemonSet": workloads.daemon_set,
    "Job": workloads.job,
}


def default(wire: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a copy of an object with the defaults of its kind filled in and nothing in it that is not stored.

    `old` is the stored object that this one replaces; no default of today depends on it.
    """
    return omit(fill(wire))


def fill(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of an object with the defaults filled in, as the server holds it in mind until it writes it."""
    result = omit(wire, empty=True)
    defaulter = _DEFAULTERS.get(result.get("kind", ""))
    if defaulter is not None:
        defaulter(result)
    return result
