"""How fast policies are judged: `pytest tests/benchmarks/bench_policy.py`.

Targets at XL: a warm verdict 3 µs, a changed policy or pod 5 ms (50 ms for labels never seen before), compiling,
matrix and rows together 500 ms.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.api.core import Pod
from k8stui.api.meta import KubeObject
from k8stui.api.networking import NetworkPolicy
from k8stui.engine.policy.compiler import Peer, PolicyTable
from k8stui.engine.policy.difference import diff
from k8stui.engine.policy.matrix import Matrix
from k8stui.engine.policy.reachability import Reachability
from k8stui.engine.store import key_of
from k8stui.engine.world import Change
from tests.benchmarks.clusters import SIZES, cluster

_KINDS = ("Namespace", "Pod", "NetworkPolicy")
PORT = 8001


@pytest.fixture(params=SIZES, scope="module")
def objects(request: pytest.FixtureRequest) -> Iterator[list[KubeObject]]:
    found = [scheme.decode(wire) for wire in cluster(request.param) if wire["kind"] in _KINDS]
    gc.collect()
    gc.freeze()
    yield found
    gc.unfreeze()


@pytest.fixture
def table(objects: list[KubeObject]) -> PolicyTable:
    return compiled(objects)


def compiled(objects: list[KubeObject]) -> PolicyTable:
    found = PolicyTable()
    for obj in objects:
        found.apply(Change(key_of(obj), None, obj))
    return found


def peers(objects: list[KubeObject], count: int) -> list[tuple[Peer, Peer]]:
    pods = [obj for obj in objects if isinstance(obj, Pod)]
    ends = [Peer(pod.ips[0], pod, pod.spec.node_name) for pod in pods]
    chance = random.Random(1)
    return [(chance.choice(ends), chance.choice(ends)) for _ in range(count)]


def test_compile(benchmark: Any, objects: list[KubeObject]) -> None:
    benchmark(compiled, objects)


def test_matrix_of_one_port(benchmark: Any, table: PolicyTable) -> None:
    benchmark(lambda: Matrix(table, PORT).pod_rows())


def test_every_port(benchmark: Any, table: PolicyTable) -> None:
    benchmark.pedantic(lambda: Reachability(table), rounds=3)


def test_thousand_warm_verdicts(benchmark: Any, objects: list[KubeObject], table: PolicyTable) -> None:
    pairs = peers(objects, 1000)

    def judge() -> None:
        for source, target in pairs:
            table.ingress(source, target, PORT, "TCP")

    judge()
    benchmark(judge)


def test_thousand_cold_verdicts(benchmark: Any, objects: list[KubeObject]) -> None:
    pairs = peers(objects, 1000)

    def fresh() -> tuple[tuple[PolicyTable], dict[str, Any]]:
        return (compiled(objects),), {}

    def judge(table: PolicyTable) -> None:
        for source, target in pairs:
            table.ingress(source, target, PORT, "TCP")

    benchmark.pedantic(judge, setup=fresh, rounds=3)


def test_a_policy_changes(benchmark: Any, objects: list[KubeObject], table: PolicyTable) -> None:
    policy = next(obj for obj in objects[::-1] if isinstance(obj, NetworkPolicy))
    pairs = peers(objects, 1)

    def change() -> None:
        table.apply(Change(key_of(policy), policy, policy))
        table.ingress(*pairs[0], PORT, "TCP")

    benchmark(change)


@pytest.mark.parametrize("known", [True, False], ids=["known-class", "new-class"])
def test_a_pod_changes(benchmark: Any, objects: list[KubeObject], table: PolicyTable, known: bool) -> None:
    pods = [obj for obj in objects if isinstance(obj, Pod)]
    pod = pods[0]
    labels = pods[1].labels if known else {"app": "seen-never"}
    other = pod.with_(metadata=pod.metadata.with_(labels=labels))
    pairs = peers(objects, 1)

    def change() -> None:
        for old, new in ((pod, other), (other, pod)):
            table.apply(Change(key_of(pod), old, new))
            table.ingress(*pairs[0], PORT, "TCP")

    benchmark(change)


def test_what_a_policy_changes(benchmark: Any, objects: list[KubeObject], table: PolicyTable) -> None:
    without = compiled([obj for obj in objects if obj is not objects[-1]])
    benchmark.pedantic(lambda: diff(table, without), rounds=2)
