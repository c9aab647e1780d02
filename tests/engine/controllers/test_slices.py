"""How endpoints are packed into slices, cut to size in Endpoints, and shared out over zones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8stui.api import scheme
from k8stui.api.core import Endpoints, Event, Pod, Service
from k8stui.api.discovery import Endpoint, EndpointConditions, EndpointSlice
from k8stui.api.meta import ObjectMeta
from k8stui.engine import bare
from k8stui.engine.controllers.endpoints import truncated
from k8stui.engine.controllers.packing import MAX_ENDPOINTS, identity, pack
from tests.engine.controllers.hands import Hands, deployment, service


def endpoint(number: int, ready: bool = True) -> Endpoint:
    return Endpoint(addresses=(f"10.0.{number // 250}.{number % 250}",), conditions=EndpointConditions(ready=ready))


def slices_of(*groups: list[Endpoint]) -> list[EndpointSlice]:
    return [EndpointSlice(metadata=ObjectMeta(name=f"s{n}"), endpoints=tuple(group)) for n, group in enumerate(groups)]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=350, unique_by=lambda item: item[0]),
    st.lists(st.lists(st.integers(0, 400), max_size=MAX_ENDPOINTS, unique=True), max_size=3),
)
def test_packing_keeps_everything_once_and_touches_only_what_changes(
    wanted: list[tuple[int, bool]], present: list[list[int]]
) -> None:
    taken: set[int] = set()
    groups = []
    for numbers in present:
        groups.append([endpoint(n) for n in numbers if n not in taken])
        taken |= set(numbers)
    existing = slices_of(*groups)
    desired = {identity(e): e for e in (endpoint(n, ready) for n, ready in wanted)}
    plan = pack(existing, desired, {}, lambda: EndpointSlice(endpoints=()))
    after = [*plan.create, *plan.update, *plan.unchanged(existing)]
    held = [e for slice_ in after for e in slice_.endpoints or ()]
    assert {identity(e): e for e in held} == desired
    assert len(held) == len(desired)
    assert all(len(slice_.endpoints or ()) <= MAX_ENDPOINTS for slice_ in after)
    originals = {slice_.name: slice_ for slice_ in existing}
    assert all(slice_.endpoints != originals[slice_.name].endpoints for slice_ in plan.update)


def test_one_pod_more_rewrites_one_slice() -> None:
    existing = slices_of([endpoint(n) for n in range(100)], [endpoint(n) for n in range(100, 150)])
    desired = {identity(e): e for e in map(endpoint, range(151))}
    plan = pack(existing, desired, {}, lambda: EndpointSlice(endpoints=()))
    assert [slice_.name for slice_ in plan.update] == ["s1"]
    assert not plan.create


def test_a_change_of_one_pod_leaves_other_slices_and_other_services_alone() -> None:
    hands = Hands()
    hands.create(deployment("web", 150), service("web"), deployment("api", 3), service("api"))
    hands.all_ready()
    before = {slice_.name: slice_ for slice_ in hands.store.list(EndpointSlice)}
    hands.report(hands.store.select(Pod, "default", {"app": "web"})[0], ready=False)
    changed = [slice_ for slice_ in hands.store.list(EndpointSlice) if slice_ is not before[slice_.name]]
    assert len(changed) == 1
    assert changed[0].metadata.generation == (before[changed[0].name].metadata.generation or 0) + 1


def test_endpoints_are_cut_to_a_thousand_the_ready_ones_first() -> None:
    hands = Hands()
    addresses = [{"ip": f"10.1.{n // 250}.{n % 250}"} for n in range(700)]
    waiting = [{"ip": f"10.2.{n // 250}.{n % 250}"} for n in range(500)]
    subset = {"addresses": addresses, "notReadyAddresses": waiting, "ports": [{"port": 80}]}
    hands.create({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "x"}, "subsets": [subset]})
    endpoints = hands.store.get(Endpoints, "default", "x")
    assert endpoints is not None
    (cut,) = truncated(endpoints.subsets or ())
    assert (len(cut.addresses or ()), len(cut.not_ready_addresses or ())) == (700, 300)


def test_a_dual_stack_service_has_slices_of_both_families() -> None:
    hands = Hands()
    hands.create(deployment(replicas=1))
    found = scheme.decode({**service("web"), "metadata": {"name": "web", "uid": "u"}})
    assert isinstance(found, Service)
    hands.store.create(found.with_(spec=found.spec.with_(ip_families=("IPv6", "IPv4"), cluster_ip="fd00::1")))
    pod = hands.pods()[0]
    hands.report(pod)
    stored = hands.pod(pod.name)
    v4, v6 = stored.status.pod_ip, "fd00:10::7"
    ips = scheme.decode({"apiVersion": "v1", "kind": "Pod", "status": {"podIPs": [{"ip": v4}, {"ip": v6}]}})
    assert isinstance(ips, Pod)
    hands.store.update(stored.with_(status=stored.status.with_(pod_ips=ips.status.pod_ips)))
    hands.manager.settle()
    by_family = {s.address_type: [e.addresses for e in s.endpoints or ()] for s in hands.store.list(EndpointSlice)}
    assert by_family == {"IPv4": [(v4,)], "IPv6": [(v6,)]}
    endpoints = hands.store.get(Endpoints, "default", "web")
    assert endpoints is not None
    assert [a.ip for s in endpoints.subsets or () for a in s.addresses or ()] == [v6]


def zoned(cpus: dict[str, str]) -> Hands:
    hands = Hands(nodes=())
    for number, (zone, cpu) in enumerate(cpus.items(), 1):
        wire = bare.node(number, zone=zone)
        wire["status"]["allocatable"] = {"cpu": cpu}
        hands.create(wire)
    return hands


def hinted(hands: Hands) -> list[str]:
    return sorted(
        zone.name
        for slice_ in hands.store.list(EndpointSlice)
        for e in slice_.endpoints or ()
        for zone in (e.hints.for_zones or () if e.hints else ())
    )


def test_topology_hints_follow_the_cpus_of_the_zones_and_go_when_impossible() -> None:
    hands = zoned({"a": "4", "b": "2", "c": "2"})
    wire = service("web")
    wire["metadata"]["annotations"] = {"service.kubernetes.io/topology-mode": "Auto"}
    hands.create(wire, deployment(replicas=8))
    for pod in hands.pods():
        hands.report(pod, node="node-1")
    assert hinted(hands) == ["a"] * 4 + ["b"] * 2 + ["c"] * 2
    assert [e.reason for e in hands.store.list(Event) if e.reason and e.reason.endswith("Enabled")]
    hands.change("Deployment", "web", replicas=2)
    hands.all_ready()
    assert hinted(hands) == []
    messages = [event.message for event in hands.store.list(Event)]
    assert "Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4" in messages
