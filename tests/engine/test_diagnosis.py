"""Diagnosis: everything the server would say, each at its line, and nothing changes by asking."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.manifest import read
from k8stui.engine.apply import apply_each
from k8stui.engine.diagnosis import diagnose
from tests.api.texts import GOOD, HOSTILE, POLICY, SERVICE, texts
from tests.engine.clusters import service, store_with

STORE = store_with(service("other", clusterIP="10.96.5.5"))

FULL = store_with()
apply_each(FULL, [document for text in GOOD for document in read(text).documents])


def found(text: str) -> list[tuple[int, str]]:
    """Diagnose a text and return line and message of each problem."""
    return [(problem.mark.line, problem.message) for problem in diagnose(STORE, text, "f.yaml")]


def test_a_good_text_has_no_problem_and_changes_nothing() -> None:
    before, listened = STORE.world, []
    STORE.listeners.append(listened.append)
    assert found(f"{SERVICE}---\n{POLICY}") == []
    STORE.listeners.remove(listened.append)
    assert STORE.world is before
    assert listened == []


def test_all_unknown_fields_and_wrong_types_are_named_at_once_each_at_its_line() -> None:
    text = (
        SERVICE.replace("selector:", "selectors:")
        .replace("port: 9090", "port: many")
        .replace("kind: Service\n", "kind: Service\nx: 1\n")
    )
    assert found(text) == [
        (3, 'unknown field "x"'),
        (9, 'unknown field "spec.selectors"'),
        (16, "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32"),
    ]


def test_rules_that_are_broken_are_shown_at_the_field_or_where_it_would_have_to_be() -> None:
    text = SERVICE.replace("  - name: http\n    port: 80\n", "  - port: 70000\n").replace("NodePort", "Nodeport")
    lines = {message.partition(":")[0]: line for line, message in found(text)}
    assert lines == {"spec.ports[0].port": 11, "spec.ports[0].name": 11, "spec.type": 7}


def test_kinds_namespaces_and_addresses_are_looked_up_in_the_cluster_of_now() -> None:
    assert found(SERVICE.replace("kind: Service", "kind: Servce")) == [
        (2, 'no matches for kind "Servce" in version "v1"')
    ]
    assert found(SERVICE.replace("v1", "v2", 1)) == [(1, 'no matches for kind "Service" in version "v2"')]
    assert found(POLICY.replace("default", "shop")) == [(3, 'namespaces "shop" not found')]
    with_namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n" + POLICY.replace(
        "default", "shop"
    )
    assert found(with_namespace) == []
    ((line, message),) = found(SERVICE.replace("  type:", "  clusterIP: 10.96.5.5\n  type:"))
    assert line == 7
    assert "provided IP is already allocated" in message


def test_warnings_are_shown_beside_the_field() -> None:
    text = SERVICE.replace("  type:", "  externalIPs: [192.0.2.1]\n  type:").replace(
        "  name: backend", "  name: backend\n  name: b"
    )
    problems = diagnose(STORE, text)
    assert [(p.severity, p.mark.line) for p in problems] == [("warning", 5), ("warning", 8)]


def test_a_document_that_cannot_be_read_keeps_the_others_not_from_being_judged() -> None:
    text = f"a: [\n---\n{SERVICE.replace('80', '0')}---\n\tb"
    assert [line for line, _ in found(text)] == [1, 14, 20]


def test_an_object_of_enormous_size_is_refused_at_once() -> None:
    assert len(found("#" * 2_000_000)) == 1


@HOSTILE
@given(texts)
def test_no_text_raises(text: str) -> None:
    for problem in diagnose(STORE, text, "f.yaml"):
        assert problem.message
        assert problem.mark.line >= 1
        assert problem.mark.column >= 1


ODD = (
    "null",
    "true",
    "-1",
    "80.5",
    "1099511627776",
    '""',
    '"x"',
    '"10.0.0.1"',
    '"None"',
    "[]",
    "[null]",
    "[[]]",
    '["x"]',
)
ODDER = ("{}", '{"a": null}', '{"a": {}}', "[{}]", '{"": 1}', '"\\u0000"', "[1, 1]")


@st.composite
def twisted(draw: st.DrawFn) -> dict[str, Any]:
    """A good manifest with up to three parts that were replaced by something odd."""
    document = draw(st.sampled_from([document for text in GOOD for document in read(text).documents]))
    wire: dict[str, Any] = json.loads(json.dumps(document.wire))
    for _ in range(draw(st.integers(1, 3))):
        inside: Any = wire
        key: Any = draw(st.sampled_from(sorted(wire)))
        while isinstance(inside[key], dict | list) and inside[key] and draw(st.booleans()):
            inside = inside[key]
            key = draw(st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside))))
        inside[key] = json.loads(draw(st.sampled_from(ODD + ODDER)))
    return wire


@HOSTILE
@given(twisted())
def test_no_value_in_any_field_raises(wire: dict[str, Any]) -> None:
    diagnose(STORE, json.dumps(wire))
    diagnose(FULL, json.dumps(wire))
