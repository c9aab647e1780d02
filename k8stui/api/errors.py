"""What the API server answers when it refuses: a Status with its causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One cause: the field's path, the reason (``FieldValueInvalid``, …) and the message without the path."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class StatusError(Exception):
    """A refusal of the API server: HTTP code, reason, message and causes, as a ``Status`` object holds them."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        causes: Sequence[FieldError] = (),
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.causes = tuple(causes)
        self.details = details or {}
        self.warnings: tuple[str, ...] = ()


class Invalid(StatusError):
    """The object breaks a rule (422)."""


class BadRequest(StatusError):
    """The request itself cannot be read (400): malformed text, unknown fields, wrong types."""


class NotFound(StatusError):
    """No such object or kind (404)."""


class AlreadyExists(StatusError):
    """An object of this name exists already (409)."""


class Conflict(StatusError):
    """The object has changed since it was read (409)."""


class Forbidden(StatusError):
    """The operation is not allowed here (403)."""
