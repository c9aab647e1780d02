"""A bare cluster: its nodes, its namespaces, its own API and DNS Services, and nothing else."""

from __future__ import annotations

from typing import Any

from k8stui.engine.world import Settings

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
CONTROL_PLANE_IP = "172.18.0.2"
API_SERVER_IP = "10.96.0.1"
_RESOURCES = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def node(number: int, *, zone: str | None = None) -> dict[str, Any]:
    """Return the manifest of ``node-NUMBER``: InternalIP 172.18.0.(10 + number), pods in 10.244.NUMBER.0/24."""
    name = f"node-{number}"
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    if zone is not None:
        labels["topology.kubernetes.io/zone"] = zone
    cidr = f"10.244.{number}.0/24"
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": f"172.18.0.{10 + number}"},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [ready],
            "capacity": dict(_RESOURCES),
            "allocatable": dict(_RESOURCES),
        },
    }


def namespace(name: str) -> dict[str, Any]:
    """Return the manifest of a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def system_services(settings: Settings) -> list[dict[str, Any]]:
    """Return the Services that every cluster has, the API server's slice, and the DNS servers' Deployment."""
    labels = {"k8s-app": "kube-dns"}
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
        {"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": 9153},
    ]
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"component": "apiserver", "provider": "kubernetes"},
            },
            "spec": {
                "clusterIP": API_SERVER_IP,
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
            },
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "kubernetes"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [CONTROL_PLANE_IP], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": labels},
            "spec": {"clusterIP": settings.dns_ip, "selector": labels, "ports": ports},
        },
        _coredns(labels),
    ]


def _coredns(labels: dict[str, str]) -> dict[str, Any]:
    container = {
        "name": "coredns",
        "image": "registry.k8s.io/coredns/coredns:v1.13.1",
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"dnsPolicy": "Default", "containers": [container]}},
        },
    }
