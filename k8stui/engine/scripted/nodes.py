"""Operations on nodes and hosts outside: cordon, uncordon, drain, down, up, taint, untaint."""

from __future__ import annotations

from math import inf

from immutables import Map

from k8stui.api.core import Node, Taint
from k8stui.engine import deletion
from k8stui.engine.controllers.events import record
from k8stui.engine.controllers.nodes import SILENT, ready_status, with_ready
from k8stui.engine.controllers.podworker import rebooted
from k8stui.engine.faults import HOSTS, NODES, node_down, set_fault
from k8stui.engine.sandbox import remember, sandbox_of
from k8stui.engine.scripted.pods import touch
from k8stui.engine.scripted.request import Request
from k8stui.engine.store import Store, key_of

_OUTSIDE = "external:"


def _node(store: Store, request: Request) -> Node:
    name = request.text().removeprefix("node:").removeprefix("node/")
    node = store.get(Node, "", name)
    if node is None:
        known = ", ".join(n.name for n in store.list(Node)) or "none"
        raise request.error(f"there is no node {name!r}; nodes: {known}")
    return node


def cordon(store: Store, request: Request) -> None:
    """Let a node take no new pods."""
    node = _node(store, request)
    if not node.spec.unschedulable:
        store.update(node.with_(spec=node.spec.with_(unschedulable=True)))
        _tell(store, node, "NodeNotSchedulable")


def uncordon(store: Store, request: Request) -> None:
    """Let a node take pods again."""
    node = _node(store, request)
    if node.spec.unschedulable:
        store.update(node.with_(spec=node.spec.with_(unschedulable=None)))
        _tell(store, node, "NodeSchedulable")


def _tell(store: Store, node: Node, reason: str) -> None:
    record(store, "kubelet", node, "Normal", reason, f"Node {node.name} status is now: {reason}")


def drain(store: Store, request: Request) -> None:
    """Cordon a node and evict its pods, those of DaemonSets aside."""
    cordon(store, request)
    grace = request.option("grace", int)
    for pod in store.pods_on(_node(store, request).name):
        owner = pod.metadata.controller
        if (owner is None or owner.kind != "DaemonSet") and not pod.terminating:
            deletion.delete(store, key_of(pod), grace=grace)


def down(store: Store, request: Request) -> None:
    """Let a node's machine (or a host ``external:IP``) die: at once for packets, later for the control plane."""
    if request.text().startswith(_OUTSIDE):
        set_fault(store, HOSTS, request.text().removeprefix(_OUTSIDE), inf)
        return
    node = _node(store, request)
    if node_down(store.world, node.name):
        return
    set_fault(store, NODES, node.name, inf)
    silent: Map[str, float] = store.world.state.get(SILENT, Map())
    store.world = store.world.with_state(SILENT, silent.set(node.name, store.world.now))
    store.put(key_of(node), node)


def up(store: Store, request: Request) -> None:
    """Let a dead node boot: its pods' processes start anew, with new addresses."""
    if request.text().startswith(_OUTSIDE):
        set_fault(store, HOSTS, request.text().removeprefix(_OUTSIDE), None)
        return
    node = _node(store, request)
    if not node_down(store.world, node.name):
        return
    set_fault(store, NODES, node.name, None)
    silent: Map[str, float] = store.world.state.get(SILENT, Map())
    if node.name in silent:
        store.world = store.world.with_state(SILENT, silent.delete(node.name))
    now = store.world.now
    if ready_status(node) != "True":
        store.update(with_ready(node, now, "True", "KubeletReady", "kubelet is posting ready status"))
        _tell(store, node, "NodeReady")
    for pod in store.pods_on(node.name):
        sandbox = sandbox_of(store, pod)
        if sandbox is not None:
            remember(store, key_of(pod), rebooted(sandbox, now))
            text = "Pod sandbox changed, it will be killed and re-created."
            record(store, "kubelet", pod, "Normal", "SandboxChanged", text)
        touch(store, pod)


def taint(store: Store, request: Request) -> None:
    """Put a taint on a node: `key`, `value`, `effect` (NoSchedule if not said)."""
    node = _node(store, request)
    key = request.option("key", str, "")
    if not key:
        raise request.error("`key` must name the taint")
    effect = request.option("effect", str, "NoSchedule")
    value = request.option("value", str)
    others = [t for t in node.spec.taints or () if (t.key, t.effect) != (key, effect)]
    fresh = Taint(key=key, effect=effect, **({"value": value} if value is not None else {}))
    store.update(node.with_(spec=node.spec.with_(taints=(*others, fresh))))


def untaint(store: Store, request: Request) -> None:
    """Take the taints with a `key` off a node."""
    node = _node(store, request)
    key = request.option("key", str, "")
    left = tuple(t for t in node.spec.taints or () if t.key != key)
    store.update(node.with_(spec=node.spec.with_(taints=left or None)))
