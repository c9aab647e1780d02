"""What the API server keeps of an object: null and empty values are dropped where Go's ``omitempty`` drops them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8stui.api.quantity import canonical

# Maps of texts: their values are data, empty ones included.
_DATA = frozenset(
    {
        "allocatable",
        "annotations",
        "binaryData",
        "capacity",
        "data",
        "hard",
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

_QUANTITIES = frozenset({"limits", "requests", "overhead", "capacity", "allocatable", "hard"})

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
        "storageClassName",
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
    "NetworkPolicy": _KEPT | {"protocol"},
    "DaemonSet": _KEPT | {"currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"},
    "StatefulSet": _KEPT | {"availableReplicas", "serviceName"},
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
    "grpc": frozenset({"service"}),
}
_NOT_KEPT_UNDER: Mapping[str, frozenset[str]] = {
    "livenessProbe": frozenset({"timeoutSeconds"}),
    "readinessProbe": frozenset({"timeoutSeconds"}),
    "startupProbe": frozenset({"timeoutSeconds"}),
    "tolerations": frozenset({"key"}),
    "spec": frozenset({"nodeName"}),
}
_NOTHING: frozenset[str] = frozenset()


def omit(wire: Mapping[str, Any], *, empty: bool = False) -> dict[str, Any]:
    """Return a deep copy of an object without what the API server would not store.

    Null is absent everywhere; an empty list, map or scalar is where the field is no pointer in Go. An empty object
    (``podSelector: {}``) stays. Null within a list is an empty object there, as Go reads it. With `empty`, empty lists
    and maps stay, too: the server has them in mind until it writes, and prints them in its refusals.
    """
    kind = wire.get("kind")
    kept = _KEPT_OF_KIND.get(kind, _KEPT) if isinstance(kind, str) else _KEPT
    return _Omission(kept, kind == "Service", empty).object(wire, "")


@dataclass(frozen=True, slots=True)
class _Omission:
    """One pass over an object: the fields that stay when they are zero, and whether `selector` is a map of texts."""

    kept: frozenset[str]
    selector_is_map: bool
    empty: bool

    def object(self, value: Mapping[str, Any], parent: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        also, but = _KEPT_UNDER.get(parent, _NOTHING), _NOT_KEPT_UNDER.get(parent, _NOTHING)
        for name, item in value.items():
            if item is None:
                continue
            if isinstance(item, dict):
                if name in _DATA or (self.selector_is_map and name == "selector"):
                    if item or self.empty:
                        result[name] = _amounts(item) if name in _QUANTITIES else _texts(item)
                else:
                    result[name] = self.object(item, name)
            elif isinstance(item, list):
                if item or self.empty:
                    result[name] = [self.entry(entry, name) for entry in item]
            elif name == "sizeLimit" and isinstance(item, str):
                result[name] = canonical(item)
            elif item or ((name in self.kept or name in also) and name not in but):
                result[name] = item
        return result

    def entry(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return self.object(value, name)
        if isinstance(value, list):
            return [self.entry(entry, name) for entry in value]
        if value is None:
            return {} if name not in _LISTS_OF_TEXT else ""
        return value


def _texts(data: dict[str, Any]) -> dict[str, Any]:
    return {key: "" if text is None else text for key, text in data.items()}


def _amounts(data: dict[str, Any]) -> dict[str, Any]:
    return {key: canonical(text) if isinstance(text, str) else text for key, text in data.items() if text is not None}


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
