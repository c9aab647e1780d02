"""Whatever is done to a cluster: addresses are unique, it converges, and going back leads to the same worlds again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8stui.api.apps import Deployment, StatefulSet
from k8stui.api.core import Pod
from k8stui.engine import traffic
from k8stui.engine.cluster import Cluster
from k8stui.engine.operations import OperationError
from tests.engine.shop import service, shop, workload

# A whole cluster for each example: a twelfth of what cheap properties get.
EXAMPLES = max(1, settings().max_examples // 12)
NODES = ("node-1", "node-2", "node-3")
WORKLOADS = ("shop/backend", "shop/db", "shop/frontend")
PROBE: dict[str, Any] = {
    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 3, "failureThreshold": 1}
}

Step = tuple[str, Any]

operations = st.one_of(
    st.builds(lambda w, n: {"scale": w, "replicas": n}, st.sampled_from(WORKLOADS), st.integers(0, 5)),
    st.builds(lambda v, w: {v: w}, st.sampled_from(("roll", "evict", "crash", "rollback")), st.sampled_from(WORKLOADS)),
    st.builds(lambda v, w: {v: w}, st.sampled_from(("unready", "probe", "corrupt")), st.sampled_from(WORKLOADS)),
    st.builds(
        lambda v, n: {v: n}, st.sampled_from(("cordon", "uncordon", "drain", "down", "up")), st.sampled_from(NODES)
    ),
    st.just({"fail": "db", "seconds": 7}),
    st.just({"storm": True}),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("do"), operations),
        st.tuples(st.just("advance"), st.floats(0.1, 60, allow_nan=False, allow_infinity=False)),
    ),
    min_size=1,
    max_size=8,
)


def town(seed: int = 0) -> Cluster:
    needy = {"paths": {"/ready": {"needs": ["db"]}}, "warmUp": [1, 6]}
    cluster = shop(
        workload("frontend"),
        workload("backend", 3, needy, **PROBE),
        workload("db", 2, kind="StatefulSet", spec={"serviceName": "db"}),
        service("backend"),
        seed=seed,
    )
    cluster.do({"traffic": {"id": "new", "from": "shop/frontend", "to": "http://backend", "perSecond": 0.5}})
    cluster.do({"traffic": {"id": "kept", "from": "shop/frontend", "to": "http://backend", "keepAlive": True}})
    return cluster


def run(cluster: Cluster, script: list[Step]) -> None:
    for verb, value in script:
        if verb == "advance":
            cluster.advance(value)
            continue
        try:
            cluster.do(value)
        except OperationError:
            continue


def check_addresses(cluster: Cluster) -> None:
    live = [pod for pod in cluster.store.list(Pod) if not pod.finished and not pod.host_network]
    used = Counter(ip for pod in live for ip in pod.ips)
    assert not [ip for ip, count in used.items() if count > 1]


def check_converged(cluster: Cluster) -> None:
    for name in ("backend", "frontend"):
        found = cluster.store.get(Deployment, "shop", name)
        assert found is not None
        assert (found.status.ready_replicas or 0) == found.spec.replicas
    found_set = cluster.store.get(StatefulSet, "shop", "db")
    assert found_set is not None
    assert (found_set.status.ready_replicas or 0) == found_set.spec.replicas


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=steps)
def test_no_address_is_used_twice_and_the_cluster_converges_once_it_is_whole(script: list[Step]) -> None:
    cluster = town()
    for step in script:
        run(cluster, [step])
        check_addresses(cluster)
    run(cluster, [("do", {verb: name}) for name in NODES for verb in ("up", "uncordon")])
    run(cluster, [("do", {"probe": name}) for name in WORKLOADS])
    run(cluster, [("do", {"cure": name}) for name in WORKLOADS])
    cluster.advance(1000)
    check_addresses(cluster)
    check_converged(cluster)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=steps, cut=st.integers(0, 8), seed=st.integers(0, 3))
def test_the_same_calls_lead_to_the_same_world_from_a_snapshot_and_from_the_start(
    script: list[Step], cut: int, seed: int
) -> None:
    cluster = town(seed)
    run(cluster, script[:cut])
    middle = cluster.snapshot()
    run(cluster, script[cut:])
    end = cluster.snapshot()
    cluster.restore(middle)
    run(cluster, script[cut:])
    assert cluster.snapshot() == end
    again = town(seed)
    run(again, script)
    assert again.snapshot() == end


def test_a_snapshot_in_the_middle_of_a_rollout_goes_on_as_before() -> None:
    cluster = town()
    cluster.do({"roll": "shop/backend"})
    cluster.advance(4.5)
    middle = cluster.snapshot()
    cluster.advance(60)
    end = cluster.snapshot()
    assert end != middle
    cluster.restore(middle)
    cluster.advance(60)
    assert cluster.snapshot() == end
    assert traffic.counts(cluster.world, "new")


def test_another_seed_is_another_world() -> None:
    assert {pod.name for pod in town(1).store.list(Pod)} != {pod.name for pod in town(2).store.list(Pod)}
