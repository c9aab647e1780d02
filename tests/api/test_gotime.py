"""Times are read as Go reads them: what is impossible is refused in its words, and nothing else fails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api import gotime
from k8stui.api.decoding import inspect
from k8stui.engine.clock import seconds
from k8stui.engine.cluster import Cluster

AS = 'as "2006-01-02T15:04:05Z07:00": cannot parse'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", f'parsing time "x" {AS} "x" as "2006"'),
        ("2026-1-02T00:00:00Z", f'parsing time "2026-1-02T00:00:00Z" {AS} "1-02T00:00:00Z" as "01"'),
        ("2026-01-02t00:00:00Z", f'parsing time "2026-01-02t00:00:00Z" {AS} "t00:00:00Z" as "T"'),
        ("2026-01-02T00:00:00z", f'parsing time "2026-01-02T00:00:00z" {AS} "z" as "Z07:00"'),
        ("2026-13-02T00:00:00Z", 'parsing time "2026-13-02T00:00:00Z": month out of range'),
        ("2026-02-29T00:00:00Z", 'parsing time "2026-02-29T00:00:00Z": day out of range'),
        ("2026-01-02T24:00:00Z", 'parsing time "2026-01-02T24:00:00Z": hour out of range'),
        ("2026-01-02T00:00:60Z", 'parsing time "2026-01-02T00:00:60Z": second out of range'),
        ("2026-01-02T00:00:00+99:00", 'parsing time "2026-01-02T00:00:00+99:00": time zone offset hour out of range'),
        ("2026-01-02T00:00:00-01:61", 'parsing time "2026-01-02T00:00:00-01:61": time zone offset minute out of range'),
        ("2026-01-02T00:00:00Zx", 'parsing time "2026-01-02T00:00:00Zx": extra text: "x"'),
    ],
)  # fmt: skip
def test_an_impossible_time_is_refused_in_gos_words(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        gotime.parse(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T3:04:05.9Z", "2026-01-02T03:04:05Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2024-02-29T12:00:00-24:60", "2024-03-01T13:00:00Z"),
        ("0000-03-01T00:00:00Z", "0000-03-01T00:00:00Z"),
    ],
)
def test_what_go_accepts_is_kept_in_utc(text: str, written: str) -> None:
    assert gotime.written(gotime.parse(text)) == written
    assert isinstance(seconds(text), float)


@given(st.datetimes(min_value=datetime(1, 1, 1)))
def test_times_read_as_pythons_own_calendar_has_them(moment: datetime) -> None:
    text = moment.isoformat(timespec="microseconds") + "Z"
    whole, micros = gotime.parse(text, gotime.MICROS)
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert (whole, micros) == (since.days * 86_400 + since.seconds, since.microseconds)
    assert gotime.written((whole, micros), gotime.MICROS) == text


@given(st.text(alphabet="0123456789-+:.,TZtz ", max_size=32))
def test_no_text_fails_otherwise(text: str) -> None:
    taint = {"key": "k", "effect": "NoExecute", "timeAdded": text}
    wire = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": {"taints": [taint]}}
    decoded = inspect(wire)
    assert decoded.faults or seconds(decoded.wire["spec"]["taints"][0]["timeAdded"]) is not None


def test_a_taint_with_an_impossible_zone_is_an_error_of_the_request() -> None:
    node = """apiVersion: v1
kind: Node
metadata: {name: node-1}
spec: {taints: [{key: k, effect: NoExecute, timeAdded: "2026-01-01T00:00:00+99:99"}]}
"""
    (problem,) = Cluster().diagnose(node, "node.yaml")
    assert "time zone offset minute out of range" in problem.message
