"""What a verdict says: the rule that let a packet in, or the one term that kept the nearest rule from matching."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.api.core import Namespace, Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.engine.policy.compiler import Peer, PolicyTable, compile_table
from k8stui.engine.policy.verdict import Verdict

WEB = {"podSelector": {"matchLabels": {"app": "web"}}}


def pod(name: str, labels: dict[str, str], ip: str, namespace: str = "shop", **spec: Any) -> Pod:
    containers = [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]
    found = scheme.decode(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {"nodeName": "node-1", "containers": containers, **spec},
            "status": {"podIP": ip},
        }
    )
    assert isinstance(found, Pod)
    return found


DB = pod("db", {"app": "db"}, "10.244.1.2")
KIOSK = pod("kiosk", {"app": "kiosk"}, "10.244.1.3")
AWAY = pod("web", {"app": "web"}, "10.244.1.4", "other")


def table(*specs: dict[str, Any]) -> PolicyTable:
    spaces = [
        scheme.decode({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": name}}})
        for name in ("shop", "other")
    ]
    policies = [
        scheme.decode(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": f"p{number}", "namespace": "shop"},
                "spec": {"podSelector": {"matchLabels": {"app": "db"}}, **spec},
            }
        )
        for number, spec in enumerate(specs)
    ]
    return compile_table(
        [DB, KIOSK, AWAY],
        [space for space in spaces if isinstance(space, Namespace)],
        [policy for policy in policies if isinstance(policy, NetworkPolicy)],
    )


def end(found: Pod) -> Peer:
    return Peer(found.ips[0], found, found.spec.node_name)


def into_db(found: PolicyTable, source: Peer, port: int = 8080, protocol: str = "TCP") -> Verdict:
    return found.ingress(source, end(DB), port, protocol)


@pytest.mark.parametrize(
    ("rule", "source", "path", "message"),
    [
        pytest.param(
            {"from": [WEB]},
            end(KIOSK),
            "from[0].podSelector.matchLabels.app",
            "the peer has app=kiosk, the rule wants app=web",
            id="one label",
        ),
        pytest.param(
            {"from": [WEB]},
            end(AWAY),
            "from[0].podSelector",
            "the peer is in namespace other, a podSelector alone looks in shop",
            id="another namespace",
        ),
        pytest.param(
            {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, **WEB}]},
            end(AWAY),
            "from[0].namespaceSelector.matchLabels[kubernetes.io/metadata.name]",
            "namespace other has kubernetes.io/metadata.name=other, the rule wants kubernetes.io/metadata.name=shop",
            id="label of the namespace",
        ),
        pytest.param(
            {"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.244.1.0/24"]}}]},
            end(KIOSK),
            "from[0].ipBlock.except[0]",
            "10.244.1.3 is in the exception 10.244.1.0/24",
            id="exception of a block",
        ),
        pytest.param(
            {"ports": [{"port": 8080, "protocol": "UDP"}]},
            end(KIOSK),
            "ports[0].protocol",
            "the packet goes to TCP 8080, the rule admits UDP 8080",
            id="protocol",
        ),
        pytest.param(
            {"ports": [{"port": "web"}]},
            end(KIOSK),
            "ports[0].port",
            "the packet goes to TCP 8080, the destination pod has no TCP port named web",
            id="name of a port",
        ),
        pytest.param(
            {"from": [{"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}}]},
            end(KIOSK),
            "from[0].podSelector.matchExpressions[0]",
            "the peer has app=kiosk, the rule wants app in (a, b)",
            id="expression",
        ),
    ],
)
def test_the_nearest_miss(rule: dict[str, Any], source: Peer, path: str, message: str) -> None:
    cause = into_db(table({"ingress": [rule]}), source).cause
    assert cause is not None
    assert (cause.path, cause.message) == (f"spec.ingress[0].{path}", message)


def test_of_several_rules_the_one_with_the_fewest_failed_terms_is_named() -> None:
    far = {"from": [{"podSelector": {"matchLabels": {"app": "x", "tier": "y"}}}], "ports": [{"port": 1}]}
    cause = into_db(table({"ingress": [far]}, {"ingress": [far, {"from": [WEB]}]}), end(KIOSK)).cause
    assert cause is not None
    assert (cause.name, cause.path) == ("p1", "spec.ingress[1].from[0].podSelector.matchLabels.app")


def test_a_policy_without_rules_says_so() -> None:
    verdict = into_db(table({}), end(KIOSK))
    assert verdict.summary == "policy p0 isolates the pod for ingress: p0 has no ingress rule"


def test_an_allowed_packet_names_the_entry_that_admits_it() -> None:
    verdict = into_db(table({}, {"ingress": [{"from": [WEB, {"podSelector": {}}]}]}), end(KIOSK))
    assert verdict.allowed and verdict.cause is not None
    assert (verdict.cause.name, verdict.cause.path) == ("p1", "spec.ingress[0].from[1]")
    assert [key.name for key in verdict.policies] == ["p0", "p1"]


def test_the_own_node_gets_in_and_another_does_not() -> None:
    found = table({})
    assert into_db(found, Peer("172.18.0.11", None, "node-1")).allowed
    assert not into_db(found, Peer("172.18.0.12", None, "node-2")).allowed


def test_pods_on_the_host_network_are_nodes_to_policies() -> None:
    agent = pod("agent", {"app": "web"}, "172.18.0.12", hostNetwork=True, nodeName="node-2")
    found = table({"ingress": [{"from": [WEB]}]})
    assert not into_db(found, end(agent)).allowed
    assert found.ingress(end(KIOSK), end(agent), 80, "TCP").allowed


def test_a_plugin_that_does_not_enforce_lets_everything_through() -> None:
    found = compile_table([DB], [], [], enforced=False)
    assert into_db(found, end(KIOSK)).allowed
