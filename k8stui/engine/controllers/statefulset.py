"""The StatefulSet controller: pods with lasting names, one after the other or all at once.

kubernetes: pkg/controller/statefulset/{stateful_set,stateful_set_control,stateful_set_utils}.go, with
MaxUnavailableStatefulSet as in 1.35 and later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8stui.api.apps import StatefulSet, WorkloadStatus
from k8stui.api.core import Pod
from k8stui.api.errors import StatusError
from k8stui.engine.controllers import history, pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.replicaset import claim, owners_of
from k8stui.engine.controllers.scaling import share_of
from k8stui.engine.controllers.selectors import OrphanIndex, SelectorIndex
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"


class StatefulSetController(Controller):
    """Creates, replaces and deletes the pods of StatefulSets in the order of their ordinals."""

    name = "statefulset-controller"
    kinds = frozenset({"StatefulSet", "Pod"})

    def __init__(self) -> None:
        self._selectors = SelectorIndex()
        self._orphans = OrphanIndex()
        self._factory = pods.PodFactory()

    def observe(self, change: Change) -> None:
        if change.key.kind == "StatefulSet":
            self._selectors.observe(change)
        else:
            self._orphans.observe(change)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind == "StatefulSet":
            return [change.key]
        found = owners_of(change, "StatefulSet", self._selectors)
        if change.new is None:
            # A name that somebody else had is free again.
            parent = Key("StatefulSet", change.key.namespace, change.key.name.rpartition("-")[0])
            if parent not in found and store.at(parent) is not None:
                found.append(parent)
        return found

    def reconcile(self, key: Key, ctx: Context) -> None:
        stateful_set = ctx.store.at(key)
        if not isinstance(stateful_set, StatefulSet) or not pods.may_create(ctx.store, key.namespace):
            return
        members = [
            pod
            for pod in claim(ctx.store, stateful_set, stateful_set.spec.selector, self._orphans)
            if ordinal_of(stateful_set, pod) is not None
        ]
        Round(ctx, stateful_set, members, self._factory).run()
        wait = pods.next_available(members, stateful_set.spec.min_ready_seconds or 0, ctx.now)
        if wait is not None:
            ctx.after(wait, key)


class Round:
    """One look at one StatefulSet: at most one step in order, or all steps at once under Parallel."""

    def __init__(
        self, ctx: Context, stateful_set: StatefulSet, members: Sequence[Pod], factory: pods.PodFactory
    ) -> None:
        self.ctx = ctx
        self.factory = factory
        self.set = stateful_set
        self.members = members
        self.update = history.present_revision(ctx.store, stateful_set)
        known = {revision.name: revision for revision in history.revisions_of(ctx.store, stateful_set)}
        self.current = known.get(stateful_set.status.current_revision or "", self.update)
        self.in_order = stateful_set.spec.pod_management_policy != "Parallel"
        self.start = (stateful_set.spec.ordinals.start or 0) if stateful_set.spec.ordinals else 0
        self.replicas = 1 if stateful_set.spec.replicas is None else stateful_set.spec.replicas
        present = {ordinal_of(stateful_set, pod): pod for pod in members}
        wanted = range(self.start, self.start + self.replicas)
        self.slots = {ordinal: present.get(ordinal) for ordinal in wanted}
        self.condemned = [pod for ordinal, pod in sorted(present.items(), reverse=True) if ordinal not in self.slots]

    def run(self) -> None:
        """Take the steps that are possible now and store the status."""
        replaced = 0
        if not self.set.terminating and not self._fill() and not self._shrink() and self._rolls():
            replaced = self._replace_outdated()
        self._store_status(replaced)
        live = {self.current.name, self.update.name, *(pod.labels.get(pods.REVISION_HASH, "") for pod in self.members)}
        history.forget_old(self.ctx.store, self.set, live)

    # Steps

    def _fill(self) -> bool:
        """Create what is missing; return whether later steps have to wait."""
        for ordinal, pod in self.slots.items():
            if pod is not None and pod.finished:
                if not pod.terminating:
                    self._delete(pod)
                if self.in_order:
                    return True
                continue
            if pod is None:
                self._create(ordinal)
                if self.in_order:
                    return True
                continue
            if self.in_order and (pod.terminating or not self._available(pod)):
                return True
            self._keep_identity(ordinal, pod)
        return False

    def _shrink(self) -> bool:
        """Delete surplus pods from the highest ordinal down; return whether later steps have to wait."""
        first_bad = self._first_unavailable()
        for pod in self.condemned:
            if not self.in_order:
                if not pod.terminating:
                    self._delete(pod)
                continue
            if pod.terminating or (not self._available(pod) and pod is not first_bad):
                return True
            self._delete(pod)
            return True
        return False

    def _replace_outdated(self) -> int:
        """Delete pods of other revisions, the highest ordinal first; return how many."""
        strategy = self.set.spec.update_strategy
        rolling = strategy.rolling_update if strategy else None
        partition = (rolling.partition or 0) if rolling else 0
        most = max(share_of(rolling.max_unavailable, self.replicas, up=False), 1) if rolling else 1
        room = most - sum(pod is None or self._unavailable(pod) for pod in self.slots.values())
        deleted = 0
        for index, pod in reversed(list(enumerate(self.slots.values()))):
            if index < partition or deleted >= room:
                break
            if pod is not None and self._revision(pod) != self.update.name and not pod.terminating:
                self._delete(pod)
                deleted += 1
        return deleted

    def _create(self, ordinal: int) -> None:
        revision = self.current if self._stays_behind(ordinal) else self.update
        name = f"{self.set.name}-{ordinal}"
        if self.ctx.store.get(Pod, self.set.namespace, name) is not None:
            self._tell("Warning", "create", name, f'failed error: pods "{name}" already exists')
            return
        template = self.set.spec.template if revision is self.update else history.template_of(revision)
        try:
            pod = self.factory.make(
                self.ctx.store,
                template,
                self.set,
                name=name,
                labels={pods.REVISION_HASH: revision.name, POD_NAME: name, POD_INDEX: str(ordinal)},
                hostname=name,
                subdomain=self.set.spec.service_name or None,
            )
        except StatusError as error:
            self._tell("Warning", "create", name, f"failed error: {error.message}")
            return
        self.ctx.store.create(pod)
        self._tell("Normal", "create", name, "successful")

    def _delete(self, pod: Pod) -> None:
        pods.delete(self.ctx.store, pod)
        self._tell("Normal", "delete", pod.name, "successful")

    def _tell(self, kind: str, verb: str, pod: str, how: str) -> None:
        reason = ("Successful" if kind == "Normal" else "Failed") + verb.capitalize()
        self.ctx.event(self.set, kind, reason, f"{verb} Pod {pod} in StatefulSet {self.set.name} {how}")

    def _keep_identity(self, ordinal: int, pod: Pod) -> None:
        if pod.labels.get(POD_NAME) != pod.name:
            labels = {**pod.labels, POD_NAME: pod.name, POD_INDEX: str(ordinal)}
            self.ctx.store.update(pod.with_(metadata=pod.metadata.with_(labels=labels)))

    # Questions

    def _rolls(self) -> bool:
        strategy = self.set.spec.update_strategy
        return strategy is None or strategy.type in (None, "RollingUpdate")

    def _stays_behind(self, ordinal: int) -> bool:
        """Tell whether a new pod of this ordinal is still made from the current revision (below the partition)."""
        strategy = self.set.spec.update_strategy
        rolling = strategy.rolling_update if strategy else None
        return self._rolls() and rolling is not None and ordinal < self.start + (rolling.partition or 0)

    def _available(self, pod: Pod) -> bool:
        min_ready = self.set.spec.min_ready_seconds or 0
        return pods.running_and_ready(pod) and pods.is_available(pod, min_ready, self.ctx.now)

    def _unavailable(self, pod: Pod) -> bool:
        return pod.terminating or not self._available(pod)

    def _first_unavailable(self) -> Pod | None:
        candidates = [*(pod for pod in self.slots.values() if pod is not None), *reversed(self.condemned)]
        if any(pod is None for pod in self.slots.values()):
            return None
        return next((pod for pod in candidates if self._unavailable(pod)), None)

    @staticmethod
    def _revision(pod: Pod) -> str:
        return pod.labels.get(pods.REVISION_HASH, "")

    # Status

    def _store_status(self, replaced: int) -> None:
        stored = self.ctx.store.at(Key("StatefulSet", self.set.namespace, self.set.name))
        if not isinstance(stored, StatefulSet):
            return
        staying = [pod for pod in self.members if not pod.terminating]
        ready = [pod for pod in self.members if pods.running_and_ready(pod)]
        current = sum(self._revision(pod) == self.current.name for pod in staying) - replaced
        updated = sum(self._revision(pod) == self.update.name for pod in staying)
        revision = self.current.name
        done = updated == len(ready) == len(self.members) == self.replicas
        if self._rolls() and done:
            current, revision = updated, self.update.name
        status = WorkloadStatus(
            observed_generation=self.set.metadata.generation,
            replicas=len(self.members),
            ready_replicas=len(ready) or None,
            available_replicas=sum(self._available(pod) for pod in ready),
            current_replicas=max(current, 0) or None,
            updated_replicas=updated or None,
            current_revision=revision,
            update_revision=self.update.name,
            collision_count=self.set.status.collision_count or 0,
            conditions=self.set.status.conditions,
        )
        if status != stored.status:
            self.ctx.store.update(stored.with_(status=status))


def ordinal_of(stateful_set: StatefulSet, pod: Pod) -> int | None:
    """Return the number at the end of a pod's name, or None where the name is not of this set."""
    parent, _, number = pod.name.rpartition("-")
    return int(number) if parent == stateful_set.name and number.isdigit() else None
