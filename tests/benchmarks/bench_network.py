"""How fast packets travel: `pytest tests/benchmarks/bench_network.py`. Targets at XL: 150 µs a trace, 1 ms a slice."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from k8stui.api import scheme
from k8stui.api.core import Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.engine.network import Network
from k8stui.engine.store import Store, key_of
from k8stui.engine.trace import Outcome
from k8stui.engine.world import Settings, World
from tests.benchmarks.clusters import SIZES, cluster

_DNS_LABELS = {"k8s-app": "kube-dns"}


@pytest.fixture(scope="module", params=list(SIZES))
def network(request: pytest.FixtureRequest) -> Network:
    """The data plane of a cluster of one size, DNS servers included."""
    settings = Settings(controllers=False, pod_cidrs=("10.128.0.0/9",), service_cidrs=("10.96.0.0/12",))
    store = Store(World(settings=settings))
    network = Network(store)
    for wire in [*cluster(request.param), *_dns()]:
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    return network


def _dns() -> list[dict[str, Any]]:
    metadata = {"name": "kube-dns", "namespace": "kube-system", "labels": _DNS_LABELS}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "coredns-0", "namespace": "kube-system", "labels": _DNS_LABELS},
        "spec": {
            "nodeName": "node-0",
            "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 53, "protocol": "UDP"}]}],
        },
        "status": {"phase": "Running", "podIP": "10.128.0.250", "conditions": [{"type": "Ready", "status": "True"}]},
    }
    piece = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**metadata, "name": "dns-1", "labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4",
        "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}],
        "endpoints": [{"addresses": ["10.128.0.250"], "conditions": {"ready": True}, "nodeName": "node-0"}],
    }
    space = {"metadata": {"name": "kube-system", "labels": {"kubernetes.io/metadata.name": "kube-system"}}}
    service = {"clusterIP": "10.96.0.10", "selector": _DNS_LABELS, "ports": ports}
    return [
        {"apiVersion": "v1", "kind": "Namespace", **space},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
        pod,
        piece,
    ]


def _pairs(network: Network, *, by_name: bool) -> list[tuple[str, str]]:
    """Some callers and targets whose traces are whole: every hop from the name to the pod."""
    pods = network.store.list(Pod)
    services = [service for service in network.store.list(Service) if service.name != "kube-dns"]
    pairs = []
    for number in range(400):
        pod = pods[number * 7919 % len(pods)]
        service = services[number * 104729 % len(services)]
        host = f"{service.name}.{service.namespace}" if by_name else str(service.spec.cluster_ip)
        pair = (f"{pod.namespace}/{pod.name}", f"http://{host}")
        if network.connect(*pair).outcome is Outcome.DELIVERED:
            pairs.append(pair)
    assert pairs
    return pairs


def test_connect_by_name(benchmark: BenchmarkFixture, network: Network) -> None:
    """A whole trace, warm: DNS, Service, proxy, policies, pod, answer."""
    turns = itertools.cycle(_pairs(network, by_name=True))
    benchmark(lambda: network.connect(*next(turns)))


def test_connect_by_address(benchmark: BenchmarkFixture, network: Network) -> None:
    """The same without DNS."""
    turns = itertools.cycle(_pairs(network, by_name=False))
    benchmark(lambda: network.connect(*next(turns)))


def test_one_slice_changes(benchmark: BenchmarkFixture, network: Network) -> None:
    """A slice loses an endpoint and gets it back; the next packet sees it."""
    store = network.store
    pieces = [piece for piece in store.list(EndpointSlice) if piece.endpoints and len(piece.endpoints) > 1]
    turns = itertools.cycle(pieces)

    def change() -> None:
        piece = next(turns)
        assert piece.endpoints is not None
        store.put(key_of(piece), piece.with_(endpoints=piece.endpoints[1:]))
        store.put(key_of(piece), piece)

    benchmark(change)
