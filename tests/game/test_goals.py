"""The judge: each kind of goal can be met and missed, for the reason that it says."""

import pytest

from k8stui.game.attempt import Attempt
from tests.game.scenes import FIXED, goals, level, shipped

SERVICE = "service-backend.yaml"
WISH = FIXED.replace("spec:", "spec:\n  type: LoadBalancer")
ALIAS = FIXED.replace("spec:", "spec:\n  type: ExternalName\n  externalName: backend.example")
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop}
spec: {podSelector: {matchLabels: {app: backend}}, policyTypes: [Ingress]}
"""


def only(check: str, text: str = FIXED, **options):
    attempt = Attempt(level(check, **options))
    if text:
        assert attempt.apply({SERVICE: text}).ok
    return attempt.verdicts()[0]


@pytest.mark.parametrize(
    "check",
    [
        "reach shop/frontend -> http://backend via {shop/backend}",
        "reach frontend -> backend:80",
        "reach shop/* -> pods:shop/backend:8080",
        "deny shop/frontend -> backend:81",
        "deny shop/frontend -> pods:shop/backend:80 as refused",
        "deny shop/frontend -> nowhere:80 as nxdomain",
        "deny external:198.51.100.7 -> clusterip:shop/backend:80 as unreachable",
        "eps shop/backend = 2 on 8080",
        "eps shop/backend = {shop/backend}",
        'dns shop/frontend "backend" = clusterip:shop/backend',
        'dns shop/frontend "backend" = clusterip:shop/backend queries <= 2',
        'dns shop/frontend "nobody" = NXDOMAIN',
        "spread shop/frontend -> backend:80 >= 10% over 2 n=200",
        "src shop/frontend -> backend:80 sees source",
        "keep Deployment/shop/frontend",
        "cost <= 1 service",
    ],
)
def test_met(check: str):
    verdict = only(check)
    assert verdict.met is True, verdict.reason


@pytest.mark.parametrize(
    ("check", "text", "outcome", "said"),
    [
        ("reach shop/frontend -> http://backend", "", "refused", ":80; backend-"),
        ("reach shop/frontend -> http://backend via {shop/frontend}", FIXED, "wrong-backend", "was answered by"),
        ("reach shop/ghost -> http://backend", FIXED, "endpoints", "shop/ghost has no running pod"),
        ("deny shop/frontend -> backend:80", FIXED, "answered", "was answered"),
        ("deny shop/frontend -> nowhere:80 as timeout", FIXED, "nxdomain", "should have ended as timeout"),
        ("eps shop/backend = 3", FIXED, "endpoints", "lists 2 addresses"),
        ("eps shop/backend = {shop/frontend}", FIXED, "endpoints", "is not among them: its app is frontend, and the"),
        ("eps shop/backend = {10.1.2.3}", FIXED, "endpoints", "and 10.1.2.3 is not among them"),
        ("eps shop/backend = 2 on 9000", FIXED, "endpoints", "are on 8080"),
        ("eps shop/backend = 2 on 8080,9000", FIXED, "endpoints", "are on 8080, not on 9000"),
        ('dns shop/frontend "backend" = 10.1.2.3', FIXED, "record", "and gets 10.96."),
        ('dns shop/frontend "backend" = NXDOMAIN', FIXED, "record", "and gets 10.96."),
        ('dns shop/frontend "backend" = clusterip:shop/backend queries <= 1', FIXED, "record", "costs 2 queries"),
        ("spread shop/frontend -> backend:80 >= 10% over 3", FIXED, "spread", "2 pods answered, not 3"),
        ("spread shop/frontend -> backend:80 <= 20%", FIXED, "spread", "more than 20%"),
        ("stick shop/frontend -> backend:80 n=60", FIXED, "wrong-backend", "was answered by"),
        ("src shop/frontend -> backend:80 sees 203.0.113.9", FIXED, "wrong-backend", "saw 10.244."),
        ("reach external:198.51.100.7 -> lb:shop/ghost:80", FIXED, "endpoints", "there is no Service ghost"),
        ("reach external:198.51.100.7 -> lb:shop/backend:80", FIXED, "endpoints", "no external IP: its type is"),
        ("reach external:198.51.100.7 -> lb:shop/backend:80", WISH, "endpoints", "backend has no external IP yet"),
        ("reach external:198.51.100.7 -> nodeport:shop/backend", FIXED, "endpoints", "backend has no node port"),
        ("reach shop/frontend -> clusterip:shop/backend:80", ALIAS, "endpoints", "backend has no cluster IP"),
        ("reach shop/frontend -> pods:shop/ghost:80", FIXED, "endpoints", "shop/ghost has no running pod"),
        ("keep Service/shop/backend", FIXED, "changed", "was changed"),
        ("cost <= 0 services", FIXED, "cost", "1 services"),
    ],
)
def test_missed_for_a_reason(check: str, text: str, outcome: str, said: str):
    verdict = only(check, text)
    assert (verdict.met, verdict.outcome) == (False, outcome)
    assert said in verdict.reason


def test_a_list_that_is_too_short_names_who_is_selected_and_not_on_it():
    attempt = Attempt(level("eps shop/backend = 2"))
    attempt.cluster.do({"unready": "shop/backend", "pods": 1})
    attempt.advance(20)
    reason = attempt.verdicts()[0].reason
    assert "lists 1 address as ready, and not backend-" in reason and reason.endswith("its readiness probe fails")


def test_a_service_without_a_selector_is_said_to_list_nobody():
    attempt = Attempt(shipped("1.6"))
    attempt.answer(attempt.solution())
    reason = next(verdict.reason for verdict in attempt.verdicts() if verdict.met is False)
    assert reason.endswith("is not among them: the Service odd has no selector, so it lists nobody")


def test_local_wants_the_callers_own_node():
    assert only("local shop/frontend -> backend:80 n=60").met is False
    near = FIXED.replace("spec:\n", "spec:\n  internalTrafficPolicy: Local\n")
    verdict = only("local shop/frontend -> backend:80", near)
    assert verdict.met is True or verdict.outcome == "timeout"


def test_affinity_makes_a_caller_stick():
    sticky = FIXED.replace("spec:\n", "spec:\n  sessionAffinity: ClientIP\n")
    assert only("stick shop/frontend -> backend:80 n=60", sticky).met is True


def test_a_lock_wants_time_outs_and_knows_the_stranger():
    attempt = Attempt(level("deny shop/frontend -> pods:shop/backend:8080", verb="lock"))
    assert goals(attempt.verdicts()) == {"c0": False, "stranger": False}
    attempt.apply({**attempt.files, "wall.yaml": POLICY})
    assert goals(attempt.verdicts()) == {"c0": True, "stranger": True}
    assert not [pod for pod in attempt.cluster.list("Pod") if pod.name == "stranger"], "strangers do not stay"


def test_a_refusal_is_no_lock():
    attempt = Attempt(level("deny shop/frontend -> pods:shop/backend:81", verb="lock"))
    verdict = attempt.verdicts()[0]
    assert (verdict.met, verdict.outcome) == (False, "refused")


def test_asking_changes_nothing_and_gives_the_same_answer():
    attempt = Attempt(level("spread shop/frontend -> http://backend >= 45% n=40"))
    attempt.apply({SERVICE: FIXED})
    before = attempt.cluster.snapshot()
    first = attempt.verdicts()
    attempt._judged = None
    assert attempt.verdicts() == first and attempt.cluster.snapshot() is before


TIMED = "timeline:\n- {at: 5, do: {scale: shop/backend, replicas: 4}}\n"


def test_goals_with_a_clock_wait_for_their_second():
    checks = ("timeline 0-10 orders: fail = 0", "eps shop/backend = 4 at 8", "eps shop/backend >= 2 during 0-10")
    attempt = Attempt(level(*checks, extra=TIMED))
    assert goals(attempt.verdicts()) == {"c0": None, "c1": None, "c2": None}
    attempt.apply({SERVICE: FIXED})
    attempt.advance(9)
    assert goals(attempt.verdicts()) == {"c0": None, "c1": True, "c2": None}
    attempt.run_clock()
    assert goals(attempt.verdicts()) == {"c0": True, "c1": True, "c2": True}
    assert all(verdict.clocked for verdict in attempt.verdicts())


def test_failed_requests_are_counted_with_their_first_reason():
    attempt = Attempt(level("timeline 0-10 orders: fail <= 3"))
    attempt.advance(4)
    verdict = attempt.verdicts()[0]
    assert verdict.met is False and ":80; backend-" in verdict.reason
    attempt.reset()
    assert attempt.verdicts()[0].met is None, "counts follow a reset"


def test_a_moment_that_went_wrong_stays_wrong():
    attempt = Attempt(level("eps shop/backend = 2 on 8080 at 3"))
    attempt.advance(4)
    attempt.apply({SERVICE: FIXED})
    assert attempt.verdicts()[0].met is False


def test_a_failing_goal_brings_its_packet():
    trace = Attempt(shipped("2.1")).verdicts()[0].trace
    assert trace is not None and trace.hops[-1].kind == "Pod" and trace.cause is not None


def test_shares_are_counted_over_the_requests_of_a_flow():
    attempt = Attempt(level("spread flow:orders >= 20% over 2 during 1-31"))
    attempt.advance(3)
    assert "a request failed at second 1" in attempt.verdicts()[0].reason
    attempt = Attempt(level("spread flow:orders >= 20% over 2 during 2-32", "spread flow:orders >= 80% during 2-32"))
    assert attempt.apply({SERVICE: FIXED}).ok
    attempt.advance(10)
    assert goals(attempt.verdicts()) == {"c0": None, "c1": None}
    attempt.run_clock()
    assert goals(attempt.verdicts()) == {"c0": True, "c1": False}
    assert "less than 80%" in attempt.verdicts()[1].reason


OUTSIDE_DOORS = """\
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: shop}
spec:
  type: NodePort
  selector: {app: backend}
  ports:
  - {name: shop, port: 80, targetPort: 8080}
"""


def test_a_timeline_may_say_who_answers_pods_that_are_gone_included():
    checks = [f"timeline 2-9 orders: fail = 0 via {who}" for who in ("shop/backend", "shop/*", "{shop/back, 10.9.9.9}")]
    attempt = Attempt(level(*checks))
    attempt.apply({SERVICE: FIXED})
    attempt.advance(4)
    attempt.cluster.do({"replace": "shop/backend"})
    attempt.run_clock()
    assert goals(attempt.verdicts()) == {"c0": True, "c1": True, "c2": False}
    assert "orders: answered by shop/backend-" in attempt.verdicts()[2].reason


def test_doors_lead_to_a_port_of_pods_whatever_their_own_number_is():
    closed = "deny external:198.51.100.7 -> doors:8080"
    assert only(closed).met is True, "no door at all is a closed one"
    opened = only(closed, OUTSIDE_DOORS)
    assert opened.met is False and "172.18.0.11:3" in opened.reason
    assert only("deny external:198.51.100.7 -> doors:8081", OUTSIDE_DOORS).met is True
    assert only("reach external:198.51.100.7 -> doors:8080", OUTSIDE_DOORS).met is True
    assert only("reach external:198.51.100.7 -> doors:8080").met is False, "nobody is reached through no door"


def test_one_node_can_be_knocked_at():
    local = OUTSIDE_DOORS.replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local")
    placed = {
        "  replicas: 2\n": "  replicas: 1\n",
        "spec: {containers: [{name: api": "spec: {nodeName: node-2, containers: [{name: api",
    }
    for node, met in (("node-1", False), ("node-2", True)):
        check = f"reach external:198.51.100.7 -> nodeport:shop/backend:80@{node}"
        assert only(check, local, **placed).met is met


SILENCE = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: silence, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress]}
"""


def test_a_name_server_out_of_reach_is_not_a_name_that_does_not_exist():
    shut = only("reach shop/frontend -> http://backend", f"{FIXED}---\n{SILENCE}")
    assert shut.met is False and shut.reason.startswith("no name server answers: silence")
    assert shut.outcome == "silent"
    assert only("deny shop/frontend -> http://nowhere as silent", f"{FIXED}---\n{SILENCE}").met is True
    assert only("deny shop/frontend -> http://nowhere as nxdomain", f"{FIXED}---\n{SILENCE}").met is False
    unknown = only("reach shop/frontend -> http://nowhere")
    assert unknown.met is False and unknown.reason.startswith("nxdomain: ")
    asked = only('dns shop/frontend "nowhere" = any')
    assert asked.met is False and asked.reason.endswith("gets no address: no such name")


def test_a_setting_without_a_port_is_told_how_to_be_written():
    """A name alone is what a newcomer writes first: it is known, and yet no target."""
    attempt = Attempt(shipped("5.1"))
    (name,) = attempt.files
    attempt.apply({name: attempt.files[name].replace("neighbour: ''", "neighbour: backend")})
    (verdict,) = (verdict for verdict in attempt.verdicts() if verdict.id == "neighbour")
    assert "'backend' is no target; write a URL, or HOST:PORT" in verdict.reason
    assert verdict.trace is not None and verdict.trace.hops
