"""`k8stui levels`: the list of levels; and levels by name for the commands that are given one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from k8stui.commands.inputs import BadInput

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.game.catalogue import Head
    from k8stui.game.level import Level
    from k8stui.game.progress import Progress


def show(style: str) -> int:
    """Print all levels with what is solved; return 0, or 1 where a level file is broken."""
    from k8stui.game.catalogue import chapters, heads
    from k8stui.game.storage import Storage

    found = heads()
    storage = Storage()
    progress = storage.progress()
    if style == "json":
        click.echo(json.dumps([_row(head, progress) for head in found], indent=2, ensure_ascii=False))
    else:
        titles = {chapter.number: chapter.title for chapter in chapters()}
        number: int | None = None
        for head in found:
            if head.chapter != number and not head.error:
                number = head.chapter
                click.echo(f"{number}  {titles.get(number, '')}".rstrip())
            click.echo(_line(head, progress))
    for message in (*storage.messages, *(head.error for head in found if head.error)):
        click.echo(f"error: {message}", err=True)
    return 1 if any(head.error for head in found) else 0


def _row(head: Head, progress: Progress) -> dict[str, Any]:
    record = progress.record(head.id)
    return {
        "id": head.id,
        "title": head.title,
        "chapter": head.chapter,
        "verb": head.verb,
        "gate": head.gate,
        "path": str(head.path),
        "solved": record.solved,
        "stars": list(record.stars),
        "error": head.error or None,
    }


def _line(head: Head, progress: Progress) -> str:
    record = progress.record(head.id)
    stars = "".join("★" if star else "☆" for star in record.stars)
    gate = "  gate" if head.gate else ""
    return f"   {head.id:<5} {stars}  {head.title:<34} {head.verb}{gate}"


def find_level(name: str, seed: int = 0) -> Level:
    """Return a level by its id or file, drawn from a seed; raises BadInput with what is wrong and where."""
    from k8stui.game.catalogue import find, heads
    from k8stui.game.level import load
    from k8stui.game.source import LevelError

    head = find(name)
    if head is None:
        if Path(name).suffix in (".yaml", ".yml") or "/" in name:
            raise BadInput(f"{name}: there is no such level file")
        known = ", ".join(head.id for head in heads() if not head.error)
        raise BadInput(f"there is no level {name!r}; known are {known}, or name a level file")
    try:
        return load(head.path, seed)
    except LevelError as error:
        raise BadInput(str(error)) from None


def start_of(name: str) -> Cluster:
    """Return the cluster at the start of a level; raises BadInput."""
    from k8stui.game.scene import build

    level = find_level(name)
    with building(level):
        return build(level)


@contextmanager
def building(level: Level) -> Iterator[None]:
    """Turn what keeps a level's start from being built into BadInput."""
    from k8stui.api.errors import StatusError
    from k8stui.game.source import LevelError

    try:
        yield
    except LevelError as error:
        raise BadInput(str(error)) from None
    except (StatusError, ValueError) as error:
        raise BadInput(f"level {level.id} cannot be built: {error}") from None
