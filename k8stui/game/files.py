"""The player's files: one for each object that the level lets them change, plus files of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from k8stui.api import scheme
from k8stui.api.manifest import Document, read
from k8stui.api.meta import wire_name
from k8stui.engine.container import ANNOTATION
from k8stui.engine.world import Key
from k8stui.game import ends, frame

if TYPE_CHECKING:
    from k8stui.engine.store import Store
    from k8stui.game.level import Level

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


class _Dumper(yaml.SafeDumper):
    """Writes manifests as people do: no aliases, block style."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(value: Any) -> str:
    """Return a manifest, or a part of one, as YAML text."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def start_files(level: Level) -> dict[str, tuple[Key, str]]:
    """Return file name -> (object, text) of every object that may be changed, in the level's order."""
    found: dict[str, tuple[Key, str]] = {}
    for wire in editable_manifests(level):
        key = frame.key_of_wire(wire)
        found[_unused(file_name(level, key), found)] = (key, dump(wire))
    return found


def pod_files(store: Store, level: Level) -> list[tuple[Key, str]]:
    """Return key and text of the pods that may be changed: their names and labels."""
    found = []
    for rule in level.edit:
        for pod in ends.pods_of(store, rule.of) if rule.of else ():
            meta = {"name": pod.name, "namespace": pod.namespace, "labels": dict(sorted(pod.labels.items()))}
            key = Key("Pod", pod.namespace, pod.name)
            found.append((key, dump({"apiVersion": "v1", "kind": "Pod", "metadata": meta})))
    return found


def editable_manifests(level: Level) -> Iterator[Mapping[str, Any]]:
    """Yield the manifests of the level's objects that may be changed, in the order of `edit`."""
    for rule in level.edit:
        for wire in level.world.objects:
            if frame.editable(level, frame.key_of_wire(wire)) is rule:
                yield wire


def file_name(level: Level, key: Key) -> str:
    """Return the name of an object's file: ``service-backend.yaml``, with the namespace where it is not the first."""
    kind = key.kind.lower()
    if key.namespace in ("", level.namespace):
        return f"{kind}-{key.name}.yaml"
    return f"{kind}-{key.namespace}-{key.name}.yaml"


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    stem, number, result = name.removesuffix(".yaml"), 2, name
    while result in taken:
        result, number = f"{stem}-{number}.yaml", number + 1
    return result


def new_name(kind: str, taken: Mapping[str, Any]) -> str:
    """Return the name of a new file for an object of this kind."""
    return _unused(f"new-{kind.lower()}.yaml", taken)


def skeleton(kind: str, namespace: str) -> str:
    """Return the beginning of a manifest of this kind: what every one needs, and nothing of any lesson."""
    resource = scheme.resource_named(kind)
    place = f"\n  namespace: {namespace}" if resource.namespaced else ""
    own = [name for name in resource.model.model_fields if name not in ("api_version", "kind", "metadata", "status")]
    body = "".join(f"{wire_name(name)}:\n" for name in (["spec"] if "spec" in own else own))
    return f"apiVersion: {resource.api_version}\nkind: {kind}\nmetadata:\n  name: {place}\n{body}"


def documents_of(level: Level, files: Mapping[str, str]) -> list[Document]:
    """Return the documents of all files, those that can be read, decorated with what their containers do."""
    return [decorated(level, document) for name, text in files.items() for document in read(text, name).documents]


def decorated(level: Level, document: Document) -> Document:
    """Return a document whose pods do what the level says they do; the player's text does not show it."""
    wire = decorate(level, document.wire)
    return document if wire is document.wire else replace(document, wire=wire)


def decorate(level: Level, wire: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest with the annotation of its containers' behaviour, if the level describes one."""
    kind = wire.get("kind")
    if kind != "Pod" and kind not in _WORKLOADS:
        return wire
    key = frame.key_of_wire(wire)
    behaviour = level.world.containers.get(f"{key.namespace}/{key.name}")
    if behaviour is None:
        return wire
    if kind == "Pod":
        return {**wire, "metadata": _annotated(wire.get("metadata"), behaviour)}
    spec = wire.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(template, dict):
        return wire
    template = {**template, "metadata": _annotated(template.get("metadata"), behaviour)}
    return {**wire, "spec": {**spec, "template": template}}


def _annotated(meta: Any, behaviour: Mapping[str, Any]) -> dict[str, Any]:
    meta = meta if isinstance(meta, dict) else {}
    annotations = meta.get("annotations") if isinstance(meta.get("annotations"), dict) else {}
    return {**meta, "annotations": {**(annotations or {}), ANNOTATION: json.dumps(behaviour, sort_keys=True)}}


def merge(value: Any, patch: Any) -> Any:
    """Return a JSON merge patch applied to a value (RFC 7386); neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for name, inner in patch.items():
        if inner is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), inner)
    return result
