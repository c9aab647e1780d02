"""Amounts of resources as texts: ``500m``, ``1Gi`` (kubernetes: apimachinery, pkg/api/resource/quantity.go)."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]+))?",
    re.ASCII,
)
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_DECIMAL_POWERS = {suffix: power for power, suffix in _DECIMAL.items()}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_MAX_EXPONENT = 100


@lru_cache(maxsize=1024)
def amount(text: str) -> Fraction | None:
    """Return the number that a quantity stands for, or None where the text is none."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    number = Fraction(match["number"].rstrip("."))
    if match["exponent"] is not None:
        power = int(match["exponent"])
        return number * Fraction(10) ** power if abs(power) <= _MAX_EXPONENT else None
    suffix = match["suffix"] or ""
    if suffix.endswith("i"):
        return number * (1 << 10 * _BINARY.index(suffix))
    return number * Fraction(10) ** _DECIMAL_POWERS[suffix]


@lru_cache(maxsize=1024)
def canonical(text: str) -> str:
    """Return a quantity as the API server stores it (``0.5`` is ``500m``); a text that is none stays."""
    value = amount(text)
    if value is None:
        return text
    if text.strip().endswith("i") and not -1024 < value < 1024:
        return _binary(_rounded(value, 1))
    exponent = re.search("[eE][+-]?[0-9]+$", text.strip())
    return _decimal(value, "e" if exponent else "")


def _rounded(value: Fraction, step: int) -> int:
    """Return a value in units of 1/step as a whole number, rounded away from zero."""
    scaled = value * step
    whole = abs(scaled.numerator) // scaled.denominator
    whole += 1 if abs(scaled.numerator) % scaled.denominator else 0
    return whole if scaled >= 0 else -whole


def _binary(whole: int) -> str:
    power = 0
    while power < len(_BINARY) - 1 and whole % 1024 == 0:
        whole, power = whole // 1024, power + 1
    return f"{whole}{_BINARY[power]}"


def _decimal(value: Fraction, letter: str) -> str:
    """Return the shortest whole number with a power of a thousand; nothing is finer than a billionth."""
    whole, power = _rounded(value, 10**9), -9
    if whole == 0:
        return "0"
    while whole % 1000 == 0 and (power < 18 or letter):
        whole, power = whole // 1000, power + 3
    if letter:
        return f"{whole}{letter}{power}" if power else str(whole)
    return f"{whole}{_DECIMAL[power]}"
