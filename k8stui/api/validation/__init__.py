"""What the API server refuses, in its own words; one module a group of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError


def validate_create(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new object after its defaults, in the server's order."""
    return []


def validate_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of an object that replaces a stored one, in the server's order."""
    return []
