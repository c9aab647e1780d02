"""The way of an object into the store: default, allocate, validate, store; and out of it again.

kubernetes: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, registry/rest/{create,update}.go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8stui.api import scheme
from k8stui.api import warnings as advice
from k8stui.api.defaults import fill
from k8stui.api.errors import StatusError
from k8stui.api.meta import KubeObject
from k8stui.api.omit import omit
from k8stui.api.validation import validate_create, validate_status_update, validate_update
from k8stui.engine import deletion, plugins, refusals, requests, services, strategies
from k8stui.engine.allocators import Allocation
from k8stui.engine.clock import timestamp
from k8stui.engine.store import Store
from k8stui.engine.world import Key

delete = deletion.delete


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of a request: the object as stored, its warnings, and the JSON value that the server answers."""

    obj: KubeObject
    warnings: tuple[str, ...] = ()
    wire: Mapping[str, Any] | None = None


def create(
    store: Store,
    wire: Mapping[str, Any],
    *,
    field_validation: str = "Strict",
    dry_run: bool = False,
    resource: scheme.Resource | None = None,
    namespace: str | None = None,
    body: str | None = None,
) -> Admitted:
    """Create an object as a POST does and return it as stored.

    `resource` and `namespace` are those of the URL; without them the object's own. `body` is the literal text that was
    sent, where duplicate keys in it shall be seen. Raises StatusError in the server's words, with its warnings.
    """
    sent = requests.Sent(wire, field_validation, dry_run, resource, namespace, None, body)
    return requests.run(store, dry_run, lambda warnings: _create(store, requests.read(sent, warnings), warnings))


def update(
    store: Store,
    wire: Mapping[str, Any],
    *,
    field_validation: str = "Strict",
    dry_run: bool = False,
    resource: scheme.Resource | None = None,
    namespace: str | None = None,
    name: str | None = None,
    body: str | None = None,
    subresource: str = "",
) -> Admitted:
    """Replace an object as a PUT does and return it as stored; with `subresource` status, replace its status alone.

    `name` is the one of the URL; without it the object's own. A missing object is NotFound, but a Service or Endpoints
    is created. Raises StatusError in the server's words.
    """
    sent = requests.Sent(wire, field_validation, dry_run, resource, namespace, name, body)
    return requests.run(
        store, dry_run, lambda warnings: _update(store, requests.read(sent, warnings), warnings, subresource)
    )


def _create(store: Store, request: requests.Request, warnings: list[str]) -> Admitted:
    resource = request.resource
    value = fill(request.wire)
    meta = value.setdefault("metadata", {})
    requests.check_namespace(store, request)
    version = meta.pop("resourceVersion", "")
    if meta.get("generateName") and not meta.get("name"):
        meta["name"] = store.generated_name(resource.kind, request.namespace, meta["generateName"])
    plugins.admit(store, resource, value)
    strategies.prepare_create(value)
    if resource.kind == "Service":
        services.prepare_create(value, Allocation(store, f"{request.namespace}/{meta.get('name', '')}"))
    errors = validate_create(value)
    if errors:
        raise refusals.invalid_error(resource.kind, meta.get("name", ""), errors)
    warnings += advice.warnings_of(value, None)
    key = Key(resource.kind, request.namespace, meta["name"])
    if requests.version_number(version or "0"):
        raise StatusError(500, "", "resourceVersion should not be set on objects to be created")
    existing = store.at(key)
    if existing is not None:
        raise refusals.already_exists(resource, key.name, deleted=existing.terminating)
    meta["uid"] = store.new_uid(key)
    meta["creationTimestamp"] = timestamp(store.world.now)
    return _store(store, request, key, value, warnings)


def _update(store: Store, request: requests.Request, warnings: list[str], subresource: str) -> Admitted:
    resource = request.resource
    key = Key(resource.kind, request.namespace, request.name)
    stored = store.at(key)
    if stored is None:
        if resource.kind in ("Service", "Endpoints") and not request.wire.get("metadata", {}).get("resourceVersion"):
            return _create(store, request, warnings)
        raise refusals.not_found(resource, key.name)
    old = fill(stored.to_wire())
    value = fill(request.wire)
    requests.check_version(resource, value, old)
    strategies.carry_over(value, old)
    if subresource == "status":
        value = {**old, "metadata": value["metadata"], "status": value.get("status", {})}
    else:
        strategies.prepare_update(value, old)
        if resource.kind == "Service":
            services.prepare_update(value, old, Allocation(store, f"{request.namespace}/{request.name}"))
    errors = validate_status_update(value, old) if subresource == "status" else validate_update(value, old)
    if errors:
        raise refusals.invalid_error(resource.kind, key.name, errors)
    warnings += advice.warnings_of(value, old)
    value, old = omit(value), omit(old)
    strategies.count_generation(value, old)
    if resource.kind == "Service":
        services.finish(value)
    if strategies.unchanged(value, old):
        return Admitted(stored, tuple(warnings), strategies.answer(old))
    if strategies.released(value, old) and not request.dry_run:
        deletion.remove(store, key)
        return Admitted(scheme.decode(value), tuple(warnings), strategies.answer(value))
    return _store(store, request, key, value, warnings)


def _store(store: Store, request: requests.Request, key: Key, value: dict[str, Any], warnings: list[str]) -> Admitted:
    value = omit(value)
    if key.kind == "Service":
        services.finish(value)
    if not request.dry_run:
        value["metadata"]["resourceVersion"] = str(store.world.revision + 1)
    obj = scheme.decode(value)
    if not request.dry_run:
        store.put(key, obj)
    return Admitted(obj, tuple(warnings), strategies.answer(value))
