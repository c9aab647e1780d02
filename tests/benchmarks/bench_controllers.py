"""What the control plane costs: one pod's change, settling a whole cluster, a snapshot, and memory.

Run with ``pytest tests/benchmarks/bench_controllers.py``; ``-s`` prints the memory per pod.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.api.core import Condition, Pod
from k8stui.engine import admission, bare
from k8stui.engine.controllers.defaults import control_plane
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.store import Store, key_of

SIZES = (100, 1_000, 10_000)
PODS_OF_ONE = 20
NODES = 50


def manifests(name: str, replicas: int) -> list[dict[str, Any]]:
    container = {"name": "app", "image": "app:1", "ports": [{"name": "http", "containerPort": 8080}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    service = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}]}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": service},
    ]


def bare_cluster() -> tuple[Store, Manager]:
    store = Store()
    manager = Manager(store)
    admission.create(store, bare.namespace("default"))
    for number in range(1, NODES + 1):
        store.create(scheme.decode(bare.node(number)))
    manager.settle()
    return store, manager


def fill(store: Store, pods: int) -> None:
    """Ask for so many pods, in Deployments of 20 with a Service each."""
    for number in range(pods // PODS_OF_ONE):
        for wire in manifests(f"web-{number}", PODS_OF_ONE):
            admission.create(store, wire)


def running(pods: int) -> tuple[Store, Manager]:
    store, manager = bare_cluster()
    fill(store, pods)
    manager.advance(5)
    assert sum(pod.ready for pod in store.list(Pod)) == pods
    return store, manager


def flip(store: Store, pod: Pod) -> None:
    """Turn a pod's readiness over, as its kubelet would."""
    stored = store.at(key_of(pod))
    assert isinstance(stored, Pod)
    turned = Condition(type="Ready", status=str(not stored.ready))
    store.update(stored.with_(status=stored.status.with_(conditions=(turned,))))


@pytest.mark.parametrize("pods", SIZES)
def bench_one_pod_of_many_turns_unready(benchmark: Any, pods: int) -> None:
    """The pod's own workload has 20 pods; the others are unrelated."""
    full, _ = running(pods)
    store = Store(full.world)
    manager = Manager(store, control_plane())
    pod = store.list(Pod)[0]

    def change() -> None:
        flip(store, pod)
        manager.settle()

    benchmark(change)


@pytest.mark.parametrize("pods", SIZES)
def bench_one_pod_of_many_is_deleted_and_replaced(benchmark: Any, pods: int) -> None:
    store, manager = running(pods)
    names = iter(store.list(Pod))

    def change() -> None:
        admission.delete(store, key_of(next(names)))
        manager.settle()

    benchmark.pedantic(change, rounds=50)


@pytest.mark.parametrize("pods", SIZES)
def bench_one_pod_of_one_service_turns_unready(benchmark: Any, pods: int) -> None:
    """All pods belong to one Deployment and one Service."""
    full, filling = bare_cluster()
    for wire in manifests("web", pods):
        admission.create(full, wire)
    filling.advance(5)
    store = Store(full.world)
    manager = Manager(store, control_plane())
    pod = store.list(Pod)[0]

    def change() -> None:
        flip(store, pod)
        manager.settle()

    benchmark.pedantic(change, rounds=20, warmup_rounds=1)


@pytest.mark.parametrize("pods", SIZES)
def bench_settle(benchmark: Any, pods: int) -> None:
    """From Deployments and Services to ready pods and slices."""

    def prepare() -> tuple[tuple[Manager], dict[str, Any]]:
        store, manager = bare_cluster()
        fill(store, pods)
        return (manager,), {}

    benchmark.pedantic(lambda manager: manager.advance(5), setup=prepare, rounds=1)


def bench_restore(benchmark: Any) -> None:
    """Going back over one deleted pod in a cluster of 1,000, and forth again."""
    store, manager = running(1_000)
    before = store.world
    admission.delete(store, key_of(store.list(Pod)[0]))
    manager.settle()
    after = store.world

    def swing() -> None:
        store.reset(before)
        store.reset(after)

    benchmark(swing)


def bench_memory_of_a_pod(benchmark: Any) -> None:
    """Bytes that one more running pod holds, with its endpoints, Events and the controllers' tables."""
    store, manager = bare_cluster()
    tracemalloc.start()
    empty, _ = tracemalloc.get_traced_memory()
    fill(store, 1_000)
    manager.advance(5)
    full, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    benchmark.extra_info["bytes per pod"] = (full - empty) // 1_000
    print(f"\n{(full - empty) // 1_000} bytes per pod")  # noqa: T201
    benchmark.pedantic(lambda: None)
