"""Rules of Ingresses, IngressClasses, Jobs, DaemonSets and claims."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.defaults import fill
from k8stui.api.validation import validate_create, validate_update


def _errors(api_version: str, kind: str, spec: dict[str, Any]) -> list[str]:
    wire = fill({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, "spec": spec})
    return [str(error) for error in validate_create(wire)]


def _ingress(*paths: dict[str, Any], **rule: Any) -> list[str]:
    return _errors("networking.k8s.io/v1", "Ingress", {"rules": [{"http": {"paths": list(paths)}, **rule}]})


def _backend(**port: Any) -> dict[str, Any]:
    return {"service": {"name": "web", "port": port}}


def test_an_ingress_leads_somewhere() -> None:
    assert _errors("networking.k8s.io/v1", "Ingress", {}) == [
        "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"
    ]
    path = "spec.rules[0].http.paths[0]"
    assert _ingress({"path": "/", "pathType": "Prefix", "backend": _backend(number=80)}) == []
    assert _ingress({"path": "/"}) == [f"{path}.pathType: Required value: pathType must be specified"]
    assert _ingress({"path": "a//b", "pathType": "Exact", "backend": _backend()}) == [
        f'{path}.path: Invalid value: "a//b": must be an absolute path',
        f"{path}.path: Invalid value: \"a//b\": must not contain '//'",
        f"{path}.backend: Required value: port name or number is required",
    ]
    assert _ingress({"pathType": "Regex", "backend": {}}) == [
        f'{path}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
        f'{path}.backend: Invalid value: "": resource or service backend is required',
    ]


@pytest.mark.parametrize(("host", "refused"), [("a.b", 0), ("*.b", 0), ("*", 1), ("a.*", 1), ("10.0.0.1", 1)])
def test_hosts_of_an_ingress(host: str, refused: int) -> None:
    texts = _ingress({"path": "/", "pathType": "Prefix", "backend": _backend(name="http")}, host=host)
    assert len(texts) == refused
    assert all(text.startswith("spec.rules[0].host: ") for text in texts)


def test_a_class_has_a_controller_that_stays() -> None:
    assert _errors("networking.k8s.io/v1", "IngressClass", {}) == ["spec.controller: Required value"]
    assert _errors("networking.k8s.io/v1", "IngressClass", {"controller": "x"}) == [
        'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'
    ]
    old = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "x"}}
    new = {**old, "spec": {"controller": "b.io/c"}}
    assert [str(error) for error in validate_update(new, {**old, "spec": {"controller": "a.io/c"}})] == [
        'spec.controller: Invalid value: "b.io/c": field is immutable'
    ]


def _template(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "c:1"}]
    return {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": containers, **spec}}


def test_a_job_ends() -> None:
    assert _errors("batch/v1", "Job", {"template": _template()}) == [
        'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'
    ]
    assert _errors("batch/v1", "Job", {"template": _template(restartPolicy="Never")}) == []


def test_a_daemon_set_without_a_selector_matches_nothing() -> None:
    assert _errors("apps/v1", "DaemonSet", {"template": _template()}) == [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'
    ]


def test_claims_of_a_stateful_set() -> None:
    claim = {"accessModes": ["x"], "resources": {"requests": {"storage": "0"}}, "volumeMode": "File"}
    spec = {
        "selector": {"matchLabels": {"app": "a"}},
        "template": _template(),
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }
    path = "spec.volumeClaimTemplates[0].spec"
    known = '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
    assert _errors("apps/v1", "StatefulSet", spec) == [
        f'{path}.accessModes: Unsupported value: "x": supported values: {known}',
        f'{path}.resources[storage]: Invalid value: "0": must be greater than zero',
        f'{path}.volumeMode: Unsupported value: "File": supported values: "Block", "Filesystem"',
    ]


def test_selectors_and_labels_are_printed_in_the_servers_order() -> None:
    rule = {"values": [], "operator": "x", "key": "a"}
    selector = {"matchExpressions": [rule], "matchLabels": {"b": "1", "a": "2"}}
    texts = _errors("apps/v1", "Deployment", {"selector": selector, "template": _template()})
    shown = '{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"a","operator":"x"}]}'
    assert texts[-1] == f"spec.selector: Invalid value: {shown}: invalid label selector"
    (text,) = _errors("apps/v1", "Deployment", {"selector": {"matchLabels": {}}, "template": _template()})
    assert text == "spec.selector: Invalid value: {}: empty selector is invalid for deployment"
    template = {**_template(), "metadata": {"labels": {"b": "1", "a": "2"}}}
    (text,) = _errors("apps/v1", "Deployment", {"selector": {"matchLabels": {"a": "1"}}, "template": template})
    assert '{"a":"2","b":"1"}' in text


def test_an_empty_list_in_a_selector_is_no_change() -> None:
    selector: dict[str, Any] = {"matchLabels": {"app": "a"}}
    spec = {"selector": selector, "template": _template(), "serviceName": "x"}
    for kind in ("StatefulSet", "Deployment"):
        old = fill({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec})
        new = {**old, "spec": {**old["spec"], "selector": {**selector, "matchExpressions": []}}}
        assert validate_update(new, old) == []
