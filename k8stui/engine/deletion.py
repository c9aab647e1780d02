"""Deleting objects: grace for pods, what goes with an owner, what stays behind.

kubernetes: staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go, pkg/registry/core/pod/strategy.go
"""

from __future__ import annotations

from k8stui.api import scheme
from k8stui.api.core import Endpoints, Namespace, Pod, Service
from k8stui.api.meta import KubeObject
from k8stui.engine import refusals
from k8stui.engine.clock import timestamp
from k8stui.engine.store import Store
from k8stui.engine.world import Key

_DEFAULT_GRACE = 30
_IMMORTAL = frozenset({"default", "kube-public", "kube-system"})


def delete(
    store: Store, key: Key, *, grace: int | None = None, cascade: str = "background", dry_run: bool = False
) -> KubeObject:
    """Delete an object as the API does, and return it as it was or now is.

    A pod on a node becomes terminating for its grace period (`grace` seconds, or its own) and its kubelet ends it;
    one that no node has goes at once. A namespace becomes terminating and its controller empties it. `cascade` is
    what becomes of the objects that it owns: ``background`` leaves them to the garbage collector, ``foreground``
    removes them first, ``orphan`` takes the owner's name off them. Raises NotFound and Forbidden.
    """
    obj = store.at(key)
    if obj is None:
        raise refusals.not_found(scheme.resource_named(key.kind), key.name)
    if key.kind == "Namespace" and key.name in _IMMORTAL:
        resource = scheme.resource_named("Namespace")
        raise refusals.forbidden(resource, key.name, "this namespace may not be deleted")
    if dry_run:
        return obj
    if isinstance(obj, Pod):
        return _delete_pod(store, key, obj, grace)
    if isinstance(obj, Namespace):
        return _delete_namespace(store, key, obj)
    _owned(store, obj, cascade)
    if obj.metadata.finalizers:
        return _wait_for_finalizers(store, obj)
    remove(store, key)
    return obj


def remove(store: Store, key: Key) -> None:
    """Take an object away at once; a Service takes its Endpoints along. Raises NotFound."""
    obj = store.at(key)
    store.remove(key)
    if isinstance(obj, Service):
        twin = Key("Endpoints", key.namespace, key.name)
        if isinstance(store.at(twin), Endpoints):
            store.remove(twin)


def _delete_pod(store: Store, key: Key, pod: Pod, grace: int | None) -> Pod:
    seconds = grace if grace is not None else pod.spec.termination_grace_period_seconds
    if seconds is None:
        seconds = _DEFAULT_GRACE
    if not pod.spec.node_name or pod.finished:
        seconds = 0
    elif seconds < 0:
        seconds = 1
    if seconds == 0 and not pod.metadata.finalizers:
        store.remove(key)
        return pod
    left = pod.metadata.deletion_grace_period_seconds
    if pod.terminating and left is not None and seconds >= left:
        return pod
    meta = pod.metadata.with_(
        deletion_timestamp=timestamp(store.world.now + seconds),
        deletion_grace_period_seconds=seconds,
        generation=(pod.metadata.generation or 0) + 1,
    )
    return store.update(pod.with_(metadata=meta))


def _wait_for_finalizers(store: Store, obj: KubeObject) -> KubeObject:
    """Mark an object as deleted; whoever set its finalizers has to take them off before it goes."""
    if obj.terminating:
        return obj
    meta = obj.metadata.with_(
        deletion_timestamp=timestamp(store.world.now),
        deletion_grace_period_seconds=0,
        generation=obj.metadata.generation + 1 if obj.metadata.generation else None,
    )
    return store.update(obj.with_(metadata=meta))


def _delete_namespace(store: Store, key: Key, namespace: Namespace) -> Namespace:
    if namespace.terminating:
        return namespace
    status = namespace.status.with_(phase="Terminating") if namespace.status else None
    meta = namespace.metadata.with_(deletion_timestamp=timestamp(store.world.now))
    return store.update(namespace.with_(metadata=meta, status=status))


def _owned(store: Store, owner: KubeObject, cascade: str) -> None:
    uid = owner.metadata.uid
    if not uid or cascade == "background":
        return
    for dependent in store.owned(uid):
        references = dependent.metadata.owner_references or ()
        others = tuple(reference for reference in references if reference.uid != uid)
        if cascade == "orphan" or others:
            store.update(dependent.with_(metadata=dependent.metadata.with_(owner_references=others or None)))
        else:
            delete(store, Key(dependent.kind, dependent.namespace, dependent.name), cascade=cascade)
