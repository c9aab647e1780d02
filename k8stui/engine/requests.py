"""What is checked of a request before its object is looked at: its text, its kind, its names, its version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from k8stui.api import decoding, scheme
from k8stui.api.core import Namespace
from k8stui.api.errors import StatusError
from k8stui.engine import refusals
from k8stui.engine.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """An object that was sent, and where to: the resource, namespace and name of the URL."""

    resource: scheme.Resource
    namespace: str
    name: str
    wire: Mapping[str, Any]
    dry_run: bool = False


def run(store: Store, dry_run: bool, work: Callable[[list[str]], T]) -> T:
    """Do a request's work. A refusal and a dry run leave the world as it was; a refusal carries its warnings."""
    before = store.world
    warnings: list[str] = []
    done = False
    try:
        result = work(warnings)
        done = not dry_run
        return result
    except StatusError as error:
        error.warnings = tuple(warnings)
        raise
    finally:
        if not done:
            store.world = before


def read(
    wire: Mapping[str, Any],
    field_validation: str,
    warnings: list[str],
    *,
    resource: scheme.Resource | None = None,
    namespace: str | None = None,
    name: str | None = None,
    body: str | None = None,
    dry_run: bool = False,
) -> Request:
    """Return the request of an object that was sent; raises BadRequest where it cannot be read."""
    if resource is None:
        resource = scheme.resource_of(wire.get("apiVersion", ""), wire.get("kind", ""))
        if resource is None:
            raise refusals.bad_request(
                f'no kind "{wire.get("kind", "")}" is registered for version "{wire.get("apiVersion", "")}"'
            )
    repeated: tuple[str, ...] = ()
    if body is not None:
        wire, repeated = decoding.decode_body(body)
    decoded, strict = decoding.decode_request(wire, resource, field_validation, repeated)
    warnings.extend(strict)
    meta = decoded.get("metadata") or {}
    own = meta.get("namespace") or ""
    place = (namespace or own or "default") if resource.namespaced else ""
    sent = {**decoded, "apiVersion": resource.api_version, "kind": resource.kind}
    sent["metadata"] = {**meta, "namespace": place} if resource.namespaced else {**meta, "namespace": None}
    return Request(resource, place, name or meta.get("name") or "", sent, dry_run)


def check_namespace(store: Store, request: Request) -> None:
    """Refuse an object in a namespace that is missing or going away."""
    if not request.resource.namespaced:
        return
    namespace = store.get(Namespace, "", request.namespace)
    if namespace is None:
        raise refusals.not_found(scheme.resource_named("Namespace"), request.namespace)
    if namespace.terminating:
        text = f"unable to create new content in namespace {request.namespace} because it is being terminated"
        raise refusals.forbidden(request.resource, (request.wire.get("metadata") or {}).get("name") or "", text)


def check_version(resource: scheme.Resource, value: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Refuse an object that was read before the stored one was written, or that is another one."""
    meta, before = value.get("metadata", {}), old["metadata"]
    version, uid = meta.get("resourceVersion"), meta.get("uid")
    if version and version != before.get("resourceVersion"):
        raise refusals.conflict(resource, before.get("name", ""))
    if uid and uid != before.get("uid"):
        text = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.get('uid', '')}"
        raise refusals.conflict(resource, before.get("name", ""), text)


def warn(value: Mapping[str, Any], old: Mapping[str, Any] | None, warnings: list[str]) -> None:
    """Add the warnings of an object that was accepted."""
