"""The field that decided where a packet got through although it should not, or came to somebody else."""

from __future__ import annotations

from k8stui.engine.trace import Cause
from k8stui.game.attempt import Attempt
from k8stui.game.level import from_source
from k8stui.game.solve import carry_out
from k8stui.game.source import parse_source
from k8stui.game.verdict import Verdict
from tests.game.scenes import FIXED, HEAD, level, shipped


def verdict(attempt: Attempt, name: str) -> Verdict:
    return next(found for found in attempt.verdicts() if found.id == name)


def cause_of(found: Verdict) -> Cause:
    assert found.met is False and found.trace is not None and found.trace.delivered
    assert found.trace.cause is not None
    return found.trace.cause


def where(found: Verdict) -> tuple[str, str, str]:
    cause = cause_of(found)
    return cause.kind, cause.name, cause.path


def test_a_wrong_answer_is_blamed_on_the_selector_that_lists_who_gave_it():
    found = verdict(Attempt(shipped("1.4")), "prices")
    assert where(found) == ("Service", "backend", "spec.selector")
    assert cause_of(found).message.startswith("the selector team=shop of backend matches frontend-")


def test_a_headless_name_leads_to_the_selector_too():
    mysql = Attempt(shipped("6.1"))
    carry_out(mysql, next(wrong for wrong in mysql.level.ablations if wrong.name == "only-headless"))
    assert where(verdict(mysql, "writer")) == ("Service", "mysql", "spec.selector")


def test_where_no_policy_selects_the_pod_that_is_what_is_said():
    cause = cause_of(verdict(Attempt(shipped("7.2")), "tools"))
    assert cause.missing and cause.path == "" and cause.message.startswith("no policy selects backend-")


def test_the_rule_that_admits_is_blamed():
    kiosk = Attempt(shipped("7.2"))
    carry_out(kiosk, next(wrong for wrong in kiosk.level.traps if wrong.name == "any-namespace"))
    found = verdict(kiosk, "others")
    assert where(found) == ("NetworkPolicy", "backend", "spec.ingress[0].from[0]")
    assert cause_of(found).message == "policy backend admits pods with app=frontend in any namespace at TCP 8080"


POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: own, namespace: shop}
spec: SPEC
"""


def denied(spec: str) -> Verdict:
    """Return the verdict on a forbidden call that this policy of the player's does not stop."""
    attempt = Attempt(level("deny shop/frontend -> pods:shop/backend:8080"))
    assert attempt.apply({**attempt.files, "own.yaml": POLICY.replace("SPEC", spec)}).ok
    return attempt.verdicts()[0]


def test_a_rule_for_the_way_out_is_blamed_where_none_is_about_the_way_in():
    found = denied("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}")
    assert where(found) == ("NetworkPolicy", "own", "spec.egress[0].to[0]")
    assert cause_of(found).message == "policy own admits calls to 10.244.0.0/16 at TCP 8080"


def test_a_rule_without_peers_admits_anybody():
    assert cause_of(denied("{podSelector: {}, ingress: [{}]}")).message == "policy own admits anybody at TCP 8080"


def test_a_stick_is_blamed_on_the_affinity():
    attempt = Attempt(level("stick shop/frontend -> http://backend n=60"))
    assert attempt.apply({**attempt.files, "service-backend.yaml": FIXED}).ok
    assert where(attempt.verdicts()[0]) == ("Service", "backend", "spec.sessionAffinity")


DIALS = """
text: {en: {story: s, insight: i, hints: [a, b]}}
world:
  objects:
  - apiVersion: v1
    kind: Pod
    metadata: {name: client, namespace: shop}
    spec: {containers: [{name: c, image: i}]}
  - apiVersion: v1
    kind: Pod
    metadata: {name: old, namespace: shop, labels: {app: x}}
    spec: {containers: [{name: c, image: i}]}
  - apiVersion: v1
    kind: Pod
    metadata: {name: new, namespace: shop, labels: {app: x}}
    spec: {containers: [{name: c, image: i}]}
  - apiVersion: v1
    kind: Service
    metadata: {name: x, namespace: shop}
    spec: {selector: {app: x}, ports: [{port: 80}]}
  - {apiVersion: v1, kind: Service, metadata: {name: example, namespace: com}, spec: {ports: [{port: 80}]}}
  - apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: by-hand, namespace: com, labels: {kubernetes.io/service-name: example}}
    addressType: IPv4
    endpoints: [{addresses: [192.0.2.9]}]
    ports: [{port: 80}]
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: client, namespace: shop}, data: {dials: "x:80"}}
  containers: {shop/old: {listens: [80/tcp]}, shop/new: {listens: [80/tcp]}}
  hosts: {192.0.2.9: {listens: [80/tcp]}, 203.0.113.80: {listens: [80/tcp]}}
  records: {example.com: ["A 203.0.113.80"]}
  targets: {x: {configMap: shop/client, key: dials}}
edit: [{kind: ConfigMap, namespace: shop, name: client}]
checks:
  setting: "reach shop/client -> $x via {shop/new} n=60"
  search: "reach shop/client -> http://example.com via {203.0.113.80}"
  slice: "reach shop/client -> clusterip:com/example:80 via {203.0.113.80}"
hint: {}
solutions: [{name: none}]
par: {edits: 1}
"""


def test_of_several_fields_it_is_one_that_the_player_may_change_else_the_nearest():
    text = HEAD.format(verb="debug") + DIALS
    attempt = Attempt(from_source(parse_source(text, "x.yaml")))
    assert where(verdict(attempt, "setting")) == ("ConfigMap", "client", "data.dials")
    assert where(verdict(attempt, "search")) == ("Service", "example", "metadata.name")
    assert where(verdict(attempt, "slice")) == ("EndpointSlice", "by-hand", "endpoints[0].addresses[0]")
    free = text.replace("edit: [", "edit: [{kind: Service, namespace: shop, name: x}, ")
    assert where(verdict(Attempt(from_source(parse_source(free, "x.yaml"))), "setting"))[0] == "Service"
