"""How fast DNS answers: `pytest tests/benchmarks/bench_dns.py` (a few microseconds an answer, whatever the size)."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.engine.dns.resolver import Question, ResolvConf, resolve
from k8stui.engine.dns.zone import Zone
from k8stui.engine.store import key_of
from k8stui.engine.world import Change
from tests.benchmarks.clusters import SIZES, cluster

CONF = ResolvConf(("10.96.0.10",), ("ns-001.svc.cluster.local", "svc.cluster.local", "cluster.local"), ("ndots:5",))


@pytest.fixture(params=SIZES, scope="module")
def zone(request: pytest.FixtureRequest) -> Zone:
    found = Zone()
    for wire in cluster(request.param):
        obj = scheme.decode(wire)
        found.apply(Change(key_of(obj), None, obj))
    return found


@pytest.mark.parametrize("name", ["svc-1.ns-001.svc.cluster.local.", "missing.ns-001.svc.cluster.local."])
def test_an_answer(benchmark: Any, zone: Zone, name: str) -> None:
    benchmark(zone.answer, name)


def test_a_lookup_of_a_name_outside(benchmark: Any, zone: Zone) -> None:
    def send(question: Question) -> Any:
        return zone.answer(question.name, question.type)

    benchmark(resolve, CONF, "glibc", "db.prod.example.com", "AF_UNSPEC", send)


def test_a_slice_changes(benchmark: Any, zone: Zone) -> None:
    wire = next(wire for wire in cluster("S") if wire["kind"] == "EndpointSlice")
    obj = scheme.decode(wire)
    benchmark(zone.apply, Change(key_of(obj), obj, obj))
