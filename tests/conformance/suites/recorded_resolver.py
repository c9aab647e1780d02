"""Recorded lookups of glibc and musl: which queries they send and what the program gets. One test a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from k8stui.engine.dns.message import Answer
from k8stui.engine.dns.resolver import Question, parse, resolve, together
from k8stui.engine.dns.upstream import Upstream
from k8stui.engine.dns.zone import Zone
from k8stui.engine.recorded import load_recorded
from k8stui.engine.store import Store
from tests.conformance.data import load_yaml, only
from tests.conformance.suites.dns_setup import UPSTREAM, pods, system

_FILE = ("name", "resolv_conf", "a_and_aaaa", "lookups", "note")
_LOOKUP = ("name", "family", "glibc and musl", "glibc", "musl")
_OUTCOME = ("result", "queries", "seconds")
# The cluster of these recordings also held the namespaces of the DNS recordings; only their names play a part here.
_NAMESPACES = ("data", "dual", "edge", "ext", "pay")
_ALIVE = ("10.96.0.53", "10.96.0.54")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    yield "", (path.parent / "setup.yaml", load_yaml(path))


def run(material: tuple[Path, dict[str, Any]]) -> None:
    setup_path, document = material
    setup = load_yaml(setup_path)
    only(setup, ("manifests", "pods"), "setup")
    zone = _served(setup)
    if "lookups" not in document:
        assert zone.answer("web.default.svc.cluster.local.").addresses
        return
    only(document, _FILE, "file")
    conf = parse(document["resolv_conf"])
    several = len(conf.nameservers) > 1
    for flavour, pair in (document.get("a_and_aaaa") or {}).items():
        expected = (pair["A and AAAA in flight together"], pair["source ports for the pair"])
        assert together(conf, flavour) == expected, flavour

    def send(question: Question) -> Answer | None:
        return zone.answer(question.name, question.type) if question.server in _ALIVE else None

    for lookup in document["lookups"]:
        only(lookup, _LOOKUP, "lookup")
        for flavour in ("glibc", "musl"):
            expected = lookup.get("glibc and musl") or lookup.get(flavour)
            if expected is None:
                continue
            only(expected, _OUTCOME, "outcome")
            found = resolve(conf, flavour, lookup["name"], lookup["family"], send)
            what = f"{flavour} {lookup['name']} {lookup['family']}"
            asked = [f"{query} @{query.question.server}" if several else str(query) for query in found.queries]
            wanted = [_plain(text, several) for text in expected["queries"]]
            if flavour == "musl" and several:
                asked, wanted = sorted(asked), sorted(wanted)
            assert asked == wanted, f"{what}: {asked}, not {wanted}"
            result = {"error": found.error} if found.error else {"addresses": sorted(found.addresses)}
            assert result == expected["result"], f"{what}: {result}"
            assert int(found.seconds) == expected.get("seconds", 0), f"{what}: {found.seconds} s"


def _plain(text: str, several: bool) -> str:
    """A query as recorded; with one server its address is left out."""
    return text if several else text.partition(" @")[0]


def _served(setup: dict[str, Any]) -> Zone:
    """Return the DNS of the set-up; the endpoints follow from its pods."""
    store = Store()
    zone = Zone(upstream=Upstream(UPSTREAM))
    store.listeners.append(zone.apply)
    manifests = [wire for wire in setup["manifests"] if wire["kind"] != "Pod"]
    common = [wire for wire in system() if wire["kind"] != "EndpointSlice"]
    common += [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in _NAMESPACES]
    load_recorded(store, [*common, *manifests, *pods(setup["manifests"], setup["pods"])])
    return zone
