"""Clusters for the benchmarks: four sizes, realistic labels, the same objects each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

Wire = dict[str, Any]

_TIERS = ("frontend", "backend", "database", "cache", "worker")
_TEAMS = ("payments", "search", "orders", "platform", "growth")
_PODS_PER_WORKLOAD = 4
_PODS_PER_NODE = 50
_DEFAULT_DENY = 0.3
_BLOCKS = (
    {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32", "10.0.0.0/8"]},
    {"cidr": "10.0.0.0/8"},
    {"cidr": "192.0.2.0/24"},
    {"cidr": "203.0.113.0/24", "except": ["203.0.113.128/25"]},
)


class Size(NamedTuple):
    """How many there are of each kind."""

    pods: int
    namespaces: int
    services: int
    policies: int


SIZES = {
    "S": Size(100, 10, 30, 30),
    "M": Size(1_000, 20, 200, 200),
    "L": Size(5_000, 50, 1_000, 1_000),
    "XL": Size(10_000, 100, 2_000, 2_000),
}


def cluster(size: str, seed: int = 7) -> list[Wire]:
    """Return the manifests of a cluster as a dump has them: pods with addresses, Services with their slices."""
    wanted = SIZES[size]
    chance = random.Random(f"{size}/{seed}")
    namespaces = [f"ns-{number:03}" for number in range(wanted.namespaces)]
    workloads = list(_workloads(wanted, namespaces, chance))
    return [
        *(_namespace(name, number) for number, name in enumerate(namespaces)),
        *(_node(number) for number in range(-(-wanted.pods // _PODS_PER_NODE))),
        *(pod for workload in workloads for pod in _pods(workload)),
        *(part for number in range(wanted.services) for part in _service(number, workloads[number % len(workloads)])),
        *_policies(wanted.policies, namespaces, workloads, chance),
    ]


class Workload(NamedTuple):
    """Pods of one kind: their numbers, labels and port."""

    namespace: str
    name: str
    labels: dict[str, str]
    port: int
    pods: range


def _workloads(size: Size, namespaces: list[str], chance: random.Random) -> Iterator[Workload]:
    for number, first in enumerate(range(0, size.pods, _PODS_PER_WORKLOAD)):
        tier = chance.choice(_TIERS)
        labels = {"app": f"{tier}-{number % 40}", "tier": tier, "team": chance.choice(_TEAMS), "version": "v1"}
        pods = range(first, min(first + _PODS_PER_WORKLOAD, size.pods))
        yield Workload(namespaces[number % len(namespaces)], f"{tier}-{number}", labels, 8000 + number % 5, pods)


def _namespace(name: str, number: int) -> Wire:
    labels = {"kubernetes.io/metadata.name": name, "team": _TEAMS[number % 5], "env": ("prod", "dev")[number % 2]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _node(number: int) -> Wire:
    address = f"172.18.{number // 250}.{10 + number % 240}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}", "labels": {"topology.kubernetes.io/zone": f"zone-{number % 3}"}},
        "spec": {"podCIDR": _range(number), "podCIDRs": [_range(number)]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _range(node: int) -> str:
    return f"10.{128 + node // 256}.{node % 256}.0/24"


def pod_ip(number: int) -> str:
    """Return the address of a pod by its number."""
    node, place = divmod(number, _PODS_PER_NODE)
    return f"10.{128 + node // 256}.{node % 256}.{2 + place}"


def _pods(workload: Workload) -> Iterator[Wire]:
    for number in workload.pods:
        ip = pod_ip(number)
        ports = [{"name": "http", "containerPort": workload.port}, {"name": "metrics", "containerPort": 9090}]
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{workload.name}-{number}",
                "namespace": workload.namespace,
                "labels": workload.labels,
                "uid": f"pod-{number}",
            },
            "spec": {
                "nodeName": f"node-{number // _PODS_PER_NODE}",
                "containers": [{"name": "c", "image": "registry.example/app:1", "ports": ports}],
            },
            "status": {
                "phase": "Running",
                "podIP": ip,
                "podIPs": [{"ip": ip}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }


def _service(number: int, workload: Workload) -> Iterator[Wire]:
    name = f"svc-{number}"
    ip = f"10.{96 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"
    ready = {"ready": True, "serving": True, "terminating": False}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": workload.namespace},
        "spec": {
            "clusterIP": ip,
            "clusterIPs": [ip],
            "type": "ClusterIP",
            "selector": {"app": workload.labels["app"]},
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
        },
    }
    yield {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-x",
            "namespace": workload.namespace,
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": workload.port, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": [pod_ip(pod)], "conditions": ready, "nodeName": f"node-{pod // _PODS_PER_NODE}"}
            for pod in workload.pods
        ],
    }


def _policies(count: int, namespaces: list[str], workloads: list[Workload], chance: random.Random) -> Iterator[Wire]:
    denied = [name for name in namespaces if chance.random() < _DEFAULT_DENY]
    for name in denied[:count]:
        yield _policy(name, "default-deny", {"podSelector": {}, "policyTypes": ["Ingress"]})
    for number in range(count - len(denied[:count])):
        workload = chance.choice(workloads)
        yield _policy(workload.namespace, f"policy-{number}", _spec(number, workload, chance))


def _policy(namespace: str, name: str, spec: Wire) -> Wire:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _spec(number: int, workload: Workload, chance: random.Random) -> Wire:
    """One of the ways in which people write policies, by turns."""
    selected = {"matchLabels": {"app": workload.labels["app"]}}
    tier = {"matchExpressions": [{"key": "tier", "operator": "In", "values": chance.sample(_TIERS, 2)}]}
    team = {"matchLabels": {"team": chance.choice(_TEAMS)}}
    http = [{"port": "http", "protocol": "TCP"}]
    match number % 6:
        case 0:
            rule: Wire = {"from": [{"podSelector": tier}], "ports": [{"port": workload.port, "protocol": "TCP"}]}
        case 1:
            rule = {"from": [{"namespaceSelector": team}], "ports": http}
        case 2:
            rule = {"from": [{"namespaceSelector": team, "podSelector": tier}, {"podSelector": {}}]}
        case 3:
            rule = {"from": [{"ipBlock": chance.choice(_BLOCKS)}], "ports": [{"port": 8000, "endPort": 8010}]}
        case 4:
            egress = [{"to": [{"namespaceSelector": team, "podSelector": tier}], "ports": http}, _dns()]
            return {"podSelector": selected, "policyTypes": ["Egress"], "egress": egress}
        case _:
            egress = [{"to": [{"ipBlock": chance.choice(_BLOCKS)}]}, _dns()]
            return {
                "podSelector": selected,
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [{"namespaceSelector": {}}], "ports": http}],
                "egress": egress,
            }
    return {"podSelector": selected, "policyTypes": ["Ingress"], "ingress": [rule]}


def _dns() -> Wire:
    where = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    return {"to": [where], "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
