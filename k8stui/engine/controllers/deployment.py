"""The Deployment controller: one ReplicaSet for each pod template, and the way from one to the next.

kubernetes: pkg/controller/deployment/{deployment_controller,sync,rolling,recreate}.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8stui.api.apps import Deployment, ReplicaSet
from k8stui.api.core import Pod
from k8stui.engine.controllers import pods, revisions, scaling
from k8stui.engine.controllers.conditions import condition_of, set_condition
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.progress import has_deadline, is_complete, pause_conditions, report, report_counts
from k8stui.engine.controllers.scaling import active, wanted
from k8stui.engine.controllers.selectors import SelectorIndex
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

_DEFAULT_HISTORY = 10


class DeploymentController(Controller):
    """Makes, scales and retires the ReplicaSets of Deployments."""

    name = "deployment-controller"
    kinds = frozenset({"Deployment", "ReplicaSet", "Pod"})

    def __init__(self) -> None:
        self._selectors = SelectorIndex()

    def observe(self, change: Change) -> None:
        if change.key.kind == "Deployment":
            self._selectors.observe(change)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind == "Deployment":
            return [change.key]
        if change.key.kind == "Pod":
            return _of_removed_pod(change, store)
        found = {
            key: None
            for obj in (change.old, change.new)
            if obj is not None and (key := pods.controller_key(obj, "Deployment"))
        }
        if change.new is not None and change.new.metadata.controller is None:
            found |= dict.fromkeys(self._selectors.selecting(change.key.namespace, change.new.labels))
        return list(found)

    def reconcile(self, key: Key, ctx: Context) -> None:
        deployment = ctx.store.at(key)
        if not isinstance(deployment, Deployment) or deployment.spec.selector is None:
            return
        sets = _claim(ctx.store, deployment)
        if deployment.terminating:
            newest, _ = _split(deployment, sets)
            report_counts(ctx, deployment, sets, newest)
            return
        deployment = ctx.store.update(pause_conditions(ctx, deployment))
        Rollout(ctx, deployment, sets).run()


class Rollout:
    """One look at one Deployment: what to do next about its ReplicaSets."""

    def __init__(self, ctx: Context, deployment: Deployment, sets: Sequence[ReplicaSet]) -> None:
        self.ctx = ctx
        self.deployment = deployment
        self.newest, self.olds = _split(deployment, sets)

    @property
    def sets(self) -> list[ReplicaSet]:
        """All ReplicaSets, the newest last."""
        return [*self.olds, self.newest] if self.newest is not None else list(self.olds)

    def run(self) -> None:
        """Take the next step and write down how far the rollout is."""
        self._refresh_newest()
        if self.deployment.spec.paused or self._was_scaled():
            self._scale()
            if self.deployment.spec.paused:
                self._clean_up()
            report_counts(self.ctx, self.deployment, self.sets, self.newest)
            return
        done = self._roll() if scaling.rolling(self.deployment) else self._recreate()
        if done and is_complete(self.deployment, self.deployment.status):
            self._clean_up()
        report(self.ctx, self.deployment, self.sets, self.newest)

    # The newest ReplicaSet

    def _refresh_newest(self) -> None:
        """Keep revision, annotations and minReadySeconds of the newest ReplicaSet right, where there is one."""
        newest = self.newest
        if newest is None:
            return
        revision = str(revisions.newest_of(self.olds) + 1)
        min_ready = self.deployment.spec.min_ready_seconds
        annotations = revisions.annotations_for(self.deployment, newest.annotations, revision)
        changed = pods.changed_spec(newest, newest.spec.with_(min_ready_seconds=min_ready or None))
        changed = changed.with_(metadata=changed.metadata.with_(annotations=annotations))
        self.newest = newest = self._store_set(newest, changed)
        known = condition_of(self.deployment.status.conditions, "Progressing") is not None
        self._note_newest(newest, "" if known else "FoundNewReplicaSet", "Found")

    def _make_newest(self) -> None:
        """Make the ReplicaSet of the present template."""
        if self.newest is not None or not pods.may_create(self.ctx.store, self.deployment.namespace):
            return
        fresh = revisions.new_replica_set(self.deployment, self.olds)
        taken = self.ctx.store.get(ReplicaSet, fresh.namespace, fresh.name)
        if taken is not None:
            count = (self.deployment.status.collision_count or 0) + 1
            status = self.deployment.status.with_(collision_count=count)
            self.deployment = self.ctx.store.update(self.deployment.with_(status=status))
            self._make_newest()
            return
        self.newest = self.ctx.store.create(fresh)
        if size := wanted(self.newest):
            self._tell("up", self.newest, 0, size)
        self._note_newest(self.newest, "NewReplicaSetCreated", "Created")

    def _note_newest(self, newest: ReplicaSet, reason: str, verb: str) -> None:
        """Write the newest ReplicaSet's revision on the Deployment and, for a `reason`, that this is progress."""
        deployment = revisions.with_revision(self.deployment, newest.annotations[revisions.REVISION])
        if reason and has_deadline(deployment):
            text = f'{verb} new replica set "{newest.name}"'
            deployment = set_condition(deployment, self.ctx.timestamp(), "Progressing", "True", reason, text)
        self.deployment = self.ctx.store.update(deployment)

    # Sizes

    def _was_scaled(self) -> bool:
        """Tell whether the Deployment's own size was changed since the ReplicaSets were last sized."""
        desired = [scaling.annotated(replica_set, scaling.DESIRED) for replica_set in active(self.sets)]
        return any(size is not None and size != wanted(self.deployment) for size in desired)

    def _scale(self) -> None:
        """Give the ReplicaSets their sizes without going on with a rollout."""
        only = self._only_active()
        if only is not None:
            self._resize(only, wanted(self.deployment))
        elif scaling.saturated(self.deployment, self.newest):
            for old in active(self.olds):
                self._resize(old, 0)
        elif scaling.rolling(self.deployment):
            for replica_set, size in scaling.proportional(self.deployment, self.sets):
                self._resize(replica_set, size, always=True)

    def _only_active(self) -> ReplicaSet | None:
        """Return the one ReplicaSet that has pods, or the latest where none has; None where several have."""
        having = active(self.sets)
        if not having:
            return self.newest or max(self.olds, key=scaling.age_order, default=None)
        return having[0] if len(having) == 1 else None

    def _roll(self) -> bool:
        """Take one step of a rolling update; return whether there was none to take."""
        self._make_newest()
        newest = self.newest
        if newest is None:
            return False
        total = wanted(self.deployment)
        if wanted(newest) != total:
            size = total
            if wanted(newest) < total:
                size = scaling.new_set_size(self.deployment, self.sets, wanted(newest))
            if self._resize(newest, size):
                return False
        return not self._shrink_olds(newest)

    def _shrink_olds(self, newest: ReplicaSet) -> bool:
        """Take pods from the old ReplicaSets, unhealthy ones first; return whether any were taken."""
        if not scaling.spec_total(self.olds):
            return False
        least = wanted(self.deployment) - scaling.max_unavailable(self.deployment)
        pending = wanted(newest) - (newest.status.available_replicas or 0)
        spare = scaling.spec_total(self.sets) - least - pending
        if spare <= 0:
            return False
        shrunk = self._drop_unhealthy(spare)
        surplus = scaling.available_total(self.sets) - least
        for old in sorted(active(self.olds), key=scaling.age_order):
            if surplus <= 0:
                break
            part = min(wanted(old), surplus)
            shrunk = self._resize(old, wanted(old) - part) or shrunk
            surplus -= part
        return shrunk

    def _drop_unhealthy(self, most: int) -> bool:
        dropped = 0
        for old in sorted(active(self.olds), key=scaling.age_order):
            unhealthy = wanted(old) - (old.status.available_replicas or 0)
            part = min(most - dropped, unhealthy)
            if part > 0:
                self._resize(old, wanted(old) - part)
                dropped += part
        return dropped > 0

    def _recreate(self) -> bool:
        """Take one step of a Recreate update; return whether there was none to take."""
        shrinking = active(self.olds)
        for old in shrinking:
            self._resize(old, 0)
        if shrinking or self._old_pods_left():
            return False
        self._make_newest()
        return self.newest is not None and not self._resize(self.newest, wanted(self.deployment))

    def _old_pods_left(self) -> bool:
        if any(old.status.replicas for old in self.olds):
            return True
        return any(
            isinstance(obj, Pod) and not obj.finished
            for old in self.olds
            for obj in self.ctx.store.owned(old.metadata.uid or "")
        )

    def _resize(self, replica_set: ReplicaSet, size: int, *, always: bool = False) -> bool:
        """Give a ReplicaSet a size, and note the Deployment's own on it; return whether the size is another.

        Where the size is the same, the note is renewed only on request.
        """
        before = wanted(replica_set)
        if before == size and not always:
            return False
        changed = pods.changed_spec(replica_set, replica_set.spec.with_(replicas=size))
        annotations = revisions.sized(self.deployment, replica_set.annotations)
        stored = self._store_set(replica_set, changed.with_(metadata=changed.metadata.with_(annotations=annotations)))
        self.olds = [stored if old.name == stored.name else old for old in self.olds]
        if self.newest is not None and self.newest.name == stored.name:
            self.newest = stored
        if before != size:
            self._tell("up" if size > before else "down", stored, before, size)
        return before != size

    def _store_set(self, old: ReplicaSet, new: ReplicaSet) -> ReplicaSet:
        return old if old == new else self.ctx.store.update(new)

    def _tell(self, way: str, replica_set: ReplicaSet, before: int, size: int) -> None:
        message = f"Scaled {way} replica set {replica_set.name} from {before} to {size}"
        self.ctx.event(self.deployment, "Normal", "ScalingReplicaSet", message)

    def _clean_up(self) -> None:
        """Forget the oldest empty ReplicaSets beyond the history that is kept."""
        limit = self.deployment.spec.revision_history_limit
        surplus = len(self.olds) - (_DEFAULT_HISTORY if limit is None else limit)
        for old in sorted(self.olds, key=lambda rs: (revisions.of(rs), rs.name))[: max(surplus, 0)]:
            settled = (old.metadata.generation or 0) <= (old.status.observed_generation or 0)
            if not wanted(old) and not old.status.replicas and settled and not old.terminating:
                pods.delete(self.ctx.store, old)


def _of_removed_pod(change: Change, store: Store) -> list[Key]:
    """Return the Deployment that waits for its old pods to be gone (strategy Recreate), if this pod was one."""
    pod = change.old
    if pod is None or change.new is not None or (key := pods.controller_key(pod, "ReplicaSet")) is None:
        return []
    replica_set = store.at(key)
    found = pods.controller_key(replica_set, "Deployment") if replica_set is not None else None
    deployment = store.at(found) if found is not None else None
    if found is None or not isinstance(deployment, Deployment) or scaling.rolling(deployment):
        return []
    return [found]


def _claim(store: Store, deployment: Deployment) -> list[ReplicaSet]:
    """Return the Deployment's ReplicaSets, oldest first; orphans that it selects are adopted, others released."""
    selector = deployment.spec.selector
    assert selector is not None
    claimed = []
    for obj in store.owned(deployment.metadata.uid or ""):
        if not isinstance(obj, ReplicaSet) or not pods.controlled_by(obj, deployment):
            continue
        if selector.matches(obj.labels):
            claimed.append(obj)
        elif not deployment.terminating:
            pods.release(store, obj, deployment)
    if not deployment.terminating and (selector.match_labels or selector.match_expressions):
        claimed += [
            pods.adopt(store, obj, deployment)
            for obj in store.select(ReplicaSet, deployment.namespace, selector)
            if obj.metadata.controller is None and not obj.terminating
        ]
    return sorted(claimed, key=scaling.age_order)


def _split(deployment: Deployment, sets: Sequence[ReplicaSet]) -> tuple[ReplicaSet | None, list[ReplicaSet]]:
    """Return the ReplicaSet of the present template, if there is one, and the others."""
    newest = next((rs for rs in sets if revisions.same_template(rs.spec.template, deployment.spec.template)), None)
    return newest, [rs for rs in sets if rs is not newest]
