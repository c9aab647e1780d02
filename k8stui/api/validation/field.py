"""Field errors in the API server's words (kubernetes: apimachinery, pkg/util/validation/field/errors.go)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from k8stui.api.errors import FieldError

_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"'}


def quote(text: str) -> str:
    """Return a text as Go's ``%q`` prints it."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_quoted(letter) for letter in text) + '"'


def _quoted(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter == "\\":
        return "\\\\"
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def go_json(value: Any) -> str:
    """Return a value as Go's ``json.Marshal`` writes it: compact, with ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for letter, escape in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(letter, escape)
    return text


def show(value: Any) -> str:
    """Return a refused value as an error prints it: texts quoted, numbers plain, the rest as JSON."""
    if isinstance(value, str):
        return quote(value)
    return go_json(value)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    text = f"Invalid value: {show(value)}"
    return FieldError(path, "FieldValueInvalid", f"{text}: {detail}" if detail else text)


def required(path: str, detail: str = "") -> FieldError:
    """The value is missing."""
    return FieldError(path, "FieldValueRequired", f"Required value: {detail}" if detail else "Required value")


def forbidden(path: str, detail: str) -> FieldError:
    """The field may not be set here, or not changed."""
    return FieldError(path, "FieldValueForbidden", f"Forbidden: {detail}")


def unsupported(path: str, value: Any, supported: Iterable[str]) -> FieldError:
    """The value is none of those that exist; they are listed in the order given."""
    known = ", ".join(quote(entry) for entry in supported)
    detail = f": supported values: {known}" if known else ""
    return FieldError(path, "FieldValueNotSupported", f"Unsupported value: {show(value)}{detail}")


def duplicate(path: str, value: Any) -> FieldError:
    """The value stands in the list already."""
    return FieldError(path, "FieldValueDuplicate", f"Duplicate value: {show(value)}")


def not_found(path: str, value: Any) -> FieldError:
    """The value names nothing that exists."""
    return FieldError(path, "FieldValueNotFound", f"Not found: {show(value)}")


def too_long(path: str, limit: int) -> FieldError:
    """The text has more bytes than allowed."""
    return FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> FieldError:
    """The list has more entries than allowed."""
    return FieldError(path, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} items")


def internal(path: str, detail: str) -> FieldError:
    """The server itself failed."""
    return FieldError(path, "InternalError", f"Internal error: {detail}")
