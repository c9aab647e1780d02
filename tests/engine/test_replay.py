"""The same acts from the same world lead to the same traces, whatever was asked before: caches never show."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.engine.network import BadEnd
from tests.engine.harbour import Harbour

_TARGETS = ("http://web/", "10.96.0.50:80", "10.96.0.60:53/udp", "http://sticky", "bare:8080", "10.244.2.10:8080")
_SOURCES = ("default/client", "node:node-2", "external:198.51.100.7", "default/web-1")
_acts = st.one_of(
    st.tuples(st.just("connect"), st.sampled_from(_SOURCES), st.sampled_from(_TARGETS)),
    st.tuples(st.just("open"), st.sampled_from(_SOURCES), st.sampled_from(_TARGETS)),
    st.tuples(st.just("send"), st.integers(0, 3)),
    st.tuples(st.just("ready"), st.integers(1, 3), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 40.0])),
)


def start() -> Harbour:
    harbour = Harbour()
    harbour.shop()
    harbour.service("names", "10.96.0.60", {"app": "web"}, [{"port": 53, "targetPort": 5353, "protocol": "UDP"}])
    harbour.service("sticky", "10.96.0.61", {"app": "web"}, sessionAffinity="ClientIP")
    harbour.service("bare", "None", {"app": "web"})
    return harbour


def play(harbour: Harbour, acts: list[tuple[Any, ...]]) -> list[Any]:
    seen: list[Any] = []
    for act in acts:
        match act:
            case ("connect", source, target):
                seen.append(harbour.network.connect(source, target).to_dict())
            case ("open", source, target):
                trace, name = harbour.network.open(source, target)
                seen.append((trace.to_dict(), name))
            case ("send", number):
                try:
                    seen.append(harbour.network.send(f"connection-{number}").to_dict())
                except BadEnd as error:
                    seen.append(str(error))
            case ("ready", number, ready):
                ports = {"8080", "5353/UDP"}
                harbour.pod(f"web-{number}", f"10.244.{number}.10", number, {"app": "web"}, ports, ready=ready)
            case ("wait", seconds):
                harbour.wait(seconds)
    return seen


@settings(max_examples=settings().max_examples * 2 // 5)
@given(st.lists(_acts, max_size=8), st.lists(_acts, min_size=1, max_size=8))
def test_acts_from_one_world_lead_to_the_same_traces(before: list[Any], acts: list[Any]) -> None:
    harbour = start()
    play(harbour, before)
    world = harbour.store.world
    first = play(harbour, acts)
    harbour.store.reset(world)
    assert play(harbour, acts) == first
    fresh = start()
    fresh.store.reset(world)
    assert play(fresh, acts) == first
