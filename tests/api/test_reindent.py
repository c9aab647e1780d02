"""The house form of YAML: what it looks like, and that it never changes what is said."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.reindent import reindent
from k8stui.api.yamltext import YamlFault, parse

WILD = """# a Service
apiVersion: v1
kind: Service   # as is
metadata:
    # who it is
    name:   backend
    annotations:
        note: |
              first

                deeper
              last
        long: "some words
            and more"
spec:
    selector: {app: backend,
               tier: web}
    # doors
    ports:
        # the first
        -   name: http
            port: 80

            # the desk
            targetPort: 8080
        -   name: debug
            port: 9102
    # none
---
-
    - a
    -   - b
"""
TAME = """# a Service
apiVersion: v1
kind: Service   # as is
metadata:
  # who it is
  name:   backend
  annotations:
    note: |
      first

        deeper
      last
    long: "some words
        and more"
spec:
  selector: {app: backend,
             tier: web}
  # doors
  ports:
  # the first
  - name: http
    port: 80

    # the desk
    targetPort: 8080
  - name: debug
    port: 9102
  # none
---
-
  - a
  - - b
"""


def values(text: str) -> list[Any]:
    return [document.value for document in parse(text)]


def test_two_blanks_a_level_and_lists_at_their_key() -> None:
    assert reindent(WILD) == TAME
    assert reindent(TAME) == TAME
    assert reindent(WILD.replace("\n", "\r\n")) == TAME.replace("\n", "\r\n")


@pytest.mark.parametrize("text", ["a: |3\n     x\nb:\n     c: 1\n", "? a\n: b\n", 'a:\n    b: "x\u2028 y"\n'])
def test_what_cannot_be_moved_for_sure_stays(text: str) -> None:
    assert reindent(text) == text


def test_anchors_are_moved_with_their_lines() -> None:
    assert reindent("a: &x\n    b: 1\nc:\n    - *x\n") == "a: &x\n  b: 1\nc:\n- *x\n"


def test_text_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(YamlFault):
        reindent("a: [")


words = st.text("ab #:-|'\"\n\t{}[],&*é", max_size=12)
trees = st.recursive(
    words | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words.filter(bool), inner, max_size=4),
    max_leaves=16,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """YAML as somebody may write it: any indent and style, comments and empty lines between, lists at any column."""
    dumped = yaml.dump(
        draw(st.lists(trees, min_size=1, max_size=3)),
        indent=draw(st.integers(2, 7)),
        width=draw(st.sampled_from([8, 20, 80])),
        default_style=draw(st.sampled_from([None, None, None, "|", ">", '"', "'"])),
        default_flow_style=draw(st.sampled_from([False, False, None])),
        allow_unicode=True,
    )
    lines: list[str] = []
    for line in dumped.split("\n"):
        if draw(st.integers(0, 5)) == 0:
            lines.append(
                draw(st.sampled_from(["", "  ", "# a", "   # b", " " * (len(line) - len(line.lstrip())) + "# c"]))
            )
        lines.append(line)
    return "\n".join(lines)


def comments(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip().startswith("#")]


@given(texts())
def test_it_says_the_same_keeps_comments_and_is_done_at_once(text: str) -> None:
    try:
        before = values(text)
    except YamlFault:
        return
    moved = reindent(text)
    assert repr(values(moved)) == repr(before)
    assert comments(moved) == comments(text)
    assert reindent(moved) == moved


@given(st.text(" \n-:#|>ab{}[],?&*!'\"", max_size=60))
def test_any_text_is_moved_or_refused(text: str) -> None:
    try:
        before = values(text)
    except YamlFault:
        return
    moved = reindent(text)
    assert repr(values(moved)) == repr(before)
    assert reindent(moved) == moved
