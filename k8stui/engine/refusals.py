"""The API server's refusals as Status errors (kubernetes: apimachinery, pkg/api/errors/errors.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k8stui.api import scheme
from k8stui.api.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    StatusError,
)


def _details(name: str, group: str, kind: str) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    details["kind"] = kind
    return details


def invalid_error(kind: str, name: str, errors: Sequence[FieldError]) -> Invalid:
    """The object breaks rules; equal texts are shown once in the message, and all of them in the causes."""
    resource = scheme.resource_named(kind)
    texts = list(dict.fromkeys(str(error) for error in errors))
    shown = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{resource.qualified_kind} "{name}" is invalid: {shown}'
    return Invalid(422, "Invalid", message, errors, _details(name, resource.group, kind))


def internal_error(text: str) -> StatusError:
    """The server itself failed."""
    return StatusError(500, "InternalError", f"Internal error occurred: {text}", [FieldError("", "", text)])


def bad_request(text: str) -> BadRequest:
    """The request cannot be read."""
    return BadRequest(400, "BadRequest", text)


def no_kind(kind: str, api_version: str) -> NotFound:
    """The cluster has no such kind: what kubectl says before it sends anything."""
    text = f'no matches for kind "{kind}" in version "{api_version}"'
    return NotFound(404, "NotFound", text)


def not_found(resource: scheme.Resource, name: str) -> NotFound:
    """There is no such object."""
    details = _details(name, resource.group, resource.plural)
    return NotFound(404, "NotFound", f'{resource.qualified} "{name}" not found', (), details)


def already_exists(resource: scheme.Resource, name: str, *, deleted: bool = False) -> AlreadyExists:
    """An object of this name exists, or is still being deleted."""
    prefix = "object is being deleted: " if deleted else ""
    details = _details(name, resource.group, resource.plural)
    return AlreadyExists(409, "AlreadyExists", f'{prefix}{resource.qualified} "{name}" already exists', (), details)


def conflict(resource: scheme.Resource, name: str, text: str = "") -> Conflict:
    """The object has changed since it was read."""
    reason = text or "the object has been modified; please apply your changes to the latest version and try again"
    details = _details(name, resource.group, resource.plural)
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {reason}'
    return Conflict(409, "Conflict", message, (), details)


def forbidden(resource: scheme.Resource, name: str, text: str) -> Forbidden:
    """The operation is not allowed here."""
    details = _details(name, resource.group, resource.plural)
    return Forbidden(403, "Forbidden", f'{resource.qualified} "{name}" is forbidden: {text}', (), details)
