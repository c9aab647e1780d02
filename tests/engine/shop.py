"""A cluster with the shop that many tests use: a frontend, a backend of three and its Service."""

from __future__ import annotations

import json
from typing import Any

from k8stui.api.core import Pod
from k8stui.engine.cluster import Cluster
from k8stui.engine.container import ANNOTATION


def workload(
    name: str,
    replicas: int = 1,
    behaviour: dict[str, Any] | None = None,
    *,
    kind: str = "Deployment",
    spec: dict[str, Any] | None = None,
    pod: dict[str, Any] | None = None,
    **container: Any,
) -> dict[str, Any]:
    """Return the manifest of a workload in ``shop`` with one container on port 8080."""
    said = {"annotations": {ANNOTATION: json.dumps(behaviour)}} if behaviour is not None else {}
    app = {"name": "app", "image": "app:1", "ports": [{"containerPort": 8080, "name": "http"}], **container}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}, **said}, "spec": {"containers": [app], **(pod or {})}},
            **(spec or {}),
        },
    }


def service(name: str, **spec: Any) -> dict[str, Any]:
    """Return the manifest of a Service in ``shop``: port 80 to 8080."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}], **spec},
    }


def shop(*manifests: dict[str, Any], seed: int = 0, seconds: float = 5) -> Cluster:
    """Return a cluster with namespace ``shop`` and these objects (a frontend and a backend of three if none)."""
    cluster = Cluster(seed=seed)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    chosen = manifests or (workload("frontend"), workload("backend", 3), service("backend"))
    cluster.do({"create": [namespace, *chosen]})
    cluster.advance(seconds)
    return cluster


def pods(cluster: Cluster, app: str) -> list[Pod]:
    """Return the pods of an app in ``shop`` that are there to stay, by name."""
    return [pod for pod in cluster.store.select(Pod, "shop", {"app": app}) if not pod.terminating]
