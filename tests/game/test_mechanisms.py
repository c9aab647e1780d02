"""What the levels that are still to be written need: each mechanism judged once, on packets."""

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.level import from_source
from k8stui.game.source import parse_source
from tests.game.scenes import HEAD

TEXT = "text:\n  en: {story: s, insight: i, hints: [a, b]}\n"
REST = "hint: {}\nsolutions: [{name: none}]\npar: {edits: 0}\n"


def deployment(name: str, *ports: int, namespace: str = "shop", replicas: int = 1) -> str:
    listed = ", ".join(f"{{containerPort: {port}}}" for port in ports)
    return f"""
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: {name}, namespace: {namespace}}}
    spec:
      replicas: {replicas}
      selector: {{matchLabels: {{app: {name}}}}}
      template:
        metadata: {{labels: {{app: {name}}}}}
        spec: {{containers: [{{name: main, image: i, ports: [{listed}]}}]}}"""


def service(name: str, spec: str, namespace: str = "shop") -> str:
    meta = f"{{name: {name}, namespace: {namespace}}}"
    return f"\n  - {{apiVersion: v1, kind: Service, metadata: {meta}, spec: {{{spec}}}}}"


def play(objects: str, *checks: str, world: str = "", extra: str = "") -> Attempt:
    lines = "\n".join(f"  c{number}: {line!r}" for number, line in enumerate(checks))
    text = f"{HEAD.format(verb='debug')}{TEXT}world:\n  objects:{objects}\n{world}checks:\n{lines}\n{extra}{REST}"
    attempt = Attempt(from_source(parse_source(text, "test.yaml")))
    assert {verdict.id: verdict.reason for verdict in attempt.verdicts() if verdict.met is not True} == {}
    return attempt


CLIENT = deployment("client")


@pytest.mark.parametrize(("policy_", "sees"), [("Local", "203.0.113.9"), ("Cluster", "node")])
def test_external_policy_decides_what_the_server_sees(policy_: str, sees: str):
    ports = "ports: [{port: 443, targetPort: 80}]"
    kind = f"type: LoadBalancer, externalTrafficPolicy: {policy_}"
    web = deployment("web", 80) + service("web", f"{kind}, selector: {{app: web}}, {ports}")
    world = "  loadBalancer: pool\n  loadBalancerPool: [192.0.2.10/32]\n"
    play(web, f"src external:203.0.113.9 -> lb:shop/web:443 sees {sees}", world=world)


def test_affinity_budgets_and_local_traffic():
    web = deployment("web", 80, replicas=3) + service(
        "web", "sessionAffinity: ClientIP, selector: {app: web}, ports: [{port: 80}]"
    )
    near = service("near", "internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]")
    play(CLIENT + web + near, "stick shop/client -> web:80 n=30", "local shop/client -> near:80",
         "cost <= 2 services", "cost <= 0 balancers", "cost <= 0 nodePorts")  # fmt: skip


def test_names_aliases_and_the_search_list():
    web = deployment("web", 80) + service("web", "selector: {app: web}, ports: [{port: 80}]")
    alias = service("old", "type: ExternalName, externalName: web.shop.svc.cluster.local", "legacy")
    captured = service("example", "selector: {app: web}, ports: [{port: 80}]", "com")
    play(CLIENT + web + alias + captured,
         'dns shop/client "old.legacy" = CNAME web.shop.svc.cluster.local', "reach shop/client -> http://old.legacy",
         'dns shop/client "example.com" = clusterip:com/example', 'dns shop/client "example.com." = 203.0.113.80',
         world='  records: {example.com: ["A 203.0.113.80"]}\n')  # fmt: skip


def test_dns_without_endpoints_answers_nobody():
    web = deployment("web", 80) + service("web", "selector: {app: web}, ports: [{port: 80}]")
    world = "  before: [{patch: Service/kube-system/kube-dns, with: {spec: {selector: {k8s-app: other}}}}]\n"
    play(CLIENT + web, "deny shop/client -> http://web as nxdomain", "eps kube-system/kube-dns = 0",
         "reach shop/client -> clusterip:shop/web:80", world=world)  # fmt: skip
