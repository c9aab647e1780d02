"""The compiled table and the naive evaluator agree on random clusters, in both modes."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.api import scheme
from k8stui.engine import bare
from k8stui.engine.proxy.table import Packet, ProxyTable
from k8stui.engine.store import key_of
from k8stui.engine.world import Change, Settings
from tests.engine.proxy import naive

NODES = ("node-1", "node-2", "node-3")
SOURCES = ("10.244.1.20", "172.18.0.11", "172.18.0.12", "198.51.100.9", "192.0.2.9")
_policy = st.sampled_from(["Cluster", "Local"])


def node(number: int) -> dict[str, Any]:
    wire = bare.node(number, zone="east" if number < 3 else "west")
    wire["status"]["addresses"].insert(1, {"type": "InternalIP", "address": f"192.168.7.{number}"})
    return wire


@st.composite
def service(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A LoadBalancer Service with two ports, an external IP, and a balancer that may be no VIP."""
    spec = {
        "type": "LoadBalancer",
        "clusterIP": f"10.96.0.{number}",
        "clusterIPs": [f"10.96.0.{number}"],
        "externalIPs": [f"203.0.113.{number}"],
        "internalTrafficPolicy": draw(_policy),
        "externalTrafficPolicy": draw(_policy),
        "loadBalancerSourceRanges": draw(st.sampled_from([[], ["198.51.100.0/24"], ["10.244.0.0/16"]])),
        "ports": [
            {"name": "a", "port": 80, "protocol": "TCP", "nodePort": 30000 + number},
            {"name": "b", "port": 81, "protocol": "TCP", "nodePort": 30100 + number},
        ],
    }
    ingress = {"ip": f"203.0.113.{100 + number}", "ipMode": draw(st.sampled_from(["VIP", "Proxy"]))}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"s{number}", "namespace": "default"},
        "spec": spec,
        "status": {"loadBalancer": {"ingress": [ingress]}},
    }


@st.composite
def endpoint(draw: st.DrawFn) -> dict[str, Any]:
    number, host = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    terminating = draw(st.booleans())
    serving, passing = draw(st.booleans()), draw(st.booleans())
    hints = draw(st.booleans())
    return {
        "addresses": [f"10.244.{number}.{host}"],
        "nodeName": f"node-{number}",
        "conditions": {"ready": passing and not terminating, "serving": serving, "terminating": terminating},
        "hints": {
            "forNodes": [{"name": f"node-{number}"}] if hints else [],
            "forZones": [{"name": draw(st.sampled_from(["east", "west"]))}] if draw(st.booleans()) else [],
        },
    }


@st.composite
def piece(draw: st.DrawFn, number: int, part: int) -> dict[str, Any]:
    names = draw(st.sampled_from([["a"], ["b"], ["a", "b"], []]))
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"s{number}-{part}",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": f"s{number}"},
        },
        "addressType": "IPv4",
        "ports": [{"name": name, "port": 8080 + part, "protocol": "TCP"} for name in names],
        "endpoints": draw(st.lists(endpoint(), max_size=4, unique_by=lambda wire: str(wire["addresses"]))),
    }


@st.composite
def objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    numbers = range(1, draw(st.integers(1, 2)) + 1)
    pieces = [draw(piece(number, part)) for number in numbers for part in range(draw(st.integers(0, 2)))]
    return [*(node(number) for number in (1, 2, 3)), *(draw(service(number)) for number in numbers), *pieces]


@settings(max_examples=settings().max_examples * 6 // 5)
@given(objects(), st.booleans())
def test_the_table_agrees_with_the_naive_evaluator(wires: list[dict[str, Any]], nftables: bool) -> None:
    table = ProxyTable(Settings(proxy_mode="nftables" if nftables else "iptables"))
    for wire in wires:
        obj = scheme.decode(wire)
        table.apply(Change(key_of(obj), None, obj))
    for number in (1, 2):
        for target, port in (
            (f"10.96.0.{number}", 80),
            (f"10.96.0.{number}", 82),
            (f"203.0.113.{number}", 81),
            (f"203.0.113.{100 + number}", 80),
            ("172.18.0.11", 30000 + number),
            ("192.168.7.1", 30100 + number),
        ):
            for name in NODES:
                for source in SOURCES:
                    _compare(table, wires, name, source, target, port, nftables=nftables)


def _compare(
    table: ProxyTable, wires: list[dict[str, Any]], name: str, source: str, target: str, port: int, *, nftables: bool
) -> None:
    own = [entry["address"] for entry in node(int(name[-1]))["status"]["addresses"]]
    packet = Packet(source, target, port, "TCP", source.startswith("10.244."), source in own)
    found = table.decide(name, packet)
    answer = (str(found.verdict), frozenset(found.texts), found.masquerade)
    expected = naive.decide(wires, name, source, target, port, nftables=nftables)
    assert answer == expected, f"{source} to {target}:{port} at {name}"
