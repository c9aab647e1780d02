"""Names in a level file that lead nowhere: pods, flows and facts that there are not, and ids that are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8stui.game import frame
from k8stui.game.catalogue import find
from k8stui.game.misfits import meant

if TYPE_CHECKING:
    from k8stui.game.level import Level
    from k8stui.game.source import Path_

_ORDINAL = re.compile(r"-\d+$")
_RUNNING = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
_NAMED = re.compile(r"[a-z0-9.-]+/[a-z0-9.-]+")
_ENDS = ("sources", "via")


def loose_ends(level: Level) -> Iterator[tuple[Path_, str]]:
    """Yield each name of a level that leads nowhere, with its place in the file."""
    yield from _identity(level)
    yield from _twice(level)
    known = {*level.world.named, *_described(level.model_dump(mode="json", by_alias=True))}
    for place, name in (*_ends_of_world(level), *_ends_of_checks(level)):
        if _NAMED.fullmatch(name) and not {name, _ORDINAL.sub("", name)} & known:
            yield place, f"`{name}` is no pod or workload of this level; {meant(name, sorted(known))}"
    yield from _flows(level)
    yield from _facts(level)


def _identity(level: Level) -> Iterator[tuple[Path_, str]]:
    head = find(level.id)
    if head is not None and level.source is not None and head.path.resolve() != Path(level.source.file).resolve():
        yield ("id",), f"the id `{level.id}` is that of a level that comes with k8stui; choose another"


def _twice(level: Level) -> Iterator[tuple[Path_, str]]:
    seen = set()
    for index, wire in enumerate(level.world.objects):
        key = frame.key_of_wire(wire)
        if key in seen:
            name = "/".join(part for part in (key.kind, key.namespace, key.name) if part)
            yield ("world", "objects", index), f"{name} stands here twice"
        seen.add(key)


def _described(value: Any) -> Iterator[str]:
    """Yield ``NS/NAME`` of all that runs pods, anywhere in a level: patches and operations may bring some."""
    if isinstance(value, dict):
        meta = value.get("metadata")
        if value.get("kind") in _RUNNING and isinstance(meta, dict) and isinstance(meta.get("name"), str):
            yield f"{meta.get('namespace', 'default')}/{meta['name']}"
        for inner in value.values():
            yield from _described(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _described(inner)


def _ends_of_world(level: Level) -> Iterator[tuple[Path_, str]]:
    for name in level.world.containers:
        yield ("world", "containers", name), name
    for index, flow in enumerate(level.world.traffic):
        yield ("world", "traffic", index, "from"), flow.source


def _ends_of_checks(level: Level) -> Iterator[tuple[Path_, str]]:
    for place, act in _acts(level):
        for name, check in act.items():
            for field in _ENDS:
                for end in getattr(check, field, ()):
                    yield (*place, "checks", name), end


def _acts(level: Level) -> Iterator[tuple[Path_, dict[str, Any]]]:
    from k8stui.game.acts import acts_of

    for number, act in enumerate(acts_of(level)):
        yield ("acts", number - 1) if number else (), dict(act.parsed)


def _flows(level: Level) -> Iterator[tuple[Path_, str]]:
    known = sorted(set(_ids(level.model_dump(mode="json", by_alias=True, exclude={"predict"}))))
    for place, act in _acts(level):
        for name, check in act.items():
            for flow in getattr(check, "flows", ()):
                if flow not in known:
                    yield (*place, "checks", name), f"there is no flow `{flow}`; {meant(flow, known)}"


def _ids(value: Any) -> Iterator[str]:
    """Yield the ids of flows: of traffic, of what containers call, and of operations that begin some."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name == "id" and "to" in value:
            yield str(inner)
        yield from _ids(inner)
    for inner in value if isinstance(value, list) else ():
        yield from _ids(inner)


def _facts(level: Level) -> Iterator[tuple[Path_, str]]:
    from k8stui.game.guide import facts

    if level.teaches or level.needs:
        known = {name for fact in facts() for name in (fact.id, *fact.also)}
        for field in ("teaches", "needs"):
            for index, name in enumerate(getattr(level, field)):
                if name not in known:
                    yield (field, index), f"the field guide has no fact `{name}`; {meant(name, sorted(known))}"
