"""Recorded answers of a real CoreDNS: one test a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from k8stui.api import scheme
from k8stui.engine.dns.cache import Cache, cached_answer
from k8stui.engine.dns.corefile import Corefile, kubernetes_block
from k8stui.engine.dns.message import Answer, Query, size
from k8stui.engine.dns.upstream import Upstream
from k8stui.engine.dns.zone import Zone
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key
from tests.conformance.data import load_yaml, only
from tests.conformance.suites.dns_records import same, texts
from tests.conformance.suites.dns_setup import UPSTREAM, pods, slices, system

_FILE = ("name", "about", "setup", "queries", "note")
_SETUP = (
    "cluster",
    "manifests",
    "pods",
    "load_balancer_status",
    "then_deleted",
    "endpoint_slices",
    "corefile_kubernetes_block",
)
_QUERY = (
    *("name", "type", "options", "rcode", "flags", "answer", "authority", "additional"),
    *("size", "answer_count", "additional_count"),
)


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    yield "", load_yaml(path)


def run(document: dict[str, Any]) -> None:
    only(document, _FILE, "file")
    setup = document["setup"]
    only(setup, _SETUP, "setup")
    corefile = Corefile()
    if "corefile_kubernetes_block" in setup:
        corefile = kubernetes_block(setup["corefile_kubernetes_block"], corefile)
    zone = _served(setup, corefile)
    cache: Cache = Cache()
    for number, question in enumerate(document["queries"]):
        only(question, _QUERY, "query")
        query = _query(str(question.get("options", "")))
        answer, cache = cached_answer(zone, cache, question["name"], question["type"], float(number) / 1000, query)
        _check(zone, question, query, answer)


def _served(setup: dict[str, Any], corefile: Corefile) -> Zone:
    """Return the DNS of a set-up: its objects, and what every cluster of the recordings has besides."""
    store = Store()
    zone = Zone(corefile=corefile, upstream=Upstream(UPSTREAM))
    store.listeners.append(zone.apply)
    manifests = [wire for wire in setup["manifests"] if wire["kind"] not in ("EndpointSlice", "Pod")]
    running = pods(setup["manifests"], setup.get("pods") or ())
    for wire in (*system(), *manifests, *running, *slices(setup.get("endpoint_slices") or ())):
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    for gone in setup.get("then_deleted") or ():
        key = Key(gone["kind"], gone.get("namespace", ""), gone["name"])
        for other in [key, *_inside(store, key)]:
            store.put(other, None)
    return zone


def _inside(store: Store, gone: Key) -> list[Key]:
    """What goes with a deleted namespace: everything in it but the slices, which are recorded as they were after."""
    if gone.kind != "Namespace":
        return []
    kinds = [objects.values() for kind, objects in store.world.objects.items() if kind != "EndpointSlice"]
    return [key_of(obj) for objects in kinds for obj in objects if obj.namespace == gone.name]


def _query(options: str) -> Query:
    """Read the options of a query as the recordings write them."""
    tcp, buffer, recursion, klass = False, None, True, "IN"
    for option in filter(None, re.split(r",\s*", options)):
        if option == "TCP":
            tcp = True
        elif option == "EDNS":
            buffer = buffer or 0
        elif option.startswith("buffer "):
            buffer = int(option.removeprefix("buffer "))
        elif option == "RD off":
            recursion = False
        elif option.startswith("class "):
            klass = option.removeprefix("class ")
        elif option != "DO":  # asking for signatures changes nothing in a zone without any
            raise AssertionError(f"the runner does not know the option {option}")
    return Query(tcp=tcp, buffer=buffer, recursion=recursion, klass=klass)


def _check(zone: Zone, question: dict[str, Any], query: Query, answer: Answer) -> None:
    what = f"{question['name']} {question['type']} {question.get('options', '')}".strip()
    assert answer.rcode == question["rcode"], f"{what}: {answer.rcode}, not {question['rcode']}"
    outside = _outside(zone, question)
    if not outside and "flags" in question:
        assert " ".join(answer.flags) == question["flags"], f"{what}: flags {answer.flags}"
    for field in ("answer", "authority", "additional"):
        found = texts(getattr(answer, field))
        if field in question and not (outside and field == "authority"):
            assert same(found, question[field]), f"{what}: {field} {found}, not {question[field]}"
    if "size" in question:
        assert len(answer.answer) == question["answer_count"], f"{what}: {len(answer.answer)} answers"
        assert len(answer.additional) == question["additional_count"], f"{what}: {len(answer.additional)} additional"
        assert size(question["name"], answer, query) == question["size"], what


def _outside(zone: Zone, question: dict[str, Any]) -> bool:
    """Tell whether the recorded answer came from the resolver outside."""
    if zone.zone_of(question["name"].lower()) is None:
        return True
    authority = question.get("authority") or ()
    return any(record.startswith(". ") for record in authority)
