"""PATCH requests: effects and refusals as a real server gave them (recorded/kubectl/patch-and-set.yaml)."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.errors import StatusError
from k8stui.engine.patching import patch
from k8stui.engine.refusal_text import refusal_text
from k8stui.engine.world import Key
from tests.engine.clusters import service, store_with

BACKEND = Key("Service", "default", "backend")


@pytest.mark.parametrize(
    ("style", "change", "expected"),
    [
        (
            "json",
            [{"op": "replace", "path": "/spec/nope/x", "value": 1}],
            REJECTED := "The request is invalid: the server rejected our request due to an error in our request",
        ),
        ("json", [{"op": "test", "path": "/spec/type", "value": "NodePort"}], REJECTED),
        (
            "json",
            {"spec": {}},
            "Error from server (BadRequest): error decoding patch: "
            "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (
            "strategic",
            {"spec": {"ports": "x"}},
            'The request is invalid: patch: Invalid value: "map[spec:map[ports:x]]": cannot restore slice from string',
        ),
        (
            "strategic",
            {"spec": {"ports": [{"port": 9090, "name": "x"}]}},
            'The Service "backend" is invalid: spec.ports[1].name: Required value',
        ),
        (
            "json",
            [{"op": "replace", "path": "/metadata/name", "value": "other"}],
            "Error from server (BadRequest): "
            "the name of the object (other) does not match the name on the URL (backend)",
        ),
        (
            "merge",
            {"metadata": {"uid": "1"}},
            'The Service "backend" is invalid: metadata.uid: Invalid value: "1": field is immutable',
        ),
        (
            "merge",
            {"metadata": {"resourceVersion": "1"}},
            'Error from server (Conflict): Operation cannot be fulfilled on services "backend": '
            "the object has been modified; please apply your changes to the latest version and try again",
        ),
    ],
)
def test_refusals_are_the_recorded_ones(style: Any, change: Any, expected: str) -> None:
    store = store_with(service())
    before = store.world
    with pytest.raises(StatusError) as caught:
        patch(store, BACKEND, change, style)
    assert refusal_text(caught.value) == expected
    assert store.world == before


@pytest.mark.parametrize(
    ("style", "change", "ports"),
    [
        ("merge", {"spec": {"ports": [{"port": 8080}]}}, [{"port": 8080, "protocol": "TCP", "targetPort": 8080}]),
        (
            "strategic",
            {"spec": {"ports": [{"port": 80, "targetPort": 9}]}},
            [{"port": 80, "protocol": "TCP", "targetPort": 9}],
        ),
        (
            "json",
            [{"op": "replace", "path": "/spec/ports/0/port", "value": 81}],
            [{"port": 81, "protocol": "TCP", "targetPort": 8080}],
        ),
    ],
)
def test_each_style_changes_ports_in_its_own_way(style: Any, change: Any, ports: list[Any]) -> None:
    assert patch(store_with(service()), BACKEND, change, style).obj.to_wire()["spec"]["ports"] == ports


def test_a_patch_without_effect_leaves_the_object_and_unknown_fields_are_warned_of() -> None:
    store = store_with(service())
    before = store.at(BACKEND)
    for style in ("strategic", "merge"):
        admitted = patch(store, BACKEND, {"spec": {"nope": 1}}, style)  # type: ignore[arg-type]
        assert (admitted.obj, admitted.warnings) == (before, ('unknown field "spec.nope"',))
    assert patch(store, BACKEND, {"spec": {"sessionAffinity": None}}, "strategic").obj == before


def test_a_missing_object_cannot_be_patched() -> None:
    with pytest.raises(StatusError, match='services "backend" not found'):
        patch(store_with(), BACKEND, {})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"port": "80"}, "unrecognized type: int32"),
        ({"port": 80, "name": 5}, "cannot convert int64 to string"),
        ("x", ""),
    ],
)
def test_wrong_types_are_worded_by_the_converter(value: Any, words: str) -> None:
    with pytest.raises(StatusError) as caught:
        patch(store_with(service()), BACKEND, {"spec": {"ports": [value]}})
    assert words in caught.value.message
