"""What is checked of a request before its object is looked at: its text, its kind, its names, its version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from k8stui.api import scheme
from k8stui.api.body import Members, decode_body
from k8stui.api.core import Namespace
from k8stui.api.decoding import decode_request
from k8stui.api.errors import FieldError, StatusError
from k8stui.api.validation.field import quote
from k8stui.engine import refusals
from k8stui.engine.store import Store

T = TypeVar("T")

# Where the server's database keeps kinds that it does not keep under their plural.
_STORED_AT = {
    "Service": "services/specs",
    "Endpoints": "services/endpoints",
    "Node": "minions",
    "Ingress": "ingress",
}

_VERSIONS = 2**64
_DEPRECATED_ENDPOINTS = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"


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


@dataclass(frozen=True, slots=True)
class Sent:
    """What a client sends, and where to: see `admission.create` and `admission.update`."""

    wire: Mapping[str, Any]
    field_validation: str = "Strict"
    dry_run: bool = False
    resource: scheme.Resource | None = None
    namespace: str | None = None
    name: str | None = None
    body: str | None = None


def read(sent: Sent, warnings: list[str]) -> Request:
    """Return the request of an object that was sent; raises BadRequest where it cannot be read."""
    wire = sent.wire
    members: Members = ()
    resource = sent.resource
    if resource is None:
        api_version, kind = wire.get("apiVersion", ""), wire.get("kind", "")
        resource = scheme.resource_of(api_version, kind)
        if resource is None:
            raise refusals.no_kind(kind, api_version)
    if resource.kind == "Endpoints":
        warnings.append(_DEPRECATED_ENDPOINTS)
    if sent.body is not None:
        wire, members = decode_body(sent.body, resource.kind)
    clean, complaints = decode_request(wire, resource, sent.field_validation, members)
    warnings += complaints
    meta = clean.get("metadata") or {}
    own = meta.get("namespace") or ""
    place = (sent.namespace or own or "default") if resource.namespaced else ""
    if own and own != place and resource.namespaced:
        text = "the namespace of the provided object does not match the namespace sent on the request"
        raise refusals.bad_request(text)
    name = meta.get("name") or ""
    if sent.name is not None and not name:
        text = f"the name of the object ({sent.name} based on URL) was undeterminable: name must be provided"
        raise refusals.bad_request(text)
    if sent.name is not None and name != sent.name:
        raise refusals.bad_request(f"the name of the object ({name}) does not match the name on the URL ({sent.name})")
    clean["metadata"] = {**meta, "namespace": place or None}
    return Request(resource, place, sent.name or name, clean, sent.dry_run)


def check_namespace(store: Store, request: Request) -> None:
    """Refuse an object in a namespace that is missing or going away."""
    if not request.resource.namespaced:
        return
    namespace = store.get(Namespace, "", request.namespace)
    if namespace is None:
        raise refusals.not_found(scheme.resource_named("Namespace"), request.namespace)
    if namespace.terminating:
        text = f"unable to create new content in namespace {request.namespace} because it is being terminated"
        error = refusals.forbidden(request.resource, (request.wire.get("metadata") or {}).get("name") or "", text)
        detail = f"namespace {request.namespace} is being terminated"
        error.causes = (FieldError("metadata.namespace", "NamespaceTerminating", detail),)
        raise error


def version_number(version: str) -> int | None:
    """Return a resourceVersion as the number that it is to the server, or None where it is none."""
    digits = version.lstrip("0") or "0"
    if not version.isascii() or not version.isdecimal() or len(digits) > len(str(_VERSIONS)):
        return None
    return int(digits) if int(digits) < _VERSIONS else None


def check_version(resource: scheme.Resource, value: dict[str, Any], old: Mapping[str, Any]) -> None:
    """Refuse an object that was read before the stored one was written, or that is another one.

    Version 0 is as good as none: the object replaces whatever is stored.
    """
    meta, before = value.get("metadata", {}), old["metadata"]
    version, uid = meta.get("resourceVersion") or "0", meta.get("uid")
    number = version_number(version)
    if number is None:
        problem = "invalid syntax" if not version.isdecimal() or not version.isascii() else "value out of range"
        raise StatusError(500, "", f"strconv.ParseUint: parsing {quote(version)}: {problem}")
    if number == 0:
        meta["resourceVersion"] = before.get("resourceVersion")
    elif str(number) != before.get("resourceVersion"):
        raise refusals.conflict(resource, before.get("name", ""))
    if uid and uid != before.get("uid"):
        path = "/".join(filter(None, (_STORED_AT.get(resource.kind, resource.plural), before.get("namespace"))))
        text = (
            f"StorageError: invalid object, Code: 4, Key: /registry/{path}/{before.get('name', '')}, "
            f"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {before.get('uid', '')}"
        )
        raise refusals.conflict(resource, before.get("name", ""), text)
