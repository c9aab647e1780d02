"""The kubelet: starts, probes, restarts and ends of containers, and the statuses that it writes about them."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.core import Condition, Service
from k8stui.engine import bare, deletion
from k8stui.engine.container import environment, listening
from k8stui.engine.operations import do
from k8stui.engine.store import key_of
from tests.engine.controllers.nodeworld import NodeWorld

READY: dict[str, Any] = {"readinessProbe": {"httpGet": {"path": "/ready", "port": 80}, "periodSeconds": 2}}


def delete(world: NodeWorld, name: str = "web", grace: int | None = None) -> None:
    deletion.delete(world.store, key_of(world.get(name)), grace=grace)
    world.manager.settle()


def test_a_pod_has_its_address_and_is_ready_once_its_container_has_started() -> None:
    world = NodeWorld()
    world.pod()
    assert (world.get().status.phase, world.get().ips, world.state()) == ("Pending", (), "ContainerCreating")
    world.advance(1)
    assert (world.get().status.phase, world.get().ips, world.state()) == ("Running", ("10.244.1.2",), "running")
    assert world.get().ready
    assert world.get().status.host_ip == "172.18.0.11"
    order = [c.type for c in world.get().status.conditions or ()]
    assert order == ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
    assert world.events("Started") == ["Container started"]


def test_nothing_is_due_in_a_pod_that_is_ready_and_stays_so() -> None:
    world = NodeWorld()
    world.pod(**READY, livenessProbe={"tcpSocket": {"port": 80}})
    world.advance(60)
    assert world.get().ready
    assert world.store.world.timers is None


def test_readiness_is_asked_at_once_and_then_every_period() -> None:
    world = NodeWorld()
    world.pod(behaviour={"warmUp": 5}, **READY)
    world.advance(5.9)
    assert world.condition("Ready") == ("False", "ContainersNotReady", "containers with unready status: [app]")
    assert world.events("Unhealthy") == ["Readiness probe failed: HTTP probe failed with statuscode: 503"]
    world.advance(1.1)
    assert world.get().ready


def test_a_closed_port_fails_the_probe_in_go_words() -> None:
    world = NodeWorld()
    world.pod(behaviour={"listens": []}, **READY)
    world.advance(1)
    refused = "dial tcp 10.244.1.2:80: connect: connection refused"
    assert world.events("Unhealthy") == [f'Readiness probe failed: Get "http://10.244.1.2:80/ready": {refused}']


def test_a_shared_dependency_makes_pods_unready_and_they_return() -> None:
    world = NodeWorld()
    world.pod(behaviour={"paths": {"/ready": {"needs": ["db"]}}}, **READY)
    world.advance(1.5)
    do(world.store, {"fail": "db", "seconds": 10})
    world.manager.settle()
    world.advance(5.4)
    assert world.get().ready, "two failures are not yet three"
    world.advance(0.2)
    assert not world.get().ready
    world.advance(6)
    assert world.get().ready
    assert world.store.world.timers is None


def test_a_liveness_failure_restarts_the_container_with_the_same_address() -> None:
    world = NodeWorld()
    probe = {"httpGet": {"path": "/live", "port": 80}, "periodSeconds": 1, "failureThreshold": 2}
    world.pod(livenessProbe=probe)
    world.advance(3)
    do(world.store, {"corrupt": "default/web"})
    world.manager.settle()
    world.advance(3)
    assert world.events("Killing") == ["Container app failed liveness probe, will be restarted"]
    assert world.get().ready, "until it exits, readiness alone decides"
    world.advance(20)
    status = (world.get().status.container_statuses or ())[0]
    assert (status.restart_count, world.get().ready) == (1, True), "a fresh process is not corrupt"
    assert world.get().ips == ("10.244.1.2",)


def test_nothing_is_ready_before_the_startup_probe_has_passed() -> None:
    world = NodeWorld()
    startup = {"tcpSocket": {"port": 80}, "periodSeconds": 3, "failureThreshold": 10}
    world.pod(behaviour={"listensAfter": 4}, startupProbe=startup)
    world.advance(5.9)
    assert not world.get().ready
    world.advance(0.1)
    assert world.get().ready
    assert (world.get().status.container_statuses or ())[0].started


def test_a_crash_loop_backs_off_longer_each_time() -> None:
    world = NodeWorld()
    world.pod(behaviour={"exits": {"after": 2, "code": 3}})
    starts: list[float] = []
    for half in range(180):
        world.advance(0.5)
        count = (world.get().status.container_statuses or ())[0].restart_count
        if world.state() == "running" and len(starts) <= count:
            starts.append((half + 1) / 2)
    assert starts == [1.0, 4.0, 16.0, 38.0, 80.0]
    assert world.get().status.phase == "Running"
    assert world.events("BackOff")


def test_back_off_is_told_in_the_kubelets_words() -> None:
    world = NodeWorld()
    world.pod(behaviour={"exits": {}})
    world.advance(3)
    waiting = ((world.get().status.container_statuses or ())[0].state or {})["waiting"]
    uid = world.get().metadata.uid
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"] == f"back-off 10s restarting failed container=app pod=web_default({uid})"


@pytest.mark.parametrize(
    ("policy", "code", "phase"),
    [("Never", 0, "Succeeded"), ("Never", 1, "Failed"), ("OnFailure", 0, "Succeeded"), ("OnFailure", 1, "Running")],
)
def test_how_a_finished_container_ends_its_pod(policy: str, code: int, phase: str) -> None:
    world = NodeWorld()
    world.pod(behaviour={"exits": {"after": 1, "code": code}}, spec={"restartPolicy": policy})
    world.advance(3)
    assert world.get().status.phase == phase
    assert world.condition("Ready")[0] == ("True" if phase == "Running" else "False")


def test_init_containers_run_one_after_the_other_and_a_sidecar_stays() -> None:
    world = NodeWorld()
    init = [{"name": "one"}, {"name": "side", "restartPolicy": "Always"}, {"name": "two"}]
    world.pod(spec={"initContainers": init})
    assert world.condition("Initialized")[2] == "containers with incomplete status: [one side two]"
    assert world.state() == "PodInitializing"
    world.advance(4)
    assert world.get().ready
    states = [next(iter(s.state or {})) for s in world.get().status.init_container_statuses or ()]
    assert states == ["terminated", "running", "terminated"]


def test_readiness_gates_hold_a_pod_back() -> None:
    world = NodeWorld()
    world.pod(spec={"readinessGates": [{"conditionType": "lb"}]})
    world.advance(1)
    missing = 'corresponding condition of pod readiness gate "lb" does not exist.'
    assert world.condition("Ready") == ("False", "ReadinessGatesNotReady", missing)
    pod = world.get()
    granted = (*(pod.status.conditions or ()), Condition(type="lb", status="True"))
    world.store.update(pod.with_(status=pod.status.with_(conditions=granted)))
    world.manager.settle()
    assert world.get().ready


def test_a_deleted_pod_goes_on_answering_for_five_seconds() -> None:
    world = NodeWorld()
    world.pod()
    world.advance(10)
    delete(world)
    assert world.get().ready
    assert world.events("Killing") == ["Stopping container app"]
    world.advance(4.9)
    assert listening(world.get(), world.store)
    world.advance(0.1)
    assert world.gone()


def test_a_listener_that_closes_at_once_is_held_open_by_a_pre_stop_sleep() -> None:
    world = NodeWorld()
    world.pod("hasty", {"shutdown": "close"})
    world.pod("polite", {"shutdown": "close"}, lifecycle={"preStop": {"exec": {"command": ["sleep", "5"]}}})
    world.advance(2)
    delete(world, "hasty")
    delete(world, "polite")
    assert not listening(world.get("hasty"), world.store)
    world.advance(4.9)
    assert listening(world.get("polite"), world.store)
    world.advance(0.1)
    assert not listening(world.get("polite"), world.store)
    assert world.gone("hasty")
    world.advance(5)
    assert world.gone("polite")


def test_the_grace_period_ends_what_ignores_the_signal_and_can_be_shortened() -> None:
    world = NodeWorld()
    for name in ("long", "short"):
        world.pod(name, {"shutdown": "ignore"}, spec={"terminationGracePeriodSeconds": 20})
    world.advance(1)
    delete(world, "long")
    delete(world, "short")
    world.advance(5)
    delete(world, "short", grace=3)
    world.advance(3)
    assert world.gone("short")
    world.advance(11.9)
    assert not world.gone("long")
    world.advance(0.1)
    assert world.gone("long")


def test_a_draining_pod_is_seen_by_its_readiness_probe() -> None:
    world = NodeWorld()
    probe = {"tcpSocket": {"port": 80}, "periodSeconds": 1, "failureThreshold": 1}
    world.pod(behaviour={"shutdown": {"mode": "drain", "seconds": 10}}, readinessProbe=probe)
    world.advance(3.5)
    delete(world)
    world.advance(1)
    assert not world.get().ready
    assert not world.gone()


def test_addresses_are_not_used_again_at_once() -> None:
    world = NodeWorld()
    world.pod("a")
    world.advance(1)
    delete(world, "a", grace=0)
    world.pod("b")
    world.advance(1)
    assert world.get("b").ips == ("10.244.1.3",)
    world.pod("c", annotations={"k8stui.dev/address": "10.244.1.77"})
    world.pod("d", annotations={"k8stui.dev/address": "10.244.1.77"})
    world.advance(1)
    assert (world.get("c").ips, world.get("d").ips) == (("10.244.1.77",), ("10.244.1.4",))


def test_a_pod_on_the_host_network_has_the_nodes_address_at_once() -> None:
    world = NodeWorld()
    world.pod(spec={"hostNetwork": True})
    assert world.get().ips == ("172.18.0.11",)


def service(name: str, ip: str) -> dict[str, object]:
    ports = [{"name": "db", "port": 6379}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"clusterIP": ip, "ports": ports},
    }


def test_variables_of_services_are_those_of_the_containers_start() -> None:
    world = NodeWorld()
    world.pod("old", {"exits": {"ifNotNumber": "REDIS_PORT"}})
    world.advance(1)
    world.add(service("redis", "10.96.0.11"))
    world.pod("new", {"exits": {"ifNotNumber": "REDIS_PORT"}})
    world.pod("free", {"exits": {"ifNotNumber": "REDIS_PORT"}}, spec={"enableServiceLinks": False})
    world.pod("plain")
    world.advance(20)
    assert [world.state(name) for name in ("old", "new", "free")] == ["running", "CrashLoopBackOff", "running"]
    assert environment(world.get("plain"), world.store, "app") == {
        "REDIS_SERVICE_HOST": "10.96.0.11",
        "REDIS_SERVICE_PORT": "6379",
        "REDIS_SERVICE_PORT_DB": "6379",
        "REDIS_PORT": "tcp://10.96.0.11:6379",
        "REDIS_PORT_6379_TCP": "tcp://10.96.0.11:6379",
        "REDIS_PORT_6379_TCP_PROTO": "tcp",
        "REDIS_PORT_6379_TCP_PORT": "6379",
        "REDIS_PORT_6379_TCP_ADDR": "10.96.0.11",
    }
    found = world.store.get(Service, "default", "redis")
    assert found is not None
    world.store.remove(key_of(found))
    do(world.store, {"crash": "default/plain"})
    world.manager.settle()
    world.advance(2)
    assert environment(world.get("plain"), world.store, "app") == {}


def test_a_behaviour_that_cannot_be_read_keeps_the_container_from_being_created() -> None:
    world = NodeWorld()
    world.pod(behaviour={"listen": []})
    assert world.state() == "CreateContainerConfigError"
    assert "unknown field" in world.events("Failed")[0]


def test_an_image_that_cannot_be_pulled_leaves_a_pod_pending_with_an_address() -> None:
    world = NodeWorld()
    world.pod(behaviour={"pulls": False})
    world.advance(1)
    assert (world.state(), world.get().ips, world.get().status.phase) == ("ErrImagePull", ("10.244.1.2",), "Pending")
    world.advance(2)
    assert world.state() == "ImagePullBackOff"
    assert not listening(world.get(), world.store)
    assert world.events("BackOff") == ['Back-off pulling image "app:1"']
    world.advance(300)
    assert world.state() in ("ErrImagePull", "ImagePullBackOff")


def test_a_node_with_two_ranges_gives_an_address_of_each_family() -> None:
    world = NodeWorld(nodes=0)
    wire = bare.node(1)
    wire["spec"]["podCIDRs"] = ["10.244.1.0/24", "fd00:10:244:1::/64"]
    world.add(wire)
    world.pod()
    world.advance(1)
    assert world.get().ips == ("10.244.1.2", "fd00:10:244:1::2")
    assert world.get().status.pod_ip == "10.244.1.2"


def test_a_full_range_leaves_pods_waiting_until_an_address_is_free() -> None:
    world = NodeWorld(nodes=0)
    wire = bare.node(1)
    wire["spec"] = {"podCIDR": "10.244.1.0/29", "podCIDRs": ["10.244.1.0/29"]}
    world.add(wire)
    for number in range(6):
        world.pod(f"p{number}")
    world.advance(2)
    assert sum(bool(world.get(f"p{number}").ips) for number in range(6)) == 5
    assert world.events("FailedCreatePodSandBox")
    delete(world, "p0", grace=0)
    world.advance(20)
    assert world.get("p5").ready
