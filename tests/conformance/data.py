"""Reading the data files: YAML with the C loader, and the guard against fields that no runner knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml


def load_yaml(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(), Loader=loader)


def load_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def only(mapping: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Fail the case where its data has a field that the runner does not know."""
    unknown = sorted(set(mapping) - set(known))
    assert not unknown, f"{where}: the runner does not know {', '.join(unknown)}"
