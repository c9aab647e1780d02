"""Look-ups by a tool that asks for one type, through the cluster's own network."""

from __future__ import annotations

from typing import Any

from k8stui.engine.cluster import Cluster
from tests.engine.shop import shop, workload

_BERTHS = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "berths", "namespace": "shop"}}
_SLICE = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4"}
_WALL = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "asks", "namespace": "shop"},
}
_PORTS = [{"name": "berth", "port": 5140}]


def harbour(*ports: dict[str, Any]) -> Cluster:
    """Return a cluster with a headless Service of forty berths, whose frontend may use these ports alone."""
    labels = {"kubernetes.io/service-name": "berths"}
    return shop(
        workload("frontend"),
        _BERTHS | {"spec": {"clusterIP": "None", "ports": _PORTS}},
        _SLICE
        | {"metadata": {"name": "berths-1", "namespace": "shop", "labels": labels}, "ports": _PORTS}
        | {"endpoints": [{"addresses": [f"192.0.2.{number}"]} for number in range(1, 41)]},
        _WALL | {"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": list(ports)}]}},
    )


UDP, TCP = {"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}


def test_an_answer_that_udp_cuts_is_asked_for_again_over_tcp() -> None:
    found = harbour(UDP, TCP).resolve("shop/frontend", "_berth._tcp.berths", "SRV")
    assert [asked.question.tcp for asked in found.queries] == [False, True]
    assert len(found.queries[0].answer) < len(found.records) == 40


def test_a_cut_answer_is_worth_nothing_where_tcp_is_closed() -> None:
    found = harbour(UDP).resolve("shop/frontend", "_berth._tcp.berths", "SRV")
    assert found.queries[0].answer and not found.records
    assert found.error == "no answer"
    assert found.cause is not None and found.cause.kind == "NetworkPolicy"
