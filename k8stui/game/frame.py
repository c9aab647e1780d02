"""The frame of a level: which objects the player may change, add and delete, and what the others say about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8stui.api import scheme
from k8stui.engine.world import Key, World
from k8stui.game.declared import declared, normalised

if TYPE_CHECKING:
    from k8stui.game.level import Creatable, Editable, Level

_LOCALE = "en"
_PLAIN_REASON = "This is not yours to change."


def key_of_wire(wire: Mapping[str, Any]) -> Key:
    """Return the key of a manifest; a namespaced object without a namespace is of ``default``."""
    kind = str(wire.get("kind", ""))
    meta = wire.get("metadata") or {}
    try:
        namespaced = scheme.resource_named(kind).namespaced
    except KeyError:
        namespaced = True
    namespace = str(meta.get("namespace") or "default") if namespaced else ""
    return Key(kind, namespace, str(meta.get("name") or ""))


def key_from_text(text: str) -> Key:
    """Return the key of ``KIND/NS/NAME`` or ``KIND/NAME``."""
    parts = text.split("/")
    return Key(parts[0], parts[1], parts[2]) if len(parts) == 3 else Key(parts[0], "", parts[-1])


def editable(level: Level, key: Key) -> Editable | None:
    """Return the rule under which an object may be changed, or None."""
    for rule in level.edit:
        if rule.kind != key.kind or rule.namespace not in ("", key.namespace) or rule.name not in ("", key.name):
            continue
        if not rule.of or key.name.startswith(f"{rule.of.rpartition('/')[2]}-"):
            return rule
    return None


def creatable(level: Level, key: Key) -> Creatable | None:
    """Return the rule under which an object may be added, or None."""
    for rule in level.create:
        if rule.kind == key.kind and rule.namespace in ("", key.namespace):
            return rule
    return None


def reason(level: Level, key: Key) -> str:
    """Return why an object is locked, in the level's words."""
    for lock in level.locks:
        if key_from_text(lock.object) == key:
            return lock.en
    return level.locked.get(_LOCALE, _PLAIN_REASON)


def refusal(level: Level, start: World, world: World, wire: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return field path and reason why this manifest may not be applied, or None where it may."""
    if path := _own_annotation(wire):
        return path, "annotations of k8stui.dev say what containers do, and that is the level's to say"
    key = key_of_wire(wire)
    present = world.get(key)
    if start.get(key) is None and present is None:
        return _creation(level, start, world, key)
    rule = editable(level, key)
    before = start.get(key)
    if rule is None and before is None and creatable(level, key) is not None:
        return None
    original = declared(present) if present is not None else {}
    if rule is None:
        if before is not None and normalised(wire) == original:
            return None
        return "metadata.name", f"{key.kind} {key.name} is locked: {reason(level, key)}"
    if not rule.fields or before is None:
        return None
    for path in changed_paths(declared(before), normalised(wire)):
        if not any(_under(path, field) for field in rule.fields):
            return path, f"{path} is locked: {reason(level, key)}"
    return None


def _own_annotation(wire: Mapping[str, Any]) -> str | None:
    """Return the path of an annotation by which a manifest would change the simulation itself."""
    spec = wire.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    for place, holder in (("", wire), ("spec.template.", template)):
        meta = holder.get("metadata") if isinstance(holder, Mapping) else None
        annotations = meta.get("annotations") if isinstance(meta, dict) else None
        for name in annotations if isinstance(annotations, dict) else ():
            if str(name).startswith("k8stui.dev/"):
                return f"{place}metadata.annotations[{name}]"
    return None


def _creation(level: Level, start: World, world: World, key: Key) -> tuple[str, str] | None:
    rule = creatable(level, key)
    if rule is None:
        where = f" in namespace {key.namespace}" if key.namespace else ""
        allowed = ", ".join(dict.fromkeys(one.kind for one in level.create)) or "nothing"
        return "kind", f"you cannot add a {key.kind}{where} here; you may add: {allowed}"
    if rule.most is not None:
        added = sum(
            1
            for obj in world.of_kind(key.kind)
            if start.get(Key(key.kind, obj.namespace, obj.name)) is None and obj.metadata.controller is None
        )
        if added >= rule.most:
            return "metadata.name", f"there is room for {rule.most} new {key.kind} only"
    return None


def deletion_refusal(level: Level, start: World, key: Key) -> str | None:
    """Return why an object may not be deleted, or None where it may."""
    if start.get(key) is None:
        return None
    rule = editable(level, key)
    if rule is None or not rule.delete or rule.fields:
        return f"{key.kind} {key.name} cannot be deleted: {reason(level, key)}"
    return None


def covers(rule: Editable, path: str) -> bool:
    """Tell whether a rule lets a field be changed, or something in it."""
    return not rule.fields or any(_under(path, field) or field.startswith(path) for field in rule.fields)


def _under(path: str, field: str) -> bool:
    """Tell whether a path lies at or under a field; ``[*]`` in the field stands for any index."""
    pattern = re.escape(field).replace(re.escape("[*]"), r"\[\d+\]")
    return re.match(rf"{pattern}($|[.\[])", path) is not None


def changed_paths(before: Any, after: Any, path: str = "") -> list[str]:
    """Return the paths of the fields in which two JSON values differ."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else str(name)
            found += changed_paths(before.get(name), after.get(name), inner)
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            p for i, (b, a) in enumerate(zip(before, after, strict=True)) for p in changed_paths(b, a, f"{path}[{i}]")
        ]
    return [path]


def operation_refusal(level: Level, start: World, operation: Mapping[str, Any]) -> str | None:
    """Return why a player may not do this, or None: only what the level lists under `operate` and `deeds` is theirs."""
    if any(operation == deed.do for deed in level.deeds.values()):
        return None
    for verb in operation:
        if verb in level.operate:
            return None
    allowed = ", ".join(level.operate) or "nothing of the kind"
    return f"you cannot do that here; you may: {allowed}"
