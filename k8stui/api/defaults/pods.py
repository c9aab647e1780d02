"""Defaults of pods and pod templates (kubernetes: pkg/apis/core/v1/defaults.go, zz_generated.defaults.go)."""

from __future__ import annotations

import re
from typing import Any

_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


def pod(wire: dict[str, Any]) -> None:
    """Fill in a pod; its service links are a default of pods alone, not of templates."""
    spec = wire.setdefault("spec", {})
    for containers in _CONTAINER_LISTS:
        for container in spec.get(containers, ()):
            _requests_from_limits(container)
    spec.setdefault("enableServiceLinks", True)
    pod_spec(spec)
    if spec.get("hostNetwork"):
        for containers in ("initContainers", "containers"):
            for container in spec.get(containers, ()):
                _host_ports(container)


def template(wire: dict[str, Any]) -> None:
    """Fill in a pod template."""
    wire.setdefault("metadata", {})
    pod_spec(wire.setdefault("spec", {}))


def pod_spec(spec: dict[str, Any]) -> None:
    """Fill in a pod's spec in place."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    if "serviceAccountName" in spec:
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif "serviceAccount" in spec:
        spec["serviceAccountName"] = spec["serviceAccount"]
    for volume in spec.get("volumes", ()):
        _volume(volume)
    for containers in _CONTAINER_LISTS:
        for container in spec.get(containers, ()):
            _container(container)


def _container(container: dict[str, Any]) -> None:
    container.setdefault("imagePullPolicy", _pull_policy(container.get("image", "")))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("resources", {})
    for port in container.get("ports", ()):
        port.setdefault("containerPort", 0)
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", ()):
        reference = variable.get("valueFrom", {}).get("fieldRef")
        if reference is not None:
            reference.setdefault("apiVersion", "v1")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in container:
            _probe(container[name])
    for handler in container.get("lifecycle", {}).values():
        if isinstance(handler, dict):
            if "httpGet" in handler:
                _http_get(handler["httpGet"])
            if "sleep" in handler:
                handler["sleep"].setdefault("seconds", 0)


def _host_ports(container: dict[str, Any]) -> None:
    """In the node's network a container's port is the node's own."""
    for port in container.get("ports", ()):
        if not port.get("hostPort") and port["containerPort"]:
            port["hostPort"] = port["containerPort"]


def _probe(probe: dict[str, Any]) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if "httpGet" in probe:
        _http_get(probe["httpGet"])
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")


def _http_get(action: dict[str, Any]) -> None:
    action.setdefault("path", "/")
    action.setdefault("scheme", "HTTP")
    for header in action.get("httpHeaders", ()):
        header.setdefault("value", "")


_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-.]*[A-Za-z0-9])?(?::[0-9]+)?"
_IMAGE = re.compile(
    rf"(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*(?P<tag>:[\w][\w.-]{{0,127}})?"
    r"(?P<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\Z",
    re.ASCII,
)


def _pull_policy(image: str) -> str:
    """Return Always for images tagged latest or not at all; a name that is none counts as tagged (ParseImageName)."""
    name = _IMAGE.match(image)
    if name is None:
        return "IfNotPresent"
    tag = name["tag"] or ("" if name["digest"] else ":latest")
    return "Always" if tag == ":latest" else "IfNotPresent"


def _requests_from_limits(container: dict[str, Any]) -> None:
    limits = container.get("resources", {}).get("limits")
    if limits:
        requests = container["resources"].setdefault("requests", {})
        for name, amount in limits.items():
            requests.setdefault(name, amount)


def _volume(volume: dict[str, Any]) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "downwardAPI", "projected"):
        if source in volume:
            volume[source].setdefault("defaultMode", 420)
    for source in volume.get("projected", {}).get("sources", ()):
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
