"""The map as text: what a call looks like at each place where it may end, and that nothing ever breaks it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui import Cluster
from k8stui.api.core import Pod
from k8stui.engine.world import World
from k8stui.tui.paint import text_of, to_ascii
from k8stui.tui.scene.build import _answered, _shares, build, state_of
from k8stui.tui.scene.details import details_of
from k8stui.tui.scene.draw import draw
from k8stui.tui.scene.model import (
    MISSING,
    OUTSIDE,
    CallerSpot,
    DnsSpot,
    Door,
    Flow,
    NodeSpot,
    PodSpot,
    Scene,
    ServiceSpot,
    Story,
    Wall,
)
from k8stui.tui.scene.packets import packets
from k8stui.tui.scene.probes import Call, probe
from k8stui.tui.scene.verdict import verdict_rows
from tests.tui.scenes import BACKEND, EXIT, FRONTEND, KEYS, PODS, WALL, flow, scene


def text(shown: Scene, width: int = 73, height: int = 18) -> str:
    return "\n".join(text_of(row).rstrip() for row in draw(shown, width, height).rows)


def line_of(picture: str, word: str) -> str:
    return next(line for line in picture.splitlines() if word in line)


def test_answered_calls_run_through_the_service_to_every_pod() -> None:
    picture = text(scene(flow()))
    assert picture.count("►") == 4
    assert "━►▌   10.96.0.42:80" in line_of(picture, "10.96.0.42:80")
    assert "✘" not in picture


def test_a_call_that_a_pod_refuses_dies_in_the_frame_of_its_node() -> None:
    picture = text(scene(flow("pod", "rejected")))
    assert picture.count("✘") == 3
    assert "✘  ● backend-x2kvp" in picture


@pytest.mark.parametrize("other", [False, True], ids=["beside-the-service", "from-below"])
def test_where_one_caller_gets_through_and_another_does_not_the_cross_is_on_its_own_row(other: bool) -> None:
    """On the row that both end in, it would say the same whoever fails, and packets would run over it."""
    monitor = CallerSpot("shop/monitor", "monitor-1", "10.244.1.9", "node-1")
    lost = {"died": "service", "outcome": "dropped", "pods": ()}
    first = flow(**({} if other else lost))
    second = flow(**(lost if other else {}), caller="shop/monitor", port="81")
    shown = draw(scene(first, callers=(FRONTEND, monitor), flows=(first, second)), 73, 18)
    picture = "\n".join(text_of(row) for row in shown.rows)
    assert ("✘" in line_of(picture, "10.244.1.4"), "✘" in line_of(picture, "10.244.1.9")) == (not other, other)
    (dead,) = (track for track in shown.tracks if not track.answered)
    assert not {cell for track in shown.tracks if track.answered for cell in track.cells} & {dead.cells[-1]}


@pytest.mark.parametrize("height", range(14, 22))
def test_the_way_past_a_service_hides_nothing_that_other_callers_say(height: int) -> None:
    """A call to a node without a pod of its own ends behind the chip: its way there led through the next caller."""
    partner = CallerSpot("external:198.51.100.7", "198.51.100.7", "", "external", "outside")
    lost = Flow(partner.key, "", "172.18.0.11:31080", "31080", 1.0, "service", outcome="dropped")
    inside = flow(rate=2.0, pods=KEYS[1:])
    service = replace(BACKEND, backends=KEYS[1:])
    shown = scene(
        inside, pods=PODS[1:], services=(service,), callers=(FRONTEND, partner), flows=(inside, lost), dns=None
    )
    picture = text(shown, 72, height)
    assert "2/s" in line_of(picture, "frontend-h4tzw") and "1/s" in line_of(picture, "198.51.100.7")
    below = picture.splitlines()[picture.splitlines().index(line_of(picture, "198.51.100.7")) + 2 :]
    assert "✘" not in "".join(below) and "✘" in picture, "it goes past where nobody else does"


def test_a_long_reason_goes_on_before_the_place_it_is_written_at() -> None:
    reason = "nothing listens on 10.244.1.3:9090; backend listens on 8080"
    story = Story(False, "REFUSED", "web", "http://backend", "", reason, "hop 5", "service-backend.yaml:11")
    second, third = (text_of(row) for row in verdict_rows(story, 74)[1:])
    assert "nothing listens on 10.244.1.3:9090" in second
    assert third.index("8080") < third.index("hop 5 · service-backend.yaml:11 ⏎")
    narrow = text_of(verdict_rows(story, 64)[2])
    assert "… " in narrow and "hop 5 · service-backend.yaml:11 ⏎" in narrow, "the reason is cut, not its place"


def test_a_service_without_endpoints_is_marked_at_its_left_edge() -> None:
    empty = ServiceSpot(BACKEND.key, "backend", "cluster", "10.96.0.42:80", "no endpoints")
    picture = text(scene(flow("service", "rejected", pods=()), services=(empty,)))
    assert "✘ ▌   10.96.0.42:80" in picture
    assert "no endpoints" in picture


def test_an_unknown_name_dies_at_dns_and_the_service_is_a_ghost() -> None:
    ghost = ServiceSpot(BACKEND.key, "backend", MISSING, "", "")
    dns = DnsSpot("shop/frontend", "10.96.0.10", "backend: no such name", ok=False)
    picture = text(scene(flow("dns", "unresolved", pods=()), services=(ghost,), dns=dns))
    assert "no such Service" in picture
    assert "? backend: no such name" in picture


def test_a_wall_stops_a_packet_and_shows_its_door() -> None:
    picture = text(scene(flow("wall", "dropped", wall=WALL.key), walls=(WALL,)))
    assert "┴┬┴┬─ backend-guests" in picture
    assert " 80  for app: frontend" in picture
    assert "✘" in picture


def test_walls_that_no_plugin_builds_are_paper_and_say_so() -> None:
    wall, way_out = replace(WALL, enforced=False), replace(EXIT, enforced=False)
    inner = replace(FRONTEND, wall=Wall("shop/in", "in", (FRONTEND.key,), (Door("53", "everybody"),), False))
    for shown in (
        scene(flow(), walls=(wall,)),
        scene(flow(), exits=(way_out,)),
        scene(flow(), exits=(replace(way_out, pods=KEYS[:1]),), walls=(wall,)),
        scene(flow(), callers=(inner,)),
        scene(flow(), walls=(replace(wall, doors=()),)),
    ):
        picture = draw(shown, 73, 20)
        told = "\n".join(text_of(row) for row in picture.rows)
        assert "not enforced" in told and "╎" in told and "┴┬" not in told
        assert not {style for row in picture.rows for _, style in row if "brick" in style or style.endswith("on pod")}
    solid = text(scene(flow(), walls=(WALL,)))
    assert "not enforced" not in solid and "╎" not in solid


def test_a_wall_behind_pods_stands_at_their_right_with_its_doors() -> None:
    picture = text(scene(flow(), exits=(EXIT,)))
    assert "only-db" in line_of(picture, "┴┬┴┬")
    assert line_of(picture, "to app: db").endswith("to app: db 5432")
    assert line_of(picture, "to k8s-app: dns").endswith(" 53")
    assert all(line.endswith(("┴┬┴┬", "┬┴┬┴")) for line in picture.splitlines() if "● backend" in line)
    both = text(scene(flow(), walls=(WALL,), exits=(EXIT,)), height=20)
    assert "┴┬┴┬─ backend-guests" in both and "to app: db 5432" in both
    some = replace(EXIT, pods=KEYS[:1])
    ends = [line[-2:] for line in text(scene(flow(), walls=(WALL,), exits=(some,))).splitlines() if "● backend" in line]
    assert [end in ("┴┬", "┬┴") for end in ends] == [True, False, False]


def test_a_call_that_may_not_leave_dies_at_the_wall_of_its_caller() -> None:
    walled = replace(FRONTEND, wall=Wall("shop/in", "in", (FRONTEND.key,), (Door("53", "everybody"),)))
    picture = text(scene(flow("caller", "dropped", wall="shop/in", pods=()), callers=(walled,)))
    assert "10.244.1.4      ✘" in picture
    assert "out 53 to everybody" in picture
    kept = text(scene(flow("caller", "dropped", wall="shop/in", pods=(), wanted=True), callers=(walled,)))
    assert "✘" not in kept
    assert "10.244.1.4     ┬┫" in kept


def test_calls_that_a_goal_wants_to_fail_are_ticked_and_not_red() -> None:
    picture = draw(scene(flow("wall", "dropped", wall=WALL.key, wanted=True), walls=(WALL,)), 73, 18)
    styles = {style for row in picture.rows for _, style in row}
    assert not any("fail" in style for style in styles)
    assert "┫" in "".join(text_of(row) for row in picture.rows)


def test_dns_gives_way_where_there_is_no_room_unless_it_is_what_fails() -> None:
    callers = tuple(CallerSpot(f"shop/c{number}", f"caller-{number}", "10.0.0.1", "node-1") for number in range(4))
    flows = tuple(Flow(caller.key, BACKEND.key, "backend", "80", pods=KEYS) for caller in callers)
    dns = DnsSpot("shop/c0", "10.96.0.10", "backend is 10.96.0.42")
    shown = scene(flow(), callers=callers, flows=flows, dns=dns)
    assert "kube-dns" not in text(shown)
    assert "kube-dns" in text(scene(flow(), callers=callers, flows=flows, dns=DnsSpot("shop/c0", "", "x", ok=False)))


@pytest.mark.parametrize("width", [60, 72, 100, 160])
def test_no_row_is_wider_than_the_map(width: int) -> None:
    for row in draw(scene(flow("pod", "rejected")), width, 18).rows:
        assert sum(len(part) for part, _ in row) == width


def test_ascii_has_as_many_cells_and_only_ascii() -> None:
    for line in text(scene(flow("wall", "dropped", wall=WALL.key), walls=(WALL,))).splitlines():
        assert len(to_ascii(line)) == len(line)
        assert to_ascii(line).isascii()


def test_packets_stay_on_their_tracks_and_come_home_only_when_answered() -> None:
    picture = draw(scene(flow()), 73, 18)
    cells = {cell for track in picture.tracks for cell in track.cells}
    for moment in range(60):
        for line, columns in packets(picture.tracks, moment / 12).items():
            assert {(column, line) for column in columns} <= cells
    silent = draw(scene(flow("wall", "dropped", wall=WALL.key), walls=(WALL,)), 73, 18)
    seen = {
        style
        for moment in range(120)
        for cells_ in packets(silent.tracks, moment / 12).values()
        for _, style in cells_.values()
    }
    assert not any(style.startswith(("pod", "fail")) for style in seen)


names = st.text(max_size=40)
pods = st.builds(
    PodSpot,
    key=names,
    label=names,
    ip=names,
    node=st.sampled_from(["node-1", "node-2", ""]),
    state=st.sampled_from(["ready", "crashed", "terminating", "not-ready"]),
)
flows = st.builds(
    Flow,
    caller=st.sampled_from(["a", "b", "none"]),
    service=st.sampled_from(["s", "t", ""]),
    target=names,
    port=names,
    rate=st.floats(0, 99),
    wanted=st.booleans(),
    leak=st.booleans(),
    died=st.sampled_from(["", "dns", "caller", "service", "wall", "pod", "wire", "lost"]),
    pods=st.lists(names, max_size=4).map(tuple),
    wall=st.sampled_from(["", "w"]),
)


@given(
    st.lists(pods, max_size=30, unique_by=lambda pod: pod.key),
    st.lists(flows, max_size=6),
    names,
    st.integers(20, 200),
    st.integers(1, 50),
    st.integers(0, 30),
)
def test_any_scene_can_be_drawn_at_any_size(
    some: list[PodSpot], calls: list[Flow], name: str, width: int, height: int, kept_in: int
) -> None:
    services = (
        ServiceSpot("s", name, "cluster", name, name, tuple(pod.key for pod in some)),
        ServiceSpot("t", name, MISSING, "", ""),
        ServiceSpot("u", name, OUTSIDE, name, name),
    )
    wall = Wall("w", name, tuple(pod.key for pod in some[:kept_in]), (Door(name, name),) if name else ())
    callers = (CallerSpot("a", name, name, name, wall=wall), CallerSpot("b", name, "", "", "outside"))
    nodes = (NodeSpot("node-1"), NodeSpot(name))
    shown = Scene(tuple(some), nodes, services, callers, tuple(calls), exits=(wall,))
    picture = draw(shown, width, height)
    assert len(picture.rows) >= height
    assert all(sum(len(part) for part, _ in row) == width for row in picture.rows)


def test_pods_keep_their_names_when_there_are_few() -> None:
    picture = text(scene(flow()))
    assert all(pod.label in picture for pod in PODS)


DUMP = """
{kind: Pod, apiVersion: v1, metadata: {name: web}, spec: {nodeName: node-1}, status: {podIP: 10.244.1.5}}
---
{kind: Service, apiVersion: v1, metadata: {name: web}, spec: {clusterIP: 10.96.0.9}}
---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.244.1.5]}]
ports: [{port: 80}]
"""


def test_backends_of_a_slice_that_names_no_pods_are_found_by_address() -> None:
    (service,) = build(Cluster.load(DUMP).store, (), "default").services
    assert service.backends == ("default/web",)


KEPT_IN = """
{kind: Pod, apiVersion: v1, metadata: {name: web}, spec: {nodeName: node-1}, status: {podIP: 10.244.1.5}}
---
{kind: Pod, apiVersion: v1, metadata: {name: client}, spec: {nodeName: node-1}, status: {podIP: 10.244.1.6}}
---
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: in}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}
"""


def test_a_call_that_a_policy_keeps_in_dies_at_its_caller() -> None:
    cluster = Cluster.load(KEPT_IN)
    call = Call("default/client", "default/client", "10.244.1.5:80", 1.0)
    shown = build(cluster.store, probe(cluster, [call]), "default")
    assert [(flow.died, flow.wall) for flow in shown.flows] == [("caller", "default/in")]
    assert shown.callers[0].wall is not None
    assert [(wall.title, wall.pods, wall.doors) for wall in shown.exits] == [
        ("in", ("default/web",), (Door("53", "everybody"),))
    ]


def test_shares_are_counted_from_the_traffic_once_there_is_enough() -> None:
    calls = flow()
    world = World()
    assert set(_shares([calls], _answered(world)).values()) == {33}
    counted = Counter({calls.pods[0]: 60, calls.pods[1]: 30, calls.pods[2]: 10})
    assert [_shares([calls], counted)[key] for key in calls.pods] == [60, 30, 10]


CALLER = """
{kind: Pod, apiVersion: v1, metadata: {name: client}, spec: {nodeName: node-1}, status: {podIP: 10.244.1.6}}
"""


@pytest.mark.parametrize(
    ("target", "listens", "name", "arrives"),
    [
        ("https://api.pay.example.com", "443/tcp", "api.pay.example.com", True),
        ("https://api.pay.example.com.", "443/tcp", "api.pay.example.com", True),
        ("203.0.113.80:443", "443/tcp", "203.0.113.80", True),
        ("https://api.pay.example.com", "80/tcp", "api.pay.example.com", False),
    ],
)
def test_a_call_to_a_host_outside_ends_at_the_host(target: str, listens: str, name: str, arrives: bool) -> None:
    cluster = Cluster.load(CALLER)
    outside = {"hosts": {"203.0.113.80": [listens]}, "records": {"api.pay.example.com": ["A 203.0.113.80"]}}
    cluster.do({"set": outside})
    shown = build(cluster.store, probe(cluster, [Call("default/client", "default/client", target, 1.0)]), "default")
    (host,) = shown.services
    assert (host.kind, host.name, host.address) == (OUTSIDE, name, "203.0.113.80:443")
    line = line_of(text(shown), "203.0.113.80:443")
    assert ("━►▌" in line, "✘" in line) == (arrives, not arrives)


def test_a_name_that_no_service_has_is_no_host_outside() -> None:
    cluster = Cluster.load(CALLER)
    for target in ("http://wbe", "http://web.shopp", "http://web.default.svc.cluster.local", "http://a.b.default"):
        call = Call("default/client", "default/client", target, 1.0)
        kinds = [item.kind for item in build(cluster.store, probe(cluster, [call]), "default").services]
        assert kinds == [MISSING], target


def test_a_pod_whose_behaviour_cannot_be_read_says_so_on_the_map() -> None:
    cluster = Cluster()
    cluster.apply(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: client\n  annotations: {k8stui.dev/behaviour: 'calls: web'}\n"
        "spec: {containers: [{name: c, image: curl}]}\n"
    )
    cluster.come_up()
    pod = cluster.store.get(Pod, "default", "client")
    assert pod is not None and state_of(pod) == "crashed"
    line = dict(details_of(cluster.store, [pod], []))["pod:default/client"]
    assert "CreateContainerConfigError" in line and "not JSON" in line
