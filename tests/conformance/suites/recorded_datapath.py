"""Recorded packets through a real kube-proxy in both modes. One test is one probe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from k8stui.api import scheme
from k8stui.api.core import Service
from k8stui.engine import bare
from k8stui.engine.controllers.endpointslice import EndpointSliceController
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.ip import Cidrs
from k8stui.engine.network import Network
from k8stui.engine.store import Store, key_of
from k8stui.engine.trace import Outcome, Trace
from k8stui.engine.world import Settings, World
from tests.conformance.data import load_yaml, numbered, only

_FILE = ("manifests", "pods", "load_balancers", "routes", "probes")
_PROBE = ("group", "about", "from", "to", "port", "protocol", "same", "iptables", "nftables", "note")
_ANSWER = ("tries", "outcome", "backends", "clients")
_POD = ("name", "namespace", "node", "ip", "ips", "state")
_MODES = ("iptables", "nftables")
_LAN = "172.18.0.1"
_NODES = 3
_TRIES = 60
_WORDS = {
    Outcome.DELIVERED: "answer",
    Outcome.REJECTED: "refused",
    Outcome.UNREACHABLE: "unreachable",
    Outcome.DROPPED: "timeout",
    Outcome.RESET: "reset",
}
_ERROR = re.compile(r".*\((E[A-Z]+)\)")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each probe, named after its ends; equal names are numbered."""
    document = load_yaml(path)
    yield from numbered(
        (f"{probe['from']} to {probe['to']} {probe['port']}/{probe['protocol']}", (path, probe))
        for probe in document["probes"]
    )


def run(material: tuple[Path, Mapping[str, Any]]) -> None:
    """Send the probe many times in each mode and compare what can happen."""
    path, probe = material
    only(probe, _PROBE, "probe")
    document = _document(path)
    for mode in _MODES:
        only(probe[mode], _ANSWER, mode)
        network = _network(path, mode)
        traces = [_send(network, document, probe) for _ in range(_TRIES)]
        _compare(network, probe[mode], traces, f"{mode}: {probe['about']}")


@lru_cache(maxsize=4)
def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = load_yaml(path)
    only(document, _FILE, path.name)
    for pod in document["pods"]:
        only(pod, _POD, "pods")
    only(document["routes"], ("lan", "nodes"), "routes")
    return document


@lru_cache(maxsize=4)
def _network(path: Path, mode: str) -> Network:
    document = _document(path)
    store = Store(World(settings=Settings(proxy_mode=mode, controllers=False)))
    network = Network(store)
    states = {pod["name"]: pod for pod in document["pods"]}
    wires = [bare.node(number) for number in range(1, _NODES + 1)]
    for wire in document["manifests"]:
        known = states.get(wire["metadata"]["name"]) if wire["kind"] == "Pod" else None
        balancer = document["load_balancers"].get(wire["metadata"]["name"]) if wire["kind"] == "Service" else None
        wires.append(_running(wire, known) if known else _balanced(wire, balancer) if balancer else wire)
    for wire in wires:
        wire["metadata"].setdefault("namespace", "default")
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    manager = Manager(store, (EndpointSliceController(),))
    manager.resync()
    manager.settle()
    return network


def _running(wire: Mapping[str, Any], pod: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pod as its kubelet reports it."""
    state = pod["state"]
    terminating, _, rest = state.partition("-")
    assert state in ("ready", "unready", "terminating-ready", "terminating-unready"), f"unknown state {state}"
    ready = (rest or terminating) == "ready"
    ips = pod.get("ips") or [pod["ip"]]
    metadata = dict(wire["metadata"])
    if terminating == "terminating":
        metadata["deletionTimestamp"] = "2026-01-01T00:00:30Z"
    status = {
        "phase": "Running",
        "podIP": ips[0],
        "podIPs": [{"ip": ip} for ip in ips],
        "conditions": [{"type": "Ready", "status": str(ready)}],
    }
    return {**wire, "metadata": metadata, "spec": {**wire["spec"], "nodeName": pod["node"]}, "status": status}


def _balanced(wire: Mapping[str, Any], balancer: Mapping[str, Any]) -> dict[str, Any]:
    only(balancer, ("ip", "hostname", "ipMode"), "load_balancers")
    return {**wire, "status": {"loadBalancer": {"ingress": [balancer]}}}


def _send(network: Network, document: Mapping[str, Any], probe: Mapping[str, Any]) -> Trace:
    source, to = probe["from"], probe["to"]
    via = None
    if source == "lan":
        source = f"external:{_LAN}"
        via = next((node for cidr, node in _lan_routes(network, document) if to in Cidrs([cidr])), None)
    elif source.startswith("node-"):
        source = f"node:{source}"
    else:
        source = f"pod:default/{source}"
    host = f"[{to}]" if ":" in to else to
    return network.connect(source, f"{host}:{probe['port']}/{probe['protocol'].lower()}", via=via)


def _lan_routes(network: Network, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the ranges to which the client outside has a route, each with the node that it leads to."""
    for text in document["routes"]["lan"]:
        cidr, word, gateway = text.split()
        assert word == "via", f"unknown route {text}"
        node = network.fabric.routes.node_at(gateway)
        assert node is not None, f"no node has {gateway}"
        yield cidr, node


def _compare(network: Network, expected: Mapping[str, Any], traces: list[Trace], what: str) -> None:
    outcomes = {trace.errno or _WORDS[trace.outcome] for trace in traces}
    recorded = {_ERROR.sub(r"\1", text) for text in expected["outcome"]}
    assert outcomes == recorded, f"{what}: {outcomes}, not {recorded}"
    if "backends" not in expected and all(trace.answered_by == "kube-proxy" for trace in traces):
        return
    backends = {_backend(trace) for trace in traces if trace.delivered}
    wanted = set(expected.get("backends", ()))
    if _sticky(network, traces):
        assert len(backends) == len(wanted), f"{what}: {backends}, not as many as {wanted}"
        possible = {text for trace in traces for text in trace.backends}
        assert {trace.backend for trace in traces} <= possible, what
        return
    assert backends == wanted, f"{what}: {backends}, not {wanted}"
    clients = {trace.client_seen for trace in traces if trace.delivered}
    assert clients == set(expected.get("clients", ())), f"{what}: {clients}, not {set(expected.get('clients', ()))}"


def _backend(trace: Trace) -> str:
    """Return the pod's name and the port that answered."""
    assert trace.answered_by is not None
    target = next(hop.target for hop in trace.hops if hop.kind in ("Pod", "Network") and hop.ok)
    assert target is not None
    return f"{trace.answered_by.rpartition('/')[2]}:{target.port}"


def _sticky(network: Network, traces: list[Trace]) -> bool:
    """Tell whether the Service that was called has session affinity."""
    names = {hop.details["service"] for trace in traces for hop in trace.hops if "service" in hop.details}
    services = [network.store.get(Service, *name.split("/")) for name in names]
    return any(service is not None and service.spec.session_affinity == "ClientIP" for service in services)
