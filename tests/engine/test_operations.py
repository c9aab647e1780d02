"""Scripted operations: each does what its words say, and one that makes no sense says what would."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.core import Node, Service
from k8stui.engine.cluster import Cluster
from k8stui.engine.operations import OperationError, check, failed
from tests.engine.shop import pods, service, shop, workload


def ips(cluster: Cluster, app: str = "backend") -> set[str]:
    return {ip for pod in pods(cluster, app) for ip in pod.ips}


def names(cluster: Cluster, app: str = "backend") -> set[str]:
    return {pod.name for pod in pods(cluster, app)}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({}, "exactly one of these verbs"),
        ({"explode": "shop/backend"}, "exactly one of these verbs"),
        ({"scale": "shop/backend", "roll": "shop/backend"}, "exactly one of these verbs"),
        ({"scale": "shop/backend", "replica": 3}, "unknown option `replica`"),
        ({"scale": "shop/backend"}, "`replicas` must be a number"),
        ({"scale": "shop/backend", "replicas": "3"}, "`replicas` must be int"),
        ({"scale": "shop/nope", "replicas": 3}, "there is no 'shop/nope'"),
        ({"roll": "Service/shop/backend"}, "needs a workload"),
        ({"evict": "shop/nope"}, "neither a pod nor a workload"),
        ({"evict": "shop/backend", "pods": 0}, "at least 1"),
        ({"evict": "shop/backend", "pods": 1, "pick": "worst"}, "random, oldest"),
        ({"crash": "shop/backend", "container": "db"}, "it has app"),
        ({"drain": "node-9"}, "nodes: node-1, node-2, node-3"),
        ({"label": "shop/backend"}, "must be an object"),
        ({"patch": "Service/shop/backend"}, "`with` must be the patch"),
        ({"patch": "Service/shop/backend", "with": {"spec": {"ports": []}}}, "spec.ports: Required value"),
        ({"set": {"colour": 1}}, "enforcesPolicy"),
        ({"rollback": "shop/backend"}, "there are 1"),
        ({"traffic": {"id": "a", "from": "x"}}, "'to' must be a text"),
        ({"quiet": "a"}, "no flow"),
        ({"delete": "Namespace/default"}, "may not be deleted"),
        ({"repeat": {"explode": 1}, "every": 1, "times": 1}, "exactly one"),
        ({"storm": "now"}, "storm: true"),
    ],
)
def test_operations_that_make_no_sense_say_what_would(operation: dict[str, Any], words: str) -> None:
    cluster = shop()
    before = cluster.world.objects
    with pytest.raises(OperationError, match=words.replace(".", r"\.")):
        cluster.do(operation)
    assert cluster.world.objects is before


def test_check_needs_no_cluster() -> None:
    check({"scale": "shop/backend", "replicas": 3})
    with pytest.raises(OperationError):
        check({"scale": "shop/backend", "size": 3})


def test_scale_and_evict() -> None:
    cluster = shop()
    cluster.do({"scale": "shop/backend", "replicas": 5})
    cluster.advance(3)
    assert len(pods(cluster, "backend")) == 5
    before = names(cluster)
    cluster.do({"evict": "shop/backend"})
    assert len(names(cluster) & before) == 4
    cluster.advance(10)
    assert all(pod.ready for pod in pods(cluster, "backend"))


def test_a_crash_keeps_the_address_and_the_pod() -> None:
    cluster = shop()
    before = ips(cluster), names(cluster)
    cluster.do({"crash": "shop/backend", "pods": "all"})
    assert not any(pod.ready for pod in pods(cluster, "backend"))
    cluster.advance(2)
    assert (ips(cluster), names(cluster)) == before
    assert all(pod.ready for pod in pods(cluster, "backend"))


def test_roll_and_rollback() -> None:
    cluster = shop()
    cluster.do({"patch": "shop/backend", "with": {"spec": {"template": {"metadata": {"labels": {"v": "2"}}}}}})
    cluster.advance(30)
    assert {pod.labels.get("v") for pod in pods(cluster, "backend")} == {"2"}
    cluster.do({"rollback": "shop/backend"})
    cluster.advance(30)
    assert {pod.labels.get("v") for pod in pods(cluster, "backend")} == {None}
    before = names(cluster)
    cluster.do({"roll": "shop/backend"})
    cluster.advance(30)
    assert not names(cluster) & before
    assert len(names(cluster)) == 3


def test_a_storm_replaces_every_pod_on_its_node_and_hands_readiness_on() -> None:
    lonely = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "lonely", "namespace": "shop", "labels": {"app": "lonely"}},
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
    }
    cluster = shop(
        workload("backend", 3), workload("db", 2, kind="StatefulSet", spec={"serviceName": "db"}), lonely, seconds=10
    )
    cluster.do({"unready": "shop/backend", "pods": 1})
    everybody = ("backend", "db", "lonely")
    before = {app: pods(cluster, app) for app in everybody}
    cluster.do({"storm": True})
    cluster.advance(90)
    for app in everybody:
        old, new = before[app], pods(cluster, app)
        assert sorted(p.spec.node_name or "" for p in new) == sorted(p.spec.node_name or "" for p in old)
        assert not {p.metadata.uid for p in new} & {p.metadata.uid for p in old}
        assert not {ip for p in new for ip in p.ips} & {ip for p in old for ip in p.ips}
    stays = {p.name: p.spec.node_name for p in before["db"]}
    assert {p.name: p.spec.node_name for p in pods(cluster, "db")} == stays
    assert sorted(p.ready for p in pods(cluster, "backend")) == [False, True, True]


def test_unready_stands_over_the_probes_until_they_may_decide_again() -> None:
    cluster = shop()
    cluster.do({"unready": "shop/backend"})
    assert not any(pod.ready for pod in pods(cluster, "backend"))
    assert not cluster.connect("shop/frontend", "http://backend").delivered
    cluster.do({"probe": "shop/backend"})
    assert all(pod.ready for pod in pods(cluster, "backend"))


def test_labels_go_to_objects_or_pods() -> None:
    cluster = shop()
    cluster.do({"label": "shop/backend", "pods": 1, "labels": {"app": "evidence"}})
    assert (len(pods(cluster, "backend")), len(pods(cluster, "evidence"))) == (3, 1)
    cluster.do({"label": "Service/shop/backend", "labels": {"team": "x"}})
    found = cluster.store.get(Service, "shop", "backend")
    assert found is not None
    assert found.labels == {"team": "x"}


def test_dns_stops_and_starts() -> None:
    cluster = shop()
    assert cluster.connect("shop/frontend", "http://backend").delivered
    cluster.do({"stop": "dns"})
    cluster.advance(10)
    assert cluster.connect("shop/frontend", "http://backend").outcome == "unresolved"
    cluster.do({"start": "dns"})
    cluster.advance(3)
    assert cluster.connect("shop/frontend", "http://backend").delivered


def test_operations_happen_at_their_moment_and_again() -> None:
    cluster = shop()
    begin = cluster.now
    cluster.schedule(begin + 5, {"scale": "shop/backend", "replicas": 1})
    cluster.do({"repeat": {"cordon": "node-1"}, "every": 7, "times": 2})
    cluster.advance(4.9)
    assert len(pods(cluster, "backend")) == 3
    cluster.advance(0.1)
    assert len(pods(cluster, "backend")) == 1
    cluster.advance(2)
    cluster.do({"uncordon": "node-1"})
    cluster.advance(7)
    node = cluster.store.get(Node, "", "node-1")
    assert node is not None
    assert node.spec.unschedulable


def test_apply_lays_a_manifest_over_what_is_there() -> None:
    cluster = shop()
    cluster.do({"apply": [service("backend", sessionAffinity="ClientIP"), service("other")]})
    found = cluster.store.get(Service, "shop", "backend")
    assert found is not None
    assert found.spec.session_affinity == "ClientIP"
    assert cluster.store.get(Service, "shop", "other") is not None


def test_merge_changes_several_objects() -> None:
    cluster = shop()
    change = {"spec": {"ports": [{"port": 81, "targetPort": 8080}]}}
    cluster.do({"merge": {"Service/shop/backend": change, "Deployment/shop/backend": {"spec": {"replicas": 1}}}})
    assert cluster.connect("shop/frontend", "http://backend:81").delivered
    assert len(pods(cluster, "backend")) == 1


def test_a_scheduled_operation_that_is_not_possible_any_more_is_noted() -> None:
    cluster = shop()
    cluster.schedule(cluster.now + 1, {"scale": "shop/backend", "replicas": 2})
    cluster.do({"delete": "Deployment/shop/backend"})
    cluster.advance(2)
    ((moment, reason),) = failed(cluster.world)
    assert moment == cluster.now - 1
    assert "no 'shop/backend'" in reason


def test_time_goes_on_where_a_finished_rollout_loses_its_pods_for_longer_than_its_deadline() -> None:
    cluster = shop()
    cluster.do({"unready": "shop/backend"})
    cluster.advance(700)
    cluster.do({"scale": "shop/backend", "replicas": 4})
    cluster.advance(700)
    assert len(pods(cluster, "backend")) == 4
