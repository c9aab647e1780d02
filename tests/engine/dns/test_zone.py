"""The cluster's DNS: what the recordings do not show."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.engine.dns.cache import Cache, cached_answer
from k8stui.engine.dns.corefile import Corefile, kubernetes_block, reverse_zones, selector
from k8stui.engine.dns.message import NO_ANSWER, NXDOMAIN, SERVFAIL, Query
from k8stui.engine.dns.upstream import Upstream
from k8stui.engine.dns.zone import Zone
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key


def served(
    *objects: dict[str, Any], corefile: Corefile | None = None, **records: tuple[str, ...]
) -> tuple[Zone, Store]:
    store = Store()
    zone = Zone(corefile=corefile, upstream=Upstream({name.replace("_", "."): data for name, data in records.items()}))
    store.listeners.append(zone.apply)
    for wire in ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}, *objects):
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    return zone, store


def service(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def slice_(service_name: str, *addresses: str, family: str = "IPv4") -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{service_name}-1", "labels": {"kubernetes.io/service-name": service_name}},
        "addressType": family,
        "endpoints": [{"addresses": [address]} for address in addresses],
        "ports": [{"port": 80}],
    }


def asked(zone: Zone, name: str, qtype: str = "A") -> tuple[str, tuple[str, ...]]:
    answer = zone.answer(f"{name}.default.svc.cluster.local", qtype)
    return answer.result, tuple(f"{record.type} {record.data}" for record in answer.answer)


def test_changes_and_a_fresh_start_come_to_the_same() -> None:
    zone, store = served(service("web", clusterIP="None"), slice_("web", "10.0.0.1"))
    changed = scheme.decode(slice_("web", "10.0.0.2"))
    store.put(key_of(changed), changed)
    assert asked(zone, "web") == ("NOERROR", ("A 10.0.0.2",))
    assert zone.answer("1.0.0.10.in-addr.arpa", "PTR").rcode == NXDOMAIN
    store.reset(type(store.world)())
    assert asked(zone, "web") == (NXDOMAIN, ())


def test_a_circle_of_external_names_is_no_data() -> None:
    one = service("one", type="ExternalName", externalName="two.default.svc.cluster.local")
    two = service("two", type="ExternalName", externalName="one.default.svc.cluster.local")
    zone, _ = served(one, two)
    assert asked(zone, "one") == ("NODATA", ())


def test_a_slice_of_names_answers_with_an_alias() -> None:
    zone, _ = served(
        service("db", clusterIP="None"), slice_("db", "db.example", family="FQDN"), db_example=("A 192.0.2.1",)
    )
    assert asked(zone, "db") == ("NOERROR", ("CNAME db.example.", "A 192.0.2.1"))


def test_a_name_that_cannot_be_packed_gets_no_answer() -> None:
    zone, _ = served(service("long", type="ExternalName", externalName="x" * 64 + ".example"))
    assert zone.answer("long.default.svc.cluster.local").rcode == NO_ANSWER


def test_without_a_resolver_outside_other_names_fail() -> None:
    assert Zone(reachable=False).answer("example.com").rcode == SERVFAIL


def test_the_turn_decides_which_address_comes_first() -> None:
    zone, _ = served(service("web", clusterIP="None"), slice_("web", "10.0.0.1", "10.0.0.2"))
    first = zone.answer("web.default.svc.cluster.local", "A", Query(turn=0.6)).addresses[0]
    assert first == "10.0.0.2"


def test_records_outside_know_wildcards_and_names_in_between() -> None:
    outside = Upstream({"*.corp.example": ("A 192.0.2.9",), "a.b.corp.example": ("A 192.0.2.1",)})
    assert outside.answer("x.corp.example.").addresses == ("192.0.2.9",)
    assert outside.answer("b.corp.example.").result == "NODATA"
    assert outside.answer("corp.test.").rcode == NXDOMAIN


def test_the_kubernetes_block_is_read_as_coredns_reads_it() -> None:
    block = kubernetes_block(["pods verified", "ignore empty_service", "fallthrough", "namespaces a b"], Corefile())
    assert (block.pods, block.ttl, block.ignore_empty_service, block.through) == ("verified", 5, True, ("",))
    assert block.namespaces == {"a", "b"}
    with pytest.raises(ValueError, match="unknown property"):
        kubernetes_block(["pod verified"], Corefile())


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("app=web,tier in (a, b)", {"app": "web", "tier": "b"}, True),
        ("app=web,tier in (a, b)", {"app": "web", "tier": "c"}, False),
        ("!old,app!=db", {"app": "web"}, True),
        ("!old", {"old": ""}, False),
    ],
)
def test_selectors_of_the_corefile(text: str, labels: dict[str, str], expected: bool) -> None:
    assert selector(text).matches(labels) is expected


def test_networks_become_reverse_zones() -> None:
    assert reverse_zones("10.96.0.0/15") == ("96.10.in-addr.arpa.", "97.10.in-addr.arpa.")
    assert reverse_zones("fd00::/16") == ("0.0.d.f.ip6.arpa.",)


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        ([], "NOERROR"),
        (["namespaces default"], "NOERROR"),
        (["namespaces other"], NXDOMAIN),
        (["labels app=web"], NXDOMAIN),
        (["noendpoints"], NXDOMAIN),
    ],
)
def test_options_take_names_away(lines: list[str], result: str) -> None:
    corefile = kubernetes_block(lines, Corefile())
    zone, _ = served(service("web", clusterIP="None"), slice_("web", "10.0.0.1"), corefile=corefile)
    assert asked(zone, "web")[0] == result


def test_a_remembered_answer_grows_old() -> None:
    zone, store = served(service("web", clusterIP="10.96.0.9"))
    name = "9.0.96.10.in-addr.arpa"
    first, cache = cached_answer(zone, Cache(), name, "PTR", 0)
    store.put(Key("Service", "default", "web"), None)
    second, cache = cached_answer(zone, cache, name.upper(), "PTR", 10)
    third, _ = cached_answer(zone, cache, name, "PTR", 31)
    assert [record.ttl for record in (*first.answer, *second.answer)] == [30, 20]
    assert third.rcode == NXDOMAIN


def test_questions_of_another_class_are_refused() -> None:
    """coredns: core/dnsserver/server.go."""
    answer = Zone().answer("cluster.local", "TXT", Query(klass="CH"))
    assert (answer.rcode, answer.flags) == ("REFUSED", ("rd",))
