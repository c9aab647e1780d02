"""After any sequence of operations slices say what the pods imply, workloads converge, and worlds can be replayed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.api.apps import Deployment, ReplicaSet
from k8stui.api.core import Endpoints, Node, Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.engine import admission
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import World
from tests.engine.controllers.hands import NODES, Hands, deployment, service

NAMES = ("web", "api")
_CONDITIONS = ("ready", "serving", "terminating")

pick = st.integers(0, 40)
operation = st.one_of(
    st.tuples(st.just("scale"), st.sampled_from(NAMES), st.integers(0, 6)),
    st.tuples(st.just("roll"), st.sampled_from(NAMES), st.integers(1, 3)),
    st.tuples(st.just("pause"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("ready"), pick, st.booleans()),
    st.tuples(st.just("fail"), pick, st.just(None)),
    st.tuples(st.just("delete"), pick, st.sampled_from([None, 0])),
    st.tuples(st.just("relabel"), pick, st.sampled_from((*NAMES, "nobody"))),
    st.tuples(st.just("lose"), st.sampled_from(NODES), st.just(None)),
    st.tuples(st.just("publish"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 700), st.just(None)),
)


def started() -> Hands:
    hands = Hands(seed=7)
    for name in NAMES:
        hands.create(deployment(name), service(name))
    return hands


def do(hands: Hands, step: tuple[str, Any, Any]) -> None:
    verb, target, value = step
    if verb == "wait":
        hands.manager.advance(target)
    elif verb == "scale":
        hands.change("Deployment", target, replicas=value)
    elif verb == "roll":
        hands.roll(target, f"app:{value}")
    elif verb == "pause":
        hands.change("Deployment", target, paused=value)
    elif verb == "publish":
        hands.change("Service", target, publishNotReadyAddresses=value)
    elif verb == "lose":
        for pod in hands.store.pods_on(target):
            hands.report(pod, ready=False)
    elif hands.pods():
        on_pod(hands, verb, hands.pods()[target % len(hands.pods())], value)


def on_pod(hands: Hands, verb: str, pod: Pod, value: Any) -> None:
    if verb == "ready":
        hands.report(pod, ready=value)
    elif verb == "fail":
        hands.report(pod, ready=False, phase="Failed")
    elif verb == "delete":
        hands.delete("Pod", pod.name, grace=value)
    else:
        hands.relabel(pod, app=value)


def shown(store: Store, name: str) -> set[tuple[Any, ...]]:
    """Return what the slices of a Service say, one entry an endpoint."""
    slices = [s for s in store.list(EndpointSlice) if s.service == name]
    entries = [
        (
            e.target_ref.name,
            e.addresses,
            e.node_name,
            e.conditions.ready,
            e.conditions.serving,
            e.conditions.terminating,
        )
        for slice_ in slices
        for e in slice_.endpoints or ()
        if e.target_ref
    ]
    assert len(entries) == len(set(entries))
    assert slices, "a Service with a selector has at least an empty slice"
    assert all(len(slice_.endpoints or ()) <= 100 for slice_ in slices)
    return set(entries)


def implied(store: Store, found: Service) -> set[tuple[Any, ...]]:
    """Return what the slices of a Service should say."""
    return {
        (
            pod.name,
            pod.ips,
            pod.spec.node_name,
            bool(found.spec.publish_not_ready_addresses) or (pod.ready and not pod.terminating),
            pod.ready,
            pod.terminating,
        )
        for pod in store.list(Pod)
        if (found.spec.selector or {}).items() <= pod.labels.items()
        and pod.ips
        and not pod.finished
        and store.get(Node, "", pod.spec.node_name or "")
    }


def check(hands: Hands) -> None:
    store = hands.store
    for found in store.list(Service):
        expected = implied(store, found)
        assert shown(store, found.name) == expected
        endpoints = store.get(Endpoints, "default", found.name)
        assert endpoints is not None
        publish = bool(found.spec.publish_not_ready_addresses)
        ready = {a.target_ref.name for s in endpoints.subsets or () for a in s.addresses or () if a.target_ref}
        assert ready == {entry[0] for entry in expected if entry[3] and (publish or not entry[5])}
    for replica_set in store.list(ReplicaSet):
        owned = [obj for obj in store.owned(replica_set.metadata.uid or "") if isinstance(obj, Pod)]
        living = [pod for pod in owned if not pod.terminating and not pod.finished]
        assert len(living) == replica_set.spec.replicas == replica_set.status.replicas
        assert replica_set.spec.selector is not None
        assert all(replica_set.spec.selector.matches(pod.labels) for pod in living)


def sameness(world: World) -> tuple[Any, ...]:
    timers = sorted(((t.due, t.sequence, t.action, t.payload) for t in world.timers or ()), key=lambda t: t[1])
    return world.objects, world.now, world.revision, world.counts, world.state, world.sequence, timers


@settings(max_examples=settings().max_examples * 2 // 5)
@given(st.lists(operation, max_size=14))
def test_slices_and_sizes_hold_after_every_step_and_all_converges(steps: list[tuple[str, Any, Any]]) -> None:
    hands = started()
    for step in steps:
        do(hands, step)
        check(hands)
    for name in NAMES:
        hands.change("Deployment", name, paused=False)
    for pod in hands.pods():
        if pod.finished:
            admission.delete(hands.store, key_of(pod), grace=0)
    hands.manager.settle()
    hands.all_ready()
    check(hands)
    for found in hands.store.list(Deployment):
        wanted = found.spec.replicas or 0
        assert (found.status.available_replicas or 0) == (found.status.updated_replicas or 0) == wanted
        assert sum(rs.spec.replicas or 0 for rs in hands.store.owned(found.metadata.uid or "")) == wanted  # type: ignore[attr-defined]


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(operation, max_size=6), st.lists(operation, max_size=6))
def test_the_same_calls_from_a_kept_world_lead_to_the_same_world(
    before: list[tuple[str, Any, Any]], after: list[tuple[str, Any, Any]]
) -> None:
    first = started()
    for step in before:
        do(first, step)
    kept = first.store.world
    for step in after:
        do(first, step)
    reached = sameness(first.store.world)
    first.store.reset(kept)
    for step in after:
        do(first, step)
    assert sameness(first.store.world) == reached
    fresh = Hands()
    fresh.store.reset(kept)
    for step in after:
        do(fresh, step)
    assert sameness(fresh.store.world) == reached
