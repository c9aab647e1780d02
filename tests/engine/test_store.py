"""The store: versions, look-ups, and going back to an earlier world."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.core import Pod, PodIP, PodSpec, PodStatus
from k8stui.api.errors import AlreadyExists, Conflict, NotFound
from k8stui.api.meta import LabelSelector, LabelSelectorRequirement, ObjectMeta
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change


def pod(name: str, *, app: str = "web", namespace: str = "shop", ip: str | None = None, node: str | None = None) -> Pod:
    ips = (PodIP(ip=ip),) if ip else None
    return Pod(
        api_version="v1",
        kind="Pod",
        metadata=ObjectMeta(name=name, namespace=namespace, labels={"app": app}),
        spec=PodSpec(node_name=node),
        status=PodStatus(pod_ip=ip, pod_ips=ips),
    )


def test_an_object_created_twice_is_refused() -> None:
    store = Store()
    store.create(pod("a"))
    with pytest.raises(AlreadyExists):
        store.create(pod("a"))


def test_a_stale_version_is_a_conflict_and_the_newest_is_not() -> None:
    store = Store()
    first = store.create(pod("a"))
    second = store.update(first.with_(spec=PodSpec(node_name="node-1")))
    with pytest.raises(Conflict):
        store.update(first.with_(spec=PodSpec(node_name="node-2")))
    assert store.update(second.with_(spec=PodSpec(node_name="node-2"))).spec.node_name == "node-2"


def test_an_equal_object_is_not_written_again() -> None:
    store = Store()
    first = store.create(pod("a"))
    heard: list[Change] = []
    store.listeners.append(heard.append)
    assert store.update(first) is first
    assert heard == []


def test_removing_what_is_not_there_is_refused() -> None:
    store = Store()
    with pytest.raises(NotFound):
        store.remove(key_of(pod("a")))


def test_generated_names_differ_and_come_again_from_the_same_seed() -> None:
    def names() -> list[str]:
        store = Store()
        template = pod("").with_(metadata=ObjectMeta(generate_name="web-", namespace="shop"))
        return [store.create(template).name for _ in range(20)]

    assert len(set(names())) == 20
    assert names() == names()


def test_selectors_find_by_label_expression_and_namespace() -> None:
    store = Store()
    for name, app, namespace in (("a", "web", "shop"), ("b", "db", "shop"), ("c", "web", "other")):
        store.create(pod(name, app=app, namespace=namespace))
    expression = LabelSelectorRequirement(key="app", operator="NotIn", values=("db",))
    assert [p.name for p in store.select(Pod, "shop", {"app": "web"})] == ["a"]
    assert [p.name for p in store.select(Pod, "shop", LabelSelector())] == ["a", "b"]
    assert [p.name for p in store.select(Pod, "shop", LabelSelector(match_expressions=(expression,)))] == ["a"]


operations = st.lists(
    st.tuples(
        st.sampled_from(["create", "move", "remove"]),
        st.sampled_from("abcd"),
        st.sampled_from(["web", "db"]),
        st.sampled_from([None, "10.244.1.2", "10.244.1.3"]),
    ),
    max_size=12,
)


def carry_out(store: Store, steps: list[tuple[str, str, str, str | None]]) -> None:
    for verb, name, app, ip in steps:
        wanted = pod(name, app=app, ip=ip, node="node-1" if ip else None)
        present = store.at(key_of(wanted))
        if verb == "remove" and present is not None:
            store.remove(key_of(wanted))
        elif verb == "create" and present is None:
            store.create(wanted)
        elif verb == "move" and present is not None:
            store.put(key_of(wanted), wanted)


def look_ups(store: Store) -> object:
    return (
        [p.name for app in ("web", "db") for p in store.select(Pod, "shop", {"app": app})],
        [p.name for p in store.pods_on("node-1")],
        [p.name for ip in ("10.244.1.2", "10.244.1.3") for p in store.pods_at(ip)],
    )


@given(before=operations, after=operations)
def test_going_back_restores_every_look_up(
    before: list[tuple[str, str, str, str | None]], after: list[tuple[str, str, str, str | None]]
) -> None:
    """The tables derived from changes agree with those of a store that never went on."""
    store = Store()
    carry_out(store, before)
    world, expected = store.world, look_ups(store)
    carry_out(store, after)
    store.reset(world)
    assert store.world is world
    assert look_ups(store) == expected == look_ups(Store(world))
