"""Conformance cases of the cluster's DNS: one test a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from k8stui.api.core import Pod
from k8stui.engine.dns.corefile import Corefile, reverse_zones
from k8stui.engine.dns.message import NXDOMAIN, Answer
from k8stui.engine.dns.resolver import candidates, resolv_conf
from k8stui.engine.dns.zone import Zone
from k8stui.engine.recorded import load_recorded
from k8stui.engine.store import Store
from k8stui.engine.world import Settings
from tests.conformance.data import load_yaml, only
from tests.conformance.suites.dns_records import same, texts

_FILE = ("suite", "origin", "config", "note", "objects", "cases")
_CASE = ("name", "objects", "standalone", "queries", "expectation", "note", "config")
_CONFIG = ("zone", "ttl", "pods", "ignore_empty_service", "reverse_zones")
_QUERY = ("from", "name", "type", "rcode", "answers", "additional", "authority", "note")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    document = load_yaml(path)
    for case in document["cases"]:
        yield case["name"], (document, case)


def run(material: tuple[dict[str, Any], dict[str, Any]]) -> None:
    document, case = material
    only(document, _FILE, "file")
    only(case, _CASE, "case")
    shared = [] if case.get("standalone") else document.get("objects") or []
    corefile = _corefile({**(document.get("config") or {}), **(case.get("config") or {})})
    settings = Settings(cluster_domain=corefile.zone.removesuffix("."))
    store = Store()
    zone = Zone(settings, corefile)
    store.listeners.append(zone.apply)
    load_recorded(store, [*shared, *(case.get("objects") or [])])
    for query in case["queries"]:
        only(query, _QUERY, "query")
        _check(zone, query, _asked(zone, store, settings, query))


def _corefile(config: dict[str, Any]) -> Corefile:
    only(config, _CONFIG, "config")
    corefile = Corefile(
        zone=config.get("zone", "cluster.local."),
        ttl=config.get("ttl", 5),
        pods=config.get("pods", "disabled"),
        ignore_empty_service=bool(config.get("ignore_empty_service")),
        through=(),
        cache=None,
    )
    zones = config.get("reverse_zones")
    if zones is None:
        return corefile
    return replace(corefile, reverse_zones=tuple(name for zone in zones for name in _reverse(zone)))


def _reverse(zone: str) -> tuple[str, ...]:
    """A reverse zone by its name, or as the part of one that belongs to a network."""
    _, part, network = zone.partition(" part of ")
    return reverse_zones(network) if part else (zone,)


def _asked(zone: Zone, store: Store, settings: Settings, query: dict[str, Any]) -> Answer:
    name = query["name"]
    if name.endswith("."):
        return zone.answer(name, query["type"])
    namespace, _, pod_name = query["from"].removeprefix("pod:").partition("/")
    pod = store.get(Pod, namespace, pod_name)
    assert pod is not None, query["from"]
    answer = Answer(NXDOMAIN)
    for full in candidates(resolv_conf(pod, None, settings), settings.resolver, name):
        answer = zone.answer(full, query["type"])
        if answer.answer:
            break
    return answer


def _check(zone: Zone, query: dict[str, Any], answer: Answer) -> None:
    what = f"{query['name']} {query['type']}"
    assert answer.rcode == query["rcode"], f"{what}: {answer.rcode}"
    for field, found in (
        ("answers", answer.answer),
        ("additional", answer.additional),
        ("authority", answer.authority),
    ):
        if field in query:
            assert same(texts(found), query[field]), f"{what}: {field} {texts(found)}, not {query[field]}"
    kinds = [record.type for record in answer.answer]
    assert kinds == sorted(kinds, key=lambda kind: kind != "CNAME"), f"{what}: an alias comes after its records"
