"""Policy cases: tables of who reaches whom, and single probes, on the pods' own ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api.core import Namespace, Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.api.scheme import decode
from k8stui.engine.policy.compiler import Peer, PolicyTable, compile_table
from k8stui.engine.policy.matrix import Matrix
from tests.conformance.data import cases_of, only

FILE_FIELDS = ("suite", "origin", "objects", "cases", "note")
CASE_FIELDS = ("name", "objects", "standalone", "expectation", "note", "matrix", "probes")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the cases of a file, each with the objects of the file where it does not stand alone."""
    yield from cases_of(path, FILE_FIELDS)


def run(case: Mapping[str, Any]) -> None:
    """Compare every table and every probe of the case."""
    only(case, CASE_FIELDS, "case")
    assert case.get("matrix") or case.get("probes"), "the case asks nothing"
    table = table_of(case["objects"])
    for matrix in case.get("matrix", ()):
        only(matrix, ("port", "protocol", "pods", "allowed"), "matrix")
        check_matrix(table, matrix)
    for probe in case.get("probes", ()):
        only(probe, ("from", "to", "port", "protocol", "expect"), "probe")
        check_probe(table, probe)


def table_of(objects: list[dict[str, Any]]) -> PolicyTable:
    known = ("Pod", "Namespace", "NetworkPolicy", "Node", "Service", "Deployment", "EndpointSlice")
    for wire in objects:
        assert wire["kind"] in known, f"unexpected kind {wire['kind']}"
    decoded = [decode(wire) for wire in objects]
    pods = [obj for obj in decoded if isinstance(obj, Pod)]
    spaces = [obj for obj in decoded if isinstance(obj, Namespace)]
    named = [
        space.with_(
            metadata=space.metadata.with_(labels={"kubernetes.io/metadata.name": space.name, **dict(space.labels)})
        )
        for space in spaces
    ]
    policies = [obj for obj in decoded if isinstance(obj, NetworkPolicy)]
    return compile_table(pods, named, policies)


def slot(name: str) -> tuple[str, str]:
    namespace, _, pod = name.partition("/")
    return namespace, pod


def check_matrix(table: PolicyTable, wanted: Mapping[str, Any]) -> None:
    """Both the matrix and the verdict of each pair agree with the table of the case."""
    port, protocol = wanted["port"], wanted["protocol"]
    matrix = Matrix(table, port, protocol)
    wrong = []
    for source in wanted["pods"]:
        for target in wanted["pods"]:
            if source == target:
                continue
            expected = target in wanted["allowed"].get(source, ())
            one, other = peer_of(table, f"pod:{source}"), peer_of(table, f"pod:{target}")
            answers = (matrix.reaches(slot(source), slot(target)), allowed(table, one, other, port, protocol))
            if answers != (expected, expected):
                wrong.append(f"{source} -> {target} {protocol} {port}: expected {expected}, got {answers}")
    assert not wrong, "\n".join(wrong)


def check_probe(table: PolicyTable, probe: Mapping[str, Any]) -> None:
    one, other = peer_of(table, probe["from"]), peer_of(table, probe["to"])
    outcome = "delivered" if allowed(table, one, other, probe["port"], probe["protocol"]) else "dropped"
    assert outcome == probe["expect"], f"{probe}: got {outcome}"


def peer_of(table: PolicyTable, end: str) -> Peer:
    kind, _, name = end.partition(":")
    if kind == "external":
        return Peer(name)
    assert kind == "pod", f"unexpected end {end}"
    pod = table.pods[slot(name)]
    return Peer(pod.ips[0], pod, pod.spec.node_name)


def allowed(table: PolicyTable, source: Peer, target: Peer, port: int, protocol: str) -> bool:
    return (
        table.egress(source, target, port, protocol).allowed and table.ingress(source, target, port, protocol).allowed
    )
