"""A pod's spec as the API server holds it in memory: its own structures, which it prints when a change is refused.

kubernetes: pkg/apis/core/types.go. Each table gives the fields of one structure in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A field's wire name and what stands there when it is not set: null for pointers, lists and maps.
_Fields = tuple[tuple[str, Any], ...]


def _pointers(names: str) -> _Fields:
    return tuple((name, None) for name in names.split())


_POD_SECURITY: _Fields = (
    ("hostNetwork", False),
    ("hostPID", False),
    ("hostIPC", False),
    *_pointers(
        "shareProcessNamespace hostUsers seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot "
        "supplementalGroups supplementalGroupsPolicy fsGroup fsGroupChangePolicy sysctls seccompProfile "
        "appArmorProfile seLinuxChangePolicy"
    ),
)
_RESOURCES: _Fields = _pointers("limits requests claims")
_PORT: _Fields = (("name", ""), ("hostPort", 0), ("containerPort", 0), ("protocol", ""), ("hostIP", ""))
_HANDLER: _Fields = _pointers("exec httpGet tcpSocket grpc")
_PROBE: _Fields = (
    *_HANDLER,
    ("initialDelaySeconds", 0),
    ("timeoutSeconds", 0),
    ("periodSeconds", 0),
    ("successThreshold", 0),
    ("failureThreshold", 0),
    ("terminationGracePeriodSeconds", None),
)
_CONTAINER: _Fields = (
    ("name", ""),
    ("image", ""),
    ("command", None),
    ("args", None),
    ("workingDir", ""),
    *_pointers("ports envFrom env"),
    ("resources", {}),
    *_pointers(
        "resizePolicy restartPolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe "
        "startupProbe lifecycle"
    ),
    ("terminationMessagePath", ""),
    ("terminationMessagePolicy", ""),
    ("imagePullPolicy", ""),
    ("securityContext", None),
    ("stdin", False),
    ("stdinOnce", False),
    ("tty", False),
)
_POD: _Fields = (
    *_pointers("volumes initContainers containers ephemeralContainers"),
    ("restartPolicy", ""),
    *_pointers("terminationGracePeriodSeconds activeDeadlineSeconds"),
    ("dnsPolicy", ""),
    ("nodeSelector", None),
    ("serviceAccountName", ""),
    ("automountServiceAccountToken", None),
    ("nodeName", ""),
    *_pointers("securityContext imagePullSecrets"),
    ("hostname", ""),
    ("subdomain", ""),
    *_pointers("setHostnameAsFQDN affinity"),
    ("schedulerName", ""),
    *_pointers("tolerations hostAliases"),
    ("priorityClassName", ""),
    *_pointers(
        "priority preemptionPolicy dnsConfig readinessGates runtimeClassName overhead enableServiceLinks "
        "topologySpreadConstraints os schedulingGates resourceClaims resources hostnameOverride schedulingGroup"
    ),
)
_VOLUME: _Fields = (
    ("name", ""),
    *_pointers(
        "hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs "
        "persistentVolumeClaim rbd quobyte flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap "
        "vsphereVolume azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image"
    ),
)
_MOUNT: _Fields = (
    ("name", ""),
    ("readOnly", False),
    ("recursiveReadOnly", None),
    ("mountPath", ""),
    ("subPath", ""),
    ("mountPropagation", None),
    ("subPathExpr", ""),
)
_TOLERATION: _Fields = (
    ("key", ""),
    ("operator", ""),
    ("value", ""),
    ("effect", ""),
    ("tolerationSeconds", None),
)

_TABLES: Mapping[str, _Fields] = {
    "containers": _CONTAINER,
    "initContainers": _CONTAINER,
    "ephemeralContainers": (*_CONTAINER, ("targetContainerName", "")),
    "ports": _PORT,
    "resources": _RESOURCES,
    "volumes": _VOLUME,
    "volumeMounts": _MOUNT,
    "tolerations": _TOLERATION,
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "lifecycle": _pointers("postStart preStop stopSignal"),
    "postStart": _pointers("exec httpGet tcpSocket sleep"),
    "preStop": _pointers("exec httpGet tcpSocket sleep"),
    "exec": (("command", None),),
    "httpGet": (("path", ""), ("port", 0), ("host", ""), ("scheme", ""), ("httpHeaders", None)),
    "httpHeaders": (("name", ""), ("value", "")),
    "tcpSocket": (("port", 0), ("host", "")),
    "grpc": (("port", 0), ("service", None)),
    "env": (("name", ""), ("value", ""), ("valueFrom", None)),
    "valueFrom": _pointers("fieldRef resourceFieldRef configMapKeyRef secretKeyRef fileKeyRef"),
    "fieldRef": (("apiVersion", ""), ("fieldPath", "")),
    "configMapKeyRef": (("name", ""), ("key", ""), ("optional", None)),
    "secretKeyRef": (("name", ""), ("key", ""), ("optional", None)),
    "envFrom": (("prefix", ""), *_pointers("configMapRef secretRef")),
    "configMapRef": (("name", ""), ("optional", None)),
    "secretRef": (("name", ""), ("optional", None)),
    "emptyDir": (("medium", ""), ("sizeLimit", None)),
    "hostPath": (("path", ""), ("type", None)),
    "configMap": (("name", ""), *_pointers("items defaultMode optional")),
    "secret": (("secretName", ""), *_pointers("items defaultMode optional")),
    "downwardAPI": _pointers("items defaultMode"),
    "persistentVolumeClaim": (("claimName", ""), ("readOnly", False)),
    "projected": _pointers("sources defaultMode"),
    "sources": _pointers("secret downwardAPI configMap serviceAccountToken clusterTrustBundle podCertificate"),
    "serviceAccountToken": (("audience", ""), ("expirationSeconds", 0), ("path", "")),
    "dnsConfig": _pointers("nameservers searches options"),
    "options": (("name", ""), ("value", None)),
    "hostAliases": (("ip", ""), ("hostnames", None)),
    "readinessGates": (("conditionType", ""),),
    "imagePullSecrets": (("name", ""),),
}
_SOURCE_TABLES: Mapping[str, _Fields] = {
    "configMap": (("name", ""), *_pointers("items optional")),
    "secret": (("name", ""), *_pointers("items optional")),
    "downwardAPI": _pointers("items"),
}
_KEY_ITEM: _Fields = (("key", ""), ("path", ""), ("mode", None))
_FIELD_ITEM: _Fields = (("path", ""), ("fieldRef", None), ("resourceFieldRef", None), ("mode", None))
_NAMES = {
    "os": "OS",
    "tty": "TTY",
    "ip": "IP",
    "dnsPolicy": "DNSPolicy",
    "dnsConfig": "DNSConfig",
    "httpGet": "HTTPGet",
    "httpHeaders": "HTTPHeaders",
    "tcpSocket": "TCPSocket",
    "grpc": "GRPC",
    "gcePersistentDisk": "GCEPersistentDisk",
    "awsElasticBlockStore": "AWSElasticBlockStore",
    "nfs": "NFS",
    "iscsi": "ISCSI",
    "rbd": "RBD",
    "cephfs": "CephFS",
    "fc": "FC",
    "csi": "CSI",
    "storageos": "StorageOS",
    "apiVersion": "APIVersion",
    "fsGroup": "FSGroup",
    "fsGroupChangePolicy": "FSGroupChangePolicy",
    "seLinuxOptions": "SELinuxOptions",
    "seLinuxChangePolicy": "SELinuxChangePolicy",
}
_MAPS = frozenset({"nodeSelector", "limits", "requests", "overhead", "matchLabels"})
_IN_SECURITY = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")


def internal_pod_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pod's spec with Go's field names and order, every field there, as the server would print it."""
    security = dict(spec.get("securityContext") or {})
    security |= {name: spec[name] for name in _IN_SECURITY if name in spec}
    return _struct({**spec, "securityContext": security}, _POD, "spec")


def internal(name: str, value: Mapping[str, Any]) -> Any:
    """Return the value of one field of a pod's spec, or an entry of its list, as `internal_pod_spec` does."""
    return _value(name, value, "")


def _struct(value: Mapping[str, Any], fields: _Fields, parent: str) -> dict[str, Any]:
    shown = {}
    for name, absent in fields:
        item = value.get(name)
        shown[_go_name(name)] = _value(name, absent if item is None else item, parent)
    return shown


def _go_name(name: str) -> str:
    return _NAMES.get(name) or name[:1].upper() + name[1:]


def _value(name: str, value: Any, parent: str) -> Any:
    if isinstance(value, list | tuple):
        return [_value(name, entry, parent) for entry in value] or None
    if not isinstance(value, Mapping):
        return value
    if name in _MAPS:
        return dict(sorted(value.items()))
    table = _table(name, value, parent)
    if table is None:
        return {_go_name(key): _value(key, item, name) for key, item in value.items()}
    return _struct(value, table, name)


def _table(name: str, value: Mapping[str, Any], parent: str) -> _Fields | None:
    if name == "securityContext" and parent == "spec":
        return _POD_SECURITY
    if parent == "sources" and name in _SOURCE_TABLES:
        return _SOURCE_TABLES[name]
    if name == "items":
        return _FIELD_ITEM if "fieldRef" in value or "resourceFieldRef" in value else _KEY_ITEM
    return _TABLES.get(name)
