"""DNS servers that can answer only so many queries a second."""

from __future__ import annotations

from k8stui.engine.cluster import Cluster
from k8stui.engine.dns.capacity import load
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
