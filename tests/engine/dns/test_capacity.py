"""DNS servers that can answer only so many queries a second."""

from __future__ import annotations

from collections import Counter

from immutables import Map

from k8stui.engine import traffic
from k8stui.engine.cluster import Cluster
from k8stui.engine.dns.capacity import load
from k8stui.engine.trace import Outcome
from k8stui.engine.world import Settings

POD = """
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: default}
spec: {containers: [{name: c, image: registry.example/app:1}]}
"""


def test_queries_beyond_the_capacity_of_a_second_get_no_answer() -> None:
    cluster = Cluster(Settings(dns_capacity=1), nodes=1)
    cluster.apply(POD)
    cluster.advance(2)
    assert cluster.resolve("default/client", "kubernetes").addresses == ("10.96.0.1",)
    full = cluster.resolve("default/client", "kubernetes")
    assert full.error == "EAI_AGAIN" and full.cause is not None and full.cause.name == "kube-dns"
    assert load(cluster.store.world).lost == len(full.queries)
    cluster.advance(1)
    assert cluster.resolve("default/client", "kubernetes").addresses == ("10.96.0.1",)


def test_a_crowd_asks_as_often_as_so_many_and_the_overflow_hurts_everybody() -> None:
    settings = Settings(
        dns_capacity=100,
        hosts=Map({"203.0.113.9": ("80/tcp",)}),
        records=Map({"far.example.com": ("A 203.0.113.9",)}),
    )
    cluster = Cluster(settings, nodes=1)
    cluster.apply(POD)
    cluster.advance(2)
    many = {"id": "many", "from": "default/client", "to": "far.example.com:80", "perSecond": 40, "crowd": 10}
    cluster.do({"traffic": many})
    cluster.do({"traffic": {"id": "one", "from": "default/client", "to": "kubernetes:443", "perSecond": 4}})
    cluster.advance(4)
    outcomes = {
        flow: Counter({r.outcome: n for r, n in traffic.between(cluster.world, flow, cluster.now - 3, 99).items()})
        for flow in ("many", "one")
    }
    assert sum(outcomes["many"].values()) == 120, "each packet stands for ten requests"
    assert outcomes["many"]["unresolved"] > 0
    assert outcomes["one"]["unresolved"] > outcomes["one"]["delivered"], "a full second is full for everybody"
    now = load(cluster.store.world)
    assert now.asked - now.lost == 100
    cluster.do({"quiet": "many"})
    cluster.advance(1)
    assert cluster.connect("default/client", "kubernetes:443").delivered


def test_a_name_that_nobody_knows_is_told_from_servers_that_do_not_answer() -> None:
    cluster = Cluster(Settings(dns_capacity=20), nodes=1)
    cluster.apply(POD)
    cluster.advance(2)
    unknown = cluster.connect("default/client", "nobody:80")
    assert unknown.outcome is Outcome.UNRESOLVED and not unknown.unheard
    silent = [cluster.connect("default/client", "nobody:80") for _ in range(3)][-1]
    assert silent.outcome is Outcome.UNRESOLVED and silent.unheard
