"""Rules of fields that few manifests set: a pointer to an empty text, environment sources, hooks, domains."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api.defaults import default, fill
from k8stui.api.errors import FieldError
from k8stui.api.validation import validate_create, validate_update


def _errors(api_version: str, kind: str, **parts: Any) -> list[FieldError]:
    return validate_create(fill({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **parts}))


def _pod(container: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    containers = [{"name": "c", "image": "c:1", **(container or {})}]
    return [str(error) for error in _errors("v1", "Pod", spec={"containers": containers, **spec})]


def test_an_empty_text_is_a_value_where_the_server_holds_a_pointer() -> None:
    spec = {"type": "ExternalName", "externalName": "a.b", "ipFamilyPolicy": ""}
    assert [error.field for error in _errors("v1", "Service", spec=spec)] == ["spec.ipFamilyPolicy"]
    policy = {"podSelector": {}, "ingress": [{"ports": [{"port": 80, "protocol": ""}]}]}
    (error,) = _errors("networking.k8s.io/v1", "NetworkPolicy", spec=policy)
    assert str(error) == (
        'spec.ingress[0].ports[0].protocol: Unsupported value: "": supported values: "TCP", "UDP", "SCTP"'
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "Required value"),
        ("a_b.c.", 'Invalid value: "a_b.c": a lowercase RFC 1123 subdomain'),
        ("localhost", 'Invalid value: "localhost": should be a domain with at least two segments'),
        (f"{'x' * 64}.b.", f'Invalid value: "{"x" * 64}": must be no more than 63 characters'),
    ],
)
def test_a_domain_is_refused_by_its_first_bad_part(name: str, text: str) -> None:
    endpoints = [{"addresses": [name]}]
    (error,) = _errors("discovery.k8s.io/v1", "EndpointSlice", addressType="FQDN", endpoints=endpoints)
    assert str(error).startswith(f"endpoints[0].addresses[0]: {text}")


def test_a_toleration_with_too_much_is_shown_whole() -> None:
    (text,) = _pod(tolerations=[{"key": "a", "operator": "Exists", "value": "x"}])
    shown = '{"Key":"a","Operator":"Exists","Value":"x","Effect":"","TolerationSeconds":null}'
    detail = "value must be empty when `operator` is 'Exists'"
    assert text == f"spec.tolerations[0].operator: Invalid value: {shown}: {detail}"


def test_some_fields_of_pods_are_only_for_later() -> None:
    assert _pod(ephemeralContainers=[{"name": "e", "image": "e"}]) == [
        "spec.ephemeralContainers: Forbidden: cannot be set on create"
    ]
    assert _pod(nodeName="n", schedulingGates=[{"name": "g"}]) == [
        "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"
    ]
    wire = fill({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [_container()]}})
    wire["spec"]["ephemeralContainers"] = [{"name": "e", "image": "e"}]
    assert validate_update(wire, wire) == []


def _container() -> dict[str, Any]:
    return {"name": "c", "image": "c:1"}


@pytest.mark.parametrize(("seconds", "allowed"), [(0, True), (20, True), (21, False), (-1, False)])
def test_a_hook_may_sleep_as_long_as_the_pod_has_to_end(seconds: int, allowed: bool) -> None:
    texts = _pod({"lifecycle": {"preStop": {"sleep": {"seconds": seconds}}}}, terminationGracePeriodSeconds=20)
    detail = "must be non-negative and less than terminationGracePeriodSeconds (20)"
    where = "spec.containers[0].lifecycle.preStop.sleep"
    assert texts == ([] if allowed else [f"{where}: Invalid value: {seconds}: {detail}"])


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ({"fieldRef": {"fieldPath": "status.podIP"}}, []),
        ({"fieldRef": {"fieldPath": "metadata.labels['app']"}}, []),
        ({"fieldRef": {}}, [".fieldRef.fieldPath: Required value"]),
        (
            {"fieldRef": {"fieldPath": "status.ip"}},
            [
                '.fieldRef.fieldPath: Invalid value: "status.ip": error converting fieldPath: '
                "field label not supported: status.ip"
            ],
        ),
        (
            {"fieldRef": {"fieldPath": "spec.nodeName['a']"}},
            [
                ".fieldRef.fieldPath: Invalid value: \"spec.nodeName['a']\": error converting fieldPath: "
                "field label does not support subscript: spec.nodeName['a']"
            ],
        ),
        ({"configMapKeyRef": {"name": "c"}}, [".configMapKeyRef.key: Required value"]),
        ({"resourceFieldRef": {}}, [".resourceFieldRef.resource: Required value"]),
    ],
)
def test_sources_of_variables(source: dict[str, Any], texts: list[str]) -> None:
    path = "spec.containers[0].env[0].valueFrom"
    assert _pod({"env": [{"name": "A", "valueFrom": source}]}) == [f"{path}{text}" for text in texts]


def test_a_source_of_many_variables_is_one_map_or_one_secret() -> None:
    both = {"configMapRef": {"name": "a"}, "secretRef": {"name": ""}}
    assert _pod({"envFrom": [{"configMapRef": {"name": "a"}}, {}, both]}) == [
        'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
        "spec.containers[0].envFrom[2].secretRef.name: Required value",
        'spec.containers[0].envFrom: Invalid value: "": may not have more than one field specified at a time',
    ]


def test_fields_that_are_written_whatever_they_are() -> None:
    endpoints = [{"addresses": ["10.0.0.1"], "hints": {"forZones": [{}]}}]
    kind = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4"}
    assert default({**kind, "endpoints": endpoints})["endpoints"][0]["hints"] == {"forZones": [{"name": ""}]}
    probe = {"httpGet": {"port": 80, "httpHeaders": [{"name": "X"}]}}
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{**_container(), "readinessProbe": probe}]}}
    found = default(pod)["spec"]["containers"][0]["readinessProbe"]["httpGet"]
    assert found["httpHeaders"] == [{"name": "X", "value": ""}]


def test_a_volume_with_errors_cannot_be_mounted() -> None:
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("a", "b", "c")]
    both = {"name": "c", "emptyDir": {}, "configMap": {"name": "x"}}
    volumes = [{"name": "a", "configMap": {}}, {"name": "b", "hostPath": {"path": "/x/../y"}}, both]
    assert _pod({"volumeMounts": mounts}, volumes=volumes) == [
        "spec.volumes[0].configMap.name: Required value",
        "spec.volumes[1].hostPath.path: Invalid value: \"/x/../y\": must not contain '..'",
        "spec.volumes[2].configMap: Forbidden: may not specify more than 1 volume type",
        *(f'spec.containers[0].volumeMounts[{index}].name: Not found: "{name}"' for index, name in enumerate("abc")),
    ]


def test_gates_of_the_scheduler_have_names_of_their_own() -> None:
    texts = _pod(schedulingGates=[{"name": "a"}, {"name": "a"}, {"name": "a b"}])
    assert texts[0] == 'spec.schedulingGates[1]: Duplicate value: "a"'
    assert texts[1].startswith('spec.schedulingGates[2]: Invalid value: "a b": name part must consist of')


def test_users_and_groups_have_small_numbers() -> None:
    texts = _pod({"securityContext": {"runAsUser": -1}}, securityContext={"fsGroup": 2**31, "runAsUser": 0})
    detail = "must be between 0 and 2147483647, inclusive"
    assert texts == [
        f"spec.containers[0].securityContext.runAsUser: Invalid value: -1: {detail}",
        f"spec.securityContext.fsGroup: Invalid value: 2147483648: {detail}",
    ]


def test_a_name_that_overrides_all_others_has_its_own_network() -> None:
    for texts in (_pod(hostnameOverride="a", hostNetwork=True), _pod(hostnameOverride="a", setHostnameAsFQDN=True)):
        (text,) = texts
        assert text.startswith("spec.hostnameOverride: Forbidden: ")
    assert _pod(hostnameOverride="a.b", setHostnameAsFQDN=False) == []
