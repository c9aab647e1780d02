"""Texts for property tests: nonsense of every sort, and manifests that were damaged somewhere."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

HOSTILE = settings(max_examples=max(300, settings.default.max_examples if settings.default else 0))

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
    text = draw(st.sampled_from([SERVICE, POLICY, f"{SERVICE}---\n{POLICY}"]))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 20)))
    return text[:start] + draw(st.one_of(_PIECES, st.text(max_size=5))) + text[end:]


texts = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=60),
    st.lists(_PIECES, max_size=20).map("".join),
    _damaged(),
)
