"""The DaemonSet controller: one pod on every node that takes it.

kubernetes: pkg/controller/daemon/{daemon_controller,update}.go, util/daemonset_util.go. Pods are pinned to their node
by an affinity on its name; the scheduler binds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from k8stui.api.apps import DaemonSet, WorkloadStatus
from k8stui.api.core import Node, Pod, PodSpec, Toleration
from k8stui.api.errors import StatusError
from k8stui.engine.controllers import history, pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.placement import matches_affinity, untolerated
from k8stui.engine.controllers.replicaset import claim, owners_of
from k8stui.engine.controllers.scaling import share_of
from k8stui.engine.controllers.selectors import OrphanIndex, SelectorIndex
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
_GENERATION = "deprecated.daemonset.template.generation"
_GENERATION_LABEL = "pod-template-generation"
_NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


class DaemonSetController(Controller):
    """Creates a pod for every fitting node, deletes those on nodes that fit no longer, and rolls new templates out."""

    name = "daemonset-controller"
    kinds = frozenset({"DaemonSet", "Pod", "Node"})

    def __init__(self) -> None:
        self._selectors = SelectorIndex()
        self._orphans = OrphanIndex()
        self._factory = pods.PodFactory()
        self._sets: dict[Key, None] = {}

    def observe(self, change: Change) -> None:
        if change.key.kind == "Pod":
            self._orphans.observe(change)
        elif change.key.kind == "DaemonSet":
            self._selectors.observe(change)
            if change.new is None:
                self._sets.pop(change.key, None)
            else:
                self._sets[change.key] = None

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind == "DaemonSet":
            return [change.key]
        if change.key.kind == "Pod":
            return owners_of(change, "DaemonSet", self._selectors)
        return sorted(self._sets) if _placement(change.old) != _placement(change.new) else []

    def reconcile(self, key: Key, ctx: Context) -> None:
        daemon_set = ctx.store.at(key)
        if not isinstance(daemon_set, DaemonSet) or not pods.may_create(ctx.store, key.namespace):
            return
        members = claim(ctx.store, daemon_set, daemon_set.spec.selector, self._orphans)
        _Round(ctx, daemon_set, members, self._factory).run()
        wait = pods.next_available(members, daemon_set.spec.min_ready_seconds or 0, ctx.now)
        if wait is not None:
            ctx.after(wait, key)


def _placement(obj: object) -> object:
    return (obj.labels, obj.spec.taints, obj.spec.unschedulable) if isinstance(obj, Node) else None


class _Round:
    """One look at one DaemonSet."""

    def __init__(self, ctx: Context, daemon_set: DaemonSet, members: Sequence[Pod], factory: pods.PodFactory) -> None:
        self.ctx = ctx
        self.set = daemon_set
        self.factory = factory
        self.revision = history.present_revision(ctx.store, daemon_set)
        self.hash = self.revision.labels[pods.REVISION_HASH]
        self.nodes = {node.name: node for node in ctx.store.list(Node)}
        self.members = members
        self.by_node: dict[str, list[Pod]] = {}
        for pod in members:
            self.by_node.setdefault(target_node(pod) or "", []).append(pod)

    def run(self) -> None:
        """Take the steps that are possible now and store the status."""
        if not self.set.terminating:
            self._place()
            if self._rolls():
                self._replace_outdated()
        self._store_status()
        live = {self.revision.name, *(f"{self.set.name}-{self._hash_of(pod)}" for pod in self.members)}
        history.forget_old(self.ctx.store, self.set, live)

    def _place(self) -> None:
        for name, node in self.nodes.items():
            runs, stays = fits(self.set.spec.template.spec, node)
            present = self.by_node.get(name, [])
            for pod in present:
                if pod.finished and not pod.terminating:
                    message = f"Found failed daemon pod {pod.namespace}/{pod.name} on node {name}, will try to kill it"
                    self.ctx.event(self.set, "Warning", "FailedDaemonPod", message)
                    self._delete(pod)
                elif not stays:
                    self._delete(pod)
            living = sorted((p for p in present if not p.finished and not p.terminating), key=_age)
            if not self._surges():
                for pod in living[1:]:
                    self._delete(pod)
            if runs and not present:
                self._create(name)
        for name, present in self.by_node.items():
            if name not in self.nodes:
                for pod in present:
                    if not pod.spec.node_name:  # those that ran there are the pod collector's
                        self._delete(pod)

    def _replace_outdated(self) -> None:
        """Delete pods of older templates, as many as may be unavailable at once."""
        desired = [name for name, node in self.nodes.items() if fits(self.set.spec.template.spec, node)[0]]
        surge, most = self._limits(len(desired))
        old: list[Pod] = []
        missing = 0
        for name in desired:
            living = [pod for pod in self.by_node.get(name, []) if not pod.terminating and not pod.finished]
            fresh = [pod for pod in living if self._hash_of(pod) == self.hash]
            stale = [pod for pod in living if self._hash_of(pod) != self.hash]
            if surge:
                self._surge(name, fresh, stale)
                continue
            available = [pod for pod in living if self._available(pod)]
            if not available:
                missing += 1
                for pod in stale:  # one that does not work is replaced at once
                    self._delete(pod)
            elif stale:
                old += stale[:1]
        for pod in old[: max(most - missing, 0)]:
            self._delete(pod)

    def _surge(self, name: str, fresh: list[Pod], stale: list[Pod]) -> None:
        """Start the new pod beside the old one, and delete that once the new one is available."""
        if stale and not fresh:
            surging = sum(
                len([p for p in present if not p.terminating and not p.finished]) > 1
                for present in self.by_node.values()
            )
            if surging < self._limits(len(self.nodes))[0]:
                self._create(name)
        elif stale and any(self._available(pod) for pod in fresh):
            for pod in stale:
                self._delete(pod)

    def _create(self, node: str) -> None:
        template = self.set.spec.template
        labels = {pods.REVISION_HASH: self.hash, _GENERATION_LABEL: self.set.annotations.get(_GENERATION, "1")}
        try:
            pod = self.factory.make(self.ctx.store, template, self.set, labels=labels)
        except StatusError as error:
            self.ctx.event(self.set, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return
        spec = pod.spec.with_(affinity=_pinned(template.spec.affinity, node), tolerations=_tolerations(pod.spec))
        created = self.ctx.store.create(pod.with_(spec=spec))
        self.by_node.setdefault(node, []).append(created)
        self.ctx.event(self.set, "Normal", "SuccessfulCreate", f"Created pod: {created.name}")

    def _delete(self, pod: Pod) -> None:
        stored = self.ctx.store.at(key_of(pod))
        if stored is not None and not stored.terminating:
            pods.delete(self.ctx.store, pod)
            self.ctx.event(self.set, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}")

    # Questions

    def _rolls(self) -> bool:
        strategy = self.set.spec.update_strategy
        return strategy is None or strategy.type in (None, "RollingUpdate")

    def _surges(self) -> bool:
        return self._rolls() and self._limits(1)[0] > 0

    def _limits(self, total: int) -> tuple[int, int]:
        """Return how many nodes may have two pods, and how many none that is available."""
        update = self.set.spec.update_strategy.rolling_update if self.set.spec.update_strategy else None
        surge = share_of(update.max_surge, total, up=True) if update else 0
        most = update.max_unavailable if update and update.max_unavailable is not None else 1
        return surge, share_of(most, total, up=True)

    def _available(self, pod: Pod) -> bool:
        return pods.is_available(pod, self.set.spec.min_ready_seconds or 0, self.ctx.now)

    @staticmethod
    def _hash_of(pod: Pod) -> str:
        return pod.labels.get(pods.REVISION_HASH, "")

    # Status

    def _store_status(self) -> None:
        stored = self.ctx.store.at(key_of(self.set))
        if not isinstance(stored, DaemonSet):
            return
        desired = scheduled = misplaced = updated = ready = available = 0
        for name, node in self.nodes.items():
            runs, _ = fits(self.set.spec.template.spec, node)
            living = sorted((pod for pod in self.by_node.get(name, []) if not pod.terminating), key=_age)
            desired += runs
            if not runs:
                misplaced += bool(living)
                continue
            scheduled += bool(living)
            ready += any(pod.ready for pod in living)
            available += any(self._available(pod) for pod in living)
            updated += any(self._hash_of(pod) == self.hash for pod in living)
        status = WorkloadStatus(
            observed_generation=self.set.metadata.generation,
            current_number_scheduled=scheduled,
            desired_number_scheduled=desired,
            number_misscheduled=misplaced,
            number_ready=ready,
            number_available=available or None,
            number_unavailable=(desired - available) or None,
            updated_number_scheduled=updated or None,
        )
        if status != stored.status:
            self.ctx.store.update(stored.with_(status=status))


def _age(pod: Pod) -> tuple[bool, str, str]:
    """Sort key: bound pods first, then the older ones."""
    return not pod.spec.node_name, pod.metadata.creation_timestamp or "", pod.name


def _tolerations(spec: PodSpec) -> tuple[Toleration, ...]:
    wanted = (*_TOLERATED, _NETWORK) if spec.host_network else _TOLERATED
    keys = {key for key, _ in wanted}
    own = tuple(t for t in spec.tolerations or () if t.key not in keys)
    return (*own, *(Toleration(key=key, operator="Exists", effect=effect) for key, effect in wanted))


def _pinned(affinity: Mapping[str, Any] | None, node: str) -> dict[str, Any]:
    """Return an affinity that only this node satisfies (daemonset_util.go ReplaceDaemonSetPodNodeNameNodeAffinity)."""
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    result = dict(affinity or {})
    node_affinity = dict(result.get("nodeAffinity") or {})
    required = node_affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms") or [{}]
    node_affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {
        "nodeSelectorTerms": [{**term, "matchFields": fields} for term in terms]
    }
    return {**result, "nodeAffinity": node_affinity}


def target_node(pod: Pod) -> str | None:
    """Return the node that a daemon's pod runs on or is meant for."""
    if pod.spec.node_name:
        return pod.spec.node_name
    required = ((pod.spec.affinity or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field.get("key") == "metadata.name" and field.get("values"):
                return str(field["values"][0])
    return None


def fits(spec: PodSpec, node: Node) -> tuple[bool, bool]:
    """Tell whether a daemon's pod is to start on a node, and whether one that runs there may stay."""
    if spec.node_name not in (None, "", node.name) or not matches_affinity(Pod(spec=spec), node):
        return False, False
    taints, tolerations = node.spec.taints or (), _tolerations(spec)
    runs = untolerated(taints, tolerations, ("NoSchedule", "NoExecute")) is None
    return runs, untolerated(taints, tolerations, ("NoExecute",)) is None
