"""Patches of JSON values: JSON patch, merge patch, strategic merge patch, and the three-way patch of kubectl apply.

kubernetes: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go. Nothing given is ever changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api import fields
from k8stui.api.fields import Field, Type

Json = dict[str, Any]
_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


class PatchError(ValueError):
    """A patch that cannot be applied to this value."""


def json_patch(wire: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> Json:
    """Return a value with JSON patch operations applied (RFC 6902); raises PatchError where one does not fit."""
    # Only here is the library needed; it takes as long to load as all else in this room.
    import jsonpatch

    try:
        patched = jsonpatch.apply_patch(dict(wire), list(operations))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, KeyError, TypeError, ValueError) as error:
        raise PatchError(str(error)) from None
    if not isinstance(patched, dict):
        raise PatchError("the patch leaves no object")
    return patched


def merge_patch(wire: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """Return a value with a merge patch applied (RFC 7386): null removes, lists are replaced."""
    result = dict(wire)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            old = result.get(name)
            result[name] = merge_patch(old if isinstance(old, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def strategic_merge_patch(wire: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """Return an object with a strategic merge patch applied: lists merge by the keys in the field table.

    Raises PatchError where a directive or a list item does not fit.
    """
    return _merge_map(wire, patch, fields.type_of(str(wire.get("apiVersion", "")), str(wire.get("kind", ""))))


def three_way(original: Mapping[str, Any] | None, modified: Mapping[str, Any], current: Mapping[str, Any]) -> Json:
    """Return the strategic merge patch that kubectl apply sends.

    `original` is what was applied last (None: never), `modified` what is applied now, `current` the object in the
    cluster. What is in `original` but no longer in `modified` is deleted, what only `current` has is left alone.
    """
    kind_type = fields.type_of(str(current.get("apiVersion", "")), str(current.get("kind", "")))
    delta = _diff_maps(current, modified, kind_type, changes=True)
    deletions = _diff_maps(original, modified, kind_type, changes=False) if original is not None else {}
    return _join(deletions, delta, kind_type)


# Applying


def _merge_map(original: Mapping[str, Any], patch: Mapping[str, Any], kind_type: Type | None) -> Json:
    directive = patch.get(_DIRECTIVE)
    if directive is not None:
        return _directed(directive, patch)
    result = _retained(original, patch)
    order = {name[len(_ORDER) :]: value for name, value in patch.items() if name.startswith(_ORDER)}
    for name, value in patch.items():
        if name == _RETAIN or name.startswith(_ORDER):
            continue
        if name.startswith(_DELETE):
            field = name[len(_DELETE) :]
            kept = result.get(field)
            if isinstance(kept, list) and isinstance(value, list):
                result[field] = [item for item in kept if item not in value]
        elif value is None:
            result.pop(name, None)
        elif name not in result:
            result[name] = _without_nulls(value)
        else:
            result[name] = _merge_value(result[name], value, _field(kind_type, name))
    for name, wanted in order.items():
        if isinstance(result.get(name), list) and isinstance(wanted, list):
            merge_key = _merge_key(_field(kind_type, name))
            before = original.get(name)
            result[name] = _ordered(result[name], wanted, before if isinstance(before, list) else [], merge_key)
    return result


def _directed(directive: Any, patch: Mapping[str, Any]) -> Json:
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != _DIRECTIVE}
    if directive == "delete":
        return {}
    raise PatchError(f"unknown patch type found in map: {directive}")


def _retained(original: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    retain = patch.get(_RETAIN)
    if retain is None:
        return dict(original)
    if not isinstance(retain, list) or any(
        name not in retain for name, value in patch.items() if value is not None and not name.startswith("$")
    ):
        raise PatchError("$retainKeys directive must be a list that holds all fields of the patch")
    return {name: value for name, value in original.items() if name in retain}


def _merge_value(old: Any, new: Any, field: Field | None) -> Any:
    replaces = field is not None and "replace" in field.strategies
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        inner = fields.type_named(field.element) if field is not None and field.type != "map" else None
        return _without_nulls(new) if replaces else _merge_map(old, new, inner)
    if isinstance(old, list) and isinstance(new, list) and field is not None and "merge" in field.strategies:
        return _merge_list(old, new, field)
    return new


def _merge_list(old: list[Any], new: list[Any], field: Field) -> list[Any]:
    key = field.merge_key
    if not key:
        merged = [*old, *(item for item in new if item not in old)]
        return _ordered(merged, new, old, "")
    inner = fields.type_named(field.element)
    merged, wanted = _special_items(old, new, key)
    for item in wanted:
        if not isinstance(item, Mapping) or key not in item:
            raise PatchError(f"map: {go_text(item)} does not contain declared merge key: {key}")
        at = _index(merged, item, key)
        if at < 0:
            merged.append(_without_nulls(item))
        else:
            merged[at] = _merge_map(merged[at], item, inner)
    return _ordered(merged, wanted, old, key)


def _special_items(old: list[Any], new: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Return both lists once the items with a ``$patch`` directive are carried out."""
    kept, wanted = list(old), []
    for item in new:
        directive = item.get(_DIRECTIVE) if isinstance(item, Mapping) else None
        if directive is None:
            wanted.append(item)
        elif directive == "delete":
            if key not in item:
                raise PatchError(f"delete patch type with no merge key defined: {key}")
            kept = [entry for entry in kept if not isinstance(entry, Mapping) or entry.get(key) != item[key]]
        elif directive == "replace":
            return [entry for entry in new if not isinstance(entry, Mapping) or _DIRECTIVE not in entry], []
        else:
            raise PatchError(f"unknown patch type found in list: {directive}")
    return kept, wanted


def _ordered(merged: list[Any], wanted: list[Any], before: list[Any], key: str) -> list[Any]:
    """Return merged items in the order wanted; those that only the server has keep their place as well as possible."""
    mine = sorted((item for item in merged if _index(wanted, item, key) >= 0), key=lambda i: _index(wanted, i, key))
    others = [item for item in merged if _index(wanted, item, key) < 0]
    result: list[Any] = []
    while mine and others:
        first, second = _index(before, others[0], key), _index(before, mine[0], key)
        result.append(others.pop(0) if 0 <= first < second else mine.pop(0))
    return [*result, *others, *mine]


def _index(items: Sequence[Any], item: Any, key: str) -> int:
    if not key:
        return items.index(item) if item in items else -1
    value = item.get(key) if isinstance(item, Mapping) else None
    return next((n for n, other in enumerate(items) if isinstance(other, Mapping) and other.get(key) == value), -1)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without_nulls(inner)
            for name, inner in value.items()
            if inner is not None and not name.startswith((_ORDER, _DELETE)) and name not in (_RETAIN, _DIRECTIVE)
        }
    if isinstance(value, list):
        return [
            _without_nulls(item)
            for item in value
            if not (isinstance(item, Mapping) and item.get(_DIRECTIVE) in ("delete", "replace"))
        ]
    return value


# Comparing


def _diff_maps(old: Mapping[str, Any], new: Mapping[str, Any], kind_type: Type | None, *, changes: bool) -> Json:
    """Return the patch from `old` to `new`: either its changes and additions alone, or its deletions alone."""
    patch: Json = {}
    for name, before in old.items():
        if name not in new:
            if not changes:
                patch[name] = None
            continue
        after = new[name]
        field = _field(kind_type, name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            _diff_map_field(patch, name, before, after, field, changes)
        elif isinstance(before, list) and isinstance(after, list) and field is not None and "merge" in field.strategies:
            _diff_list_field(patch, name, before, after, field, changes)
        elif changes and (before != after or type(before) is not type(after)):
            patch[name] = after
    if changes:
        patch.update({name: after for name, after in new.items() if name not in old})
    return patch


def _diff_map_field(
    patch: Json, name: str, before: Mapping[str, Any], after: Mapping[str, Any], field: Field | None, changes: bool
) -> None:
    if field is not None and "replace" in field.strategies:
        if changes and before != after:
            patch[name] = after
        return
    inner = fields.type_named(field.element) if field is not None and field.type != "map" else None
    difference = _diff_maps(before, after, inner, changes=changes)
    if difference and field is not None and "retainKeys" in field.strategies:
        difference[_RETAIN] = sorted(after)
    if difference:
        patch[name] = difference


def _diff_list_field(patch: Json, name: str, before: list[Any], after: list[Any], field: Field, changes: bool) -> None:
    key = field.merge_key
    if not key:
        _diff_scalars(patch, name, before, after, changes)
        return
    items = _diff_items(before, after, field, changes)
    same_order = [item.get(key) for item in before if _index(after, item, key) >= 0] == [
        item.get(key) for item in after if _index(before, item, key) >= 0
    ]
    if items:
        patch[name] = items
    if items or (changes and not same_order):
        patch[_ORDER + name] = [{key: item.get(key)} for item in after]


def _diff_scalars(patch: Json, name: str, before: list[Any], after: list[Any], changes: bool) -> None:
    added = [item for item in after if item not in before] if changes else []
    gone = [] if changes else [item for item in before if item not in after]
    if added:
        patch[name] = added
    if gone:
        patch[_DELETE + name] = gone
    if gone or (changes and before != after):
        patch[_ORDER + name] = list(after)


def _diff_items(before: list[Any], after: list[Any], field: Field, changes: bool) -> list[Any]:
    """Compare two lists of objects pairwise by merge key, both sorted by it (equal keys pair off in their order)."""
    key = field.merge_key
    inner = fields.type_named(field.element)
    for item in (*before, *after):
        if not isinstance(item, Mapping) or key not in item:
            raise PatchError(f"map: {go_text(item)} does not contain declared merge key: {key}")
    old = sorted(before, key=lambda item: str(item[key]))
    new = sorted(after, key=lambda item: str(item[key]))
    changed: list[Any] = []
    deleted: list[Any] = []
    while old or new:
        left, right = (str(old[0][key]) if old else None), (str(new[0][key]) if new else None)
        if left is not None and left == right:
            difference = _diff_maps(old.pop(0), new[0], inner, changes=changes)
            value = new.pop(0)[key]
            if difference:
                changed.append({**difference, key: value})
        elif left is None or (right is not None and left > right):
            item = new.pop(0)
            if changes:
                changed.append(item)
        else:
            item = old.pop(0)
            if not changes:
                deleted.append({_DIRECTIVE: "delete", key: item[key]})
    changed.sort(key=lambda item: _index(after, item, key))
    return [*changed, *deleted]


def _join(deletions: Mapping[str, Any], delta: Mapping[str, Any], kind_type: Type | None) -> Json:
    """Return one patch that does what both do."""
    result = dict(deletions)
    for name, value in delta.items():
        old = result.get(name)
        field = _field(kind_type, name)
        inner = fields.type_named(field.element) if field is not None and field.type != "map" else None
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[name] = _join(old, value, inner)
        elif isinstance(old, list) and isinstance(value, list) and not name.startswith("$"):
            key = _merge_key(field)
            joined = list(value)
            for item in old:
                at = _index(value, item, key) if _DIRECTIVE not in item else -1
                if at < 0:
                    joined.append(item)
                else:
                    joined[at] = _join(item, value[at], inner)
            result[name] = joined
        else:
            result[name] = value
    return result


def _field(kind_type: Type | None, name: str) -> Field | None:
    return kind_type.fields.get(name) if kind_type is not None else None


def _merge_key(field: Field | None) -> str:
    return field.merge_key if field is not None else ""


def go_text(value: Any) -> str:
    """Return a JSON value as Go prints it with %v: ``map[spec:map[replicas:3]]``."""
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{name}:{go_text(value[name])}' for name in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(go_text(item) for item in value)}]"
    if value is None:
        return "<nil>"
    return value if isinstance(value, str) else json.dumps(value)
