"""Metadata of every kind (kubernetes: apimachinery, pkg/api/validation/objectmeta.go)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.names import label_value, prefix_of, qualified_name

NameCheck = Callable[[str], tuple[str, ...]]
_ANNOTATIONS_LIMIT = 262144
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def validate_meta(meta: Mapping[str, Any], name_check: NameCheck, path: str = "metadata") -> list[FieldError]:
    """Return the errors of an object's metadata."""
    errors: list[FieldError] = []
    prefix, name = meta.get("generateName"), meta.get("name")
    if prefix:
        errors += [field.invalid(f"{path}.generateName", prefix, text) for text in name_check(prefix_of(prefix))]
    if not name:
        errors.append(field.required(f"{path}.name", "name or generateName is required"))
    else:
        errors += [field.invalid(f"{path}.name", name, text) for text in name_check(name)]
    return errors + _common(meta, path) + _finalizers(meta, path) + _finalizer_names(meta, path)


def validate_common_meta(meta: Mapping[str, Any], path: str = "metadata") -> list[FieldError]:
    """Return the errors of metadata that every update is checked for, before its kind's own checks."""
    name = meta.get("name")
    errors = [field.invalid(f"{path}.name", name, text) for text in path_segment(name or "")]
    if not name:
        errors.append(field.required(f"{path}.name", "name or generateName is required"))
    return errors + _common(meta, path) + _finalizers(meta, path)


def path_segment(name: str) -> tuple[str, ...]:
    """Return why a name cannot stand in a URL (kubernetes: apimachinery, pkg/api/validation/path)."""
    if name in (".", ".."):
        return (f"may not be '{name}'",)
    return tuple(f"may not contain '{letter}'" for letter in "/%" if letter in name)


def validate_meta_update(meta: Mapping[str, Any], old: Mapping[str, Any], path: str = "metadata") -> list[FieldError]:
    """Return the errors of changed metadata."""
    errors: list[FieldError] = []
    if old.get("deletionTimestamp"):
        added = [text for text in meta.get("finalizers") or () if text not in (old.get("finalizers") or ())]
        if added:
            listed = ", ".join(field.quote(text) for text in sorted(added))
            detail = "no new finalizers can be added if the object is being deleted, found new finalizers "
            detail += f"[]string{{{listed}}}"
            errors.append(field.forbidden(f"{path}.finalizers", detail))
    for name in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"):
        if meta.get(name) != old.get(name):
            value = meta.get(name, None if name == "deletionTimestamp" else "")
            errors.append(field.invalid(f"{path}.{name}", value, "field is immutable"))
    seconds = meta.get("deletionGracePeriodSeconds")
    if seconds is not None and seconds != old.get("deletionGracePeriodSeconds"):
        detail = "field is immutable; may only be changed via deletion"
        errors.append(field.invalid(f"{path}.deletionGracePeriodSeconds", seconds, detail))
    return errors + _common(meta, path)


def validate_labels(labels: Mapping[str, str] | None, path: str) -> list[FieldError]:
    """Return the errors of labels, or of a selector made of labels."""
    errors: list[FieldError] = []
    for key in sorted(labels or ()):
        errors += [field.invalid(path, key, text) for text in qualified_name(key)]
        value = (labels or {})[key]
        errors += [field.invalid(path, value, text) for text in label_value(value)]
    return errors


def validate_annotations(annotations: Mapping[str, str] | None, path: str) -> list[FieldError]:
    """Return the errors of annotations: their keys, whatever their case, and their size together."""
    if not annotations:
        return []
    errors = [field.invalid(path, key, text) for key in sorted(annotations) for text in qualified_name(key.lower())]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _ANNOTATIONS_LIMIT:
        errors.append(field.too_long(path, _ANNOTATIONS_LIMIT))
    return errors


def non_negative(value: int, path: str) -> list[FieldError]:
    """Return the error of a number below zero."""
    return [field.invalid(path, value, "must be greater than or equal to 0")] if value < 0 else []


def _common(meta: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if meta.get("labels"):
        errors += validate_labels(meta["labels"], f"{path}.labels")
    if meta.get("annotations"):
        errors += validate_annotations(meta["annotations"], f"{path}.annotations")
    if meta.get("ownerReferences"):
        errors += _owners(meta["ownerReferences"], f"{path}.ownerReferences")
    return errors


def _owners(references: list[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    controller = ""
    for reference in references:
        if not reference.get("apiVersion", "").rpartition("/")[2]:
            errors.append(
                field.invalid(f"{path}.apiVersion", reference.get("apiVersion", ""), "version must not be empty")
            )
        for name in ("kind", "name", "uid"):
            if not reference.get(name):
                errors.append(field.invalid(f"{path}.{name}", "", "must not be empty"))
        if (reference.get("apiVersion"), reference.get("kind")) == ("v1", "Event"):
            errors.append(field.invalid(path, _printed(reference), "/v1, Kind=Event is disallowed from being an owner"))
        if reference.get("controller"):
            this = f"{reference.get('kind', '')}/{reference.get('name', '')}"
            if controller:
                detail = (
                    "Only one reference can have Controller set to true. Found "
                    f'"true" in references for {controller} and {this}'
                )
                errors.append(field.invalid(path, [_printed(entry) for entry in references], detail))
            else:
                controller = this
    return errors


def _printed(reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reference to an owner with the members of Go's structure in their order."""
    shown: dict[str, Any] = {name: reference.get(name, "") for name in ("apiVersion", "kind", "name", "uid")}
    flags = ("controller", "blockOwnerDeletion")
    return shown | {name: reference[name] for name in flags if reference.get(name) is not None}


def _finalizer_names(meta: Mapping[str, Any], path: str) -> list[FieldError]:
    detail = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        field.invalid(f"{path}.finalizers[{index}]", name, detail)
        for index, name in enumerate(meta.get("finalizers") or ())
        if "/" not in name and name not in _STANDARD_FINALIZERS
    ]


def _finalizers(meta: Mapping[str, Any], path: str) -> list[FieldError]:
    finalizers = meta.get("finalizers") or ()
    errors = [
        field.invalid(f"{path}.finalizers", text, detail) for text in finalizers for detail in qualified_name(text)
    ]
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        detail = "finalizer orphan and foregroundDeletion cannot be both set"
        errors.append(field.invalid(f"{path}.finalizers", list(finalizers), detail))
    return errors
