"""The fast policy tables agree with a naive evaluator written straight from the API's definition."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.core import Namespace, Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.api.scheme import decode
from k8stui.engine.policy.compiler import Peer, PolicyTable, compile_table
from k8stui.engine.policy.difference import diff
from k8stui.engine.policy.matrix import Matrix
from k8stui.engine.policy.reachability import PortRange, Reachability
from k8stui.engine.world import Change, Key

NAMESPACES = {"x": {"team": "red"}, "y": {"team": "blue"}, "z": {}}
NODES = ("node-1", "node-2")


def namespace(name: str) -> Namespace:
    wire = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": NAMESPACES[name]}}
    found = decode(wire)
    assert isinstance(found, Namespace)
    return found


def pod(number: int, space: str, labels: dict[str, str], port: int, host: bool) -> Pod:
    node = number % 2
    ip = f"172.18.0.1{node + 1}" if host else f"10.244.{node}.{number + 2}"
    wire = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"p{number}", "namespace": space, "labels": labels},
        "spec": {
            "nodeName": NODES[node],
            "hostNetwork": host,
            "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": port}]}],
        },
        "status": {"podIP": ip},
    }
    found = decode(wire)
    assert isinstance(found, Pod)
    return found


# The naive evaluator: plain JSON in, no classes, no caches


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for term in selector.get("matchExpressions", []):
        present = term["key"] in labels
        inside = labels.get(term["key"]) in term.get("values", [])
        wanted = {"In": present and inside, "NotIn": not (present and inside), "Exists": present}
        if not wanted.get(term["operator"], not present):
            return False
    return True


def naive(policies: list[dict[str, Any]], source: Pod, target: Pod, port: int, protocol: str) -> bool:
    if source.name == target.name:
        return True
    return one_way("egress", policies, source, target, target, port, protocol) and one_way(
        "ingress", policies, target, source, target, port, protocol
    )


def one_way(
    way: str, policies: list[dict[str, Any]], judged: Pod, other: Pod, target: Pod, port: int, protocol: str
) -> bool:
    if judged.host_network:
        return True
    if way == "ingress" and other.host_network and other.spec.node_name == judged.spec.node_name:
        return True
    isolated = False
    for policy in policies:
        spec = policy["spec"]
        if policy["metadata"]["namespace"] != judged.namespace or way.capitalize() not in spec["policyTypes"]:
            continue
        if not selects(spec["podSelector"], dict(judged.labels)):
            continue
        isolated = True
        for rule in spec.get(way, []):
            peers = rule.get("from" if way == "ingress" else "to", [])
            if naive_ports(rule.get("ports", []), target, port, protocol) and (
                not peers or any(naive_peer(peer, judged.namespace, other) for peer in peers)
            ):
                return True
    return not isolated


def naive_peer(peer: dict[str, Any], own: str, other: Pod) -> bool:
    if "ipBlock" in peer:
        address = ip_address(other.ips[0])
        block = peer["ipBlock"]
        return address in ip_network(block["cidr"]) and not any(
            address in ip_network(part) for part in block.get("except", [])
        )
    if other.host_network:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], NAMESPACES[other.namespace]):
            return False
    elif other.namespace != own:
        return False
    return "podSelector" not in peer or selects(peer["podSelector"], dict(other.labels))


def naive_ports(ports: list[dict[str, Any]], target: Pod, port: int, protocol: str) -> bool:
    if not ports:
        return True
    for entry in ports:
        if entry.get("protocol", "TCP") != protocol:
            continue
        wanted = entry.get("port")
        if wanted is None:
            return True
        if isinstance(wanted, str) and target.host_network:
            continue  # its address is the node's, which has no named ports
        if isinstance(wanted, str):
            declared = [p for c in target.spec.containers or () for p in c.ports or ()]
            if any(p.name == wanted and p.container_port == port and protocol == "TCP" for p in declared):
                return True
        elif wanted <= port <= entry.get("endPort", wanted):
            return True
    return False


labels = st.fixed_dictionaries({}, optional={"app": st.sampled_from(["a", "b"]), "tier": st.sampled_from(["1", "2"])})
terms = st.one_of(
    st.builds(
        lambda key, op, values: {"key": key, "operator": op, "values": values},
        st.sampled_from(["app", "team"]),
        st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from(["a", "b", "red"]), min_size=1, max_size=2),
    ),
    st.builds(
        lambda key, op: {"key": key, "operator": op},
        st.sampled_from(["app", "tier", "team"]),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
selectors = st.one_of(
    st.just({}),
    st.builds(lambda found: {"matchLabels": found}, labels),
    st.builds(lambda found: {"matchExpressions": found}, st.lists(terms, min_size=1, max_size=2)),
    st.sampled_from([{"matchLabels": {"team": "red"}}]),
)
blocks = st.sampled_from(
    [
        {"cidr": "10.244.0.0/24"},
        {"cidr": "10.244.0.0/16", "except": ["10.244.1.0/24"]},
        {"cidr": "172.18.0.11/32"},
        {"cidr": "0.0.0.0/0"},
    ]
)
peers = st.one_of(
    st.builds(lambda s: {"podSelector": s}, selectors),
    st.builds(lambda s: {"namespaceSelector": s}, selectors),
    st.builds(lambda s, n: {"podSelector": s, "namespaceSelector": n}, selectors, selectors),
    st.builds(lambda b: {"ipBlock": b}, blocks),
)
ports = st.sampled_from(
    [
        {},
        {"port": 80},
        {"port": "http"},
        {"port": 8000, "endPort": 8100},
        {"protocol": "UDP"},
        {"protocol": "UDP", "port": 80},
    ]
)


def rule(side: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={side: st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)})


specs = st.fixed_dictionaries(
    {
        "podSelector": selectors,
        "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
    },
    optional={"ingress": st.lists(rule("from"), max_size=2), "egress": st.lists(rule("to"), max_size=2)},
)
policies_of = st.lists(st.tuples(st.sampled_from("xyz"), specs), max_size=4)
pods_of = st.lists(
    st.tuples(st.sampled_from("xyz"), labels, st.sampled_from([80, 8080]), st.booleans()), min_size=2, max_size=6
)


def wires(found: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"np{number}", "namespace": space},
            "spec": spec,
        }
        for number, (space, spec) in enumerate(found)
    ]


def table_of(pods: list[Pod], policies: list[dict[str, Any]]) -> PolicyTable:
    decoded = [decode(wire) for wire in policies]
    return compile_table(
        pods, [namespace(name) for name in NAMESPACES], [found for found in decoded if isinstance(found, NetworkPolicy)]
    )


def verdict(table: PolicyTable, source: Pod, target: Pod, port: int, protocol: str) -> bool:
    if source.name == target.name:
        return True
    one = Peer(source.ips[0], source, source.spec.node_name)
    other = Peer(target.ips[0], target, target.spec.node_name)
    return table.egress(one, other, port, protocol).allowed and table.ingress(one, other, port, protocol).allowed


QUESTIONS = [(80, "TCP"), (8080, "TCP"), (8050, "TCP"), (80, "UDP")]


@given(pods_of, policies_of)
def test_verdicts_and_matrix_agree_with_the_definition(
    made: list[tuple[str, dict[str, str], int, bool]], found: list[tuple[str, dict[str, Any]]]
) -> None:
    pods = [pod(number, *parts) for number, parts in enumerate(made)]
    policies = wires(found)
    table = table_of(pods, policies)
    for port, protocol in QUESTIONS:
        matrix = Matrix(table, port, protocol)
        pairs = set(matrix.pairs())
        for source in pods:
            for target in pods:
                wanted = naive(policies, source, target, port, protocol)
                assert verdict(table, source, target, port, protocol) == wanted
                one, other = (source.namespace, source.name), (target.namespace, target.name)
                assert matrix.reaches(one, other) == wanted
                assert ((one, other) in pairs) == (wanted and one != other)


@given(pods_of, policies_of, policies_of)
def test_a_table_that_saw_changes_equals_one_made_anew(
    made: list[tuple[str, dict[str, str], int, bool]],
    before: list[tuple[str, dict[str, Any]]],
    after: list[tuple[str, dict[str, Any]]],
) -> None:
    """Remembered verdicts never outlive the policies and pods that they rest on."""
    pods = [pod(number, *parts) for number, parts in enumerate(made)]
    table = table_of(pods[:-1], wires(before))
    for source in pods[:-1]:
        for target in pods[:-1]:
            verdict(table, source, target, 80, "TCP")
    for wire in wires(before):
        key = Key("NetworkPolicy", wire["metadata"]["namespace"], wire["metadata"]["name"])
        table.apply(Change(key, None, None))
    for wire in wires(after):
        found = decode(wire)
        table.apply(Change(Key("NetworkPolicy", found.namespace, found.name), None, found))
    gone, come = pods[0], pods[-1]
    table.apply(Change(Key("Pod", gone.namespace, gone.name), gone, None))
    table.apply(Change(Key("Pod", come.namespace, come.name), None, come))
    fresh = table_of(pods[1:], wires(after))
    for source in pods[1:]:
        for target in pods[1:]:
            assert verdict(table, source, target, 80, "TCP") == verdict(fresh, source, target, 80, "TCP")


@given(pods_of, policies_of, policies_of)
def test_the_difference_is_what_the_two_matrices_differ_in(
    made: list[tuple[str, dict[str, str], int, bool]],
    before: list[tuple[str, dict[str, Any]]],
    after: list[tuple[str, dict[str, Any]]],
) -> None:
    pods = [pod(number, *parts) for number, parts in enumerate(made)]
    one, other = table_of(pods, wires(before)), table_of(pods, wires(after))
    expected = set()
    for port, protocol in QUESTIONS:
        old, new = set(Matrix(one, port, protocol).pairs()), set(Matrix(other, port, protocol).pairs())
        expected |= {(*pair, port, protocol, True) for pair in new - old}
        expected |= {(*pair, port, protocol, False) for pair in old - new}
    ranges = [PortRange(protocol, port, port) for port, protocol in QUESTIONS]
    changed = diff(one, other, ranges)
    found = {(c.source, c.target, port.first, port.protocol, True) for c in changed for port in c.gained}
    found |= {(c.source, c.target, port.first, port.protocol, False) for c in changed for port in c.lost}
    assert found == expected


@given(pods_of, policies_of, st.sampled_from([1, 79, 80, 81, 7999, 8000, 8050, 8080, 8100, 8101, 65535]))
def test_ranges_of_ports_answer_for_every_port_in_them(
    made: list[tuple[str, dict[str, str], int, bool]], found: list[tuple[str, dict[str, Any]]], port: int
) -> None:
    pods = [pod(number, *parts) for number, parts in enumerate(made)]
    table = table_of(pods, wires(found))
    everything = Reachability(table)
    for source in pods:
        for target in pods:
            one, other = (source.namespace, source.name), (target.namespace, target.name)
            for protocol in ("TCP", "UDP", "SCTP"):
                inside = [r for r in everything.open_ports(one, other) if r.protocol == protocol]
                is_open = any(r.first <= port <= r.last for r in inside)
                assert is_open == verdict(table, source, target, port, protocol)


def test_the_nearest_miss_names_the_one_label_that_differs() -> None:
    backend = pod(0, "x", {"app": "backend"}, 8080, False)
    kiosk = pod(1, "y", {"app": "frontend"}, 80, False)
    spec = {
        "podSelector": {"matchLabels": {"app": "backend"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "frontend"}}}], "ports": [{"port": 8080}]}],
    }
    table = table_of([backend, kiosk], wires([("x", spec)]))
    found = table.ingress(Peer(kiosk.ips[0], kiosk), Peer(backend.ips[0], backend), 8080, "TCP")
    assert not found.allowed and found.cause is not None
    assert found.cause.path == "spec.ingress[0].from[0].podSelector"
    assert found.cause.message == "the peer is in namespace y, a podSelector alone looks in x"
