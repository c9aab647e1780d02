"""Connections that stay open: they keep their backend, and break where it ends or a node forgets them."""

from __future__ import annotations

import pytest

from k8stui.engine.network import BadEnd
from k8stui.engine.trace import Outcome
from tests.engine.harbour import Harbour

_DNS_PORT = [{"port": 53, "targetPort": 5353, "protocol": "UDP"}]


@pytest.fixture
def harbour() -> Harbour:
    harbour = Harbour()
    harbour.shop()
    return harbour


def test_a_connection_keeps_its_backend_after_it_left_the_service(harbour: Harbour) -> None:
    trace, name = harbour.network.open("default/client", "10.96.0.50:80")
    harbour.remove("Service", "web")
    for _ in range(3):
        again = harbour.network.send(name)
        assert (again.outcome, again.answered_by) == (Outcome.DELIVERED, trace.answered_by)
    assert harbour.network.connect("default/client", "10.96.0.50:80").outcome is Outcome.DROPPED


def test_a_connection_is_reset_when_its_pod_ends(harbour: Harbour) -> None:
    trace, name = harbour.network.open("default/client", "10.96.0.50:80")
    assert trace.answered_by is not None
    harbour.remove("Pod", trace.answered_by.partition("/")[2])
    broken = harbour.network.send(name)
    assert broken.outcome is Outcome.RESET
    assert broken.cause is not None
    with pytest.raises(BadEnd):
        harbour.network.send(name)


def test_datagrams_leave_a_backend_that_serves_no_more(harbour: Harbour) -> None:
    """The stale entry is cleaned while another backend serves; the same source port then finds a new one."""
    harbour.service("names", "10.96.0.60", {"app": "web"}, _DNS_PORT)
    trace, name = harbour.network.open("default/client", "10.96.0.60:53/udp")
    assert trace.answered_by is not None
    harbour.remove("Pod", trace.answered_by.partition("/")[2])
    again = harbour.network.send(name)
    assert again.outcome is Outcome.DELIVERED
    assert again.answered_by != trace.answered_by


def test_datagrams_stay_lost_while_no_backend_serves(harbour: Harbour) -> None:
    harbour.pod("solo", "10.244.2.60", 2, {"app": "solo"}, {"5353/UDP"})
    harbour.service("names", "10.96.0.60", {"app": "solo"}, _DNS_PORT)
    trace, name = harbour.network.open("default/client", "10.96.0.60:53/udp")
    harbour.remove("Pod", "solo")
    assert harbour.network.send(name).outcome is Outcome.DROPPED
    harbour.wait(200)
    assert harbour.network.send(name).outcome is Outcome.REJECTED
    assert trace.delivered


def test_a_policy_that_comes_later_lets_open_connections_go_on(harbour: Harbour) -> None:
    _, name = harbour.network.open("default/client", "10.96.0.50:80")
    harbour.put(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "shut", "namespace": "default"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }
    )
    assert harbour.network.connect("default/client", "10.96.0.50:80").outcome is Outcome.DROPPED
    assert harbour.network.send(name).outcome is Outcome.DELIVERED


def test_closing_forgets_everything(harbour: Harbour) -> None:
    before = harbour.store.world.state
    _, name = harbour.network.open("default/client", "10.96.0.50:80")
    harbour.network.close(name)
    harbour.network.close(name)
    rooms = ("connections", "proxy/conntrack")
    assert [len(harbour.store.world.state[room]) for room in rooms] == [0, 0]
    assert not before.get("connections")


def test_a_snapshot_holds_open_connections(harbour: Harbour) -> None:
    trace, name = harbour.network.open("default/client", "10.96.0.50:80")
    before = harbour.store.world
    assert trace.answered_by is not None
    harbour.remove("Pod", trace.answered_by.partition("/")[2])
    harbour.network.send(name)
    harbour.store.reset(before)
    assert harbour.network.send(name).outcome is Outcome.DELIVERED
