"""Volumes of pods and where containers mount them.

kubernetes: core/validation, ValidateVolumes, ValidateVolumeMounts
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.quantity import amount
from k8stui.api.validation import field
from k8stui.api.validation.names import dns_label

Entry = Mapping[str, Any]
# The sources that are looked into, in the server's order, and the field that each must have.
_SOURCES = (
    ("emptyDir", ""),
    ("hostPath", "path"),
    ("secret", "secretName"),
    ("persistentVolumeClaim", "claimName"),
    ("downwardAPI", ""),
    ("configMap", "name"),
    ("projected", ""),
)
_HOST_PATHS = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")


def validate_volumes(volumes: Sequence[Entry], path: str) -> tuple[list[FieldError], frozenset[str]]:
    """Return the errors of volumes, and the names of those that have none: only they can be mounted."""
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        where, name = f"{path}[{index}]", volume.get("name", "")
        wrong = _source(volume, where)
        if not name:
            wrong.append(field.required(f"{where}.name"))
        else:
            wrong += [field.invalid(f"{where}.name", name, text) for text in dns_label(name)]
        if name in names:
            wrong.append(field.duplicate(f"{where}.name", name))
        errors += wrong
        if not wrong:
            names.add(name)
    return errors, frozenset(names)


def validate_mounts(mounts: Sequence[Entry], volumes: Collection[str], path: str) -> list[FieldError]:
    """Return the errors of a container's mounts; `volumes` are the names that can be mounted."""
    errors: list[FieldError] = []
    places: set[str] = set()
    for index, mount in enumerate(mounts):
        where, name, place = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            errors.append(field.required(f"{where}.name"))
        if name not in volumes:
            errors.append(field.not_found(f"{where}.name", name))
        if not place:
            errors.append(field.required(f"{where}.mountPath"))
        if place in places:
            errors.append(field.invalid(f"{where}.mountPath", place, "must be unique"))
        places.add(place)
        part = mount.get("subPath", "")
        if part.startswith("/"):
            errors.append(field.invalid(f"{where}.subPath", part, "must be a relative path"))
        errors += _no_way_back(part, f"{where}.subPath")
    return errors


def _source(volume: Entry, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    found = False
    for kind, needed in _SOURCES:
        source, where = volume.get(kind), f"{path}.{kind}"
        if source is None:
            continue
        if found:
            errors.append(field.forbidden(where, "may not specify more than 1 volume type"))
            continue
        found = True
        if needed and not source.get(needed):
            errors.append(field.required(f"{where}.{needed}"))
        elif kind == "hostPath":
            errors += _host_path(source, where)
        elif kind == "emptyDir":
            errors += _size(source.get("sizeLimit"), f"{where}.sizeLimit")
    return errors


def _host_path(source: Entry, path: str) -> list[FieldError]:
    errors = _no_way_back(source["path"], f"{path}.path")
    kind = source.get("type", "")
    if kind not in _HOST_PATHS:
        errors.append(field.unsupported(f"{path}.type", kind, _HOST_PATHS))
    return errors


def _size(limit: str | None, path: str) -> list[FieldError]:
    value = None if limit is None else amount(limit)
    if limit is None or value is None or value >= 0:
        return []
    return [field.forbidden(path, "SizeLimit field must be a valid resource quantity")]


def _no_way_back(text: str, path: str) -> list[FieldError]:
    return [field.invalid(path, text, "must not contain '..'")] if ".." in text.split("/") else []
