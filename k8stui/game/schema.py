"""The JSON schema of level files, for editors."""

from __future__ import annotations

import json
from typing import Any

from k8stui.game.level import Level

URL = "https://json-schema.org/draft/2020-12/schema"


def level_schema() -> dict[str, Any]:
    """Return the schema. A level file's two documents share it, so no field is required by it."""
    schema = Level.model_json_schema(by_alias=True)
    schema.pop("required", None)
    schema["$schema"] = URL
    schema["title"] = "A level of k8stui"
    schema["description"] = "Both documents of a level file: the head (id to title), and the level."
    return schema


def level_schema_text() -> str:
    """Return the schema as the project ships it (``assets/level.schema.json``)."""
    return json.dumps(level_schema(), indent=1, ensure_ascii=False) + "\n"
