"""The blast radius of a draft: by workload, over roll-outs, and the same for levels and sandboxes."""

from __future__ import annotations

from k8stui.game.blast import ways_between
from k8stui.game.sandbox import Sandbox

SHOP = "".join(
    f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}, tier: {name}}}}}
    spec: {{containers: [{{name: main, image: {name}, ports: [{{containerPort: 8080}}]}}]}}
---"""
    for name, replicas in (("frontend", 1), ("backend", 2), ("batch", 1))
)
WALL = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guests}
spec:
  podSelector: {matchLabels: {tier: backend}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: frontend}}}]
    ports: [{port: 8080}]
"""


def said(sandbox: Sandbox) -> dict[tuple[str, str], tuple[str, str]]:
    before = sandbox.cluster.snapshot()
    ways = sandbox.draft().ways
    assert sandbox.cluster.snapshot() is before
    assert ways is not None
    return {
        (way.source.removeprefix("default/"), way.target.removeprefix("default/")): (
            ", ".join(str(found) for found in way.gained if found.protocol == "TCP"),
            ", ".join(str(found) for found in way.lost if found.protocol == "TCP"),
        )
        for way in ways
    }


def test_a_wall_in_a_draft_closes_all_but_its_door() -> None:
    sandbox = Sandbox({"shop.yaml": SHOP})
    assert sandbox.draft().ways is None
    sandbox.write("wall.yaml", WALL)
    assert said(sandbox) == {
        ("frontend", "backend"): ("", "TCP 1-8079, TCP 8081-65535"),
        ("backend", "backend"): ("", "every TCP port"),
        ("batch", "backend"): ("", "every TCP port"),
    }
    sandbox.apply()
    sandbox.write("wall.yaml", WALL.replace("app: frontend", "app: batch"))
    assert said(sandbox) == {("batch", "backend"): ("TCP 8080", ""), ("frontend", "backend"): ("", "TCP 8080")}


def test_a_label_that_leaves_a_wall_opens_although_every_pod_gets_a_new_name() -> None:
    sandbox = Sandbox({"shop.yaml": SHOP, "wall.yaml": WALL})
    sandbox.write("shop.yaml", SHOP.replace("tier: backend", "tier: back"))
    assert said(sandbox)["batch", "backend"] == ("every TCP port", "")


def test_a_refused_draft_tells_nothing_and_an_idle_one_changes_nothing() -> None:
    sandbox = Sandbox({"shop.yaml": SHOP})
    sandbox.write("wall.yaml", WALL.replace("podSelector", "podSelektor", 1))
    assert sandbox.draft().ways is None
    sandbox.write("wall.yaml", "# nothing\n")
    assert sandbox.draft().ways == ()
    assert ways_between(sandbox.start, sandbox.start) == ()
