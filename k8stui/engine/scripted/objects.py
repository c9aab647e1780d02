"""Operations on objects and on the cluster itself: apply, create, patch, label, annotate, set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from immutables import Map

from k8stui.api import manifest
from k8stui.api.meta import KubeObject, wire_name
from k8stui.api.patch import merge_patch
from k8stui.engine import admission
from k8stui.engine import apply as kubectl
from k8stui.engine.scripted.request import Request, find_object, pods_meant
from k8stui.engine.store import Store
from k8stui.engine.world import Key, Settings


def _manifests(request: Request) -> list[Mapping[str, Any]]:
    given = request.target if isinstance(request.target, Sequence) else [request.target]
    if isinstance(given, str) or not all(isinstance(item, Mapping) and item.get("kind") for item in given):
        raise request.error(f"`{request.verb}` needs a manifest, or a list of them")
    return list(given)


def apply(store: Store, request: Request) -> None:
    """Apply manifests as ``kubectl apply`` does."""
    manifests = _manifests(request)
    documents = manifest.read(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})).documents
    kubectl.apply(store, documents)


def create(store: Store, request: Request) -> None:
    """Create the objects of manifests."""
    for wire in _manifests(request):
        admission.create(store, wire)


def patch(store: Store, request: Request) -> None:
    """Lay a JSON merge patch (`with`) over an object; `status: true` lays it over its status."""
    change = request.options.get("with")
    if not isinstance(change, Mapping):
        raise request.error("`with` must be the patch, an object with the fields to change")
    found = find_object(store, request, request.text())
    merged = merge_patch(found.to_wire(), change)
    subresource = "status" if request.option("status", bool, False) else ""
    admission.update(store, merged, subresource=subresource)


def merge(store: Store, request: Request) -> None:
    """Lay a JSON merge patch over each of several objects, ``{KIND/NS/NAME: patch}``."""
    if not isinstance(request.target, Mapping) or not all(isinstance(v, Mapping) for v in request.target.values()):
        raise request.error("`merge` needs patches by object, as {Service/shop/web: {spec: …}}")
    for name, change in request.target.items():
        merged = merge_patch(find_object(store, request, str(name)).to_wire(), change)
        admission.update(store, merged)


def label(store: Store, request: Request) -> None:
    """Set labels of an object, or of the pods of a workload where `pods` is given; null takes a label away."""
    _set_metadata(store, request, "labels")


def annotate(store: Store, request: Request) -> None:
    """Set annotations, as `label` does labels."""
    _set_metadata(store, request, "annotations")


def _set_metadata(store: Store, request: Request, name: str) -> None:
    wanted = request.options.get(name)
    if not isinstance(wanted, Mapping) or not wanted:
        raise request.error(f"`{name}` must be an object, as {{app: web}}")
    chosen = "pods" in request.options
    found: Sequence[KubeObject] = (
        pods_meant(store, request) if chosen else [find_object(store, request, request.text())]
    )
    for obj in found:
        present: Mapping[str, str] = getattr(obj.metadata, name) or {}
        merged = {**present, **{key: str(value) for key, value in wanted.items()}}
        kept = {key: value for key, value in merged.items() if wanted.get(key, "") is not None}
        if kept != present:
            store.update(obj.with_(metadata=obj.metadata.with_(**{name: kept or None})))


def set_up(store: Store, request: Request) -> None:
    """Change how the cluster is set up: fields of the settings, as ``{enforcesPolicy: true}``."""
    if not isinstance(request.target, Mapping):
        raise request.error("`set` needs an object with settings")
    known = {wire_name(field.name): field.name for field in fields(Settings)}
    changes: dict[str, Any] = {}
    for name, value in request.target.items():
        attribute = known.get(name, name if name in known.values() else None)
        if attribute is None:
            raise request.error(f"there is no setting {name!r}; there are {', '.join(sorted(known))}")
        changes[attribute] = _frozen(value)
    store.world = replace(store.world, settings=replace(store.world.settings, **changes))
    # Tables that depend on the settings are derived from changes alone; a node's change makes them look again.
    for kind in ("Node", "Service"):
        for (namespace, name), obj in sorted(store.world.objects.get(kind, Map()).items(), key=_oldest_first):
            store.put(Key(kind, namespace, name), obj)


def _oldest_first(item: tuple[tuple[str, str], KubeObject]) -> tuple[str, tuple[str, str]]:
    """Order as a controller that starts anew serves: by age, then by name."""
    return item[1].metadata.creation_timestamp or "", item[0]


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Map({key: _frozen(item) for key, item in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
