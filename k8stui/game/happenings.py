"""What happened between two worlds, in a few words each: for the time line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from immutables import Map

from k8stui.api.core import Node, Pod, Service
from k8stui.engine.world import Change, Key

if TYPE_CHECKING:
    from k8stui.api.meta import KubeObject
    from k8stui.engine.world import World

SCRIPT, UP, DOWN, CRASH, NODE = "script", "up", "down", "crash", "node"
_OBJECTS = (
    "Namespace", "Service", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "NetworkPolicy", "ConfigMap",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `kind` is script (an object changed), up, down or crash (a pod), or node."""

    kind: str
    text: str


def between(before: World, after: World) -> tuple[Happening, ...]:
    """Return what happened from one world to a later one, outside of the cluster's own namespaces."""
    if before.objects is after.objects:
        return ()
    found = [
        *_all(_nodes, before, after, "Node"),
        *(item for kind in _OBJECTS for item in _all(_objects, before, after, kind)),
        *_all(_pods, before, after, "Pod"),
    ]
    return tuple(dict.fromkeys(found))


def _all(told: Callable[[Change], Iterator[Happening]], before: World, after: World, kind: str) -> Iterator[Happening]:
    for change in _changes(before, after, kind):
        if not change.key.namespace.startswith("kube-"):
            yield from told(change)


def _changes(before: World, after: World, kind: str) -> Iterator[Change]:
    old: Map[tuple[str, str], KubeObject] = before.objects.get(kind, Map())
    new: Map[tuple[str, str], KubeObject] = after.objects.get(kind, Map())
    if old is new:
        return
    for slot in sorted({*old, *new}):
        first, second = old.get(slot), new.get(slot)
        if first is not second:
            yield Change(Key(kind, *slot), first, second)


def _pods(change: Change) -> Iterator[Happening]:
    old, new = change.old, change.new
    name = change.key.name
    if not isinstance(new, Pod):
        yield Happening(DOWN, f"{name} is gone")
    elif not isinstance(old, Pod):
        yield Happening(UP if new.ready else DOWN, f"{name} is made")
    elif _restarts(new) > _restarts(old):
        yield Happening(CRASH, f"{name} has crashed")
    elif new.terminating and not old.terminating:
        yield Happening(DOWN, f"{name} is being stopped")
    elif new.ready and not old.ready:
        yield Happening(UP, f"{name} is ready")
    elif old.ready and not new.ready:
        yield Happening(DOWN, f"{name} is not ready")
    elif (old.labels or {}) != (new.labels or {}):
        yield Happening(SCRIPT, f"{name} has other labels")


def _restarts(pod: Pod) -> int:
    return sum(status.restart_count or 0 for status in pod.status.container_statuses or ())


def _nodes(change: Change) -> Iterator[Happening]:
    old, new = change.old, change.new
    if not isinstance(old, Node) or not isinstance(new, Node):
        yield Happening(NODE, f"{change.key.name} {'joins' if old is None else 'leaves'}")
    elif old.ready != new.ready:
        yield Happening(NODE, f"{new.name} is {'ready' if new.ready else 'not ready'}")
    elif bool(old.spec.unschedulable) != bool(new.spec.unschedulable):
        yield Happening(NODE, f"{new.name} is {'cordoned' if new.spec.unschedulable else 'open again'}")


def _objects(change: Change) -> Iterator[Happening]:
    old, new = change.old, change.new
    some = new or old
    if some is None or some.metadata.controller is not None or some.name == "kube-root-ca.crt":
        return
    name = f"{change.key.kind} {change.key.name}"
    if old is None or new is None:
        yield Happening(SCRIPT, f"{name} is {'made' if old is None else 'deleted'}")
    elif getattr(old, "spec", None) != getattr(new, "spec", None):
        yield Happening(SCRIPT, f"{name} has changed")
    elif isinstance(new, Service) and isinstance(old, Service) and new.status != old.status:
        yield Happening(SCRIPT, f"{name} has other addresses")
