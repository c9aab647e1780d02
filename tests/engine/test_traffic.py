"""Traffic on the clock: requests are counted where and when they end, and kept connections break as real ones do."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.engine import traffic
from k8stui.engine.cluster import Cluster
from tests.engine.shop import pods, service, shop, workload

ORDERS = {"id": "orders", "from": "shop/frontend", "to": "http://backend", "perSecond": 2}


def answered(cluster: Cluster, flow: str = "orders", start: float = 0.0) -> set[str]:
    results = traffic.between(cluster.world, flow, start, cluster.now + 1)
    return {result.answered_by for result in results if result.good}


def failed(cluster: Cluster, start: float = 0.0) -> dict[str, int]:
    found: dict[str, int] = {}
    for result, count in traffic.failures(cluster.world, start=start).items():
        found[result.outcome] = found.get(result.outcome, 0) + count
    return found


def test_requests_are_counted_by_second_backend_and_outcome() -> None:
    cluster = shop()
    cluster.do({"traffic": {**ORDERS, "end": 10}})
    begin = int(cluster.now)
    cluster.advance(20)
    by_second = traffic.counts(cluster.world, "orders")
    assert sorted(by_second) == list(range(begin, begin + 10))
    assert {sum(results.values()) for results in by_second.values()} == {2}
    assert answered(cluster) == {f"shop/{pod.name}" for pod in pods(cluster, "backend")}
    assert not failed(cluster)


def test_failures_carry_their_cause_and_one_trace() -> None:
    cluster = shop(workload("frontend"), workload("backend", 1, {"listens": []}), service("backend"))
    cluster.do({"traffic": ORDERS})
    cluster.advance(3)
    (result, count), *others = traffic.failures(cluster.world, ["orders"]).items()
    assert (count, others) == (6, [])
    assert result.outcome == "rejected"
    assert result.cause is not None
    trace = traffic.sample(cluster.world, "orders", result)
    assert trace is not None
    assert not trace.delivered


def test_an_error_of_the_application_is_a_failure_too() -> None:
    cluster = shop(workload("frontend"), workload("backend", 1, {"warmUp": 20}), service("backend"))
    cluster.do({"traffic": ORDERS})
    cluster.advance(5)
    assert failed(cluster) == {"error": 10}


def test_a_rollout_loses_nothing_by_default_and_something_where_the_listener_closes_first() -> None:
    cluster = shop()
    cluster.do({"traffic": {**ORDERS, "perSecond": 20}})
    cluster.do({"roll": "shop/backend"})
    cluster.advance(30)
    assert not failed(cluster)


@pytest.mark.parametrize(
    ("shutdown", "hook", "lost"), [("close", None, True), ("close", 5, False), ("serve", None, False)]
)
def test_news_that_travels_slowly_costs_requests_unless_the_pod_waits(
    shutdown: str, hook: int | None, lost: bool
) -> None:
    extra: dict[str, Any] = {"lifecycle": {"preStop": {"sleep": {"seconds": hook}}}} if hook else {}
    cluster = shop(workload("frontend"), workload("backend", 4, {"shutdown": shutdown}, **extra), service("backend"))
    cluster.do({"set": {"propagationDelay": 2}})
    cluster.do({"traffic": {**ORDERS, "perSecond": 20}})
    cluster.do({"roll": "shop/backend"})
    cluster.advance(60)
    assert bool(failed(cluster)) is lost


def test_a_kept_connection_stays_on_its_pod_whatever_becomes_of_labels_and_services() -> None:
    cluster = shop()
    cluster.do({"traffic": {**ORDERS, "keepAlive": True}})
    cluster.advance(3)
    (first,) = answered(cluster)
    cluster.do({"label": "Pod/" + first, "labels": {"app": "evidence"}})
    cluster.do({"delete": "Service/shop/backend"})
    cluster.advance(10)
    assert answered(cluster) == {first}
    assert not failed(cluster)


def test_a_kept_connection_is_reset_by_a_crash_and_moves_on() -> None:
    cluster = shop()
    cluster.do({"traffic": {**ORDERS, "keepAlive": True}})
    cluster.advance(3)
    (first,) = answered(cluster)
    cluster.do({"crash": first})
    cluster.advance(5)
    assert failed(cluster) == {"reset": 1}
    assert len(answered(cluster, start=cluster.now - 2)) == 1


def test_a_kept_connection_outlives_an_orderly_end_of_its_pod() -> None:
    cluster = shop()
    cluster.do({"traffic": {**ORDERS, "keepAlive": True}})
    cluster.advance(3)
    (first,) = answered(cluster)
    cluster.do({"evict": first})
    cluster.advance(4)
    assert answered(cluster) == {first}, "terminating, but its connections stay"
    cluster.advance(10)
    assert len(answered(cluster)) == 2
    assert not failed(cluster)


def test_a_dead_machine_lets_a_kept_connection_hang() -> None:
    cluster = shop(
        workload("frontend", pod={"nodeName": "node-1"}),
        workload("backend", 1, pod={"nodeName": "node-3"}),
        service("backend"),
    )
    cluster.do({"traffic": {**ORDERS, "keepAlive": True}})
    cluster.advance(3)
    cluster.do({"down": "node-3"})
    cluster.advance(1)
    assert failed(cluster) == {"dropped": 2}


def test_targets_are_read_from_the_callers_environment_and_from_config_maps() -> None:
    env = [{"name": "TARGET", "value": "backend"}]
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "shop"},
        "data": {"p": "80"},
    }
    cluster = shop(workload("frontend", env=env), workload("backend"), service("backend"), config)
    for name, target in {
        "own": "http://${TARGET}:${PORT:-80}",
        "config": "http://backend:${configMap:shop/c:p}",
        "other": "http://${env:shop/frontend:TARGET}",
    }.items():
        cluster.do({"traffic": {"id": name, "from": "shop/frontend", "to": target}})
    cluster.advance(3)
    assert not failed(cluster)
    assert all(traffic.counts(cluster.world, name) for name in ("own", "config", "other"))


def test_a_flow_ends_when_it_is_told_and_one_of_the_same_name_takes_its_place() -> None:
    cluster = shop()
    cluster.do({"traffic": ORDERS})
    cluster.advance(2)
    cluster.do({"traffic": {**ORDERS, "perSecond": 1}})
    cluster.advance(2)
    cluster.do({"quiet": "orders"})
    cluster.advance(5)
    assert sum(traffic.between(cluster.world, "orders", 0, 1e9).values()) == 6


def pricing(**spec: Any) -> Cluster:
    behaviour = {"maxConnectionAge": 60}
    return shop(workload("frontend"), workload("pricing", 3, behaviour), service("pricing", **spec), seconds=8)


def test_one_connection_through_a_cluster_ip_makes_one_pod_do_all_the_work() -> None:
    cluster = pricing()
    calls = {"id": "calls", "from": "shop/frontend", "to": "pricing:80", "perSecond": 3, "keepAlive": True}
    cluster.do({"traffic": {**calls, "balance": "round_robin"}})
    cluster.advance(50)
    assert len(answered(cluster, "calls")) == 1
    cluster.advance(300)
    assert len(answered(cluster, "calls")) > 1, "the server ends each connection after a minute"
    assert not failed(cluster)


def test_a_balancing_client_of_a_headless_service_shares_its_calls_and_meets_newcomers() -> None:
    cluster = pricing(clusterIP="None")
    calls = {"id": "calls", "from": "shop/frontend", "to": "pricing:8080", "perSecond": 3, "keepAlive": True}
    cluster.do({"traffic": {**calls, "balance": "round_robin"}})
    cluster.advance(20)
    shares = traffic.between(cluster.world, "calls", 0, 1e9)
    assert set(shares.values()) == {20}
    cluster.do({"scale": "shop/pricing", "replicas": 4})
    cluster.advance(30)
    assert len(answered(cluster, "calls")) == 3, "nobody asks while the connections live"
    cluster.advance(65)
    assert len(answered(cluster, "calls")) == 4
    assert not failed(cluster)
