"""The life of nodes: what the control plane does when a kubelet is silent, comes back, or its node is gone.

kubernetes: pkg/controller/nodelifecycle, pkg/controller/tainteviction, pkg/controller/podgc
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor

from immutables import Map

from k8stui.api.core import Condition, Node, Pod, Taint, Toleration
from k8stui.engine import deletion
from k8stui.engine.clock import seconds, timestamp
from k8stui.engine.controllers.conditions import condition_of, restated
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.placement import UNSCHEDULABLE_TAINT, tolerates
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

SILENT = "nodes/silent"
_GONE = "nodes/gone"
UNREACHABLE = "node.kubernetes.io/unreachable"
NOT_READY = "node.kubernetes.io/not-ready"
_LEASE = 10.0
_GRACE = 50.0
_CHECK = 5.0
_GC_SECONDS = 60.0
_OWN_TAINTS = (UNREACHABLE, NOT_READY, UNSCHEDULABLE_TAINT)


def declared_lost_at(silent_since: float) -> float:
    """Return when a node is declared lost: 40 to 55 seconds after its last lease, at one of the monitor's checks."""
    last_lease = floor(silent_since / _LEASE) * _LEASE
    return floor((last_lease + _GRACE) / _CHECK) * _CHECK + _CHECK


def silent_since(store: Store, node: str) -> float | None:
    """Return since when a node's kubelet has said nothing, or None while it does."""
    silent: Map[str, float] = store.world.state.get(SILENT, Map())
    return silent.get(node)


class NodeLifecycle(Controller):
    """Keeps each node's condition and taints true to what its kubelet says, and marks the pods of lost nodes."""

    name = "node-controller"
    kinds = frozenset({"Node"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue the node."""
        return (change.key,)

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Declare a silent node lost, keep its taints in step, and collect the pods of a node that is gone."""
        node = ctx.store.get(Node, "", key.name)
        if node is None:
            self._collect(ctx, key)
            return
        since = silent_since(ctx.store, node.name)
        if since is not None and ready_status(node) != "Unknown":
            due = declared_lost_at(since)
            if due <= ctx.now:
                node = self._lose(ctx, node)
            else:
                ctx.after(due - ctx.now, key)
        self._taint(ctx, node)

    def _lose(self, ctx: Context, node: Node) -> Node:
        ctx.event(node, "Normal", "NodeNotReady", f"Node {node.name} status is now: NodeNotReady")
        node = ctx.store.update(
            with_ready(node, ctx.now, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
        )
        for pod in ctx.store.pods_on(node.name):
            if pod.ready:
                ctx.store.update(_marked_unready(pod, ctx.now))
                ctx.event(pod, "Warning", "NodeNotReady", "Node is not ready")
        return node

    def _taint(self, ctx: Context, node: Node) -> None:
        wanted = list(wanted_taints(node))
        present = node.spec.taints or ()
        others = [taint for taint in present if taint.key not in _OWN_TAINTS]
        kept = [taint for taint in present if (taint.key, taint.effect) in wanted]
        held = {(taint.key, taint.effect) for taint in kept}
        added = [
            Taint(key=key, effect=effect, time_added=timestamp(ctx.now))
            for key, effect in wanted
            if (key, effect) not in held
        ]
        taints = (*others, *kept, *added)
        if len(taints) != len(present) or added:
            ctx.store.update(node.with_(spec=node.spec.with_(taints=taints or None)))

    def _collect(self, ctx: Context, key: Key) -> None:
        """Take the pods of a node that is gone away by force, some time later."""
        orphans = ctx.store.pods_on(key.name)
        if not orphans:
            return
        room: Map[Key, float] = ctx.store.world.state.get(_GONE, Map())
        due = room.get(key)
        if due is None:
            due = ctx.now + _GC_SECONDS
            ctx.store.world = ctx.store.world.with_state(_GONE, room.set(key, due))
        if ctx.now < due:
            ctx.after(due - ctx.now, key)
            return
        ctx.store.world = ctx.store.world.with_state(_GONE, room.delete(key))
        for pod in orphans:
            ctx.event(pod, "Normal", "DeletionByPodGC", "PodGC: node no longer exists")
            deletion.delete(ctx.store, key_of(pod), grace=0)


class TaintEviction(Controller):
    """Deletes pods from nodes with a NoExecute taint that they do not tolerate, or no longer."""

    name = "taint-eviction-controller"
    kinds = frozenset({"Node", "Pod"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue a pod that came to a node, and the pods of a node whose taints changed."""
        if isinstance(change.new, Pod):
            came = not isinstance(change.old, Pod) or change.old.spec.node_name != change.new.spec.node_name
            return (change.key,) if came and change.new.spec.node_name else ()
        if isinstance(change.new, Node):
            before = change.old.spec.taints if isinstance(change.old, Node) else None
            if change.new.spec.taints != before:
                return [Key("Pod", pod.namespace, pod.name) for pod in store.pods_on(change.key.name)]
        return ()

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Delete a pod whose time on a tainted node is over, or come back when it is."""
        pod = ctx.store.get(Pod, key.namespace, key.name)
        node = ctx.store.get(Node, "", pod.spec.node_name or "") if pod is not None else None
        if pod is None or node is None or pod.terminating:
            return
        taints = [taint for taint in node.spec.taints or () if taint.effect == "NoExecute"]
        if not taints:
            return
        due = eviction_due(pod.spec.tolerations or (), taints, ctx.now)
        if due is None:
            return
        if due > ctx.now:
            ctx.after(due - ctx.now, key)
            return
        ctx.event(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {pod.namespace}/{pod.name}")
        deletion.delete(ctx.store, key_of(pod))


def eviction_due(tolerations: Iterable[Toleration], taints: Iterable[Taint], now: float) -> float | None:
    """Return when NoExecute taints drive a pod away; None: never, while all are tolerated without limit."""
    dues = []
    covers = tuple(tolerations)
    for taint in taints:
        fitting = [toleration for toleration in covers if tolerates(toleration, taint)]
        if not fitting:
            return now
        limits = [t.toleration_seconds for t in fitting if t.toleration_seconds is not None]
        if len(limits) == len(fitting):
            dues.append((seconds(taint.time_added) if taint.time_added else now) + max(0, min(limits)))
    return min(dues, default=None)


def ready_status(node: Node) -> str:
    """Return the status of a node's condition Ready: True, False or Unknown."""
    condition = condition_of(node.status.conditions, "Ready")
    return condition.status if condition is not None else "Unknown"


def with_ready(node: Node, now: float, status: str, reason: str, message: str) -> Node:
    """Return a node whose condition Ready says this."""
    condition = Condition(
        type="Ready", status=status, reason=reason, message=message, last_transition_time=timestamp(now)
    )
    return node.with_(status=node.status.with_(conditions=restated(node.status.conditions, condition)))


def wanted_taints(node: Node) -> Iterable[tuple[str, str]]:
    """Yield key and effect of the taints that a node's state asks for."""
    if node.spec.unschedulable:
        yield UNSCHEDULABLE_TAINT, "NoSchedule"
    condition = condition_of(node.status.conditions, "Ready")
    if condition is None:
        return
    key = {"Unknown": UNREACHABLE, "False": NOT_READY}.get(condition.status)
    if key is not None:
        yield key, "NoSchedule"
        yield key, "NoExecute"


def _marked_unready(pod: Pod, now: float) -> Pod:
    conditions = tuple(
        c.with_(status="False", last_transition_time=timestamp(now)) if c.type == "Ready" else c
        for c in pod.status.conditions or ()
    )
    return pod.with_(status=pod.status.with_(conditions=conditions))
