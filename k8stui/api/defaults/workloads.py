"""Defaults of workloads (kubernetes: pkg/apis/apps/v1/defaults.go, pkg/apis/batch/v1/defaults.go)."""

from __future__ import annotations

from typing import Any

from k8stui.api.defaults import pods


def _spec(wire: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = wire.setdefault("spec", {})
    pods.template(spec.setdefault("template", {}))
    return spec


def deployment(wire: dict[str, Any]) -> None:
    """Fill in a Deployment."""
    spec = _spec(wire)
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def replica_set(wire: dict[str, Any]) -> None:
    """Fill in a ReplicaSet."""
    _spec(wire).setdefault("replicas", 1)


def stateful_set(wire: dict[str, Any]) -> None:
    """Fill in a StatefulSet."""
    spec = _spec(wire)
    spec.setdefault("serviceName", "")
    spec.setdefault("podManagementPolicy", "OrderedReady")
    for claim in spec.get("volumeClaimTemplates", ()):
        claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim["spec"].setdefault("resources", {})
        claim.setdefault("status", {}).setdefault("phase", "Pending")
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)


def daemon_set(wire: dict[str, Any]) -> None:
    """Fill in a DaemonSet."""
    spec = _spec(wire)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def job(wire: dict[str, Any]) -> None:
    """Fill in a Job."""
    spec = _spec(wire)
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
