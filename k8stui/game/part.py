"""What every part of a level file shares: frozen values that refuse unknown fields by name."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Manifest = dict[str, Any]
Operation = dict[str, Any]
Texts = dict[str, str]


class Part(BaseModel):
    """A part of a level file: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
