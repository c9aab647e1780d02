"""What a container does is read from ordinary fields and one annotation; mistakes in it are told with their place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from k8stui.api.core import Pod
from k8stui.engine.behaviour import BehaviourError, Socket, parse, read_socket
from k8stui.engine.container import ANNOTATION, behaviour_of, environment, listening, respond
from k8stui.engine.store import Store


def pod(behaviour: object = None, *, phase: str = "Running", ip: str = "10.244.1.2", **container: Any) -> Pod:
    meta: dict[str, Any] = {"name": "web", "namespace": "shop", "uid": "u-1"}
    if behaviour is not None:
        meta["annotations"] = {ANNOTATION: behaviour if isinstance(behaviour, str) else json.dumps(behaviour)}
    return Pod.model_validate(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta,
            "spec": {"nodeName": "node-1", "containers": [{"name": "app", **container}]},
            "status": {"phase": phase, "podIP": ip},
        }
    )


def sockets(found: tuple[Socket, ...]) -> list[str]:
    return [str(socket) for socket in found]


def test_declared_ports_and_probes_are_listened_on() -> None:
    recorded = pod(
        ports=[{"containerPort": 8080, "name": "http"}, {"containerPort": 53, "protocol": "UDP"}],
        readinessProbe={"httpGet": {"path": "/", "port": 8081}},
        livenessProbe={"tcpSocket": {"port": "http"}},
    )
    assert sockets(listening(recorded, Store())) == ["*:8080/tcp", "*:53/udp", "*:8081/tcp"]


def test_the_annotation_stands_over_declared_ports() -> None:
    lying = pod({"listens": ["8080/tcp", "127.0.0.1:9090/tcp", "[::]:53/udp"]}, ports=[{"containerPort": 9090}])
    assert sockets(listening(lying, Store())) == ["*:8080/tcp", "127.0.0.1:9090/tcp", "[::]:53/udp"]
    assert listening(pod({"listens": []}, ports=[{"containerPort": 80}]), Store()) == ()


@pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
def test_a_pod_that_does_not_run_listens_on_nothing(phase: str) -> None:
    assert listening(pod(phase=phase, ports=[{"containerPort": 80}]), Store()) == ()


def test_a_recorded_container_that_waits_listens_on_nothing() -> None:
    waiting = {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    crashed = pod(ports=[{"containerPort": 80}])
    crashed = Pod.model_validate({**crashed.to_wire(), "status": {"phase": "Running", "containerStatuses": [waiting]}})
    assert listening(crashed, Store()) == ()


@pytest.mark.parametrize(
    ("text", "ip", "accepted"),
    [
        ("8080/tcp", "10.244.1.2", True),
        ("8080/tcp", "fd00::2", True),
        ("0.0.0.0:8080/tcp", "fd00::2", False),
        ("[::]:8080/tcp", "10.244.1.2", True),
        ("127.0.0.1:8080/tcp", "10.244.1.2", False),
        ("127.0.0.1:8080/tcp", "127.0.0.1", True),
        ("10.244.1.2:8080/tcp", "10.244.1.2", True),
        ("8080/udp", "10.244.1.2", False),
    ],
)
def test_a_socket_takes_the_packets_of_its_address(text: str, ip: str, accepted: bool) -> None:
    assert read_socket(text).accepts(ip, 8080, "TCP") is accepted


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/ready", 503), ("/api/v1", 418), ("/api/v2", 200), ("/none", 404)]
)
def test_the_exact_path_wins_then_the_longest_pattern(path: str, status: int) -> None:
    paths = {"/ready": 503, "/api/*": 418, "/api/v2": 200}
    assert respond(pod({"listens": ["80/tcp"], "paths": paths}), Store(), path) == status


def test_without_paths_everything_is_answered() -> None:
    web = pod(ports=[{"containerPort": 80}])
    assert respond(web, Store(), "/anything") == 200
    assert respond(web, Store(), "/", port=81) == 0


def test_a_path_may_be_for_some_clients_alone() -> None:
    behaviour = '{"paths": {"/": {"admits": ["203.0.113.0/24"]}, "/open": 200}, "listens": ["80/tcp"]}'
    web = pod(behaviour)
    assert respond(web, Store(), "/", client="203.0.113.9") == 200
    assert respond(web, Store(), "/", client="172.18.0.11") == 403
    assert respond(web, Store(), "/open", client="172.18.0.11") == 200
    assert respond(web, Store(), "/") == 200, "the node's own probes are let in"


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("{", "", "not JSON"),
        ("[]", "", "object"),
        ('{"listen": []}', "listen", "listens"),
        ('{"listens": "80/tcp"}', "listens", "list"),
        ('{"listens": ["80/tcp", "x"]}', "listens[1]", "PORT/tcp"),
        ('{"listens": ["99999/tcp"]}', "listens[0]", "65535"),
        ('{"listens": ["1.2.3.400:80/tcp"]}', "listens[0]", "IP address"),
        ('{"paths": {"/a": {"state": 1}}}', "paths./a.state", "status"),
        ('{"paths": {"/a": {"lag": {"web-1": 9}}}}', "paths./a.lag", "leader"),
        ('{"paths": {"/a": {"admits": ["203.0.113.0/24", "me"]}}}', "paths./a.admits[1]", "203.0.113.0/24"),
        ('{"warmUp": [3]}', "warmUp", "[least, most]"),
        ('{"warmUp": {"second": 3}}', "warmUp.second", "seconds"),
        ('{"startSeconds": [5, 2]}', "startSeconds", "smaller"),
        ('{"shutdown": "slow"}', "shutdown.mode", "drain"),
        ('{"exits": {"after": -1}}', "exits[0].after", "0 or more"),
        ('{"resolver": "bsd"}', "resolver", "musl"),
        ('{"calls": [{"perSecond": 1}]}', "calls[0]", "to:"),
        ('{"containers": {"app": {"listens": [0]}}}', "containers.app.listens[0]", "PORT/tcp"),
    ],
)
def test_mistakes_name_their_place_and_what_would_be_right(text: str, place: str, word: str) -> None:
    with pytest.raises(BehaviourError) as caught:
        parse(text)
    assert caught.value.place == place
    assert word in caught.value.message


def test_a_container_that_the_pod_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(BehaviourError, match=r"pod shop/web: containers\.side: .*app"):
        behaviour_of(pod({"containers": {"side": {}}}))


def test_own_variables_expand_what_is_known_and_leave_the_rest() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)-$(C)-$$(A)"}]
    assert environment(pod(env=env), Store(), "app") == {"A": "1", "B": "1-$(C)-$(A)"}
