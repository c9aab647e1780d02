"""The manager: order, time, the loop guard, and that going to another world is not work."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from k8stui.api import scheme
from k8stui.api.core import Event
from k8stui.engine.controllers.manager import Context, Controller, EndlessLoop, Manager
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key, Settings, World


class Recorder(Controller):
    """Writes down when it is asked to do what."""

    name = "recorder"
    kinds = frozenset({"ConfigMap"})

    def __init__(self, again: float = 0.0, write: bool = False) -> None:
        self.seen: list[tuple[float, str]] = []
        self.known: set[str] = set()
        self.again = again
        self.write = write

    def observe(self, change: Change) -> None:
        (self.known.discard if change.new is None else self.known.add)(change.key.name)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        return [change.key]

    def reconcile(self, key: Key, ctx: Context) -> None:
        self.seen.append((ctx.now, key.name))
        if self.again and ctx.now < 3 * self.again:
            ctx.after(self.again, key)
            ctx.after(self.again * 2, key)
        obj = ctx.store.at(key)
        if self.write and obj is not None:
            ctx.store.update(obj.with_(metadata=obj.metadata.with_(labels={"n": str(len(self.seen))})))


def config(store: Store, name: str) -> None:
    store.create(scheme.decode({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}))


def test_a_key_waits_once_however_often_it_changes() -> None:
    store, recorder = Store(), Recorder()
    manager = Manager(store, [recorder])
    config(store, "b")
    config(store, "a")
    store.remove(Key("ConfigMap", "default", "b"))
    manager.settle()
    assert recorder.seen == [(0, "b"), (0, "a")]


def test_of_several_delays_the_earliest_counts_and_time_stops_at_each() -> None:
    store, recorder = Store(), Recorder(again=2)
    manager = Manager(store, [recorder])
    config(store, "a")
    manager.advance(20)
    assert recorder.seen == [(0, "a"), (2, "a"), (4, "a"), (6, "a")]
    assert store.world.now == 20
    assert store.world.timers is None or all(timer.due > 20 for timer in store.world.timers)


def test_other_timers_go_to_their_handlers_after_the_controllers_settled() -> None:
    store, recorder = Store(), Recorder()
    manager = Manager(store, [recorder])
    heard: list[tuple[str, int]] = []

    def handler(text: str) -> None:
        heard.append((text, len(recorder.seen)))
        config(store, text)

    manager.on("say", handler)
    manager.schedule(5, "say", "one")
    manager.schedule(5, "say", "two")
    manager.advance(5)
    assert heard == [("one", 0), ("two", 1)]
    assert recorder.seen == [(5, "one"), (5, "two")]


def test_going_to_another_world_queues_nothing_but_tables_follow() -> None:
    store, recorder = Store(), Recorder()
    manager = Manager(store, [recorder])
    config(store, "a")
    manager.settle()
    before = store.world
    config(store, "b")
    store.reset(before)
    manager.settle()
    assert recorder.seen == [(0, "a")]
    assert recorder.known == {"a"}


def test_where_controllers_are_off_only_what_is_asked_for_is_done() -> None:
    store, recorder = Store(World(settings=Settings(controllers=False))), Recorder()
    manager = Manager(store, [recorder])
    config(store, "a")
    manager.advance(5)
    assert recorder.seen == []
    manager.enqueue("recorder", Key("ConfigMap", "default", "a"))
    manager.settle()
    assert recorder.seen == [(5, "a")]


def test_controllers_that_never_agree_are_named() -> None:
    store = Store()
    manager = Manager(store, [Recorder(write=True)])
    config(store, "a")
    with pytest.raises(EndlessLoop, match="recorder never comes to rest with ConfigMap/default/a"):
        manager.settle()


def test_events_are_counted_then_combined_and_at_last_swallowed() -> None:
    store = Store()
    config(store, "a")
    obj = store.at(Key("ConfigMap", "default", "a"))
    assert obj is not None
    ctx = Context(store, "recorder")
    ctx.event(obj, "Normal", "Same", "again")
    ctx.event(obj, "Normal", "Same", "again")
    for number in range(40):
        ctx.event(obj, "Normal", "Other", f"number {number}")
    counts = {event.message: event.count for event in store.list(Event)}
    assert counts["again"] == 2
    assert len(counts) == 11
    assert counts["(combined from similar events): number 22"] == 14


def test_events_are_forgotten_an_hour_after_they_were_last_told() -> None:
    store = Store()
    manager = Manager(store, [])
    config(store, "a")
    obj = store.at(Key("ConfigMap", "default", "a"))
    assert obj is not None
    ctx = Context(store, "recorder")
    ctx.event(obj, "Normal", "Once", "long ago")
    ctx.event(obj, "Normal", "Often", "and again")
    manager.advance(3000)
    ctx.event(obj, "Normal", "Often", "and again")
    manager.advance(700)
    ctx.event(obj, "Normal", "Now", "at last")
    assert sorted((event.reason, event.count) for event in store.list(Event)) == [("Now", 1), ("Often", 2)]


class Impatient(Controller):
    """Asks for the present moment again and again."""

    name = "impatient"
    kinds = frozenset({"ConfigMap"})

    def keys(self, change: Change, store: Store) -> list[Key]:
        return [change.key]

    def reconcile(self, key: Key, ctx: Context) -> None:
        ctx.after(0, key)


def test_a_controller_that_lets_time_stand_still_is_named() -> None:
    store = Store()
    manager = Manager(store, (Impatient(),))
    store.create(scheme.decode({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}))
    with pytest.raises(EndlessLoop, match=r"time stands still at 0.*impatient"):
        manager.advance(1)
