"""What the API server keeps of an object: null and empty values are dropped where Go's ``omitempty`` drops them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Maps of texts: their values are data, empty ones included.
_DATA = frozenset(
    {
        "annotations",
        "binaryData",
        "data",
        "labels",
        "limits",
        "matchLabels",
        "nodeSelector",
        "overhead",
        "requests",
        "stringData",
        "volumeAttributes",
    }
)

# Fields that Go holds as pointers, or writes whatever they are: zero is a value of its own.
_KEPT = frozenset(
    {
        "activeDeadlineSeconds",
        "allocateLoadBalancerNodePorts",
        "allowPrivilegeEscalation",
        "apiVersion",
        "automountServiceAccountToken",
        "backoffLimit",
        "blockOwnerDeletion",
        "collisionCount",
        "completions",
        "containerPort",
        "controller",
        "defaultMode",
        "deletionGracePeriodSeconds",
        "enableServiceLinks",
        "endPort",
        "expirationSeconds",
        "externalID",
        "failed",
        "fsGroup",
        "fsGroupChangePolicy",
        "hostUsers",
        "immutable",
        "internalTrafficPolicy",
        "ipFamilyPolicy",
        "key",
        "kind",
        "leaseDurationSeconds",
        "loadBalancerClass",
        "maxSurge",
        "maxUnavailable",
        "minDomains",
        "mode",
        "mountPath",
        "nodeName",
        "optional",
        "parallelism",
        "partition",
        "port",
        "preemptionPolicy",
        "priority",
        "privileged",
        "procMount",
        "progressDeadlineSeconds",
        "readOnlyRootFilesystem",
        "ready",
        "replicas",
        "restartCount",
        "revision",
        "revisionHistoryLimit",
        "runAsGroup",
        "runAsNonRoot",
        "runAsUser",
        "runtimeClassName",
        "seconds",
        "serving",
        "setHostnameAsFQDN",
        "shareProcessNamespace",
        "started",
        "suspend",
        "targetPort",
        "terminating",
        "terminationGracePeriodSeconds",
        "timeoutSeconds",
        "tolerationSeconds",
        "trafficDistribution",
        "ttlSecondsAfterFinished",
    }
)

# Of one kind or under one parent alone.
_KEPT_OF_KIND: Mapping[str, frozenset[str]] = {
    "EndpointSlice": _KEPT | {"name", "appProtocol", "protocol", "hostname", "zone", "deprecatedTopology"},
    "DaemonSet": _KEPT | {"currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"},
    "StatefulSet": _KEPT | {"availableReplicas"},
}
_KEPT_UNDER: Mapping[str, frozenset[str]] = {
    "options": frozenset({"value"}),
    "httpHeaders": frozenset({"name", "value"}),
    "containers": frozenset({"name"}),
    "initContainers": frozenset({"name"}),
    "env": frozenset({"name"}),
    "volumes": frozenset({"name"}),
    "volumeMounts": frozenset({"name"}),
    "hostAliases": frozenset({"ip"}),
    "addresses": frozenset({"ip"}),
    "notReadyAddresses": frozenset({"ip"}),
    "ipBlock": frozenset({"cidr"}),
    "matchExpressions": frozenset({"operator"}),
    "ownerReferences": frozenset({"name", "uid"}),
    "ports": frozenset({"appProtocol"}),
    "livenessProbe": frozenset(),
}
_NOT_KEPT_UNDER: Mapping[str, frozenset[str]] = {
    "livenessProbe": frozenset({"timeoutSeconds"}),
    "readinessProbe": frozenset({"timeoutSeconds"}),
    "startupProbe": frozenset({"timeoutSeconds"}),
    "tolerations": frozenset({"key"}),
    "spec": frozenset({"nodeName"}),
}
_NOTHING: frozenset[str] = frozenset()


def omit(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of an object without what the API server would not store.

    Null is absent everywhere; an empty list, map or scalar is where the field is no pointer in Go. An empty object
    (``podSelector: {}``) stays. Null within a list is an empty object there, as Go reads it.
    """
    kind = wire.get("kind")
    kept = _KEPT_OF_KIND.get(kind, _KEPT) if isinstance(kind, str) else _KEPT
    return _object(wire, kept, "", isinstance(kind, str) and kind == "Service")


def _object(value: Mapping[str, Any], kept: frozenset[str], parent: str, service: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    also, but = _KEPT_UNDER.get(parent, _NOTHING), _NOT_KEPT_UNDER.get(parent, _NOTHING)
    for name, item in value.items():
        if item is None:
            continue
        if isinstance(item, Mapping):
            if name in _DATA or (service and name == "selector"):
                if item:
                    result[name] = {key: "" if text is None else text for key, text in item.items()}
            else:
                result[name] = _object(item, kept, name, service)
        elif isinstance(item, list):
            if item:
                result[name] = [_item(entry, kept, name, service) for entry in item]
        elif item or ((name in kept or name in also) and name not in but):
            result[name] = item
    return result


def _item(value: Any, kept: frozenset[str], name: str, service: bool) -> Any:
    if isinstance(value, Mapping):
        return _object(value, kept, name, service)
    if isinstance(value, list):
        return [_item(entry, kept, name, service) for entry in value]
    if value is None:
        return {} if name not in _LISTS_OF_TEXT else ""
    return value


_LISTS_OF_TEXT = frozenset(
    {
        "addresses",
        "args",
        "clusterIPs",
        "command",
        "except",
        "externalIPs",
        "finalizers",
        "hostnames",
        "ipFamilies",
        "loadBalancerSourceRanges",
        "nameservers",
        "podCIDRs",
        "policyTypes",
        "searches",
        "values",
    }
)
