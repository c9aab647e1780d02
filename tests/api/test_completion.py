"""Completion: the place of the cursor in half-written YAML, and what fits there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.completion import Completion, complete, hint
from tests.api.texts import HOSTILE, texts

SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec:\n  ingress:\n  - from:\n"


def at_cursor(text: str) -> list[Completion]:
    """Complete where the text has a bar."""
    before, _, after = text.partition("|")
    return complete(before + after, before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.mark.parametrize(
    ("text", "first", "other"),
    [
        ("|", "apiVersion", "spec"),
        ("apiVersion: apps/v1\nkind: |", "Deployment", "StatefulSet"),
        ("kind: NetworkPolicy\napiVersion: n|", "networking.k8s.io/v1", ""),
        (SERVICE + "  |", "selector", "ports"),
        (SERVICE + "  ports:\n  - |", "port", "targetPort"),
        (SERVICE + "  ports:\n    - port: 80\n      t|", "targetPort", ""),
        (SERVICE + "  type: |", "ClusterIP", "ExternalName"),
        (SERVICE + "  type: L|\n  ports:\n  - port: 80\n", "LoadBalancer", ""),
        (SERVICE + "  publishNotReadyAddresses: |", "true", "false"),
        (SERVICE + "  ports: [{port: 80, protocol: |", "TCP", "SCTP"),
        (SERVICE + "  ports: [{port: 80, pro|", "protocol", ""),
        (SERVICE + "  ipFamilies:\n  - |", "IPv4", "IPv6"),
        (POLICY + "    - podSelector:\n        |", "matchLabels", "matchExpressions"),
        (POLICY + "    - podSelector:\n        matchLabels:\n          a: b\n    p|", "ports", ""),
        (POLICY + "    - podSelector:\n        matchExpressions:\n        - {key: a, operator: |", "In", "Exists"),
        (POLICY + "    - ip|", "ipBlock", ""),
        ("a: b\n---\n" + SERVICE + "  externalTrafficPolicy: |\n---\nkind: Pod", "Cluster", "Local"),
    ],
)
def test_offers_what_fits_at_the_cursor(text: str, first: str, other: str) -> None:
    labels = [offer.label for offer in at_cursor(text)]
    assert labels[0] == first
    assert not other or other in labels


@pytest.mark.parametrize(
    "text",
    [
        SERVICE + "  selector:\n    |",
        SERVICE + "  nope:\n    |",
        SERVICE + "# |",
        SERVICE + "  clusterIP: 10|",
        "kind: X\nspec:\n  |",
    ],
)
def test_offers_nothing_where_anything_or_nothing_fits(text: str) -> None:
    assert at_cursor(text) == []


def test_fields_that_are_there_already_are_not_offered_again() -> None:
    labels = [
        offer.label for offer in at_cursor(SERVICE + "  ports:\n  - name: a\n    |\n    port: 80\n  - port: 81\n")
    ]
    assert "targetPort" in labels
    assert not {"name", "port"} & set(labels)


def test_an_offer_replaces_what_was_typed_and_opens_what_comes_below() -> None:
    (offer,) = at_cursor(SERVICE + "  sel|")
    assert (offer.insert, offer.replaces) == ("selector:\n    ", 3)
    assert offer.detail.startswith("map of string: ")


def test_the_field_under_the_cursor_is_explained() -> None:
    text = SERVICE + "  ports:\n  - name: http\n    targetPort: 8080\n  nope: 1\n"
    assert hint(text, 8, 7).startswith("targetPort: the port on the pods")
    assert hint(text, 7, 5).startswith("name: needed as soon as there are two ports")
    assert hint(text, 2, 1) == "kind: what sort of object this is"
    assert hint(text, 9, 4) == hint(text, 8, 2) == hint("port: 80", 1, 1) == ""


@HOSTILE
@given(texts, st.integers(-1, 30), st.integers(-1, 40))
def test_no_text_and_no_place_raises(text: str, line: int, column: int) -> None:
    complete(text, line, column)
    hint(text, line, column)
