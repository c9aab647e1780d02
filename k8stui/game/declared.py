"""What somebody declared about an object, without what the API server fills in; and how far two declarations differ.

This is how par is counted: leaf fields in which objects differ, so layout, order and spelt-out defaults are free.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import permutations
from typing import Any

from k8stui.api.defaults import default
from k8stui.api.meta import KubeObject

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_BEHAVIOUR = "k8stui.dev/behaviour"
_SERVER_META = {
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
    "ownerReferences",
    "finalizers",
}
_MOST_PERMUTED = 5

Leaves = dict[str, Any]


def declared(obj: KubeObject) -> dict[str, Any]:
    """Return what was declared: what was applied last, or the object itself, free of the API server's additions."""
    wire = obj.to_wire()
    applied = obj.annotations.get(LAST_APPLIED)
    if applied:
        with suppress(ValueError):
            wire = json.loads(applied)
    return normalised(wire)


def normalised(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest without status, server metadata, allocated addresses and fields that have their default.

    What has the wrong type, as texts in the making do, stays as it is.
    """
    value = copy.deepcopy(dict(wire))
    value.pop("status", None)
    meta = value.setdefault("metadata", {})
    for name in _SERVER_META if isinstance(meta, dict) else ():
        meta.pop(name, None)
    _drop_annotations(value)
    _drop_annotations(_inner(_inner(value, "spec"), "template"))
    _drop_allocated(value)
    return _without_defaults(value)


def _inner(value: dict[str, Any], name: str) -> dict[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _drop_annotations(value: dict[str, Any]) -> None:
    meta = _inner(value, "metadata")
    annotations = meta.get("annotations")
    if isinstance(annotations, dict):
        kept = {k: v for k, v in annotations.items() if k not in (LAST_APPLIED, _BEHAVIOUR) and "deployment." not in k}
        if kept:
            meta["annotations"] = kept
        else:
            del meta["annotations"]


def _drop_allocated(value: dict[str, Any]) -> None:
    if value.get("kind") != "Service":
        return
    spec = _inner(value, "spec")
    if spec.get("clusterIP") != "None":
        spec.pop("clusterIP", None)
    spec.pop("clusterIPs", None)
    spec.pop("healthCheckNodePort", None)


def _without_defaults(value: dict[str, Any]) -> dict[str, Any]:
    """Drop every leaf that the API server would fill in with the same value."""
    whole = _defaulted(value)
    for path in list(_paths(value)):
        trial = copy.deepcopy(value)
        if _remove(trial, path) and _defaulted(trial) == whole:
            value = trial
    return value


def _defaulted(value: dict[str, Any]) -> dict[str, Any]:
    try:
        return default(copy.deepcopy(value))
    except (KeyError, TypeError, ValueError, AttributeError):
        return value


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _paths(inner, (*path, name))
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*path, index))
    elif path and path not in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
        yield path


def _remove(value: Any, path: tuple[str | int, ...]) -> bool:
    for step in path[:-1]:
        value = value[step]
    if isinstance(value, dict) and path[-1] in value:
        del value[path[-1]]
        return True
    return False


def differences(before: Any, after: Any) -> int:
    """Return in how many leaf fields two normalised values differ; added and removed ones count one each."""
    if before == after:
        return 0
    if isinstance(before, dict) and isinstance(after, dict):
        return sum(differences(before.get(name, _ABSENT), after.get(name, _ABSENT)) for name in {*before, *after})
    if isinstance(before, list) and isinstance(after, list):
        return _list_differences(before, after)
    if before is _ABSENT or after is _ABSENT:
        return leaves(after if before is _ABSENT else before)
    if isinstance(before, dict | list) or isinstance(after, dict | list):
        return leaves(before) + leaves(after)
    return 1


def leaves(value: Any) -> int:
    """Return how many leaf fields a value has; an empty list or object is one."""
    if isinstance(value, dict) and value:
        return sum(leaves(inner) for inner in value.values())
    if isinstance(value, list) and value:
        return sum(leaves(inner) for inner in value)
    return 1


_ABSENT = object()


def _list_differences(before: list[Any], after: list[Any]) -> int:
    """Pair the items of two lists so that they differ least; order does not count."""
    left = list(before)
    right: list[Any] = []
    for item in after:
        if item in left:
            left.remove(item)
        else:
            right.append(item)
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    padded: list[Any] = [*few, *[_ABSENT] * (len(many) - len(few))]
    if len(many) > _MOST_PERMUTED:
        return sum(differences(one, other) for one, other in zip(padded, many, strict=True))
    return min(
        sum(differences(one, other) for one, other in zip(padded, order, strict=True)) for order in permutations(many)
    )
