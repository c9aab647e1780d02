"""How long texts, decoding and admission take. Run with ``pytest tests/benchmarks/bench_api.py``."""

from __future__ import annotations

import json
from typing import Any

from k8stui.api.manifest import read
from k8stui.engine import admission
from k8stui.engine.diagnosis import diagnose
from tests.engine.clusters import service, store_with

SERVICES = [
    service(f"web-{number}", ports=[{"name": "http", "port": 80, "targetPort": "web"}, {"name": "m", "port": 9090}])
    for number in range(1000)
]
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: own-%d, namespace: default}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web-%d
  template:
    metadata:
      labels:
        app: web-%d
    spec:
      containers:
      - name: web
        image: registry.example/web:1
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
---
apiVersion: v1
kind: Service
metadata:
  name: own-%d
  namespace: default
spec:
  selector:
    app: web-%d
  ports:
  - name: http
    port: 80
    targetPort: http
---
"""
MANIFEST = "".join(DEPLOYMENT % ((n,) * 5) for n in range(6))


def test_decode_and_admit_1000_services(benchmark: Any) -> None:
    texts = [json.dumps(wire) for wire in SERVICES]

    def admit_all() -> None:
        store = store_with()
        for text in texts:
            admission.create(store, read(text).documents[0].wire)

    benchmark(admit_all)


def test_diagnosis_of_200_lines(benchmark: Any) -> None:
    """One key stroke; the aim is 16 ms."""
    store = store_with(*SERVICES[:50])
    assert diagnose(store, MANIFEST) == []
    benchmark(diagnose, store, MANIFEST)


def test_diagnosis_of_200_lines_in_a_large_cluster(benchmark: Any) -> None:
    store = store_with(*SERVICES)
    benchmark(diagnose, store, MANIFEST)


def test_read_200_lines(benchmark: Any) -> None:
    benchmark(read, MANIFEST)


def test_read_a_dump_of_10000_objects(benchmark: Any) -> None:
    dump = json.dumps({"apiVersion": "v1", "kind": "List", "items": [wire for wire in SERVICES for _ in range(10)]})
    benchmark(read, dump)
