"""The life of nodes: when a silent one is noticed, what becomes of its pods, and of those of a node that is gone."""

from __future__ import annotations

import pytest

from k8stui.api.core import Node, Pod
from k8stui.engine.controllers.kubelet import Kubelet
from k8stui.engine.controllers.nodes import NodeLifecycle, TaintEviction, declared_lost_at, ready_status
from k8stui.engine.operations import do
from k8stui.engine.store import key_of
from tests.engine.controllers.nodeworld import NodeWorld

LASTING = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]


def world() -> NodeWorld:
    found = NodeWorld((Kubelet(), NodeLifecycle(), TaintEviction()))
    found.pod(spec={"tolerations": LASTING})
    found.pod("other", node="node-2")
    found.advance(3)
    return found


def node(found: NodeWorld, name: str = "node-1") -> Node:
    obj = found.store.get(Node, "", name)
    assert obj is not None
    return obj


@pytest.mark.parametrize("moment", [0.0, 3.0, 9.9, 10.0, 47.3])
def test_a_silent_node_is_noticed_after_40_to_55_seconds(moment: float) -> None:
    assert 40 < declared_lost_at(moment) - moment <= 55


def test_a_dead_nodes_pods_stay_ready_until_it_is_noticed_and_are_deleted_later() -> None:
    found = world()
    do(found.store, {"down": "node-1"})
    found.manager.settle()
    found.advance(40)
    assert found.get().ready
    found.advance(15)
    assert ready_status(node(found)) == "Unknown"
    assert not found.get().ready
    assert [(t.key, t.effect) for t in node(found).spec.taints or ()] == [
        ("node.kubernetes.io/unreachable", "NoSchedule"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
    ]
    assert found.events("NodeNotReady") == ["Node node-1 status is now: NodeNotReady", "Node is not ready"]
    found.advance(290)
    assert not found.get().terminating
    found.advance(15)
    assert found.get().terminating, "and it stays: only its own kubelet could end it"
    found.advance(1000)
    assert not found.gone()
    assert found.get("other").ready


def test_a_node_that_comes_back_starts_its_pods_anew_and_ends_deleted_ones() -> None:
    found = world()
    do(found.store, {"down": "node-1"})
    found.manager.settle()
    found.advance(100)
    do(found.store, {"up": "node-1"})
    found.manager.settle()
    found.advance(2)
    assert found.get().ready
    assert found.get().ips == ("10.244.1.3",), "the sandbox was lost, so the address is another one"
    assert node(found).spec.taints is None
    do(found.store, {"down": "node-1"})
    found.advance(400)
    assert found.get().terminating
    do(found.store, {"up": "node-1"})
    found.manager.settle()
    assert found.gone()


def test_a_taint_without_toleration_drives_pods_away_at_once() -> None:
    found = world()
    do(found.store, {"taint": "node-2", "key": "maintenance", "effect": "NoExecute"})
    found.manager.settle()
    assert found.get("other").terminating
    assert found.events("TaintManagerEviction") == ["Marking for deletion Pod default/other"]


def test_the_pods_of_a_node_that_is_gone_are_collected() -> None:
    found = world()
    found.store.remove(key_of(node(found)))
    found.manager.settle()
    found.advance(30)
    assert not found.gone()
    found.advance(40)
    assert [pod.name for pod in found.store.list(Pod)] == ["other"]


def test_drain_spares_daemon_sets_and_cordons() -> None:
    found = world()
    owner = [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "log", "uid": "ds", "controller": True}]
    meta = {"name": "log-1", "ownerReferences": owner}
    spec = {"nodeName": "node-1", "containers": [{"name": "app"}]}
    found.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    do(found.store, {"drain": "node-1"})
    found.manager.settle()
    found.advance(10)
    assert {pod.name for pod in found.store.list(Pod)} == {"log-1", "other"}
    assert node(found).spec.unschedulable
