"""Where in the player's files something stands that decided."""

from k8stui.engine.trace import Hop, Outcome, Trace
from k8stui.tui.sources import Sources
from k8stui.tui.view import Place

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data:
  url: https://billing
  expects: billing
"""
FILES = {"service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: billing}\n", "app.yaml": CONFIG}


def refused(kind: str, ok: bool) -> Trace:
    hop = Hop(kind, ok, "x509", details={"expected": "billing"})
    return Trace("shop/app", "https://billing", "TCP", Outcome.UNTRUSTED, (hop,))


def test_a_refused_certificate_leads_to_the_name_that_the_client_expects():
    sources = Sources()
    sources.update(FILES)
    assert sources.expectation(refused("TLS", False)) == Place("app.yaml", 6, 3)
    assert sources.expectation(refused("TLS", True)) is None
    assert sources.expectation(refused("Network", False)) is None
