"""Certificates: who is taken for whom, by the rules and in the words of Go's crypto/x509."""

import pytest
from immutables import Map

from k8stui.api.core import Pod
from k8stui.engine import tls, traffic
from k8stui.engine.behaviour import BehaviourError, parse
from k8stui.engine.cluster import Cluster
from k8stui.engine.ends import parse_target
from k8stui.engine.trace import Outcome
from k8stui.engine.world import Settings

BANK = ("legacy.bank.example", "*.pay.example.org", "203.0.113.50")
ALIAS = """
apiVersion: v1
kind: Service
metadata: {name: bank}
spec: {type: ExternalName, externalName: legacy.bank.example}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: i}]}
"""


@pytest.fixture
def cluster() -> Cluster:
    settings = Settings(
        hosts=Map({"203.0.113.50": ("443/tcp", "80/tcp")}),
        records=Map({"legacy.bank.example": ("A 203.0.113.50",)}),
        certificates=Map({"203.0.113.50:443": ("legacy.bank.example",)}),
    )
    cluster = Cluster(settings, nodes=1)
    cluster.apply(ALIAS)
    cluster.advance(5)
    return cluster


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        ("legacy.bank.example", True),
        ("LEGACY.bank.example.", True),
        ("bank", False),
        ("card.pay.example.org", True),
        ("pay.example.org", False),
        ("eu.card.pay.example.org", False),
        ("203.0.113.50", True),
        ("203.0.113.51", False),
        ("", False),
    ],
)
def test_a_wildcard_is_one_label_and_an_address_must_be_there_as_an_address(expected: str, fits: bool):
    assert tls.fits(BANK, expected) is fits


def test_an_address_is_never_matched_by_a_wildcard():
    assert not tls.fits(("*.0.113.50",), "203.0.113.50")


@pytest.mark.parametrize(
    ("certificate", "expected", "words"),
    [
        (("a.example", "b.example"), "bank", "x509: certificate is valid for a.example, b.example, not bank"),
        (("a.example",), "192.0.2.1",
         "x509: cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs"),
        (("192.0.2.1",), "192.0.2.2", "x509: certificate is valid for 192.0.2.1, not 192.0.2.2"),
        (("192.0.2.1",), "bank", "x509: certificate is not valid for any names, but wanted to match bank"),
    ],
)  # fmt: skip
def test_the_refusal_is_in_the_words_of_a_go_client(certificate: tuple[str, ...], expected: str, words: str):
    assert tls.complaint(certificate, expected) == words


def test_a_client_of_https_behind_an_alias_breaks_off_after_the_connection(cluster: Cluster):
    trace = cluster.connect("default/client", "https://bank")
    assert trace.outcome is Outcome.UNTRUSTED
    assert trace.hops[-1].kind == "TLS"
    assert trace.summary == "untrusted: x509: certificate is valid for legacy.bank.example, not bank"
    assert trace.hops[-1].details == {"certificate": ["legacy.bank.example"], "expected": "bank"}
    assert trace.cause is not None and (trace.cause.kind, trace.cause.name) == ("Pod", "client")


@pytest.mark.parametrize(
    "target", ["https://bank#legacy.bank.example", "https://legacy.bank.example", "bank:443", "http://bank"]
)
def test_the_right_name_or_a_client_without_tls_gets_through(cluster: Cluster, target: str):
    assert cluster.connect("default/client", target).delivered


def test_a_server_name_makes_a_bare_target_speak_tls(cluster: Cluster):
    assert cluster.connect("default/client", "bank:443#bank").outcome is Outcome.UNTRUSTED
    assert parse_target("bank:443#bank").server_name == "bank"
    assert parse_target("https://bank/pay#").server_name == "bank"
    assert parse_target("http://bank").server_name == ""


def test_a_pods_socket_shows_its_own_certificate(cluster: Cluster):
    cluster.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    k8stui.dev/behaviour: '{"listens": ["8443/tcp", "9443/tcp"], "certificates": {"8443": ["web.shop.example"]}}'
spec: {containers: [{name: c, image: i}]}
""")
    cluster.advance(5)
    address = cluster.store.list(Pod, "default")[-1].ips[0]
    refused = cluster.connect("default/client", f"https://{address}:8443")
    assert "it doesn't contain any IP SANs" in refused.summary
    assert cluster.connect("default/client", f"https://{address}:8443#web.shop.example").delivered
    assert cluster.connect("default/client", f"https://{address}:9443").delivered, "nothing is known of that socket"


def test_kept_connections_shake_hands_when_they_are_opened(cluster: Cluster):
    for flow, target in (("bad", "https://bank"), ("good", "https://bank#legacy.bank.example")):
        wire = {"id": flow, "from": "default/client", "to": target, "keepAlive": True, "balance": "round_robin"}
        cluster.do({"traffic": wire})
    cluster.advance(3)
    assert {r.outcome for r in traffic.between(cluster.world, "bad", 0, 99)} == {"untrusted"}
    assert {r.outcome for r in traffic.between(cluster.world, "good", 0, 99)} == {"delivered"}


@pytest.mark.parametrize(
    ("certificates", "place"),
    [
        ('{"99999": ["a"]}', "certificates.99999"),
        ('{"443": []}', "certificates.443"),
        ('{"443": ["a..b"]}', "certificates.443[0]"),
        ('{"443": ["*"]}', "certificates.443[0]"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused_with_its_place(certificates: str, place: str):
    with pytest.raises(BehaviourError) as caught:
        parse(f'{{"certificates": {certificates}}}')
    assert caught.value.place == place
