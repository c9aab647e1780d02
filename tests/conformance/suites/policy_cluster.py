"""The cluster of the policy recordings: three nodes, nine pods, Services, and hosts outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from immutables import Map

from k8stui.api import scheme
from k8stui.api.patch import merge_patch
from k8stui.engine.ip import V4
from k8stui.engine.network import Network
from k8stui.engine.recorded import load_recorded
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key, Settings, World
from tests.conformance.data import only

_FIELDS = ("namespaces", "nodes", "pods", "outside", "masquerade", "objects")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_OPERATION = ("patch", "delete", "apply", "kind", "namespace", "with")
_OPEN = ("80/tcp", "81/tcp", "80/udp", "81/udp")
_NODE_OPEN = ("7000/tcp", "7000/udp")


def network_of(cluster: Mapping[str, Any]) -> Network:
    """Return the network of the recorded cluster, without any policy."""
    only(cluster, _FIELDS, "_cluster.yaml")
    hosts = dict.fromkeys(_ADDRESS.findall(cluster["outside"]["lan"]), _OPEN)
    hosts.pop("172.18.0.70", None)
    hosts |= {node["address"]: _NODE_OPEN for node in cluster["nodes"]}
    store = Store(World(settings=Settings(hosts=Map(hosts))))
    slices = [wire for wire in cluster["objects"] if wire["kind"] == "EndpointSlice"]
    others = [wire for wire in cluster["objects"] if wire["kind"] != "EndpointSlice"]
    load_recorded(store, [*_namespaces(cluster), *_nodes(cluster), *_pods(cluster), *others])
    for wire in slices:
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    return Network(store)


def _namespaces(cluster: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in cluster["namespaces"]:
        only(entry, ("name", "labels"), "namespace")
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": entry["name"], "labels": entry["labels"]}}


def _nodes(cluster: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in cluster["nodes"]:
        only(entry, ("name", "address", "pod_range"), "node")
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": entry["name"]},
            "spec": {"podCIDR": entry["pod_range"], "podCIDRs": [entry["pod_range"]]},
            "status": {
                "addresses": [{"type": "InternalIP", "address": entry["address"]}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }


def _pods(cluster: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in cluster["pods"]:
        only(entry, ("pod", "ip", "node", "labels", "ports"), "pod")
        namespace, _, name = entry["pod"].partition("/")
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": entry["labels"]},
            "spec": {
                "nodeName": entry["node"],
                "containers": [{"name": "c", "ports": [_port(text) for text in entry["ports"]]}],
            },
            "status": {
                "phase": "Running",
                "podIP": entry["ip"],
                "podIPs": [{"ip": entry["ip"]}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }


def _port(text: str) -> dict[str, Any]:
    name, _, rest = text.partition("=")
    number, _, protocol = rest.partition("/")
    return {"name": name, "containerPort": int(number), "protocol": protocol}


def carry_out(network: Network, operation: Mapping[str, Any]) -> None:
    """Do one operation: apply or delete an object, or patch it."""
    only(operation, _OPERATION, "operation")
    if "apply" in operation:
        obj = scheme.decode(operation["apply"])
        network.store.put(key_of(obj), obj)
        return
    name = operation.get("delete") or operation["patch"]
    key = Key(operation["kind"], operation.get("namespace", ""), name)
    if "delete" in operation:
        network.store.remove(key)
        return
    old = network.store.at(key)
    assert old is not None, key
    network.store.put(key, scheme.decode(merge_patch(old.to_wire(), operation["with"])))


def source_of(text: str) -> str:
    """Return an end that the recordings name as the network writes it."""
    if text.startswith("lan"):
        found = _ADDRESS.search(text)
        return f"external:{found[0] if found else '172.18.0.1'}"
    return f"pod:{text}" if "/" in text else f"node:{text}"


def target_of(network: Network, text: str) -> tuple[str, str | None]:
    """Return the address of a target and the node through which its packets go."""
    via = text.rpartition(" via ")[2] if " via " in text else None
    words = text.split(" (")[0].split()
    match words:
        case ["Service", name]:
            return _address(network, Key("Service", *slot_of(name)), "cluster_ip"), None
        case ["nodePort", _, "at", node] | ["node", node] | ["own", "node", node]:
            return str(network.fabric.routes.address(node, V4)), None
        case ["externalIP", ip, *_] | ["outside", ip]:
            return ip, via
        case [name, *_]:
            return _address(network, Key("Pod", *slot_of(name)), "ips"), None
    raise AssertionError(f"the runner does not know the target {text}")


def _address(network: Network, key: Key, attribute: str) -> str:
    obj: Any = network.store.at(key)
    assert obj is not None, key
    return str(obj.spec.cluster_ip if attribute == "cluster_ip" else obj.ips[0])


def slot_of(name: str) -> tuple[str, str]:
    namespace, _, pod = name.partition("/")
    return namespace, pod
