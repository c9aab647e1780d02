"""A program that reads a Service's list dials the entries of the list, and what the list leaves out it never meets."""

from __future__ import annotations

from k8stui.engine import traffic
from k8stui.engine.lists import entries
from tests.engine.shop import service, shop, workload


def test_both_lists_hold_the_ready_ends_at_the_pods_own_port_and_other_texts_are_no_list() -> None:
    cluster = shop(workload("backend", 3), service("backend"), seconds=10)
    cluster.do({"unready": "shop/backend", "pods": 1, "pick": "first"})
    cluster.settle()
    pods = sorted(pod.ips[0] for pod in cluster.list("Pod", "shop") if pod.ready)
    for kind in ("endpoints", "endpointslices"):
        found = entries(cluster.store, f"{kind}:shop/backend")
        assert found is not None and sorted(end.partition(":")[0] for end in found) == pods
        assert {end.partition(":")[2] for end in found} == {"8080/tcp"}
        assert entries(cluster.store, f"{kind}:shop/nobody") == ()
    assert entries(cluster.store, "backend:80") is entries(cluster.store, "endpoints:backend") is None


def test_a_flow_to_a_list_calls_its_entries_in_turn() -> None:
    calls = {"listens": [], "calls": [{"to": "endpointslices:shop/backend", "perSecond": 3, "id": "rounds"}]}
    cluster = shop(workload("frontend", 1, calls), workload("backend", 3), service("backend"), seconds=10)
    cluster.advance(10)
    found = traffic.between(cluster.world, "rounds", cluster.now - 4, cluster.now)
    assert sorted(found.values()) == [4, 4, 4] and all(result.good for result in found)
