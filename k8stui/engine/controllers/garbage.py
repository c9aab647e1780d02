"""The garbage collector: objects go when the last of their owners is gone.

kubernetes: pkg/controller/garbagecollector.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.api import scheme
from k8stui.api.meta import KubeObject, OwnerReference
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key


class GarbageCollector(Controller):
    """Deletes what names only owners that do not exist; a namesake with another uid is not the owner."""

    name = "garbage-collector-controller"
    kinds = frozenset(resource.kind for resource in scheme.RESOURCES if resource.kind != "Event")

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.new is None:
            uid = change.old.metadata.uid if change.old is not None else None
            return [key_of(obj) for obj in store.owned(uid)] if uid else []
        before = change.old.metadata.owner_references if change.old is not None else None
        references = change.new.metadata.owner_references
        return [change.key] if references and references != before else []

    def reconcile(self, key: Key, ctx: Context) -> None:
        obj = ctx.store.at(key)
        if obj is None or not obj.metadata.owner_references:
            return
        living = tuple(ref for ref in obj.metadata.owner_references if _exists(ctx.store, ref, obj))
        if not living:
            pods.delete(ctx.store, obj)
        elif len(living) < len(obj.metadata.owner_references):
            ctx.store.update(obj.with_(metadata=obj.metadata.with_(owner_references=living)))


def _exists(store: Store, reference: OwnerReference, dependent: KubeObject) -> bool:
    """Tell whether an owner lives; one of a kind that is not simulated is taken to."""
    resource = scheme.resource_of(reference.api_version, reference.kind)
    if resource is None:
        return True
    owner = store.at(Key(reference.kind, dependent.namespace if resource.namespaced else "", reference.name))
    return owner is not None and owner.metadata.uid == reference.uid
