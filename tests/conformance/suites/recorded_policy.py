"""Recorded enforcement of NetworkPolicies: one test a scenario, and one each case of `_established.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from k8stui.api.errors import StatusError
from k8stui.engine import admission
from k8stui.engine.network import Network
from k8stui.engine.policy.matrix import Matrix
from k8stui.engine.trace import Outcome, Trace
from k8stui.engine.world import Key
from tests.conformance.data import load_yaml, only
from tests.conformance.suites.policy_cluster import carry_out, network_of, slot_of, source_of, target_of
from tests.conformance.suites.policy_established import check

_FILE = (
    *("name", "about", "policies", "stored_by_apiserver", "rejected_by_apiserver", "then", "before_the_change"),
    *("matrix", "probes", "kube-router_note", "open_to_interpretation"),
)
_PROBE = ("from", "to", "proto", "port", "verdict", "kube-network-policies", "kube-router", "client_seen")
_OUTCOMES = {
    "answer": Outcome.DELIVERED,
    "refused": Outcome.REJECTED,
    "timeout": Outcome.DROPPED,
    "unreachable": Outcome.UNREACHABLE,
}


@dataclass(frozen=True)
class Material:
    cluster: Path
    document: Mapping[str, Any]


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    cluster = path.parent / "_cluster.yaml"
    if path == cluster:
        return
    document = load_yaml(path)
    if path.name == "_established.yaml":
        for case in document["cases"]:
            yield case["name"], Material(cluster, {"established": case})
    else:
        yield "", Material(cluster, document)


def run(material: Material) -> None:
    network = network_of(load_yaml(material.cluster))
    if "established" in material.document:
        check(network, material.document["established"])
        return
    document = material.document
    only(document, _FILE, "file")
    if "rejected_by_apiserver" in document:
        _check_rejected(network, document)
        return
    for wire in document["policies"]:
        admission.create(network.store, wire)
    for stored in document.get("stored_by_apiserver") or ():
        policy = network.store.at(Key("NetworkPolicy", stored["namespace"], stored["name"]))
        assert policy is not None and policy.to_wire()["spec"] == stored["spec"], f"stored as {policy}"
    if "open_to_interpretation" in document:
        return
    if "before_the_change" in document:
        only(document["before_the_change"], ("matrix",), "before_the_change")
        _check_matrix(network, document["before_the_change"]["matrix"])
    for operation in document.get("then") or ():
        carry_out(network, operation)
    _check_matrix(network, document["matrix"])
    wrong = [text for probe in document.get("probes") or () if (text := _probed(network, probe))]
    assert not wrong, "\n".join(wrong)


def _check_rejected(network: Network, document: Mapping[str, Any]) -> None:
    code, _, message = document["rejected_by_apiserver"].partition(" ")
    try:
        for wire in document["policies"]:
            admission.create(network.store, wire)
    except StatusError as error:
        assert (error.code, error.message) == (int(code), message), f"{error.code} {error.message}"
        return
    raise AssertionError("the policy was accepted")


def _check_matrix(network: Network, tables: Mapping[str, Mapping[str, str]]) -> None:
    wrong = []
    for keys, rows in tables.items():
        names = [slot_of(name) for name in rows]
        for key in keys.split(", "):
            protocol, _, port = key.partition(" ")
            matrix = Matrix(network.fabric.policy, int(port), protocol)
            for (name, row), source in zip(rows.items(), names, strict=True):
                found = "".join(".X"[not matrix.reaches(source, target)] for target in names)
                expected = row.replace("k", ".").replace("r", "X")
                if found != expected:
                    wrong.append(f"{key} from {name}: {found}, not {expected}")
                wrong += _judged(network, matrix, source, names)
    assert not wrong, "\n".join(wrong)


def _judged(network: Network, matrix: Matrix, source: tuple[str, str], targets: list[tuple[str, str]]) -> list[str]:
    """The network carries a packet to a pod's own address exactly where the matrix has a way."""
    wrong = []
    for target in targets:
        ip = network.fabric.policy.pods[target].ips[0]
        url = f"{ip}:{matrix.port}" + ("/udp" if matrix.protocol == "UDP" else "")
        trace = network.connect(f"pod:{'/'.join(source)}", url)
        if trace.delivered != matrix.reaches(source, target):
            wrong.append(f"{source} to {target} {matrix.port}: {trace.summary}")
    return wrong


def _probed(network: Network, probe: Mapping[str, Any]) -> str:
    """Try one probe; return what is wrong, or an empty text."""
    only(probe, _PROBE, "probe")
    if probe["verdict"] == "plugin":
        return ""
    trace = attempt(network, probe)
    by_policy = trace.cause is not None and trace.cause.kind == "NetworkPolicy"
    what = f"{probe['from']} to {probe['to']} {probe['proto']} {probe['port']}: {trace.summary}"
    match probe["verdict"]:
        case "blocked":
            right = trace.outcome is Outcome.DROPPED and by_policy
        case "open":
            right = trace.outcome is _OUTCOMES[probe["kube-network-policies"]] and not by_policy
            seen = probe.get("client_seen")
            if right and seen is not None and trace.delivered and trace.client_seen != seen:
                return f"{what}: seen as {trace.client_seen}, not {seen}"
        case "dropped by kube-proxy":
            right = trace.outcome is Outcome.DROPPED and not by_policy
        case verdict:
            raise AssertionError(f"the runner does not know the verdict {verdict}")
    return "" if right else f"{what}, not {probe['verdict']}"


def attempt(network: Network, probe: Mapping[str, Any]) -> Trace:
    """Send the packet of a probe."""
    source, host, via = source_of(probe["from"]), *target_of(network, probe["to"])
    if source.startswith("external:") and "/" in probe["to"].split()[0]:
        via = network.fabric.routes.node_for(host)  # the client outside has routes to the pods by their nodes
    suffix = "" if probe["proto"] == "TCP" else f"/{probe['proto'].lower()}"
    return network.connect(source, f"{host}:{probe['port']}{suffix}", via=via)
