"""Texts for property tests: nonsense of every sort, and manifests that were damaged somewhere."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

HOSTILE = settings(max_examples=settings().max_examples * 3)

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: backend
  labels: {app: backend, tier: "1"}
spec:
  type: NodePort
  selector:
    app: backend
  ports:
  - name: http
    port: 80
    targetPort: web
  - name: metrics
    port: 9090
    protocol: TCP
"""

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: backend, namespace: default}
spec:
  podSelector: {matchLabels: {app: backend}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: frontend}}
    ports:
    - {protocol: TCP, port: 8080}
"""

WORKLOAD = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  ownerReferences: [{apiVersion: v1, kind: Pod, name: x, uid: "1"}]
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      hostNetwork: true
      containers:
      - name: db
        image: x
        ports: [{containerPort: 5432, name: pg, hostPort: 5432}]
        resources: {limits: {cpu: 1, memory: 1Gi}}
        readinessProbe: {tcpSocket: {port: pg}, periodSeconds: 5}
"""

OTHERS = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, finalizers: [a/b], creationTimestamp: 2026-01-01T00:00:00Z}
rules: [{verbs: [get]}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s, labels: {kubernetes.io/service-name: backend}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
ports: [{port: 80, name: http}]
---
apiVersion: v1
kind: Endpoints
metadata: {generateName: e-}
subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]
---
apiVersion: v1
kind: Event
metadata: {name: e}
involvedObject: {kind: Pod}
count: 1
"""

GOOD = (SERVICE, POLICY, WORKLOAD, OTHERS)

_PIECES = st.sampled_from(
    [
        *[
            "---\n",
            "- ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            "\t",
            "\n",
            "  ",
            "&a ",
            "*a",
            "<<: ",
            "!!int ",
            "? ",
            "| \n",
            "> \n",
        ],
        *["null", "~", "no", "1e3", ".inf", "0x10", "012", '"', "'", "#", "%YAML 1.1\n", "\ufeff", "\x00", "\ud800"],
        *[
            "kind: List\nitems:\n",
            "apiVersion: v1\n",
            "kind: Service\n",
            "metadata: ",
            "spec: ",
            "ports:\n- port: 80\n",
        ],
        *['{"kind": "List", "items": [{}]}', "kind: [Service]\n", "metadata: {labels: [a]}\n"],
    ]
)


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    """A good manifest from which a part was cut and into which something else was put."""
    text = draw(st.sampled_from([*GOOD, f"{SERVICE}---\n{POLICY}"]))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 20)))
    return text[:start] + draw(st.one_of(_PIECES, st.text(max_size=5))) + text[end:]


texts = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=60),
    st.lists(_PIECES, max_size=20).map("".join),
    _damaged(),
)
