"""Apply, create and replace: the words and the effects of kubectl, as recorded and in general."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api import scheme
from k8stui.api.errors import ClientError, Invalid, NotFound
from k8stui.api.manifest import read
from k8stui.engine import admission, bare
from k8stui.engine.apply import LAST_APPLIED, Applied, apply, apply_each, create, replace_each
from k8stui.engine.refusal_text import refusal_texts
from k8stui.engine.world import Key, Settings
from tests.engine.clusters import documents, service, store_with

RECORDED = Path(__file__).parents[1] / "conformance" / "recorded" / "kubectl"
SESSIONS = ("apply", "apply-invalid-1", "apply-invalid-options", "immutable-fields", "allocation-conflicts")
VERBS = {"apply": apply_each, "create": create, "replace": replace_each}
BACKEND = Key("Service", "default", "backend")


def steps(session: dict[str, Any]) -> Iterator[tuple[str, list[str], str, dict[str, Any]]]:
    """Yield verb, files and field validation of every step that only applies, creates, replaces or deletes files."""
    for step in session["steps"]:
        words = shlex.split(step.get("run", ""))
        files = [after for word, after in pairwise(words) if word == "-f"]
        files = sorted(session["files"]) if files == ["."] else files
        options = [word for word in words[2:] if word.startswith("-") and word != "-f"]
        modes = [word.removeprefix("--validate=") for word in options if word.startswith("--validate=")]
        if words[1:3] == ["delete", "svc"] and not options:
            yield "delete", words[3:], "", step
        known = len(words) > 1 and words[1] in (*VERBS, "delete") and len(modes) == len(options)
        mode = {"false": "Ignore", "ignore": "Ignore", "warn": "Warn"}.get("".join(modes), "Strict")
        if known and files and set(files) <= set(session["files"]):
            yield words[1], files, mode, step


@pytest.mark.parametrize("name", SESSIONS)
def test_recorded_sessions_are_worded_alike(name: str) -> None:
    session = yaml.safe_load((RECORDED / f"{name}.yaml").read_text())
    store = store_with(bare.system_services(Settings())[0], *session.get("setup", ()))
    for verb, files, mode, step in steps(session):
        if verb == "delete":
            texts = [session["files"].get(file, json.dumps(service(file))) for file in files]
            for document in (document for text in texts for document in read(text).documents):
                with suppress(NotFound):
                    admission.delete(store, Key(document.wire["kind"], "default", document.wire["metadata"]["name"]))
            continue
        manifests = [read(session["files"][file], file) for file in files]
        given_documents = [document for manifest in manifests for document in manifest.documents]
        outcomes = VERBS[verb](store, given_documents, field_validation=mode)
        done = [outcome for outcome in outcomes if isinstance(outcome, Applied)]
        refused = [outcome.error for outcome in outcomes if not isinstance(outcome, Applied)]
        broken = [p.kubectl for manifest in manifests for p in manifest.problems if p.severity == "error"]
        lines = [f"error: {text}" for text in broken]
        lines += [f"Warning: {text}" for outcome in done for text in outcome.warnings] + refusal_texts(refused)
        if not outcomes and not broken:
            lines = [f"error: no objects passed to {verb}"]
        assert [shown(outcome) for outcome in done] == step["stdout"].splitlines(), step["run"]
        assert without_line_numbers("\n".join(lines)) == without_line_numbers(step["stderr"]), step["run"]


def without_line_numbers(text: str) -> str:
    """Take out where a difference between two pods stands: that depends on volumes which nothing here adds."""
    return re.sub(r"^@@.*@@$", "@@", text, flags=re.MULTILINE).strip()


def shown(outcome: Applied) -> str:
    resource = scheme.resource_named(outcome.key.kind)
    group = f".{resource.group}" if resource.group else ""
    return f"{resource.kind.lower()}{group}/{outcome.key.name} {outcome.verb}"


def test_a_refused_document_keeps_the_others_not_from_being_applied() -> None:
    store = store_with()
    text = "\n---\n".join(json.dumps(wire) for wire in (service("a"), service("b", type="Nope"), service("c")))
    with pytest.raises(Invalid) as caught:
        apply(store, documents(text))
    assert caught.value.document is not None
    assert caught.value.document.wire["metadata"]["name"] == "b"
    assert caught.value.document.mark("spec.type").line == 3
    assert [store.at(Key("Service", "default", name)) is None for name in "abc"] == [False, True, False]


def test_what_is_no_longer_given_goes_and_what_was_never_given_stays() -> None:
    store = store_with()
    apply(store, documents(json.dumps(service(externalTrafficPolicy="Local", type="NodePort"))))
    first = store.at(BACKEND)
    (outcome,) = apply(store, documents(json.dumps(service(type="NodePort"))))
    assert first is not None
    assert outcome.verb == "configured"
    after = outcome.obj.to_wire()["spec"]
    assert after["externalTrafficPolicy"] == "Cluster"
    assert after["clusterIP"] == first.to_wire()["spec"]["clusterIP"]
    assert after["ports"][0]["nodePort"] == first.to_wire()["spec"]["ports"][0]["nodePort"]


def test_an_object_that_was_not_applied_before_is_warned_of_and_gets_its_annotation() -> None:
    store = store_with(service())
    (outcome,) = apply(store, documents(json.dumps(service())))
    assert outcome.verb == "configured"
    assert outcome.warnings[0].startswith("resource services/backend is missing the kubectl.kubernetes.io/last-applied")
    assert outcome.obj.annotations[LAST_APPLIED].startswith('{"apiVersion":"v1","kind":"Service","metadata":{"annot')


def test_a_dry_run_tells_the_same_and_changes_nothing() -> None:
    store = store_with()
    before = store.world
    (outcome,) = apply(store, documents(json.dumps(service())), dry_run=True)
    assert (outcome.verb, store.world) == ("created", before)


@pytest.mark.parametrize(
    ("wire", "error", "words"),
    [
        ({**service(), "apiVersion": "v2"}, ClientError, 'no matches for kind "Service" in version "v2"'),
        ({**service(), "metadata": {}}, ClientError, "resource name may not be empty"),
        ({**service(), "metadata": {"generateName": "x-"}}, ClientError, "cannot use generate name with apply"),
        ({**service(), "metadata": {"name": "x", "namespace": "nope"}}, NotFound, 'namespaces "nope" not found'),
    ],
)
def test_what_has_no_place_in_the_cluster_is_refused(wire: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        apply(store_with(), documents(json.dumps(wire)))


names = st.from_regex(r"app(-[a-z0-9]{1,8})?", fullmatch=True)
labels = st.dictionaries(names, st.from_regex(r"[a-z0-9]{0,5}", fullmatch=True), min_size=1, max_size=3)
port_numbers = st.lists(st.integers(1, 65535), min_size=1, max_size=3, unique=True)
targets = st.one_of(st.integers(1, 65535), st.from_regex(r"[a-z]{1,5}", fullmatch=True))


@st.composite
def services(draw: st.DrawFn) -> dict[str, Any]:
    ports = [{"name": f"p{n}", "port": n, "targetPort": draw(targets)} for n in draw(port_numbers)]
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]))
    more = draw(
        st.fixed_dictionaries(
            {}, optional={"sessionAffinity": st.just("ClientIP"), "publishNotReadyAddresses": st.just(True)}
        )
    )
    return service(draw(names), ports=ports, selector=draw(labels), type=kind, **more)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    peer = st.one_of(
        labels.map(lambda match: {"podSelector": {"matchLabels": match}}),
        st.just({"namespaceSelector": {}}),
        st.just({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}),
    )
    rule = st.fixed_dictionaries({}, optional={"from": st.lists(peer, min_size=1, max_size=2)})
    spec = {"podSelector": {"matchLabels": draw(labels)}, "policyTypes": ["Ingress"]}
    rules = draw(st.lists(rule, min_size=1, max_size=2))
    meta = {"name": draw(names), "namespace": "default"}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta,
        "spec": {**spec, "ingress": rules},
    }


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    match = draw(labels)
    containers = [
        {
            "name": f"c{n}",
            "image": "x",
            "ports": [{"containerPort": port, "name": f"p{port}"} for port in draw(port_numbers)],
        }
        for n in range(draw(st.integers(1, 2)))
    ]
    template = {"metadata": {"labels": match}, "spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": draw(names), "namespace": "default"},
        "spec": {"replicas": draw(st.integers(0, 3)), "selector": {"matchLabels": match}, "template": template},
    }


@given(st.one_of(services(), policies(), deployments()))
def test_any_accepted_object_is_unchanged_when_it_is_encoded_read_and_applied_again(wire: dict[str, Any]) -> None:
    store = store_with()
    (first,) = apply(store, documents(json.dumps(wire)))
    assert first.verb == "created"
    as_yaml = yaml.safe_dump(wire, default_style='"')
    (again,) = apply(store, documents(as_yaml))
    assert again.verb == "unchanged"
    stored = first.obj.to_wire()
    assert scheme.decode(stored) == first.obj
    whole = {**stored, "metadata": {name: stored["metadata"][name] for name in ("name", "namespace")}}
    (full,) = apply(store, documents(json.dumps(whole)))
    assert full.obj.to_wire()["spec"] == stored["spec"]
    assert [outcome.verb for outcome in apply(store, documents(json.dumps(whole)))] == ["unchanged"]
