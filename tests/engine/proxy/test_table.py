"""The proxy's decisions: built up change by change they equal those made at once, and follow each change."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.api import scheme
from k8stui.engine import bare
from k8stui.engine.proxy.table import Packet, ProxyTable, Reason, Verdict
from k8stui.engine.store import key_of
from k8stui.engine.world import Change, Key, Settings
from tests.engine.harbour import Harbour

NODES = ("node-1", "node-2")


def wire_service(number: int, policy: str, ip: str, external: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"s{number}", "namespace": "default"},
        "spec": {
            "clusterIP": ip,
            "clusterIPs": [ip],
            "type": "NodePort",
            "externalIPs": [external],
            "externalTrafficPolicy": policy,
            "internalTrafficPolicy": policy,
            "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30000 + number, "protocol": "TCP"}],
        },
    }


def wire_slice(number: int, part: int, rows: list[tuple[int, int, bool, bool]]) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"s{number}-{part}",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": f"s{number}"},
        },
        "addressType": "IPv4",
        "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
        "endpoints": [
            {
                "addresses": [f"10.244.{node}.{host}"],
                "conditions": {"ready": ready and not leaving, "serving": ready, "terminating": leaving},
                "nodeName": f"node-{node}",
            }
            for node, host, ready, leaving in rows
        ],
    }


_rows = st.lists(st.tuples(st.integers(1, 2), st.integers(2, 6), st.booleans(), st.booleans()), max_size=4)
_services = st.builds(
    lambda number, policy, external: wire_service(number, policy, f"10.96.0.{number}", f"203.0.113.{external}"),
    st.integers(1, 3),
    st.sampled_from(["Cluster", "Local"]),
    st.integers(1, 2),
)
_slices = st.builds(wire_slice, st.integers(1, 3), st.integers(1, 2), _rows)
_steps = st.lists(st.tuples(st.one_of(_services, _slices), st.booleans()), max_size=14)


def answers(table: ProxyTable) -> list[tuple[str, tuple[str, ...], bool]]:
    packets = [
        Packet("10.244.1.20" if pod else "198.51.100.9", target, port, "TCP", pod)
        for number in (1, 2, 3)
        for target, port in ((f"10.96.0.{number}", 80), ("172.18.0.11", 30000 + number))
        for pod in (True, False)
    ]
    found = [table.decide(node, packet) for node in NODES for packet in packets]
    return [(d.verdict, d.texts, d.masquerade) for d in found]


@settings(max_examples=settings().max_examples * 3 // 5)
@given(_steps)
def test_change_by_change_equals_all_at_once(steps: list[tuple[dict[str, Any], bool]]) -> None:
    """Whatever comes, changes and goes, in any order: only the objects that are there in the end count."""
    table = ProxyTable(Settings())
    present: dict[Key, Any] = {}
    for number in (1, 2):
        node = scheme.decode(bare.node(number))
        present[key_of(node)] = node
        table.apply(Change(key_of(node), None, node))
    for wire, kept in steps:
        obj = scheme.decode(wire)
        key = key_of(obj)
        table.apply(Change(key, present.get(key), obj))
        present[key] = obj
        if not kept:
            table.apply(Change(key, obj, None))
            del present[key]
    fresh = ProxyTable(Settings())
    for key in sorted(present):
        fresh.apply(Change(key, None, present[key]))
    assert answers(table) == answers(fresh)


def test_two_services_at_one_external_ip_take_turns() -> None:
    """The second one serves as soon as the first is gone."""
    harbour = Harbour()
    harbour.shop()
    harbour.service("one", "10.96.0.71", {"app": "web"}, externalIPs=["203.0.113.1"])
    harbour.service("two", "10.96.0.72", {"app": "client"}, externalIPs=["203.0.113.1"])
    packet = Packet("198.51.100.9", "203.0.113.1", 80)
    table = harbour.network.fabric.table("node-1")
    first = table.decide("node-1", packet).service
    harbour.remove("Service", "one")
    second = table.decide("node-1", packet).service
    assert first is not None and second is not None
    assert (first.service.name, second.service.name) == ("one", "two")


def test_hints_are_followed_only_while_every_ready_endpoint_has_one() -> None:
    table = ProxyTable(Settings())
    piece = wire_slice(1, 1, [(1, 2, True, False), (2, 3, True, False)])
    for endpoint, node in zip(piece["endpoints"], NODES, strict=True):
        endpoint["hints"] = {"forNodes": [{"name": node}]}
    hinted = scheme.decode(piece)
    service = scheme.decode(wire_service(1, "Cluster", "10.96.0.1", "203.0.113.1"))
    table.apply(Change(key_of(service), None, service))
    table.apply(Change(key_of(hinted), None, hinted))
    packet = Packet("10.244.1.20", "10.96.0.1", 80, "TCP", True)
    assert table.decide("node-2", packet).texts == ("10.244.2.3:8080",)
    del piece["endpoints"][0]["hints"]
    bare_one = scheme.decode(piece)
    table.apply(Change(key_of(hinted), hinted, bare_one))
    assert len(table.decide("node-2", packet).texts) == 2


def test_session_affinity_lasts_as_long_as_it_is_used() -> None:
    harbour = Harbour()
    harbour.shop()
    config = {"clientIP": {"timeoutSeconds": 10}}
    harbour.service("sticky", "10.96.0.73", {"app": "web"}, sessionAffinity="ClientIP", sessionAffinityConfig=config)

    def backend() -> str | None:
        return harbour.network.connect("default/client", "10.96.0.73:80").backend

    first = backend()
    for _ in range(4):
        harbour.wait(8)
        assert backend() == first
    later = set()
    for _ in range(12):
        harbour.wait(11)
        later.add(backend())
    assert len(later) > 1


def test_source_ranges_guard_the_load_balancer_address_alone() -> None:
    harbour = Harbour()
    harbour.shop()
    harbour.service(
        "guarded",
        "10.96.0.74",
        {"app": "web"},
        [{"port": 80, "targetPort": 8080, "nodePort": 30074, "protocol": "TCP"}],
        type="LoadBalancer",
        loadBalancerSourceRanges=["198.51.100.0/24"],
        status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}},
    )
    table = harbour.network.fabric.table("node-1")
    verdicts = [
        table.decide("node-1", Packet(source, target, port)).verdict
        for source in ("198.51.100.1", "192.0.2.1")
        for target, port in (("203.0.113.7", 80), ("172.18.0.11", 30074), ("10.96.0.74", 80))
    ]
    assert verdicts == [Verdict.FORWARD] * 3 + [Verdict.DROP, Verdict.FORWARD, Verdict.FORWARD]
    refused = table.decide("node-1", Packet("192.0.2.1", "203.0.113.7", 80))
    assert refused.reason is Reason.SOURCE_RANGE
