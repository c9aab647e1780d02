"""What the API server refuses: texts of names and addresses, how values are printed, and what may not change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.defaults import default, fill
from k8stui.api.validation import addresses, field, names, validate_create, validate_update
from k8stui.api.validation.pod_update import spec_difference
from k8stui.api.warnings import warnings_of


def _service(**spec: Any) -> dict[str, Any]:
    base = {"ports": [{"port": 80}], "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ipFamilies": ["IPv4"]}
    base["ipFamilyPolicy"] = "SingleStack"
    return fill({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {**base, **spec}})


def _pod(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "c:1", "ports": [{"containerPort": 80}]}]
    meta = {"name": "p", "namespace": "default"}
    return fill({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}})


def _texts(wire: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    return [str(error) for error in (validate_create(wire) if old is None else validate_update(wire, old))]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('a"b\\c\n', r'"a\"b\\c\n"'),
        ("ü\x00\x7f\u200b", r'"ü\x00\x7f\u200b"'),
        (80, "80"),
        (True, "true"),
        (None, "null"),
        (["a", "<b>"], r'["a","\u003cb\u003e"]'),
        ({"app": "x"}, '{"app":"x"}'),
    ],
)
def test_values_are_printed_as_go_prints_them(value: object, shown: str) -> None:
    assert field.invalid("x", value, "no").message == f"Invalid value: {shown}: no"


@given(st.text(max_size=80))
def test_no_text_breaks_the_checks_of_names(text: str) -> None:
    for check in (
        names.dns_label,
        names.dns_subdomain,
        names.qualified_name,
        names.label_value,
        names.port_name,
        names.search_domain,
        addresses.ip_details,
        addresses.cidr_details,
        addresses.endpoint_details,
        addresses.canonical_ip_details,
    ):
        assert all(isinstance(detail, str) for detail in check(text))


@given(st.ip_addresses())
def test_every_usual_address_is_an_address(address: object) -> None:
    text = str(address)
    mapped = text.startswith("::ffff:") and addresses.ip_details(text) != ()
    assert addresses.canonical_ip_details(text) == () or mapped


@pytest.mark.parametrize("text", ["10.0.0.0/8 ", "10.0.0.0/-1", "10.0.0.0/+8", "1.2.3/8", "/8", "10.0.0.0/", "::/129"])
def test_texts_that_are_no_cidr(text: str) -> None:
    assert addresses.cidr_details(text) == (addresses.NOT_A_CIDR,)


def test_a_stored_address_that_is_refused_today_may_stay() -> None:
    old = _service(externalIPs=["010.0.0.1"])
    assert not _texts(_service(externalIPs=["010.0.0.1"], sessionAffinity="ClientIP"), old)
    errors = _texts(_service(externalIPs=["010.0.0.1", "010.0.0.2"]), old)
    assert errors == ['spec.externalIPs[1]: Invalid value: "010.0.0.2": must not have leading 0s']


def test_a_second_family_may_be_added_but_the_first_stays() -> None:
    old = _service()
    dual = {"ipFamilyPolicy": "PreferDualStack", "clusterIPs": ["10.96.0.9", "fd00::9"], "ipFamilies": ["IPv4", "IPv6"]}
    assert not _texts(_service(**dual), old)
    moved = _service(clusterIP="10.96.0.8", clusterIPs=["10.96.0.8"])
    assert 'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set' in _texts(moved, old)


def test_what_an_update_says_of_metadata_is_said_by_each_check() -> None:
    old = _pod()
    new = _pod()
    new["metadata"]["labels"] = {"a b": "c"}
    assert len(_texts(new, old)) == 4


def test_a_refused_change_of_a_pod_shows_the_difference() -> None:
    old, new = _pod()["spec"], _pod(nodeSelector={"a": "b"})["spec"]
    difference = spec_difference(old, new)
    assert '- "NodeSelector": null,\n+ "NodeSelector": {\n+  "a": "b"\n+ },\n' in difference
    assert spec_difference(old, old) == ""


def test_images_deadlines_and_more_tolerations_may_change() -> None:
    old = _pod(tolerations=[{"key": "a", "operator": "Exists"}])
    new = _pod(
        activeDeadlineSeconds=5,
        tolerations=[{"key": "a", "operator": "Exists", "effect": ""}, {"key": "b", "operator": "Exists"}],
    )
    new["spec"]["containers"][0]["image"] = "other:2"
    assert not _texts(fill(new), old)


def test_templates_may_leave_host_ports_open_and_pods_get_them() -> None:
    pod = _pod(hostNetwork=True)
    assert pod["spec"]["containers"][0]["ports"][0]["hostPort"] == 80
    template = {"metadata": {"labels": {"app": "a"}}, "spec": _pod(hostNetwork=True)["spec"]}
    del template["spec"]["containers"][0]["ports"][0]["hostPort"]
    spec = {"selector": {"matchLabels": {"app": "a"}}, "template": template}
    wire = fill({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec})
    assert "hostPort" not in wire["spec"]["template"]["spec"]["containers"][0]["ports"][0]
    assert not _texts(wire)


def test_two_containers_with_one_port_are_warned_of() -> None:
    port = {"containerPort": 80, "name": "http"}
    containers = [{"name": name, "image": "c", "ports": [port]} for name in ("a", "b")]
    first, second = "spec.containers[0].ports[0]", "spec.containers[1].ports[0]"
    assert warnings_of(_pod(containers=containers), None) == [
        f"{second}: duplicate port definition with {first}",
        f'{second}: duplicate port name "http" with {first}, services and probes that select ports by name will use '
        f"{first}",
    ]


def test_affinities_and_spreads_are_checked() -> None:
    term = {"topologyKey": "", "labelSelector": {"matchLabels": {"app": "a"}}}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    node = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In"}]}]}
    affinity = {"nodeAffinity": {required: node}, "podAntiAffinity": {required: [term]}}
    spread = {"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "No"}
    errors = _texts(_pod(affinity=affinity, topologySpreadConstraints=[spread]))
    assert [error for error in errors if "name part" not in error] == [
        f"spec.affinity.nodeAffinity.{required}.nodeSelectorTerms[0].matchExpressions[0].values: Required value: "
        "must be specified when `operator` is 'In' or 'NotIn'",
        f"spec.affinity.podAntiAffinity.{required}[0].topologyKey: Required value: can not be empty",
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "No": supported values: '
        '"DoNotSchedule", "ScheduleAnyway"',
    ]


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("localhost:5000/a/b", "Always"),
        ("a@sha256:" + "0" * 64, "IfNotPresent"),
        ("X Y", "IfNotPresent"),
    ],
)
def test_images_are_pulled_anew_unless_they_are_tagged(image: str, policy: str) -> None:
    pod = _pod(containers=[{"name": "c", "image": image}])
    assert pod["spec"]["containers"][0]["imagePullPolicy"] == policy


def test_defaults_are_stable_and_leave_the_manifest_alone() -> None:
    wire = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    once = default(wire)
    assert default(once) == once
    assert wire["spec"] == {"ports": [{"port": 80}]}


def test_what_is_empty_is_not_stored_but_what_selects_everything_is() -> None:
    spec = {"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {}}], "ports": []}], "egress": []}
    wire = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec}
    assert default(wire)["spec"] == {
        "podSelector": {},
        "ingress": [{"from": [{"namespaceSelector": {}}]}],
        "policyTypes": ["Ingress"],
    }
