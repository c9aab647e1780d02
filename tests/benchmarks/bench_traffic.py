"""What traffic on the clock costs: requests on new and on kept connections, and a rollout under way meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.engine.cluster import Cluster
from tests.engine.shop import shop

SECONDS = 10


def busy(**flow: Any) -> Cluster:
    cluster = shop()
    cluster.do({"traffic": {"id": "orders", "from": "shop/frontend", "to": "http://backend", **flow}})
    return cluster


@pytest.mark.parametrize("keep_alive", [False, True])
def bench_a_thousand_requests(benchmark: Any, keep_alive: bool) -> None:
    """A hundred a second for ten seconds, each through DNS, Service, policy and pod."""

    def prepare() -> tuple[tuple[Cluster], dict[str, Any]]:
        return (busy(perSecond=100, keepAlive=keep_alive),), {}

    benchmark.pedantic(lambda cluster: cluster.advance(SECONDS), setup=prepare, rounds=3)


def bench_a_rollout_under_traffic(benchmark: Any) -> None:
    """Three pods replaced one by one while ten requests a second go on."""

    def prepare() -> tuple[tuple[Cluster], dict[str, Any]]:
        cluster = busy(perSecond=10)
        cluster.do({"roll": "shop/backend"})
        return (cluster,), {}

    benchmark.pedantic(lambda cluster: cluster.advance(30), setup=prepare, rounds=3)
