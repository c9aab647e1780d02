"""Quantities are stored in one spelling, and compared as numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.defaults import fill
from k8stui.api.quantity import amount, canonical
from k8stui.api.validation import validate_create


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("1000", "1k"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("1Ki", "1Ki"),
        ("100Mi", "100Mi"),
        ("0", "0"),
        ("-1", "-1"),
        ("1e3", "1e3"),
        ("12e2", "1200"),
        ("0.1n", "1n"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_the_stored_spelling(text: str, stored: str) -> None:
    assert canonical(text) == stored


@given(st.integers(-(10**6), 10**6), st.sampled_from(["", "m", "u", "n", "k", "M", "Ki", "Mi", "Gi", "e2"]))
def test_the_stored_spelling_is_the_same_amount_and_final(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"
    assert amount(canonical(text)) == amount(text)
    assert canonical(canonical(text)) == canonical(text)


def test_amounts_are_numbers() -> None:
    assert amount("1.5k") == 1500
    assert amount("3m") == Fraction(3, 1000)
    assert amount("1e999999999") is None
    assert amount("x") is None


def test_nobody_asks_for_more_than_the_limit() -> None:
    resources = {"limits": {"cpu": "0.1", "memory": "1Gi"}, "requests": {"cpu": "200m", "nope": "1"}}
    containers = [{"name": "c", "image": "c", "resources": resources}]
    meta = {"name": "p", "namespace": "default"}
    pod = fill({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers}})
    path = "spec.containers[0].resources"
    assert [str(error) for error in validate_create(pod)] == [
        f'{path}.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m',
        f'{path}.requests[nope]: Invalid value: "nope": must be a standard resource type or fully qualified',
        f'{path}.requests[nope]: Invalid value: "nope": must be a standard resource for containers',
    ]
