"""What the debrief marks in two texts: what they say differently, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.game.unlike import own_lines

SERVICE = """\
# the door
apiVersion: v1
kind: Service
metadata:
  name: backend
  labels:
    app.kubernetes.io/name: backend
spec:
  selector: {app: backend}  # who
  ports:
  - name: http
    port: 80
    targetPort: 8080
  - name: metrics
    port: 9102
"""


def lines(text: str, other: str) -> list[str]:
    return [text.splitlines()[number].strip() for number in sorted(own_lines(text, other))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# the door\n", ""),
        ("  # who", ""),
        ("{app: backend}", "\n    app: backend"),
        ("name: backend\n  labels", 'name: "backend"\n\n  # more\n  labels'),
        ("  - name: http\n    port: 80\n    targetPort: 8080\n", ""),
    ],
)
def test_comments_style_and_order_are_no_difference(old: str, new: str) -> None:
    other = SERVICE.replace(old, new)
    if "metrics" in other and "http" not in other:
        other += old
    assert lines(SERVICE, other) == lines(other, SERVICE) == []


def test_another_value_and_another_field_are() -> None:
    other = SERVICE.replace("8080", "http").replace("name: backend\n  labels", "name: backend\n  labels")
    assert (lines(SERVICE, other), lines(other, SERVICE)) == (["targetPort: 8080"], ["targetPort: http"])
    local = SERVICE + "  externalTrafficPolicy: Local\n"
    assert (lines(SERVICE, local), lines(local, SERVICE)) == ([], ["externalTrafficPolicy: Local"])
    label = SERVICE.replace("name: backend\nspec", "name: shop\nspec")
    assert lines(label, SERVICE) == ["app.kubernetes.io/name: shop"]


def test_objects_are_paired_by_name_and_else_by_kind() -> None:
    second = SERVICE.replace("name: backend\n  labels", "name: till\n  labels").replace("80\n", "81\n")
    assert lines(f"{second}---\n{SERVICE}", f"{SERVICE}---\n{second}") == []
    assert lines(SERVICE, SERVICE.replace("name: backend\n  l", "name: door\n  l")) == ["name: backend"]
    assert lines(f"{SERVICE}---\nkind: Pod\napiVersion: v1\nmetadata: {{name: x}}\n", SERVICE)[:2] == [
        "kind: Pod",
        "apiVersion: v1",
    ]


def test_a_sheet_is_compared_by_its_lines() -> None:
    assert lines("# mine\na: {b: yes}  # sure\n", "a: {b: yes}\n") == []
    assert lines("a: {b: yes}\n\n", "a: {b: no}\n") == ["a: {b: yes}"]
    assert lines("a: b\n", "") == ["a: b"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_texts_can_stand_beside_each_other(text: str, other: str) -> None:
    assert all(0 <= number <= len(text) for number in own_lines(text, other))
    assert own_lines(text, text) == frozenset()
