"""Containers that need somebody else: a peer's name before they are ready, a call from their start on."""

from __future__ import annotations

from typing import Any

from k8stui.api.core import Pod
from k8stui.engine import traffic
from k8stui.engine.cluster import Cluster
from tests.engine.shop import pods, service, shop, workload


def etcd(**peers: Any) -> Cluster:
    names = [f"dns:etcd-{n}.etcd-peers" for n in range(3)]
    probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 3}
    return shop(
        workload(
            "etcd",
            3,
            {"paths": {"/health": {"needs": names}}},
            kind="StatefulSet",
            spec={"serviceName": "etcd-peers", "podManagementPolicy": "Parallel"},
            readinessProbe=probe,
        ),
        service("etcd"),
        service("etcd-peers", clusterIP="None", selector={"app": "etcd"}, **peers),
        seconds=30,
    )


def test_peers_that_wait_for_each_others_names_wait_for_ever() -> None:
    assert [pod.ready for pod in pods(etcd(), "etcd")] == [False] * 3


def test_published_before_they_are_ready_they_find_each_other() -> None:
    assert [pod.ready for pod in pods(etcd(publishNotReadyAddresses=True), "etcd")] == [True] * 3


def test_a_container_calls_whom_its_behaviour_names() -> None:
    calls = {"listens": [], "calls": [{"to": "http://backend", "perSecond": 2, "id": "orders"}]}
    cluster = shop(workload("frontend", 1, calls), workload("backend"), service("backend"), seconds=5)
    cluster.do({"scale": "shop/frontend", "replicas": 3})
    cluster.advance(5)
    results = traffic.between(cluster.world, "orders", cluster.now - 2, cluster.now)
    assert sum(results.values()) == 4
    assert len({result.client for result in results}) == 3


LEADER = ["mysql-0", "mysql-write"]


def test_only_the_leader_takes_writes_and_a_dead_one_is_followed_by_whom_a_service_names() -> None:
    write = {"/write": {"leader": LEADER}, "/ledger": {"leader": LEADER, "lag": {"mysql-1": 9, "mysql-2": 0}}}
    label = "statefulset.kubernetes.io/pod-name"
    cluster = shop(
        workload("frontend", pod={"nodeName": "node-1"}),
        workload("mysql", 3, {"paths": write}, kind="StatefulSet", spec={"serviceName": "mysql"}),
        service("mysql-write", selector={label: "mysql-0"}),
        seconds=15,
    )

    def wrote(path: str = "write") -> int | None:
        return cluster.connect("shop/frontend", f"http://mysql-write/{path}").status

    def select(pod: str) -> None:
        cluster.do({"patch": "Service/shop/mysql-write", "with": {"spec": {"selector": {label: pod}}}})

    assert wrote() == 200
    select("mysql-2")
    assert wrote() == 503, "the old leader lives"
    select("mysql-0")
    first = cluster.store.get(Pod, "shop", "mysql-0")
    assert first is not None
    cluster.do({"down": first.spec.node_name})
    assert wrote() is None
    select("mysql-2")
    assert wrote() == wrote("ledger") == 200
    select("mysql-1")
    assert (wrote(), wrote("ledger")) == (200, 410), "what it had not copied is lost"


def test_a_need_that_cannot_be_asked_for_is_not_met_wherever_the_path_is_asked() -> None:
    deep = {"/deep": {"needs": ["connect:no port"]}}
    cluster = shop(workload("backend", 1, {"paths": deep}), workload("frontend"), service("backend"), seconds=5)
    assert cluster.connect("shop/frontend", "http://backend/deep").status == 503
