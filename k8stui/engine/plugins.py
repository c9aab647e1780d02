"""The admission plug-ins that change or refuse objects beyond their own rules.

kubernetes: plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority}
"""

from __future__ import annotations

from typing import Any

from k8stui.api import scheme
from k8stui.engine import refusals
from k8stui.engine.clock import suffix
from k8stui.engine.store import Store

_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_PREEMPTION = "PreemptLowerPriority"
_TOLERATION_SECONDS = 300
_PRIORITIES = {"system-cluster-critical": 2000000000, "system-node-critical": 2000001000}


def admit(store: Store, resource: scheme.Resource, value: dict[str, Any]) -> None:
    """Change a new object as the plug-ins do, in place; raises Forbidden."""
    if resource.kind == "Pod":
        spec = value["spec"]
        _service_account(store, resource, value)
        _tolerations(spec)
        _priority(resource, value)
        _runtime_class(resource, value)


def _priority(resource: scheme.Resource, value: dict[str, Any]) -> None:
    """Give a pod its class's priority; the classes that exist are the system's own."""
    spec, name = value["spec"], value["metadata"].get("name", "")
    chosen = spec.get("priorityClassName", "")
    if chosen and chosen not in _PRIORITIES:
        raise refusals.forbidden(resource, name, f"no PriorityClass with name {chosen} was found")
    priority = _PRIORITIES.get(chosen, 0)
    if spec.get("priority", priority) != priority:
        text = (
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {priority} from the given PriorityClass name"
        )
        raise refusals.forbidden(resource, name, text)
    spec["priority"] = priority
    policy = spec.setdefault("preemptionPolicy", _PREEMPTION)
    if policy != _PREEMPTION:
        text = (
            f"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; "
            f"priority admission controller computed {_PREEMPTION} from the given PriorityClass name"
        )
        raise refusals.forbidden(resource, name, text)


def _runtime_class(resource: scheme.Resource, value: dict[str, Any]) -> None:
    """Refuse a pod that names a runtime class: the cluster has none."""
    name = value["spec"].get("runtimeClassName")
    if name is not None:
        text = f'pod rejected: RuntimeClass "{name}" not found'
        raise refusals.forbidden(resource, value["metadata"].get("name", ""), text)


def _service_account(store: Store, resource: scheme.Resource, value: dict[str, Any]) -> None:
    """Give a pod its namespace's account and the volume with its token; the only account that exists is default."""
    spec, meta = value["spec"], value["metadata"]
    account = spec.get("serviceAccountName") or "default"
    if account != "default":
        namespace = meta.get("namespace", "default")
        text = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
        raise refusals.forbidden(resource, meta.get("name", ""), text)
    spec["serviceAccountName"] = spec["serviceAccount"] = account
    if spec.get("automountServiceAccountToken") is False:
        return
    stream = f"token/{meta.get('namespace', '')}/{meta.get('name', '')}"
    volume = f"kube-api-access-{suffix(store.world.seed, stream, 0)}"
    mounted = False
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        mounts = container.setdefault("volumeMounts", [])
        if not any(mount.get("mountPath") == _TOKEN_PATH for mount in mounts):
            mounts.append({"name": volume, "readOnly": True, "mountPath": _TOKEN_PATH})
            mounted = True
    if mounted:
        spec.setdefault("volumes", []).append(_token_volume(volume))


def _token_volume(name: str) -> dict[str, Any]:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


def _tolerations(spec: dict[str, Any]) -> None:
    """Let a pod stay on a node in trouble for a while, unless it says otherwise."""
    tolerations = spec.get("tolerations", [])
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATION_SECONDS}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if not any(_tolerates(toleration, key) for toleration in tolerations)
    ]
    if added:
        spec["tolerations"] = [*tolerations, *added]


def _tolerates(toleration: dict[str, Any], key: str) -> bool:
    return toleration.get("key", "") in ("", key) and toleration.get("effect", "") in ("", "NoExecute")
