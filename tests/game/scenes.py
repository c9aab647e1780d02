"""Small levels for tests, written as level files are."""

from pathlib import Path
from typing import Any

from k8stui.game.catalogue import find
from k8stui.game.level import Level, from_source, load
from k8stui.game.source import parse_source

HEAD = 'id: "0.1"\nversion: 1\nchapter: 0\nverb: {verb}\ngate: false\ntitle: {{en: "Test"}}\n---\n'

BODY = """
text:
  en: {story: A story., insight: An insight., hints: [First., Second.]}
world:
  objects:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: backend, namespace: shop}
    spec:
      replicas: 2
      selector: {matchLabels: {app: backend}}
      template:
        metadata: {labels: {app: backend}}
        spec: {containers: [{name: api, image: api}]}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: frontend, namespace: shop}
    spec:
      replicas: 1
      selector: {matchLabels: {app: frontend}}
      template:
        metadata: {labels: {app: frontend}}
        spec: {containers: [{name: web, image: web}]}
  - apiVersion: v1
    kind: Service
    metadata: {name: backend, namespace: shop}
    spec: {selector: {app: backend}, ports: [{port: 80}]}
  containers:
    shop/backend: {listens: [8080/tcp]}
    shop/frontend: {listens: []}
  traffic:
  - {id: orders, from: shop/frontend, to: "http://backend", perSecond: 2}
edit:
- {kind: Service, namespace: shop, name: backend}
create:
- {kind: NetworkPolicy, namespace: shop}
locked: {en: Hands off.}
hint: {merge: {Service/shop/backend: {spec: {ports: [{port: 80, targetPort: 8080}]}}}}
solutions:
- name: target
  merge: {Service/shop/backend: {spec: {ports: [{port: 80, targetPort: 8080}]}}}
par: {edits: 1, resources: 0}
"""

FIXED = """\
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: shop}
spec:
  selector: {app: backend}
  ports:
  - {port: 80, targetPort: 8080}
"""


def level(*checks: str, verb: str = "debug", extra: str = "", **replaced: str) -> Level:
    """Return the test level with these checks (named c0, c1, …) and more top-level fields."""
    lines = "\n".join(f"  c{number}: {line!r}" for number, line in enumerate(checks))
    text = HEAD.format(verb=verb) + BODY + f"checks:\n{lines}\n" + extra
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return from_source(parse_source(text, "test.yaml"))


def shipped(name: str) -> Level:
    """Return a shipped level by its id."""
    head = find(name)
    assert head is not None
    return load(Path(head.path))


def goals(verdicts: Any) -> dict[str, bool | None]:
    """Return verdicts as id -> met."""
    return {verdict.id: verdict.met for verdict in verdicts}
