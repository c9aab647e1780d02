"""Plain YAML scalars, read as Kubernetes' clients read them (sigs.k8s.io/yaml on go-yaml v2, then through JSON)."""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

_TAG = "tag:yaml.org,2002:"
_HINTS = frozenset("+-0123456789yYnNtTfFoO~.")
_NAMED: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_NUMBER = 320


class ScalarError(ValueError):
    """A scalar that contradicts its tag."""


def plain(text: str) -> Any:
    """Return the JSON value of an unquoted scalar: ``no`` is false, ``012`` is 10, ``1e3`` is 1000, dates are texts."""
    if text and text[0] not in _HINTS:
        return text
    if text in _NAMED:
        return _NAMED[text]
    first = text[0]
    if first.isdigit() or first in "+-.":
        number = _number(text)
        if number is not None:
            return number
    return text


def tagged(tag: str, text: str, quoted: bool) -> Any:
    """Return the value of a scalar with an explicit tag; raises ScalarError where it cannot be that."""
    short = tag.removeprefix(_TAG)
    if tag == "!" or short == "str":
        return text
    if short == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ScalarError("!!binary value contains invalid base64 data") from None
    if short == tag or short not in ("bool", "int", "float", "null", "timestamp"):
        return text
    value = plain(text)
    matches = {
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "null": value is None,
        "timestamp": True,
    }
    if not matches[short]:
        raise ScalarError(f"cannot decode {_short_name(value)} `{text}` as a !!{short}")
    return value


def key(value: Any) -> str | None:
    """Return the text that a scalar becomes as a key of a JSON object, or None where it cannot be one."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
        return ".nan" if math.isnan(value) else repr(value)
    return None


def integral(number: float) -> int | float:
    """Return a number as it comes back out of JSON: a whole one is an integer."""
    if number.is_integer() and abs(number) < 2**63:
        return int(number)
    return number


def _number(text: str) -> int | float | None:
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:
        return None
    found = _INTEGER.fullmatch(digits)
    if found is not None and text[0] != ".":
        sign, hexadecimal, binary, octal, decimal = found.groups()
        value = (
            int(hexadecimal, 16)
            if hexadecimal
            else int(binary, 2)
            if binary
            else int(octal, 8)
            if octal
            else int(decimal)
        )
        value = -value if sign == "-" else value
        return value if -(2**63) <= value < 2**63 else _finite(float(value))
    source = text if text[0] == "." else digits
    return _finite(float(source)) if _FLOAT.fullmatch(source) else None


def _finite(number: float) -> int | float | None:
    return integral(number) if math.isfinite(number) else None


def _short_name(value: Any) -> str:
    names = {bool: "!!bool", int: "!!int", float: "!!float", type(None): "!!null"}
    return names.get(type(value), "!!str")
