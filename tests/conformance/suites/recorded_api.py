"""What a real API server answered to one request, to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api import patch, scheme
from k8stui.api.errors import StatusError
from k8stui.engine import admission, bare
from k8stui.engine.store import Store
from k8stui.engine.world import Key
from tests.conformance.data import load_lines, numbered, only
from tests.conformance.suites.api_world import matches, store_for

_LINE = ("name", "operation", "field_validation", "object", "body", "old", "merge_patch", "answer")
_ANSWER = ("code", "object", "reason", "message", "details", "causes", "warnings")
_DRY_RUN = ("Deployment", "StatefulSet", "Namespace")
_PLACE = "corpus"


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each line; names that occur again in a file get a number."""
    resource = next(resource for resource in scheme.RESOURCES if resource.kind.lower() == path.stem)
    yield from numbered((line["name"], (resource, line)) for line in load_lines(path))


def run(material: tuple[scheme.Resource, Mapping[str, Any]]) -> None:
    """Send the request to a store that holds what the recorded cluster held, and compare the answer."""
    resource, line = material
    only(line, _LINE, line["name"])
    expected = line["answer"]
    only(expected, _ANSWER, line["name"])
    found = _answer(resource, line)
    if "object" in expected:
        shown = json.dumps({"expected": expected["object"], "found": found.get("object", found)}, sort_keys=True)
        assert matches(expected["object"], found.get("object"), {}), shown
    for name in _ANSWER:
        if name != "object":
            assert matches(expected.get(name), found.get(name), {}), (name, expected.get(name), found.get(name))


def _answer(resource: scheme.Resource, line: Mapping[str, Any]) -> dict[str, Any]:
    store = store_for(None, _PLACE)
    admission.create(store, bare.system_services(store.world.settings)[0])
    try:
        admitted = _send(store, resource, line)
    except StatusError as error:
        answer: dict[str, Any] = {"code": error.code, "reason": error.reason, "message": error.message}
        if error.reason == "":
            del answer["reason"]
        answer |= {name: value for name, value in (("details", error.details), ("warnings", error.warnings)) if value}
        if error.reason == "InternalError":
            answer["details"] = dict(error.details)
        if error.causes:
            answer["causes"] = [
                {
                    name: text
                    for name, text in (("reason", cause.reason), ("message", cause.message), ("field", cause.field))
                    if text
                }
                for cause in error.causes
            ]
        return _listed(answer)
    code = 200 if line["operation"] == "update" and line["old"] is not None else 201
    answer = {"code": code, "object": admitted.wire}
    if admitted.warnings:
        answer["warnings"] = admitted.warnings
    return _listed(answer)


def _listed(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answer.items()}


def _send(store: Store, resource: scheme.Resource, line: Mapping[str, Any]) -> admission.Admitted:
    place = _PLACE if resource.namespaced else None
    wire, body = line.get("object") or {}, line.get("body")
    if line["operation"] == "create":
        return admission.create(
            store,
            wire,
            field_validation=line["field_validation"],
            dry_run=resource.kind in _DRY_RUN,
            resource=resource,
            namespace=place,
            body=body,
        )
    assert line["operation"] == "update"
    name = (line["old"] or wire)["metadata"]["name"]
    if line["old"] is not None:
        admission.create(store, line["old"], resource=resource, namespace=place)
    if "merge_patch" in line:
        stored = store.at(Key(resource.kind, place or "", name))
        assert stored is not None
        wire = patch.merge_patch(stored.to_wire(), line["merge_patch"])
    return admission.update(
        store,
        wire,
        field_validation=line["field_validation"],
        resource=resource,
        namespace=place,
        name=name,
        body=body,
    )
