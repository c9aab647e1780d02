"""What each node has heard of: its own view of Services and EndpointSlices where news takes time to travel.

Without a delay (``Settings.propagation_delay`` is 0) every node knows everything at once and nothing is kept. Else the
world holds a view for each node, and news that is on its way sits in timers named ``propagate``.
"""

from __future__ import annotations

from collections.abc import Iterator

from immutables import Map

from k8stui.api.core import Node, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.api.meta import KubeObject
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

ROOM = "proxy/views"
ACTION = "propagate"

View = Map[Key, KubeObject]


def all_views(store: Store) -> Map[str, View]:
    """Return the views of all nodes; where none is kept yet, everybody knows the objects of this moment."""
    known: Map[str, View] | None = store.world.state.get(ROOM)
    if known is None:
        known = Map({node.name: _everything(store) for node in store.list(Node)})
        store.world = store.world.with_state(ROOM, known)
    return known


def _everything(store: Store) -> View:
    return Map({key_of(obj): obj for kind in (Service, EndpointSlice) for obj in store.list(kind)})


def noticed(store: Store, change: Change) -> None:
    """Send the news of a change on its way to every node."""
    settings = store.world.settings
    if not settings.propagation_delay:
        return
    if change.key.kind == "Node":
        _node_changed(store, change)
        return
    known: Map[str, View] | None = store.world.state.get(ROOM)
    if known is None:
        before = _everything(store)
        before = before.delete(change.key) if change.old is None else before.set(change.key, change.old)
        known = Map({node.name: before for node in store.list(Node)})
        store.world = store.world.with_state(ROOM, known)
    due = store.world.now + settings.propagation_delay
    store.world = store.world.with_timer(due, ACTION, change.key, change.new)


def _node_changed(store: Store, change: Change) -> None:
    known: Map[str, View] | None = store.world.state.get(ROOM)
    name = change.key.name
    if known is None:
        return
    if change.new is None and name in known:
        store.world = store.world.with_state(ROOM, known.delete(name))
    elif change.new is not None and name not in known:
        store.world = store.world.with_state(ROOM, known.set(name, _everything(store)))


def arrived(store: Store, change: Change) -> None:
    """Let news take effect on every node."""
    key, obj = change.key, change.new
    known = all_views(store)
    for node, view in known.items():
        changed = view.set(key, obj) if obj is not None else (view.delete(key) if key in view else view)
        known = known.set(node, changed)
    store.world = store.world.with_state(ROOM, known)


def differences(before: View | None, after: View | None) -> Iterator[Change]:
    """Yield the objects in which two views differ; those that both share cost no more than a look."""
    old: View = before if before is not None else Map()
    new: View = after if after is not None else Map()
    if old is new:
        return
    for key, obj in new.items():
        previous = old.get(key)
        if previous is not obj:
            yield Change(key, previous, obj)
    for key, obj in old.items():
        if key not in new:
            yield Change(key, obj, None)
