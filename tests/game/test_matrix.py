"""A whole matrix as one goal, `services` and ranges of ports: what they stand for, and when they are met."""

from __future__ import annotations

from k8stui.game import ends
from k8stui.game.attempt import Attempt
from k8stui.game.verdict import Verdict
from tests.game.scenes import FIXED, level

WAY = "matrix shop/*, stranger = {shop/frontend -> shop/backend:8080}"
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: NAME, namespace: shop}
spec: SPEC
"""
INWARD = "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}]}"
CLOSED = "{podSelector: {}, policyTypes: [Egress]}"
OUTWARD = (
    "{podSelector: {matchLabels: {app: frontend}}, policyTypes: [Egress], "
    "egress: [{to: [{podSelector: {matchLabels: {app: backend}}}]}]}"
)


def judged(check: str, *specs: str) -> Verdict:
    """Return the verdict on a check with these policies in place."""
    attempt = Attempt(level(check))
    policies = {f"p{n}.yaml": POLICY.replace("NAME", f"p{n}").replace("SPEC", spec) for n, spec in enumerate(specs)}
    assert attempt.apply({**attempt.files, "service-backend.yaml": FIXED, **policies}).ok
    return attempt.verdicts()[0]


def test_a_matrix_is_met_by_its_ways_and_no_others():
    open_ = judged(WAY)
    assert open_.met is False and open_.outcome == "answered" and open_.trace is not None
    assert "was answered" in open_.reason and 0 < open_.progress < 1
    assert judged(WAY, INWARD).met is False
    assert judged(WAY, INWARD, OUTWARD, CLOSED).met is True
    shut = judged(WAY, "{podSelector: {}, policyTypes: [Ingress, Egress]}")
    assert shut.met is False and shut.outcome == "timeout"


def test_the_pods_of_one_workload_are_pairs_too():
    assert judged("matrix shop/backend = {}").met is False
    assert judged("matrix shop/backend = {}", "{podSelector: {}}").met is True


def test_twice_wants_each_direction_to_hold_alone():
    wide = "{podSelector: {}, policyTypes: [Egress], egress: [{}]}"
    inside = "matrix shop/* = {shop/frontend -> shop/backend:8080}"
    assert judged(inside, INWARD, wide).met is True
    found = judged(f"{inside} twice", INWARD, wide)
    assert found.met is False and found.reason.startswith("by egress rules alone")
    assert judged(f"{inside} twice", INWARD, OUTWARD, CLOSED).met is True


def test_a_way_to_nobody_is_said():
    assert judged("matrix shop/* = {shop/nobody -> shop/backend:8080}").reason == "shop/nobody has no running pod"
    assert judged("matrix shop/* = {shop/frontend -> shop/backend:81}").reason == "nobody listens at shop/backend:81"


def test_services_are_all_but_some():
    assert judged("deny shop/frontend -> services but default/kubernetes, kube-system/kube-dns").met is False
    assert judged("deny shop/frontend -> services but default/kubernetes, kube-system/kube-dns", CLOSED).met is True
    assert judged("reach shop/frontend -> services but default/kubernetes, kube-system/kube-dns").met is True
    assert "10.96.0.10:53/udp" in ends.targets(Attempt(level(WAY)).cluster.store, level(WAY), "services")


def test_every_port_of_a_range_is_asked():
    assert judged("reach shop/frontend -> pods:shop/backend:8080").met is True
    found = judged("reach shop/frontend -> pods:shop/backend:8080-8081")
    assert found.outcome == "refused" and found.trace is not None and found.trace.target.endswith(":8081")


def test_a_way_is_open_to_every_pod_of_its_caller():
    """A matrix without a policy holds where all ways that there are were named, whichever of two pods calls."""
    both = level(
        "matrix shop/* = { shop/backend -> shop/frontend:8080, shop/backend:8080, shop/frontend -> shop/backend:8080 }",
        **{"shop/frontend: {listens: []}": "shop/frontend: {listens: [8080/tcp]}"},
    )
    assert Attempt(both).verdicts()[0].met is True
