"""Timers come in order of their time, and chance is a function of seed, stream and count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8stui.engine.clock import draw, seconds, timestamp
from k8stui.engine.world import World


@given(st.lists(st.integers(0, 50), max_size=60))
def test_timers_come_in_order_and_those_of_one_moment_as_they_were_set(dues: list[int]) -> None:
    world = World()
    for index, due in enumerate(dues):
        world = world.with_timer(due, "ring", index)
    taken = []
    while world.timers is not None:
        taken.append((world.timers.timer.due, world.timers.timer.payload[0]))
        world = world.without_first_timer()
    assert taken == sorted((due, index) for index, due in enumerate(dues))


def test_a_heap_keeps_its_old_versions() -> None:
    early = World().with_timer(1, "a").with_timer(2, "b")
    later = early.without_first_timer()
    assert early.timers is not None and early.timers.timer.action == "a"
    assert later.timers is not None and later.timers.timer.action == "b"


def test_one_stream_does_not_move_another() -> None:
    alone, first = World(seed=7).drawn("backend/orders")
    disturbed, _ = World(seed=7).drawn("names")
    _, again = disturbed.drawn("backend/orders")
    assert first == again == draw(7, "backend/orders", 0)
    assert alone.drawn("backend/orders")[1] != first


@given(st.integers(0, 10**8))
def test_times_survive_being_written(now: int) -> None:
    assert seconds(timestamp(now)) == now
