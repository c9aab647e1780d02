"""The warnings that the API server sends along with an answer (kubernetes: pkg/api/*/warnings.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def warnings_of(wire: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[str]:
    """Return the warnings of an object that is accepted; `old` is the stored one that it replaces."""
    return []
