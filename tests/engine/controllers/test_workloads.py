"""Deployments, ReplicaSets, StatefulSets and DaemonSets where the recordings do not reach."""

from __future__ import annotations

import pytest

from k8stui.api.apps import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Event, Namespace, Node, Pod, Service, Taint
from k8stui.engine import admission, bare
from k8stui.engine.controllers.replicaset import compare_for_deletion
from k8stui.engine.store import key_of
from k8stui.engine.world import Key, Settings
from tests.engine.controllers.hands import Hands, deployment, service


def stateful(name: str = "db", replicas: int = 3, **spec: object) -> dict[str, object]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "db", "image": "db:1"}]}}
    whole = {
        "replicas": replicas,
        "serviceName": name,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
    }
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": {**whole, **spec}}


def images(hands: Hands) -> list[str | None]:
    return sorted(str((pod.spec.containers or ())[0].image) for pod in hands.pods() if not pod.terminating)


def test_a_quarantined_pod_keeps_running_and_is_replaced_and_may_come_home() -> None:
    hands = Hands()
    hands.create(deployment())
    hands.all_ready()
    pod = hands.pods()[0]
    hands.relabel(pod, app="quarantine")
    assert hands.pod(pod.name).metadata.controller is None
    assert len(hands.pods()) == 4
    hands.relabel(pod, app="web")
    assert hands.pod(pod.name).metadata.controller is not None
    assert sum(not p.terminating for p in hands.pods()) == 3


def test_recreate_starts_nothing_before_the_last_old_pod_is_gone() -> None:
    hands = Hands()
    hands.create(deployment(strategy={"type": "Recreate"}))
    hands.all_ready()
    hands.roll("web", "app:2")
    assert images(hands) == []
    old = hands.pods()
    for pod in old[:2]:
        hands.delete("Pod", pod.name, grace=0)
    assert images(hands) == []
    hands.delete("Pod", old[2].name, grace=0)
    assert images(hands) == ["app:2"] * 3


def test_going_back_gives_the_old_replica_set_a_new_revision() -> None:
    hands = Hands()
    hands.create(deployment())
    hands.all_ready()
    for image in ("app:2", "app:1"):
        hands.roll("web", image)
        hands.all_ready()
    found = {rs.spec.replicas: rs.annotations for rs in hands.store.list(ReplicaSet)}
    assert found[3]["deployment.kubernetes.io/revision"] == "3"
    assert found[3]["deployment.kubernetes.io/revision-history"] == "1"
    assert found[0]["deployment.kubernetes.io/revision"] == "2"


def test_scaling_in_the_middle_of_a_rollout_keeps_the_shares() -> None:
    hands = Hands()
    hands.create(deployment(replicas=10, strategy={"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}))
    hands.all_ready()
    hands.roll("web", "app:bad")
    sizes = sorted(rs.spec.replicas or 0 for rs in hands.store.list(ReplicaSet))
    assert sizes == [5, 8]
    hands.change("Deployment", "web", replicas=15)
    assert sorted(rs.spec.replicas or 0 for rs in hands.store.list(ReplicaSet)) == [7, 11]


def test_history_is_cut_to_its_limit() -> None:
    hands = Hands()
    hands.create(deployment(revisionHistoryLimit=2))
    for number in range(2, 7):
        hands.all_ready()
        hands.roll("web", f"app:{number}")
    hands.all_ready()
    assert len(hands.store.list(ReplicaSet)) == 3


def test_a_rollout_without_progress_is_given_up_after_its_deadline() -> None:
    hands = Hands()
    hands.create(deployment(progressDeadlineSeconds=60))
    hands.manager.advance(59)
    reasons = [c.reason for c in hands.store.list(Deployment)[0].status.conditions or ()]
    assert "ProgressDeadlineExceeded" not in reasons
    hands.manager.advance(10)
    reasons = [c.reason for c in hands.store.list(Deployment)[0].status.conditions or ()]
    assert "ProgressDeadlineExceeded" in reasons


def test_a_pod_is_available_only_after_min_ready_seconds() -> None:
    hands = Hands()
    hands.create(deployment(minReadySeconds=10, replicas=1))
    hands.all_ready()
    hands.manager.advance(9)
    assert hands.store.list(Deployment)[0].status.available_replicas is None
    hands.manager.advance(1)
    assert hands.store.list(Deployment)[0].status.available_replicas == 1


def test_deletion_cost_decides_before_age() -> None:
    hands = Hands()
    hands.create(deployment())
    hands.all_ready()
    cheap, *others = hands.pods()
    meta = cheap.metadata.with_(annotations={"controller.kubernetes.io/pod-deletion-cost": "-5"})
    cheap = hands.store.update(cheap.with_(metadata=meta))
    assert all(compare_for_deletion(cheap, 1, other, 1, 100) < 0 for other in others)
    hands.change("Deployment", "web", replicas=2)
    assert hands.pod(cheap.name).terminating


def test_a_stateful_set_stops_at_its_partition_and_keeps_its_names() -> None:
    hands = Hands()
    hands.create(stateful(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}))
    hands.all_ready()
    template = hands.store.list(StatefulSet)[0].to_wire()["spec"]["template"]
    template["spec"]["containers"][0]["image"] = "db:2"
    hands.change("StatefulSet", "db", template=template)
    hands.all_ready()
    assert images(hands) == ["db:1", "db:1", "db:2"]
    hands.delete("Pod", "db-0", grace=0)
    hands.all_ready()
    assert (hands.pod("db-0").spec.containers or ())[0].image == "db:1"
    assert [revision.revision for revision in hands.store.list(ControllerRevision)] in ([1, 2], [2, 1])


def test_ordinals_may_start_elsewhere() -> None:
    hands = Hands()
    hands.create(stateful(ordinals={"start": 5}, podManagementPolicy="Parallel"))
    assert [pod.name for pod in hands.pods()] == ["db-5", "db-6", "db-7"]
    assert hands.pod("db-6").labels["apps.kubernetes.io/pod-index"] == "6"


def test_a_daemon_runs_on_every_node_that_takes_it() -> None:
    hands = Hands()
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
    spec = {"selector": {"matchLabels": {"app": "agent"}}, "template": template}
    node = hands.store.get(Node, "", "node-1")
    assert node is not None
    tainted = node.with_(spec=node.spec.with_(taints=(Taint(key="gpu", effect="NoSchedule"),)))
    hands.store.update(tainted)
    hands.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": spec})
    assert len(hands.pods()) == 2
    stored = hands.store.get(Node, "", "node-1")
    assert stored is not None
    hands.store.update(stored.with_(spec=stored.spec.with_(taints=None)))
    hands.manager.settle()
    assert len(hands.pods()) == 3
    assert hands.store.list(DaemonSet)[0].status.desired_number_scheduled == 3


def test_deleting_an_owner_deletes_what_it_owns() -> None:
    hands = Hands()
    hands.create(deployment(), service())
    hands.delete("Deployment", "web")
    assert hands.pods() == []
    assert hands.store.list(ReplicaSet) == []
    hands.delete("Service", "web")
    assert not hands.store.world.objects["EndpointSlice"]
    assert not hands.store.world.objects["Endpoints"]


def test_a_namespace_takes_everything_along_once_its_pods_have_ended() -> None:
    hands = Hands()
    hands.create(bare.namespace("shop"), {**deployment(), "metadata": {"name": "web", "namespace": "shop"}})
    pod = hands.store.list(Pod, "shop")[0]
    hands.store.update(pod.with_(spec=pod.spec.with_(node_name="node-1")))
    admission.delete(hands.store, Key("Namespace", "", "shop"))
    hands.manager.settle()
    left = hands.store.list(Pod, "shop")
    assert [p.name for p in left] == [pod.name]
    assert left[0].terminating
    admission.delete(hands.store, key_of(left[0]), grace=0)
    hands.manager.settle()
    assert hands.store.get(Namespace, "", "shop") is None


@pytest.mark.parametrize(
    ("provider", "after", "ip"), [("none", 60, None), ("cloud", 2, "203.0.113.1"), ("pool", 0, "203.0.113.0")]
)
def test_load_balancers_come_from_whoever_provides_them(provider: str, after: float, ip: str | None) -> None:
    hands = Hands(Settings(load_balancer=provider))
    hands.create(service(type="LoadBalancer"))
    hands.manager.advance(after)
    found = hands.store.list(Service)[0].to_wire()["status"]["loadBalancer"]
    assert found == ({"ingress": [{"ip": ip, "ipMode": "VIP"}]} if ip else {})


def test_a_wish_that_is_no_address_waits_and_is_told() -> None:
    hands = Hands(Settings(load_balancer="pool"))
    wish = {"metallb.io/loadBalancerIPs": "the best one"}
    wire = service(type="LoadBalancer")
    hands.create({**wire, "metadata": {**wire["metadata"], "annotations": wish}})
    told = [event.reason for event in hands.store.list(Event, "default")]
    assert told == ["AllocationFailed"]


def test_an_exhausted_pool_serves_the_next_once_an_address_is_free() -> None:
    hands = Hands(Settings(load_balancer="pool", load_balancer_pool=("203.0.113.8/32",)))
    hands.create(service("a", type="LoadBalancer"), service("b", type="LoadBalancer"))
    assert any(event.reason == "AllocationFailed" for event in hands.store.list(Event))
    hands.delete("Service", "a")
    found = hands.store.list(Service)[0].to_wire()["status"]["loadBalancer"]
    assert found["ingress"][0]["ip"] == "203.0.113.8"


def test_refused_pods_are_told_of_from_the_replica_set_up_to_the_deployment() -> None:
    hands = Hands()
    wire = deployment()
    wire["spec"]["template"]["spec"]["serviceAccountName"] = "nobody"
    hands.create(wire)
    assert hands.pods() == []
    (found,) = hands.store.list(Deployment)
    failure = {c.type: c.message for c in found.status.conditions or ()}["ReplicaFailure"]
    assert failure is not None
    assert failure.endswith('serviceaccount "nobody" not found')
    template = found.to_wire()["spec"]["template"]
    template["spec"] = {"containers": template["spec"]["containers"]}
    hands.change("Deployment", "web", template=template)
    hands.all_ready()
    (found,) = hands.store.list(Deployment)
    assert "ReplicaFailure" not in {c.type for c in found.status.conditions or ()}


@pytest.mark.parametrize("text", ["--5", "²", "newest", ""])
def test_annotations_that_are_no_numbers_stop_no_rollout(text: str) -> None:
    hands = Hands()
    hands.create(deployment())
    (first,) = hands.store.list(ReplicaSet)
    marks = dict.fromkeys(("deployment.kubernetes.io/revision", "deployment.kubernetes.io/desired-replicas"), text)
    hands.store.update(first.with_(metadata=first.metadata.with_(annotations={**first.annotations, **marks})))
    hands.manager.settle()
    hands.roll("web", "app:2")
    hands.all_ready()
    assert {pod.spec.containers[0].image for pod in hands.pods() if pod.spec.containers} == {"app:2"}
