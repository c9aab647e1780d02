"""Strict decoding in the API server's words, and the field table behind it."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api import fields
from k8stui.api.body import decode_body
from k8stui.api.decoding import decode_request, inspect, number_text
from k8stui.api.errors import BadRequest
from k8stui.api.scheme import resource_named


def service(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": spec}


def refusal(wire: dict[str, Any], kind: str = "Service", **options: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        decode_request(wire, resource_named(kind), **options)
    return caught.value.message.removeprefix('Service in version "v1" cannot be handled as a Service: ')


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"ports": [{"port": "80"}]}, "string into Go struct field ServicePort.spec.ports.port of type int32"),
        (
            {"ports": [{"port": 2**31}]},
            "number 2147483648 into Go struct field ServicePort.spec.ports.port of type int32",
        ),
        (
            {"ports": [{"targetPort": True}]},
            "bool into Go struct field ServicePort.spec.ports.targetPort of type int32",
        ),
        ({"ports": ["x"]}, "string into Go struct field ServiceSpec.spec.ports of type v1.ServicePort"),
        ({"ports": {}}, "object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort"),
        ({"selector": {"a": 1}}, "number into Go struct field ServiceSpec.spec.selector of type string"),
        ({"selector": "a"}, "string into Go struct field ServiceSpec.spec.selector of type map[string]string"),
        ({"type": []}, "array into Go struct field ServiceSpec.spec.type of type v1.ServiceType"),
        ({"ipFamilies": [4]}, "number into Go struct field ServiceSpec.spec.ipFamilies of type v1.IPFamily"),
    ],
)
def test_a_wrong_type_is_named_with_its_go_struct(spec: dict[str, Any], expected: str) -> None:
    assert refusal(service(**spec)) == f"json: cannot unmarshal {expected}"


def test_what_go_gives_up_on_at_once_comes_before_what_it_only_notes() -> None:
    wire = service(type=1, ports=[{"targetPort": {}}])
    assert "targetPort of type int32" in refusal(wire)


def test_unknown_and_repeated_fields_are_refused_warned_of_or_dropped() -> None:
    wire = service(ports=[{"port": 80, "Port": 1}], selectors={}) | {"x": 1}
    words = ('unknown field "spec.ports[0].Port"', 'unknown field "spec.selectors"', 'unknown field "x"')
    assert refusal(wire) == f"strict decoding error: {', '.join(words)}"
    kept = service(ports=[{"port": 80}])
    assert decode_request(wire, None, "Warn") == (kept, words)
    assert decode_request(wire, None, "Ignore") == (kept, ())
    text = '{"kind":"Service","x":{"y":1,"y":2},"spec":{"type":"A","type":"B","ports":[{"port":1,"port":2}]}}'
    value, members = decode_body(text)
    assert value["spec"] == {"type": "B", "ports": [{"port": 2}]}
    assert [path for path, repeated in members if repeated] == ["x.y", "spec.type", "spec.ports[0].port"]
    words = ('unknown field "x"', 'duplicate field "spec.type"', 'duplicate field "spec.ports[0].port"')
    assert refusal(service() | {"x": {"y": 2}}, members=members) == f"strict decoding error: {', '.join(words)}"


def test_nulls_are_no_values() -> None:
    assert inspect(service(type=None, selector={"a": None}, ports=None)).wire == service(selector={"a": ""})


@pytest.mark.parametrize(
    ("api_version", "kind", "words"),
    [
        ("apps/v1", "Service", 'no kind "Service" is registered for version "apps/v1" in scheme'),
        ("v1", "Pod", "converting (v1.Pod) to (core.Service): unknown conversion"),
        ("v1", 5, "json: cannot unmarshal number into Go struct field .kind of type string"),
    ],
)
def test_another_kind_than_the_address_says_is_refused(api_version: str, kind: Any, words: str) -> None:
    assert words in refusal({"apiVersion": api_version, "kind": kind})


def test_numbers_are_written_as_go_writes_them() -> None:
    assert [number_text(n) for n in (80.5, 1e21, 1e-7, 1e20, 1e-5, 7)] == [
        *("80.5", "1e+21", "1e-7", "100000000000000000000", "0.00001", "7")
    ]


def test_the_table_knows_how_to_patch_and_every_help_text_has_its_field() -> None:
    ports = fields.field_at(_type("v1", "Service"), ("spec", "ports", 0))
    assert ports is not None
    assert (ports.merge_key, ports.strategies, ports.list_keys) == ("port", ("merge",), ("port", "protocol"))
    container = fields.field_at(_type("apps/v1", "Deployment"), ("spec", "template", "spec", "containers", 0, "name"))
    assert container is not None
    assert container.required
    for name in ("core.v1.ServiceSpec", "networking.v1.NetworkPolicyPeer", "core.v1.Container"):
        of = fields.type_named(name)
        assert of is not None
        assert set(fields.helped(name)) <= set(of.fields)


def _type(api_version: str, kind: str) -> fields.Type:
    found = fields.type_of(api_version, kind)
    assert found is not None
    return found
