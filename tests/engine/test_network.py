"""Whole connections: which hops there are, what they say, and which field of which object is to blame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from immutables import Map

from k8stui.api import scheme
from k8stui.api.core import Pod
from k8stui.engine import faults
from k8stui.engine.ends import Target, parse_target
from k8stui.engine.links import attempt
from k8stui.engine.network import BadEnd
from k8stui.engine.store import key_of
from k8stui.engine.trace import Cause, Outcome, Trace
from tests.engine.harbour import Harbour

_SCHEMA = json.loads((Path(__file__).parents[2] / "assets" / "trace.schema.json").read_text())


@pytest.fixture
def harbour() -> Harbour:
    harbour = Harbour()
    harbour.shop()
    return harbour


def said(trace: Trace) -> list[tuple[str, bool]]:
    return [(hop.kind, hop.ok) for hop in trace.hops]


def blamed(trace: Trace) -> tuple[str, str, str]:
    assert trace.cause is not None
    return trace.cause.kind, trace.cause.name, trace.cause.path


def test_a_delivered_connection_tells_every_hop_and_translation(harbour: Harbour) -> None:
    trace = harbour.network.connect("default/client", "http://web/")
    assert said(trace) == [(kind, True) for kind in ("DNS", "Service", "Proxy", "Policy", "Pod", "Proxy")]
    assert trace.outcome is Outcome.DELIVERED
    assert trace.status == 200
    assert trace.client_seen == "10.244.1.20"
    assert set(trace.backends) == {f"10.244.{node}.10:8080" for node in (1, 2, 3)}
    forth, back = trace.hops[2], trace.hops[-1]
    assert str(forth.target) == "10.96.0.50:80"
    assert str(forth.new_target) == trace.backend
    assert back.reply
    assert str(back.new_source) == "10.96.0.50:80"
    assert back.new_target == forth.source


def test_every_backend_gets_its_share_and_one_question_leaves_other_answers_alone(harbour: Harbour) -> None:
    before = harbour.store.world
    first = [harbour.network.connect("default/client", "10.96.0.50:80").backend for _ in range(60)]
    assert set(first) == {f"10.244.{node}.10:8080" for node in (1, 2, 3)}
    harbour.store.reset(before)
    again = []
    for _ in range(60):
        harbour.network.connect("node:node-2", "10.96.0.50:80")
        again.append(harbour.network.connect("default/client", "10.96.0.50:80").backend)
    assert again == first


def test_a_closed_target_port_is_the_services_fault(harbour: Harbour) -> None:
    harbour.service("shut", "10.96.0.51", {"app": "web"}, [{"port": 80, "targetPort": 80}])
    trace = harbour.network.connect("default/client", "http://shut")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("Service", "shut", "spec.ports[0].targetPort")
    assert trace.hops[-1].summary == "nothing listens on 80; 8080 does"


def test_a_port_of_the_loopback_address_is_not_told_as_an_open_one(harbour: Harbour) -> None:
    behaviour = json.dumps({"listens": ["8080/tcp", "127.0.0.1:9090/tcp"]})
    harbour.pod("shy", "10.244.1.77", 1, {"app": "shy"}, {"8080"})
    shy = harbour.store.get(Pod, "default", "shy")
    assert shy is not None
    wire = shy.to_wire()
    wire["metadata"]["annotations"] = {"k8stui.dev/behaviour": behaviour}
    harbour.put(wire)
    harbour.service("shy", "10.96.0.52", {"app": "shy"}, [{"port": 80, "targetPort": 9090}])
    trace = harbour.network.connect("default/client", "http://shy")
    assert trace.hops[-1].summary == "shy listens on 9090 of its loopback address alone"
    assert trace.cause is not None
    assert trace.cause.message == (
        "nothing listens on 10.244.1.77:9090; shy listens on 8080, and for itself alone (127.0.0.1) on 9090"
    )


def test_a_short_name_without_a_search_list_is_the_pods_fault(harbour: Harbour) -> None:
    """The Service has an address; nobody has completed the name to the one that it is known by."""
    spec = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.96.0.10"]}}
    harbour.pod("hermit", "10.244.1.78", 1, {"app": "hermit"}, spec=spec)
    harbour.service("shop", "10.96.0.53", {"app": "web"})
    trace = harbour.network.connect("default/hermit", "http://shop.default")
    assert trace.outcome is Outcome.UNRESOLVED
    assert blamed(trace) == ("Pod", "hermit", "spec.dnsPolicy")
    assert harbour.network.connect("default/hermit", "http://shop.default.svc.cluster.local").delivered


def test_a_caller_without_a_search_list_never_asked_its_own_namespace(harbour: Harbour) -> None:
    """No query named the caller's namespace, so that a Service is missing there is not the reason."""
    harbour.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    harbour.service("cart", "10.96.0.53", {"app": "web"}, namespace="shop")
    spec = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.96.0.10"]}}
    harbour.pod("hermit", "10.244.1.78", 1, {"app": "hermit"}, spec=spec)
    trace = harbour.network.connect("default/hermit", "http://cart")
    assert trace.outcome is Outcome.UNRESOLVED
    assert blamed(trace) == ("Pod", "hermit", "spec.dnsPolicy")
    assert trace.cause is not None and trace.cause.message.startswith("cart was asked as it stands")


def test_a_pod_that_has_stopped_listening_is_not_the_services_fault(harbour: Harbour) -> None:
    """For the moment that the news takes, a Service still leads to a pod that is going: no port is wrong."""
    harbour.pod("cook", "10.244.1.79", 1, {"app": "cook"}, {"8080"})
    harbour.service("cook", "10.96.0.54", {"app": "cook"})
    cook = harbour.store.get(Pod, "default", "cook")
    assert cook is not None
    wire = cook.to_wire()
    wire["status"]["containerStatuses"] = [{"name": "c", "ready": False, "state": {"terminated": {"exitCode": 0}}}]
    wire["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    network = harbour.network
    leaving = scheme.decode(wire)
    harbour.store.put(key_of(leaving), leaving)
    trace = network.connect("default/client", "http://cook")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("Pod", "cook", "spec.containers[0].lifecycle")
    assert trace.hops[-1].summary == "cook is terminating and has stopped listening on 8080"


def test_a_headless_service_translates_no_port(harbour: Harbour) -> None:
    harbour.service("bare", "None", {"app": "web"})
    trace = harbour.network.connect("default/client", "http://bare")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("Service", "bare", "spec.clusterIP")
    assert harbour.network.connect("default/client", "bare:8080").delivered


def test_a_node_port_that_an_address_lacks_is_the_services(harbour: Harbour) -> None:
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}]
    harbour.service("edge", "10.96.0.61", {"app": "web"}, ports, type="NodePort")
    assert harbour.network.connect("node:node-1", "127.0.0.1:30080").delivered
    harbour.set(proxy_mode="nftables")
    trace = harbour.network.connect("node:node-1", "127.0.0.1:30080")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("Service", "edge", "spec.ports[0].nodePort")


def test_a_node_port_that_nobody_has_is_told_with_those_that_there_are(harbour: Harbour) -> None:
    """A node port that was drawn stands in no file: the reason is where a player learns its number."""
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30123, "protocol": "TCP"}]
    harbour.service("edge", "10.96.0.61", {"app": "web"}, ports, type="NodePort")
    trace = harbour.network.connect("external:198.51.100.7", "172.18.0.11:31080")
    assert trace.outcome is Outcome.REJECTED
    assert trace.cause is not None
    assert trace.cause.message == "no Service has node port 31080/TCP; edge has 30123"


def test_a_selector_without_pods_names_the_nearest_pod_and_the_label(harbour: Harbour) -> None:
    harbour.service("typo", "10.96.0.52", {"app": "wbe"})
    trace = harbour.network.connect("default/client", "http://typo")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("Service", "typo", "spec.selector")
    assert trace.cause is not None
    assert trace.cause.message == "selector app=wbe matches no pod; web-1 has app=web"


def test_pods_that_are_not_ready_are_named_with_their_probe(harbour: Harbour) -> None:
    probe = {"containers": [{"name": "c", "readinessProbe": {"httpGet": {"port": 8080}}}]}
    harbour.pod("slow", "10.244.2.30", 2, {"app": "slow"}, ready=False, spec=probe)
    harbour.service("slow", "10.96.0.53", {"app": "slow"})
    trace = harbour.network.connect("default/client", "http://slow")
    assert blamed(trace) == ("Pod", "slow", "spec.containers[0].readinessProbe")


def test_an_unknown_named_port_is_the_services_fault(harbour: Harbour) -> None:
    harbour.service("named", "10.96.0.54", {"app": "web"}, [{"port": 80, "targetPort": "grpc", "protocol": "TCP"}])
    trace = harbour.network.connect("default/client", "http://named")
    assert blamed(trace) == ("Service", "named", "spec.ports[0].targetPort")


def test_a_missing_service_is_missing_and_another_namespace_is_mentioned(harbour: Harbour) -> None:
    harbour.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    harbour.service("cart", "10.96.0.55", {"app": "cart"}, namespace="shop")
    trace = harbour.network.connect("default/client", "http://cart")
    message = "namespace default has no Service cart; namespace shop has one"
    assert trace.outcome is Outcome.UNRESOLVED
    assert trace.cause == Cause("Service", "default", "cart", "", message, missing=True)


def test_an_alias_of_a_name_that_there_is_not_is_told_with_that_name(harbour: Harbour) -> None:
    """An address as externalName is read as a name: the reason has to quote it."""
    harbour.service("scales", "", None, type="ExternalName", externalName="192.0.2.77")
    trace = harbour.network.connect("default/client", "http://scales")
    assert blamed(trace) == ("Service", "scales", "spec.externalName")
    assert trace.cause is not None
    assert trace.cause.message == "scales is an alias of the name 192.0.2.77, which leads to no address"


def test_a_service_without_a_selector_says_how_a_slice_would_belong_to_it(harbour: Harbour) -> None:
    harbour.service("scales", "10.96.0.64", None)
    trace = harbour.network.connect("default/client", "http://scales")
    assert trace.cause is not None
    assert "has the label kubernetes.io/service-name=scales" in trace.cause.message


def test_a_slice_of_names_is_no_backend(harbour: Harbour) -> None:
    harbour.service("far", "10.96.0.63", None)
    harbour.put(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "far-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "far"}},
            "addressType": "FQDN",
            "endpoints": [{"addresses": ["pay.example.com"]}],
            "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
        }
    )
    trace = harbour.network.connect("default/client", "10.96.0.63:80")
    assert trace.outcome is Outcome.REJECTED
    assert blamed(trace) == ("EndpointSlice", "far-1", "addressType")


@pytest.mark.parametrize(("mode", "outcome"), [("iptables", Outcome.DROPPED), ("nftables", Outcome.REJECTED)])
def test_a_port_that_a_cluster_ip_lacks_depends_on_the_proxy_mode(
    harbour: Harbour, mode: str, outcome: Outcome
) -> None:
    harbour.set(proxy_mode=mode)
    trace = harbour.network.connect("default/client", "web:8080")
    assert trace.outcome is outcome
    assert blamed(trace) == ("Service", "web", "spec.ports")


def test_an_egress_policy_cuts_dns(harbour: Harbour) -> None:
    spec = {"podSelector": {"matchLabels": {"app": "client"}}, "policyTypes": ["Egress"]}
    metadata = {"name": "silence", "namespace": "default"}
    harbour.put({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})
    trace = harbour.network.connect("default/client", "http://web")
    assert trace.outcome is Outcome.UNRESOLVED
    assert blamed(trace)[:2] == ("NetworkPolicy", "silence")
    assert said(trace) == [("DNS", False)]


def test_dns_without_a_server_is_the_dns_services_fault(harbour: Harbour) -> None:
    harbour.remove("Pod", "coredns", "kube-system")
    trace = harbour.network.connect("default/client", "http://web")
    assert trace.outcome is Outcome.UNRESOLVED
    assert blamed(trace) == ("Service", "kube-dns", "spec.selector")


def test_hosts_outside_have_no_way_to_cluster_ips_and_pods(harbour: Harbour) -> None:
    for target in ("10.96.0.50:80", "10.244.1.10:8080"):
        assert harbour.network.connect("external:203.0.113.9", target).outcome is Outcome.UNREACHABLE


def test_policy_local_through_another_node_breaks_on_the_way_back(harbour: Harbour) -> None:
    """The answer goes straight to the client, past the node that translated."""
    harbour.service(
        "edge",
        "10.96.0.56",
        {"app": "web"},
        [{"port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}],
        type="NodePort",
        externalTrafficPolicy="Local",
    )
    traces = {
        backend: harbour.network.connect("default/client", "172.18.0.12:30080", backend=f"{backend}:8080")
        for backend in ("10.244.1.10", "10.244.2.10")
    }
    assert traces["10.244.2.10"].outcome is Outcome.DELIVERED
    assert traces["10.244.1.10"].outcome is Outcome.DROPPED
    assert traces["10.244.1.10"].hops[-1].reply
    assert blamed(traces["10.244.1.10"]) == ("Service", "edge", "spec.externalTrafficPolicy")


@pytest.mark.parametrize(("mode", "outcome"), [("iptables", Outcome.DELIVERED), ("nftables", Outcome.DROPPED)])
def test_a_backend_that_calls_itself_through_another_node(harbour: Harbour, mode: str, outcome: Outcome) -> None:
    """With policy Local the other node keeps its address, unless it hides every backend that calls itself."""
    harbour.set(proxy_mode=mode)
    harbour.pod("solo", "10.244.1.61", 1, {"app": "solo"}, {"8080"})
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30061, "protocol": "TCP"}]
    local = {"type": "NodePort", "externalTrafficPolicy": "Local"}
    harbour.service("solo", "10.96.0.62", {"app": "solo"}, ports, **local)
    assert harbour.network.connect("default/solo", "172.18.0.12:30061").outcome is outcome
    own = harbour.network.connect("default/solo", "172.18.0.11:30061")
    assert (own.outcome, own.client_seen) == (Outcome.DELIVERED, "172.18.0.11")


def test_a_nodes_own_datagram_to_an_empty_service_is_not_permitted(harbour: Harbour) -> None:
    harbour.service("void", "10.96.0.57", {"app": "nobody"}, [{"port": 53, "protocol": "UDP"}])
    trace = harbour.network.connect("node:node-1", "10.96.0.57:53/udp")
    assert (trace.outcome, trace.errno) == (Outcome.REJECTED, "EPERM")
    assert harbour.network.connect("default/client", "10.96.0.57:53/udp").errno is None


def test_hosts_outside_answer_on_the_ports_that_they_have() -> None:
    harbour = Harbour(hosts=Map({"198.51.100.80": ("443/tcp",)}), records=Map({"pay.example": ("A 198.51.100.80",)}))
    harbour.shop()
    outcomes = {
        target: harbour.network.connect("default/client", target).outcome
        for target in ("https://pay.example", "pay.example:444", "198.51.100.81:443")
    }
    assert list(outcomes.values()) == [Outcome.DELIVERED, Outcome.REJECTED, Outcome.DROPPED]
    assert harbour.network.connect("external:203.0.113.9", "https://pay.example").delivered


def test_a_load_balancer_in_proxy_mode_shows_its_own_address() -> None:
    """It ends the client's connection and comes to a node port with an address of its own."""
    harbour = Harbour(load_balancer="cloud")
    harbour.shop()
    harbour.service(
        "front",
        "10.96.0.59",
        {"app": "web"},
        [{"port": 80, "targetPort": 8080, "nodePort": 30059, "protocol": "TCP"}],
        type="LoadBalancer",
        externalTrafficPolicy="Local",
        status={"loadBalancer": {"ingress": [{"ip": "203.0.113.6", "ipMode": "Proxy"}]}},
    )
    for source in ("external:198.51.100.1", "default/client"):
        trace = harbour.network.connect(source, "203.0.113.6:80")
        assert (trace.outcome, trace.client_seen) == (Outcome.DELIVERED, "203.0.113.6"), source


def test_names_of_nodes_resolve_only_where_a_hosts_file_has_them(harbour: Harbour) -> None:
    assert harbour.network.connect("node:node-1", "node-2:80").outcome is Outcome.REJECTED
    assert harbour.network.connect("default/client", "node-2:80").outcome is Outcome.UNRESOLVED


def test_a_pod_whose_node_is_not_known_reaches_services_and_pods(harbour: Harbour) -> None:
    """Dumps may lack it; the way through the proxy is the same on every node."""
    harbour.pod("afloat", "10.244.9.9", 1, spec={"nodeName": None})
    assert harbour.network.connect("default/afloat", "http://web").delivered
    assert harbour.network.connect("default/client", "10.244.9.9:80").outcome is Outcome.REJECTED


def test_a_dead_node_drops_and_is_named(harbour: Harbour) -> None:
    faults.set_fault(harbour.store, faults.NODES, "node-2", float("inf"))
    trace = harbour.network.connect("default/client", "10.244.2.10:8080")
    assert trace.outcome is Outcome.DROPPED
    assert blamed(trace) == ("Node", "node-2", "status.conditions")


def test_a_load_balancer_sends_to_healthy_nodes_only() -> None:
    """With policy Local a node without an endpoint fails its health check, and the client's address stays."""
    harbour = Harbour(load_balancer="cloud")
    harbour.shop()
    harbour.pod("edge-3", "10.244.3.40", 3, {"app": "edge"}, {"8080"})
    harbour.service(
        "edge",
        "10.96.0.58",
        {"app": "edge"},
        type="LoadBalancer",
        externalTrafficPolicy="Local",
        healthCheckNodePort=30999,
        status={"loadBalancer": {"ingress": [{"ip": "203.0.113.5"}]}},
    )
    for _ in range(5):
        trace = harbour.network.connect("external:198.51.100.1", "203.0.113.5:80")
        assert (trace.outcome, trace.client_seen) == (Outcome.DELIVERED, "198.51.100.1")
    health = {
        node: harbour.network.connect("external:198.51.100.1", f"http://172.18.0.1{node}:30999/healthz").status
        for node in (1, 3)
    }
    assert health == {1: 503, 3: 200}
    harbour.remove("Pod", "edge-3")
    assert harbour.network.connect("external:198.51.100.1", "203.0.113.5:80").outcome is Outcome.DROPPED


def test_a_workloads_name_means_any_of_its_pods(harbour: Harbour) -> None:
    workload = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }
    harbour.put(workload)
    callers = {harbour.network.connect("default/web", "10.244.1.10:8080").client for _ in range(40)}
    assert callers == {f"default/web-{node}" for node in (1, 2, 3)}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("default/nobody", "http://web"),
        ("node:node-9", "http://web"),
        ("external:here", "http://web"),
        ("default/client", "web"),
        ("default/client", "gopher://web"),
        ("default/client", "web:0"),
        ("default/client", "web:80/icmp"),
        ("a/b/c", "web:80"),
    ],
)
def test_ends_that_make_no_sense_are_refused(harbour: Harbour, source: str, target: str) -> None:
    with pytest.raises(BadEnd):
        harbour.network.connect(source, target)


def test_addresses_may_be_written_in_any_way() -> None:
    assert parse_target("http://[FD00:0:0::1]:8080/x").host == "fd00::1"
    assert parse_target("[fd00:0::1]:53/udp") == Target("fd00::1", 53, "UDP")


def test_news_travels_to_nodes(harbour: Harbour) -> None:
    """With a delay a node goes on sending to a backend that is gone, until it hears of it."""
    harbour.set(propagation_delay=2.0)
    harbour.remove("Pod", "web-2")
    harbour.remove("Pod", "web-3")

    def seen() -> set[str]:
        return set(harbour.network.connect("default/client", "10.96.0.50:80").backends)

    assert len(seen()) == 3
    before = harbour.store.world
    harbour.wait(2.5)
    assert seen() == {"10.244.1.10:8080"}
    harbour.store.reset(before)
    assert len(seen()) == 3


def traces(harbour: Harbour) -> list[Trace]:
    harbour.service("typo", "10.96.0.52", {"app": "wbe"})
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "other"}}}]}
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    wire = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec}
    blocked = harbour.store.world
    harbour.put({**wire, "metadata": {"name": "shut", "namespace": "default"}})
    denied = harbour.network.connect("default/client", "http://web/")
    assert denied.outcome is Outcome.DROPPED
    harbour.store.reset(blocked)
    targets: list[tuple[str, str, dict[str, Any]]] = [
        ("default/client", "http://web/", {}),
        ("default/client", "http://typo", {}),
        ("default/client", "http://nowhere.example", {}),
        ("default/client", "web:81", {}),
        ("default/client", "10.244.2.99:80", {}),
        ("default/client", "[fd00::1]:80", {}),
        ("node:node-1", "10.96.0.52:80/udp", {}),
        ("node:node-1", "127.0.0.1:30080", {}),
        ("external:203.0.113.9", "10.96.0.50:80", {}),
        ("external:203.0.113.9", "172.18.0.11:22", {}),
        ("default/web-1", "10.244.1.10:8080", {}),
    ]
    found = [harbour.network.connect(source, target, **options) for source, target, options in targets]
    return [denied, *found]


def test_real_traces_follow_the_schema(harbour: Harbour) -> None:
    validator = jsonschema.Draft202012Validator(_SCHEMA)
    for trace in traces(harbour):
        wire = json.loads(json.dumps(trace.to_dict()))
        validator.validate(wire)
        assert trace.outcome is Outcome.DELIVERED or trace.hops[-1].summary, trace.target


def test_a_call_to_no_target_blames_the_pod_that_makes_it(harbour: Harbour) -> None:
    """What an unset variable leaves of a URL is no target; nobody outside the cluster is an object to blame."""
    validator = jsonschema.Draft202012Validator(_SCHEMA)
    for source, kind in (("pod:default/client", "Pod"), ("external:203.0.113.9", ""), ("node:node-1", "")):
        trace = attempt(source, "http://$DB_HOST:x", harbour.network.connect)
        validator.validate(json.loads(json.dumps(trace.to_dict())))
        assert trace.outcome is Outcome.UNRESOLVED and "$DB_HOST" in trace.hops[0].summary
        assert (trace.cause.kind if trace.cause else "") == kind
