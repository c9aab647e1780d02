"""The scheduler: which node a pod gets, and what it says when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.core import Node, Toleration
from k8stui.engine.controllers.nodes import NodeLifecycle
from k8stui.engine.controllers.placement import tolerates
from k8stui.engine.controllers.scheduler import Scheduler
from k8stui.engine.operations import do
from tests.engine.controllers.nodeworld import NodeWorld


def world(nodes: int = 3) -> NodeWorld:
    return NodeWorld((Scheduler(), NodeLifecycle()), nodes)


def nodes_of(found: NodeWorld, *names: str) -> list[str | None]:
    return [found.get(name).spec.node_name for name in names]


def test_pods_spread_over_the_nodes_by_name_where_all_are_equal() -> None:
    found = world()
    for name in "abcd":
        found.pod(name, node=None)
    assert nodes_of(found, *"abcd") == ["node-1", "node-2", "node-3", "node-1"]
    assert found.events("Scheduled")[0] == "Successfully assigned default/a to node-1"


def test_a_workloads_pods_keep_away_from_each_other_first() -> None:
    found = world()
    for name in "abc":
        found.pod(name, node="node-1")
    owner = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "rs", "controller": True}]
    for name in ("w-1", "w-2", "w-3"):
        meta = {"name": name, "ownerReferences": owner}
        found.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [{"name": "app"}]}})
    assert sorted(nodes_of(found, "w-1", "w-2", "w-3"), key=str) == ["node-1", "node-2", "node-3"]


def test_a_selector_that_no_node_has_leaves_the_pod_pending_until_one_has() -> None:
    found = world(2)
    do(found.store, {"taint": "node-1", "key": "gpu"})
    found.pod(node=None, spec={"nodeSelector": {"disk": "ssd"}})
    message = (
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: "
        "0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    assert found.condition("PodScheduled") == ("False", "Unschedulable", message)
    assert found.events("FailedScheduling") == [message]
    do(found.store, {"label": "Node/node-2", "labels": {"disk": "ssd"}})
    found.manager.settle()
    assert nodes_of(found, "web") == ["node-2"]
    assert found.condition("PodScheduled")[0] == "True"


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "value": "a100", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "v100"}, False),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"value": "a100"}, False),
    ],
)
def test_which_tolerations_cover_a_taint(toleration: dict[str, Any], tolerated: bool) -> None:
    taint = Node.model_validate(
        {"spec": {"taints": [{"key": "gpu", "value": "a100", "effect": "NoSchedule"}]}}
    ).spec.taints
    assert taint is not None
    assert tolerates(Toleration.model_validate(toleration), taint[0]) is tolerated


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ({"key": "size", "operator": "In", "values": ["8"]}, True),
        ({"key": "size", "operator": "NotIn", "values": ["8"]}, False),
        ({"key": "nope", "operator": "NotIn", "values": ["8"]}, True),
        ({"key": "size", "operator": "Gt", "values": ["7"]}, True),
        ({"key": "size", "operator": "Lt", "values": ["7"]}, False),
        ({"key": "size", "operator": "Exists"}, True),
        ({"key": "size", "operator": "DoesNotExist"}, False),
    ],
)
def test_required_node_affinity(expression: dict[str, Any], fits: bool) -> None:
    found = world(1)
    do(found.store, {"label": "Node/node-1", "labels": {"size": "8"}})
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    found.pod(node=None, spec={"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}})
    assert nodes_of(found, "web") == (["node-1"] if fits else [None])


def test_a_cordoned_node_takes_no_new_pod_and_one_port_of_a_node_is_given_once() -> None:
    found = world(2)
    do(found.store, {"cordon": "node-1"})
    found.manager.settle()
    ports = [{"containerPort": 80, "hostPort": 8080}]
    found.pod("a", node=None, ports=ports)
    found.pod("b", node=None, ports=ports)
    assert nodes_of(found, "a", "b") == ["node-2", None]
    do(found.store, {"uncordon": "node-1"})
    found.manager.settle()
    assert nodes_of(found, "b") == ["node-1"]


HOST = "kubernetes.io/hostname"


def test_anti_affinity_spreads_and_then_leaves_pending() -> None:
    found = world(2)
    term = {"topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "web"}}}
    apart = {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    for name in "abc":
        found.pod(name, node=None, labels={"app": "web"}, spec=apart)
    assert nodes_of(found, *"abc") == ["node-1", "node-2", None]
    assert "2 node(s) didn't match pod anti-affinity rules" in found.events("FailedScheduling")[0]


def test_affinity_keeps_pods_together() -> None:
    found = world(3)
    found.pod("db", node="node-3", labels={"app": "db"})
    term = {"topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "db"}}}
    beside = {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    found.pod("a", node=None, spec=beside)
    found.pod("b", node=None, spec=beside)
    assert nodes_of(found, "a", "b") == ["node-3", "node-3"]


def test_a_spread_that_must_hold_counts_domains_that_a_pod_may_use() -> None:
    found = world(3)
    do(found.store, {"cordon": "node-3"})
    found.manager.settle()
    rule = {"maxSkew": 1, "topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "web"}}}
    even = {"topologySpreadConstraints": [{**rule, "whenUnsatisfiable": "DoNotSchedule"}]}
    for name in "abc":
        found.pod(name, node=None, labels={"app": "web"}, spec=even)
    assert nodes_of(found, *"abc") == ["node-1", "node-2", None], "an empty cordoned node counts by default"
