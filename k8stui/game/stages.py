"""The stages on which a sandbox can begin: folders of manifests, each with a title and (if needed) settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from k8stui.game.source import parse_value

FOLDER = Path(__file__).parent / "templates"
_ABOUT = "about.yaml"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its manifests by file name, and the cluster's settings as the operation ``set`` takes them."""

    id: str
    title: str
    about: str
    files: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)


def stages(folder: Path = FOLDER) -> tuple[Stage, ...]:
    """Return the stages that come with the game. Raises LevelError where one is not written well."""
    return tuple(_stage(path) for path in sorted(folder.iterdir()) if (path / _ABOUT).is_file())


def _stage(folder: Path) -> Stage:
    told, _ = parse_value((folder / _ABOUT).read_text("utf-8"), str(folder / _ABOUT))
    files = {str(name): (folder / str(name)).read_text("utf-8") for name in told["files"]}
    return Stage(folder.name.partition("-")[2], str(told["title"]), str(told["about"]), files, told.get("settings", {}))
