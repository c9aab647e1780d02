"""Par: leaf fields in which declarations differ; layout, order and spelt-out defaults are free."""

import pytest

from k8stui.game.declared import differences, normalised


def service(**spec):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "shop"}, "spec": spec}


def edits(before, after) -> int:
    return differences(normalised(before), normalised(after))


PORT = service(selector={"app": "a"}, ports=[{"port": 80}])


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (PORT, PORT, 0),
        (PORT, service(ports=[{"targetPort": 8080, "port": 80}], selector={"app": "a"}), 1),
        (PORT, service(type="ClusterIP", selector={"app": "a"}, ports=[
            {"port": 80, "targetPort": 80, "protocol": "TCP"}]), 0),
        (PORT, service(selector={"app": "a"}, ports=[{"port": 80, "name": "http"}, {"port": 9102, "name": "m"}]), 3),
        (PORT, service(selector={"app": "a"}, ports=[{"port": 9102, "name": "m"}, {"name": "http", "port": 80}]), 3),
        (service(ports=[{"port": 5140}]), service(ports=[
            {"port": 5140, "name": "t"}, {"port": 5140, "name": "u", "protocol": "UDP"}]), 4),
        (PORT, service(selector={"app": "b"}, ports=[{"port": 80}]), 1),
        (PORT, service(selector={"app": "a", "tier": "x"}, ports=[{"port": 80}]), 1),
        (PORT, service(clusterIP="10.96.0.9", selector={"app": "a"}, ports=[{"port": 80}]), 0),
        (PORT, service(clusterIP="None", selector={"app": "a"}, ports=[{"port": 80}]), 1),
        (PORT, service(type="NodePort", selector={"app": "a"}, ports=[{"port": 80, "nodePort": 31080}]), 2),
    ],
)  # fmt: skip
def test_leaf_fields(before, after, count):
    assert edits(before, after) == count
    assert edits(after, before) == count


def test_a_policy_type_that_is_the_default_is_free():
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
    }
    spelt = {**policy, "spec": {**policy["spec"], "policyTypes": ["Ingress"]}}
    assert edits(policy, spelt) == 0
    closed = {**policy, "spec": {**policy["spec"], "policyTypes": ["Ingress", "Egress"]}}
    assert edits(policy, closed) > 0


def test_probes_count_what_was_written():
    def deployment(container):
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "a", "namespace": "shop"},
            "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}},
            },
        }

    bare = deployment({"name": "c", "image": "i"})
    probed = deployment({"name": "c", "image": "i", "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}})
    assert edits(bare, probed) == 2
