"""What pods inherit from those that they replaced in a storm: what a script had said of their readiness.

A rollout waits for its new pods, so they inherit only when all of them are there and ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from immutables import Map

from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Pod
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.scheduler import workload_of
from k8stui.engine.faults import READINESS, readiness_override, set_fault
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

ROOM = "heirs"


class _Estate(NamedTuple):
    """What is left to inherit, and the uids of the pods that leave it."""

    said: tuple[bool, ...]
    owners: frozenset[str]


def bequeath(store: Store, workload: Key, present: Iterable[Pod]) -> None:
    """Let the pods that replace these ones inherit what a script said of their readiness."""
    leaving = list(present)
    said = [readiness_override(store.world, key_of(pod), pod.metadata.uid) for pod in leaving]
    left = tuple(value for value in said if value is not None)
    estates: Map[Key, _Estate] = store.world.state.get(ROOM, Map())
    if left:
        estate = _Estate(left, frozenset(pod.metadata.uid or "" for pod in leaving))
        store.world = store.world.with_state(ROOM, estates.set(workload, estate))


def disinherit(store: Store, workload: Key) -> None:
    """Let a workload's new pods inherit nothing."""
    estates: Map[Key, _Estate] = store.world.state.get(ROOM, Map())
    if workload in estates:
        store.world = store.world.with_state(ROOM, estates.delete(workload))


def pods_of(store: Store, key: Key) -> list[Pod]:
    """Return the pods of a workload, or the pod of that key, that are there to stay; by name."""
    found = store.at(key)
    if isinstance(found, Pod):
        return [found]
    if not isinstance(found, Deployment | StatefulSet | DaemonSet | ReplicaSet) or found.spec.selector is None:
        return []
    pods = store.select(Pod, found.namespace, found.spec.selector)
    return [pod for pod in pods if not pod.finished and not pod.terminating and workload_of(store, pod) == key]


class Inheritance(Controller):
    """Hands on what is left once a workload's new pods are all ready."""

    name = "inheritance"
    kinds = frozenset({"Pod"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue the workload of a pod, if pods of it left something."""
        estates: Map[Key, _Estate] | None = store.world.state.get(ROOM)
        if not estates or not isinstance(change.new, Pod):
            return ()
        workload = workload_of(store, change.new)
        return (workload,) if workload in estates else ()

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Let the new pods inherit if the old ones are gone and every new one is ready."""
        store = ctx.store
        estates: Map[Key, _Estate] = store.world.state.get(ROOM, Map())
        estate = estates.get(key)
        if estate is None:
            return
        pods = pods_of(store, key)
        old = any(pod.metadata.uid in estate.owners for pod in pods)
        if old or len(pods) < len(estate.owners) or not all(pod.ready for pod in pods):
            return
        store.world = store.world.with_state(ROOM, estates.delete(key))
        for pod, said in zip(pods, estate.said, strict=False):
            set_fault(store, READINESS, (key_of(pod), pod.metadata.uid), said)
            store.put(key_of(pod), pod)
