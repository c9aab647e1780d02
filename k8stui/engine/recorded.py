"""Loading a dump as recorded: objects are taken as they are, and slices are derived only where a dump has none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from immutables import Map
from pydantic import ValidationError

from k8stui.api import scheme
from k8stui.api.collector import collector_off
from k8stui.api.core import Namespace, Node, Pod, Service
from k8stui.api.errors import BadRequest
from k8stui.api.meta import KubeObject, ObjectMeta
from k8stui.engine.controllers.endpointslice import EndpointSliceController
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.store import Store, key_of


def is_recorded(documents: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether manifests come from a living cluster: something in them has a uid, or a pod has an address."""
    return any(
        (document.get("metadata") or {}).get("uid")
        or (document.get("kind") == "Pod" and (document.get("status") or {}).get("podIP"))
        for document in documents
    )


def load_recorded(store: Store, documents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Put objects into the store as they are and return how many of each unknown kind there were.

    Controllers are off from then on. Services with a selector get slices from the pods where the documents hold no
    slice at all; namespaces and nodes that are only named by other objects are added. Raises BadRequest where a
    field has a wrong type.
    """
    unknown: Counter[str] = Counter()
    objects: defaultdict[str, dict[tuple[str, str], KubeObject]] = defaultdict(dict)
    with collector_off():
        for wire in documents:
            if scheme.resource_of(str(wire.get("apiVersion", "")), str(wire.get("kind", ""))) is None:
                unknown[f"{wire.get('apiVersion')} {wire.get('kind')}"] += 1
                continue
            obj = _decode(wire)
            objects[obj.kind][obj.namespace, obj.name] = obj
        _put_all(store, objects)
    _complete(store)
    if not store.world.objects.get("EndpointSlice"):
        _derive_slices(store)
    return dict(unknown)


def _put_all(store: Store, objects: Mapping[str, Mapping[tuple[str, str], KubeObject]]) -> None:
    """Store all objects in one step: one by one, each would make a new world."""
    world = store.world
    present = world.objects
    for kind, of_kind in objects.items():
        present = present.set(kind, present.get(kind, Map()).update(of_kind))
    settings = replace(world.settings, controllers=False)
    count = sum(len(of_kind) for of_kind in objects.values())
    store.reset(replace(world, settings=settings, objects=present, revision=world.revision + count))


def _decode(wire: Mapping[str, Any]) -> KubeObject:
    try:
        return scheme.decode(wire)
    except ValidationError as error:
        name = (wire.get("metadata") or {}).get("name", "")
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise BadRequest(400, "BadRequest", f'{wire["kind"]} "{name}": {path}: {first["msg"]}') from None


def _complete(store: Store) -> None:
    """Add the namespaces and nodes that objects name without the dump holding them."""
    wanted = {
        key.namespace
        for kind in ("Pod", "Service", "EndpointSlice", "NetworkPolicy", "Deployment")
        for key in map(key_of, store.world.of_kind(kind))
    }
    for name in sorted(wanted):
        if store.get(Namespace, "", name) is None:
            labels = {"kubernetes.io/metadata.name": name}
            meta = ObjectMeta(name=name, labels=labels)
            store.create(Namespace(api_version="v1", kind="Namespace", metadata=meta))
    for pod in store.list(Pod):
        node = pod.spec.node_name
        if node and store.get(Node, "", node) is None:
            store.create(scheme.decode(_node(node, pod.status.host_ip)))


def _node(name: str, host_ip: str | None) -> dict[str, Any]:
    addresses = [{"type": "InternalIP", "address": host_ip}] if host_ip else []
    conditions = [{"type": "Ready", "status": "True"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"addresses": addresses, "conditions": conditions},
    }


def _derive_slices(store: Store) -> None:
    manager = Manager(store, controllers=(EndpointSliceController(),))
    for service in store.list(Service):
        if service.spec.selector:
            manager.enqueue(EndpointSliceController.name, key_of(service))
    manager.settle()
