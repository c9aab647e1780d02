"""The scheduler: binds each pod to a node that may take it, where the fewest pods of its kind are, then the fewest.

What the real one weighs with many scores comes to that in a cluster without resource requests; between equal nodes it
draws lots, this one takes the first by name, so that a level's author can tell where a pod will be.
kubernetes: pkg/scheduler/schedule_one.go, pkg/scheduler/framework/types.go
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

from immutables import Map

from k8stui.api.core import Condition, Node, Pod
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers.conditions import condition_of, restated
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.placement import plain_wish, refusal
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

PINS = "scheduler/pins"


class Scheduler(Controller):
    """Binds pods to nodes. Keeps the nodes, the count of pods on each, and the pods without one."""

    name = "default-scheduler"
    kinds = frozenset({"Pod", "Node"})

    def __init__(self) -> None:
        self._pods: Counter[str] = Counter()
        self._family: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._waiting: dict[Key, None] = {}
        self._nodes: dict[str, Node] = {}
        self._order: list[Node] | None = None
        self._answers: dict[Hashable, tuple[list[str], Counter[str]]] = {}

    def observe(self, change: Change) -> None:
        """Keep the counts in step with the store."""
        if change.key.kind == "Node":
            self._order = None
            self._answers.clear()
            self._nodes.pop(change.key.name, None)
            if isinstance(change.new, Node):
                self._nodes[change.key.name] = change.new
            return
        for obj, step in ((change.old, -1), (change.new, 1)):
            if not isinstance(obj, Pod):
                continue
            node = obj.spec.node_name
            if node is None:
                if step < 0:
                    self._waiting.pop(change.key, None)
                else:
                    self._waiting[change.key] = None
            elif not obj.finished:
                self._pods[node] += step
                self._family[family(obj)][node] += step

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue a pod without a node; when nodes change or a pod leaves one, all that wait."""
        if change.key.kind == "Node":
            return sorted(self._waiting)
        if isinstance(change.new, Pod):
            fresh = (
                change.old is None or change.old.metadata.deletion_timestamp != change.new.metadata.deletion_timestamp
            )
            return (change.key,) if change.new.spec.node_name is None and fresh else ()
        return sorted(self._waiting)

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Bind a pod, or say why it cannot be."""
        pod = ctx.store.get(Pod, key.namespace, key.name)
        if pod is None or pod.spec.node_name is not None or pod.terminating or pod.finished:
            return
        fitting, reasons = self._filtered(pod, ctx.store)
        if not fitting:
            self._fail(ctx, pod, reasons)
            return
        node_name = _pinned(ctx.store, pod, fitting) or self._best(pod, fitting)
        bind(ctx.store, pod, node_name)
        text = f"Successfully assigned {pod.namespace}/{pod.name} to {node_name}"
        ctx.event(pod, "Normal", "Scheduled", text)

    def _filtered(self, pod: Pod, store: Store) -> tuple[list[str], Counter[str]]:
        """Return the nodes that may take a pod, by name, and why the others may not.

        For pods that ask for the same of nodes, and nothing of other pods, the answer is remembered.
        """
        wish = plain_wish(pod)
        known = self._answers.get(wish) if wish is not None else None
        if known is not None:
            return known
        reasons: Counter[str] = Counter()
        fitting: list[str] = []
        for node in self._by_name():
            reason = refusal(pod, node, store)
            if reason is None:
                fitting.append(node.name)
            else:
                reasons[reason] += 1
        if wish is not None:
            self._answers[wish] = fitting, reasons
        return fitting, reasons

    def _by_name(self) -> list[Node]:
        if self._order is None:
            self._order = [self._nodes[name] for name in sorted(self._nodes)]
        return self._order

    def _best(self, pod: Pod, fitting: list[str]) -> str:
        relatives = self._family[family(pod)]
        return min(fitting, key=lambda name: (relatives[name], self._pods[name], name))

    def _fail(self, ctx: Context, pod: Pod, reasons: Counter[str]) -> None:
        message = unschedulable_message(reasons)
        old = condition_of(pod.status.conditions, "PodScheduled")
        if old is not None and old.status == "False" and old.message == message:
            return
        condition = Condition(
            type="PodScheduled",
            status="False",
            reason="Unschedulable",
            message=message,
            last_transition_time=timestamp(ctx.now),
        )
        conditions = restated(pod.status.conditions, condition)
        ctx.store.update(pod.with_(status=pod.status.with_(phase="Pending", conditions=conditions)))
        ctx.event(pod, "Warning", "FailedScheduling", message)


def family(pod: Pod) -> str:
    """Return what a pod's relatives have in common: their controller, else the pod itself."""
    owner = pod.metadata.controller
    return owner.uid if owner is not None else f"{pod.namespace}/{pod.name}"


def bind(store: Store, pod: Pod, node: str) -> None:
    """Give a pod its node."""
    now = timestamp(store.world.now)
    scheduled = Condition(type="PodScheduled", status="True", last_transition_time=now)
    conditions = restated(pod.status.conditions, scheduled)
    status = pod.status.with_(phase=pod.status.phase or "Pending", conditions=conditions)
    store.update(pod.with_(spec=pod.spec.with_(node_name=node), status=status))


def unschedulable_message(reasons: Counter[str]) -> str:
    """Return the scheduler's sentence about nodes that cannot take a pod, by reason."""
    total = sum(reasons.values())
    if not total:
        return "no nodes available to schedule pods"
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
    helpless = f"0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
    return f"0/{total} nodes are available: {listed}. no new claims to deallocate, preemption: {helpless}"


def pin(store: Store, key: Key, nodes: Iterable[str]) -> None:
    """Let the next pods of a workload, or of this name, be bound to these nodes, one each, if those may take them."""
    pins: Map[Key, tuple[str, ...]] = store.world.state.get(PINS, Map())
    store.world = store.world.with_state(PINS, pins.set(key, tuple(nodes)))


def _pinned(store: Store, pod: Pod, fitting: list[str]) -> str | None:
    pins: Map[Key, tuple[str, ...]] = store.world.state.get(PINS, Map())
    if not pins:
        return None
    own = Key("Pod", pod.namespace, pod.name)
    workload = own if own in pins else workload_of(store, pod)
    wanted = pins.get(workload, ())
    node = next((name for name in wanted if name in fitting), None)
    if node is not None:
        left = list(wanted)
        left.remove(node)
        rest = pins.set(workload, tuple(left)) if left else pins.delete(workload)
        store.world = store.world.with_state(PINS, rest)
    return node


def workload_of(store: Store, pod: Pod) -> Key:
    """Return the key of the workload that a pod belongs to in the end: for a ReplicaSet's its Deployment."""
    owner = pod.metadata.controller
    key = Key("Pod", pod.namespace, pod.name)
    while owner is not None:
        key = Key(owner.kind, pod.namespace, owner.name)
        obj = store.at(key)
        owner = obj.metadata.controller if obj is not None else None
    return key
