"""The address book outside: balancers by port, two seconds late; and clients that try all of them."""

from k8stui.engine import traffic
from k8stui.engine.cluster import Cluster
from k8stui.engine.world import Settings

TWO = """
apiVersion: v1
kind: Pod
metadata: {name: edge, labels: {app: edge}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 443}, {containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: one}
spec: {type: LoadBalancer, selector: {app: edge}, ports: [{port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: two}
spec: {type: LoadBalancer, selector: {app: edge}, ports: [{name: a, port: 443}, {name: b, port: 80}]}
"""
OUTSIDE = "external:203.0.113.9"


def harbour() -> Cluster:
    settings = Settings(
        load_balancer="pool", load_balancer_pool=("192.0.2.8/29",), address_book="ferries.example", controllers=True
    )
    cluster = Cluster(settings, nodes=2)
    cluster.apply(TWO)
    return cluster


def said(cluster: Cluster, port: int) -> tuple[str, ...]:
    return cluster.resolve(OUTSIDE, f"{port}.ferries.example").addresses


def test_the_book_lists_every_balancer_with_a_port_and_is_late():
    cluster = harbour()
    cluster.advance(1)
    assert said(cluster, 443) == ()
    cluster.advance(1)
    assert said(cluster, 443) == ("192.0.2.8", "192.0.2.9") and said(cluster, 80) == ("192.0.2.9",)
    cluster.do({"delete": "Service/default/two"})
    cluster.advance(1)
    cluster.do({"delete": "Service/default/one"})
    assert said(cluster, 80) == ("192.0.2.9",), "what was deleted is still in the book"
    cluster.advance(1)
    assert said(cluster, 443) == ("192.0.2.8",) and said(cluster, 80) == ()
    cluster.advance(1)
    assert said(cluster, 443) == (), "each change arrives after its own delay"


def test_a_client_with_fallback_passes_over_an_address_that_leads_nowhere():
    cluster = harbour()
    cluster.advance(5)
    for name, fallback in (("patient", True), ("hasty", False)):
        wire = {"id": name, "from": OUTSIDE, "to": "443.ferries.example:443", "perSecond": 4, "fallback": fallback}
        cluster.do({"traffic": wire})
    cluster.do({"delete": "Service/default/one"})
    cluster.advance(1)
    assert {r.outcome for r in traffic.between(cluster.world, "patient", 0, 99)} == {"delivered"}
    assert {r.outcome for r in traffic.between(cluster.world, "hasty", 0, 99)} == {"unreachable"}
    cluster.do({"delete": "Service/default/two"})
    cluster.advance(1)
    assert "unreachable" in {r.outcome for r in traffic.between(cluster.world, "patient", 6, 99)}
