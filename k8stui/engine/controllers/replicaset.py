"""The ReplicaSet controller: as many pods as asked for, adopted and released by label.

kubernetes: pkg/controller/replicaset/replica_set.go, pkg/controller/controller_utils.go (which pods go first).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cmp_to_key

from k8stui.api.apps import ReplicaSet, WorkloadStatus
from k8stui.api.core import Condition, Pod
from k8stui.api.errors import StatusError
from k8stui.api.meta import KubeObject, LabelSelector
from k8stui.engine.clock import seconds
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.conditions import condition_of, restated, without
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.scaling import wanted
from k8stui.engine.controllers.selectors import OrphanIndex, SelectorIndex
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

FAILURE = "ReplicaFailure"
_BURST = 500


class ReplicaSetController(Controller):
    """Creates and deletes the pods of ReplicaSets and counts them."""

    name = "replicaset-controller"
    kinds = frozenset({"ReplicaSet", "Pod"})

    def __init__(self) -> None:
        self._selectors = SelectorIndex()
        self._orphans = OrphanIndex()
        self._factory = pods.PodFactory()

    def observe(self, change: Change) -> None:
        if change.key.kind == "ReplicaSet":
            self._selectors.observe(change)
        else:
            self._orphans.observe(change)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind == "ReplicaSet":
            return [] if _only_status(change) else [change.key]
        return owners_of(change, "ReplicaSet", self._selectors)

    def reconcile(self, key: Key, ctx: Context) -> None:
        found = ctx.store.at(key)
        if not isinstance(found, ReplicaSet):
            return
        owned = claim(ctx.store, found, found.spec.selector, self._orphans)
        active = [pod for pod in owned if pods.is_active(pod)]
        refusal: str | None = None
        if not found.terminating:
            busy, refusal = self._manage(ctx, found, active)
            if busy:
                return  # the pods' changes bring the key back
        found = found.with_(status=_with_failure(found.status, refusal, ctx.timestamp()))
        self._count(ctx, found, active, sum(pods.is_ending(pod) for pod in owned))
        wait = pods.next_available(active, found.spec.min_ready_seconds or 0, ctx.now)
        if wait is not None:
            ctx.after(wait, key)

    def _manage(self, ctx: Context, replica_set: ReplicaSet, active: list[Pod]) -> tuple[bool, str | None]:
        """Create or delete pods; return whether any was, and why the API server refused one."""
        missing = wanted(replica_set) - len(active)
        if missing > 0 and not pods.may_create(ctx.store, replica_set.namespace):
            return False, None
        try:
            for _ in range(min(missing, _BURST)):
                pod = ctx.store.create(self._factory.make(ctx.store, replica_set.spec.template, replica_set))
                ctx.event(replica_set, "Normal", "SuccessfulCreate", f"Created pod: {pod.name}")
        except StatusError as error:
            ctx.event(replica_set, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return False, error.message
        if missing < 0:
            for pod in _first_to_go(ctx, replica_set, active)[: min(-missing, _BURST)]:
                pods.delete(ctx.store, pod)
                ctx.event(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}")
        return missing != 0, None

    def _count(self, ctx: Context, replica_set: ReplicaSet, active: list[Pod], ending: int) -> None:
        labels = (replica_set.spec.template.metadata.labels or {}).items()
        min_ready = replica_set.spec.min_ready_seconds or 0
        ready = [pod for pod in active if pod.ready]
        available = [pod for pod in ready if pods.is_available(pod, min_ready, ctx.now)] if min_ready else ready
        status = WorkloadStatus(
            replicas=len(active),
            fully_labeled_replicas=sum(labels <= pod.labels.items() for pod in active) or None,
            ready_replicas=len(ready) or None,
            available_replicas=len(available) or None,
            terminating_replicas=ending,
            observed_generation=replica_set.metadata.generation,
            conditions=replica_set.status.conditions,
        )
        ctx.store.update(replica_set.with_(status=status))


def _with_failure(status: WorkloadStatus, refusal: str | None, now: str) -> WorkloadStatus:
    """Return a status that says, or says no longer, that the API server refuses the pods."""
    present = condition_of(status.conditions, FAILURE)
    if refusal is None:
        return without(status, FAILURE) if present is not None else status
    if present is not None and present.message == refusal:
        return status
    condition = Condition(type=FAILURE, status="True", last_transition_time=now, reason="FailedCreate", message=refusal)
    return status.with_(conditions=restated(status.conditions, condition))


def _only_status(change: Change) -> bool:
    """Tell whether a ReplicaSet changed in nothing but what this controller writes about it."""
    old, new = change.old, change.new
    if not isinstance(old, ReplicaSet) or not isinstance(new, ReplicaSet):
        return False
    same = old.spec is new.spec and old.metadata.labels is new.metadata.labels
    return same and old.terminating == new.terminating and old.metadata.generation == new.metadata.generation


def owners_of(change: Change, kind: str, selectors: SelectorIndex) -> list[Key]:
    """Return the workloads of a kind that a pod's change concerns: its owners, or for an orphan all that select it."""
    found = {
        key: None for obj in (change.old, change.new) if obj is not None and (key := pods.controller_key(obj, kind))
    }
    orphan = change.new
    if orphan is not None and orphan.metadata.controller is None:
        old = change.old
        if old is None or old.metadata.controller is not None or old.labels != orphan.labels:
            found |= dict.fromkeys(selectors.selecting(orphan.namespace, orphan.labels))
    return list(found)


def claim(store: Store, owner: KubeObject, selector: LabelSelector | None, orphans: OrphanIndex) -> list[Pod]:
    """Return the owner's pods, terminating and finished ones included, by name.

    Active orphans that it selects are adopted, pods whose labels it selects no longer are released.
    """
    claimed = []
    for pod in store.owned(owner.metadata.uid or ""):
        if not isinstance(pod, Pod) or not pods.controlled_by(pod, owner):
            continue
        if selector is None or selector.matches(pod.labels):
            claimed.append(pod)
        elif not owner.terminating and not pod.terminating:
            pods.release(store, pod, owner)
    if selector is None or owner.terminating:
        return claimed
    adopted = [pods.adopt(store, pod, owner) for pod in orphans.matching(owner.namespace, selector)]
    return sorted((*claimed, *adopted), key=lambda pod: pod.name) if adopted else claimed


def _first_to_go(ctx: Context, replica_set: ReplicaSet, active: Sequence[Pod]) -> list[Pod]:
    """Return the pods in the order in which a smaller ReplicaSet gives them up."""
    crowd = Counter(pod.spec.node_name for pod in _related(ctx.store, replica_set) if pods.is_active(pod))
    now = ctx.now

    def compare(one: Pod, other: Pod) -> int:
        return compare_for_deletion(one, crowd[one.spec.node_name], other, crowd[other.spec.node_name], now)

    return sorted(active, key=cmp_to_key(compare))


def _related(store: Store, replica_set: ReplicaSet) -> Iterable[Pod]:
    """Yield the pods of this ReplicaSet and of its siblings under the same owner."""
    siblings = [replica_set]
    reference = replica_set.metadata.controller
    if reference is not None:
        siblings = [obj for obj in store.owned(reference.uid) if isinstance(obj, ReplicaSet)]
    for sibling in siblings:
        for pod in store.owned(sibling.metadata.uid or ""):
            if isinstance(pod, Pod):
                yield pod


_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def compare_for_deletion(one: Pod, crowd: int, other: Pod, other_crowd: int, now: float) -> int:
    """Return a negative number where `one` goes before `other`.

    `crowd` is how many related pods share its node (kubernetes: controller_utils.go ActivePodsWithRanks).
    """
    for this, that in (
        (bool(one.spec.node_name), bool(other.spec.node_name)),
        (_PHASES.get(one.status.phase or "", 0), _PHASES.get(other.status.phase or "", 0)),
        (one.ready, other.ready),
        (_cost(one), _cost(other)),
        (-crowd, -other_crowd),
    ):
        if this != that:
            return -1 if this < that else 1
    if one.ready and other.ready:
        difference = _by_age(pods.ready_since(one), pods.ready_since(other), one, other, now)
        if difference:
            return difference
    if _restarts(one) != _restarts(other):
        return _restarts(other) - _restarts(one)
    return _by_age(_created(one), _created(other), one, other, now)


def _by_age(one: float | None, other: float | None, pod: Pod, other_pod: Pod, now: float) -> int:
    """Compare two moments, the younger first, on a logarithmic scale; within one step the uid decides."""
    if one == other:
        return 0
    if one is None or other is None:
        return -1 if one is None else 1
    difference = _step(now - one) - _step(now - other)
    if difference:
        return difference
    return -1 if (pod.metadata.uid or "") < (other_pod.metadata.uid or "") else 1


def _step(age: float) -> int:
    return int(math.log2(age * 1e9)) if age > 0 else -1


def _cost(pod: Pod) -> int:
    text = pod.annotations.get(pods.DELETION_COST, "0")
    try:
        return int(text)
    except ValueError:
        return 0


def _restarts(pod: Pod) -> int:
    return max((status.restart_count for status in pod.status.container_statuses or ()), default=0)


def _created(pod: Pod) -> float | None:
    return seconds(pod.metadata.creation_timestamp) if pod.metadata.creation_timestamp else None
