"""Reading manifests: what kubectl reads, the places of fields, and texts that mean harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.manifest import Mark, read
from tests.api.texts import HOSTILE, POLICY, SERVICE, texts


def value(text: str) -> Any:
    (document,) = read(f"apiVersion: v1\nkind: ConfigMap\nx: {text}\n").documents
    return document.wire["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(word, True) for word in ("yes", "on", "y", "True")],
        *[(word, False) for word in ("no", "off", "N", "FALSE")],
        *[(word, None) for word in ("", "~", "null")],
        *[("012", 10), ("0o12", 10), ("0x1F", 31), ("0b101", 5), ("08", 8), ("1_000", 1000), ("+5", 5), ("-012", -10)],
        *[("1e3", 1000), ("80.0", 80), (".5", 0.5), ("80.5", 80.5), ("18446744073709551616", 18446744073709551616.0)],
        *[("2026-01-01", "2026-01-01"), ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("12:30:45", "12:30:45")],
        *[
            ('"no"', "no"),
            ("'012'", "012"),
            ("!!str 5", "5"),
            ("!!int '5'", 5),
            ("!custom 5", "5"),
            ("10.96.0.1", "10.96.0.1"),
        ],
        *[("1e999", "1e999"), ("1.2.3", "1.2.3"), ("0x", "0x"), ("8080:80", "8080:80")],
    ],
)
def test_scalars_read_as_kubernetes_reads_them(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_keys_become_texts_and_the_last_of_two_equal_keys_wins_with_a_warning() -> None:
    read_text = read("apiVersion: v1\nkind: ConfigMap\ndata:\n  1: a\n  no: b\n  k: c\n  k: d\n", "f.yaml")
    assert read_text.documents[0].wire["data"] == {"1": "a", "false": "b", "k": "d"}
    (problem,) = read_text.problems
    assert (problem.severity, problem.path, problem.mark) == ("warning", "data.k", Mark("f.yaml", 7, 3))


def test_merge_keys_and_anchors_are_followed() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\na: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\nc: {<<: [{x: 5}, *a]}\n"
    wire = read(text).documents[0].wire
    assert wire["b"] == {"x": 1, "z": 3}
    assert wire["c"] == {"x": 5, "z": 2}


def test_every_field_has_a_place_and_a_missing_one_that_of_its_parent() -> None:
    document = read(SERVICE, "svc.yaml").documents[0]
    places = {path: (document.mark(path).line, document.mark(path).column) for path in PATHS}
    assert places == PATHS


PATHS = {
    "": (1, 1),
    "kind": (2, 1),
    "metadata.name": (4, 3),
    "metadata.labels": (5, 3),
    "metadata.labels[tier]": (5, 26),
    "spec.ports": (10, 3),
    "spec.ports[0]": (11, 5),
    "spec.ports[1].port": (15, 5),
    "spec.ports[1].targetPort": (14, 5),
    "spec.ports[7].port": (10, 3),
    "spec.clusterIP": (6, 1),
    "status.loadBalancer": (1, 1),
}


def test_keys_with_dots_have_places_too() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    a.b/c: x\n    d: z\n"
    for source in (text, json.dumps(read(text).documents[0].wire, indent=2)):
        document = read(source).documents[0]
        line = next(number for number, row in enumerate(source.splitlines(), 1) if "a.b/c" in row)
        assert document.mark("metadata.annotations.a.b/c").line == line
        assert document.mark("metadata.annotations[a.b/c]").line == line


def test_lists_and_typed_lists_are_flattened_and_keep_their_places() -> None:
    item = {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}
    dump = {"apiVersion": "v1", "kind": "ServiceList", "items": [item, {**item, "metadata": {"name": "y"}}, None]}
    text = json.dumps(dump, indent=1)
    for source in (text, f"# a comment makes it YAML\n{text}"):
        documents = read(source).documents
        assert [(d.wire["kind"], d.wire["metadata"]["name"]) for d in documents] == [("Service", "x"), ("Service", "y")]
        lines = source.splitlines()
        assert '"port"' in lines[documents[1].mark("spec.ports[0].port").line - 1]
        assert '"y"' in lines[documents[1].mark("metadata.name").line - 1]


def test_documents_are_split_where_kubectl_splits_and_each_is_read_for_itself() -> None:
    found = read(f"{SERVICE}--- # next\nkind: [\n---\n{POLICY}---\n", "f.yaml")
    assert [document.wire["kind"] for document in found.documents] == ["Service", "NetworkPolicy"]
    assert [problem.mark.line for problem in found.problems] == [18]
    assert found.documents[1].mark("metadata.name").line == 22


@pytest.mark.parametrize(
    ("text", "line", "words", "kubectl"),
    [
        (
            "metadata:\n\tname: x\n",
            2,
            "found character that cannot start any token",
            "error converting YAML to JSON: yaml: line 2: found character that cannot start any token",
        ),
        (
            "a: b\nc: d: e\n",
            2,
            "mapping values are not allowed in this context",
            "error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
        ),
        ('a:\n  b: "c\n', 2, "found unexpected end of stream", "yaml: line 3: found unexpected end of stream"),
        ("a: *nope\n", 1, "unknown anchor 'nope' referenced", "yaml: unknown anchor 'nope' referenced"),
        ("a: &a [*a]\n", 1, "anchor 'a' value contains itself", "yaml: anchor 'a' value contains itself"),
        (
            "a: .inf\n",
            1,
            "json: unsupported value: +Inf",
            "error converting YAML to JSON: json: unsupported value: +Inf",
        ),
        ("a: b\x01\n", 1, "control characters are not allowed", "yaml: control characters are not allowed"),
        (
            "hello\n",
            1,
            "invalid object to validate",
            'error validating "f.yaml": error validating data: invalid object',
        ),
        ("spec: {}\n", 1, "[apiVersion not set, kind not set]", "[apiVersion not set, kind not set]; if you choose"),
        (
            "apiVersion: v1\nkind: Service\nmetadata:\n  labels: {a: 1}\n",
            4,
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            'unable to decode "f.yaml": json: cannot unmarshal number',
        ),
    ],
)
def test_faults_are_worded_as_kubectl_words_them(text: str, line: int, words: str, kubectl: str) -> None:
    (problem,) = read(text, "f.yaml").problems
    assert problem.severity == "error"
    assert problem.mark.line == line
    assert words in problem.message
    assert kubectl in problem.kubectl


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 50_000, "{" * 50_000, '{"a":' * 50_000, "- " * 50_000, "? " * 50_000, "[" * 50_000 + "]" * 50_000),
        *(BOMB, "a: b\n" * 20_000, "\x00" * 1000, "\ud800", "a: " + "1" * 100_000, '{"a": ' + "9" * 5000 + "}"),
        *('{"a": NaN}', "%YAML 9.9\n---\na: b", "!<tag:x> a", "? [a]\n: b\n", "<<: 5\n"),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_hostile_texts_are_refused_with_a_place(text: str) -> None:
    found = read(text, "f.yaml")
    assert found.documents == ()
    assert found.problems
    assert all(problem.mark.line >= 1 and problem.message for problem in found.problems)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# nothing\n", "---\n---\n", "\ufeff", "null", "~", '{"kind": "List", "apiVersion": "v1", "items": []}'],
)
def test_texts_without_objects_are_no_fault(text: str) -> None:
    assert read(text) == read("")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    plain, windows = read(SERVICE).documents[0], read("\ufeff" + SERVICE.replace("\n", "\r\n")).documents[0]
    assert windows.wire == plain.wire
    assert windows.mark("spec.ports[1].port") == plain.mark("spec.ports[1].port")


@HOSTILE
@given(texts)
def test_no_text_raises(text: str) -> None:
    found = read(text, "f.yaml")
    for document in found.documents:
        mark = document.mark("spec.ports[0].port")
        assert 1 <= mark.line <= text.count("\n") + text.count("\r") + 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_json_reads_as_itself(spec: Any) -> None:
    wire = {"apiVersion": "v1", "kind": "ConfigMap", "x": spec}
    (document,) = read(json.dumps(wire)).documents
    assert document.wire == wire
