"""The namespace controller: a namespace that is deleted takes everything in it along.

kubernetes: pkg/controller/namespace/deletion/namespaced_resources_deleter.go. The label with the namespace's name is
the API server's work (pkg/apis/core/v1/defaults.go); namespaces that came without it get it here.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.api import scheme
from k8stui.api.core import Namespace, NamespaceStatus
from k8stui.engine.controllers import pods
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

NAME_LABEL = "kubernetes.io/metadata.name"
# Owners go before what they own, so that nobody replaces what is being deleted.
_ORDER = ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet", "Service")


class NamespaceController(Controller):
    """Labels namespaces with their name, and empties and removes those that are being deleted."""

    name = "namespace-controller"
    kinds = frozenset(resource.kind for resource in scheme.RESOURCES if resource.namespaced) | {"Namespace"}

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        if change.key.kind == "Namespace":
            return [change.key]
        if change.new is not None:
            return []
        namespace = store.get(Namespace, "", change.key.namespace)
        return [Key("Namespace", "", change.key.namespace)] if namespace is not None and namespace.terminating else []

    def reconcile(self, key: Key, ctx: Context) -> None:
        namespace = ctx.store.at(key)
        if not isinstance(namespace, Namespace):
            return
        if namespace.terminating:
            self._empty(ctx, namespace)
        elif namespace.labels.get(NAME_LABEL) != key.name:
            labels = {**namespace.labels, NAME_LABEL: key.name}
            ctx.store.update(namespace.with_(metadata=namespace.metadata.with_(labels=labels)))

    def _empty(self, ctx: Context, namespace: Namespace) -> None:
        if (namespace.status or NamespaceStatus()).phase != "Terminating":
            status = (namespace.status or NamespaceStatus()).with_(phase="Terminating")
            namespace = ctx.store.update(namespace.with_(status=status))
        left = False
        for kind in _kinds():
            for obj in ctx.store.list(scheme.resource_named(kind).model, namespace.name):
                if not obj.terminating:
                    pods.delete(ctx.store, obj)
                left = left or ctx.store.at(Key(kind, namespace.name, obj.name)) is not None
        if not left:
            ctx.store.remove(Key("Namespace", "", namespace.name))


def _kinds() -> list[str]:
    others = [r.kind for r in scheme.RESOURCES if r.namespaced and r.kind not in _ORDER]
    return [*_ORDER, *others]
