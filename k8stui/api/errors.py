"""What the API server answers when it refuses: a Status with its causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.api.manifest import Document


@dataclass(frozen=True, slots=True)
class FieldError:
    """One cause: the field's path, the reason (``FieldValueInvalid``, …) and the message without the path."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class StatusError(Exception):
    """A refusal of the API server: HTTP code, reason, message and causes, as a ``Status`` object holds them.

    Where it came of a manifest, `document` is the one refused and `doing` what was tried (``creating``).
    """

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
        self.document: Document | None = None
        self.doing = ""


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


class ClientError(StatusError):
    """What kubectl itself refuses before it asks the server; the message is what it prints after ``error: ``.

    `short` says the same without file and object, for those who show it beside the text.
    """

    def __init__(self, message: str, short: str = "", path: str = "") -> None:
        super().__init__(400, "", message)
        self.short = short or message
        self.path = path
